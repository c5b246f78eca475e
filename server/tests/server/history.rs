//! Calls that are over: there the moment they end, once each, for those who may see them and for nobody else.

use app::{
    access::BuiltIn,
    model::{
        UserId,
        history::{CallPage, CallRow, CallSearch, CallTold, MAX_TEXT, Turn},
        people::TeamForm,
    },
};
use telephony::{CallResult, Direction, HungUpBy, MomentKind};

use crate::{
    supervision::{somebody, talk},
    support::{
        Browser, eventually,
        office::{Office, PBX},
    },
};

async fn found(browser: &mut Browser, search: &CallSearch) -> CallPage {
    let answer = browser.ask("/api/past_calls", &(search, Turn::Newest)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

/// Who called whom, the newest first.
async fn pairs(browser: &mut Browser, search: &CallSearch) -> Vec<(String, String)> {
    let page = found(browser, search).await;
    assert_eq!(page.found, page.rows.len() as u64);
    let pair = |row: CallRow| (row.caller.number, row.callee.number);
    page.rows.into_iter().map(pair).collect()
}

/// Two of ours talk and hang up; the row.
pub(crate) async fn talked(office: &mut Office, from: &str, to: &str) -> CallRow {
    let (call, _) = talk(office, from, to).await;
    office.pbx.hang_up(to).await.unwrap();
    let search = CallSearch::default();
    eventually("the call is kept", async || {
        let page = found(&mut office.browser, &search).await;
        page.rows.into_iter().find(|row| row.call == call)
    })
    .await
}

#[tokio::test]
async fn a_call_is_there_once_with_its_story_the_moment_it_ends() {
    let mut office = Office::open().await;
    let row = talked(&mut office, "1002", "1003").await;
    assert_eq!(
        (row.result, row.direction),
        (CallResult::Answered, Direction::Internal)
    );
    assert_eq!(
        (row.first_by.as_deref(), row.hung_up_by),
        (Some("1003"), HungUpBy::Callee)
    );
    assert!(row.talk_ms <= row.duration_ms && !row.marks.is_partial());
    let told: CallTold = office.browser.ask("/api/past_call", &row.id).await.value();
    assert_eq!((told.row, told.legs.len(), told.unreadable), (row, 2, false));
    assert!(matches!(told.story[0].what, MomentKind::Started { .. }));
    assert!(matches!(
        told.story.last().unwrap().what,
        MomentKind::HungUp { .. }
    ));
    let page = found(&mut office.browser, &CallSearch::default()).await;
    assert_eq!(
        (page.rows.len(), page.found, page.older, page.newer),
        (1, 1, false, false)
    );
}

#[tokio::test]
async fn everybody_finds_the_calls_that_they_may_see_and_no_others() {
    let mut office = Office::open().await;
    let inside = talked(&mut office, "1002", "1003").await;
    let others = talked(&mut office, "1004", "1005").await;
    let (_, mut agent) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    let (sam, mut supervisor) = somebody(&office.server, "sam", BuiltIn::Supervisor, "1032").await;
    let (dana, _) = somebody(&office.server, "dana", BuiltIn::Agent, "1005").await;
    let (_, mut viewer) = somebody(&office.server, "vic", BuiltIn::Viewer, "1031").await;
    let team = TeamForm {
        id: None,
        name: "Team".into(),
        members: vec![UserId(sam), UserId(dana)],
        queues: vec![(PBX, "support".into())],
    };
    office.server.services.store.save_team(&team, 1).await.unwrap();
    let any = CallSearch::default();
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let (first, second) = (pair("1002", "1003"), pair("1004", "1005"));
    assert_eq!(
        pairs(&mut office.browser, &any).await,
        [second.clone(), first.clone()]
    );
    assert_eq!(pairs(&mut viewer, &any).await, [second.clone(), first.clone()]);
    assert_eq!(pairs(&mut agent, &any).await, [first]);
    assert_eq!(pairs(&mut supervisor, &any).await, [second]);
    // looking for it finds nothing more
    let theirs = CallSearch {
        extension: "1005".into(),
        ..any
    };
    assert!(pairs(&mut agent, &theirs).await.is_empty());
    for (browser, not_theirs, theirs) in [
        (&mut agent, others.id, inside.id),
        (&mut supervisor, inside.id, others.id),
        (&mut viewer, others.id + 1, others.id),
    ] {
        assert_eq!(browser.ask("/api/past_call", &not_theirs).await.status, 404);
        assert_eq!(browser.ask("/api/past_call", &theirs).await.status, 200);
    }
    let answer = office.server.browser().ask("/api/past_call", &inside.id).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test]
async fn a_page_of_them_opens_without_javascript_and_too_long_a_text_is_refused() {
    let mut office = Office::open().await;
    talked(&mut office, "1002", "1003").await;
    let page = office.browser.get("/calls/history?q=to%3A1003+answered").await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("1 call") && page.body.contains("Answered"),
        "{page:?}"
    );
    let none = office.browser.get("/calls/history?q=missed").await.body;
    assert!(none.contains("No call fits"), "{none}");
    let long = CallSearch {
        caller: "1".repeat(MAX_TEXT + 1),
        ..CallSearch::default()
    };
    let answer = office
        .browser
        .ask("/api/past_calls", &(&long, Turn::Newest))
        .await;
    assert!(answer.status != 200 && answer.status < 500, "{answer:?}");
}
