//! Claims about what we send: one action is one frame, and no value can add a header to it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ami::action::call::{Hangup, Originate, Redirect};
use ami::action::queue::QueuePause;
use ami::wire::{MessageBuilder, RequestDecoder, parse_action};
use ami::{Action, Answer, Cause, Decoded, Decoder, EncodeError, Event, Limits, Value, Variable};
use bytes::BytesMut;
use proptest::prelude::*;

fn encode(action: &Action) -> Result<BytesMut, EncodeError> {
    let mut out = BytesMut::new();
    action.encode(&Value::new("id", "t-1").unwrap(), &mut out)?;
    Ok(out)
}

fn value(text: &str) -> Value {
    Value::new("test", text).unwrap()
}

#[test]
fn an_originate_is_asynchronous_and_names_its_channel() {
    let action: Action = Originate {
        channel: value("PJSIP/1001"),
        channel_id: value("call-1"),
        other_channel_id: None,
        context: Some(value("internal")),
        exten: Some(value("1002")),
        priority: Some(1),
        application: None,
        data: None,
        timeout_ms: Some(15_000),
        caller_id: Some(value("Alice <1001>")),
        account: None,
        early_media: None,
        variables: vec![
            Variable::new("A", &value("b")).unwrap(),
            Variable::new("__C", &value("d=e")).unwrap(),
        ],
    }
    .into();
    let wire = encode(&action).unwrap();
    assert_eq!(
        std::str::from_utf8(&wire).unwrap(),
        "Action: Originate\r\nActionID: t-1\r\nAsync: true\r\nChannel: PJSIP/1001\r\nChannelId: call-1\r\n\
         Context: internal\r\nExten: 1002\r\nPriority: 1\r\nTimeout: 15000\r\nCallerID: Alice <1001>\r\n\
         Variable: A=b\r\nVariable: __C=d=e\r\n\r\n"
    );
    let read = parse_action(&wire).unwrap();
    assert_eq!(read.get_all("variable").collect::<Vec<_>>(), ["A=b", "__C=d=e"]);
}

#[test]
fn controls_are_refused_by_name_and_never_stripped() {
    for text in ["a\rb", "a\nb", "a\0b", "a\u{1b}b", "a\u{85}b", "a\u{7f}b", "a\tb"] {
        assert_eq!(
            Value::new("reason", text).unwrap_err().field(),
            "reason",
            "{text:?}"
        );
    }
    assert!(Value::new("name", "Çelik <özgür> \"x\"; y").is_ok());
    assert!(Variable::new("A\nB", &value("x")).is_err());
}

#[test]
fn what_asterisk_would_refuse_is_not_sent() {
    let long = Action::new("UserEvent", Answer::Single)
        .with("AnExtraordinarilyLongHeaderName", value(&"x".repeat(1000)));
    assert_eq!(
        encode(&long).unwrap_err(),
        EncodeError::LineTooLong {
            header: "AnExtraordinarilyLongHeaderName"
        }
    );
    let many = (0..127).fold(Action::new("UserEvent", Answer::Single), |action, _| {
        action.with("A", value("1"))
    });
    assert_eq!(encode(&many).unwrap_err(), EncodeError::TooManyHeaders);
    let name = Action::new("Ping", Answer::Single).with("A: 1\r\nB", value("1"));
    assert!(matches!(
        encode(&name).unwrap_err(),
        EncodeError::HeaderName { .. }
    ));
}

#[test]
fn a_hangup_pattern_is_not_a_hangup_of_one() {
    assert!(Hangup::one(value("/^PJSIP/"), None).is_none());
    assert!(Hangup::one(value("PJSIP/1001-00000000"), Some(Cause::NormalClearing)).is_some());
}

#[test]
fn actions_are_read_as_asterisk_reads_them() {
    let mut decoder = RequestDecoder::new();
    decoder.push(
        b"\r\nAction: Ping\nActionID: 1\n\nAction: Hangup\r\nChannel: x\r\nCause: 16\r\n\r\nAction: Lo",
    );
    let first = decoder.next().unwrap().unwrap();
    assert_eq!(
        (first.action().as_ref(), first.action_id().as_deref()),
        ("Ping", Some("1"))
    );
    let second = decoder.next().unwrap().unwrap();
    assert_eq!(
        (second.get("channel").as_deref(), second.action_id()),
        (Some("x"), None)
    );
    assert!(decoder.next().is_none());
}

#[test]
fn a_built_event_reads_back_typed() {
    let channel = ami::ChannelRef {
        name: Some(ami::ChannelName::new("PJSIP/1001-1")),
        uniqueid: Some(ami::UniqueId::new("1.0")),
        state: Some(ami::ChannelState::Ringing),
        ..Default::default()
    };
    let message = MessageBuilder::event("DialBegin")
        .channel("Dest", &channel)
        .header("DialString", "1001")
        .build()
        .unwrap();
    let Some(Event::DialBegin(dial)) = message.event() else {
        panic!("{message:?}")
    };
    assert!(dial.channel.is_empty());
    assert_eq!(dial.dest.uniqueid, channel.uniqueid);
    assert_eq!(dial.dest.state, channel.state);
    assert_eq!(dial.dest.caller_number, None);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9/@<>:;=,\" äß€-]{0,40}",
        any::<String>(),
        "[a-z\r\n:\\x00-\\x1f]{0,30}"
    ]
}

proptest! {
    #[test]
    fn one_action_is_one_frame_that_reads_back_equal(texts in proptest::collection::vec(text(), 0..12), pause in any::<bool>()) {
        let values: Vec<Value> = texts.iter().filter_map(|text| Value::new("test", text.clone()).ok()).collect();
        let mut action: Action = QueuePause { queue: None, interface: value("PJSIP/1"), paused: pause, reason: None }.into();
        for value in values {
            action = action.with("Reason", value);
        }
        let wire = encode(&action).unwrap();
        let mut decoder = RequestDecoder::new();
        decoder.push(&wire);
        let request = decoder.next().unwrap().unwrap();
        prop_assert!(decoder.next().is_none());
        prop_assert!(decoder.buffer_mut().is_empty());
        let read: Vec<(String, String)> = request.headers().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let mut sent = vec![("Action".to_owned(), action.name().to_owned()), ("ActionID".to_owned(), "t-1".to_owned())];
        sent.extend(action.headers().map(|(name, value)| (name.to_owned(), value.to_owned())));
        prop_assert_eq!(read, sent);
    }

    #[test]
    fn a_typed_action_holds_whatever_its_values_hold(channel in "[ -~]{1,60}", exten in "[ -~]{1,60}") {
        let action: Action = Redirect {
            channel: value(&channel), context: value("internal"), exten: value(&exten), priority: 1,
            extra_channel: None, extra_context: None, extra_exten: None, extra_priority: None,
        }.into();
        let request = parse_action(&encode(&action).unwrap()).unwrap();
        prop_assert_eq!(request.get("Channel").unwrap(), channel);
        prop_assert_eq!(request.get("Exten").unwrap(), exten);
    }

    #[test]
    fn a_builder_writes_one_frame_or_refuses(name in "[A-Za-z]{1,12}", values in proptest::collection::vec(text(), 0..8)) {
        let mut builder = MessageBuilder::event(&name);
        for value in &values {
            builder = builder.header("V", value);
        }
        let clean = values.iter().all(|value| !value.contains(['\r', '\n', '\0']));
        let mut out = BytesMut::new();
        let built = builder.write_to(&mut out);
        prop_assert_eq!(built.is_ok(), clean);
        let mut decoder = Decoder::new(Limits::default());
        decoder.push(&out);
        if clean {
            let Some(Decoded::Message(message)) = decoder.next() else { panic!("no message") };
            prop_assert_eq!(message.get_all("V").map(String::from).collect::<Vec<_>>(), values);
        }
        prop_assert!(decoder.next().is_none());
    }
}
