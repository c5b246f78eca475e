//! Everything at one moment, as somebody sees it; shared by those who ask at about the same time.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use app::{
    access::About,
    live::protocol::{LiveSnapshot, PbxSnapshot},
    model::PbxId,
};
use telephony::Timestamp;

use super::{
    Hub, Inner, Name,
    message::{Format, Message},
};
use crate::access::Sight;

/// A snapshot frame is shared by everyone who asks within so many milliseconds.
const SNAPSHOT_SHARED_MS: u64 = 50;

/// What a note of a board is about.
type NotesAbout = HashMap<(PbxId, String), Arc<About>>;
/// A snapshot for everyone who asks about now.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    made: Timestamp,
    whole: Arc<LiveSnapshot>,
    notes: Arc<NotesAbout>,
    private: Arc<BTreeSet<PbxId>>,
    messages: Vec<(Format, Message)>,
}

impl Hub {
    /// Everything that somebody sees, now.
    pub fn snapshot(&self, sight: &Sight) -> LiveSnapshot {
        let (whole, notes, private) = {
            let inner = self.lock();
            (
                self.snapshot_of(&inner),
                notes_about(&inner),
                inner.private.clone(),
            )
        };
        match sight.snapshot(&whole, &private, |pbx, name| {
            notes.get(&(pbx, name.to_owned())).cloned()
        }) {
            Cow::Owned(seen) => seen,
            Cow::Borrowed(_) => whole,
        }
    }

    fn snapshot_of(&self, inner: &Inner) -> LiveSnapshot {
        let pbxs = inner.pbxs.values().map(|slot| PbxSnapshot {
            pbx: slot.row.clone(),
            board: slot.switchboard.board().clone(),
            notes: slot
                .notes
                .iter()
                .map(|(name, says)| (name.clone(), says.clone()))
                .collect(),
        });
        LiveSnapshot {
            build: self.build.clone(),
            now: self.clock.now(),
            sequence: inner.sequence,
            pbxs: pbxs.collect(),
        }
    }

    /// A snapshot as a message, and its sequence; the frames that follow join it.
    /// Never older than change `at_least`, which the page has.
    pub fn snapshot_message(&self, sight: &Sight, format: Format, at_least: u64) -> (u64, Message) {
        let mut inner = self.lock();
        let now = self.clock.now();
        let fresh = inner.snapshot.as_ref().is_some_and(|shared| {
            now.since_ms(shared.made) <= SNAPSHOT_SHARED_MS
                && shared.whole.sequence >= at_least
                && self.fast.reaches_back_to(shared.whole.sequence)
        });
        if !fresh {
            self.flush_fast(&mut inner);
            inner.snapshot = Some(Shared {
                made: now,
                whole: Arc::new(self.snapshot_of(&inner)),
                notes: Arc::new(notes_about(&inner)),
                private: inner.private.clone(),
                messages: Vec::new(),
            });
        }
        let Some(shared) = &mut inner.snapshot else {
            // it was made above
            return (0, Message::default());
        };
        let (whole, notes, private) = (shared.whole.clone(), shared.notes.clone(), shared.private.clone());
        if sight.is_whole() {
            let made = shared.messages.iter().find(|(of, _)| *of == format);
            if let Some((_, message)) = made {
                return (whole.sequence, message.clone());
            }
            let message = format.snapshot(&whole);
            shared.messages.push((format, message.clone()));
            return (whole.sequence, message);
        }
        // what one person sees of it is nobody else's: not under the lock
        drop(inner);
        let seen = sight.snapshot(&whole, &private, |pbx, name| {
            notes.get(&(pbx, name.to_owned())).cloned()
        });
        (whole.sequence, format.snapshot(&seen))
    }
}

fn notes_about(inner: &Inner) -> NotesAbout {
    let notes = inner.about.iter().filter_map(|((pbx, name), about)| match name {
        Name::Note(name) => Some(((*pbx, name.clone()), about.clone())),
        Name::Pbx | Name::Row(_) => None,
    });
    notes.collect()
}
