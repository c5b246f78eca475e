//! Alarms over queues: when one is raised and when it is cleared. Pure: a reading and a time come in, what is to be told
//! goes out.
//!
//! # Laws
//!
//! Held by `tests/alarms.rs`.
//!
//! * A watch tells raised and cleared in turn, raised first.
//! * Between the two thresholds nothing is told, however readings move there.
//! * Nothing is told before the condition has held for as long as the rule wants, and a time without readings does not
//!   count towards that.
//! * While nothing is known nothing is told: an alarm that is raised stays so.
//! * In quiet hours nothing is raised. What holds when they end is raised then.

use serde::{Deserialize, Serialize};

use crate::{Board, DeviceState, Member, MemberState, Queue, Timestamp};

/// What is watched. Every one is a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Callers who wait.
    Waiting,
    /// Seconds the first one waits.
    LongestWait,
    /// Per cent of the callers of the last minutes who were answered in time.
    ServiceLevel,
    /// Agents who could take a call now.
    AgentsFree,
    /// Seconds of the longest talk of an agent.
    LongTalk,
    /// Seconds of the longest pause of an agent.
    LongPause,
}

impl Metric {
    /// Every one.
    pub const EVERY: [Metric; 6] = [
        Metric::Waiting,
        Metric::LongestWait,
        Metric::ServiceLevel,
        Metric::AgentsFree,
        Metric::LongTalk,
        Metric::LongPause,
    ];

    /// The word in forms and the database.
    pub fn slug(self) -> &'static str {
        match self {
            Metric::Waiting => "waiting",
            Metric::LongestWait => "longest_wait",
            Metric::ServiceLevel => "service_level",
            Metric::AgentsFree => "agents_free",
            Metric::LongTalk => "long_talk",
            Metric::LongPause => "long_pause",
        }
    }

    /// The metric of a word.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|metric| metric.slug() == slug)
    }

    /// Whether little of it is what alarms.
    pub fn alarms_below(self) -> bool {
        match self {
            Metric::ServiceLevel | Metric::AgentsFree => true,
            Metric::Waiting | Metric::LongestWait | Metric::LongTalk | Metric::LongPause => false,
        }
    }
}

/// When an alarm is raised and cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// What is watched.
    pub metric: Metric,
    /// Raised from here on; the value itself counts.
    pub raise: u32,
    /// Cleared from here on; the value itself counts. On the calm side of `raise`.
    pub clear: u32,
    /// Either has to hold for so many seconds.
    pub hold_s: u32,
}

impl Limits {
    /// Whether the two thresholds leave room between them.
    pub fn are_apart(&self) -> bool {
        if self.metric.alarms_below() {
            self.clear > self.raise
        } else {
            self.clear < self.raise
        }
    }

    fn alarms(&self, value: u32) -> bool {
        if self.metric.alarms_below() {
            value <= self.raise
        } else {
            value >= self.raise
        }
    }

    fn calms(&self, value: u32) -> bool {
        if self.metric.alarms_below() {
            value >= self.clear
        } else {
            value <= self.clear
        }
    }
}

/// What is known of the metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is this.
    Value(u32),
    /// There is nothing that could alarm: nobody talks, nobody called.
    Calm,
    /// Nobody knows: the link is cut, or the board is being compared.
    Unknown,
}

/// What is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is raised, with the reading that did it.
    Raised(u32),
    /// It is cleared, with the reading that did it; None for [`Reading::Calm`].
    Cleared(Option<u32>),
}

/// One rule over one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    raised: bool,
    /// Since when readings speak for the other state.
    turning: Option<Timestamp>,
}

impl Watch {
    /// One whose alarm was raised before.
    pub fn raised() -> Self {
        Self {
            raised: true,
            turning: None,
        }
    }

    /// Whether the alarm is raised.
    pub fn is_raised(self) -> bool {
        self.raised
    }

    /// Takes a reading.
    pub fn step(&mut self, limits: &Limits, reading: Reading, quiet: bool, now: Timestamp) -> Option<Told> {
        let (turns, value) = match reading {
            Reading::Unknown => (false, None),
            Reading::Calm => (self.raised, None),
            Reading::Value(value) if self.raised => (limits.calms(value), Some(value)),
            Reading::Value(value) => (limits.alarms(value), Some(value)),
        };
        if !turns {
            self.turning = None;
            return None;
        }
        let since = *self.turning.get_or_insert(now);
        let held = now.since_ms(since) >= u64::from(limits.hold_s) * 1_000;
        if !held || (quiet && !self.raised) {
            return None;
        }
        self.turning = None;
        self.raised = !self.raised;
        match (self.raised, value) {
            (true, Some(value)) => Some(Told::Raised(value)),
            (true, None) => None,
            (false, value) => Some(Told::Cleared(value)),
        }
    }
}

/// What a queue says of a metric now, and who is meant where it is one agent. [`Metric::ServiceLevel`] is no matter of the
/// board: see [`level`].
pub fn reading(metric: Metric, queue: &Queue, board: &Board, now: Timestamp) -> (Reading, Option<String>) {
    let seconds = |since: Timestamp| u32::try_from(now.since_ms(since) / 1_000).unwrap_or(u32::MAX);
    match metric {
        Metric::Waiting => {
            let waiting = u32::try_from(queue.waiting.len()).unwrap_or(u32::MAX);
            (Reading::Value(waiting), None)
        }
        Metric::LongestWait => {
            let longest = queue.waiting.iter().map(|one| seconds(one.joined)).max();
            (longest.map_or(Reading::Calm, Reading::Value), None)
        }
        Metric::AgentsFree => {
            let free = queue
                .members
                .iter()
                .filter(|one| one.state == MemberState::Ready)
                .count();
            (Reading::Value(u32::try_from(free).unwrap_or(u32::MAX)), None)
        }
        Metric::LongTalk => longest_of(queue, |one| talks_since(one, board).map(seconds)),
        Metric::LongPause => longest_of(queue, |one| one.paused_since.map(seconds)),
        Metric::ServiceLevel => (Reading::Unknown, None),
    }
}

/// The service level as a reading: answered in time, of all that count.
pub fn level(in_time: u64, of: u64) -> Reading {
    let percent = |of: u64| u32::try_from(in_time.min(of) * 100 / of).unwrap_or(100);
    if of == 0 {
        Reading::Calm
    } else {
        Reading::Value(percent(of))
    }
}

fn longest_of(queue: &Queue, seconds: impl Fn(&Member) -> Option<u32>) -> (Reading, Option<String>) {
    let times = queue.members.iter().filter_map(|one| Some((seconds(one)?, one)));
    match times.max_by_key(|(seconds, _)| *seconds) {
        Some((longest, who)) => (Reading::Value(longest), Some(who.name.clone())),
        None => (Reading::Calm, None),
    }
}

/// Since when a member is on a call: the phone behind it knows better than the queue.
fn talks_since(member: &Member, board: &Board) -> Option<Timestamp> {
    let talks = matches!(
        member.device_state,
        DeviceState::InUse | DeviceState::Busy | DeviceState::OnHold | DeviceState::RingInUse
    );
    let phone = member
        .extension
        .as_ref()
        .and_then(|number| board.extensions.get(number));
    let phone = phone.and_then(|row| row.engagements.first()).map(|one| one.since);
    if talks { phone.or(member.since) } else { None }
}
