//! What will happen by itself, and when it is due, what is done about it.

use super::{By, Key, World};

/// Something that is due later. A task whose channel is gone or no longer in that state does nothing.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// The phone at the other end says that it rings.
    Ring(Key),
    /// Somebody picks the phone up.
    Answer(Key),
    /// `Dial` has waited long enough.
    DialTimeout(Key, u64),
    /// Somebody puts the phone down.
    PutDown(Key),
    /// The PBX ends it.
    Clear(Key, u16),
    /// A queue looks for an agent.
    QueueTry(usize),
    /// An agent did not answer.
    QueueRingTimeout(Key),
    /// A caller waited too long.
    QueueTimeout(Key),
    /// A parked call goes back.
    ParkTimeout(u16, Key),
    /// Somebody takes a parked call.
    TakeParked(Key, u16),
    /// The phone that parked a call is released.
    ReleaseParker(Key),
    /// `Originate` waited long enough.
    OriginateTimeout(Key),
    /// The phone of an attended transfer calls the third party.
    Consult(Key, String),
    /// A trunk registers again.
    Register(usize),
    /// Something a person decided to do.
    Life(crate::life::Plan),
}

impl World {
    pub(super) fn run(&mut self, task: Task) {
        match task {
            Task::Ring(key) => self.ring(key),
            Task::Answer(key) => {
                self.pick_up(key);
            }
            Task::DialTimeout(key, begun_ms) => self.dial_timeout(key, begun_ms),
            Task::PutDown(key) => self.hang_up(key, 16, By::Phone),
            Task::Clear(key, cause) => self.hang_up(key, cause, By::Pbx),
            Task::QueueTry(queue) => self.queue_try(queue),
            Task::QueueRingTimeout(leg) => self.queue_ring_timeout(leg),
            Task::QueueTimeout(caller) => self.queue_timeout(caller),
            Task::ParkTimeout(space, key) => self.park_timeout(space, key),
            Task::TakeParked(key, space) => self.take_parked(key, space),
            Task::ReleaseParker(key) => self.release_parker(key),
            Task::OriginateTimeout(key) => self.originate_timeout(key),
            Task::Consult(key, number) => self.consult(key, &number),
            Task::Register(line) => self.set_registration(line, "Registered"),
            Task::Life(plan) => self.live(plan),
        }
    }
}
