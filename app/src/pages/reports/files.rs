//! The report as a file: a link for each kind.

use leptos::prelude::*;

use crate::{
    components::Icon,
    live::Live,
    pages::history::{Desk, asked::REPORT_EXPORT},
    words::address::{self, part},
};

/// Kinds of file: the word in the address, what people read, and what it is for.
const KINDS: [(&str, &str, &str); 3] = [
    ("csv", "CSV", "This report, for spreadsheets and programs"),
    ("xlsx", "Excel", "This report, as a workbook"),
    ("pdf", "PDF", "This report on paper, with its drawings"),
];

/// The links.
#[component]
pub fn Files() -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let today_ms = Memo::new(move |_| zone.midnight(zone.day_of(now_ms.get())));
    let link = move |format: &'static str| {
        let asked = asked.get().resting();
        let search = asked.search(zone, today_ms.get());
        let (since, until) = search.from_ms.zip(search.to_ms).unwrap_or_default();
        let zone = part(&zone.name());
        let words = asked.words();
        let own = format!("format={format}&zone={zone}&since={since}&until={until}&{words}");
        address::with_search(REPORT_EXPORT, own.trim_end_matches('&'))
    };
    let links = KINDS.map(|(word, told, why)| {
        view! {
            <a class="button quiet" href=move || link(word) rel="external" download="" title=why><Icon name="download"/>{told}</a>
        }
        .into_any()
    });
    links.into_iter().collect::<Vec<AnyView>>().into_any()
}
