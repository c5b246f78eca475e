//! What the machine is told, and what it wants done.

use super::{Attempt, Miss, RequestId};
use crate::Timestamp;

/// What a caller asks for when they press the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The number to call; hostile until checked.
    pub number: String,
    /// The caller's name.
    pub name: Option<String>,
    /// When they joined the queue.
    pub joined: Timestamp,
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A new request.
    New,
    /// This number has one already; it keeps the better place.
    Known(RequestId),
    /// No number that can be dialled.
    BadNumber,
    /// The queue has as many as it takes.
    Full,
}

/// A live caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Their number.
    pub number: String,
    /// When they joined the queue.
    pub joined: Timestamp,
}

/// What is seen of one call back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// There is no such call, and there never was as far as anybody saw.
    Nothing,
    /// The customer is called.
    Ringing,
    /// They answered.
    Back,
    /// An agent talks to them, or did.
    Connected,
    /// It ended before.
    Over(Miss),
    /// It was there, and nobody saw how it ended.
    Lost,
}

/// What is seen of the PBX.
pub struct World<'a> {
    /// The link is up and everything was compared; what is not seen is not there.
    pub seeing: bool,
    /// Agents who could take a call of this queue now, without those that calls of other queues are meant for.
    pub free: usize,
    /// Callers who wait in the queue, without those who were called back.
    pub waiting: &'a [Live],
    /// Callers who talk to an agent of the queue.
    pub talking: &'a [Live],
    /// What is seen of an attempt.
    pub sight: &'a dyn Fn(Attempt) -> Sight,
}

/// What is to be done, once, after what changed was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Call the customer.
    Call {
        /// Which attempt this is.
        attempt: Attempt,
        /// Their number.
        number: String,
    },
    /// End this call.
    HangUp(Attempt),
}

/// What came of sending a call to the PBX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken, or nobody knows: what is seen will tell.
    Perhaps,
    /// Not one byte of it left.
    NotSent,
    /// The PBX said no.
    Refused,
}

/// Why a person's wish was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Not {
    /// There is no such request any more.
    Gone,
    /// It is being called already.
    UnderWay,
    /// The queue does not call this number.
    NotAllowed,
}
