//! Alarms in words.

use telephony::alarm::Metric;

use super::{clock, shortened, visible::NAME_CHARS};
use crate::model::alarms::Alarm;

/// What is watched.
pub fn metric_word(metric: Metric) -> &'static str {
    match metric {
        Metric::Waiting => "Callers waiting",
        Metric::LongestWait => "Longest wait",
        Metric::ServiceLevel => "Service level",
        Metric::AgentsFree => "Agents free",
        Metric::LongTalk => "Long talk",
        Metric::LongPause => "Long pause",
    }
}

/// A value with its unit.
pub fn value_word(metric: Metric, value: u32) -> String {
    match metric {
        Metric::Waiting | Metric::AgentsFree => value.to_string(),
        Metric::ServiceLevel => format!("{value} %"),
        Metric::LongestWait | Metric::LongTalk | Metric::LongPause => clock(u64::from(value) * 1_000),
    }
}

/// What an alarm says.
pub fn says(alarm: &Alarm) -> String {
    let who = alarm
        .who
        .as_deref()
        .map_or_else(|| "Somebody".to_owned(), |who| shortened(who, NAME_CHARS));
    let queue = shortened(&alarm.queue, NAME_CHARS);
    let value = value_word(alarm.metric, alarm.value);
    match (alarm.metric, alarm.value) {
        (Metric::Waiting, 1) => format!("1 caller waits in {queue}"),
        (Metric::Waiting, _) => format!("{value} callers wait in {queue}"),
        (Metric::LongestWait, _) => format!("The first caller in {queue} waits {value}"),
        (Metric::ServiceLevel, _) => format!("{value} answered in time in {queue}"),
        (Metric::AgentsFree, 0) => format!("No agent is free in {queue}"),
        (Metric::AgentsFree, 1) => format!("1 agent is free in {queue}"),
        (Metric::AgentsFree, _) => format!("{value} agents are free in {queue}"),
        (Metric::LongTalk, _) => format!("{who} in {queue} has been talking for {value}"),
        (Metric::LongPause, _) => format!("{who} in {queue} has been paused for {value}"),
    }
}
