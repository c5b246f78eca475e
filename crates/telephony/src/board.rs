//! The board: every row of one PBX, as the owner has it and every replica follows.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Call, CallId, Change, Conference, Extension, Key, ParkedCall, Queue, Row, Trunk};

/// Legs kept for one call; further ones are counted, not kept.
pub const MAX_LEGS: usize = 64;
/// Moments kept in one call's story; the oldest after the first give way.
pub const MAX_MOMENTS: usize = 128;
/// Engagements shown for one extension.
pub const MAX_ENGAGEMENTS: usize = 8;

/// Every row of one PBX. On a wire it is the list of its rows: they know their keys, and no format minds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Calls that are up.
    pub calls: BTreeMap<CallId, Call>,
    /// Extensions by number.
    pub extensions: BTreeMap<String, Extension>,
    /// Queues by name.
    pub queues: BTreeMap<String, Queue>,
    /// Trunks by name.
    pub trunks: BTreeMap<String, Trunk>,
    /// Parked calls by (lot, space).
    pub parked: BTreeMap<(String, String), ParkedCall>,
    /// Conferences by room.
    pub conferences: BTreeMap<String, Conference>,
}

impl Board {
    /// Folds one change in. The same code in server and browser; idempotent.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Upsert(Row::Call(row)) => drop(self.calls.insert(row.id.clone(), *row)),
            Change::Upsert(Row::Extension(row)) => drop(self.extensions.insert(row.number.clone(), *row)),
            Change::Upsert(Row::Queue(row)) => drop(self.queues.insert(row.name.clone(), *row)),
            Change::Upsert(Row::Trunk(row)) => drop(self.trunks.insert(row.name.clone(), *row)),
            Change::Upsert(Row::Parked(row)) => {
                drop(self.parked.insert((row.lot.clone(), row.space.clone()), *row));
            }
            Change::Upsert(Row::Conference(row)) => drop(self.conferences.insert(row.room.clone(), *row)),
            Change::Remove(Key::Call(id)) => drop(self.calls.remove(&id)),
            Change::Remove(Key::Extension(number)) => drop(self.extensions.remove(&number)),
            Change::Remove(Key::Queue(name)) => drop(self.queues.remove(&name)),
            Change::Remove(Key::Trunk(name)) => drop(self.trunks.remove(&name)),
            Change::Remove(Key::Parked(lot, space)) => drop(self.parked.remove(&(lot, space))),
            Change::Remove(Key::Conference(room)) => drop(self.conferences.remove(&room)),
        }
    }

    /// A copy of the row of this key.
    pub fn row(&self, key: &Key) -> Option<Row> {
        match key {
            Key::Call(id) => copy(self.calls.get(id), Row::Call),
            Key::Extension(number) => copy(self.extensions.get(number), Row::Extension),
            Key::Queue(name) => copy(self.queues.get(name), Row::Queue),
            Key::Trunk(name) => copy(self.trunks.get(name), Row::Trunk),
            Key::Parked(lot, space) => copy(self.parked.get(&(lot.clone(), space.clone())), Row::Parked),
            Key::Conference(room) => copy(self.conferences.get(room), Row::Conference),
        }
    }

    /// Every row, in a fixed order.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let calls = self.calls.values().map(|row| Row::Call(Box::new(row.clone())));
        let extensions = self
            .extensions
            .values()
            .map(|row| Row::Extension(Box::new(row.clone())));
        let queues = self.queues.values().map(|row| Row::Queue(Box::new(row.clone())));
        let trunks = self.trunks.values().map(|row| Row::Trunk(Box::new(row.clone())));
        let parked = self.parked.values().map(|row| Row::Parked(Box::new(row.clone())));
        let conferences = self
            .conferences
            .values()
            .map(|row| Row::Conference(Box::new(row.clone())));
        calls
            .chain(extensions)
            .chain(queues)
            .chain(trunks)
            .chain(parked)
            .chain(conferences)
    }
}

fn copy<T: Clone>(row: Option<&T>, of: impl FnOnce(Box<T>) -> Row) -> Option<Row> {
    row.map(|row| of(Box::new(row.clone())))
}

impl Serialize for Board {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // collected: an encoding that writes the length first has to know it
        self.rows().collect::<Vec<_>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Board {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut board = Board::default();
        for row in Vec::<Row>::deserialize(deserializer)? {
            board.apply(Change::Upsert(row));
        }
        Ok(board)
    }
}
