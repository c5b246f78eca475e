//! A board fed with the stream says what is really the case, after every step of a working day.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use ami::{Decoded, Decoder, Limits, Value};
use bytes::BytesMut;
use pbx_simulator::{Class, Habits, Noise, Request, Settings, Truth, World};
use telephony::{
    Board, CallState, DeviceState, LegRole, LegState, Output, Registration, Switchboard, Timestamp,
    TrunkRegistration,
};

const START_MS: u64 = 1_795_220_000_000;

struct Reader {
    switchboard: Switchboard,
    out: Output,
}

impl Reader {
    fn new() -> Self {
        Reader {
            switchboard: Switchboard::new(telephony::Settings::default()),
            out: Output::default(),
        }
    }

    fn read<'a>(&mut self, frames: impl IntoIterator<Item = &'a [u8]>, now_ms: u64) {
        let mut decoder = Decoder::new(Limits::default());
        for frame in frames {
            decoder.push(frame);
            while let Some(Decoded::Message(message)) = decoder.next() {
                self.switchboard
                    .observe(&message, Timestamp(now_ms), &mut self.out);
            }
        }
    }

    /// Asks for every list, as a link does after its login.
    fn resync(&mut self, world: &mut World, now_ms: u64) {
        for (list, action) in self.switchboard.begin_resync(Timestamp(now_ms), &mut self.out) {
            let mut bytes = BytesMut::new();
            action
                .encode(&Value::new("ActionID", "r").unwrap(), &mut bytes)
                .unwrap();
            let sent = ami::wire::parse_action(&bytes).unwrap();
            let headers = sent
                .headers()
                .map(|(name, value)| (name.into_owned(), value.into_owned()));
            let request = Request {
                headers: headers.collect(),
            };
            let reply = world.act(&request, Class::ALL);
            if reply.frames[0].starts_with(b"Response: Error") {
                self.switchboard
                    .list_refused(list, Timestamp(now_ms), &mut self.out);
            }
            self.read(reply.frames.iter().map(AsRef::as_ref), now_ms);
        }
        assert!(!self.switchboard.is_resyncing());
    }
}

fn device_state(word: &str) -> DeviceState {
    match word {
        "NOT_INUSE" => DeviceState::NotInUse,
        "INUSE" => DeviceState::InUse,
        "BUSY" => DeviceState::Busy,
        "UNAVAILABLE" => DeviceState::Unavailable,
        "RINGING" => DeviceState::Ringing,
        "RINGINUSE" => DeviceState::RingInUse,
        "ONHOLD" => DeviceState::OnHold,
        other => panic!("no such device state: {other}"),
    }
}

/// Whose legs are up, over all calls; a channel is in one call only.
fn legs(board: &Board) -> BTreeMap<String, bool> {
    let mut all = BTreeMap::new();
    for leg in board.calls.values().flat_map(|call| &call.legs) {
        if leg.role == LegRole::Internal || matches!(leg.state, LegState::Ended(_)) {
            continue;
        }
        let up = matches!(leg.state, LegState::Up | LegState::Talking | LegState::Holding);
        assert_eq!(
            all.insert(leg.id.0.clone(), up),
            None,
            "{} is in two calls",
            leg.id.0
        );
    }
    all
}

fn compare(board: &Board, truth: &Truth) {
    assert_eq!(legs(board), truth.channels);
    for (pair, held) in &truth.talking {
        let call = board.calls.values().find(|call| {
            let ids: BTreeSet<&str> = call.legs.iter().map(|leg| leg.id.0.as_str()).collect();
            pair.iter().all(|id| ids.contains(id.as_str()))
        });
        let call = call.unwrap_or_else(|| panic!("no call holds both of {pair:?}"));
        if *held {
            assert_eq!(call.state, CallState::OnHold, "{:?}", call.id);
        } else {
            assert!(
                matches!(call.state, CallState::Talking | CallState::OnHold),
                "{:?}",
                call.state
            );
        }
    }
    for (number, person) in &truth.people {
        let row = board
            .extensions
            .get(number)
            .unwrap_or_else(|| panic!("{number} is missing"));
        assert_eq!(row.device_state, device_state(person.device_state), "{number}");
        let registration = if person.registered {
            Registration::Registered
        } else {
            Registration::Unregistered
        };
        assert_eq!(row.registration, registration, "{number}");
        assert_eq!(row.dnd.unwrap_or(false), person.dnd, "{number}");
        assert_eq!(row.voicemail, person.new_messages, "{number}");
    }
    for (name, queue) in &truth.queues {
        let row = &board.queues[name];
        let waiting: Vec<String> = row
            .waiting
            .iter()
            .map(|waiting| waiting_leg(board, waiting))
            .collect();
        assert_eq!(waiting, queue.waiting, "{name}");
        let members: BTreeMap<_, _> = row
            .members
            .iter()
            .map(|member| {
                (
                    member.interface.clone(),
                    (
                        member.device_state,
                        member.pause_reason.clone().unwrap_or_default(),
                    ),
                )
            })
            .collect();
        let expected: BTreeMap<_, _> = queue
            .members
            .iter()
            .map(|(interface, (state, paused))| {
                (
                    interface.clone(),
                    (device_state(state), paused.clone().unwrap_or_default()),
                )
            })
            .collect();
        assert_eq!(members, expected, "{name}");
        assert_eq!(
            (row.completed, row.abandoned),
            (queue.completed, queue.abandoned),
            "{name}"
        );
    }
    let parked: BTreeMap<String, bool> = board
        .parked
        .values()
        .map(|row| (row.space.clone(), board.calls.contains_key(&row.call)))
        .collect();
    assert_eq!(
        parked,
        truth.parked.keys().map(|space| (space.clone(), true)).collect()
    );
    let seats = board
        .conferences
        .get("900")
        .map_or(0, |room| room.participants.len());
    assert_eq!(seats, truth.conference.len());
    for (name, (registered, used)) in &truth.trunks {
        let row = &board.trunks[name];
        assert_eq!(row.channels as usize, *used, "{name}");
        let up = matches!(
            row.registration,
            TrunkRegistration::Registered | TrunkRegistration::None
        );
        assert_eq!(up, *registered, "{name} is {:?}", row.registration);
    }
}

/// The channel that waits: the caller's, or the one the queue names.
fn waiting_leg(board: &Board, waiting: &telephony::Waiting) -> String {
    let call = &board.calls[&waiting.call];
    let leg = call.legs.iter().find(|leg| {
        leg.party.number == waiting.number
            && !matches!(leg.state, LegState::Ended(_))
            && leg.role != LegRole::Internal
    });
    leg.map_or_else(|| format!("nobody in {:?}", call.id), |leg| leg.id.0.clone())
}

fn live(seed: u64, minutes: u64, noise: Noise) {
    let settings = Settings {
        seed,
        speed: 1.0,
        habits: Habits::Life,
        noise,
        ..Settings::default()
    };
    let mut world = World::new(settings, START_MS);
    let mut reader = Reader::new();
    reader.resync(&mut world, START_MS);
    let end_ms = START_MS + minutes * 60_000;
    let (mut now_ms, mut next_resync_ms) = (START_MS, START_MS + 60_000);
    let mut step = |world: &mut World, now_ms: u64| {
        let frames = world.step(now_ms);
        reader.read(frames.iter().map(|frame| frame.bytes.as_ref()), now_ms);
        if now_ms >= next_resync_ms {
            next_resync_ms += 60_000;
            reader.resync(world, now_ms);
        }
        compare(reader.switchboard.board(), &world.truth());
        reader.out.clear();
        reader.switchboard.board().calls.len()
    };
    while now_ms < end_ms {
        now_ms = world.next_due_ms().unwrap_or(end_ms).clamp(now_ms, end_ms);
        step(&mut world, now_ms);
        now_ms += 1;
    }
    world.calm();
    let mut left = 1;
    while let Some(due_ms) = world.next_due_ms().filter(|due_ms| *due_ms < end_ms + 3_600_000) {
        left = step(&mut world, due_ms.max(now_ms));
        now_ms = now_ms.max(due_ms);
    }
    assert_eq!(left, 0, "calls left on the board");
}

#[test]
fn the_board_is_the_truth_after_every_step() {
    live(1, 6, Noise::Some);
}

#[test]
fn noise_changes_nothing() {
    live(4, 1, Noise::Quiet);
    live(4, 1, Noise::Full);
}

#[test]
#[ignore = "takes minutes: cargo test -p pbx-simulator --release --test board -- --ignored"]
fn hours_of_it() {
    for seed in 1..=10 {
        live(seed, 60, Noise::Some);
    }
}
