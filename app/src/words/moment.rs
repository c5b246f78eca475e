//! Moments as people read them, in UTC: what the server knows before a browser has told its zone.

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Names of months.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

/// Year, month (1 to 12) and day of a day since 1970.
pub fn date_of(day: u64) -> (u64, u64, u64) {
    // eras of 400 years that begin in March: leap days are at the end of a year then
    let day = day + 719_468;
    let era = day / 146_097;
    let of_era = day % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

/// The day since 1970 of a date; None before 1970.
pub fn day_number(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(719_468)
}

/// The day since 1970 that a moment is in.
pub fn day_of(at_ms: u64) -> u64 {
    at_ms / DAY_MS
}

/// When a day since 1970 begins.
pub fn midnight(day: u64) -> u64 {
    day * DAY_MS
}

/// `2026-11-26`, of a day since 1970.
pub fn date(day: u64) -> String {
    let (year, month, day) = date_of(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads what [`date`] writes; what is no day of any calendar is none.
pub fn read_date(text: &str) -> Option<u64> {
    let day = day_of(read_utc(&format!("{text}T00:00"))?);
    (date(day) == text).then_some(day)
}

/// `Thu 26 Nov`.
pub fn short_day(at_ms: u64) -> String {
    let (_, month, day) = date_of(at_ms / DAY_MS);
    let name = |names: &[&'static str], at: u64| names.get(at as usize).copied().unwrap_or_default();
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let weekday = short(name(&WEEKDAYS, at_ms / DAY_MS % 7));
    format!("{weekday} {day} {}", short(name(&MONTHS, month - 1)))
}

/// `2026-11-26T07:00:05Z`, for machines.
pub fn machine(at_ms: u64) -> String {
    let (year, month, day) = date_of(at_ms / DAY_MS);
    let clock = clock(at_ms);
    format!("{year:04}-{month:02}-{day:02}T{clock}Z")
}

/// `2026-11-26T07:00`, as fields for a moment take it.
pub fn field(at_ms: u64) -> String {
    let mut text = machine(at_ms);
    text.truncate("2026-11-26T07:00".len());
    text
}

/// `07:00:05`.
pub fn clock(at_ms: u64) -> String {
    let of_day = at_ms % DAY_MS;
    format!(
        "{:02}:{:02}:{:02}",
        of_day / HOUR_MS,
        of_day % HOUR_MS / MINUTE_MS,
        of_day % MINUTE_MS / SECOND_MS
    )
}

/// `Thursday, 26 November 2026`.
pub fn day(at_ms: u64) -> String {
    let (year, month, day) = date_of(at_ms / DAY_MS);
    let name = |names: &[&'static str], at: u64| names.get(at as usize).copied().unwrap_or_default();
    let weekday = name(&WEEKDAYS, at_ms / DAY_MS % 7);
    format!("{weekday}, {day} {} {year}", name(&MONTHS, month - 1))
}

/// Reads what [`field`] and [`machine`] write, with or without seconds, as UTC.
pub fn read_utc(text: &str) -> Option<u64> {
    let (date, time) = text.trim_end_matches('Z').split_once('T')?;
    let numbers = |text: &str, between| {
        let digits = |part: &str| {
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts = text.split(between);
        let parts = parts.map(|part| digits(part).then(|| part.parse::<u64>().ok()).flatten());
        parts.collect::<Option<Vec<_>>>()
    };
    let (date, time) = (numbers(date, '-')?, numbers(time, ':')?);
    let ([year, month, day], [hour, minute, second]) = (
        <[u64; 3]>::try_from(date).ok()?,
        match time[..] {
            [hour, minute] => [hour, minute, 0],
            [hour, minute, second] => [hour, minute, second],
            _ => return None,
        },
    );
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = day_number(year, month, day)?;
    Some(days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_told_in_full() {
        assert_eq!(machine(0), "1970-01-01T00:00:00Z");
        assert_eq!(machine(951_782_399_000), "2000-02-28T23:59:59Z");
        assert_eq!(machine(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(machine(1_795_682_405_999), "2026-11-26T08:40:05Z");
        assert_eq!(day(1_795_682_405_999), "Thursday, 26 November 2026");
        assert_eq!(clock(1_795_682_405_999), "08:40:05");
        assert_eq!(short_day(1_795_682_405_999), "Thu 26 Nov");
        assert_eq!(date(day_of(1_795_682_405_999)), "2026-11-26");
        assert_eq!(read_date("2026-02-30"), None);
        assert_eq!(read_date("2026-11-26").map(midnight), Some(1_795_651_200_000));
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for bad in [
            "",
            "2026-11-26",
            "2026-13-01T00:00",
            "2026-01-01T24:00",
            "2026-01-01T00",
            "1969-12-31T23:59",
            "2026-1-x T00:00",
            "2026-11-26T07:00:00+01:00",
            "99999-01-01T00:00",
        ] {
            assert_eq!(read_utc(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_second_is_read_as_it_was_written(second in 0u64..250_000_000_000) {
            let at_ms = second * 1_000;
            prop_assert_eq!(read_utc(&machine(at_ms)), Some(at_ms));
            prop_assert_eq!(read_utc(&field(at_ms)), Some(at_ms / 60_000 * 60_000));
        }
    }
}
