//! The audit trail: who did what, when, from where, and what came of it; one entry whole beside it.

pub mod entry;
pub mod filter;
pub mod rows;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{entry::EntryPane, filter::Filters, rows::Rows};
use super::{screens::part_of_address, zone::Zone};
use crate::{
    AppError,
    access::Ability,
    api::audit::{LoadAudit, load_audit},
    audit::{AuditList, AuditQuery},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    load_by, loaded,
    model::Viewer,
    packed::{pack, unpack},
    words::address,
};

/// Where it is.
const PAGE: &str = "/admin/audit";

/// The page.
#[component]
pub fn AuditPage() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may = Memo::new(move |_| viewer.read().rights.has(Ability::SeeAudit));
    view! {
        <Title text="Audit trail"/>
        {move || if may.get() {
            view! { <Trail/> }.into_any()
        } else {
            view! { <h1>"Audit trail"</h1><NotLoaded error=AppError::Forbidden/> }.into_any()
        }}
    }
    .into_any()
}

/// Everything for whoever may see it.
#[component]
fn Trail() -> impl IntoView {
    let (which, parameters) = (part_of_address(2), use_query_map());
    let zone = Zone::of_the_browser();
    provide_context(zone);
    let open = Memo::new(move |_| {
        let id = which.get();
        id.filter(|id| !id.is_empty())
            .map(|id| id.parse::<i64>().unwrap_or(-1))
    });
    let query = Memo::new(move |_| {
        let parameters = parameters.read();
        AuditQuery::read(|name| parameters.get_str(name).map(str::to_owned))
    });
    let list = load_by(
        LoadAudit::PATH,
        // our own types always pack
        move || pack(&query.get()).unwrap_or_default(),
        |asked: String| async move { load_audit(unpack(&asked).unwrap_or_default()).await },
    );
    view! {
        <header class="page-head">
            <h1>"Audit trail"</h1>
            <Exports query/>
        </header>
        <div class="desk" data-pane=move || if open.get().is_some() { "open" } else { "closed" }>
            <section class="desk-list" aria-label="Entries">
                <Filters query/>
                <Transition fallback=Bones>
                    {move || Suspend::new(async move {
                        match loaded::<AuditList>(&list.await) {
                            Ok(found) => view! { <Found found query open/> }.into_any(),
                            Err(error) => view! { <NotLoaded error/> }.into_any(),
                        }
                    })}
                </Transition>
            </section>
            {move || open.get().map(|id| view! { <EntryPane id/> }.into_any())}
        </div>
    }
    .into_any()
}

/// The way to a copy of what is filtered.
#[component]
fn Exports(query: Memo<AuditQuery>) -> impl IntoView {
    let link = move |format: &'static str| {
        let whole = AuditQuery {
            before: None,
            ..query.get()
        };
        address::with_search(
            &format!("{PAGE}/export"),
            &format!("format={format}&{}", whole.search()),
        )
        .trim_end_matches('&')
        .to_owned()
    };
    view! {
        <div class="page-verbs">
            <a class="button" href=move || link("csv") rel="external" download="" title="For spreadsheets">
                <Icon name="download"/>"Export CSV"
            </a>
            <a class="button" href=move || link("jsonl") rel="external" download="" title="For programs">
                <Icon name="download"/>"JSON lines"
            </a>
        </div>
    }
    .into_any()
}

/// A page of rows, or why there are none, and the ways from here.
#[component]
fn Found(found: AuditList, query: Memo<AuditQuery>, open: Memo<Option<i64>>) -> impl IntoView {
    let asked = query.get_untracked();
    let AuditList {
        rows,
        older,
        since_ms,
        searched_to_ms,
        kept_days,
    } = found;
    let zone = expect_context::<Zone>();
    let nothing = rows.is_empty();
    let older_link = older.map(|before| {
        let next = AuditQuery {
            before: Some(before),
            ..asked.clone()
        };
        let (icon, word) = if searched_to_ms.is_some() {
            ("search", "Search further back")
        } else {
            ("arrow-right", "Older")
        };
        view! {
            <a class="button" href=address::with_search(PAGE, &next.search()) rel="next">{word}<Icon name=icon/></a>
        }
        .into_any()
    });
    let newest_link = asked.before.map(|_| {
        let newest = AuditQuery {
            before: None,
            ..asked.clone()
        };
        view! { <a class="button quiet" href=address::with_search(PAGE, &newest.search())>"Newest"</a> }
            .into_any()
    });
    let looked = searched_to_ms.map(|at_ms| {
        view! { <p class="soft">"Looked through everything back to " {move || zone.day(at_ms)} ", " {move || zone.clock(at_ms)} "."</p> }
            .into_any()
    });
    let kept = match kept_days {
        0 => "Entries are kept for ever.".to_owned(),
        days => format!("Entries are kept for {days} days."),
    };
    view! {
        {if nothing {
            view! { <NothingFound filtered=asked.is_filtered() more=older.is_some()/> }.into_any()
        } else {
            view! { <Rows rows open/> }.into_any()
        }}
        <footer class="list-end">
            {looked}
            <nav class="pager" aria-label="Pages">{newest_link}{older_link}</nav>
            <p class="soft">
                {kept}
                {since_ms.map(|at_ms| view! { " The oldest is of " {move || zone.day(at_ms)} "." }.into_any())}
                " Times are in " {move || zone.name()} "."
                " " <code>"starboard audit verify"</code> " proves that none was changed or taken away."
            </p>
        </footer>
    }
    .into_any()
}

#[component]
fn NothingFound(filtered: bool, more: bool) -> impl IntoView {
    let title = match (filtered, more) {
        (_, true) => "Nothing fits so far",
        (true, false) => "Nothing fits these filters",
        (false, false) => "Nothing has happened yet",
    };
    view! {
        <div class="sheet-of-rows">
            <Nothing icon="search" title=title>
                {if filtered {
                    view! { <a class="button" href=PAGE>"Show everything"</a> }.into_any()
                } else {
                    view! { <p>"What people do here is written down, before it is done."</p> }.into_any()
                }}
            </Nothing>
        </div>
    }
    .into_any()
}
