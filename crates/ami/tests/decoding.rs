//! Claims about decoding, checked on recordings of a real Asterisk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use ami::{Decoded, Decoder, Event, FrameFault, Kind, Limits, Message};
use proptest::prelude::*;

fn capture(name: &str) -> Vec<u8> {
    fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/captures")
            .join(name),
    )
    .unwrap()
}

fn drain(decoder: &mut Decoder, into: &mut Vec<Decoded>) {
    while let Some(decoded) = decoder.next() {
        into.push(decoded);
    }
}

fn decode(bytes: &[u8]) -> Vec<Decoded> {
    let mut decoder = Decoder::new(Limits::default());
    decoder.push(bytes);
    let mut out = Vec::new();
    drain(&mut decoder, &mut out);
    out
}

fn messages(name: &str) -> Vec<Message> {
    decode(&capture(name))
        .into_iter()
        .filter_map(|decoded| match decoded {
            Decoded::Message(message) => Some(message),
            Decoded::Banner(_) => None,
            Decoded::Bad(fault) => panic!("{name}: {fault}"),
        })
        .collect()
}

const CAPTURES: [&str; 8] = [
    "errors-and-login.ami",
    "list-answers.ami",
    "queue-connect-complete.ami",
    "restart-fullybooted-2.ami",
    "park-unpark.ami",
    "attended-transfer-ami.ami",
    "timestamps-systemname.ami",
    "local-channels.ami",
];

#[test]
fn a_capture_decodes_the_same_byte_by_byte_and_whole() {
    for name in CAPTURES {
        let bytes = capture(name);
        let whole = decode(&bytes);
        assert!(
            matches!(&whole[0], Decoded::Banner(text) if text == "Asterisk Call Manager/11.0.0"),
            "{name}"
        );
        for size in [1, 2, 3, 7, 1460] {
            let mut decoder = Decoder::new(Limits::default());
            let mut pieces = Vec::new();
            for chunk in bytes.chunks(size) {
                decoder.push(chunk);
                drain(&mut decoder, &mut pieces);
            }
            assert_eq!(pieces, whole, "{name} in pieces of {size}");
            assert_eq!(decoder.counters().bytes, bytes.len() as u64);
        }
    }
}

#[test]
fn every_known_kind_of_a_capture_has_a_type_and_no_frame_is_bad() {
    for name in CAPTURES {
        for message in messages(name) {
            assert_eq!(message.event_name().is_none(), message.is_response());
            if let Some(event) = message.event() {
                let parsed = !matches!(event, Event::Other(_));
                assert!(
                    parsed || !message.kind().is_live() || message.kind() == Kind::Other,
                    "{message:?}"
                );
            }
        }
    }
}

#[test]
fn a_new_channel_carries_its_fields() {
    let messages = messages("timestamps-systemname.ami");
    let first = messages
        .iter()
        .find(|message| message.kind() == Kind::Newchannel)
        .unwrap();
    let event = first.event().unwrap();
    assert_eq!(event.system_name().as_deref(), Some("lab1"));
    assert_eq!(event.timestamp_us(), first.timestamp_us());
    assert!(event.timestamp().unwrap() > 1.7e9);
    let Event::Newchannel(new) = event else {
        panic!("{event:?}")
    };
    assert_eq!(new.channel.name.unwrap(), "PJSIP/1001-00000000");
    assert_eq!(new.channel.caller_number.as_deref(), Some("1001"));
    assert_eq!(new.channel.connected_number, None, "<unknown> is None");
    assert!(new.channel.uniqueid.unwrap().as_str().starts_with("lab1-"));
}

#[test]
fn an_attended_transfer_keeps_its_six_parties_apart() {
    let messages = messages("attended-transfer-ami.ami");
    let message = messages
        .iter()
        .find(|message| message.kind() == Kind::AttendedTransfer)
        .unwrap();
    let Some(Event::AttendedTransfer(transfer)) = message.event() else {
        panic!("{message:?}")
    };
    assert_eq!(transfer.orig_transferer.name.unwrap(), "PJSIP/1002-00000001");
    assert_eq!(transfer.transferee.caller_number.as_deref(), Some("1001"));
    assert_eq!(transfer.orig_bridge.channels, Some(2));
    assert_eq!(transfer.second_bridge.channels, Some(0));
    assert_ne!(transfer.orig_bridge.id, transfer.second_bridge.id);
    assert_eq!(transfer.dest_bridge, transfer.orig_bridge.id);
}

#[test]
fn a_line_feed_inside_a_value_neither_ends_the_frame_nor_the_line() {
    let response = |messages: &[Message], id: &str| {
        messages
            .iter()
            .find(|message| message.is_response() && message.action_id().as_deref() == Some(id))
            .cloned()
            .unwrap()
    };
    assert_eq!(
        response(&messages("errors-and-login.ami"), "a17").text(),
        "Unable to retrieve endpoint nosuch"
    );
    let parked = messages("park-unpark.ami")
        .into_iter()
        .find(|message| message.text().starts_with("Park"))
        .unwrap();
    assert_eq!(parked.text(), "Park successful");
}

#[test]
fn an_originate_response_is_an_event_although_it_has_a_response_header() {
    let frame = b"Event: OriginateResponse\r\nResponse: Failure\r\nActionID: 1\r\nReason: 0\r\nUniqueid: <unknown>\r\n\r\n";
    let decoded = decode(frame);
    let Decoded::Message(message) = &decoded[0] else {
        panic!("{decoded:?}")
    };
    assert!(!message.is_response());
    let Some(Event::OriginateResponse(result)) = message.event() else {
        panic!("{message:?}")
    };
    assert!(!result.is_answered());
    assert_eq!((result.reason, result.uniqueid), (Some(0), None));
}

#[test]
fn a_bad_frame_is_counted_and_the_next_one_is_read() {
    let mut decoder = Decoder::new(Limits::default());
    decoder.push(b"Asterisk Call Manager/11.0.0\r\nGarbage\xff\r\nEvent: Hangup\r\n\r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n");
    let mut out = Vec::new();
    drain(&mut decoder, &mut out);
    assert_eq!(out.len(), 3);
    assert_eq!(out[1], Decoded::Bad(FrameFault::NotAFrame));
    assert!(matches!(&out[2], Decoded::Message(message) if message.kind() == Kind::Hangup));
    assert_eq!(decoder.counters().bad_frames, 1);
}

#[test]
fn garbage_with_bare_line_feeds_ends_with_the_next_blank_line() {
    let mut stream = b"Asterisk Call Manager/11.0.0\r\n\xff\nno: frame\r\nat all \r\n\r\n".to_vec();
    for number in 0..3 {
        stream.extend(format!("Event: Hangup\r\nUniqueid: 1.{number}\r\n\r\n").into_bytes());
    }
    for pieces in [1, 7, stream.len()] {
        let mut decoder = Decoder::new(Limits::default());
        let mut decoded = Vec::new();
        for piece in stream.chunks(pieces) {
            decoder.push(piece);
            drain(&mut decoder, &mut decoded);
        }
        let messages = decoded
            .iter()
            .filter(|one| matches!(one, Decoded::Message(_)))
            .count();
        assert_eq!(messages, 3, "{decoded:?}");
    }
}

#[test]
fn limits_drop_the_frame_and_not_the_stream() {
    let good = "Event: Shutdown\r\n\r\n";
    let long_line = format!("Event: X\r\nA: {}\r\n\r\n", "x".repeat(70_000));
    let long_frame = format!("Event: X\r\nA: {}\r\n\r\n", "x".repeat(5_000_000));
    let many = format!("Event: X\r\n{}\r\n", "A: 1\r\n".repeat(100_000));
    let output = format!("Response: Success\r\n{}\r\n", "Output: line\r\n".repeat(20_000));
    for (frame, fault) in [
        (&long_line, Some(FrameFault::LineTooLong)),
        (&long_frame, Some(FrameFault::FrameTooLong)),
        (&many, Some(FrameFault::TooManyHeaders)),
        (&output, None),
    ] {
        let bytes = format!("{frame}{good}");
        for size in [997, 65_536, bytes.len()] {
            let mut decoder = Decoder::new(Limits::default());
            let mut out = Vec::new();
            for chunk in bytes.as_bytes().chunks(size) {
                decoder.push(chunk);
                drain(&mut decoder, &mut out);
                assert!(decoder.buffer_mut().len() <= ami::MAX_FRAME_BYTES + bytes.len().min(size));
            }
            match fault {
                Some(fault) => assert_eq!(out[0], Decoded::Bad(fault)),
                None => assert!(
                    matches!(&out[0], Decoded::Message(message) if message.output().count() == 20_000)
                ),
            }
            assert!(matches!(&out[1], Decoded::Message(message) if message.kind() == Kind::Shutdown));
            assert_eq!(decoder.counters().bytes, bytes.len() as u64);
        }
    }
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"Event: Hangup\r\n".to_vec()),
        Just(b"Event: Newstate\n".to_vec()),
        Just(b"Response: Success\r\n".to_vec()),
        Just(b"Asterisk Call Manager/11.0.0\r\n".to_vec()),
        Just(b"ActionID: 1\r\n".to_vec()),
        Just(b"Value: a\nb\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_cut_of_the_stream_never_shows(bytes in pieces(), cuts in proptest::collection::vec(1usize..50, 1..80), bound in 20usize..200) {
        let mut limits = Limits::default();
        limits.frame_bytes = bound;
        limits.line_bytes = bound / 2;
        limits.headers = 3;
        let mut whole = Decoder::new(limits);
        whole.push(&bytes);
        let mut expected = Vec::new();
        drain(&mut whole, &mut expected);
        let mut decoder = Decoder::new(limits);
        let mut out = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            decoder.push(now);
            drain(&mut decoder, &mut out);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(out, expected);
        prop_assert_eq!(decoder.counters(), whole.counters());
    }

    #[test]
    fn no_event_of_any_bytes_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0..Kind::NAMED.len()) {
        let mut frame = format!("Event: {}\r\n", Kind::NAMED[kind].name().unwrap()).into_bytes();
        frame.extend_from_slice(&bytes);
        frame.extend_from_slice(b"\r\n\r\n");
        for decoded in decode(&frame) {
            if let Decoded::Message(message) = decoded {
                let _parsed = message.event();
                let shown = format!("{message:?}");
                prop_assert!(!shown.contains('\x1b'));
            }
        }
    }
}
