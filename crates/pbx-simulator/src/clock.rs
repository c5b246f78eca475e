//! Dates as Asterisk writes them, from milliseconds since the Unix epoch, in UTC.

/// `2026-11-21 00:22:22`.
pub(crate) fn date_time(at_ms: u64) -> String {
    format!("{} {}", date(at_ms), time(at_ms))
}

/// `2026-11-21`.
pub(crate) fn date(at_ms: u64) -> String {
    let (year, month, day) = civil(at_ms / 86_400_000);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `00:22:22`.
pub(crate) fn time(at_ms: u64) -> String {
    duration(at_ms / 1000 % 86_400)
}

/// Seconds as `00:03:07`.
pub(crate) fn duration(seconds: u64) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Year, month and day of a day number since 1970-01-01, in the Gregorian calendar: years counted from
/// March in eras of 400 years, so that the leap day is the last of its year.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_second_reads_as_its_date() {
        assert_eq!(date_time(1_795_220_542_000), "2026-11-21 00:22:22");
        assert_eq!(date_time(951_782_400_000), "2000-02-29 00:00:00");
        assert_eq!(date_time(0), "1970-01-01 00:00:00");
    }
}
