//! What a switchboard sees of callers who ask to be called back, and of the calls back.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use ami::Message;
use telephony::callback::{Attempt, Miss, RequestId, Sight};
use telephony::{Output, Refusal, Settings, Switchboard, Timestamp};

const ATTEMPT: Attempt = Attempt {
    request: RequestId(7),
    serial: 2,
};
const CHANNEL: &str = "Local/0405550123@starboard-callback-dial-00000001;1";

/// A switchboard that is told things a second apart.
struct Seen {
    board: Switchboard,
    now: u64,
}

impl Seen {
    fn new() -> Self {
        let mut seen = Seen {
            board: Switchboard::new(Settings::default()),
            now: 1_795_711_300_000,
        };
        seen.tell(
            "QueueMemberAdded",
            &[
                ("Queue", "support"),
                ("Interface", "PJSIP/1003"),
                ("Status", "1"),
                ("Paused", "0"),
            ],
        );
        seen
    }

    fn watching() -> Self {
        let mut seen = Self::new();
        seen.board.watch_callback(ATTEMPT, false);
        seen
    }

    fn tell(&mut self, event: &str, headers: &[(&str, &str)]) {
        let mut text = format!("Event: {event}\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        self.now += 1_000;
        let message = Message::from_frame(text.into()).expect("a message");
        self.board
            .observe(&message, Timestamp(self.now), &mut Output::default());
    }

    /// The same about the channel of the call back.
    fn ours(&mut self, event: &str, more: &[(&str, &str)]) {
        let id = ATTEMPT.channel();
        let mut headers = vec![("Channel", CHANNEL), ("Uniqueid", &*id), ("Linkedid", &*id)];
        headers.extend_from_slice(more);
        self.tell(event, &headers);
    }

    fn sight(&self) -> Sight {
        self.board.callback_sight(ATTEMPT)
    }

    fn called(&mut self) {
        self.ours(
            "Newchannel",
            &[("ChannelState", "0"), ("CallerIDNum", "0405550123")],
        );
        self.ours("Newstate", &[("ChannelState", "5")]);
    }

    fn answered(&mut self) {
        self.called();
        self.ours("Newstate", &[("ChannelState", "6")]);
    }
}

fn pressed(seen: &mut Seen, number: &str, stamp: &str) {
    let headers = [
        ("Channel", "PJSIP/provider-00000001"),
        ("Uniqueid", "harbour-1.1"),
        ("CallerIDName", "Cleo"),
        ("UserEvent", "StarboardCallback"),
        ("Queue", "support"),
        ("Number", number),
        ("Asked", stamp),
        ("Joined", "1795711200"),
    ];
    seen.tell("UserEvent", &headers);
}

#[test]
fn a_pressed_key_is_heard_with_the_place_that_is_kept() {
    let mut seen = Seen::new();
    pressed(&mut seen, "0405550123", "1795711260");
    let wishes = seen.board.take_wishes();
    assert_eq!(wishes.len(), 1);
    assert_eq!(wishes[0].queue, "support");
    assert_eq!(wishes[0].stamp, 1_795_711_260);
    assert_eq!(wishes[0].ask.name.as_deref(), Some("Cleo"));
    assert_eq!(
        wishes[0].ask.joined,
        Timestamp(seen.now - 60_000),
        "a minute before"
    );
    assert!(seen.board.take_wishes().is_empty(), "once");
}

#[test]
fn the_place_is_the_one_that_was_seen_where_it_was() {
    let mut seen = Seen::new();
    let caller = [
        ("Channel", "PJSIP/provider-00000001"),
        ("Uniqueid", "harbour-1.1"),
        ("Linkedid", "harbour-1.1"),
    ];
    seen.tell(
        "Newchannel",
        &[
            &caller[..],
            &[("ChannelState", "6"), ("CallerIDNum", "0405550123")],
        ]
        .concat(),
    );
    seen.tell(
        "QueueCallerJoin",
        &[&caller[..], &[("Queue", "support"), ("Position", "1")]].concat(),
    );
    let joined = Timestamp(seen.now);
    seen.tell(
        "QueueCallerLeave",
        &[&caller[..], &[("Queue", "support"), ("Position", "1")]].concat(),
    );
    pressed(&mut seen, "0405550123", "1795711999");
    assert_eq!(seen.board.take_wishes()[0].ask.joined, joined);
}

#[test]
fn what_was_left_in_the_database_is_found() {
    let mut seen = Seen::new();
    let (asked, joined) = (1_795_711_260_u64, 1_795_711_200_u64);
    seen.tell(
        "DBGetTreeResponse",
        &[
            ("Key", "/starboard-callback/support/0405550123"),
            ("Val", &format!("{asked}:{joined}")),
        ],
    );
    seen.tell(
        "DBGetTreeResponse",
        &[("Key", "/starboard-callback/support"), ("Val", "1:1")],
    );
    seen.tell(
        "DBGetTreeResponse",
        &[("Key", "/other/support/1"), ("Val", "1:1")],
    );
    seen.tell(
        "DBGetTreeResponse",
        &[("Key", "/starboard-callback/support/1"), ("Val", "soon")],
    );
    let wishes = seen.board.take_wishes();
    assert_eq!(wishes.len(), 1, "{wishes:?}");
    assert_eq!(wishes[0].stamp, asked);
    assert_eq!(wishes[0].ask.number, "0405550123");
    assert_eq!(wishes[0].ask.joined.0 / 1_000, joined);
}

#[test]
fn other_events_of_dialplans_are_no_wishes_and_no_flood_grows_without_bound() {
    let mut seen = Seen::new();
    seen.tell(
        "UserEvent",
        &[
            ("UserEvent", "DND"),
            ("Queue", "support"),
            ("Number", "StarboardCallback"),
        ],
    );
    assert!(seen.board.take_wishes().is_empty());
    for stamp in 0..2_000 {
        pressed(&mut seen, "0405550123", &stamp.to_string());
    }
    pressed(&mut seen, &"4".repeat(5_000), "1");
    assert_eq!(seen.board.take_wishes().len(), 512);
}

#[test]
fn a_call_back_is_seen_from_ringing_to_the_agent() {
    let mut seen = Seen::watching();
    assert_eq!(seen.sight(), Sight::Nothing);
    seen.called();
    assert_eq!(seen.sight(), Sight::Ringing);
    seen.ours("Newstate", &[("ChannelState", "6")]);
    assert_eq!(seen.sight(), Sight::Back);
    seen.ours("QueueCallerJoin", &[("Queue", "support"), ("Position", "1")]);
    assert_eq!(seen.sight(), Sight::Back);
    assert!(
        seen.board.hall("support").expect("the queue").waiting.is_empty(),
        "who is called back is no live caller"
    );
    seen.ours(
        "AgentConnect",
        &[
            ("Queue", "support"),
            ("Interface", "PJSIP/1003"),
            ("HoldTime", "1"),
        ],
    );
    assert_eq!(seen.sight(), Sight::Connected);
    seen.ours("Hangup", &[("Cause", "16")]);
    assert_eq!(seen.sight(), Sight::Connected, "its end is kept");
    seen.board.forget_callback(ATTEMPT);
    assert_eq!(seen.sight(), Sight::Nothing);
}

#[test]
fn why_somebody_was_not_reached_is_seen() {
    for (cause, miss) in [
        ("17", Miss::Busy),
        ("19", Miss::NoAnswer),
        ("16", Miss::NoAnswer),
        ("34", Miss::Failed),
    ] {
        let mut seen = Seen::watching();
        seen.called();
        seen.ours("Hangup", &[("Cause", cause)]);
        assert_eq!(seen.sight(), Sight::Over(miss), "cause {cause}");
    }
    let mut seen = Seen::watching();
    seen.answered();
    seen.ours("QueueCallerJoin", &[("Queue", "support"), ("Position", "1")]);
    seen.ours("QueueCallerAbandon", &[("Queue", "support"), ("Position", "1")]);
    seen.ours("Hangup", &[("Cause", "16")]);
    assert!(
        matches!(seen.sight(), Sight::Over(Miss::HungUp | Miss::NoAgent)),
        "{:?}",
        seen.sight()
    );
}

#[test]
fn an_order_that_made_no_channel_has_an_end() {
    let mut seen = Seen::watching();
    let id = ATTEMPT.channel();
    seen.tell(
        "OriginateResponse",
        &[("Response", "Failure"), ("Uniqueid", &id), ("Reason", "0")],
    );
    assert_eq!(seen.sight(), Sight::Over(Miss::Failed));
}

#[test]
fn a_call_that_was_not_watched_from_its_beginning_and_ends_is_lost_not_missed() {
    let mut seen = Seen::new();
    seen.answered();
    // as after a start of the server
    seen.board.watch_callback(ATTEMPT, true);
    assert_eq!(seen.sight(), Sight::Back);
    seen.ours("Hangup", &[("Cause", "16")]);
    assert_eq!(seen.sight(), Sight::Lost, "they may have talked");
}

#[test]
fn a_call_back_is_one_order_with_nothing_of_a_client_in_it() {
    let seen = Seen::new();
    let action = seen
        .board
        .callback_order("support", ATTEMPT, "0405550123", Some("Cleo \"<\u{7}0900> Vance"))
        .expect("a queue of the board");
    let mut told: Vec<String> = action
        .headers()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    told.sort();
    let expected = [
        "Async: true",
        "CallerID: Cleo 0900 Vance <0405550123>",
        "Channel: Local/0405550123@starboard-callback-dial/n",
        "ChannelId: starboard-callback-7-2",
        "Context: starboard-callback",
        "Exten: support",
        "OtherChannelId: starboard-callback-7-2-out",
        "Priority: 1",
        "Timeout: 40000",
    ];
    assert_eq!(told, expected);
}

#[test]
fn no_order_is_made_of_what_is_no_number_or_no_queue() {
    let mut seen = Seen::new();
    let order =
        |seen: &Seen, queue: &str, number: &str| seen.board.callback_order(queue, ATTEMPT, number, None);
    for number in ["", "0@out", "0/1", "0&PJSIP", "0,1", "0\nX: y", &"0".repeat(33)] {
        assert!(
            matches!(order(&seen, "support", number), Err(Refusal::BadNumber { .. })),
            "{number:?}"
        );
    }
    assert!(order(&seen, "sales", "0405550123").is_err(), "no such queue");
    seen.tell(
        "QueueMemberAdded",
        &[("Queue", "a,tT,b"), ("Interface", "PJSIP/1003")],
    );
    assert!(
        order(&seen, "a,tT,b", "0405550123").is_err(),
        "a name that is no word of a dialplan"
    );
}

#[test]
fn free_agents_are_those_who_could_take_a_call_now() {
    let mut seen = Seen::new();
    for (interface, status, paused) in [
        ("PJSIP/1004", "2", "0"),
        ("PJSIP/1005", "1", "1"),
        ("PJSIP/1006", "5", "0"),
        ("PJSIP/1007", "6", "0"),
    ] {
        seen.tell(
            "QueueMemberAdded",
            &[
                ("Queue", "support"),
                ("Interface", interface),
                ("Status", status),
                ("Paused", paused),
            ],
        );
    }
    let hall = seen.board.hall("support").expect("the queue");
    assert_eq!(hall.free.into_iter().collect::<Vec<_>>(), ["PJSIP/1003"]);
}
