//! Claims about a session, made with bytes and times only.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::action::list::CoreShowChannels;
use crate::action::system::{Command, CoreStatus};
use crate::kind::Kind;
use crate::secret::Secret;

const LOGIN_OK: &str = "Response: Success\r\nActionID: t-0\r\nMessage: Authentication accepted\r\n\r\n";
const BANNER: &str = "Asterisk Call Manager/11.0.0\r\n";

fn config() -> SessionConfig {
    SessionConfig {
        username: "gui".to_owned(),
        secret: Secret::new("secret"),
        challenge: false,
        events: true,
        action_prefix: "t-".to_owned(),
        limits: Limits::default(),
    }
}

fn outputs(session: &mut Session) -> Vec<Output> {
    std::iter::from_fn(|| session.poll()).collect()
}

fn sent(outputs: &[Output]) -> String {
    let bytes = outputs.iter().filter_map(|output| match output {
        Output::Transmit(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
        Output::Message(_) | Output::Finished { .. } | Output::Distrusted { .. } | Output::State(_) => None,
    });
    bytes.collect()
}

fn outcome_of(outputs: Vec<Output>, wanted: ActionId) -> Option<Outcome> {
    outputs.into_iter().find_map(|output| match output {
        Output::Finished { id, outcome } if id == wanted => Some(outcome),
        Output::Finished { .. }
        | Output::Transmit(_)
        | Output::Message(_)
        | Output::Distrusted { .. }
        | Output::State(_) => None,
    })
}

fn up() -> Session {
    let mut session = Session::new(config(), 0);
    session.push(BANNER.as_bytes(), 0);
    session.push(LOGIN_OK.as_bytes(), 0);
    assert_eq!(session.state(), &State::Up);
    outputs(&mut session);
    session
}

#[test]
fn a_login_sends_the_credentials_after_the_greeting() {
    let mut session = Session::new(config(), 0);
    assert_eq!(outputs(&mut session), []);
    session.push(BANNER.as_bytes(), 1);
    let out = outputs(&mut session);
    assert_eq!(
        sent(&out),
        "Action: Login\r\nActionID: t-0\r\nUsername: gui\r\nSecret: secret\r\n\r\n"
    );
    session.push(LOGIN_OK.as_bytes(), 2);
    assert_eq!(outputs(&mut session), [Output::State(State::Up)]);
    assert_eq!(session.version(), Some("11.0.0"));
}

#[test]
fn a_challenge_login_never_sends_the_password() {
    let mut session = Session::new(
        SessionConfig {
            challenge: true,
            events: false,
            ..config()
        },
        0,
    );
    session.push(BANNER.as_bytes(), 0);
    assert_eq!(
        sent(&outputs(&mut session)),
        "Action: Challenge\r\nActionID: t-0\r\nAuthType: MD5\r\n\r\n"
    );
    session.push(
        b"Response: Success\r\nActionID: t-0\r\nChallenge: 678555322\r\n\r\n",
        0,
    );
    let login = sent(&outputs(&mut session));
    assert!(
        login.contains("AuthType: MD5\r\nUsername: gui\r\nKey: "),
        "{login}"
    );
    assert!(
        login.contains("Events: off") && !login.contains("secret"),
        "{login}"
    );
    session.push(
        b"Response: Success\r\nActionID: t-1\r\nMessage: Authentication accepted\r\n\r\n",
        0,
    );
    assert_eq!(session.state(), &State::Up);
}

#[test]
fn refusals_end_the_session_with_their_own_reason() {
    for (said, reason) in [
        (
            "Response: Error\r\nActionID: t-0\r\nMessage: Authentication failed\r\n\r\n",
            "Authentication failed",
        ),
        (
            "Response: Error\r\nMessage: Login Already In Use\r\n\r\n",
            "Login Already In Use",
        ),
    ] {
        let mut session = Session::new(config(), 0);
        session.push(BANNER.as_bytes(), 0);
        session.push(said.as_bytes(), 0);
        let refused = CloseReason::CredentialsRefused {
            message: reason.to_owned(),
        };
        assert_eq!(session.state(), &State::Closed(refused));
    }
    let mut session = Session::new(config(), 0);
    session.push(b"HTTP/1.1 400 Bad Request\r\n\r\n", 0);
    let greeting = "HTTP/1.1 400 Bad Request".to_owned();
    assert_eq!(session.state(), &State::Closed(CloseReason::NotAmi { greeting }));
    let mut session = Session::new(
        SessionConfig {
            secret: Secret::new("a\r\nb"),
            ..config()
        },
        0,
    );
    session.push(BANNER.as_bytes(), 0);
    assert!(matches!(
        session.state(),
        State::Closed(CloseReason::CredentialsUnusable(_))
    ));
    assert_eq!(sent(&outputs(&mut session)), "");
}

#[test]
fn already_authenticated_is_a_login_too() {
    let mut session = Session::new(config(), 0);
    session.push(BANNER.as_bytes(), 0);
    session.push(
        b"Response: Success\r\nActionID: t-0\r\nMessage: Already authenticated\r\n\r\n",
        0,
    );
    assert_eq!(session.state(), &State::Up);
}

#[test]
fn nothing_said_in_time_is_told_apart() {
    let mut session = Session::new(config(), 0);
    assert_eq!(session.deadline_ms(), Some(LOGIN_DEADLINE_MS));
    session.tick(LOGIN_DEADLINE_MS);
    assert_eq!(session.state(), &State::Closed(CloseReason::NoGreeting));
    let mut session = Session::new(config(), 0);
    session.push(BANNER.as_bytes(), 0);
    session.tick(LOGIN_DEADLINE_MS);
    assert_eq!(session.state(), &State::Closed(CloseReason::LoginTimeout));
}

#[test]
fn a_list_ends_with_its_own_complete_event_only() {
    let mut session = up();
    let id = session.send(&CoreShowChannels {}.into(), 0).unwrap();
    let wire = session.wire_id(id);
    session.push(
        format!("Response: Success\r\nActionID: {wire}\r\nEventList: start\r\n\r\n").as_bytes(),
        0,
    );
    session.push(
        b"Event: CoreShowChannelsComplete\r\nActionID: other-1\r\nEventList: Complete\r\n\r\n",
        0,
    );
    session.push(b"Event: Hangup\r\nCause: 16\r\n\r\n", 0);
    session.push(
        format!("Event: CoreShowChannel\r\nActionID: {wire}\r\nChannel: a\r\n\r\n").as_bytes(),
        0,
    );
    assert_eq!(outcome_of(outputs(&mut session), id), None);
    let end = format!(
        "Event: CoreShowChannelsComplete\r\nActionID: {wire}\r\nEventList: Complete\r\nListItems: 1\r\n\r\n"
    );
    session.push(end.as_bytes(), 0);
    let Some(Outcome::List {
        items,
        complete: true,
    }) = outcome_of(outputs(&mut session), id)
    else {
        panic!()
    };
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].kind(), Kind::CoreShowChannel);
}

#[test]
fn a_list_without_an_end_gives_what_came() {
    let mut session = up();
    let id = session.send(&CoreShowChannels {}.into(), 0).unwrap();
    let wire = session.wire_id(id);
    session.push(
        format!(
            "Response: Success\r\nActionID: {wire}\r\n\r\nEvent: CoreShowChannel\r\nActionID: {wire}\r\n\r\n"
        )
        .as_bytes(),
        9_000,
    );
    session.tick(10_000);
    assert_eq!(outcome_of(outputs(&mut session), id), None);
    session.push(b"Event: Hangup\r\n\r\n", 18_000);
    session.tick(19_000);
    let Some(Outcome::List {
        items,
        complete: false,
    }) = outcome_of(outputs(&mut session), id)
    else {
        panic!()
    };
    assert_eq!(items.len(), 1);
}

#[test]
fn an_action_without_an_answer_is_unknown_and_not_sent_again() {
    let mut session = up();
    let late = session.send(&CoreStatus {}.into(), 0).unwrap();
    session.push(b"Event: Hangup\r\n\r\n", 9_000);
    session.tick(ACTION_DEADLINE_MS);
    let out = outputs(&mut session);
    assert!(!sent(&out).contains("CoreStatus\r\nActionID: t-2"));
    assert_eq!(
        outcome_of(out, late),
        Some(Outcome::Unknown(UnknownReason::Deadline))
    );
    let lost = session.send(&CoreStatus {}.into(), 11_000).unwrap();
    outputs(&mut session);
    session.closed();
    let out = outputs(&mut session);
    assert_eq!(sent(&out), "");
    assert_eq!(
        outcome_of(out, lost),
        Some(Outcome::Unknown(UnknownReason::LinkLost))
    );
    assert_eq!(
        session.send(&CoreStatus {}.into(), 12_000),
        Err(NotSent::LinkDown)
    );
}

#[test]
fn an_error_without_an_action_id_is_about_the_oldest_action() {
    let mut session = up();
    let first = session.send(&CoreStatus {}.into(), 0).unwrap();
    let second = session.send(&CoreStatus {}.into(), 0).unwrap();
    session.push(
        b"Response: Error\r\nMessage: Too many lines in message or allocation failure\r\n\r\n",
        0,
    );
    let out = outputs(&mut session);
    assert!(matches!(
        outcome_of(out.clone(), first),
        Some(Outcome::Refused { .. })
    ));
    assert_eq!(outcome_of(out, second), None);
}

#[test]
fn an_originate_response_event_answers_no_action() {
    let mut session = up();
    let id = session.send(&CoreStatus {}.into(), 0).unwrap();
    let wire = session.wire_id(id);
    session.push(
        format!("Event: OriginateResponse\r\nResponse: Failure\r\nActionID: {wire}\r\n\r\n").as_bytes(),
        0,
    );
    let out = outputs(&mut session);
    assert!(matches!(&out[1], Output::Message(message) if message.kind() == Kind::OriginateResponse));
    assert_eq!(outcome_of(out, id), None);
}

#[test]
fn a_failed_command_is_refused_with_its_first_line() {
    let mut session = up();
    let command = Command {
        command: Value::new("command", "no such").unwrap(),
    };
    let id = session.send(&command.into(), 0).unwrap();
    let wire = session.wire_id(id);
    session.push(format!("Response: Error\r\nActionID: {wire}\r\nMessage: Command output follows\r\nOutput: No such command\r\n\r\n").as_bytes(), 0);
    let message = "No such command".to_owned();
    assert_eq!(
        outcome_of(outputs(&mut session), id),
        Some(Outcome::Refused { message })
    );
}

#[test]
fn silence_is_asked_about_and_then_fatal() {
    let mut session = up();
    assert_eq!(session.deadline_ms(), Some(PING_INTERVAL_MS));
    session.tick(PING_INTERVAL_MS);
    assert!(sent(&outputs(&mut session)).starts_with("Action: Ping\r\n"));
    session.tick(SILENCE_LIMIT_MS - 1);
    assert_eq!(session.state(), &State::Up);
    session.tick(SILENCE_LIMIT_MS);
    assert_eq!(session.state(), &State::Closed(CloseReason::HalfOpen));
    assert_eq!(session.deadline_ms(), None);
}

#[test]
fn pings_keep_a_quiet_session_up_and_show_to_nobody() {
    let mut session = up();
    for round in 1..100 {
        let now_ms = round * PING_INTERVAL_MS;
        session.tick(now_ms);
        let ping = sent(&outputs(&mut session));
        let id = ping.split("ActionID: ").nth(1).unwrap().lines().next().unwrap();
        session.push(
            format!("Response: Success\r\nActionID: {id}\r\nPing: Pong\r\n\r\n").as_bytes(),
            now_ms,
        );
        assert_eq!(outputs(&mut session), []);
    }
}

#[test]
fn the_end_of_a_connection_has_three_faces() {
    let mut session = up();
    session.push(b"Event: Hangup\r\nCau", 0);
    session.closed();
    assert_eq!(session.state(), &State::Closed(CloseReason::CutMidFrame));
    let mut session = up();
    session.push(b"Event: Hangup\r\n\r\n", 0);
    session.closed();
    assert_eq!(session.state(), &State::Closed(CloseReason::ClosedByPeer));
    let mut session = up();
    session.push(
        b"Event: Shutdown\r\nPrivilege: system,all\r\nShutdown: Cleanly\r\nRestart: True\r\n\r\n",
        0,
    );
    session.closed();
    assert_eq!(
        session.state(),
        &State::Closed(CloseReason::Shutdown { restart: true })
    );
}

#[test]
fn actions_in_flight_are_bounded() {
    let mut session = up();
    for _ in 0..MAX_IN_FLIGHT {
        session.send(&CoreStatus {}.into(), 0).unwrap();
    }
    assert_eq!(
        session.send(&CoreStatus {}.into(), 0),
        Err(NotSent::TooManyInFlight)
    );
}

/// An event of a channel whose caller sent this as their number, as it comes over the wire.
fn call_of(number: &str) -> String {
    format!(
        "Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-1\r\nCallerIDNum: {number}\r\n\
         CallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\n\
         AccountCode: \r\nContext: from-trunk\r\nExten: 200\r\nPriority: 1\r\nUniqueid: lab-1.1\r\nLinkedid: lab-1.1\r\n\r\n"
    )
}

fn hold(channel: &str) -> String {
    format!("Event: Hold\r\nPrivilege: call,all\r\nChannel: {channel}\r\nUniqueid: lab-2.2\r\n\r\n")
}

fn events(outputs: &[Output]) -> Vec<String> {
    let events = outputs.iter().filter_map(|output| match output {
        Output::Message(message) => message.event_name().map(str::to_owned),
        Output::Finished { .. } | Output::Transmit(_) | Output::Distrusted { .. } | Output::State(_) => None,
    });
    events.collect()
}

#[test]
fn what_a_caller_smuggles_in_is_never_given_out() {
    for forged in [
        "Event: Shutdown",
        "Event: Shutdown\r\nPrivilege: system,all",
        "Event: Hangup\r\nPrivilege: call,all\r\nUniqueid: lab-2.2\r\nLinkedid: lab-2.2",
        "Response: Success",
    ] {
        let mut session = up();
        let number = format!("1\r\n\r\n{forged}\r\n\r\n");
        session.push(
            (hold("PJSIP/1-1") + &call_of(&number) + &hold("PJSIP/1-2")).as_bytes(),
            10,
        );
        let out = outputs(&mut session);
        assert_eq!(events(&out), ["Hold"], "{forged:?}");
        assert_eq!(sent(&out), "Action: Ping\r\nActionID: t-1\r\n\r\n");
        // a board that is being described goes on being described
        let list = session.send(&CoreShowChannels {}.into(), 11);
        let list = list.unwrap();
        session.push(
            b"Response: Success\r\nActionID: t-2\r\n\r\nEvent: CoreShowChannel\r\nActionID: t-2\r\n\r\n",
            12,
        );
        session.push(
            b"Event: CoreShowChannelsComplete\r\nActionID: t-2\r\nEventList: Complete\r\n\r\n",
            12,
        );
        let listed = outcome_of(outputs(&mut session), list);
        assert!(
            matches!(listed, Some(Outcome::List { complete: true, .. })),
            "{forged:?}"
        );
        session.push(
            (String::from("Response: Success\r\nActionID: t-1\r\nPing: Pong\r\n\r\n") + &hold("PJSIP/1-3"))
                .as_bytes(),
            20,
        );
        let out = outputs(&mut session);
        assert!(
            out.iter()
                .any(|output| matches!(output, Output::Distrusted { events } if *events >= 2))
        );
        assert_eq!(events(&out), ["Hold"], "{forged:?}");
    }
}

#[test]
fn a_pbx_that_stamps_its_events_is_not_spoken_for_by_what_bears_no_stamp() {
    let mut session = up();
    let stamped =
        "Event: Hold\r\nPrivilege: call,all\r\nTimestamp: 1.000000\r\nSystemName: lab\r\nUniqueid: 1\r\n\r\n";
    session.push(
        (String::from(stamped) + "Event: Shutdown\r\nPrivilege: system,all\r\n\r\n" + stamped).as_bytes(),
        10,
    );
    assert_eq!(events(&outputs(&mut session)), ["Hold"]);
    session.push(
        (String::from("Response: Success\r\nActionID: t-1\r\n\r\n") + stamped).as_bytes(),
        20,
    );
    let out = outputs(&mut session);
    assert!(out.contains(&Output::Distrusted { events: 2 }));
    assert_eq!(events(&out), ["Hold"]);
}

#[test]
fn a_question_that_is_never_answered_ends_the_connection() {
    let mut session = up();
    session.push(call_of("1\r\n\r\n").as_bytes(), 1_000);
    session.push(hold("PJSIP/1-1").as_bytes(), 1_000 + ACTION_DEADLINE_MS);
    session.tick(1_000 + ACTION_DEADLINE_MS);
    assert_eq!(session.state(), &State::Closed(CloseReason::HalfOpen));
}
