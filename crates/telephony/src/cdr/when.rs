//! When something was, by a clock on the wall or for good; and what is made of an hour that a clock shows twice.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CdrRow, Disposition, Wrong};
use crate::Timestamp;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;
/// Years that a time may be of.
const YEARS: std::ops::RangeInclusive<i64> = 1970..=2200;
/// Rows have whole seconds, each cut off for itself.
pub const NEAR_MS: u64 = 2_000;

/// A time as a row has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum When {
    /// What a clock on the wall showed, as seconds since the beginning of 1970 on that clock.
    Wall(i64),
    /// A moment, whatever clocks showed.
    At(Timestamp),
}

impl fmt::Display for When {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            When::At(at) => write!(out, "@{}", at.0),
            When::Wall(seconds) => {
                let (year, month, day) = civil(seconds.div_euclid(DAY_S));
                let of_day = seconds.rem_euclid(DAY_S);
                let (hour, minute) = (of_day / HOUR_S, of_day % HOUR_S / MINUTE_S);
                let second = of_day % MINUTE_S;
                write!(
                    out,
                    "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
                )
            }
        }
    }
}

impl When {
    /// Reads `2026-10-25 02:30:00`, with a fraction or an offset from UTC after it, or seconds since the epoch. `None` for what
    /// is left empty, or stands for nothing.
    ///
    /// # Errors
    /// It is none of these.
    pub fn read(text: &str) -> Result<Option<When>, Wrong> {
        let text = text.trim();
        if text.is_empty() || text.starts_with("0000-00-00") {
            return Ok(None);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return epoch(text);
        }
        let (date, rest) = text.split_at_checked(10).ok_or(Wrong::NotATime)?;
        let rest = rest.strip_prefix([' ', 'T']).ok_or(Wrong::NotATime)?;
        let (time, rest) = rest.split_at_checked(8).ok_or(Wrong::NotATime)?;
        let [year, month, day] = three(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = three(time, ':', [2, 2, 2])?;
        // a leap second is the first of the next minute
        let right = YEARS.contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_of(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        if !right {
            return Err(Wrong::NotATime);
        }
        let wall = days(year, month, day) * DAY_S + hour * HOUR_S + minute * MINUTE_S + second;
        let offset = match rest.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
            None => rest,
        };
        Ok(Some(match offset_of(offset.trim())? {
            None => When::Wall(wall),
            Some(offset) => When::At(moment(wall - offset)),
        }))
    }
}

fn epoch(text: &str) -> Result<Option<When>, Wrong> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: u64 = whole.parse().map_err(|_| Wrong::NotATime)?;
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let ms: u64 = thousandths.parse().map_err(|_| Wrong::NotATime)?;
    let latest = u64::try_from(days(*YEARS.end() + 1, 1, 1) * DAY_S).unwrap_or_default();
    if seconds >= latest {
        return Err(Wrong::NotATime);
    }
    // what never was is written as zero
    Ok((seconds > 0).then_some(When::At(Timestamp(seconds * 1_000 + ms))))
}

fn three(text: &str, between: char, digits: [usize; 3]) -> Result<[i64; 3], Wrong> {
    let mut parts = text.split(between);
    let mut found = [0; 3];
    for (part, digits) in found.iter_mut().zip(digits) {
        let text = parts.next().ok_or(Wrong::NotATime)?;
        if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Wrong::NotATime);
        }
        *part = text.parse().map_err(|_| Wrong::NotATime)?;
    }
    Ok(found)
}

/// `Z`, `+02`, `+0200`, `+02:00`.
fn offset_of(text: &str) -> Result<Option<i64>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    if text == "Z" {
        return Ok(Some(0));
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (None, Some(rest)) => (-1, rest),
        (None, None) => return Err(Wrong::NotATime),
    };
    let digits: String = rest.chars().filter(|letter| *letter != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::NotATime);
    }
    let (hours, minutes) = digits.split_at(2);
    let hours: i64 = hours.parse().map_err(|_| Wrong::NotATime)?;
    let minutes: i64 = if minutes.is_empty() {
        0
    } else {
        minutes.parse().map_err(|_| Wrong::NotATime)?
    };
    Ok(Some(sign * (hours * HOUR_S + minutes * MINUTE_S)))
}

/// Days from the beginning of 1970 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // years that begin in March have their odd day at the end
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// The day of the Gregorian calendar so many days after the beginning of 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn days_of(year: i64, month: i64) -> i64 {
    let next = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days(next.0, next.1, 1) - days(year, month, 1)
}

/// Seconds since the epoch as a moment; the epoch for what was before it.
fn moment(seconds: i64) -> Timestamp {
    Timestamp(u64::try_from(seconds).unwrap_or_default() * 1_000)
}

/// By how much a zone's clocks are ahead of UTC at what they show, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// So much.
    One(i32),
    /// They show it twice: so much the first time, so much the second.
    Twice(i32, i32),
    /// They never show it: so much before they are put forward, so much after.
    Never(i32, i32),
}

/// A zone.
pub trait Zone {
    /// By how much its clocks are ahead of UTC when they show this (seconds since the beginning of 1970 on them).
    fn offset(&self, wall_s: i64) -> Offset;
}

/// The same all the year.
impl Zone for i32 {
    fn offset(&self, _wall_s: i64) -> Offset {
        Offset::One(*self)
    }
}

/// What is not known of when a row was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Doubt {
    /// Clocks showed it twice, and nothing in the row says which time it was: the first one is taken.
    Twice,
    /// Clocks of the zone never showed it.
    Never,
}

/// When a row was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// When it began,
    pub start: Timestamp,
    /// when it was answered,
    pub answer: Option<Timestamp>,
    /// and when it ended.
    pub end: Timestamp,
    /// What is not known of that.
    pub doubt: Option<Doubt>,
}

/// The moments that a time can be, the earlier first.
fn moments(when: When, zone: &dyn Zone) -> (Timestamp, Option<Timestamp>, Option<Doubt>) {
    match when {
        When::At(at) => (at, None, None),
        When::Wall(wall) => {
            let at = |offset: i32| moment(wall - i64::from(offset));
            match zone.offset(wall) {
                Offset::One(offset) => (at(offset), None, None),
                Offset::Twice(first, second) => (at(first), Some(at(second)), None),
                Offset::Never(before, _) => (at(before), None, Some(Doubt::Never)),
            }
        }
    }
}

/// Of the moments that a time can be the one nearest to another.
fn nearest(when: When, zone: &dyn Zone, to: Timestamp) -> Timestamp {
    let (first, second, _) = moments(when, zone);
    let apart = |at: Timestamp| at.0.abs_diff(to.0);
    second
        .filter(|second| apart(*second) < apart(first))
        .unwrap_or(first)
}

impl CdrRow {
    /// When it was, by the clocks of a zone; `None` where it does not say when it began.
    pub fn times(&self, zone: &dyn Zone) -> Option<Times> {
        let (first, second, doubt) = moments(self.start?, zone);
        let (start, doubt) = match second {
            None => (first, doubt),
            Some(second) => match self.which(zone, first, second) {
                Some(start) => (start, None),
                None => (first, Some(Doubt::Twice)),
            },
        };
        let reckoned = start.after_s(self.duration_s);
        let end = self.end.map_or(reckoned, |end| nearest(end, zone, reckoned));
        let end = end.max(start);
        let talked = end.before_s(self.billable_s);
        let answer = match self.answer {
            Some(answer) => Some(nearest(answer, zone, talked)),
            None if self.billable_s > 0 && self.disposition == Disposition::Answered => Some(talked),
            None => None,
        };
        Some(Times {
            start,
            answer: answer.map(|at| at.clamp(start, end)),
            end,
            doubt,
        })
    }

    /// Which of two moments it began at, by when it ended, or by when its channel was made.
    fn which(&self, zone: &dyn Zone, first: Timestamp, second: Timestamp) -> Option<Timestamp> {
        let ended = self.end.map(|end| moments(end, zone));
        if let Some((end, None, _)) = ended {
            let fits = |start: Timestamp| start.after_s(self.duration_s).0.abs_diff(end.0) <= NEAR_MS;
            return match (fits(first), fits(second)) {
                (true, false) => Some(first),
                (false, true) => Some(second),
                (true, true) | (false, false) => None,
            };
        }
        let made = self.channel_made_s()? * 1_000;
        if first.0 + NEAR_MS < made {
            // no row begins before its channel
            return Some(second);
        }
        (first.0.abs_diff(made) <= NEAR_MS).then_some(first)
    }
}

/// By how much the clocks of a PBX are ahead of UTC, in seconds, if it told a row at `told`: it does so when the row ends.
pub fn seen_offset(row: &CdrRow, told: Timestamp) -> Option<i32> {
    const QUARTER_S: i64 = 15 * MINUTE_S;
    const MOST_S: i64 = 15 * HOUR_S;
    let shown = match row.end.or(row.start)? {
        When::Wall(wall) => wall,
        When::At(_) => return Some(0),
    };
    let ahead = shown - i64::try_from(told.0 / 1_000).ok()?;
    // zones are quarters of an hour apart, and a row is told within some minutes
    let rounded = (ahead + QUARTER_S / 2).div_euclid(QUARTER_S) * QUARTER_S;
    (rounded.abs() <= MOST_S).then(|| i32::try_from(rounded).ok())?
}
