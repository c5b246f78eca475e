//! Reports: calls that are over, added up and put into the days and hours of a zone.

pub mod chart;
pub mod letter;
pub mod times;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use app::{
    AppError,
    model::{
        history::CallTotals,
        report::{About, By, MAX_DAYS, MAX_DAYS_BY_HOUR, MAX_ROWS, Report, ReportQuery, ReportRow, Than},
    },
    words::moment,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    hub::Hub,
    store::{CallSums, Common, QUARTER_MS, Seen, Store},
};

const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;

/// What queues and people are called now.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Extensions by their number; of two PBXs with the same number, one.
    extensions: HashMap<String, String>,
    pbxs: HashMap<String, String>,
}

impl Names {
    /// As they are on the boards.
    pub fn live(hub: &Hub) -> Self {
        let mut names = Self::default();
        hub.each(|pbx, board| {
            names.pbxs.insert(pbx.id.0.to_string(), pbx.name.clone());
            for (number, extension) in &board.extensions {
                if let Some(name) = extension.name.as_ref().filter(|name| !name.is_empty()) {
                    names.extensions.insert(number.clone(), name.clone());
                }
            }
        });
        names
    }

    /// Where nobody looks at the PBXs: what is set up.
    pub async fn kept(store: &Store) -> Result<Self, AppError> {
        let pbxs = store.pbxs().await?.into_iter();
        Ok(Self {
            pbxs: pbxs
                .map(|pbx| (pbx.shown.id.0.to_string(), pbx.shown.name))
                .collect(),
            ..Self::default()
        })
    }

    /// What a key is called.
    fn of(&self, by: By, key: &str) -> String {
        match (by, key) {
            (By::Queue, "") => "No queue".into(),
            (By::Agent, "") => "Nobody here".into(),
            (By::Trunk, "") => "No trunk".into(),
            (By::Disposition, "") => "Nothing said".into(),
            (By::Way, "inbound") => "Incoming".into(),
            (By::Way, "outbound") => "Outgoing".into(),
            (By::Way, _) => "Internal".into(),
            (By::Agent, number) => match self.extensions.get(number) {
                Some(name) => format!("{number} {name}"),
                None => number.into(),
            },
            (By::Pbx, id) => match self.pbxs.get(id) {
                Some(name) => name.clone(),
                None => "A PBX that was removed".into(),
            },
            (By::Day | By::Hour | By::Queue | By::Trunk | By::Disposition, key) => key.into(),
        }
    }
}

/// The report that is asked for, of what may be seen.
pub async fn of(store: &Store, seen: &Seen, names: &Names, query: &ReportQuery) -> Result<Report, AppError> {
    let time = checked(query)?;
    let zone = zone(&query.zone)?;
    let by_time = store.call_sums(&query.search, seen, Common::Quarter).await?;
    let mut earlier = query.search.clone();
    let time_before = before(time, query.than, &zone);
    (earlier.from_ms, earlier.to_ms) = (Some(time_before.0), Some(time_before.1));
    let common = match query.by {
        By::Day | By::Hour => None,
        By::Queue => Some(Common::Queue),
        By::Agent => Some(Common::Agent),
        By::Trunk => Some(Common::Trunk),
        By::Way => Some(Common::Way),
        By::Pbx => Some(Common::Pbx),
        By::Disposition => Some(Common::Disposition),
    };
    let then = store
        .call_sums(&earlier, seen, common.unwrap_or(Common::Quarter))
        .await?;
    let quarters = quarters(&by_time);
    let whole_before = all(then.of.values());
    let cut = by_time.cut || then.cut;
    let rows = match common {
        Some(common) => {
            let sums = store.call_sums(&query.search, seen, common).await?;
            ranked(sums, &then, |key| names.of(query.by, key))
        }
        None => {
            let by_hour = query.by == By::Hour;
            let mut rows = in_time(&quarters, time, by_hour, &zone);
            // the first with the first: days and hours before have other names
            let then = in_time(&self::quarters(&then), time_before, by_hour, &zone);
            for (row, then) in rows.iter_mut().zip(then) {
                row.before = then.totals;
            }
            rows
        }
    };
    Ok(Report {
        whole: all(by_time.of.values()),
        before: whole_before,
        week: week(&quarters, &zone),
        drawn: chart::drawn(&rows, query.measure),
        rows,
        cut,
    })
}

/// Sums by the moment at which their quarter of an hour begins.
fn quarters(sums: &CallSums) -> BTreeMap<u64, CallTotals> {
    let moments = sums.of.iter();
    moments
        .filter_map(|(key, totals)| Some((key.parse::<u64>().ok()? * QUARTER_MS, *totals)))
        .collect()
}

/// The time that another one is held against. Where clocks were changed meanwhile it begins at the same hour all the same.
fn before((from, to): (u64, u64), than: Than, zone: &TimeZone) -> (u64, u64) {
    let back = match than {
        Than::Before => return (from.saturating_sub(to - from), from),
        Than::Day => 1.day(),
        Than::Week => 1.week(),
        Than::Year => 1.year(),
    };
    let earlier = |at_ms: u64| {
        let at = Timestamp::from_millisecond(at_ms.cast_signed()).ok()?;
        let then = zone.to_datetime(at).checked_sub(back).ok()?;
        let then = zone.to_timestamp(then).ok()?.as_millisecond();
        u64::try_from(then).ok()
    };
    (earlier(from).unwrap_or(0), earlier(to).unwrap_or(0))
}

/// Reports that are added up at once: the other readers of the database serve lists meanwhile.
const AT_ONCE: usize = 2;
/// For how long the next one waits.
const WAIT: Duration = Duration::from_secs(30);

/// Whose turn it is.
#[derive(Debug)]
pub struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Turns {
    /// Waits for one, until it is dropped.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, AppError> {
        let turn = tokio::time::timeout(WAIT, self.0.acquire()).await;
        turn.ok()
            .and_then(Result::ok)
            .ok_or(AppError::TooMany { retry_after_s: 10 })
    }
}

/// A zone by its IANA name.
pub fn zone(name: &str) -> Result<TimeZone, AppError> {
    TimeZone::get(name).map_err(|_| AppError::field("zone", "There is no such time zone."))
}

/// Both ends of the time, where they are there and not too far apart.
fn checked(query: &ReportQuery) -> Result<(u64, u64), AppError> {
    let ends = query.search.from_ms.zip(query.search.to_ms);
    let (from, to) = ends
        .filter(|(from, to)| from < to)
        .ok_or_else(|| AppError::field("time", "Choose from when to when."))?;
    let most = if query.by == By::Hour {
        MAX_DAYS_BY_HOUR
    } else {
        MAX_DAYS
    };
    // a day may have 25 hours
    if to - from > most * DAY_MS + HOUR_MS {
        return Err(AppError::field("time", format!("At most {most} days.")));
    }
    Ok((from, to))
}

/// All of these together.
fn all<'a>(some: impl Iterator<Item = &'a CallTotals>) -> CallTotals {
    let mut sum = CallTotals::default();
    for one in some {
        sum.add(one);
    }
    sum
}

/// The most frequent first, and the rest together.
fn ranked(sums: CallSums, then: &CallSums, name: impl Fn(&str) -> String) -> Vec<ReportRow> {
    let before = |key: &String| then.of.get(key).copied().unwrap_or_default();
    let mut rows: Vec<(String, CallTotals)> = sums.of.into_iter().collect();
    rows.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.calls()));
    let rest = rows.split_off(rows.len().min(MAX_ROWS));
    let mut rows: Vec<ReportRow> = rows
        .into_iter()
        .map(|(key, totals)| ReportRow {
            name: name(&key),
            before: before(&key),
            about: About::Word(key),
            totals,
        })
        .collect();
    if !rest.is_empty() {
        rows.push(ReportRow {
            about: About::Rest,
            name: format!("{} others", rest.len()),
            totals: all(rest.iter().map(|(_, totals)| totals)),
            before: all(rest.iter().filter_map(|(key, _)| then.of.get(key))),
        });
    }
    rows
}

/// When a day begins in a zone.
fn midnight(day: Date, zone: &TimeZone) -> Option<u64> {
    let at = zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_millisecond();
    u64::try_from(at).ok()
}

/// Each day or hour, also those without calls.
fn in_time(
    quarters: &BTreeMap<u64, CallTotals>,
    (from, to): (u64, u64),
    by_hour: bool,
    zone: &TimeZone,
) -> Vec<ReportRow> {
    let row = |begins: u64, ends: u64, name: String| ReportRow {
        about: About::Time(begins, ends),
        name,
        totals: all(quarters.range(begins..ends).map(|(_, totals)| totals)),
        before: CallTotals::default(),
    };
    let local = |at_ms: u64| {
        let at = Timestamp::from_millisecond(at_ms.cast_signed()).ok()?;
        Some(zone.to_datetime(at))
    };
    // hours of one day are told apart without it
    let one_day = to - from <= DAY_MS + HOUR_MS;
    let mut rows = Vec::new();
    let mut at = from;
    while at < to {
        let Some(then) = local(at) else { break };
        let day = moment::short_day(utc_of(then.date()));
        let (ends, name) = if by_hour {
            let hour = format!("{:02}:{:02}", then.hour(), then.minute());
            let name = if one_day { hour } else { format!("{day}, {hour}") };
            (at + HOUR_MS, name)
        } else {
            let tomorrow = then.date().tomorrow().ok().and_then(|day| midnight(day, zone));
            (tomorrow.filter(|ends| *ends > at).unwrap_or(to), day)
        };
        rows.push(row(at, ends.min(to), name));
        at = ends;
    }
    rows
}

/// A date as if it were in UTC: to write it.
fn utc_of(day: Date) -> u64 {
    let at = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    at.map_or(0, |at| u64::try_from(at.as_millisecond()).unwrap_or_default())
}

/// Calls by the day of the week and the hour.
fn week(quarters: &BTreeMap<u64, CallTotals>, zone: &TimeZone) -> Vec<[u64; 24]> {
    let mut week = vec![[0; 24]; 7];
    for (at_ms, totals) in quarters {
        let Ok(at) = Timestamp::from_millisecond(at_ms.cast_signed()) else {
            continue;
        };
        let at = zone.to_datetime(at);
        let day = usize::from(at.weekday().to_monday_zero_offset().unsigned_abs());
        let hour = usize::from(at.hour().unsigned_abs());
        if let Some(place) = week.get_mut(day).and_then(|day| day.get_mut(hour)) {
            *place += totals.calls();
        }
    }
    week
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn quarters(hours: &[(u64, u64)]) -> BTreeMap<u64, CallTotals> {
        let some = hours.iter().map(|(at, answered)| {
            let totals = CallTotals {
                answered: *answered,
                ..CallTotals::default()
            };
            (*at, totals)
        });
        some.collect()
    }

    #[test]
    fn the_day_with_twenty_five_hours_has_all_its_calls_and_the_next_one_its_own() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let begins = midnight(Date::constant(2026, 10, 25), &berlin).unwrap();
        let ends = midnight(Date::constant(2026, 10, 27), &berlin).unwrap();
        assert_eq!(ends - begins, 49 * HOUR_MS);
        let every_hour: Vec<(u64, u64)> = (0..49).map(|hour| (begins + hour * HOUR_MS, 1)).collect();
        let quarters = quarters(&every_hour);
        let days = in_time(&quarters, (begins, ends), false, &berlin);
        let told: Vec<(&str, u64)> = days
            .iter()
            .map(|row| (row.name.as_str(), row.totals.answered))
            .collect();
        assert_eq!(told, [("Sun 25 Oct", 25), ("Mon 26 Oct", 24)]);
        let hours = in_time(&quarters, (begins, ends), true, &berlin);
        assert_eq!(hours.len(), 49);
        assert_eq!(
            (hours[2].name.as_str(), hours[3].name.as_str()),
            ("Sun 25 Oct, 02:00", "Sun 25 Oct, 02:00")
        );
        let week = week(&quarters, &berlin);
        assert_eq!((week[6][2], week[6][3], week[0][2]), (2, 1, 1));
    }

    #[test]
    fn the_week_before_begins_at_the_same_hour_also_where_clocks_were_changed() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let monday = midnight(Date::constant(2026, 10, 26), &berlin).unwrap();
        let time = (monday, monday + 9 * HOUR_MS);
        let week_before = midnight(Date::constant(2026, 10, 19), &berlin).unwrap();
        assert_eq!(
            before(time, Than::Week, &berlin),
            (week_before, week_before + 9 * HOUR_MS)
        );
        assert_eq!(monday - week_before, 7 * DAY_MS + HOUR_MS);
        assert_eq!(
            before(time, Than::Before, &berlin),
            (monday - 9 * HOUR_MS, monday)
        );
        let leap = midnight(Date::constant(2028, 2, 29), &berlin).unwrap();
        let year_before = midnight(Date::constant(2027, 2, 28), &berlin).unwrap();
        assert_eq!(before((leap, leap + HOUR_MS), Than::Year, &berlin).0, year_before);
    }

    #[test]
    fn where_clocks_are_half_an_hour_off_the_day_begins_there() {
        let kolkata = TimeZone::get("Asia/Kolkata").unwrap();
        let begins = midnight(Date::constant(2026, 11, 26), &kolkata).unwrap();
        let quarters = quarters(&[(begins - QUARTER_MS, 5), (begins, 7)]);
        let days = in_time(&quarters, (begins, begins + DAY_MS), false, &kolkata);
        assert_eq!(days[0].totals.answered, 7);
    }
}
