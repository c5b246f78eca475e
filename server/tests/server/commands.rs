//! Commands end to end: a person, the server, a PBX, and the board that shows what came of it.

use app::{AppError, live::protocol::LinkStatus};
use telephony::{CallState, Command, Outcome, Refusal};

use crate::support::office::{Office, call, send};

#[tokio::test]
async fn a_double_click_is_one_call_and_both_clicks_are_told_the_same() {
    let mut office = Office::open().await;
    let (mut first, mut second) = (office.browser.clone(), office.browser.clone());
    let (one, other) = tokio::join!(
        send(&mut first, "double-click", call("1001", "1002")),
        send(&mut second, "double-click", call("1001", "1002"))
    );
    assert_eq!(
        (one.value::<Outcome>(), other.value::<Outcome>()),
        (Outcome::Accepted, Outcome::Accepted)
    );
    // the phone that asked rings first, then the other one
    office.sees("one call", |board| board.calls.len() == 1).await;
    office.pbx.answer("1001").await.unwrap();
    office
        .sees("1002 rings", |board| {
            board.calls.values().any(|call| call.state == CallState::Ringing)
        })
        .await;
    office.pbx.answer("1002").await.unwrap();
    office
        .sees("they talk", |board| {
            board.calls.values().any(|call| call.state == CallState::Talking)
        })
        .await;
    let board = &office.live.pbx().1;
    assert_eq!(board.calls.len(), 1, "{:?}", board.calls);
    // and a repeat long after is still the same call
    assert_eq!(
        office.outcome("double-click", call("1001", "1002")).await,
        Outcome::Accepted
    );
    let id = office.live.pbx().1.calls.keys().next().unwrap().clone();
    assert_eq!(
        office.outcome("hang-it-up", Command::HangUp { call: id }).await,
        Outcome::Accepted
    );
    office
        .sees("nothing is left", |board| board.calls.is_empty())
        .await;
    let trail = office.server.services.trail.newest(10).await.unwrap();
    let calls = trail
        .iter()
        .filter(|row| row.act.actor == "ada" && row.act.action == "call")
        .count();
    assert_eq!(calls, 1, "{trail:?}");
    assert!(trail.iter().all(|row| row.outcome() == "done"), "{trail:?}");
}

#[tokio::test]
async fn a_request_id_is_for_one_command_only() {
    let mut office = Office::open().await;
    assert_eq!(
        office.outcome("first-use", call("1001", "1002")).await,
        Outcome::Accepted
    );
    let answer = office.send("first-use", call("1001", "1003")).await;
    assert!(matches!(answer.value(), AppError::Conflict(_)), "{answer:?}");
    let answer = office.send("bad id", call("1001", "1003")).await;
    assert!(matches!(answer.value(), AppError::Invalid(_)), "{answer:?}");
}

#[tokio::test]
async fn numbers_that_would_break_out_are_refused_and_nothing_is_sent() {
    let mut office = Office::open().await;
    let bad = [
        "1002\nAction: Command",
        "1002&PJSIP/1003",
        "1002,1,System(x)",
        "",
        &"1".repeat(33),
        "1002\u{0}",
        "${EXTEN}",
    ];
    for (place, number) in bad.into_iter().enumerate() {
        let outcome = office
            .outcome(&format!("bad-number-{place}"), call("1001", number))
            .await;
        assert!(
            matches!(outcome, Outcome::Refused(Refusal::BadNumber { .. })),
            "{number:?}: {outcome:?}"
        );
    }
    assert!(office.live.pbx().1.calls.is_empty());
}

#[tokio::test]
async fn nobody_calls_outside_from_another_ones_phone() {
    let mut office = Office::open().await;
    let answer = office.send("not-my-phone", call("1002", "0309000001")).await;
    assert_eq!(answer.value::<AppError>(), AppError::Forbidden);
}

#[tokio::test]
async fn a_person_places_ten_calls_a_minute_and_no_more() {
    let mut office = Office::open().await;
    for number in 0..10 {
        let outcome = office
            .outcome(&format!("call-number-{number}"), call("1001", "1002"))
            .await;
        assert_eq!(outcome, Outcome::Accepted);
    }
    let answer = office.send("call-number-10", call("1001", "1002")).await;
    assert!(
        matches!(
            answer.value(),
            AppError::TooMany {
                retry_after_s: 1..=60
            }
        ),
        "{answer:?}"
    );
    // an earlier one is still told what became of it
    assert_eq!(
        office.outcome("call-number-0", call("1001", "1002")).await,
        Outcome::Accepted
    );
}

#[tokio::test]
async fn a_cut_link_is_told_and_heals_with_the_same_call() {
    let mut office = Office::open().await;
    office.pbx.call("1003", "1004").await.unwrap();
    office.pbx.answer("1004").await.unwrap();
    office
        .sees("they talk", |board| {
            board.calls.values().any(|call| call.state == CallState::Talking)
        })
        .await;
    let id = office.live.pbx().1.calls.keys().next().unwrap().clone();
    office.pbx.cut_links().await.unwrap();
    office
        .link("down", |link| matches!(link, LinkStatus::Down { .. }))
        .await;
    assert!(
        office.live.pbx().1.calls.contains_key(&id),
        "the last known board stays"
    );
    office.link("live again", |link| *link == LinkStatus::Live).await;
    assert_eq!(office.live.pbx().1.calls.keys().collect::<Vec<_>>(), [&id]);
}

#[tokio::test]
async fn a_restart_of_the_pbx_ends_its_calls_and_heals() {
    let mut office = Office::open().await;
    office.pbx.call("1003", "1004").await.unwrap();
    office.pbx.answer("1004").await.unwrap();
    office
        .sees("they talk", |board| {
            board.calls.values().any(|call| call.state == CallState::Talking)
        })
        .await;
    office.pbx.restart().await.unwrap();
    office
        .link("down", |link| matches!(link, LinkStatus::Down { .. }))
        .await;
    office.link("live again", |link| *link == LinkStatus::Live).await;
    office.sees("no ghost", |board| board.calls.is_empty()).await;
}

#[tokio::test]
async fn without_a_link_a_command_is_refused_at_once_and_may_be_asked_again() {
    let mut office = Office::open().await;
    drop(std::mem::replace(
        &mut office.pbx,
        crate::support::office::simulator().await,
    ));
    office
        .link("down", |link| matches!(link, LinkStatus::Down { .. }))
        .await;
    let outcome = office.outcome("no-link-there", call("1001", "1002")).await;
    assert_eq!(outcome, Outcome::Refused(Refusal::LinkDown));
}
