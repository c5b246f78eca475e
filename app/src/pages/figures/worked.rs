//! A figure worked out: what it comes to, and how, with the numbers put in. Unknown is a dash and never nought per cent.

use telephony::figures::{ServiceLevel, Share, Sums};

use super::kpi::Kpi;
use crate::{model::figures::FiguresRow, words::clock};

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

/// A formula in words, and the same with numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// In words.
    pub words: &'static str,
    /// With the numbers put in, up to what comes out.
    pub numbers: String,
}

/// `72.4 %`; all and nothing are said only where it is all or nothing.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return UNKNOWN.into();
    }
    let exact = |value: u64| u128::from(value);
    let tenths = (exact(part) * 1_000 + exact(whole) / 2) / exact(whole);
    let tenths = match tenths {
        0 if part > 0 => 1,
        1_000 if part < whole => 999,
        tenths => tenths,
    };
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

fn share(share: Option<Share>) -> String {
    share.map_or_else(|| UNKNOWN.into(), |share| percent(share.part, share.whole))
}

fn time(duration_ms: Option<u64>) -> String {
    duration_ms.map_or_else(|| UNKNOWN.into(), clock)
}

/// What a figure comes to.
pub fn value(kpi: Kpi, row: &FiguresRow) -> String {
    let (sums, work) = (&row.visits, &row.work);
    let worked = work.logged_in_ms > 0;
    match kpi {
        Kpi::ServiceLevel => share(sums.service_level(ServiceLevel::Strict)),
        Kpi::Asa => time(sums.asa_ms()),
        Kpi::LongestWait => time((sums.offered > 0).then_some(sums.longest_wait_ms)),
        Kpi::Aht => time(sums.aht_ms(row.wrap_up_ms)),
        Kpi::Transfers => sums.transferred.to_string(),
        Kpi::RingNoAnswer => sums.rings_not_answered.to_string(),
        Kpi::LoggedIn => time(worked.then_some(work.logged_in_ms)),
        Kpi::Occupancy => work
            .occupancy()
            .map_or_else(|| UNKNOWN.into(), |(part, whole)| percent(part, whole)),
        Kpi::Utilisation => work
            .utilisation()
            .map_or_else(|| UNKNOWN.into(), |(part, whole)| percent(part, whole)),
        Kpi::Paused => time(worked.then(|| work.paused_ms())),
        counted => counted
            .behind(row)
            .map_or_else(|| UNKNOWN.into(), |count| count.to_string()),
    }
}

/// How it comes about.
pub fn formula(kpi: Kpi, row: &FiguresRow) -> Formula {
    let (sums, work) = (&row.visits, &row.work);
    let comes_to = value(kpi, row);
    let (words, numbers) = match kpi {
        Kpi::Offered => (
            "answered + abandoned + hung up at once + timed out + left by a key + kept the place + turned away + sent out for want of agents + taken out or sent on + unexplained",
            format!(
                "{} + {} + {} + {} + {} + {} + {} + {} + {} + {}",
                sums.answered,
                sums.abandoned,
                sums.abandoned_short,
                sums.timed_out,
                sums.key,
                sums.kept_place,
                sums.turned_away,
                sums.no_agents,
                sums.sent_on,
                sums.unexplained
            ),
        ),
        Kpi::Late => (
            "answered − answered in time",
            format!("{} − {}", sums.answered, sums.answered_in_time),
        ),
        Kpi::NotServed => (
            "turned away + sent out for want of agents",
            format!("{} + {}", sums.turned_away, sums.no_agents),
        ),
        Kpi::ServiceLevel => (
            "answered in time ÷ (offered − hung up at once − kept the place)",
            strict(sums),
        ),
        Kpi::Asa => (
            "waiting time of the answered ÷ answered",
            format!("{} ÷ {}", clock(sums.answered_wait_ms), sums.answered),
        ),
        Kpi::Aht => (
            "(talking + on hold + work after calls) ÷ talks that ended",
            format!(
                "({} + {} + {}) ÷ {}",
                clock(sums.talk_ms),
                clock(sums.hold_ms),
                clock(row.wrap_up_ms),
                sums.talks
            ),
        ),
        Kpi::Transfers => (
            "talks that ended with a transfer",
            format!("{} of {}", sums.transferred, sums.talks),
        ),
        Kpi::RingNoAnswer => (
            "rings not answered, of all rings",
            format!(
                "{} of {}, {}",
                sums.rings_not_answered,
                sums.rings,
                share(sums.ring_no_answer())
            ),
        ),
        Kpi::LoggedIn => (
            "ready + ringing + talking + on hold + work after calls + paused + unreachable",
            format!(
                "{} + {} + {} + {} + {} + {} + {}",
                clock(work.available_ms),
                clock(work.ringing_ms),
                clock(work.talking_ms),
                clock(work.on_hold_ms),
                clock(work.wrap_up_ms),
                clock(work.paused_ms()),
                clock(work.unreachable_ms)
            ),
        ),
        Kpi::Occupancy => {
            let busy = format!(
                "{} + {} + {}",
                clock(work.talking_ms),
                clock(work.on_hold_ms),
                clock(work.wrap_up_ms)
            );
            (
                "(talking + on hold + work after calls) ÷ (the same + ready)",
                format!("({busy}) ÷ ({busy} + {})", clock(work.available_ms)),
            )
        }
        Kpi::Utilisation => (
            "(logged in − paused) ÷ logged in",
            format!(
                "({} − {}) ÷ {}",
                clock(work.logged_in_ms),
                clock(work.paused_ms()),
                clock(work.logged_in_ms)
            ),
        ),
        Kpi::Paused => ("the pauses of every reason together", String::new()),
        Kpi::Abandoned => (
            "callers who hung up while waiting − those who did so at once",
            format!(
                "{} − {}",
                sums.abandoned + sums.abandoned_short,
                sums.abandoned_short
            ),
        ),
        Kpi::LongestWait => ("the longest of all waits", String::new()),
        Kpi::Answered
        | Kpi::InTime
        | Kpi::AbandonedShort
        | Kpi::TimedOut
        | Kpi::Key
        | Kpi::KeptPlace
        | Kpi::Partial => ("counted, one by one", String::new()),
    };
    let numbers = match kpi {
        // what comes out is in it already
        Kpi::Transfers | Kpi::RingNoAnswer => numbers,
        _ if numbers.is_empty() => comes_to,
        _ => format!("{numbers} = {comes_to}"),
    };
    Formula { words, numbers }
}

/// One way of the field to define a service level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it is called.
    pub name: &'static str,
    /// Its formula with numbers.
    pub numbers: String,
    /// What comes out.
    pub value: String,
    /// Why it differs from the others.
    pub why: &'static str,
}

/// Ours, in numbers.
fn strict(sums: &Sums) -> String {
    format!(
        "{} ÷ ({} − {} − {})",
        sums.answered_in_time, sums.offered, sums.abandoned_short, sums.kept_place
    )
}

/// All five of them; `now` is that of those who wait, where the board shows it.
pub fn definitions(sums: &Sums, now: Option<Share>) -> [Definition; 5] {
    let in_time = sums.answered_in_time;
    let given_up = sums.abandoned + sums.abandoned_short;
    let given_up_in_time = sums.abandoned_in_time + sums.abandoned_short;
    let of = |definition| share(sums.service_level(definition));
    [
        Definition {
            name: "Strict, ours",
            numbers: strict(sums),
            value: of(ServiceLevel::Strict),
            why: "Everybody who waited in vain counts against it.",
        },
        Definition {
            name: "Of everybody",
            numbers: format!("{in_time} ÷ {}", sums.offered),
            value: of(ServiceLevel::OfOffered),
            why: "Lower where callers hang up at once: they count too.",
        },
        Definition {
            name: "Of the answered",
            numbers: format!("{in_time} ÷ {}", sums.answered),
            value: of(ServiceLevel::OfAnswered),
            why: "Hides everybody who gave up: best on bad days. Asterisk calls it ServicelevelPerf.",
        },
        Definition {
            name: "With those who gave up",
            numbers: format!(
                "({in_time} + {given_up_in_time}) ÷ ({} + {given_up})",
                sums.answered
            ),
            value: of(ServiceLevel::WithAbandons),
            why: "Counts giving up early as a success and leaves time-outs out. Asterisk calls it ServicelevelPerf2, and counts a time-out as giving up.",
        },
        Definition {
            name: "Right now",
            numbers: now.map_or_else(
                || "nobody waits".into(),
                |share| format!("{} ÷ {}", share.part, share.whole),
            ),
            value: share(now),
            why: "Of those who wait at this moment, who still waits within the target.",
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::figures::{Subject, Work};

    fn row(visits: Sums, work: Work) -> FiguresRow {
        FiguresRow {
            of: Subject::Whole,
            name: String::new(),
            visits,
            work,
            wrap_up_ms: 60_000,
        }
    }

    #[test]
    fn a_share_is_told_in_tenths_and_all_only_where_it_is_all() {
        for (part, whole, text) in [
            (0, 0, "–"),
            (0, 7, "0 %"),
            (7, 7, "100 %"),
            (2, 3, "66.7 %"),
            (1, 2, "50 %"),
            (9_999, 10_000, "99.9 %"),
            (1, 10_000, "0.1 %"),
            (u64::MAX, u64::MAX, "100 %"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
    }

    #[test]
    fn what_is_not_known_is_a_dash_and_never_nought() {
        let nothing = row(Sums::default(), Work::default());
        for kpi in [
            Kpi::ServiceLevel,
            Kpi::Asa,
            Kpi::LongestWait,
            Kpi::Aht,
            Kpi::LoggedIn,
            Kpi::Occupancy,
            Kpi::Utilisation,
            Kpi::Paused,
        ] {
            assert_eq!(value(kpi, &nothing), UNKNOWN, "{kpi:?}");
        }
        // that nobody came is known
        assert_eq!(value(Kpi::Offered, &nothing), "0");
    }

    #[test]
    fn a_formula_has_the_numbers_that_come_to_the_figure() {
        let sums = Sums {
            offered: 20,
            answered: 12,
            answered_in_time: 9,
            abandoned: 3,
            abandoned_in_time: 1,
            abandoned_short: 2,
            timed_out: 3,
            answered_wait_ms: 120_000,
            talks: 10,
            talk_ms: 500_000,
            hold_ms: 40_000,
            ..Sums::default()
        };
        let row = row(sums, Work::default());
        assert_eq!(
            formula(Kpi::ServiceLevel, &row).numbers,
            "9 ÷ (20 − 2 − 0) = 50 %"
        );
        assert_eq!(
            formula(Kpi::Offered, &row).numbers,
            "12 + 3 + 2 + 3 + 0 + 0 + 0 + 0 + 0 + 0 = 20"
        );
        assert_eq!(formula(Kpi::Asa, &row).numbers, "2:00 ÷ 12 = 0:10");
        assert_eq!(
            formula(Kpi::Aht, &row).numbers,
            "(8:20 + 0:40 + 1:00) ÷ 10 = 1:00"
        );
        assert_eq!(formula(Kpi::Answered, &row).numbers, "12");
        let levels = definitions(&sums, Some(Share { part: 1, whole: 4 })).map(|one| one.value);
        assert_eq!(levels, ["50 %", "45 %", "75 %", "70.6 %", "25 %"]);
        assert_eq!(definitions(&sums, None)[4].value, UNKNOWN);
    }

    #[test]
    fn a_queue_where_everybody_times_out_reads_as_each_definition_has_it() {
        let sums = Sums {
            offered: 5,
            timed_out: 5,
            ..Sums::default()
        };
        let levels = definitions(&sums, None).map(|one| one.value);
        assert_eq!(levels, ["0 %", "0 %", "–", "–", "–"]);
    }
}
