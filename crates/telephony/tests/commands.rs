//! What a person asks for becomes exactly one action, or a reason.

#![allow(clippy::expect_used, reason = "a command that is refused by mistake panics")]

mod support;

use telephony::replay::Replay;
use telephony::{CallId, Command, LegId, Recorder, Refusal, Settings, Supervision, Timestamp};

/// A recording up to a time in milliseconds.
fn at(name: &str, ms: u64) -> Replay {
    let bytes = support::bytes(name);
    let mut replay = Replay::new(Settings::default());
    for (at, piece) in support::timing(name)
        .pieces(bytes.len())
        .into_iter()
        .take_while(|(at, _)| *at <= ms)
    {
        replay.push(&bytes[piece], Timestamp(support::START.0 + at));
    }
    replay
}

fn first_call(replay: &Replay) -> (CallId, Vec<LegId>) {
    let call = replay
        .switchboard()
        .board()
        .calls
        .values()
        .next()
        .expect("a call is up");
    (
        call.id.clone(),
        call.legs.iter().map(|leg| leg.id.clone()).collect(),
    )
}

fn lowered(replay: &Replay, command: &Command) -> Result<Vec<String>, Refusal> {
    let action = replay.switchboard().lower(command, "starboard-1")?;
    let headers = action.headers().map(|(name, value)| format!("{name}: {value}"));
    Ok(std::iter::once(action.name().to_owned()).chain(headers).collect())
}

#[test]
fn a_talking_leg_can_let_go_of_the_other_side() {
    let replay = at("basic-answered-call", 3_000);
    let (call, legs) = first_call(&replay);
    let to = "1003".to_owned();
    let transfer = Command::BlindTransfer {
        call: call.clone(),
        leg: legs[1].clone(),
        to: to.clone(),
    };
    let expected = [
        "BlindTransfer",
        "Channel: PJSIP/1002-00000001",
        "Context: from-internal",
        "Exten: 1003",
    ];
    assert_eq!(lowered(&replay, &transfer).expect("allowed"), expected);
    let park = Command::Park {
        call: call.clone(),
        leg: legs[1].clone(),
    };
    let expected = [
        "Park",
        "Channel: PJSIP/1001-00000000",
        "TimeoutChannel: PJSIP/1002",
        "Parkinglot: default",
    ];
    assert_eq!(lowered(&replay, &park).expect("allowed"), expected);
    let hang_up = Command::HangUp { call };
    let expected = ["Hangup", "Channel: PJSIP/1001-00000000", "Cause: 16"];
    assert_eq!(lowered(&replay, &hang_up).expect("allowed"), expected);
}

#[test]
fn a_click_rings_the_own_phone_first_and_shows_the_own_number() {
    let replay = at("basic-answered-call", 3_000);
    let command = Command::Call {
        from: "1001".into(),
        to: "+49301234".into(),
    };
    let expected = [
        "Originate",
        "Channel: PJSIP/1001",
        "ChannelId: starboard-1",
        "Context: from-internal",
        "Exten: +49301234",
        "Priority: 1",
        "Timeout: 30000",
        "CallerID: Alice Anderson <1001>",
        "Async: true",
    ];
    let mut told = lowered(&replay, &command).expect("allowed");
    let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn refusals_say_why() {
    let talking = at("basic-answered-call", 3_000);
    let ringing = at("basic-answered-call", 800);
    let (call, legs) = first_call(&ringing);
    let transfer = Command::BlindTransfer {
        call: call.clone(),
        leg: legs[0].clone(),
        to: "1003".into(),
    };
    assert_eq!(
        lowered(&ringing, &transfer),
        Err(Refusal::WrongState("ringing".into()))
    );
    let gone = Command::HangUp {
        call: CallId("1.1".into()),
    };
    assert_eq!(lowered(&talking, &gone), Err(Refusal::CallGone));
    let unknown = Command::Call {
        from: "4711".into(),
        to: "1002".into(),
    };
    assert_eq!(
        lowered(&talking, &unknown),
        Err(Refusal::UnknownExtension("4711".into()))
    );
    for to in [
        "",
        "12a",
        "1002\r\nAction: Command",
        "012345678901234567890123456789012",
    ] {
        let bad = Command::Call {
            from: "1001".into(),
            to: to.into(),
        };
        assert!(
            matches!(lowered(&talking, &bad), Err(Refusal::BadNumber { field, .. }) if field == "to"),
            "{to:?}"
        );
    }
    let empty = Command::TakeParked {
        lot: "default".into(),
        space: "701".into(),
        by: "1001".into(),
    };
    assert_eq!(lowered(&talking, &empty), Err(Refusal::SpaceEmpty("701".into())));
    let pick_up = Command::PickUp {
        call,
        by: "1002".into(),
    };
    assert!(
        lowered(&ringing, &pick_up)
            .expect("it rings")
            .contains(&"Data: PJSIP/1002-00000001".to_owned())
    );
}

#[test]
fn a_parked_call_is_taken_from_its_space() {
    let replay = at("park-unpark", 2_000);
    let take = Command::TakeParked {
        lot: "default".into(),
        space: "701".into(),
        by: "1002".into(),
    };
    let told = lowered(&replay, &take).expect("it is parked");
    assert!(
        told.contains(&"Application: ParkedCall".to_owned())
            && told.contains(&"Data: default,701".to_owned())
    );
}

#[test]
fn the_number_of_an_expected_call_shows_while_the_own_phone_rings() {
    let mut switchboard = telephony::Switchboard::new(Settings::default());
    let mut out = telephony::Output::default();
    switchboard.expect_call("gui-call-1", "1002");
    for (now, message) in support::messages("originate-success") {
        switchboard.observe(&message, now, &mut out);
        if let Some(call) = switchboard.board().calls.values().next() {
            assert_eq!(
                (call.caller.number.as_str(), call.dialled.as_str()),
                ("1001", "1002")
            );
            assert_eq!(call.callee.number, "1002");
        }
    }
    assert_eq!(out.ended.len(), 1);
}

/// The application, its data and the phone that rings.
fn order(replay: &Replay, command: &Command) -> Result<[String; 3], Refusal> {
    let told = lowered(replay, command)?;
    let of = |name: &str| {
        let found = told
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_default().to_owned()
    };
    Ok([of("Channel"), of("Application"), of("Data")])
}

fn supervise((call, leg): (&CallId, &LegId), how: Supervision, by: &str) -> Command {
    Command::Supervise {
        call: call.clone(),
        leg: leg.clone(),
        how,
        by: by.into(),
    }
}

#[test]
fn a_supervisor_hears_exactly_the_phone_that_was_chosen_until_it_hangs_up() {
    // one supervisor is there already
    let replay = at("chanspy-whisper", 3_000);
    let (call, legs) = first_call(&replay);
    let agent = (&call, &legs[1]);
    for (how, options) in [
        (Supervision::Listen, "uqES"),
        (Supervision::Whisper, "uqESw"),
        (Supervision::Barge, "uqESB"),
    ] {
        let expected = ["PJSIP/1003", "ChanSpy", &format!("PJSIP/1002-00000001,{options}")];
        let told = order(&replay, &supervise(agent, how, "1003"));
        assert_eq!(told.expect("allowed"), expected);
    }
    let listen = |leg: &LegId, by| order(&replay, &supervise((&call, leg), Supervision::Listen, by));
    assert_eq!(listen(&legs[1], "1001"), Err(Refusal::OwnCall("1001".into())));
    assert_eq!(listen(&LegId("1.1".into()), "1003"), Err(Refusal::LegGone));
    assert_eq!(
        listen(&legs[2], "1003"),
        Err(Refusal::NoOtherSide),
        "nobody supervises a supervisor"
    );
    let stop = |leg: &LegId| lowered(&replay, &Command::StopSupervising { leg: leg.clone() });
    let expected = ["Hangup", "Channel: PJSIP/1003-00000002", "Cause: 16"];
    assert_eq!(stop(&legs[2]).expect("it is up"), expected);
    assert_eq!(stop(&LegId("1.1".into())), Err(Refusal::LegGone));

    let ringing = at("basic-answered-call", 800);
    let (call, legs) = first_call(&ringing);
    assert_eq!(
        order(
            &ringing,
            &supervise((&call, &legs[1]), Supervision::Listen, "1003")
        ),
        Err(Refusal::WrongState("ringing".into()))
    );
}

#[test]
fn who_takes_over_is_connected_to_the_other_side_when_the_own_phone_answers() {
    let replay = at("chanspy-whisper", 3_000);
    let (call, legs) = first_call(&replay);
    let expected = ["PJSIP/1003", "Bridge", "PJSIP/1001-00000000"];
    let take = supervise((&call, &legs[1]), Supervision::TakeOver, "1003");
    assert_eq!(order(&replay, &take).expect("allowed"), expected);
}

#[test]
fn a_call_over_a_local_channel_is_heard_at_the_phone_itself() {
    let replay = at("supervision", 2_500);
    let (call, _) = first_call(&replay);
    let row = &replay.switchboard().board().calls[&call];
    assert!(row.legs.iter().any(|leg| leg.channel.starts_with("Local/1002@")));
    let phone = row
        .legs
        .iter()
        .find(|leg| leg.party.extension.as_deref() == Some("1002"));
    let phone = phone.expect("it was answered").id.clone();
    let with = |how| order(&replay, &supervise((&call, &phone), how, "1010")).expect("allowed");
    let [rings, application, data] = with(Supervision::Listen);
    assert_eq!([&*rings, &*application], ["PJSIP/1010", "ChanSpy"]);
    assert!(
        data.starts_with("PJSIP/1002-") && data.ends_with(",uqES"),
        "{data}"
    );
    let [_, application, data] = with(Supervision::TakeOver);
    assert_eq!(application, "Bridge");
    assert!(
        data.starts_with("PJSIP/1001-"),
        "the caller, not half of a Local channel: {data}"
    );
}

#[test]
fn a_recording_begins_on_the_callers_channel_and_is_paused_and_ended_where_it_runs() {
    let order = |ms: u64, how: Recorder| {
        let replay = at("mixmonitor", ms);
        let (call, _) = first_call(&replay);
        lowered(&replay, &Command::Record { call, how })
    };
    let channel = "Channel: PJSIP/1001-00000000";
    let mute = |state: &'static str| Ok(vec!["MixMonitorMute", channel, "Direction: both", state]);
    let wrong = |word: &str| Err(Refusal::WrongState(word.into()));
    for (ms, how, wanted) in [
        (
            1_000,
            Recorder::Start,
            Ok(vec!["MixMonitor", channel, "File: starboard-1-1795221359.0.wav"]),
        ),
        (1_000, Recorder::Pause, wrong("not recorded")),
        (1_000, Recorder::Stop, wrong("not recorded")),
        (2_000, Recorder::Start, wrong("recorded")),
        (2_000, Recorder::Resume, wrong("recorded")),
        (2_000, Recorder::Pause, mute("State: 1")),
        (2_000, Recorder::Stop, Ok(vec!["StopMixMonitor", channel])),
        (3_000, Recorder::Pause, wrong("recorded with a pause")),
        (3_000, Recorder::Resume, mute("State: 0")),
        (3_000, Recorder::Stop, Ok(vec!["StopMixMonitor", channel])),
        (4_000, Recorder::Pause, mute("State: 1")),
        (4_450, Recorder::Stop, wrong("not recorded")),
        (
            4_450,
            Recorder::Start,
            Ok(vec!["MixMonitor", channel, "File: starboard-1-1795221359.0.wav"]),
        ),
    ] {
        let wanted = wanted.map(|lines| lines.into_iter().map(str::to_owned).collect());
        assert_eq!(order(ms, how), wanted, "{how:?} at {ms}");
    }
}

#[test]
fn nothing_that_is_not_plain_becomes_the_name_of_a_file() {
    let replay = at("mixmonitor", 1_000);
    let (call, _) = first_call(&replay);
    let start = Command::Record {
        call,
        how: Recorder::Start,
    };
    for id in [
        "",
        "../../etc/cron.d/x",
        "a/b",
        "a b",
        "a|rm",
        "a,b",
        "a.b",
        "a\r\nAction: Command",
    ] {
        assert_eq!(
            replay.switchboard().lower(&start, id),
            Err(Refusal::LegGone),
            "{id}"
        );
    }
    let ringing = at("mixmonitor", 330);
    if let Some(call) = ringing.switchboard().board().calls.keys().next().cloned() {
        let start = Command::Record {
            call,
            how: Recorder::Start,
        };
        assert!(matches!(
            ringing.switchboard().lower(&start, "x-1"),
            Err(Refusal::WrongState(_))
        ));
    }
}
