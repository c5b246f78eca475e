//! All of the calls together, and how that compares with as long a time before.

use leptos::prelude::*;
use telephony::CallResult;

use crate::{
    model::history::CallTotals,
    pages::{
        figures::worked::percent,
        history::{Desk, asked::Asked, grouped},
    },
    words::clock,
};

/// How much more or less, of a hundred.
pub fn change(now: u64, before: u64) -> String {
    if before == 0 {
        return "none before".into();
    }
    let (now, before) = (i128::from(now), i128::from(before));
    let tenths = (now - before) * 1_000 / before;
    match tenths {
        0 => "as before".into(),
        more if more > 0 => format!("{}.{} % more than before", more / 10, more % 10),
        less => format!("{}.{} % less than before", -less / 10, -less % 10),
    }
}

/// The tiles.
#[component]
pub fn Tiles(whole: CallTotals, before: CallTotals) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let average = |totals: &CallTotals| totals.average_talk_ms().map_or_else(|| "–".to_owned(), clock);
    let of_result = move |result: Option<CallResult>| {
        let asked = asked.read_untracked();
        Asked {
            result: result.or(asked.result),
            ..asked.list()
        }
        .address()
    };
    let tile = |name: &'static str, value: String, note: String, address: String| {
        view! {
            <li>
                <a class="kpi" href=address>
                    <span class="kpi-name">{name}</span>" "
                    <strong class="kpi-value">{value}</strong>" "
                    <span class="soft">{note}</span>
                </a>
            </li>
        }
        .into_any()
    };
    let tiles = [
        tile(
            "Calls",
            grouped(whole.calls()),
            change(whole.calls(), before.calls()),
            of_result(None),
        ),
        tile(
            "Answered",
            percent(whole.answered, whole.calls()),
            format!(
                "{}, {} before",
                grouped(whole.answered),
                percent(before.answered, before.calls())
            ),
            of_result(Some(CallResult::Answered)),
        ),
        tile(
            "Missed",
            grouped(whole.missed),
            format!("{} before", grouped(before.missed)),
            of_result(Some(CallResult::Missed)),
        ),
        tile(
            "Gave up waiting",
            grouped(whole.abandoned),
            format!("{} before", grouped(before.abandoned)),
            of_result(Some(CallResult::Abandoned)),
        ),
        tile(
            "Busy or failed",
            grouped(whole.busy + whole.failed),
            format!("{} before", grouped(before.busy + before.failed)),
            of_result(Some(CallResult::Failed)),
        ),
        tile(
            "Talked on average",
            average(&whole),
            format!("{} before", average(&before)),
            of_result(Some(CallResult::Answered)),
        ),
    ];
    view! { <ul class="kpi-strip reports-strip" aria-label="All calls together">{tiles.into_iter().collect_view()}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn what_changed_stands_in_words() {
        assert_eq!(change(110, 100), "10.0 % more than before");
        assert_eq!(change(95, 100), "5.0 % less than before");
        assert_eq!(
            (change(7, 7), change(7, 0)),
            ("as before".into(), "none before".into())
        );
    }
}
