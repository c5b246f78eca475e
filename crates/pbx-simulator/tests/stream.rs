//! The stream of a living PBX keeps Asterisk's rules: channels and bridges are born, live and die in order,
//! nothing is left when people stop, and the same seed gives the same bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use ami::{Decoded, Decoder, Limits, Message};
use pbx_simulator::{Frame, Habits, Noise, Settings, World};

const START_MS: u64 = 1_795_220_000_000;

/// Events that run their own way: before a channel is told or after it is gone.
const APART: [&str; 3] = ["CEL", "Cdr", "OriginateResponse"];

/// Follows a stream and panics where it breaks a rule.
#[derive(Default)]
struct Watcher {
    decoder: Option<Decoder>,
    channels: BTreeMap<String, String>,
    bridges: BTreeMap<String, BTreeSet<String>>,
    seen: BTreeMap<String, usize>,
}

impl Watcher {
    fn read(&mut self, frames: &[Frame]) {
        let mut decoder = self
            .decoder
            .take()
            .unwrap_or_else(|| Decoder::new(Limits::default()));
        for frame in frames {
            decoder.push(&frame.bytes);
            match decoder.next() {
                Some(Decoded::Message(message)) => self.follow(&message),
                other => panic!("not one message: {other:?} of {:?}", frame.bytes),
            }
        }
        self.decoder = Some(decoder);
    }

    fn follow(&mut self, message: &Message) {
        let name = message.event_name().unwrap().to_owned();
        *self.seen.entry(name.clone()).or_default() += 1;
        if APART.contains(&name.as_str()) {
            return;
        }
        let get = |header: &str| message.get(header).map(|value| value.into_owned());
        let channel = get("Channel");
        if name == "Newchannel" {
            let before = self
                .channels
                .insert(channel.clone().unwrap(), get("Uniqueid").unwrap());
            assert_eq!(before, None, "{channel:?} is born twice");
        }
        for (header, value) in message.headers() {
            let is_channel = header.ends_with("Channel") && header != "ConnectedChannel";
            if is_channel {
                assert!(
                    self.channels.contains_key(value.as_ref()),
                    "{name} names {value}, which is not up"
                );
            }
        }
        let bridge = get("BridgeUniqueid");
        match name.as_str() {
            "BridgeCreate" => {
                assert!(self.bridges.insert(bridge.unwrap(), BTreeSet::new()).is_none());
            }
            "BridgeEnter" => {
                let members = self
                    .bridges
                    .get_mut(&bridge.unwrap())
                    .expect("a bridge that is up");
                assert!(members.insert(channel.unwrap()));
                assert_eq!(get("BridgeNumChannels").unwrap(), members.len().to_string());
            }
            "BridgeLeave" => {
                let members = self
                    .bridges
                    .get_mut(&bridge.unwrap())
                    .expect("a bridge that is up");
                assert!(members.remove(&channel.unwrap()), "leaves without having entered");
            }
            "BridgeDestroy" => {
                let members = self
                    .bridges
                    .remove(&bridge.unwrap())
                    .expect("a bridge that is up");
                assert_eq!(members, BTreeSet::new());
            }
            "Hangup" => {
                let channel = channel.unwrap();
                let inside = self.bridges.values().any(|members| members.contains(&channel));
                assert!(!inside, "{channel} hangs up inside a bridge");
                assert_eq!(self.channels.remove(&channel), get("Uniqueid"));
            }
            _ => {}
        }
    }
}

fn settings(seed: u64, habits: Habits) -> Settings {
    Settings {
        seed,
        speed: 1.0,
        habits,
        noise: Noise::Full,
        ..Settings::default()
    }
}

fn live(world: &mut World, from_ms: u64, to_ms: u64, mut each: impl FnMut(&[Frame], &World)) {
    let mut now_ms = from_ms;
    while now_ms < to_ms {
        now_ms = world.next_due_ms().unwrap_or(to_ms).clamp(now_ms, to_ms);
        let frames = world.step(now_ms);
        each(&frames, world);
        now_ms += 1;
    }
}

#[test]
fn a_working_day_leaves_nothing_behind() {
    for seed in [1, 5] {
        let mut world = World::new(
            Settings {
                noise: Noise::Some,
                ..settings(seed, Habits::Life)
            },
            START_MS,
        );
        let mut watcher = Watcher::default();
        let end_ms = START_MS + 1_200_000;
        live(&mut world, START_MS, end_ms, |frames, world| {
            watcher.read(frames);
            assert_eq!(watcher.channels.len(), world.channels_up());
        });
        world.calm();
        live(&mut world, end_ms, end_ms + 3_600_000, |frames, _| {
            watcher.read(frames)
        });
        assert_eq!(watcher.channels, BTreeMap::new(), "seed {seed}");
        assert_eq!(world.channels_up(), 0);
        let left: Vec<_> = watcher.bridges.values().collect();
        assert!(
            left.len() <= 1 && left.iter().all(|members| members.is_empty()),
            "only the parking lot stays"
        );
        for kind in [
            "Hold",
            "BlindTransfer",
            "AttendedTransfer",
            "ParkedCall",
            "UnParkedCall",
            "QueueCallerAbandon",
            "AgentConnect",
            "AgentComplete",
            "ConfbridgeJoin",
            "QueueMemberPause",
            "MessageWaiting",
            "Registry",
            "ContactStatus",
        ] {
            assert!(
                watcher.seen.contains_key(kind),
                "seed {seed}: no {kind} in twenty minutes"
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let day = |seed| {
        let mut world = World::new(settings(seed, Habits::Life), START_MS);
        let mut all = Vec::new();
        live(&mut world, START_MS, START_MS + 200_000, |frames, _| {
            all.extend_from_slice(frames)
        });
        all
    };
    let first = day(7);
    assert!(first.len() > 1000);
    assert_eq!(first, day(7));
    assert_ne!(first, day(8));
}

#[test]
fn a_load_has_the_shape_of_real_calls() {
    let habits = Habits::Load {
        calls_per_s: 60.0,
        talk_s: 5.0,
    };
    let mut world = World::new(settings(1, habits), START_MS);
    let (mut events, mut most) = (0, 0);
    // the first calls have not yet ended: the rate is that of the seconds after them
    let steady_ms = START_MS + 10_000;
    live(&mut world, START_MS, steady_ms, |_, _| {});
    live(&mut world, steady_ms, steady_ms + 10_000, |frames, world| {
        events += frames.len();
        most = most.max(world.channels_up());
    });
    assert!(events > 6_000 * 9, "{events} events in ten seconds");
    assert!(most > 250, "{most} channels at most");
}
