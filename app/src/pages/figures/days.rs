//! From days of a calendar to the intervals that are asked for.

use super::asked::{Asked, By, Of};
use crate::{model::figures::MAX_INTERVALS, pages::zone::Zone};

const HOUR_MS: u64 = 3_600_000;
/// The longest time that can be asked for, in days.
pub const MAX_DAYS: u64 = 366;

/// Where days begin.
pub trait Calendar {
    /// The day since 1970 that a moment is in.
    fn day_of(&self, at_ms: u64) -> u64;
    /// When a day begins.
    fn midnight(&self, day: u64) -> u64;
}

impl Calendar for Zone {
    fn day_of(&self, at_ms: u64) -> u64 {
        Zone::day_of(*self, at_ms)
    }

    fn midnight(&self, day: u64) -> u64 {
        Zone::midnight(*self, day)
    }
}

/// One interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Where it begins,
    pub from_ms: u64,
    /// and ends.
    pub to_ms: u64,
    /// The day it is in, or with which it begins.
    pub day: u64,
    /// The hour of the day, counted as they pass.
    pub hour: Option<u32>,
}

impl Interval {
    /// What it is called in the address.
    pub fn of(&self) -> Of {
        match self.hour {
            Some(hour) => Of::Hour(self.day, hour),
            None => Of::Day(self.day),
        }
    }
}

/// The time that is asked for, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// One after the other, without holes; a single one where nothing is split by time.
    pub intervals: Vec<Interval>,
    /// Hours were asked for, and there are too many of them.
    pub days_instead: bool,
    /// More days than can be asked for at once.
    pub too_long: bool,
}

impl Parts {
    /// Cuts the time that is asked for; `now_ms` is where the future begins, of which there are no parts.
    pub fn of(asked: &Asked, calendar: &impl Calendar, now_ms: u64) -> Self {
        let today = calendar.day_of(now_ms);
        let (first, last) = asked.span.time.days(today);
        if last - first >= MAX_DAYS {
            return Self {
                too_long: true,
                ..Self::default()
            };
        }
        let part = |day: u64, next: u64| Interval {
            from_ms: calendar.midnight(day),
            to_ms: calendar.midnight(next),
            day,
            hour: None,
        };
        let begun = |interval: &Interval| interval.from_ms <= now_ms;
        let mut days_instead = false;
        let mut intervals: Vec<Interval> = Vec::new();
        if asked.by == By::Hour {
            let days = (first..=last).map(|day| part(day, day + 1));
            let hours = days.flat_map(hours).take_while(begun);
            intervals = hours.take(MAX_INTERVALS + 1).collect();
            days_instead = intervals.len() > MAX_INTERVALS;
        }
        if asked.by == By::Day || days_instead {
            let days = (first..=last).map(|day| part(day, day + 1));
            intervals = days.take_while(begun).collect();
        }
        if intervals.is_empty() {
            intervals = vec![part(first, last + 1)];
        }
        Self {
            intervals,
            days_instead,
            too_long: false,
        }
    }

    /// Where intervals begin and end.
    pub fn edges(&self) -> Vec<u64> {
        let ends = self.intervals.iter().map(|interval| interval.to_ms);
        let first = self.intervals.first().map(|interval| interval.from_ms);
        first.into_iter().chain(ends).collect()
    }

    /// From the first beginning to the last end.
    pub fn range(&self) -> (u64, u64) {
        let first = self.intervals.first().map_or(0, |interval| interval.from_ms);
        (first, self.intervals.last().map_or(0, |interval| interval.to_ms))
    }

    /// The interval that begins here.
    pub fn from(&self, from_ms: u64) -> Option<&Interval> {
        self.intervals.iter().find(|interval| interval.from_ms == from_ms)
    }

    /// The time that a figure is of: its interval, or all of it.
    pub fn range_of(&self, of: &Of) -> (u64, u64) {
        let found = self.intervals.iter().find(|interval| interval.of() == *of);
        found.map_or_else(|| self.range(), |interval| (interval.from_ms, interval.to_ms))
    }
}

fn hours(day: Interval) -> impl Iterator<Item = Interval> {
    let begin = (0..).map(move |hour: u32| (hour, day.from_ms + u64::from(hour) * HOUR_MS));
    let inside = begin.take_while(move |(_, from_ms)| *from_ms < day.to_ms);
    inside.map(move |(hour, from_ms)| Interval {
        from_ms,
        to_ms: day.to_ms.min(from_ms + HOUR_MS),
        hour: Some(hour),
        ..day
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::pages::span::{Span, Time};

    const DAY_MS: u64 = 24 * HOUR_MS;
    /// The day since 1970 on which clocks are put back.
    const LONG: u64 = 20_751;

    /// Two hours ahead of UTC until three o'clock of the long day, one hour from then on.
    struct Berlin;

    impl Calendar for Berlin {
        fn day_of(&self, at_ms: u64) -> u64 {
            (0..).find(|day| self.midnight(day + 1) > at_ms).unwrap()
        }

        fn midnight(&self, day: u64) -> u64 {
            let ahead = if day <= LONG { 2 } else { 1 };
            day * DAY_MS - ahead * HOUR_MS
        }
    }

    fn parts(time: Time, by: By, now_ms: u64) -> Parts {
        let span = Span {
            time,
            ..Span::default()
        };
        let asked = Asked {
            span,
            by,
            ..Asked::default()
        };
        Parts::of(&asked, &Berlin, now_ms)
    }

    #[test]
    fn a_day_on_which_clocks_are_put_back_has_25_hours_and_is_one_day() {
        let later = Berlin.midnight(LONG + 9);
        let hours = parts(Time::Between(LONG, LONG), By::Hour, later);
        assert_eq!(hours.intervals.len(), 25);
        assert_eq!(hours.intervals[24].hour, Some(24));
        assert_eq!(hours.range(), (Berlin.midnight(LONG), Berlin.midnight(LONG + 1)));
        let days = parts(Time::Between(LONG - 1, LONG + 1), By::Day, later);
        let lengths: Vec<u64> = days
            .edges()
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) / HOUR_MS)
            .collect();
        assert_eq!(lengths, [24, 25, 24]);
        let whole = parts(Time::Between(LONG - 1, LONG + 1), By::Queue, later);
        assert_eq!(whole.edges(), [days.edges()[0], days.edges()[3]]);
        let long = Of::Day(LONG);
        assert_eq!(days.range_of(&long), hours.range());
        assert_eq!(days.range_of(&Of::Whole), whole.range());
    }

    #[test]
    fn the_future_has_no_rows_and_the_hour_that_runs_has_one() {
        let now_ms = Berlin.midnight(LONG + 2) + 9 * HOUR_MS + 1;
        let hours = parts(Time::Today, By::Hour, now_ms);
        assert_eq!(hours.intervals.len(), 10);
        assert!(hours.range().1 > now_ms);
        let days = parts(Time::Between(LONG, LONG + 20), By::Day, now_ms);
        assert_eq!(days.intervals.len(), 3);
        // a time that has not begun is asked for as one
        assert_eq!(
            parts(Time::Between(LONG + 9, LONG + 9), By::Hour, now_ms)
                .intervals
                .len(),
            1
        );
    }

    #[test]
    fn more_hours_than_fit_are_days_and_more_days_than_fit_are_refused() {
        let later = Berlin.midnight(LONG + 900);
        let hours = parts(Time::Between(LONG + 100, LONG + 115), By::Hour, later);
        assert_eq!((hours.intervals.len(), hours.days_instead), (384, false));
        let days = parts(Time::Between(LONG + 100, LONG + 116), By::Hour, later);
        assert_eq!((days.intervals.len(), days.days_instead), (17, true));
        let days = parts(Time::Between(LONG + 1, LONG + MAX_DAYS), By::Day, later);
        assert_eq!((days.intervals.len(), days.too_long), (366, false));
        assert!(parts(Time::Between(LONG, LONG + MAX_DAYS), By::Queue, later).too_long);
    }
}
