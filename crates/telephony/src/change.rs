//! A change of the board: an absolute row, so that applying one twice is harmless.

use serde::{Deserialize, Serialize};

use crate::{Call, CallId, Conference, Extension, ParkedCall, Queue, Trunk};

/// Names a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(expecting = "")]
pub enum Key {
    /// A call.
    Call(CallId),
    /// An extension by number.
    Extension(String),
    /// A queue by name.
    Queue(String),
    /// A trunk by name.
    Trunk(String),
    /// A parking space: lot, space.
    Parked(String, String),
    /// A conference by room.
    Conference(String),
}

/// A whole row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Row {
    /// A call.
    Call(Box<Call>),
    /// An extension.
    Extension(Box<Extension>),
    /// A queue.
    Queue(Box<Queue>),
    /// A trunk.
    Trunk(Box<Trunk>),
    /// A parked call.
    Parked(Box<ParkedCall>),
    /// A conference.
    Conference(Box<Conference>),
}

impl Row {
    /// The key this row is kept under.
    pub fn key(&self) -> Key {
        match self {
            Row::Call(row) => Key::Call(row.id.clone()),
            Row::Extension(row) => Key::Extension(row.number.clone()),
            Row::Queue(row) => Key::Queue(row.name.clone()),
            Row::Trunk(row) => Key::Trunk(row.name.clone()),
            Row::Parked(row) => Key::Parked(row.lot.clone(), row.space.clone()),
            Row::Conference(row) => Key::Conference(row.room.clone()),
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The row is now this.
    Upsert(Row),
    /// The row is gone.
    Remove(Key),
}

impl Change {
    /// The row it is about.
    pub fn key(&self) -> Key {
        match self {
            Change::Upsert(row) => row.key(),
            Change::Remove(key) => key.clone(),
        }
    }
}
