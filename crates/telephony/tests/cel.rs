//! What channels did, as recordings of a real Asterisk tell it.

#![allow(clippy::expect_used, clippy::panic, reason = "a claim that is wrong panics")]

mod support;

use std::collections::BTreeMap;

use telephony::{Timestamp, cel::CelEvent};

fn events(name: &str) -> Vec<CelEvent> {
    let messages = support::messages(name).into_iter();
    messages
        .filter_map(|(_, message)| CelEvent::of_event(&message, Timestamp(7)))
        .collect()
}

#[test]
fn a_call_is_told_channel_by_channel_from_its_first_to_its_last() {
    let mut calls: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for event in events("basic-answered-call") {
        let phone = event.channel.split('-').next().unwrap_or_default().to_owned();
        calls.entry(event.linked).or_default().push((event.name, phone));
    }
    assert!(!calls.is_empty());
    for (linked, told) in calls {
        let of = |wanted: &str| told.iter().filter(|(name, _)| name == wanted).count();
        for (name, times) in [
            ("CHAN_START", 2),
            ("ANSWER", 2),
            ("BRIDGE_ENTER", 2),
            ("CHAN_END", 2),
        ] {
            assert_eq!(of(name), times, "{linked} {name}: {told:?}");
        }
        assert_eq!(told[0], ("CHAN_START".into(), "PJSIP/1001".into()), "{linked}");
    }
}

#[test]
fn every_event_says_of_which_call_and_channel_it_is_and_no_other_message_is_one() {
    let mut all = 0;
    for name in support::names() {
        for (at, message) in support::messages(&name) {
            let event = CelEvent::of_event(&message, at);
            assert_eq!(
                event.is_some(),
                message.event_name() == Some("CEL"),
                "{name}: {message:?}"
            );
            let Some(event) = event else { continue };
            all += 1;
            assert!(!event.name.is_empty() && !event.linked.is_empty() && !event.unique.is_empty());
            for text in [&event.data, &event.caller, &event.extra, &event.peer] {
                assert!(text.chars().count() <= 200, "{name}: {text}");
            }
        }
    }
    assert!(all > 500, "{all}");
}
