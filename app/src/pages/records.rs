//! Asterisk's own call records, held against the calls that were seen: what fits, and what is in one of them alone.

pub mod asked;
pub mod pane;
pub mod rows;
pub mod words;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};

use self::{
    asked::{Asked, PAGE},
    pane::RecordsPane,
    rows::Rows,
};
use super::{alarms::pbx_names, span::Time, span_form::quietly, zone::Zone};
use crate::{
    api::records::{LoadRecords, load_records},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    live::Live,
    load_by, loaded,
    model::{
        PbxId,
        records::{Class, RecordsPage as Found, RecordsSource},
    },
    packed::{pack, unpack},
    words::visible,
};

/// Everything the parts of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    asked: Memo<Asked>,
    open: Memo<Option<i64>>,
    zone: Zone,
}

/// The page.
#[component]
pub fn RecordsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let parameters = use_query_map();
    let zone = Zone::of_the_browser();
    let asked = Memo::new(move |_| {
        let parameters = parameters.read();
        Asked::read(|name| parameters.get_str(name).map(str::to_owned))
    });
    let open = Memo::new(move |_| asked.read().open);
    let now_ms = live.clock.now_ms.clone();
    // the question changes with the day, not with every second
    let day_ms = Memo::new(move |_| zone.midnight(zone.day_of(now_ms.get())));
    let question = Memo::new(move |_| asked.read().query(zone, day_ms.get()));
    let found = load_by(
        LoadRecords::PATH,
        // our own types always pack
        move || pack(&question.get()).unwrap_or_default(),
        |asked: String| async move { load_records(unpack(&asked).unwrap_or_default()).await },
    );
    provide_context(Desk { asked, open, zone });
    view! {
        <Title text="Call records"/>
        <header class="page-head">
            <h1>"Call records"</h1>
            <div class="page-verbs"><a class="button quiet" href="/calls/history"><Icon name="phone"/>"Calls"</a></div>
        </header>
        <div class="desk records-desk" data-pane=move || if open.get().is_some() { "open" } else { "closed" }>
            <section class="desk-list" aria-label="Call records">
                <Transition fallback=Bones>
                    {move || Suspend::new(async move {
                        match loaded::<Found>(&found.await) {
                            Ok(found) => view! { <List found/> }.into_any(),
                            Err(error) => view! { <NotLoaded error/> }.into_any(),
                        }
                    })}
                </Transition>
            </section>
            {move || open.get().map(|id| view! { <RecordsPane id/> }.into_any())}
        </div>
    }
    .into_any()
}

/// Which days and which PBX.
#[component]
fn Filters() -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let pbxs = pbx_names(&expect_context::<Live>());
    let navigate = use_navigate();
    let change = Callback::new(move |asked: Asked| navigate(&asked.turned(None).address(), quietly()));
    let days = move |word: String| {
        let known = Time::CHOICES.iter().any(|(known, _)| *known == word);
        let time = known.then(|| Time::of_word(&word, 0, 0));
        change.run(Asked {
            time,
            ..asked.get_untracked()
        });
    };
    let on = move |word: String| {
        change.run(Asked {
            pbx: word.parse().ok().map(PbxId),
            ..asked.get_untracked()
        });
    };
    let choices = Time::CHOICES.into_iter().filter(|(word, _)| *word != "range");
    view! {
        <form class="tools" method="get" action=PAGE aria-label="Which records">
            <select name="time" aria-label="Time" on:change=move |event| days(event_target_value(&event))>
                <option value="" selected=move || asked.read().time.is_none()>"Any time"</option>
                {choices.map(|(word, label)| view! {
                    <option value=word selected=move || asked.read().time.is_some_and(|time| time.word() == word)>{label}</option>
                }.into_any()).collect_view()}
            </select>
            {(pbxs.len() > 1).then(|| view! {
                <select name="pbx" aria-label="PBX" on:change=move |event| on(event_target_value(&event))>
                    <option value="" selected=move || asked.read().pbx.is_none()>"Every PBX"</option>
                    {pbxs.into_iter().map(|(id, name)| view! {
                        <option value=id.0.to_string() selected=move || asked.read().pbx == Some(id)>{name}</option>
                    }.into_any()).collect_view()}
                </select>
            }.into_any())}
            <noscript><button type="submit" class="button">"Show"</button></noscript>
        </form>
    }
    .into_any()
}

/// A way to each class, with how many there are.
#[component]
fn Classes(counts: [u64; 4]) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let all = counts.iter().sum::<u64>();
    let ways = [(None, "All", "", all)]
        .into_iter()
        .chain(Class::ALL.into_iter().zip(counts).map(|(class, count)| {
            let (_, word, means) = words::class(class);
            (Some(class), word, means, count)
        }));
    let ways = ways.map(|(class, word, means, count)| {
        let there = move || {
            let there = Asked { class, ..asked.get() };
            there.turned(None).address()
        };
        view! {
            <a href=there title=means aria-current=move || (asked.read().class == class).then_some("true")>
                {word}" "<span class="number soft">{count.to_string()}</span>
            </a>
        }
        .into_any()
    });
    view! { <nav class="tabs" aria-label="Which of them">{ways.collect_view()}</nav> }.into_any()
}

#[component]
fn List(found: Found) -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let older = found.rows.last().map(|row| row.id).filter(|_| found.older);
    let nothing = found.rows.is_empty();
    let known = found.counts.iter().any(|count| *count > 0) || !found.sources.is_empty();
    view! {
        <Filters/>
        <Classes counts=found.counts/>
        {if nothing {
            view! { <NothingHeld known/> }.into_any()
        } else {
            view! { <Rows rows=found.rows/> }.into_any()
        }}
        <footer class="list-end">
            <nav class="pager" aria-label="Pages">
                {move || asked.read().before.map(|_| view! {
                    <a class="button quiet" href=move || asked.read().turned(None).address()>"Newest"</a>
                }.into_any())}
                {older.map(|id| view! {
                    <a class="button" rel="next" href=move || asked.read().turned(Some(id)).address()>"Older"<Icon name="arrow-right"/></a>
                }.into_any())}
            </nav>
            <Sources sources=found.sources/>
            <p class="soft">"Times are in "{move || zone.name()}". Records are held against calls once an hour, and by starboard cdr check."</p>
        </footer>
    }
    .into_any()
}

/// When records were read.
#[component]
fn Sources(sources: Vec<RecordsSource>) -> impl IntoView {
    let Desk { zone, .. } = expect_context::<Desk>();
    let names = pbx_names(&expect_context::<Live>());
    let lines = sources.into_iter().map(move |source| {
        let name = names.iter().find(|(id, _)| *id == source.pbx);
        let name = name.map_or_else(|| format!("PBX {}", source.pbx.0), |(_, name)| name.clone());
        let damaged = words::damaged(source.damaged);
        let every = words::every(source.every_s);
        let trouble = match source.trouble.as_str() {
            "" => String::new(),
            why => format!(
                "{name}: its records could not be read the last time: {}.",
                visible(why)
            ),
        };
        let clocks = source.zone;
        view! {
            <p class="soft">{move || {
                let read = source.read.map_or_else(
                    || "its records were not read yet".to_owned(),
                    |at| format!("its records were last read {}, {}", zone.short_day(at.0), zone.clock(at.0)),
                );
                format!("{name}: {read}{damaged}; they are {every}; its clocks are in {clocks}.")
            }}</p>
            {(!trouble.is_empty()).then(|| view! { <p class="form-problem" role="status">{trouble}</p> })}
        }
        .into_any()
    });
    lines.collect_view().into_any()
}

#[component]
fn NothingHeld(known: bool) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let filtered = asked.read_untracked().is_filtered() || asked.read_untracked().before.is_some();
    view! {
        <div class="sheet-of-rows">
            {if filtered {
                view! {
                    <Nothing icon="search" title="Nothing fits">
                        <p>"Of this class, or in this time, nothing was held against each other."</p>
                        <a class="button" href=PAGE>"All of them"</a>
                    </Nothing>
                }.into_any()
            } else if known {
                view! {
                    <Nothing icon="phone" title="Records wait to be held against calls">
                        <p>"They are once an hour. On the server's machine, starboard cdr check does it now."</p>
                    </Nothing>
                }.into_any()
            } else {
                view! {
                    <Nothing icon="phone" title="Asterisk's own records are not read yet">
                        <p>"On the server's machine, say where a PBX keeps them: starboard cdr source. Then what nobody saw is filled in, and what differs is shown here."</p>
                    </Nothing>
                }.into_any()
            }}
        </div>
    }
    .into_any()
}
