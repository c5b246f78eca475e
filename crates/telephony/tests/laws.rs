//! The laws of the switchboard, over every recording and over damaged ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a law that does not hold panics"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ami::Message;
use proptest::prelude::*;
use support::START;
use support::world::World;
use telephony::{
    Activity, Board, CallState, Direction, LegRole, LegState, List, Output, Settings, Switchboard, Timestamp,
};

type Recording = (String, Vec<(Timestamp, Message)>);

/// Every recording that ends with an idle PBX and was made on one connection.
static RECORDINGS: LazyLock<Vec<Recording>> = LazyLock::new(|| {
    let names = support::names().into_iter();
    names
        .map(|name| (name.clone(), support::messages(&name)))
        .filter(|(_, messages)| messages.len() > 8)
        .collect()
});

/// What somebody who follows the changes has.
#[derive(Default)]
struct Replica(Board);

impl Replica {
    fn follow(&mut self, out: &mut Output) {
        for change in out.changes.drain(..) {
            self.0.apply(change.clone());
            self.0.apply(change);
        }
    }
}

#[test]
fn replica_folding_changes_gives_the_board_after_every_message_and_twice_does_no_harm() {
    for (name, messages) in RECORDINGS.iter() {
        let mut switchboard = Switchboard::new(Settings::default());
        let (mut replica, mut out) = (Replica::default(), Output::default());
        for (index, (now, message)) in messages.iter().enumerate() {
            switchboard.observe(message, *now, &mut out);
            replica.follow(&mut out);
            assert_eq!(replica.0, *switchboard.board(), "{name}, message {index}");
        }
    }
}

#[test]
fn a_board_crosses_every_wire_unchanged_whatever_is_on_it() {
    let mut parked = 0;
    for (name, messages) in RECORDINGS.iter() {
        let mut switchboard = Switchboard::new(Settings::default());
        let mut out = Output::default();
        for (now, message) in messages {
            switchboard.observe(message, *now, &mut out);
            if out.changes.drain(..).count() == 0 {
                continue;
            }
            let board = switchboard.board();
            parked += usize::from(!board.parked.is_empty());
            let text = serde_json::to_string(board).expect("a board is JSON");
            assert_eq!(serde_json::from_str::<Board>(&text).ok().as_ref(), Some(board), "{name}");
            let bytes = postcard::to_stdvec(board).expect("a board is postcard");
            assert_eq!(postcard::from_bytes::<Board>(&bytes).ok().as_ref(), Some(board), "{name}");
        }
    }
    assert!(parked > 0, "no recording parks a call");
}

#[test]
fn no_change_is_given_out_for_a_row_that_stayed_the_same() {
    for (name, messages) in RECORDINGS.iter() {
        let mut switchboard = Switchboard::new(Settings::default());
        let (mut replica, mut out) = (Board::default(), Output::default());
        let (mut idle, mut all) = (0, 0);
        for (now, message) in messages {
            switchboard.observe(message, *now, &mut out);
            for change in out.changes.drain(..) {
                let before = replica.clone();
                replica.apply(change);
                all += 1;
                idle += usize::from(before == replica);
            }
        }
        assert!(idle * 10 <= all, "{name}: {idle} of {all} changes change nothing");
    }
}

/// The last hang-up leaves nothing behind.
fn assert_no_ghosts(board: &Board, name: &str) {
    assert!(board.calls.is_empty(), "{name}: {:#?}", board.calls);
    assert!(board.parked.is_empty(), "{name}: {:?}", board.parked);
    assert!(board.conferences.is_empty(), "{name}: {:?}", board.conferences);
    for queue in board.queues.values() {
        assert!(queue.waiting.is_empty(), "{name}: {queue:?}");
    }
    for extension in board.extensions.values() {
        assert!(extension.engagements.is_empty(), "{name}: {extension:?}");
    }
    for trunk in board.trunks.values() {
        assert_eq!(trunk.channels, 0, "{name}: {trunk:?}");
    }
}

#[test]
fn no_ghosts_the_last_hang_up_leaves_nothing() {
    for (name, messages) in RECORDINGS.iter() {
        // This connection stopped the PBX and was told nothing more.
        if name == "shutdown-own-connection" {
            continue;
        }
        let mut switchboard = Switchboard::new(Settings::default());
        let mut out = Output::default();
        for (now, message) in messages {
            switchboard.observe(message, *now, &mut out);
        }
        assert_no_ghosts(switchboard.board(), name);
        let ids: BTreeSet<_> = out.ended.iter().map(|ended| ended.call.id.clone()).collect();
        assert_eq!(ids.len(), out.ended.len(), "{name}: a call ended twice");
    }
}

/// What two observers of the same PBX agree on, whenever each of them began to look: who is on which call
/// together, and what they do. Not: times, stories, legs that ended, and what no list tells (hold, a dial in
/// which nothing rings yet, what service a caller hears, muted conference participants).
/// A call somebody is hanging up keeps its last word until that is done; lists show no such thing.
fn view(board: &Board, leaving: &BTreeSet<String>) -> BTreeMap<BTreeSet<String>, (String, Direction)> {
    let mut calls = BTreeMap::new();
    for call in board.calls.values() {
        let live = |leg: &&telephony::Leg| !matches!(leg.state, LegState::Ended(_));
        let ends = call
            .legs
            .iter()
            .filter(live)
            .any(|leg| leaving.contains(&leg.id.0));
        let people = call
            .legs
            .iter()
            .filter(live)
            .filter(|leg| leg.role != LegRole::Internal);
        let people: BTreeSet<String> = people
            .filter(|leg| leg.role != LegRole::Supervisor)
            .map(|leg| leg.id.0.clone())
            .collect();
        let state = match &call.state {
            _ if ends => "ending".to_owned(),
            CallState::OnHold | CallState::Talking if people.len() > 1 => "talking".to_owned(),
            CallState::Waiting | CallState::Parked | CallState::Conference => format!("{:?}", call.state),
            CallState::Dialling
            | CallState::Service(_)
            | CallState::Ringing
            | CallState::OnHold
            | CallState::Talking => "not talking".to_owned(),
        };
        calls.insert(people, (state, call.direction));
    }
    calls
}

fn engaged(board: &Board) -> BTreeMap<String, usize> {
    let busy = |activity: &Activity| {
        matches!(
            activity,
            Activity::Talking | Activity::OnHold | Activity::Conference
        )
    };
    let count = |extension: &telephony::Extension| {
        extension
            .engagements
            .iter()
            .filter(|engagement| busy(&engagement.activity))
            .count()
    };
    board
        .extensions
        .values()
        .map(|extension| (extension.number.clone(), count(extension)))
        .filter(|it| it.1 > 0)
        .collect()
}

/// The next moment after which the PBX was silent for a while: between the events of one instant a list shows
/// half of what happens in it.
fn quiet(messages: &[(Timestamp, Message)], from: usize) -> usize {
    const SILENCE_MS: u64 = 20;
    let silent = |index: &usize| messages[*index].0.since_ms(messages[*index - 1].0) >= SILENCE_MS;
    (from..messages.len()).find(silent).unwrap_or(messages.len())
}

fn resync_after_a_cut(name: &str, messages: &[(Timestamp, Message)], cut: usize, back: usize) {
    let mut whole = Switchboard::new(Settings::default());
    let mut cut_off = Switchboard::new(Settings::default());
    let mut world = World::default();
    let (mut out, mut cut_out) = (Output::default(), Output::default());
    let mut replica = Replica::default();
    for (index, (now, message)) in messages[..back].iter().enumerate() {
        whole.observe(message, *now, &mut out);
        world.observe(message);
        if index < cut {
            cut_off.observe(message, *now, &mut cut_out);
        }
    }
    let now = messages[back - 1].0;
    cut_off.link_lost(messages[cut.saturating_sub(1)].0, &mut cut_out);
    let asked = cut_off.begin_resync(now, &mut cut_out);
    assert_eq!(asked.len(), List::ALL.len());
    assert_eq!(cut_out.gaps.len(), 1);
    for message in world.describe() {
        cut_off.observe(&message, now, &mut cut_out);
    }
    replica.follow(&mut cut_out);
    assert_eq!(replica.0, *cut_off.board(), "{name} {cut}..{back}");
    assert_eq!(
        view(cut_off.board(), &world.leaving),
        view(whole.board(), &world.leaving),
        "{name} {cut}..{back}"
    );
    if world.leaving.is_empty() {
        // One left behind by a transfer who has not hung up yet may be taken for one held, not the reverse.
        let (found, busy) = (engaged(cut_off.board()), engaged(whole.board()));
        let missing = busy
            .iter()
            .find(|(number, count)| found.get(*number) != Some(count));
        assert_eq!(missing, None, "{name} {cut}..{back}: {found:?}");
    }
    for (now, message) in &messages[back..] {
        whole.observe(message, *now, &mut out);
        cut_off.observe(message, *now, &mut cut_out);
    }
    if name != "shutdown-own-connection" {
        assert_no_ghosts(cut_off.board(), name);
    }
    // Nothing is lost and nothing told twice: every channel a call ended with belongs to one ended call.
    let mut legs = BTreeSet::new();
    for ended in &cut_out.ended {
        for leg in ended
            .call
            .legs
            .iter()
            .filter(|leg| leg.role != LegRole::Supervisor)
        {
            assert!(
                legs.insert(leg.id.0.clone()),
                "{name} {cut}..{back}: {} on two ended calls",
                leg.channel
            );
        }
    }
}

fn damaged() -> impl Strategy<Value = Vec<(Timestamp, Message)>> {
    let pick = (0..RECORDINGS.len(), any::<u64>(), 0..4u64, 0..4u64, 0..4u64);
    pick.prop_map(|(index, seed, lose, repeat, swap)| {
        let mut random = seed;
        let mut next = move |below: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let mut messages = Vec::new();
        for (now, message) in &RECORDINGS[index].1 {
            if next(20) < lose {
                continue;
            }
            messages.push((*now, message.clone()));
            if next(20) < repeat {
                messages.push((*now, message.clone()));
            }
        }
        let len = messages.len() as u64;
        for _ in 0..len * swap / 8 {
            let from = next(len) as usize;
            let to = (from + next(12) as usize).min(messages.len() - 1);
            messages.swap(from, to);
        }
        messages
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resync_describing_the_world_again_gives_the_same_board(pick in any::<prop::sample::Index>(), one in 0.0..1.0f64, two in 0.0..1.0f64) {
        let (name, messages) = &RECORDINGS[pick.index(RECORDINGS.len())];
        let at = |part: f64| ((messages.len() - 1) as f64 * part) as usize + 1;
        let (cut, back) = (at(one.min(two)), quiet(messages, at(one.max(two))));
        resync_after_a_cut(name, messages, cut, back);
    }

    #[test]
    fn total_whatever_is_lost_repeated_or_out_of_order(messages in damaged()) {
        let mut switchboard = Switchboard::new(Settings::default());
        let (mut replica, mut out) = (Replica::default(), Output::default());
        for (now, message) in &messages {
            switchboard.observe(message, *now, &mut out);
            replica.follow(&mut out);
        }
        prop_assert_eq!(&replica.0, switchboard.board());
        for call in switchboard.board().calls.values() {
            prop_assert!(call.legs.len() <= telephony::board::MAX_LEGS);
            prop_assert!(call.story.len() <= telephony::board::MAX_MOMENTS);
        }
        // An empty world heals whatever damage was done.
        switchboard.begin_resync(Timestamp(START.0 + 1_000_000), &mut out);
        for message in World::default().describe() {
            switchboard.observe(&message, Timestamp(START.0 + 1_000_001), &mut out);
        }
        replica.follow(&mut out);
        assert_no_ghosts(switchboard.board(), "damaged");
        prop_assert_eq!(&replica.0, switchboard.board());
    }
}
