//! What supervisors and agents do with queues: a person, the server, a PBX, and the board that shows what came of it.

use app::{
    AppError,
    access::BuiltIn,
    model::{OwnExtension, line::QueueRequest},
};
use server::store::UserRecord;
use telephony::{Board, CallId, MemberState, Outcome, QueueCommand, Refusal};

use crate::support::{
    Browser, PASSWORD,
    http::Answer,
    live::Live,
    office::{Office, PBX},
};

async fn send(browser: &mut Browser, request_id: &str, command: QueueCommand) -> Answer {
    let request = QueueRequest {
        request_id: request_id.into(),
        pbx: PBX,
        command,
    };
    browser.ask("/api/queue_command", &request).await
}

async fn outcome(office: &mut Office, request_id: &str, command: QueueCommand) -> Outcome {
    let answer = send(&mut office.browser, request_id, command).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

/// Somebody of a role with a phone, signed in.
async fn somebody(office: &Office, username: &str, role: BuiltIn, number: &str) -> Browser {
    let services = &office.server.services;
    let user = UserRecord {
        password_hash: services.passwords.hash(PASSWORD).await.unwrap(),
        extensions: vec![OwnExtension {
            pbx: PBX,
            number: number.into(),
        }],
        ..UserRecord::new(username, username, role, 1)
    };
    services.store.add_user(&user).await.unwrap();
    let mut browser = office.server.browser();
    let form = [
        ("username", username.to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    assert_eq!(browser.post("/api/sign_in", &form).await.status, 200);
    browser
}

fn line(board: &Board) -> Vec<(&str, Option<i32>)> {
    let waiting = board.queues["support"].waiting.iter();
    waiting.map(|one| (one.number.as_str(), one.priority)).collect()
}

fn call_of(office: &Office, number: &str) -> CallId {
    let waiting = &office.live.pbx().1.queues["support"].waiting;
    waiting
        .iter()
        .find(|one| one.number == number)
        .unwrap()
        .call
        .clone()
}

/// Three callers wait in support.
async fn a_line(office: &mut Office) {
    for number in ["0301", "0302", "0303"] {
        office.pbx.queue_call(number, "support").await.unwrap();
    }
    office.sees("three wait", |board| line(board).len() == 3).await;
}

fn queue() -> String {
    "support".into()
}

#[tokio::test]
async fn a_caller_moved_to_the_front_stands_there_on_every_board() {
    let mut office = Office::open().await;
    a_line(&mut office).await;
    let call = call_of(&office, "0303");
    let up = QueueCommand::MoveCallerUp { queue: queue(), call };
    assert_eq!(
        outcome(&mut office, "to-the-front", up.clone()).await,
        Outcome::Accepted
    );
    office
        .sees("the last is first", |board| {
            line(board).first() == Some(&("0303", Some(1)))
        })
        .await;
    let again = outcome(&mut office, "and-once-more", up).await;
    assert!(
        matches!(again, Outcome::Refused(Refusal::ByQueue(_))),
        "{again:?}"
    );
    let back = QueueCommand::ChangePriority {
        queue: queue(),
        call: call_of(&office, "0303"),
        priority: 0,
    };
    assert_eq!(
        outcome(&mut office, "and-to-the-end", back).await,
        Outcome::Accepted
    );
    office
        .sees("and is last", |board| {
            line(board).last() == Some(&("0303", Some(0)))
        })
        .await;
    let trail = office.server.services.trail.newest(10).await.unwrap();
    assert!(
        trail
            .iter()
            .any(|row| row.act.action == "move_caller" && row.outcome() == "done"),
        "{trail:?}"
    );
}

#[tokio::test]
async fn a_caller_given_to_somebody_waits_until_they_answer_and_the_second_supervisor_is_told() {
    let mut office = Office::open().await;
    office.pbx.queue_call("0301", "support").await.unwrap();
    office.sees("one waits", |board| line(board).len() == 1).await;
    let call = call_of(&office, "0301");
    let give = |to: &str| QueueCommand::GiveCaller {
        queue: queue(),
        call: call.clone(),
        to: to.into(),
    };
    let (mut first, mut second) = (office.browser.clone(), office.browser.clone());
    let (one, other) = tokio::join!(
        send(&mut first, "give-to-1020", give("1020")),
        send(&mut second, "give-to-1021", give("1021"))
    );
    let mut told = [one.value::<Outcome>(), other.value::<Outcome>()];
    told.sort_by_key(|outcome| *outcome != Outcome::Accepted);
    assert_eq!(told[0], Outcome::Accepted);
    assert!(
        matches!(&told[1], Outcome::Refused(Refusal::ByQueue(why)) if why.contains("their phone rings")),
        "{told:?}"
    );
    office
        .sees("and it shows", |board| {
            board.queues["support"]
                .waiting
                .iter()
                .any(|one| one.given_to.is_some())
        })
        .await;
    let to = office.live.pbx().1.queues["support"].waiting[0]
        .given_to
        .clone()
        .unwrap();
    office.pbx.answer(&to).await.unwrap();
    office
        .sees("they talk", |board| {
            let talks = board.extensions[&to]
                .engagements
                .iter()
                .any(|one| one.number == "0301");
            talks && line(board).is_empty()
        })
        .await;
}

#[tokio::test]
async fn a_phone_stops_ringing_for_a_caller_who_gave_up() {
    let mut office = Office::open().await;
    office.pbx.queue_call("0301", "support").await.unwrap();
    office.sees("one waits", |board| line(board).len() == 1).await;
    let call = call_of(&office, "0301");
    let give = QueueCommand::GiveCaller {
        queue: queue(),
        call,
        to: "1020".into(),
    };
    assert_eq!(
        outcome(&mut office, "give-to-1020", give).await,
        Outcome::Accepted
    );
    office
        .sees("it rings", |board| {
            !board.extensions["1020"].engagements.is_empty()
        })
        .await;
    office.pbx.script("abandon 0301").await.unwrap();
    office
        .sees("silence", |board| {
            board.extensions["1020"].engagements.is_empty() && board.calls.is_empty()
        })
        .await;
}

#[tokio::test]
async fn who_is_taken_out_is_gone_from_the_line() {
    let mut office = Office::open().await;
    a_line(&mut office).await;
    let call = call_of(&office, "0302");
    let out = QueueCommand::WithdrawCaller { queue: queue(), call };
    assert_eq!(
        outcome(&mut office, "take-them-out", out.clone()).await,
        Outcome::Accepted
    );
    office.sees("two wait", |board| line(board).len() == 2).await;
    let again = outcome(&mut office, "take-them-out-again", out).await;
    assert!(
        matches!(&again, Outcome::Refused(Refusal::ByQueue(why)) if why.contains("does not wait in support")),
        "{again:?}"
    );
}

#[tokio::test]
async fn members_are_added_paused_weighed_and_removed_and_fixed_ones_stay() {
    let mut office = Office::open().await;
    let add = QueueCommand::AddMember {
        queue: queue(),
        extension: "1030".into(),
        penalty: 2,
    };
    assert_eq!(outcome(&mut office, "add-a-member", add).await, Outcome::Accepted);
    let member = |board: &Board| {
        let mut members = board.queues["support"].members.iter();
        members
            .find(|member| member.extension.as_deref() == Some("1030"))
            .cloned()
    };
    office
        .sees("serves", |board| {
            member(board).is_some_and(|member| member.penalty == 2 && member.dynamic)
        })
        .await;
    let interface = member(&office.live.pbx().1).unwrap().interface;
    let pause = |reason: &str| QueueCommand::PauseMember {
        queue: None,
        interface: interface.clone(),
        reason: reason.into(),
    };
    assert_eq!(
        outcome(&mut office, "pause-them-all", pause("Lunch")).await,
        Outcome::Accepted
    );
    office
        .sees("pauses", |board| {
            member(board).is_some_and(|one| {
                one.state == MemberState::Paused && one.pause_reason.as_deref() == Some("Lunch")
            })
        })
        .await;
    let since = member(&office.live.pbx().1).unwrap().paused_since;
    assert_eq!(
        outcome(&mut office, "pause-otherwise", pause("Training")).await,
        Outcome::Accepted
    );
    office
        .sees("for another reason", |board| {
            member(board).is_some_and(|one| {
                one.pause_reason.as_deref() == Some("Training") && one.paused_since >= since
            })
        })
        .await;
    let back = QueueCommand::UnpauseMember {
        queue: Some(queue()),
        interface: interface.clone(),
    };
    assert_eq!(
        outcome(&mut office, "and-come-back", back).await,
        Outcome::Accepted
    );
    let weigh = QueueCommand::SetPenalty {
        queue: queue(),
        interface: interface.clone(),
        penalty: 7,
    };
    assert_eq!(
        outcome(&mut office, "weigh-more-now", weigh).await,
        Outcome::Accepted
    );
    office
        .sees("ready at 7", |board| {
            member(board).is_some_and(|one| one.penalty == 7 && one.paused_since.is_none())
        })
        .await;
    let out = QueueCommand::RemoveMember {
        queue: queue(),
        interface,
    };
    assert_eq!(
        outcome(&mut office, "out-of-support", out).await,
        Outcome::Accepted
    );
    office.sees("gone", |board| member(board).is_none()).await;
    let fixed = office.live.pbx().1.queues["support"]
        .members
        .iter()
        .find(|member| !member.dynamic)
        .unwrap();
    let out = QueueCommand::RemoveMember {
        queue: queue(),
        interface: fixed.interface.clone(),
    };
    let told = outcome(&mut office, "a-fixed-member", out).await;
    assert!(
        matches!(&told, Outcome::Refused(Refusal::ByQueue(why)) if why.contains("fixed in the configuration")),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_agent_serves_with_the_own_phone_and_with_no_other() {
    let mut office = Office::open().await;
    let serving = office.live.pbx().1.queues["support"].members.clone();
    let mut numbers = serving.iter().filter_map(|member| member.extension.clone());
    let (own, other) = (numbers.next().unwrap(), numbers.next().unwrap());
    let mut agent = somebody(&office, "grace", BuiltIn::Agent, &own).await;
    let hers = Live::open(&agent).await;
    assert!(
        hers.pbx().1.queues.contains_key("support"),
        "the queue she serves"
    );
    let pause = |number: &str| QueueCommand::PauseMember {
        queue: Some(queue()),
        interface: format!("PJSIP/{number}"),
        reason: "Lunch".into(),
    };
    let answer = send(&mut agent, "pause-my-own", pause(&own)).await;
    assert_eq!(answer.value::<Outcome>(), Outcome::Accepted);
    let answer = send(&mut agent, "pause-another", pause(&other)).await;
    assert_eq!(answer.value::<AppError>(), AppError::Forbidden);
    let elsewhere = QueueCommand::SetPenalty {
        queue: "sales".into(),
        interface: "PJSIP/1001".into(),
        penalty: 0,
    };
    let answer = send(&mut agent, "what-is-not-seen", elsewhere).await;
    assert_eq!(
        answer.value::<AppError>(),
        AppError::NotFound,
        "as if it were not there"
    );
    office.pbx.queue_call("0301", "support").await.unwrap();
    office.sees("one waits", |board| line(board).len() == 1).await;
    let out = QueueCommand::WithdrawCaller {
        queue: queue(),
        call: call_of(&office, "0301"),
    };
    let answer = send(&mut agent, "not-my-callers", out).await;
    assert_eq!(answer.value::<AppError>(), AppError::Forbidden);
}
