//! Figures of queues: sums over visits, and what is made of the sums. Sums of parts add up to the sum of the whole, so
//! that hours make days and queues make a company. What a figure means is said at each, with the trap it avoids.

use serde::{Deserialize, Serialize};

use crate::{Left, Visit, visit::TalkEnd};

/// What counts as what. A figure is told with the version of the policy it was made by; the past is never restated
/// silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Counts up with every change.
    pub version: u32,
    /// An answer within so many milliseconds is in time.
    pub target_ms: u64,
    /// Who hangs up sooner has not waited: counted apart.
    pub short_abandon_ms: u64,
}

/// Sums over visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Every visit that is not waiting any more, those who were turned away included.
    pub offered: u64,
    /// An agent took the call,
    pub answered: u64,
    /// and did so within the target.
    pub answered_in_time: u64,
    /// Hung up while waiting, not counting the short ones;
    pub abandoned: u64,
    /// of them those who waited no longer than the target.
    pub abandoned_in_time: u64,
    /// Hung up before the short-abandon limit.
    pub abandoned_short: u64,
    /// The queue's limit ran out.
    pub timed_out: u64,
    /// Left by a key.
    pub key: u64,
    /// Kept their place, to be called back: whoever is called counts again, as the call that comes of it.
    pub kept_place: u64,
    /// Turned away: the queue was full, or nobody served it.
    pub turned_away: u64,
    /// Sent out because nobody served the queue any more.
    pub no_agents: u64,
    /// Taken out by somebody, or sent on by the dialplan.
    pub sent_on: u64,
    /// Nothing says how they left, or the PBX stopped.
    pub unexplained: u64,
    /// Of all of them those that were not seen as a whole,
    pub partial: u64,
    /// and those that the PBX's log tells, in whole seconds; whoever knows which adds them.
    pub from_log: u64,
    /// Milliseconds that those waited whose call was taken.
    pub answered_wait_ms: u64,
    /// The longest wait of anybody.
    pub longest_wait_ms: u64,
    /// Talks that are over,
    pub talks: u64,
    /// the milliseconds of them without holding,
    pub talk_ms: u64,
    /// and with somebody on hold.
    pub hold_ms: u64,
    /// Talks that ended by handing the caller on.
    pub transferred: u64,
    /// Ring attempts that were over,
    pub rings: u64,
    /// and those that were not answered. Who was rung when the caller gave up, or another one was faster, missed nothing.
    pub rings_not_answered: u64,
}

/// A share: so many of so many. Never a share of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// So many
    pub part: u64,
    /// of so many.
    pub whole: u64,
}

impl Share {
    fn of(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then_some(Self { part, whole })
    }

    /// In per cent.
    pub fn percent(self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "counts of visits are small")]
        let (part, whole) = (self.part as f64, self.whole as f64);
        part * 100.0 / whole
    }
}

/// The ways in which the field defines a service level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ServiceLevel {
    /// Answered in time, of all but those who hung up at once, or wait for a call back. Ours: everybody who waited in vain counts.
    Strict,
    /// Answered in time, of every visit whatsoever.
    OfOffered,
    /// Answered in time, of those who were answered: hides everybody who gave up. Asterisk's `ServicelevelPerf`.
    OfAnswered,
    /// Answered or given up in time, of those who were answered or gave up: leaves out everybody else. Asterisk's
    /// `ServicelevelPerf2`, which takes a timeout for somebody who gave up: where everybody times out it says 100%.
    WithAbandons,
    /// Of those who wait now, those who do so within the target.
    Now,
}

impl Sums {
    /// Adds a visit and the talk that came of it. Nobody is counted while they wait.
    pub fn add(&mut self, visit: &Visit, policy: &Policy) {
        self.add_visit(visit, policy);
        self.add_talk(visit);
    }

    /// Adds a visit without its talk: what belongs to the time in which the caller joined.
    pub fn add_visit(&mut self, visit: &Visit, policy: &Policy) {
        let Some((_, how)) = visit.left else { return };
        let waited_ms = visit.waited_ms().unwrap_or_default();
        let in_time = waited_ms <= policy.target_ms;
        self.offered += 1;
        self.partial += u64::from(visit.partial);
        self.longest_wait_ms = self.longest_wait_ms.max(waited_ms);
        match how {
            Left::Answered => {
                self.answered += 1;
                self.answered_in_time += u64::from(in_time);
                self.answered_wait_ms += waited_ms;
            }
            Left::Abandoned if waited_ms < policy.short_abandon_ms => self.abandoned_short += 1,
            Left::Abandoned => {
                self.abandoned += 1;
                self.abandoned_in_time += u64::from(in_time);
            }
            Left::TimedOut => self.timed_out += 1,
            Left::Key => self.key += 1,
            Left::KeptPlace => self.kept_place += 1,
            Left::Full | Left::NoAgentsAtFirst => self.turned_away += 1,
            Left::NoAgents => self.no_agents += 1,
            Left::Withdrawn | Left::Continued => self.sent_on += 1,
            Left::Unexplained | Left::PbxStopped => self.unexplained += 1,
        }
        for (_, end) in visit.rings.iter().filter_map(|ring| ring.ended) {
            self.rings += 1;
            self.rings_not_answered += u64::from(end == crate::visit::RingEnd::NotAnswered);
        }
    }

    /// Adds the talk alone, once it is over: what belongs to the time in which it ended.
    pub fn add_talk(&mut self, visit: &Visit) {
        if let Some(talk) = &visit.talk
            && let Some((at, by)) = talk.ended
        {
            self.talks += 1;
            self.hold_ms += talk.held_ms;
            self.talk_ms += at.since_ms(talk.began).saturating_sub(talk.held_ms);
            self.transferred += u64::from(by == TalkEnd::Transfer);
        }
    }

    /// Adds the sums of another part.
    pub fn merge(&mut self, other: &Sums) {
        let Sums {
            offered,
            answered,
            answered_in_time,
            abandoned,
            abandoned_in_time,
            abandoned_short,
            timed_out,
            key,
            kept_place,
            turned_away,
            no_agents,
            sent_on,
            unexplained,
            partial,
            from_log,
            answered_wait_ms,
            longest_wait_ms,
            talks,
            talk_ms,
            hold_ms,
            transferred,
            rings,
            rings_not_answered,
        } = *other;
        self.offered += offered;
        self.answered += answered;
        self.answered_in_time += answered_in_time;
        self.abandoned += abandoned;
        self.abandoned_in_time += abandoned_in_time;
        self.abandoned_short += abandoned_short;
        self.timed_out += timed_out;
        self.key += key;
        self.kept_place += kept_place;
        self.turned_away += turned_away;
        self.no_agents += no_agents;
        self.sent_on += sent_on;
        self.unexplained += unexplained;
        self.partial += partial;
        self.from_log += from_log;
        self.answered_wait_ms += answered_wait_ms;
        self.longest_wait_ms = self.longest_wait_ms.max(longest_wait_ms);
        self.talks += talks;
        self.talk_ms += talk_ms;
        self.hold_ms += hold_ms;
        self.transferred += transferred;
        self.rings += rings;
        self.rings_not_answered += rings_not_answered;
    }

    /// A service level over visits; None where there is nothing to divide by. [`ServiceLevel::Now`] is made of those who
    /// wait: see [`now`].
    pub fn service_level(&self, definition: ServiceLevel) -> Option<Share> {
        let in_time = self.answered_in_time;
        match definition {
            ServiceLevel::Strict => Share::of(in_time, self.offered - self.abandoned_short - self.kept_place),
            ServiceLevel::OfOffered => Share::of(in_time, self.offered),
            ServiceLevel::OfAnswered => Share::of(in_time, self.answered),
            // Asterisk knows no short ones: they gave up in time
            ServiceLevel::WithAbandons => {
                let given_up = self.abandoned + self.abandoned_short;
                let in_time = in_time + self.abandoned_in_time + self.abandoned_short;
                Share::of(in_time, self.answered + given_up)
            }
            ServiceLevel::Now => None,
        }
    }

    /// Of those who did not hang up at once, those who gave up later.
    pub fn abandon_rate(&self) -> Option<Share> {
        Share::of(self.abandoned, self.offered - self.abandoned_short)
    }

    /// Average speed of answer in milliseconds: of the answered ones alone.
    pub fn asa_ms(&self) -> Option<u64> {
        self.answered_wait_ms.checked_div(self.answered)
    }

    /// Average handle time in milliseconds: talking, holding, and the work after it, which is told here.
    pub fn aht_ms(&self, wrap_up_ms: u64) -> Option<u64> {
        (self.talk_ms + self.hold_ms + wrap_up_ms).checked_div(self.talks)
    }

    /// Of the ring attempts, those that were not answered.
    pub fn ring_no_answer(&self) -> Option<Share> {
        Share::of(self.rings_not_answered, self.rings)
    }
}

/// [`ServiceLevel::Now`]: of those who wait, given how long each does, those within the target. None where nobody waits:
/// neither good nor bad.
pub fn now(waiting_ms: impl IntoIterator<Item = u64>, policy: &Policy) -> Option<Share> {
    let (mut part, mut whole) = (0, 0);
    for waited_ms in waiting_ms {
        whole += 1;
        part += u64::from(waited_ms <= policy.target_ms);
    }
    Share::of(part, whole)
}
