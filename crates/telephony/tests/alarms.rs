//! The laws of alarms, over readings of any kind.

use proptest::prelude::*;
use telephony::Timestamp;
use telephony::alarm::{Limits, Metric, Reading, Told, Watch, level};

fn limits() -> impl Strategy<Value = Limits> {
    (0usize..6, 1u32..100, 1u32..50, 0u32..20).prop_map(|(metric, low, apart, hold_s)| {
        let metric = Metric::EVERY[metric];
        let (raise, clear) = if metric.alarms_below() {
            (low, low + apart)
        } else {
            (low + apart, low)
        };
        Limits {
            metric,
            raise,
            clear,
            hold_s,
        }
    })
}

fn readings() -> impl Strategy<Value = Vec<(Reading, bool, u64)>> {
    let reading = prop_oneof![
        8 => (0u32..160).prop_map(Reading::Value),
        1 => Just(Reading::Calm),
        1 => Just(Reading::Unknown),
    ];
    prop::collection::vec((reading, prop::bool::weighted(0.1), 0u64..5_000), 0..200)
}

proptest! {
    #[test]
    fn raised_and_cleared_come_in_turn_and_only_where_readings_say_so(limits in limits(), readings in readings()) {
        prop_assert!(limits.are_apart());
        let (mut watch, mut now) = (Watch::default(), Timestamp(1_000_000));
        let mut raised = false;
        for (reading, quiet, after_ms) in readings {
            now = Timestamp(now.0 + after_ms);
            let told = watch.step(&limits, reading, quiet, now);
            let below = limits.metric.alarms_below();
            match told {
                Some(Told::Raised(value)) => {
                    prop_assert!(!raised && !quiet);
                    let beyond = if below { value <= limits.raise } else { value >= limits.raise };
                    prop_assert!(beyond);
                    raised = true;
                }
                Some(Told::Cleared(value)) => {
                    prop_assert!(raised);
                    prop_assert!(reading != Reading::Unknown, "never a false clear");
                    if let Some(value) = value {
                        let calm = if below { value >= limits.clear } else { value <= limits.clear };
                        prop_assert!(calm);
                    }
                    raised = false;
                }
                None => {}
            }
            prop_assert_eq!(watch.is_raised(), raised);
        }
    }

    #[test]
    fn between_the_thresholds_nothing_is_told(limits in limits(), was in any::<bool>(), places in prop::collection::vec(0u32..1_000, 1..100)) {
        let (low, high) = (limits.raise.min(limits.clear), limits.raise.max(limits.clear));
        prop_assume!(high > low + 1);
        let mut watch = if was { Watch::raised() } else { Watch::default() };
        for (step, place) in places.into_iter().enumerate() {
            let value = low + 1 + place % (high - low - 1);
            let now = Timestamp(1_000 * step as u64);
            prop_assert_eq!(watch.step(&limits, Reading::Value(value), false, now), None);
        }
    }
}

const LONG: Limits = Limits {
    metric: Metric::LongestWait,
    raise: 60,
    clear: 30,
    hold_s: 10,
};

/// Readings one second after the other; what was told and when.
fn told(limits: Limits, readings: impl IntoIterator<Item = (Reading, bool)>) -> Vec<(u64, Told)> {
    let mut watch = Watch::default();
    let steps = readings.into_iter().zip(0u64..);
    steps
        .filter_map(|((reading, quiet), second)| {
            let told = watch.step(&limits, reading, quiet, Timestamp(second * 1_000))?;
            Some((second, told))
        })
        .collect()
}

fn times(reading: Reading, many: usize) -> impl Iterator<Item = (Reading, bool)> {
    std::iter::repeat_n((reading, false), many)
}

#[test]
fn a_peak_that_does_not_last_is_no_alarm() {
    let peak = times(Reading::Value(70), 9).chain(times(Reading::Value(20), 20));
    assert_eq!(told(LONG, peak), []);
    let lasting = times(Reading::Value(70), 30).chain(times(Reading::Value(20), 30));
    assert_eq!(
        told(LONG, lasting),
        [(10, Told::Raised(70)), (40, Told::Cleared(Some(20)))]
    );
}

#[test]
fn a_cut_link_neither_raises_nor_clears() {
    let cut = times(Reading::Value(70), 5)
        .chain(times(Reading::Unknown, 60))
        .chain(times(Reading::Value(70), 9));
    assert_eq!(told(LONG, cut), [], "the time of the gap does not count");
    let raised = times(Reading::Value(70), 11)
        .chain(times(Reading::Unknown, 600))
        .chain(times(Reading::Value(70), 5));
    assert_eq!(told(LONG, raised), [(10, Told::Raised(70))], "it stays raised");
}

#[test]
fn in_quiet_hours_nothing_is_raised_and_what_holds_when_they_end_is() {
    let quiet = std::iter::repeat_n((Reading::Value(70), true), 100).chain(times(Reading::Value(70), 5));
    assert_eq!(told(LONG, quiet), [(100, Told::Raised(70))]);
    let cleared = times(Reading::Value(70), 11).chain(std::iter::repeat_n((Reading::Value(0), true), 20));
    assert_eq!(told(LONG, cleared).len(), 2, "what was raised before is cleared");
}

#[test]
fn nobody_to_judge_by_is_calm() {
    assert_eq!(level(0, 0), Reading::Calm);
    assert_eq!(level(2, 3), Reading::Value(66));
    let few = Limits {
        metric: Metric::ServiceLevel,
        raise: 80,
        clear: 90,
        hold_s: 0,
    };
    let day = [(level(1, 2), false), (level(0, 0), false)];
    assert_eq!(told(few, day), [(0, Told::Raised(50)), (1, Told::Cleared(None))]);
    let free = Limits {
        metric: Metric::AgentsFree,
        raise: 0,
        clear: 1,
        hold_s: 0,
    };
    let shift = [
        (Reading::Value(1), false),
        (Reading::Value(0), false),
        (Reading::Value(1), false),
    ];
    assert_eq!(
        told(free, shift),
        [(1, Told::Raised(0)), (2, Told::Cleared(Some(1)))]
    );
}
