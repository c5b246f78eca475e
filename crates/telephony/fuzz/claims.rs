//! What holds for any stream: the fuzzing target tries to break it, and `tests/corpus.rs` holds the corpus to it
//! in every test run.

use ami::wire::MessageBuilder;
use ami::{Decoded, Decoder, Limits};
use telephony::board::{MAX_LEGS, MAX_MOMENTS};
use telephony::{Board, Output, Settings, Switchboard, Timestamp};

/// The lists of a PBX on which nothing is up.
const ENDS: [&str; 4] = [
    "BridgeListComplete",
    "CoreShowChannelsComplete",
    "QueueStatusComplete",
    "ParkedCallsComplete",
];

/// Whatever a PBX says, a replica has the owner's board, rows keep their bounds, and the description of an empty
/// world leaves nothing up. The first byte is how many messages come at a time.
pub(crate) fn live(data: &[u8]) {
    let Some((size, bytes)) = data.split_first() else {
        return;
    };
    let mut decoder = Decoder::new(Limits::default());
    decoder.push(bytes);
    let mut messages = Vec::new();
    while let Some(decoded) = decoder.next() {
        if let Decoded::Message(message) = decoded {
            messages.push(message);
        }
    }
    let mut switchboard = Switchboard::new(Settings::default());
    let (mut replica, mut out) = (Board::default(), Output::default());
    let mut now = Timestamp(1_795_220_000_000);
    for some in messages.chunks(usize::from(*size).max(1)) {
        now.0 += 1_000;
        some.iter().for_each(|message| switchboard.note(message, now));
        switchboard.flush(&mut out);
        out.changes.drain(..).for_each(|change| replica.apply(change));
        assert_eq!(replica, *switchboard.board());
    }
    for call in replica.calls.values() {
        assert!(call.legs.len() <= MAX_LEGS && call.story.len() <= MAX_MOMENTS);
    }
    switchboard.begin_resync(now, &mut out);
    for name in ENDS {
        let end = MessageBuilder::event(name)
            .header("EventList", "Complete")
            .header("ListItems", 0);
        if let Ok(end) = end.build() {
            switchboard.note(&end, now);
        }
    }
    switchboard.flush(&mut out);
    out.changes.drain(..).for_each(|change| replica.apply(change));
    assert_eq!(replica, *switchboard.board());
    assert!(replica.calls.is_empty() && replica.parked.is_empty() && replica.conferences.is_empty());
    assert!(replica.queues.values().all(|queue| queue.waiting.is_empty()));
    assert!(
        replica
            .extensions
            .values()
            .all(|extension| extension.engagements.is_empty())
    );
    assert!(replica.trunks.values().all(|trunk| trunk.channels == 0));
}
