//! What Starboard itself adds to the board of a PBX: a wrap-up, a request for help, an alarm. A note travels packed and is
//! read by whoever shows it, so that a new kind of note adds nothing to what is loaded first.

use serde::{Serialize, de::DeserializeOwned};

use super::board::LiveBoard;
use crate::{model::PbxId, packed};

/// A kind of note.
pub trait Note: Serialize + DeserializeOwned + 'static {
    /// The word its names begin with.
    const KIND: &'static str;
    /// Which one of its kind it is.
    fn id(&self) -> String;

    /// The name on the board.
    fn name(&self) -> String {
        name::<Self>(&self.id())
    }
}

/// The name of a note.
pub fn name<N: Note>(id: &str) -> String {
    format!("{}/{id}", N::KIND)
}

/// What a note says, packed.
pub fn says<N: Note>(note: &N) -> String {
    // our own types always pack; what cannot be read is not shown
    packed::pack(note).unwrap_or_default()
}

impl LiveBoard {
    /// One note; tracked.
    pub fn note<N: Note>(&self, pbx: PbxId, id: &str) -> Option<N> {
        // a row that goes tells nobody, the list does
        self.notes.len();
        let found = self
            .notes
            .with(&(pbx, name::<N>(id)), |says| packed::unpack(says).ok());
        found.flatten()
    }

    /// Every note of a kind, by PBX and name; tracked.
    pub fn notes_of<N: Note>(&self) -> Vec<(PbxId, N)> {
        let kind = |name: &str| {
            name.strip_prefix(N::KIND)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let keys = self.notes.keys().into_iter().filter(|(_, name)| kind(name));
        keys.filter_map(|key| {
            let note = self.notes.with(&key, |says| packed::unpack(says).ok());
            note.flatten().map(|note| (key.0, note))
        })
        .collect()
    }
}
