//! What Asterisk itself counts, beside a figure of ours, and why the two differ.

use leptos::prelude::*;
use telephony::{Counted, Timestamp, figures::Sums};

use super::{Desk, kpi::Kpi, reasons};
use crate::{
    access::QueueOn,
    model::figures::{CountedOf, Figures, FiguresRow},
    words::{clock, shortened, visible::NAME_CHARS},
};

/// Queues at most.
const MOST_QUEUES: usize = 20;

/// The section of the proof; None where the page cannot tell of which queues the figure is.
pub(super) fn section(
    desk: Desk,
    kpi: Kpi,
    row: &FiguresRow,
    figures: &Figures,
    queues: Option<Vec<QueueOn>>,
) -> Option<AnyView> {
    let queues = queues?;
    let of = |one: &&CountedOf| queues.contains(&one.queue);
    let counted: Vec<&CountedOf> = figures.counted.iter().filter(of).collect();
    let latest = counted.iter().map(|one| one.counted.at).max()?;
    let target_s = match counted.as_slice() {
        [one] => {
            let ours = reasons::latest(&figures.policies, &one.queue);
            ours.map(|ours| reasons::seconds(ours.target_ms))
        }
        _ => None,
    };
    let since = match counted.as_slice() {
        [one] => one.counted.reset,
        _ => None,
    };
    let all: Vec<Counted> = counted.iter().map(|one| one.counted).collect();
    let why = differences(kpi, &row.visits, &all, target_s);
    let hidden = counted.len().saturating_sub(MOST_QUEUES);
    let lines = counted.iter().take(MOST_QUEUES).map(|one| {
        view! {
            <div><dt>{shortened(&one.queue.1, NAME_CHARS)}</dt><dd class="number">{says(kpi, &one.counted)}</dd></div>
        }
        .into_any()
    });
    let when = move |at: Timestamp| format!("{}, {}", desk.zone.short_day(at.0), desk.zone.clock(at.0));
    let began = move || began(since.map(when));
    Some(
        view! {
            <section aria-label="Asterisk's own">
                <h3>"What Asterisk counts"</h3>
                <dl class="facts">{lines.collect_view()}</dl>
                {(hidden > 0).then(|| view! { <p class="soft">"And " {hidden} " more queues."</p> })}
                <ul class="why">
                    <li>"Asterisk's are as it told them on " {move || when(latest)} ", and count " {began} "; ours are of the time above."</li>
                    {why.into_iter().map(|line| view! { <li>{line}</li> }.into_any()).collect_view()}
                </ul>
            </section>
        }
        .into_any(),
    )
}

/// Since when Asterisk counts, as far as that was seen.
fn began(seen: Option<String>) -> String {
    seen.map_or_else(
        || "since its counters last began anew, with a restart or because somebody reset them".to_owned(),
        |when| format!("since its counters began anew, which was seen on {when}"),
    )
}

/// Tenths of a per cent.
fn percent(tenths: u32) -> String {
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Asterisk's own value.
fn says(kpi: Kpi, counted: &Counted) -> String {
    let Counted {
        completed,
        abandoned,
        target_s,
        hold_s,
        talk_s,
        of_completed,
        with_abandoned,
        ..
    } = *counted;
    match kpi {
        Kpi::ServiceLevel => {
            let (of, with) = (percent(of_completed), percent(with_abandoned));
            format!("{of} of {completed} completed, {with} with {abandoned} abandoned, target {target_s} s")
        }
        Kpi::Asa => format!("hold time {}", clock(u64::from(hold_s) * 1_000)),
        Kpi::Aht => format!("talk time {}", clock(u64::from(talk_s) * 1_000)),
        _ => format!("{completed} completed, {abandoned} abandoned, target {target_s} s"),
    }
}

/// Why Asterisk's values differ from ours.
fn differences(kpi: Kpi, sums: &Sums, counted: &[Counted], target_s: Option<u64>) -> Vec<String> {
    let sum = |of: fn(&Counted) -> u32| counted.iter().map(|one| u64::from(of(one))).sum::<u64>();
    let (completed, abandoned) = (sum(|one| one.completed), sum(|one| one.abandoned));
    let mut reasons = Vec::new();
    match kpi {
        Kpi::Asa => reasons.push(
            "Its hold time is a moving average in whole seconds: each answer weighs a quarter, whatever came before the rest. Ours is the plain average."
                .to_owned(),
        ),
        Kpi::Aht => reasons.push(
            "Its talk time is a moving average in whole seconds, holding included and work after calls left out: each talk weighs a quarter. Ours is the plain average."
                .to_owned(),
        ),
        _ => {
            if completed != sums.answered {
                reasons.push(format!(
                    "It counts a call as completed when it ends ({completed}); ours counts when its caller came ({}).",
                    sums.answered
                ));
            }
            let given_up = sums.abandoned + sums.abandoned_short;
            if abandoned != given_up {
                reasons.push(format!(
                    "Its abandoned ({abandoned}) has everybody in it who was sent out without an agent; ours keeps apart who hung up ({given_up}) and who timed out ({}).",
                    sums.timed_out
                ));
            }
        }
    }
    if kpi == Kpi::ServiceLevel {
        reasons.push(
            "Its first is of the completed alone, so that who gave up in vain is in neither part; its second takes everybody who left within the target for served, time-outs too. Ours asks of all who waited how many were answered in time."
                .to_owned(),
        );
    }
    if let ([one], Some(ours)) = (counted, target_s)
        && u64::from(one.target_s) != ours
        && kpi != Kpi::Asa
        && kpi != Kpi::Aht
    {
        reasons.push(format!("Its target is {} s, ours {ours} s.", one.target_s));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(completed: u32, abandoned: u32) -> Counted {
        Counted {
            completed,
            abandoned,
            target_s: 20,
            of_completed: 1_000,
            with_abandoned: 667,
            hold_s: 4,
            ..Counted::default()
        }
    }

    #[test]
    fn a_difference_to_asterisk_has_its_reason_and_no_difference_has_none() {
        let sums = Sums {
            answered: 10,
            abandoned: 2,
            timed_out: 3,
            ..Sums::default()
        };
        assert!(differences(Kpi::Offered, &sums, &[counted(10, 2)], Some(20)).is_empty());
        let reasons = differences(Kpi::Offered, &sums, &[counted(7, 5)], Some(60));
        assert_eq!(reasons.len(), 3);
        assert!(reasons[1].contains("timed out (3)"), "{reasons:?}");
        assert!(reasons[2].contains("20 s, ours 60 s"), "{reasons:?}");
        assert!(differences(Kpi::Asa, &sums, &[counted(10, 2)], Some(60))[0].contains("moving average"));
    }

    #[test]
    fn counters_that_began_anew_are_said_to_count_since_then() {
        let seen = began(Some("Thu 26 Nov, 23:05".into()));
        assert!(
            seen.ends_with("anew, which was seen on Thu 26 Nov, 23:05"),
            "{seen}"
        );
        assert!(began(None).contains("a restart or because somebody reset them"));
        // and what they count since then differs from ours for that reason alone
        let sums = Sums {
            answered: 2,
            ..Sums::default()
        };
        let reasons = differences(Kpi::Answered, &sums, &[counted(0, 0)], Some(20));
        assert!(reasons[0].contains("completed when it ends (0)"), "{reasons:?}");
    }

    #[test]
    fn each_figure_has_asterisk_s_own_value_beside_it() {
        let counted = counted(3, 1);
        assert_eq!(
            says(Kpi::ServiceLevel, &counted),
            "100.0 % of 3 completed, 66.7 % with 1 abandoned, target 20 s"
        );
        assert_eq!(says(Kpi::Asa, &counted), format!("hold time {}", clock(4_000)));
        assert_eq!(
            says(Kpi::Answered, &counted),
            "3 completed, 1 abandoned, target 20 s"
        );
    }
}
