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
use proptest::test_runner::RngSeed;
use support::START;
use support::world::World;
use telephony::{
    Activity, Board, Call, CallId, CallState, Direction, Engagement, Extension, Left, Leg, LegRole, LegState,
    List, Output, Settings, Switchboard, Timestamp, Visit,
    visit::{MAX_RINGS, RingEnd},
};

/// Visits as they were last told, by what names them.
type Visits = BTreeMap<(String, String, u32), Visit>;

fn visits(told: &[Visit]) -> Visits {
    let named = |visit: &Visit| (visit.queue.clone(), visit.channel.clone(), visit.serial);
    told.iter().map(|visit| (named(visit), visit.clone())).collect()
}

/// The same visit, told by two who listened from other moments on: where the PBX stamps its events, each maps the stamps
/// onto our clock by the smallest delay it has seen.
fn assert_alike(one: &Visit, other: &Visit, at: &str) {
    const DELAY_MS: u64 = 20;
    let timeless = |visit: &Visit| {
        let mut times = vec![visit.joined];
        let mut visit = visit.clone();
        // whose name came with the birth of the channel, and which call it became part of
        (visit.name, visit.call, visit.joined) = (None, CallId(String::new()), START);
        for ring in &mut visit.rings {
            times.push(std::mem::replace(&mut ring.began, START));
            times.extend(
                ring.ended
                    .as_mut()
                    .map(|ended| std::mem::replace(&mut ended.0, START)),
            );
        }
        times.extend(
            visit
                .left
                .as_mut()
                .map(|left| std::mem::replace(&mut left.0, START)),
        );
        if let Some(talk) = &mut visit.talk {
            times.push(std::mem::replace(&mut talk.began, START));
            times.extend(
                talk.ended
                    .as_mut()
                    .map(|ended| std::mem::replace(&mut ended.0, START)),
            );
        }
        (visit, times)
    };
    let ((one, mine), (other, theirs)) = (timeless(one), timeless(other));
    assert_eq!(one, other, "{at}");
    for (mine, theirs) in mine.iter().zip(&theirs) {
        assert!(
            mine.0.abs_diff(theirs.0) <= DELAY_MS,
            "{at}: {mine:?} {theirs:?}: {one:?}"
        );
    }
}

/// What holds of every visit, whatever was lost of it.
fn assert_sound(visit: &Visit) {
    let answered = matches!(visit.left, Some((_, Left::Answered)));
    assert_eq!(answered, visit.talk.is_some(), "{visit:?}");
    assert!(visit.rings.len() <= MAX_RINGS, "{visit:?}");
    assert!(visit.left.is_none_or(|(at, _)| at >= visit.joined), "{visit:?}");
    let by = |end: RingEnd| {
        visit
            .rings
            .iter()
            .filter(move |ring| matches!(ring.ended, Some((_, how)) if how == end))
    };
    assert!(
        by(RingEnd::Answered).count() <= usize::from(answered),
        "{visit:?}"
    );
    for ring in &visit.rings {
        assert!(ring.ended.is_none_or(|(at, _)| at >= ring.began), "{visit:?}");
        assert!(ring.ended.is_some() || visit.left.is_none(), "{visit:?}");
    }
    if let (Some(talk), Some((left, _))) = (&visit.talk, visit.left) {
        assert_eq!(talk.began, left, "{visit:?}");
        let talked = talk.ended.map(|(at, _)| at.since_ms(talk.began));
        assert!(talked.is_none_or(|talked| talk.held_ms <= talked), "{visit:?}");
    }
}

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
            assert_eq!(
                serde_json::from_str::<Board>(&text).ok().as_ref(),
                Some(board),
                "{name}"
            );
            let bytes = postcard::to_stdvec(board).expect("a board is postcard");
            assert_eq!(
                postcard::from_bytes::<Board>(&bytes).ok().as_ref(),
                Some(board),
                "{name}"
            );
        }
    }
    assert!(parked > 0, "no recording parks a call");
}

#[test]
fn replica_holds_as_well_when_changes_are_given_out_after_many_messages() {
    for (name, messages) in RECORDINGS.iter() {
        let mut single = Switchboard::new(Settings::default());
        let mut told = Output::default();
        for (now, message) in messages {
            single.observe(message, *now, &mut told);
        }
        for batch in [2, 7, 31, usize::MAX] {
            let mut switchboard = Switchboard::new(Settings::default());
            let (mut replica, mut out) = (Replica::default(), Output::default());
            for some in messages.chunks(batch.min(messages.len())) {
                for (now, message) in some {
                    switchboard.note(message, *now);
                }
                switchboard.flush(&mut out);
                replica.follow(&mut out);
                assert_eq!(replica.0, *switchboard.board(), "{name} by {batch}");
            }
            assert_eq!(switchboard.board(), single.board(), "{name} by {batch}");
            assert_eq!(out.ended, told.ended, "{name} by {batch}");
            assert_eq!(out.gaps, told.gaps, "{name} by {batch}");
        }
    }
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
        let ends = call
            .legs
            .iter()
            .filter(|leg| !matches!(leg.state, LegState::Ended(_)))
            .any(|leg| leaving.contains(&leg.id.0));
        let people: BTreeSet<String> = people(call).map(|leg| leg.id.0.clone()).collect();
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

/// Legs of a call that stand for somebody who takes part and is still there.
fn people(call: &Call) -> impl Iterator<Item = &Leg> {
    call.legs.iter().filter(|leg| {
        !matches!(leg.state, LegState::Ended(_))
            && !matches!(leg.role, LegRole::Internal | LegRole::Supervisor)
    })
}

/// On how many calls each extension is talking or holding. Who is the last one left on a call hears nobody:
/// one who watched all along leaves the last word standing until the hang-up, one who was told by lists knows
/// no such word.
fn engaged(board: &Board) -> BTreeMap<String, usize> {
    let in_company = |id: &CallId| {
        board
            .calls
            .get(id)
            .is_some_and(|call| people(call).nth(1).is_some())
    };
    let busy = |engagement: &&Engagement| match engagement.activity {
        Activity::Talking | Activity::OnHold => in_company(&engagement.call),
        Activity::Conference => true,
        Activity::Ringing | Activity::Dialling | Activity::Waiting | Activity::Supervising => false,
    };
    let count = |extension: &Extension| extension.engagements.iter().filter(busy).count();
    board
        .extensions
        .values()
        .map(|extension| (extension.number.clone(), count(extension)))
        .filter(|it| it.1 > 0)
        .collect()
}

/// Messages that concern a switchboard: no other can make a difference to it.
fn relevant(messages: &[(Timestamp, Message)]) -> Vec<bool> {
    let mut switchboard = Switchboard::new(Settings::default());
    let mut out = Output::default();
    let mut concerns = |(now, message): &(Timestamp, Message)| {
        let before = switchboard.counters().relevant;
        switchboard.observe(message, *now, &mut out);
        switchboard.counters().relevant > before
    };
    messages.iter().map(&mut concerns).collect()
}

/// The moments after which the PBX was silent for a while: between the events of one instant a list shows
/// half of what happens in it.
fn quiet(messages: &[(Timestamp, Message)]) -> impl Iterator<Item = usize> {
    const SILENCE_MS: u64 = 20;
    let silent = |index: &usize| {
        let next = messages.get(*index);
        next.is_none_or(|next| next.0.since_ms(messages[*index - 1].0) >= SILENCE_MS)
    };
    (1..=messages.len()).filter(silent)
}

/// One link is cut after `seen` and back when `missed` is over; another link has seen it all.
fn resync_after_a_cut(
    name: &str,
    (whole, world, lists): (&Board, &World, &[Message]),
    truth: &Visits,
    [seen, missed, rest]: [&[&(Timestamp, Message)]; 3],
) {
    let at = format!("{name}, cut after {} messages for {}", seen.len(), missed.len());
    let mut cut_off = Switchboard::new(Settings::default());
    let (mut replica, mut out) = (Replica::default(), Output::default());
    for (now, message) in seen {
        cut_off.observe(message, *now, &mut out);
    }
    let cut = seen.last().map_or(START, |message| message.0);
    let now = missed.last().map_or(cut, |message| message.0);
    cut_off.link_lost(cut, &mut out);
    let asked = cut_off.begin_resync(now, &mut out);
    assert_eq!(asked.len(), List::ALL.len());
    assert_eq!(out.gaps.len(), 1);
    for message in lists {
        cut_off.observe(message, now, &mut out);
    }
    replica.follow(&mut out);
    assert_eq!(replica.0, *cut_off.board(), "{at}");
    // the caller of a queue whom an agent's phone sends on is in the queue's application until the next phone answers: a
    // list does not tell them from one who waits
    if name != "queue-handed-on" {
        assert_eq!(
            view(cut_off.board(), &world.leaving),
            view(whole, &world.leaving),
            "{at}"
        );
    }
    if world.leaving.is_empty() {
        // One left behind by a transfer who has not hung up yet may be taken for one held, not the reverse.
        let (found, busy) = (engaged(cut_off.board()), engaged(whole));
        let missing = busy
            .iter()
            .find(|(number, count)| found.get(*number) != Some(count));
        assert_eq!(missing, None, "{at}: {found:?}");
    }
    for (now, message) in rest {
        cut_off.observe(message, *now, &mut out);
    }
    let told = visits(&out.visits);
    if name != "shutdown-own-connection" {
        assert_no_ghosts(cut_off.board(), name);
        assert!(told.values().all(Visit::is_over), "{at}: {told:#?}");
    }
    // What is not marked was seen as a whole, and is told as who saw everything tells it.
    for (id, visit) in &told {
        assert_sound(visit);
        if !visit.partial {
            let seen = truth.get(id).expect("it was there");
            assert_alike(visit, seen, &at);
        }
    }
    // Nothing is lost and nothing told twice: every channel a call ended with belongs to one ended call.
    let mut legs = BTreeSet::new();
    for ended in &out.ended {
        for leg in ended
            .call
            .legs
            .iter()
            .filter(|leg| leg.role != LegRole::Supervisor)
        {
            assert!(
                legs.insert(leg.id.0.clone()),
                "{at}: {} on two ended calls",
                leg.channel
            );
        }
    }
}

/// Every recording, cut after every message that matters (evenly chosen ones when there are very many), back at
/// every quiet moment after it.
#[test]
fn resync_describing_the_world_again_gives_the_same_board() {
    const MAX_CUTS: usize = 100;
    for (name, messages) in RECORDINGS.iter() {
        let matters = relevant(messages);
        let mut whole = Switchboard::new(Settings::default());
        let (mut world, mut out) = (World::default(), Output::default());
        let mut truth = Switchboard::new(Settings::default());
        for (now, message) in messages {
            truth.observe(message, *now, &mut out);
        }
        let truth = visits(&out.visits);
        let mut seen: Vec<&(Timestamp, Message)> = Vec::new();
        let mut done = 0;
        for back in quiet(messages) {
            for index in done..back {
                let (now, message) = &messages[index];
                world.observe(message);
                if matters[index] {
                    whole.observe(message, *now, &mut out);
                    seen.push(&messages[index]);
                }
            }
            done = back;
            let rest = (back..messages.len()).filter(|index| matters[*index]);
            let rest: Vec<_> = rest.map(|index| &messages[index]).collect();
            let lists = world.describe();
            for cut in (0..=seen.len()).step_by(1 + seen.len() / MAX_CUTS) {
                let (seen, missed) = seen.split_at(cut);
                resync_after_a_cut(
                    name,
                    (whole.board(), &world, &lists),
                    &truth,
                    [seen, missed, &rest],
                );
            }
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
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_120),
        ..ProptestConfig::default()
    })]

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
        for visit in visits(&out.visits).values() {
            assert_sound(visit);
            prop_assert!(visit.is_over(), "{:?}", visit);
        }
    }
}
