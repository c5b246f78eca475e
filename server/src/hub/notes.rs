//! What Starboard adds to a board, and what of a board is for some alone.

use std::{collections::BTreeSet, sync::Arc};

use app::{
    access::About,
    live::{
        note::{self, Note},
        protocol::LiveChange,
    },
    model::PbxId,
};
use telephony::{Change, Row};

use super::{Hub, Name};

/// Notes on one board.
const MAX_NOTES: usize = 20_000;

impl Hub {
    /// Adds a note to a board, or changes it; equal ones wake nobody. What it is about, and by which ability, says who
    /// sees it.
    pub fn put_note<N: Note>(&self, pbx: PbxId, note: &N, about: About) {
        let (name, says) = (note.name(), note::says(note));
        let mut inner = self.lock();
        let inner = &mut *inner;
        let Some(slot) = inner.pbxs.get_mut(&pbx) else {
            return;
        };
        let full = slot.notes.len() >= MAX_NOTES && !slot.notes.contains_key(&name);
        if full {
            tracing::warn!(pbx = pbx.0, "too many notes on a board");
            return;
        }
        let key = (pbx, Name::Note(name.clone()));
        let same_about = inner.about.get(&key).is_some_and(|known| **known == about);
        if slot.notes.get(&name) == Some(&says) && same_about {
            return;
        }
        slot.notes.insert(name.clone(), says.clone());
        let says = Some(says);
        inner.publish_about(key, LiveChange::Note { pbx, name, says }, Some(Arc::new(about)));
        self.wake.notify_one();
    }

    /// Says whether supervision is for supervisors alone to see on this PBX; everybody is told anew what they see.
    pub fn set_private(&self, pbx: PbxId, private: bool) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if inner.private.contains(&pbx) == private {
            return;
        }
        let all = Arc::make_mut(&mut inner.private);
        if private {
            all.insert(pbx);
        } else {
            all.remove(&pbx);
        }
        // a snapshot that was made before shows too much
        inner.snapshot = None;
        let Some(slot) = inner.pbxs.get(&pbx) else { return };
        let shows = |row: &Row| matches!(row, Row::Call(_) | Row::Extension(_));
        let rows: Vec<Row> = slot.switchboard.board().rows().filter(shows).collect();
        for row in rows {
            let change = Change::Upsert(row);
            inner.publish((pbx, Name::Row(change.key())), LiveChange::Row { pbx, change });
        }
        self.wake.notify_one();
    }

    /// Where supervision is for supervisors alone to see.
    pub fn private(&self) -> Arc<BTreeSet<PbxId>> {
        self.lock().private.clone()
    }

    /// Takes a note away.
    pub fn remove_note<N: Note>(&self, pbx: PbxId, id: &str) {
        let name = note::name::<N>(id);
        let mut inner = self.lock();
        let inner = &mut *inner;
        let slot = inner.pbxs.get_mut(&pbx);
        if slot.is_none_or(|slot| slot.notes.remove(&name).is_none()) {
            return;
        }
        let change = LiveChange::Note {
            pbx,
            name: name.clone(),
            says: None,
        };
        inner.publish_about((pbx, Name::Note(name)), change, None);
        self.wake.notify_one();
    }
}
