//! The board of signals agrees with the plain board, whatever comes and however it is batched.

use std::sync::Arc;

use leptos::prelude::{GetUntracked as _, Memo, Owner};
use proptest::prelude::*;
use telephony::{
    Board, Change, Conference, DeviceState, Extension, Key, ParkedCall, Party, Queue, Registration, Row,
    Timestamp, Trunk, TrunkRegistration,
};

use super::LiveBoard;
use crate::{
    live::{
        help::{HelpRequest, OwnHelp},
        note::{self, Note as _},
        protocol::{LinkStatus, LiveChange, LiveSnapshot, PbxRow, PbxSnapshot, Rows},
    },
    model::{PbxId, UserId},
};

const PBX: PbxId = PbxId(7);

fn pbx_row(link: LinkStatus) -> PbxRow {
    PbxRow {
        id: PBX,
        name: "Head office".into(),
        link,
        blind_spots: Vec::new(),
    }
}

fn snapshot(board: Board) -> LiveSnapshot<Rows> {
    LiveSnapshot {
        build: "b".into(),
        now: Timestamp(1_000),
        sequence: 1,
        pbxs: vec![PbxSnapshot {
            pbx: pbx_row(LinkStatus::Live),
            board: board.rows().collect(),
            notes: Vec::new(),
        }],
    }
}

fn extension(number: u8, since: u64) -> Row {
    Row::Extension(Box::new(Extension {
        number: number.to_string(),
        name: None,
        device: format!("PJSIP/{number}"),
        device_state: DeviceState::NotInUse,
        registration: Registration::Registered,
        dnd: None,
        voicemail: None,
        engagements: Vec::new(),
        since: Timestamp(since),
    }))
}

fn row() -> impl Strategy<Value = Row> {
    let key = 0_u8..4;
    (0_u8..5, key, 0_u64..3).prop_map(|(kind, key, value)| match kind {
        0 => extension(key, value),
        1 => Row::Queue(Box::new(Queue {
            name: key.to_string(),
            strategy: "ringall".into(),
            waiting: Vec::new(),
            members: Vec::new(),
            completed: u32::try_from(value).unwrap_or(0),
            abandoned: 0,
            service_level_s: 0,
        })),
        2 => Row::Parked(Box::new(ParkedCall {
            lot: "default".into(),
            space: key.to_string(),
            call: telephony::CallId("1.1".into()),
            caller: Party::default(),
            parked_by: None,
            since: Timestamp(value),
            until: None,
        })),
        3 => Row::Conference(Box::new(Conference {
            room: key.to_string(),
            participants: Vec::new(),
            locked: value > 1,
            recording: false,
            since: Timestamp(value),
        })),
        _ => Row::Trunk(Box::new(Trunk {
            name: key.to_string(),
            device: "PJSIP/trunk".into(),
            device_state: DeviceState::NotInUse,
            registration: TrunkRegistration::Registered,
            registration_since: Timestamp(0),
            channels: u32::try_from(value).unwrap_or(0),
        })),
    })
}

fn change() -> impl Strategy<Value = Change> {
    (row(), any::<bool>()).prop_map(|(row, stays)| {
        if stays {
            Change::Upsert(row)
        } else {
            Change::Remove(row.key())
        }
    })
}

fn live(change: Change) -> LiveChange {
    LiveChange::Row { pbx: PBX, change }
}

proptest! {
    #[test]
    fn folding_into_signals_is_folding_into_the_board(batches in prop::collection::vec(prop::collection::vec(change(), 0..8), 0..12)) {
        let board = LiveBoard::new(snapshot(Board::default()));
        let mut truth = Board::default();
        for batch in batches {
            for change in &batch {
                truth.apply(change.clone());
            }
            board.apply(batch.into_iter().map(live));
            prop_assert_eq!(&board.export(PBX), &truth);
        }
    }

    #[test]
    fn a_snapshot_replaces_everything(before in prop::collection::vec(change(), 0..20), after in prop::collection::vec(change(), 0..20)) {
        let board = LiveBoard::new(snapshot(Board::default()));
        board.apply(before.into_iter().map(live));
        let mut truth = Board::default();
        for change in after {
            truth.apply(change);
        }
        board.replace(snapshot(truth.clone()));
        prop_assert_eq!(board.export(PBX), truth);
    }
}

#[test]
fn a_row_that_leaves_and_returns_in_one_batch_keeps_its_signal() {
    let board = LiveBoard::new(snapshot(Board::default()));
    board.apply([live(Change::Upsert(extension(1, 0)))]);
    let key = (PBX, "1".to_owned());
    let before = board.extensions.get(&key);
    board.apply([
        live(Change::Remove(Key::Extension("1".into()))),
        live(Change::Upsert(extension(1, 9))),
    ]);
    assert!(before.is_some());
    assert_eq!(board.extensions.get(&key), before);
    assert_eq!(board.extensions.peek(&key, |row| row.since), Some(Timestamp(9)));
}

#[test]
fn whoever_looks_at_one_note_alone_is_told_when_it_goes() {
    let owner = Owner::new();
    owner.set();
    let board = Arc::new(LiveBoard::new(snapshot(Board::default())));
    let help = OwnHelp(HelpRequest {
        id: 1,
        user: UserId(1),
        name: "Bela".into(),
        extension: "1002".into(),
        call: None,
        words: String::new(),
        asked: Timestamp(0),
        taken: None,
    });
    let says = |says| LiveChange::Note {
        pbx: PBX,
        name: help.name(),
        says,
    };
    let looked = board.clone();
    let there = Memo::new(move |_| looked.note::<OwnHelp>(PBX, "1002").is_some());
    for asks in [true, false, true] {
        board.apply([says(asks.then(|| note::says(&help)))]);
        assert_eq!(there.get_untracked(), asks);
    }
}

#[test]
fn what_belongs_to_a_removed_pbx_goes_with_it() {
    let board = LiveBoard::new(snapshot(Board::default()));
    board.apply([live(Change::Upsert(extension(1, 0)))]);
    board.apply([LiveChange::PbxRemoved(PBX)]);
    assert_eq!(board.export(PBX), Board::default());
}

#[test]
fn timers_stand_still_where_the_link_is_cut() {
    let board = LiveBoard::new(snapshot(Board::default()));
    assert_eq!(board.as_of_ms(PBX), 1_000);
    board.clock.tick(5_000);
    assert_eq!(board.as_of_ms(PBX), 5_000);
    let cut = LinkStatus::Down {
        reason: "refused".into(),
        since: Timestamp(3_000),
    };
    board.apply([LiveChange::Pbx(pbx_row(cut))]);
    board.clock.tick(9_000);
    assert_eq!(board.as_of_ms(PBX), 3_000);
    assert!(board.freshness(PBX).is_old());
}

#[test]
fn another_build_is_noticed() {
    let board = LiveBoard::new(snapshot(Board::default()));
    let mut newer = snapshot(Board::default());
    newer.build = "c".into();
    board.replace(newer);
    assert!(board.newer_build.get_untracked());
}
