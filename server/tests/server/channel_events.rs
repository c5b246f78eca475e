//! What channels did: kept beside the call that it explains, for those who see the call, and no longer than is set.

use app::model::history::{CallEvent, CallPage, CallSearch, CallTold, Turn};
use telephony::{FinishedCall, Timestamp, cel::CelEvent};

use crate::{
    call_exports::{call, keep},
    support::{
        Browser, TestServer,
        office::{Office, PBX},
    },
};

fn event(call: &FinishedCall, after_ms: u64, name: &str, channel: &str) -> CelEvent {
    CelEvent {
        at: Timestamp(call.started.0 + after_ms),
        name: name.into(),
        linked: call.linked.clone(),
        unique: format!("{}1", call.linked),
        channel: channel.into(),
        number: "+49300000002".into(),
        caller: "Ann \u{202e}\0".into(),
        exten: "1003".into(),
        ..CelEvent::default()
    }
}

async fn tell(server: &TestServer, events: &[CelEvent]) {
    let mut recording = server.services.store.record().await.unwrap();
    let told: Vec<_> = events.iter().map(|event| (PBX, event)).collect();
    recording.channel_events(&told).await.unwrap();
    recording.commit().await.unwrap();
}

async fn told(browser: &mut Browser) -> Vec<Vec<CallEvent>> {
    let page: CallPage = browser
        .ask("/api/past_calls", &(CallSearch::default(), Turn::Newest))
        .await
        .value();
    let mut all = Vec::new();
    for row in page.rows {
        let told: CallTold = browser.ask("/api/past_call", &row.id).await.value();
        all.push(told.events);
    }
    all
}

#[tokio::test]
async fn events_stand_with_their_call_and_go_when_they_are_old() {
    let mut office = Office::open().await;
    let (one, other) = (call(0, ""), call(20, ""));
    // a PBX whose clock was set back gave the name before
    let namesake = FinishedCall {
        started: Timestamp(one.started.0 - 86_400_000),
        ended: Timestamp(one.ended.0 - 86_400_000),
        answered: None,
        ..one.clone()
    };
    let events = [
        event(&one, 10, "CHAN_START", "PJSIP/1003-00000001"),
        event(&one, 5_000, "ANSWER", "PJSIP/1003-00000001"),
        event(&namesake, 5_000, "HANGUP", "PJSIP/1003-00000009"),
    ];
    tell(&office.server, &events).await;
    keep(&office.server, [one.clone(), other, namesake]).await;
    let names = |told: &[Vec<CallEvent>]| -> Vec<Vec<String>> {
        let names = told
            .iter()
            .map(|events| events.iter().map(|one| one.name.clone()));
        names.map(Iterator::collect).collect()
    };
    let all = told(&mut office.browser).await;
    assert_eq!(
        names(&all),
        [
            vec![],
            vec!["CHAN_START".to_owned(), "ANSWER".into()],
            vec!["HANGUP".into()]
        ]
    );
    // where supervision is private, nobody reads of it between the lines
    office.server.services.hub.set_private(PBX, true);
    assert_eq!(told(&mut office.browser).await, all, "who may listen reads all");
    let (_, mut grace) =
        crate::supervision::somebody(&office.server, "grace", app::access::BuiltIn::Agent, "1003").await;
    assert!(told(&mut grace).await.iter().all(Vec::is_empty));
    office.server.services.hub.set_private(PBX, false);
    assert_eq!(told(&mut grace).await.len(), 3, "they are on all of them");
    // old ones go, whatever is beside them
    let store = &office.server.services.store;
    assert_eq!(
        store.remove_channel_events(one.started.0 - 1_000).await.unwrap(),
        1
    );
    assert_eq!(
        store.remove_channel_events(one.started.0 - 1_000).await.unwrap(),
        0
    );
    let all = told(&mut office.browser).await;
    assert_eq!((all[1].len(), all[2].len()), (2, 0));
}
