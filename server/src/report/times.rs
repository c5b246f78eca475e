//! When a report that comes again and again is due, and about which time it is: days, weeks and months of a zone.

use app::model::mailing::Every;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

fn moment(day: Date, minute: u16, zone: &TimeZone) -> Option<u64> {
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    // a time that the clocks leave out is the one after it
    let at = zone.to_timestamp(day.at(hour, minute, 0, 0)).ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

/// The day on which what is due on this day or before was due last, and the first day of what it is about.
fn last(every: Every, day: Date) -> Option<(Date, Date)> {
    let (due, back) = match every {
        Every::Day => (day, 1.day()),
        Every::Week => {
            let since_monday = i64::from(day.weekday().to_monday_zero_offset());
            (day.checked_sub(since_monday.days()).ok()?, 1.week())
        }
        Every::Month => (day.first_of_month(), 1.month()),
    };
    Some((due, due.checked_sub(back).ok()?))
}

/// The day after this one on which it is due.
fn next(every: Every, due: Date) -> Option<Date> {
    let on = match every {
        Every::Day => 1.day(),
        Every::Week => 1.week(),
        Every::Month => 1.month(),
    };
    due.checked_add(on).ok()
}

fn today(now_ms: u64, zone: &TimeZone) -> Option<Date> {
    let now = Timestamp::from_millisecond(i64::try_from(now_ms).ok()?).ok()?;
    Some(zone.to_datetime(now).date())
}

/// The first moment after this one at which it is due. None where calendars end.
pub fn due_after(now_ms: u64, every: Every, minute: u16, zone: &TimeZone) -> Option<u64> {
    let (mut day, _) = last(every, today(now_ms, zone)?)?;
    // the one of today may be still to come
    for _ in 0..3 {
        let at = moment(day, minute, zone)?;
        if at > now_ms {
            return Some(at);
        }
        day = next(every, day)?;
    }
    None
}

/// From when to when it tells, where it is due then: the last whole day, week or month.
pub fn about(due_ms: u64, every: Every, zone: &TimeZone) -> Option<(u64, u64)> {
    let (to, from) = last(every, today(due_ms, zone)?)?;
    Some((moment(from, 0, zone)?, moment(to, 0, zone)?))
}

/// From the first of these days (counted from 1970-01-01) to the end of the last.
pub fn days((first, last): (u64, u64), zone: &TimeZone) -> Option<(u64, u64)> {
    let day = |number: u64| {
        Date::constant(1970, 1, 1)
            .checked_add(i64::try_from(number).ok()?.days())
            .ok()
    };
    let ends = (
        moment(day(first)?, 0, zone)?,
        moment(day(last.checked_add(1)?)?, 0, zone)?,
    );
    (first <= last).then_some(ends)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        let (clock, zone) = text.trim_end_matches(']').split_once('[').unwrap();
        let clock: jiff::civil::DateTime = clock.parse().unwrap();
        let at = TimeZone::get(zone).unwrap().to_timestamp(clock).unwrap();
        u64::try_from(at.as_millisecond()).unwrap()
    }

    #[test]
    fn each_is_due_on_its_day_and_tells_of_the_whole_time_before() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let now = at("2026-11-27T06:30[Europe/Berlin]");
        for (every, due, from, to) in [
            (
                Every::Day,
                "2026-11-27T07:00",
                "2026-11-26T00:00",
                "2026-11-27T00:00",
            ),
            (
                Every::Week,
                "2026-11-30T07:00",
                "2026-11-23T00:00",
                "2026-11-30T00:00",
            ),
            (
                Every::Month,
                "2026-12-01T07:00",
                "2026-11-01T00:00",
                "2026-12-01T00:00",
            ),
        ] {
            let of = |text: &str| at(&format!("{text}[Europe/Berlin]"));
            let due_ms = due_after(now, every, 7 * 60, &berlin).unwrap();
            assert_eq!(due_ms, of(due));
            assert_eq!(about(due_ms, every, &berlin), Some((of(from), of(to))));
            assert!(due_after(due_ms, every, 7 * 60, &berlin).unwrap() > due_ms);
        }
    }

    #[test]
    fn the_day_with_twenty_five_hours_is_told_as_a_whole_and_an_hour_that_is_left_out_comes_an_hour_later() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let due = at("2026-10-26T07:00[Europe/Berlin]");
        let (from, to) = about(due, Every::Day, &berlin).unwrap();
        assert_eq!(to - from, 25 * 3_600_000);
        // on this day no clock shows 02:30
        let before = at("2026-03-29T00:00[Europe/Berlin]");
        let due = due_after(before, Every::Day, 150, &berlin).unwrap();
        assert_eq!(due, at("2026-03-29T03:30[Europe/Berlin]"));
    }

    #[test]
    fn one_after_the_other_no_day_is_told_twice_or_left_out() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for every in [Every::Day, Every::Week, Every::Month] {
            let mut now = at("2026-01-31T12:00[America/New_York]");
            let mut told_to = None;
            for _ in 0..400 {
                let due = due_after(now, every, 23 * 60 + 59, &zone).unwrap();
                let (from, to) = about(due, every, &zone).unwrap();
                assert!(due > now && from < to && to <= due);
                assert!(told_to.is_none_or(|told| told == from));
                (now, told_to) = (due, Some(to));
            }
        }
    }
}
