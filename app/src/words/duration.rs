//! Durations as people read them.

const SECOND_MS: u64 = 1_000;
const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 3_600;
const DAY_S: u64 = 86_400;

/// A running time: `0:07`, `12:05`, `1:02:33`.
pub fn clock(duration_ms: u64) -> String {
    let total_s = duration_ms / SECOND_MS;
    let (hours, minutes, seconds) = (total_s / HOUR_S, total_s % HOUR_S / MINUTE_S, total_s % MINUTE_S);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// How old something is, in one unit: `12 s`, `4 min`, `3 h`, `2 d`.
pub fn age(duration_ms: u64) -> String {
    let total_s = duration_ms / SECOND_MS;
    if total_s < MINUTE_S {
        format!("{total_s} s")
    } else if total_s < HOUR_S {
        format!("{} min", total_s / MINUTE_S)
    } else if total_s < DAY_S {
        format!("{} h", total_s / HOUR_S)
    } else {
        format!("{} d", total_s / DAY_S)
    }
}

/// How long ago something was: `just now`, `4 min ago`.
pub fn ago(duration_ms: u64) -> String {
    if duration_ms < MINUTE_S * SECOND_MS {
        "just now".into()
    } else {
        format!("{} ago", age(duration_ms))
    }
}

/// A duration for a machine, as `<time datetime>` wants it: `PT125S`.
pub fn machine(duration_ms: u64) -> String {
    format!("PT{}S", duration_ms / SECOND_MS)
}

#[cfg(test)]
mod tests {
    use super::{age, ago, clock, machine};

    #[test]
    fn a_clock_grows_by_units_only_when_needed() {
        let cases = [
            (0, "0:00"),
            (7_999, "0:07"),
            (60_000, "1:00"),
            (725_000, "12:05"),
            (3_599_999, "59:59"),
            (3_753_000, "1:02:33"),
            (360_000_000, "100:00:00"),
        ];
        for (duration_ms, text) in cases {
            assert_eq!(clock(duration_ms), text);
        }
    }

    #[test]
    fn an_age_has_one_unit() {
        let cases = [
            (0, "0 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_600_000, "1 h"),
            (200_000_000, "2 d"),
        ];
        for (duration_ms, text) in cases {
            assert_eq!(age(duration_ms), text);
        }
        assert_eq!(machine(125_400), "PT125S");
        assert_eq!(
            (ago(59_999).as_str(), ago(60_000).as_str()),
            ("just now", "1 min ago")
        );
    }
}
