//! What the clocks of a place show, by the rules of the IANA time zone database.

use jiff::tz::{AmbiguousOffset, Offset as Ahead, TimeZone};
use telephony::cdr::{Offset, Zone};

/// The clocks of a zone.
#[derive(Clone, Debug)]
pub struct Clocks(TimeZone);

impl Clocks {
    /// Those of the zone of this name, as Europe/Berlin; `None` where there is no such zone.
    pub fn of(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }
}

impl Zone for Clocks {
    fn offset(&self, wall_s: i64) -> Offset {
        let Ok(shown) = jiff::Timestamp::from_second(wall_s) else {
            return Offset::One(0);
        };
        match self
            .0
            .to_ambiguous_timestamp(Ahead::UTC.to_datetime(shown))
            .offset()
        {
            AmbiguousOffset::Unambiguous { offset } => Offset::One(offset.seconds()),
            AmbiguousOffset::Fold { before, after } => Offset::Twice(before.seconds(), after.seconds()),
            AmbiguousOffset::Gap { before, after } => Offset::Never(before.seconds(), after.seconds()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_clocks_show_twice_or_never_says_so() {
        let berlin = Clocks::of("Europe/Berlin").unwrap();
        // 2026-10-25 02:30, 2026-03-29 02:30, 2026-11-27 12:00
        assert_eq!(berlin.offset(1_792_895_400), Offset::Twice(7_200, 3_600));
        assert_eq!(berlin.offset(1_774_751_400), Offset::Never(3_600, 7_200));
        assert_eq!(berlin.offset(1_795_780_800), Offset::One(3_600));
        assert!(Clocks::of("Europe/Atlantis").is_none());
    }
}
