//! Claims about the hub.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use ami::{Decoded, Decoder, Limits};
use app::{
    access::{Ability, BuiltIn, Reach, Rights},
    live::protocol::{LiveSnapshot, PbxSnapshot, ServerFrame},
    model::{
        OwnExtension,
        people::TeamId,
        wallboard::{Metric, Page, Place, Scope, TeamOf, Tile, Wallboard},
    },
};
use proptest::prelude::*;
use telephony::{Activity, Board, LegRole, MomentKind, Row};

use super::{
    lane::{Missed, Seen},
    message::Format,
    *,
};
use crate::access::{Sight, screen::Narrow};

fn row(link: LinkStatus) -> PbxRow {
    PbxRow {
        id: PbxId(1),
        name: "Office".into(),
        link,
        blind_spots: Vec::new(),
    }
}

fn extension_changes(hub: &Hub, number: u32) {
    let text = format!(
        "Asterisk Call Manager/11.0.0\r\nEvent: ExtensionStatus\r\nExten: {number}\r\nContext: from-internal\r\n\
         Hint: PJSIP/{number}\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n"
    );
    let mut decoder = Decoder::new(Limits::default());
    decoder.push(text.as_bytes());
    while let Some(decoded) = decoder.next() {
        if let Decoded::Message(message) = decoded {
            hub.observe(PbxId(1), |switchboard, output| {
                switchboard.observe(&message, Timestamp(1), output)
            });
        }
    }
}

/// Folds every frame a lane still has into a copy that begins with nothing.
fn replica(lane: &Lane) -> (u64, BTreeMap<PbxId, (PbxRow, Board)>) {
    let Missed::Frames(frames) = lane.missed(0) else {
        panic!("the ring turned over")
    };
    let (mut sequence, mut boards) = (0, BTreeMap::<PbxId, (PbxRow, Board)>::new());
    for frame in frames {
        let Seen::Message(message) = frame.seen(&Sight::everything(), Format::Postcard, sequence) else {
            panic!("a frame says nothing")
        };
        let ServerFrame::Changes { after, upto, changes } =
            postcard::from_bytes::<ServerFrame>(message.payload()).unwrap()
        else {
            panic!("no changes")
        };
        assert_eq!(after, sequence);
        sequence = upto;
        for change in changes {
            match change {
                LiveChange::Pbx(row) => match boards.get_mut(&row.id) {
                    Some((known, _)) => *known = row,
                    None => drop(boards.insert(row.id, (row, Board::default()))),
                },
                LiveChange::PbxRemoved(pbx) => drop(boards.remove(&pbx)),
                LiveChange::Row { pbx, change } => boards.get_mut(&pbx).unwrap().1.apply(change),
                LiveChange::Note { .. } => panic!("nobody wrote a note"),
            }
        }
    }
    (sequence, boards)
}

#[test]
fn both_lanes_lead_to_the_snapshot_also_when_a_pbx_is_put_anew() {
    let hub = Hub::new("test".into(), Clock::start());
    hub.add(row(LinkStatus::Connecting), Settings::default());
    extension_changes(&hub, 1001);
    extension_changes(&hub, 1002);
    assert_eq!(
        hub.look(PbxId(1), |switchboard, _| switchboard.board().extensions.len()),
        Some(2)
    );
    hub.add(row(LinkStatus::Disabled), Settings::default());
    extension_changes(&hub, 1003);
    let snapshot = hub.snapshot(&Sight::everything());
    hub.flush_fast(&mut hub.lock());
    hub.flush_slow(&mut hub.lock());
    for hidden in [false, true] {
        let (sequence, boards) = replica(hub.lane(hidden));
        assert_eq!(sequence, snapshot.sequence);
        let boards: Vec<PbxSnapshot> = boards
            .into_values()
            .map(|(pbx, board)| PbxSnapshot {
                pbx,
                board,
                notes: Vec::new(),
            })
            .collect();
        assert_eq!(boards, snapshot.pbxs);
    }
}

#[test]
fn a_shared_snapshot_message_joins_the_frames_after_it() {
    let hub = Hub::new("test".into(), Clock::start());
    hub.add(row(LinkStatus::Connecting), Settings::default());
    let (first, message) = hub.snapshot_message(&Sight::everything(), Format::Postcard, 0);
    extension_changes(&hub, 1001);
    let (second, shared) = hub.snapshot_message(&Sight::everything(), Format::Postcard, 0);
    if first == second {
        assert_eq!(message.framed(), shared.framed());
    }
    hub.flush_fast(&mut hub.lock());
    let Missed::Frames(frames) = hub.lane(false).missed(second) else {
        panic!("a hole")
    };
    assert!(frames.first().is_none_or(|frame| frame.after <= second));
}

#[test]
fn few_pages_are_told_sooner_than_many() {
    assert_eq!(tick(0), SHORTEST_TICK);
    assert_eq!(tick(20), SHORTEST_TICK);
    assert!(tick(200) > SHORTEST_TICK && tick(200) < LONGEST_TICK);
    assert_eq!(tick(usize::MAX), LONGEST_TICK);
}

#[test]
fn a_ring_that_turned_over_asks_for_a_snapshot() {
    let hub = Hub::new("test".into(), Clock::start());
    hub.add(row(LinkStatus::Connecting), Settings::default());
    for number in 0..100 {
        hub.set_row(PbxId(1), |row| row.name = format!("{number}"));
        hub.flush_fast(&mut hub.lock());
    }
    assert!(matches!(hub.lane(false).missed(1), Missed::TooMuch));
    assert!(matches!(hub.lane(false).missed(101), Missed::Frames(frames) if frames.is_empty()));
}

/// Somebody of the office that the captures were made in.
fn rights(role: BuiltIn, own: &[&str], team: &[&str], queues: &[&str]) -> Rights {
    let on = |number: &&str| OwnExtension {
        pbx: PbxId(1),
        number: (*number).into(),
    };
    Rights {
        abilities: role.abilities(),
        pbx: Some(PbxId(1)),
        own: own.iter().map(on).collect(),
        team_extensions: team.iter().map(on).collect(),
        team_queues: queues.iter().map(|queue| (PbxId(1), (*queue).into())).collect(),
    }
}

/// Everyone who looks at the same boards: all that can be seen, less and less of it, and nothing.
fn everyone() -> Vec<Rights> {
    let mut only_calls = rights(BuiltIn::Viewer, &[], &["1003"], &[]);
    only_calls.abilities.set(Ability::SeePeople, Reach::Nothing);
    only_calls.abilities.set(Ability::SeeCalls, Reach::Teams);
    vec![
        rights(BuiltIn::Admin, &[], &[], &[]),
        rights(BuiltIn::Viewer, &[], &[], &[]),
        rights(BuiltIn::Supervisor, &["1001"], &["1001", "1002"], &["sales"]),
        rights(BuiltIn::Agent, &["1002"], &["1002"], &[]),
        rights(BuiltIn::Agent, &["1003", "1004"], &["1003", "1004"], &["support"]),
        Rights {
            pbx: Some(PbxId(2)),
            ..rights(BuiltIn::Viewer, &["1001"], &[], &[])
        },
        only_calls,
        Rights::none(),
    ]
}

/// The sights of them all, and of screens that some of them have put up.
fn sights() -> Vec<Sight> {
    let tile = |metric, scope| Tile {
        scope,
        ..Tile::new(
            metric,
            Place {
                x: 0,
                y: 0,
                wide: 1,
                high: 1,
            },
        )
    };
    let board = |tiles| Wallboard {
        pages: vec![Page {
            tiles,
            ..Page::default()
        }],
        ..Wallboard::default()
    };
    let support = Scope::Queues(vec![(PbxId(1), "support".into())]);
    let boards = [
        board(vec![
            tile(Metric::Waiting, support.clone()),
            tile(Metric::AgentList, support.clone()),
        ]),
        board(vec![
            tile(Metric::Calls, support),
            tile(Metric::WaitingList, Scope::Everything),
        ]),
        board(vec![
            tile(Metric::Calls, Scope::Everything),
            tile(Metric::AgentList, Scope::Team(TeamId(1))),
        ]),
        board(Vec::new()),
    ];
    let team = TeamOf {
        id: TeamId(1),
        name: "Support".into(),
        extensions: vec![OwnExtension {
            pbx: PbxId(1),
            number: "1002".into(),
        }],
    };
    let mut sights: Vec<Sight> = everyone().iter().map(Sight::of).collect();
    for (at, board) in boards.iter().enumerate() {
        for rights in everyone().iter().take(4) {
            let narrow = Narrow::to(board, std::slice::from_ref(&team), at % 2 == 0);
            sights.push(Sight::of_screen(rights, narrow));
        }
    }
    sights
}

/// A page that folds what it is told.
struct Replica {
    sight: Sight,
    hidden: bool,
    told: u64,
    sequence: u64,
    boards: BTreeMap<PbxId, Board>,
    /// Every row that it could have seen at some time.
    ever: BTreeSet<Key>,
}

impl Replica {
    fn look(&mut self, whole: &LiveSnapshot, private: &BTreeSet<PbxId>) {
        for one in &self.sight.snapshot(whole, private, |_, _| None).pbxs {
            self.ever.extend(one.board.rows().map(|row| row.key()));
        }
    }

    fn catch_up(&mut self, hub: &Hub) {
        let Missed::Frames(frames) = hub.lane(self.hidden).missed(self.sequence) else {
            panic!("the ring turned over")
        };
        for frame in frames {
            match frame.seen(&self.sight, Format::Postcard, self.told) {
                Seen::Message(message) => {
                    let read = postcard::from_bytes::<ServerFrame>(message.payload()).unwrap();
                    let ServerFrame::Changes { after, upto, changes } = read else {
                        panic!("no changes")
                    };
                    assert!(after <= self.told && upto == frame.upto && !changes.is_empty());
                    self.told = upto;
                    for change in changes {
                        self.fold(change);
                    }
                }
                Seen::Nothing => {}
                Seen::NotMade => panic!("a frame was made without this page in mind"),
            }
            self.sequence = frame.upto;
        }
    }

    fn fold(&mut self, change: LiveChange) {
        match change {
            LiveChange::Pbx(row) => drop(self.boards.entry(row.id).or_default()),
            LiveChange::PbxRemoved(pbx) => drop(self.boards.remove(&pbx)),
            LiveChange::Note { .. } => panic!("nobody wrote a note"),
            LiveChange::Row { pbx, change } => {
                let board = self
                    .boards
                    .get_mut(&pbx)
                    .expect("a row of a PBX that is not seen");
                if let Change::Remove(key) = &change {
                    assert!(
                        self.sight.is_whole() || self.ever.contains(key),
                        "hears of {key:?}, which it never saw"
                    );
                }
                board.apply(change);
            }
        }
    }
}

fn captured(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../crates/telephony/tests/captures/{name}.ami",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Authorisation: what is sent is the changes of the filtered board, for every right and wherever frames are cut.
    #[test]
    fn what_is_told_adds_up_to_what_may_be_seen(
        capture in prop::sample::select(vec![
            "attended-transfer-refer", "blind-transfer-ami", "queue-connect-complete", "queue-ringall-two-agents", "park-unpark",
            "confbridge", "pickup-by-group", "list-answers", "supervision", "chanspy-whisper",
        ]),
        private in any::<bool>(),
        cuts in prop::collection::vec(0u8..12, 1..64),
    ) {
        let hub = Hub::new("test".into(), Clock::start());
        hub.add(row(LinkStatus::Connecting), Settings::default());
        hub.set_private(PbxId(1), private);
        hub.flush_fast(&mut hub.lock());
        hub.flush_slow(&mut hub.lock());
        let mut pages: Vec<Replica> = Vec::new();
        for sight in sights() {
            for hidden in [false, true] {
                let sight = sight.clone();
                hub.lane(hidden).joined(Format::Postcard, &sight);
                let begun = hub.snapshot(&sight);
                pages.push(Replica {
                    hidden,
                    told: begun.sequence,
                    sequence: begun.sequence,
                    boards: begun.pbxs.into_iter().map(|one| (one.pbx.id, one.board)).collect(),
                    sight,
                    ever: BTreeSet::new(),
                });
            }
        }
        let mut cuts = cuts.iter().cycle();
        let mut decoder = Decoder::new(Limits::default());
        decoder.push(&captured(capture));
        let mut at = 1_000;
        let mut waiting = 0;
        while let Some(decoded) = decoder.next() {
            let Decoded::Message(message) = decoded else { continue };
            at += 10;
            hub.observe(PbxId(1), |switchboard, output| switchboard.observe(&message, Timestamp(at), output));
            let now = hub.snapshot(&Sight::everything());
            pages.iter_mut().for_each(|page| page.look(&now, &hub.private()));
            let cut = cuts.next().copied();
            match cut {
                Some(0 | 1) => hub.flush_fast(&mut hub.lock()),
                Some(2) => hub.flush_slow(&mut hub.lock()),
                _ => {}
            }
            waiting += usize::from(matches!(cut, Some(0..=2)));
            // Whoever is further behind than a lane reaches back takes a snapshot instead.
            if cut == Some(3) || waiting == lane::MAX_FRAMES {
                pages.iter_mut().for_each(|page| page.catch_up(&hub));
                waiting = 0;
            }
        }
        hub.flush_fast(&mut hub.lock());
        hub.flush_slow(&mut hub.lock());
        let whole = hub.snapshot(&Sight::everything());
        for page in &mut pages {
            page.catch_up(&hub);
            let seen = page.sight.snapshot(&whole, &hub.private(), |_, _| None).into_owned();
            let seen: BTreeMap<PbxId, Board> = seen.pbxs.into_iter().map(|one| (one.pbx.id, one.board)).collect();
            prop_assert_eq!(&page.boards, &seen, "{:?} hidden: {}", page.sight.rights(), page.hidden);
        }
    }
}

/// A note as nobody else writes one.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Flag(u32);

impl app::live::note::Note for Flag {
    const KIND: &'static str = "flag";

    fn id(&self) -> String {
        "one".into()
    }
}

fn flags(page: &Sight, hub: &Hub, told: u64) -> (u64, Vec<Option<u32>>) {
    hub.flush_fast(&mut hub.lock());
    let Missed::Frames(frames) = hub.lane(false).missed(told) else {
        panic!("the ring turned over")
    };
    let mut heard = Vec::new();
    let mut upto = told;
    for frame in frames {
        upto = frame.upto;
        let Seen::Message(message) = frame.seen(page, Format::Postcard, told) else {
            continue;
        };
        let read = postcard::from_bytes::<ServerFrame>(message.payload()).unwrap();
        let ServerFrame::Changes { changes, .. } = read else {
            panic!("no changes")
        };
        heard.extend(changes.into_iter().filter_map(|change| match change {
            LiveChange::Note { says, .. } => {
                Some(says.map(|says| app::packed::unpack::<Flag>(&says).unwrap().0))
            }
            LiveChange::Pbx(_) | LiveChange::PbxRemoved(_) | LiveChange::Row { .. } => None,
        }));
    }
    (upto, heard)
}

#[test]
fn a_note_is_seen_by_whoever_has_its_ability_for_what_it_is_about_and_goes_when_that_moves_on() {
    use app::access::{Abilities, Ability, About, Reach, Rights};
    let hub = Hub::new("test".into(), Clock::start());
    hub.add(row(LinkStatus::Live), Settings::default());
    let mut abilities = Abilities::none();
    abilities.set(Ability::Listen, Reach::Teams);
    let team_of = |number: &str| {
        Sight::of(&Rights {
            abilities,
            pbx: Some(PbxId(1)),
            team_extensions: vec![app::model::OwnExtension {
                pbx: PbxId(1),
                number: number.into(),
            }],
            ..Rights::none()
        })
    };
    let (theirs, others) = (team_of("1001"), team_of("1002"));
    hub.lane(false).joined(Format::Postcard, &theirs);
    hub.flush_fast(&mut hub.lock());
    let begun = hub.sequence();
    let about = |number: &str| About::extension(number).by(Ability::Listen);
    hub.put_note(PbxId(1), &Flag(1), about("1001"));
    let (told, heard) = flags(&theirs, &hub, begun);
    assert_eq!(heard, [Some(1)]);
    assert!(flags(&others, &hub, begun).1.is_empty());
    assert_eq!(hub.snapshot(&theirs).pbxs[0].notes.len(), 1);
    assert!(hub.snapshot(&others).pbxs.iter().all(|one| one.notes.is_empty()));
    // the same again wakes nobody
    let before = hub.sequence();
    hub.put_note(PbxId(1), &Flag(1), about("1001"));
    assert_eq!(hub.sequence(), before);
    hub.put_note(PbxId(1), &Flag(2), about("1002"));
    assert_eq!(flags(&theirs, &hub, told).1, [None]);
    let (told, heard) = flags(&others, &hub, told);
    assert_eq!(heard, [Some(2)]);
    hub.remove_note::<Flag>(PbxId(1), "one");
    assert_eq!(flags(&others, &hub, told).1, [None]);
    assert!(flags(&theirs, &hub, told).1.is_empty());
}

/// Whether anything of a row tells that somebody listens.
fn tells_of_listening(row: &Row) -> bool {
    match row {
        Row::Call(call) => {
            let heard = call.legs.len() > 1 && call.legs.iter().any(|leg| leg.role == LegRole::Supervisor);
            let mut told = call.story.iter();
            heard || told.any(|moment| matches!(moment.what, MomentKind::Supervised { .. }))
        }
        Row::Extension(extension) => {
            let mut busy = extension.engagements.iter();
            busy.any(|one| one.activity == Activity::Supervising)
        }
        Row::Queue(_) | Row::Trunk(_) | Row::Parked(_) | Row::Conference(_) => false,
    }
}

#[test]
fn who_is_listened_to_does_not_see_it_where_that_is_private() {
    let agent = rights(BuiltIn::Agent, &["1002"], &[], &[]);
    let supervisor = rights(BuiltIn::Supervisor, &["1011"], &["1002"], &[]);
    // somebody of the supervisors' own team, who sees their calls and may not listen
    let beside = rights(BuiltIn::Agent, &["1004"], &["1010", "1011"], &[]);
    for (who, private, expected) in [
        (&agent, true, false),
        (&agent, false, true),
        (&beside, true, false),
        (&supervisor, true, true),
    ] {
        let hub = Hub::new("test".into(), Clock::start());
        hub.add(row(LinkStatus::Connecting), Settings::default());
        hub.set_private(PbxId(1), private);
        let sight = Sight::of(who);
        hub.lane(false).joined(Format::Postcard, &sight);
        let mut decoder = Decoder::new(Limits::default());
        decoder.push(&captured("supervision"));
        let (mut at, mut told, mut heard) = (1_000, hub.sequence(), false);
        while let Some(decoded) = decoder.next() {
            let Decoded::Message(message) = decoded else {
                continue;
            };
            at += 10;
            hub.observe(PbxId(1), |switchboard, output| {
                switchboard.observe(&message, Timestamp(at), output)
            });
            hub.flush_fast(&mut hub.lock());
            let Missed::Frames(frames) = hub.lane(false).missed(told) else {
                panic!("the ring turned over")
            };
            for frame in frames {
                if let Seen::Message(message) = frame.seen(&sight, Format::Postcard, told) {
                    let read = postcard::from_bytes::<ServerFrame>(message.payload()).unwrap();
                    let ServerFrame::Changes { changes, .. } = read else {
                        panic!("no changes")
                    };
                    for change in changes {
                        if let LiveChange::Row {
                            change: Change::Upsert(row),
                            ..
                        } = change
                        {
                            heard |= tells_of_listening(&row);
                        }
                    }
                }
                told = frame.upto;
            }
            let seen = hub.snapshot(&sight);
            let mut rows = seen.pbxs.iter().flat_map(|one| one.board.rows());
            heard |= rows.any(|row| tells_of_listening(&row));
        }
        assert_eq!(heard, expected, "private: {private}, {who:?}");
    }
}

#[test]
fn another_policy_tells_everybody_anew_what_they_see() {
    let hub = Hub::new("test".into(), Clock::start());
    hub.add(row(LinkStatus::Connecting), Settings::default());
    let bytes = captured("supervision");
    let mut decoder = Decoder::new(Limits::default());
    // up to where two listen
    decoder.push(&bytes);
    let listened = |hub: &Hub, sight: &Sight| {
        let seen = hub.snapshot(sight);
        seen.pbxs
            .iter()
            .flat_map(|one| one.board.rows())
            .any(|row| tells_of_listening(&row))
    };
    let sight = Sight::of(&rights(BuiltIn::Agent, &["1002"], &[], &[]));
    let mut at = 1_000;
    while !listened(&hub, &sight) {
        let Some(Decoded::Message(message)) = decoder.next() else {
            continue;
        };
        at += 10;
        hub.observe(PbxId(1), |switchboard, output| {
            switchboard.observe(&message, Timestamp(at), output)
        });
    }
    hub.lane(false).joined(Format::Postcard, &sight);
    hub.flush_fast(&mut hub.lock());
    let told = hub.sequence();
    hub.set_private(PbxId(1), true);
    assert!(!listened(&hub, &sight));
    hub.flush_fast(&mut hub.lock());
    let Missed::Frames(frames) = hub.lane(false).missed(told) else {
        panic!("the ring turned over")
    };
    let Some(Seen::Message(message)) = frames
        .first()
        .map(|frame| frame.seen(&sight, Format::Postcard, told))
    else {
        panic!("nothing is told")
    };
    let read = postcard::from_bytes::<ServerFrame>(message.payload()).unwrap();
    let ServerFrame::Changes { changes, .. } = read else {
        panic!("no changes")
    };
    let calls = changes.iter().filter_map(|change| match change {
        LiveChange::Row {
            change: Change::Upsert(row @ Row::Call(_)),
            ..
        } => Some(row),
        _ => None,
    });
    let calls: Vec<_> = calls.collect();
    assert!(!calls.is_empty() && !calls.into_iter().any(tells_of_listening));
    hub.set_private(PbxId(1), false);
    assert!(listened(&hub, &sight));
}
