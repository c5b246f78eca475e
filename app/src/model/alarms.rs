//! Alarms over queues: the rules, what is raised, and what was.

use serde::{Deserialize, Serialize};
use telephony::{
    Timestamp,
    alarm::{Limits, Metric},
};

use super::PbxId;
use crate::live::note::Note;

/// Rules at most.
pub const MAX_RULES: usize = 200;
/// Characters of a rule's name.
pub const MAX_NAME_CHARS: usize = 60;
/// The longest time a rule may wait, or look back over, in seconds and minutes.
pub const MAX_HOLD_S: u32 = 3_600;
/// The longest window of a service level.
pub const MAX_WINDOW_MIN: u32 = 24 * 60;
/// Highest threshold.
pub const MAX_VALUE: u32 = 24 * 3_600;
/// Alarms shown of those that were.
pub const MAX_SHOWN: usize = 200;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRule {
    /// Its number; None for a new one.
    pub id: Option<i64>,
    /// How often it was changed.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// On which PBX.
    pub pbx: PbxId,
    /// The queues; none for every one of the PBX.
    pub queues: Vec<String>,
    /// When it is raised and cleared.
    pub limits: Limits,
    /// Over how many of the last minutes, for a service level.
    pub window_min: u32,
    /// From when to when nothing is raised, in minutes of the day.
    pub quiet: Option<(u32, u32)>,
    /// The time zone of that, as IANA names it.
    pub zone: String,
    /// Whether it is looked at.
    pub enabled: bool,
}

impl AlarmRule {
    /// Whether it is about this queue.
    pub fn covers(&self, queue: &str) -> bool {
        self.queues.is_empty() || self.queues.iter().any(|one| one == queue)
    }
}

/// A time of the day, `22:00`, in minutes.
pub fn minute_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Why an alarm is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Over {
    /// It is calm again.
    Calm,
    /// The rule was changed or removed.
    Rule,
    /// The queue is gone.
    Queue,
}

/// An alarm, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its number.
    pub id: i64,
    /// The rule,
    pub rule: i64,
    /// in which version,
    pub version: u32,
    /// by its name then.
    pub name: String,
    /// What was watched,
    pub metric: Metric,
    /// and the threshold.
    pub raise: u32,
    /// The PBX.
    pub pbx: PbxId,
    /// The queue.
    pub queue: String,
    /// The reading that raised it.
    pub value: u32,
    /// The agent meant, where it is one.
    pub who: Option<String>,
    /// When.
    pub raised: Timestamp,
    /// When, at which reading and why it was over.
    pub cleared: Option<(Timestamp, Option<u32>, Over)>,
}

/// An alarm that is raised now, on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised(pub Alarm);

impl Note for Raised {
    const KIND: &'static str = "alarm";

    fn id(&self) -> String {
        self.0.id.to_string()
    }
}

/// What somebody sees of alarms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// The rules that they may change.
    pub rules: Vec<AlarmRule>,
    /// The latest alarms, newest first.
    pub log: Vec<Alarm>,
}
