//! The events of four scenarios against those of a real Asterisk 22 that was recorded doing the same.
//!
//! Asterisk's threads interleave what happens to different channels differently from run to run (the four
//! recordings do among themselves), so the order is compared for each channel, bridge, phone and queue
//! member by itself: there it is exact, with the names of all headers and the values of those that matter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::Path;

use ami::{Decoded, Decoder, Limits, Message};
use pbx_simulator::{Class, Frame, Habits, Noise, Request, Settings, World};

const START_MS: u64 = 1_795_220_000_000;

/// What a reader skips, and what other modules say beside a call.
const NOISE: [&str; 10] = [
    "VarSet",
    "Newexten",
    "CEL",
    "Cdr",
    "TestEvent",
    "ChallengeSent",
    "SuccessfulAuth",
    "FullyBooted",
    "RTCPSent",
    "RTCPReceived",
];

/// Headers whose values are the same whoever the people are.
const VALUES: [&str; 26] = [
    "ChannelStateDesc",
    "CallerIDNum",
    "ConnectedLineNum",
    "Context",
    "Exten",
    "Priority",
    "DialStatus",
    "Cause",
    "Cause-txt",
    "BridgeType",
    "BridgeTechnology",
    "BridgeNumChannels",
    "Result",
    "Extension",
    "Queue",
    "Interface",
    "Position",
    "Count",
    "Reason",
    "Class",
    "Status",
    "Paused",
    "InCall",
    "CallsTaken",
    "ParkingSpace",
    "ParkerDialString",
];

/// The events of each subject, in order.
type Stories = BTreeMap<String, Vec<String>>;

#[derive(Default)]
struct Teller {
    names: BTreeMap<String, String>,
    stories: Stories,
}

impl Teller {
    /// The same name for the n-th channel or bridge in both streams.
    fn name(&mut self, kind: &str, raw: &str) -> String {
        let next = self.names.values().filter(|name| name.starts_with(kind)).count();
        self.names
            .entry(raw.to_owned())
            .or_insert_with(|| format!("{kind}{next}"))
            .clone()
    }

    fn hear(&mut self, message: &Message) {
        let Some(event) = message.event_name() else { return };
        if NOISE.contains(&event) || (message.action_id().is_some() && event != "OriginateResponse") {
            return;
        }
        let mut subjects = Vec::new();
        let mut told = format!("{event}:");
        for (header, value) in message.headers() {
            if ["Event", "Privilege", "DestType"].contains(&header.as_ref()) {
                continue;
            }
            told.push_str(&format!(" {header}"));
            let is = |suffix: &str| header.ends_with(suffix) && !header.contains("State");
            if is("Channel") {
                let name = self.name("channel ", &value);
                told.push_str(&format!("={name}"));
                // A leg may ring before it is said that it is called.
                if event != "DialBegin" || header == "Channel" {
                    subjects.push(name);
                }
            } else if event == "DialBegin" && header == "DestChannelStateDesc" {
                continue;
            } else if is("BridgeUniqueid") {
                let name = self.name("bridge ", &value);
                told.push_str(&format!("={name}"));
                subjects.push(name);
            } else if VALUES.iter().any(|known| header.ends_with(known)) && header != "StatusText" {
                told.push_str(&format!("={value}"));
            }
        }
        match event {
            "DeviceStateChange" | "ExtensionStatus" => {
                let device = message
                    .get("Device")
                    .or(message.get("Exten"))
                    .unwrap()
                    .into_owned();
                if device.starts_with("Queue:") && device.contains('_') {
                    return;
                }
                let state = message
                    .get("State")
                    .or(message.get("Status"))
                    .unwrap()
                    .into_owned();
                told = format!("{event} {state}");
                subjects.push(device);
            }
            "QueueMemberStatus" => subjects.push(format!("member {}", message.get("Interface").unwrap())),
            "OriginateResponse" => subjects = vec!["originate".to_owned()],
            _ => {}
        }
        for subject in subjects {
            self.stories.entry(subject).or_default().push(told.clone());
        }
    }
}

fn told_by(bytes: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Stories {
    let mut decoder = Decoder::new(Limits::default());
    let mut teller = Teller::default();
    for piece in bytes {
        decoder.push(piece.as_ref());
        while let Some(decoded) = decoder.next() {
            if let Decoded::Message(message) = decoded {
                teller.hear(&message);
            }
        }
    }
    teller.stories
}

fn recorded(capture: &str) -> Stories {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../telephony/tests/captures");
    told_by([std::fs::read(folder.join(format!("{capture}.ami"))).unwrap()])
}

/// A scripted PBX and what it said.
struct Stage {
    world: World,
    now_ms: u64,
    said: Vec<Frame>,
}

impl Stage {
    fn open() -> Self {
        let settings = Settings {
            habits: Habits::Scripted,
            noise: Noise::Full,
            ..Settings::default()
        };
        Stage {
            world: World::new(settings, START_MS),
            now_ms: START_MS,
            said: Vec::new(),
        }
    }

    fn script(&mut self, line: &str) {
        let (done, mut frames) = self.world.script(self.now_ms, line);
        done.unwrap();
        self.said.append(&mut frames);
        self.wait(1000);
    }

    fn wait(&mut self, for_ms: u64) {
        self.now_ms += for_ms;
        self.said.append(&mut self.world.step(self.now_ms));
    }

    fn act(&mut self, request: &Request) {
        let reply = self.world.act(request, Class::ALL);
        let answer = String::from_utf8_lossy(&reply.frames[0]).into_owned();
        assert!(answer.starts_with("Response: Success"), "{answer}");
        self.wait(1000);
    }

    fn told(self) -> Stories {
        told_by(self.said.iter().map(|frame| frame.bytes.clone()))
    }
}

fn compare(ours: &Stories, theirs: &Stories) {
    for (subject, expected) in theirs {
        let none = Vec::new();
        let told = ours.get(subject).unwrap_or(&none);
        for (at, expected) in expected.iter().enumerate() {
            let found = told.get(at).map_or("nothing", String::as_str);
            assert_eq!(found, expected, "{subject}, event {at}\nours: {told:#?}");
        }
        assert_eq!(told.len(), expected.len(), "{subject} goes on: {:?}", told.last());
    }
    let invented: Vec<_> = ours
        .keys()
        .filter(|subject| !theirs.contains_key(*subject))
        .collect();
    assert!(
        invented.is_empty(),
        "subjects Asterisk does not speak of: {invented:?}"
    );
}

#[test]
fn a_basic_answered_call() {
    let mut stage = Stage::open();
    for line in ["call 1001 1002", "answer 1002", "hangup 1001"] {
        stage.script(line);
    }
    compare(&stage.told(), &recorded("basic-answered-call"));
}

#[test]
fn a_blind_transfer() {
    let mut stage = Stage::open();
    stage.script("call 1001 1002");
    stage.script("answer 1002");
    let transfer = Request::new("BlindTransfer")
        .with("Channel", "PJSIP/1002-00000001")
        .with("Context", "from-internal")
        .with("Exten", "1003");
    stage.act(&transfer);
    stage.script("answer 1003");
    stage.script("hangup 1001");
    compare(&stage.told(), &recorded("blind-transfer-ami"));
}

#[test]
fn parked_and_taken() {
    let mut stage = Stage::open();
    stage.script("call 1001 1002");
    stage.script("answer 1002");
    let park = Request::new("Park")
        .with("Channel", "PJSIP/1001-00000000")
        .with("TimeoutChannel", "PJSIP/1002-00000001")
        .with("Timeout", "30000")
        .with("Parkinglot", "default");
    stage.act(&park);
    stage.script("call 1003 701");
    stage.wait(1000);
    stage.script("hangup 1003");
    compare(&stage.told(), &recorded("park-unpark"));
}

#[test]
fn two_calls_through_a_queue() {
    let mut stage = Stage::open();
    for agent in ["1004", "1006", "1012"] {
        let pause = Request::new("QueuePause")
            .with("Queue", "support")
            .with("Interface", &format!("PJSIP/{agent}"))
            .with("Paused", "true");
        stage.act(&pause);
    }
    stage.said.clear();
    for line in [
        "call 1001 800",
        "answer 1003",
        "hangup 1001",
        "call 1002 800",
        "answer 1003",
        "hangup 1003",
    ] {
        stage.script(line);
    }
    compare(&stage.told(), &recorded("queue-connect-complete"));
}

#[test]
fn click_to_call() {
    let mut stage = Stage::open();
    let originate = Request::new("Originate")
        .with("Channel", "PJSIP/1001")
        .with("Context", "from-internal")
        .with("Exten", "1002")
        .with("Priority", "1")
        .with("Async", "true")
        .with("CallerID", "Click To Call <1002>")
        .with("ChannelId", "gui-call-1")
        .with("ActionID", "a3");
    stage.act(&originate);
    stage.wait(2000);
    stage.script("answer 1002");
    stage.script("hangup 1002");
    compare(&stage.told(), &recorded("originate-success"));
}

#[test]
fn an_attended_transfer() {
    let mut stage = Stage::open();
    stage.script("call 1001 1002");
    stage.script("answer 1002");
    let transfer = Request::new("Atxfer")
        .with("Channel", "PJSIP/1002-00000001")
        .with("Context", "from-internal")
        .with("Exten", "1003");
    stage.act(&transfer);
    for line in ["answer 1003", "hangup 1002", "hangup 1001"] {
        stage.script(line);
    }
    compare(&stage.told(), &recorded("attended-transfer-ami"));
}

#[test]
fn on_hold_and_back() {
    let mut stage = Stage::open();
    for line in [
        "call 1001 1002",
        "answer 1002",
        "hold 1001",
        "unhold 1001",
        "hangup 1001",
    ] {
        stage.script(line);
    }
    compare(&stage.told(), &recorded("hold-unhold"));
}

#[test]
fn a_caller_who_does_not_wait() {
    let mut stage = Stage::open();
    for agent in ["1004", "1006", "1012"] {
        let pause = Request::new("QueuePause")
            .with("Queue", "support")
            .with("Interface", &format!("PJSIP/{agent}"))
            .with("Paused", "true");
        stage.act(&pause);
    }
    stage.said.clear();
    for line in ["call 1001 800", "abandon"] {
        stage.script(line);
    }
    compare(&stage.told(), &recorded("queue-abandon"));
}
