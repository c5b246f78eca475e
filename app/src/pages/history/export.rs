//! The list as a file: a link for each kind, and while one is written, how far it is.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{Desk, asked::EXPORT, grouped};
use crate::{
    AppError,
    api::history::{CallOffExport, LoadExportState},
    browser,
    components::Icon,
    live::Live,
    model::export::ExportState,
    packed::pack,
    sending::ask,
    words::address::{self, part},
};

/// How often it is asked how far it is.
const ASK: Duration = Duration::from_secs(1);
/// Times that nothing is known of it before it counts as never begun.
const UNKNOWN: u8 = 10;

/// An export under way, or the last one.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    state: ExportState,
    unknown: u8,
}

/// The links, or how far the export is.
#[component]
pub fn Exports() -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let live = expect_context::<Live>();
    let now_ms = live.clock.now_ms.clone();
    let today_ms = Memo::new(move |_| zone.midnight(zone.day_of(now_ms.get())));
    // without JavaScript nobody asks
    let name = RwSignal::new(String::new());
    Effect::new(move |_| name.set(browser::request_id()));
    let link = move |format: &'static str| {
        let asked = asked.get().turned(Default::default());
        let search = asked.search(zone, today_ms.get());
        let time = search.from_ms.zip(search.to_ms);
        let time = time.map(|(from, to)| format!("&since={from}&until={to}"));
        let own = format!(
            "format={format}&zone={}&name={}{}",
            part(&zone.name()),
            name.get(),
            time.unwrap_or_default()
        );
        let asked = asked.words();
        address::with_search(EXPORT, format!("{own}&{asked}").trim_end_matches('&'))
    };
    let shown = RwSignal::new(None::<Shown>);
    let asking = StoredValue::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(Some(asking)) = asking.try_update_value(Option::take) {
            asking.clear();
        }
    };
    on_cleanup(stop);
    let look = move || {
        spawn_local(async move {
            let Some(Ok(packed)) = name.try_get_untracked().map(|name| pack(&name)) else {
                return;
            };
            let answer = ask::<ExportState>(LoadExportState::PATH, &packed).await;
            let _ = shown.try_update(|shown| {
                let Some(shown) = shown else { return };
                match answer {
                    Ok(state) => (shown.state, shown.unknown) = (state, 0),
                    // it may not have begun, or nobody can be asked just now
                    Err(_) => shown.unknown += 1,
                }
                if shown.unknown >= UNKNOWN {
                    shown.state.ended = Some(Err("nothing is known of it".into()));
                }
            });
            let ended = shown
                .try_with_untracked(|shown| shown.as_ref().is_some_and(|shown| shown.state.ended.is_some()));
            if ended == Some(true) {
                stop();
                // the next one is another one
                let _ = name.try_set(browser::request_id());
            }
        });
    };
    let begin = move |_| {
        stop();
        shown.set(Some(Shown::default()));
        asking.set_value(set_interval_with_handle(look, ASK).ok());
    };
    let call_off = move |_| {
        spawn_local(async move {
            let Some(Ok(packed)) = name.try_get_untracked().map(|name| pack(&name)) else {
                return;
            };
            // what came of it is seen when it is asked after
            let _: Result<(), AppError> = ask(CallOffExport::PATH, &packed).await;
        });
    };
    let under_way = Memo::new(move |_| {
        let shown = shown.read();
        shown.as_ref().is_some_and(|shown| shown.state.ended.is_none())
    });
    view! {
        <span class="history-export" role="status">{move || shown.get().map(|shown| words(&shown.state))}</span>
        {move || if under_way.get() {
            view! { <button type="button" class="button" on:click=call_off><Icon name="x"/>"Stop"</button> }.into_any()
        } else {
            view! {
                <a class="button quiet" href=move || link("csv") rel="external" download="" on:click=begin title="Every call of this list, for spreadsheets and programs">
                    <Icon name="download"/>"CSV"
                </a>
                <a class="button quiet" href=move || link("xlsx") rel="external" download="" on:click=begin title="Every call of this list, as a workbook">
                    <Icon name="download"/>"Excel"
                </a>
                <a class="button quiet" href=move || link("pdf") rel="external" download="" on:click=begin title="The calls of this list on paper, up to 5,000">
                    <Icon name="download"/>"PDF"
                </a>
            }.into_any()
        }}
    }
    .into_any()
}

fn words(state: &ExportState) -> String {
    let rows = match state.rows {
        1 => "1 call".to_owned(),
        rows => format!("{} calls", grouped(rows)),
    };
    match &state.ended {
        None => format!("{rows}, {} %", state.per_mille / 10),
        Some(Ok(())) => format!("Saved {rows}"),
        Some(Err(why)) => format!("Not saved: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_stands_in_words() {
        let state = |ended| ExportState {
            rows: 12_000,
            per_mille: 345,
            ended,
        };
        assert_eq!(words(&state(None)), "12,000 calls, 34 %");
        assert_eq!(words(&state(Some(Ok(())))), "Saved 12,000 calls");
        let why = "it was called off".to_owned();
        assert_eq!(words(&state(Some(Err(why)))), "Not saved: it was called off");
    }
}
