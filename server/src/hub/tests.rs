//! Claims about the hub.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ami::{Decoded, Decoder, Limits};
use telephony::Board;

use super::{lane::Missed, *};

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
        let payload = frame.message(Format::Postcard).unwrap().payload();
        let ServerFrame::Changes { after, upto, changes } =
            postcard::from_bytes::<ServerFrame>(payload).unwrap()
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
    let snapshot = hub.snapshot(Sight::Everything);
    hub.flush_fast(&mut hub.lock());
    hub.flush_slow(&mut hub.lock());
    for hidden in [false, true] {
        let (sequence, boards) = replica(hub.lane(hidden));
        assert_eq!(sequence, snapshot.sequence);
        let boards: Vec<PbxSnapshot> = boards
            .into_values()
            .map(|(pbx, board)| PbxSnapshot { pbx, board })
            .collect();
        assert_eq!(boards, snapshot.pbxs);
    }
}

#[test]
fn a_shared_snapshot_message_joins_the_frames_after_it() {
    let hub = Hub::new("test".into(), Clock::start());
    hub.add(row(LinkStatus::Connecting), Settings::default());
    let (first, message) = hub.snapshot_message(Sight::Everything, Format::Postcard);
    extension_changes(&hub, 1001);
    let (second, shared) = hub.snapshot_message(Sight::Everything, Format::Postcard);
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
