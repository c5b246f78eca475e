//! Supervisors on calls of others: what is heard, by whom it is seen, and when it ends by itself.

use app::{
    AppError,
    access::BuiltIn,
    live::{note, supervising::Supervising},
    model::OwnExtension,
};
use server::store::UserRecord;
use telephony::{Board, Call, CallId, Command, LegId, LegRole, LegState, Outcome, Supervision};

use crate::support::{
    Browser, PASSWORD, TestServer, eventually,
    live::Live,
    office::{Office, PBX, call, send},
};

/// 1002 and 1003 talk; Ada's phone is 1001.
struct Scene {
    office: Office,
    call: CallId,
    agent: LegId,
}

fn leg_of<'call>(call: &'call Call, number: &str) -> Option<&'call telephony::Leg> {
    let mut up = call
        .legs
        .iter()
        .filter(|leg| !matches!(leg.state, LegState::Ended(_)));
    up.find(|leg| leg.party.extension.as_deref() == Some(number))
}

fn supervisors(board: &Board, call: &CallId) -> usize {
    let legs = board.calls.get(call).map_or(&[][..], |call| &call.legs);
    let up = legs.iter().filter(|leg| !matches!(leg.state, LegState::Ended(_)));
    up.filter(|leg| leg.role == LegRole::Supervisor).count()
}

impl Scene {
    async fn open() -> Self {
        let mut office = Office::open().await;
        let (call, agent) = talk(&mut office, "1002", "1003").await;
        Self { office, call, agent }
    }

    fn order(&self, how: Supervision, by: &str) -> Command {
        Command::Supervise {
            call: self.call.clone(),
            leg: self.agent.clone(),
            how,
            by: by.into(),
        }
    }

    /// Ada's phone hears 1003.
    async fn ada_hears(&mut self, request: &str, how: Supervision) {
        let order = self.order(how, "1001");
        assert_eq!(self.office.outcome(request, order).await, Outcome::Accepted);
        self.office.sees("1001 rings", |board| rings(board, "1001")).await;
        self.office.pbx.answer("1001").await.unwrap();
        let call = self.call.clone();
        self.office
            .sees("she is on the call", move |board| supervisors(board, &call) == 1)
            .await;
    }

    /// Bob's phone, 1005, joins too: then so many are there.
    async fn bob_joins(&mut self, bob: &mut Browser, request: &str, how: Supervision, then: usize) {
        let order = self.order(how, "1005");
        assert_eq!(
            send(bob, request, order).await.value::<Outcome>(),
            Outcome::Accepted
        );
        self.office.sees("1005 rings", |board| rings(board, "1005")).await;
        self.office.pbx.answer("1005").await.unwrap();
        let call = self.call.clone();
        self.office
            .sees("bob is there", move |board| supervisors(board, &call) == then)
            .await;
    }

    async fn nobody_hears(&mut self) {
        let call = self.call.clone();
        self.office
            .sees("nobody listens", move |board| supervisors(board, &call) == 0)
            .await;
        self.office
            .sees("her phone is free", |board| {
                board.extensions["1001"].engagements.is_empty()
            })
            .await;
    }
}

fn rings(board: &Board, number: &str) -> bool {
    let busy = &board.extensions[number].engagements;
    busy.iter()
        .any(|one| one.activity == telephony::Activity::Ringing)
}

/// Two people talk; the second one's leg.
pub(crate) async fn talk(office: &mut Office, from: &str, to: &str) -> (CallId, LegId) {
    office.pbx.call(from, to).await.unwrap();
    office.pbx.answer(to).await.unwrap();
    let mut found = None;
    office
        .sees("they talk", |board| {
            let talking = board
                .calls
                .values()
                .find(|call| call.state == telephony::CallState::Talking && leg_of(call, to).is_some());
            found = talking.and_then(|call| Some((call.id.clone(), leg_of(call, to)?.id.clone())));
            found.is_some()
        })
        .await;
    found.unwrap()
}

pub(crate) async fn somebody(
    server: &TestServer,
    username: &str,
    role: BuiltIn,
    number: &str,
) -> (i64, Browser) {
    let user = UserRecord {
        password_hash: server.services.passwords.hash(PASSWORD).await.unwrap(),
        extensions: vec![OwnExtension {
            pbx: PBX,
            number: number.into(),
        }],
        ..UserRecord::new(username, username, role, 1)
    };
    let id = server.services.store.add_user(&user).await.unwrap();
    let mut browser = server.browser();
    let form = [
        ("username", username.to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    assert_eq!(browser.post("/api/sign_in", &form).await.status, 200);
    (id, browser)
}

fn told(live: &Live) -> Vec<Supervising> {
    let kind = format!("{}/", <Supervising as note::Note>::KIND);
    let notes = live.notes.iter().filter(|((_, name), _)| name.starts_with(&kind));
    notes
        .map(|(_, says)| app::packed::unpack(says).unwrap())
        .collect()
}

/// The outcome of the newest act of this word and what it says of its end.
async fn trail_of(server: &TestServer, word: &str) -> (String, String) {
    let found = server.services.trail.newest(30).await.unwrap();
    let act = found.iter().find(|found| found.act.action == word).unwrap();
    (
        act.outcome().to_owned(),
        act.ended_detail.clone().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_supervisor_listens_and_it_is_written_down_before_and_after() {
    let mut scene = Scene::open().await;
    scene.ada_hears("listen-in-1", Supervision::Listen).await;
    assert_eq!(trail_of(&scene.office.server, "listen").await.0, "begun");
    scene
        .office
        .live
        .until("who listens is told", |live| {
            told(live).iter().any(|one| one.heard)
        })
        .await;
    let one = told(&scene.office.live).remove(0);
    assert_eq!(
        (&*one.who, &*one.by, &*one.agent, one.how, &one.call),
        ("Ada", "1001", "1003", Supervision::Listen, &scene.call)
    );
    let stop = Command::StopSupervising { leg: one.own };
    assert_eq!(scene.office.outcome("stop-it-now", stop).await, Outcome::Accepted);
    scene.nobody_hears().await;
    scene
        .office
        .live
        .until("it is told no more", |live| told(live).is_empty())
        .await;
    let server = &scene.office.server;
    let (outcome, detail) = eventually("the end is written down", async || {
        let row = trail_of(server, "listen").await;
        (row.0 != "begun").then_some(row)
    })
    .await;
    assert_eq!(outcome, "done");
    assert!(detail.contains("hung up"), "{detail}");
    assert!(server.services.store.supervisions().await.unwrap().is_empty());
}

#[tokio::test]
async fn listening_ends_with_the_call_and_another_mode_takes_the_place_of_the_one_before() {
    let mut scene = Scene::open().await;
    scene.ada_hears("listen-in-1", Supervision::Listen).await;
    scene.ada_hears("whisper-1", Supervision::Whisper).await;
    let modes: Vec<_> = told(&scene.office.live).iter().map(|one| one.how).collect();
    assert_eq!(modes, [Supervision::Whisper]);
    scene.office.pbx.hang_up("1003").await.unwrap();
    scene.nobody_hears().await;
    scene
        .office
        .sees("nothing is left", |board| board.calls.is_empty())
        .await;
}

#[tokio::test]
async fn two_supervisors_hear_one_call_and_each_ends_alone() {
    let mut scene = Scene::open().await;
    let (_, mut bob) = somebody(&scene.office.server, "bob", BuiltIn::Admin, "1005").await;
    scene.ada_hears("listen-in-1", Supervision::Listen).await;
    scene
        .bob_joins(&mut bob, "barge-in-1", Supervision::Barge, 2)
        .await;
    let call = scene.call.clone();
    assert_eq!(told(&scene.office.live).len(), 2);
    scene.office.pbx.hang_up("1005").await.unwrap();
    scene
        .office
        .sees("one is left", |board| supervisors(board, &call) == 1)
        .await;
    assert_eq!(
        scene.office.live.pbx().1.calls[&call].state,
        telephony::CallState::Talking
    );
}

#[tokio::test]
async fn who_loses_the_right_while_listening_is_hung_up_without_a_page_open() {
    let mut scene = Scene::open().await;
    let (id, mut bob) = somebody(&scene.office.server, "bob", BuiltIn::Admin, "1005").await;
    scene
        .bob_joins(&mut bob, "listen-in-1", Supervision::Listen, 1)
        .await;
    let call = scene.call.clone();
    // another program takes it away
    let path = scene.office.server.folder.path().join("starboard.db");
    let other = server::store::Store::open(&path).await.unwrap();
    let mut record = other.user(id).await.unwrap().unwrap();
    record.role_id = server::store::built_in_id(BuiltIn::Agent);
    let wanted = server::store::Wanted {
        record,
        teams: Vec::new(),
        invitation: None,
    };
    other.save_people(&[wanted], 1).await.unwrap().unwrap();
    scene
        .office
        .sees("bob is hung up", |board| supervisors(board, &call) == 0)
        .await;
    assert_eq!(
        scene.office.live.pbx().1.calls[&call].state,
        telephony::CallState::Talking
    );
    let server = &scene.office.server;
    let (outcome, detail) = eventually("the end is written down", async || {
        let row = trail_of(server, "listen").await;
        (row.0 != "begun").then_some(row)
    })
    .await;
    assert_eq!(outcome, "done");
    assert!(detail.contains("they may not any more"), "{detail}");
}

#[tokio::test]
async fn a_session_that_ends_ends_what_was_heard_in_it() {
    let mut scene = Scene::open().await;
    let (_, mut bob) = somebody(&scene.office.server, "bob", BuiltIn::Admin, "1005").await;
    let order = scene.order(Supervision::Whisper, "1005");
    assert_eq!(
        send(&mut bob, "whisper-1", order).await.value::<Outcome>(),
        Outcome::Accepted
    );
    scene
        .office
        .sees("1005 rings", |board| rings(board, "1005"))
        .await;
    // while it rings
    assert_eq!(bob.post("/api/sign_out", &[]).await.status, 200);
    scene
        .office
        .sees("his phone is free", |board| {
            board.extensions["1005"].engagements.is_empty()
        })
        .await;
}

#[tokio::test]
async fn who_takes_over_has_the_caller_and_the_agent_is_free() {
    let mut scene = Scene::open().await;
    let order = scene.order(Supervision::TakeOver, "1001");
    assert_eq!(
        scene.office.outcome("take-over-1", order).await,
        Outcome::Accepted
    );
    scene
        .office
        .sees("1001 rings", |board| rings(board, "1001"))
        .await;
    let call = scene.call.clone();
    assert_eq!(
        scene.office.live.pbx().1.calls[&call].state,
        telephony::CallState::Talking
    );
    scene.office.pbx.answer("1001").await.unwrap();
    scene
        .office
        .sees("1003 is free", |board| {
            board.extensions["1003"].engagements.is_empty()
        })
        .await;
    scene
        .office
        .sees("1001 talks to 1002", |board| {
            let mut calls = board.calls.values();
            calls.any(|call| {
                let both = leg_of(call, "1001").is_some() && leg_of(call, "1002").is_some();
                both && call.state == telephony::CallState::Talking
            })
        })
        .await;
    let server = &scene.office.server;
    let (outcome, detail) = eventually("it is written down", async || {
        let row = trail_of(server, "take_over").await;
        (row.0 != "begun").then_some(row)
    })
    .await;
    assert_eq!(outcome, "done");
    assert!(detail.contains("taken over"), "{detail}");
}

#[tokio::test]
async fn nobody_supervises_their_own_call_or_from_another_ones_phone_or_without_the_right() {
    let mut scene = Scene::open().await;
    let (_, mut own) = somebody(&scene.office.server, "bob", BuiltIn::Admin, "1002").await;
    let answer = send(&mut own, "own-call-1", scene.order(Supervision::Listen, "1002")).await;
    assert_eq!(answer.value::<AppError>(), AppError::Forbidden);
    let answer = scene
        .office
        .send("not-my-phone", scene.order(Supervision::Listen, "1005"))
        .await;
    assert_eq!(answer.value::<AppError>(), AppError::Forbidden);
    let (_, mut agent) = somebody(&scene.office.server, "carol", BuiltIn::Agent, "1006").await;
    let answer = send(
        &mut agent,
        "not-allowed",
        scene.order(Supervision::Listen, "1006"),
    )
    .await;
    assert_eq!(
        answer.status, 404,
        "a call that an agent does not see is not there"
    );
    let phones = &scene.office.live.pbx().1.extensions;
    assert!(
        ["1001", "1005", "1006"]
            .iter()
            .all(|number| phones[*number].engagements.is_empty())
    );
    let (id, leg) = talk(&mut scene.office, "1004", "1007").await;
    assert_eq!(
        scene.office.outcome("call-me-1", call("1001", "1008")).await,
        Outcome::Accepted
    );
    let wrong = Command::Supervise {
        call: id,
        leg: scene.agent.clone(),
        how: Supervision::Listen,
        by: "1001".into(),
    };
    let answer = scene.office.send("leg-of-another", wrong).await;
    assert_eq!(answer.status, 404, "{answer:?} {leg:?}");
}

#[tokio::test]
async fn a_server_that_stops_leaves_nobody_listening() {
    let mut scene = Scene::open().await;
    scene.ada_hears("listen-in-1", Supervision::Listen).await;
    let Office { pbx, server, .. } = scene.office;
    let folder = server.stop().await;
    let state = pbx.script("state").await.unwrap();
    assert!(state.contains("channels=2 "), "{state}");
    let store = server::store::Store::open(&folder.path().join("starboard.db"))
        .await
        .unwrap();
    assert!(store.supervisions().await.unwrap().is_empty());
}
