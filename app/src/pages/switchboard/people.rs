//! People: every extension as a tile.

use std::cmp::Reverse;

use leptos::{html, prelude::*};
use telephony::Queue;

use super::{
    filter::{Filter, Order},
    person::Person,
};
use crate::{
    browser,
    components::{
        Icon, roving,
        trouble::Nothing,
        window::{first_rows, near, rest},
    },
    favourites::Favourites,
    live::{ExtensionKey, Live},
    lower,
    model::PbxId,
    sorting::sorted,
    words::{Status, shortened, status::OF_PEOPLE, visible::NAME_CHARS},
};

/// Tiles drawn before it is known how many can be seen.
const FIRST_TILES: usize = 120;

/// People under one heading; a board that is not grouped is one group without.
#[derive(Clone, PartialEq)]
struct Group {
    title: String,
    keys: Vec<ExtensionKey>,
}

/// The region.
#[component]
pub fn People() -> impl IntoView {
    let live = expect_context::<Live>();
    let favourites = expect_context::<Favourites>();
    let filter = Filter::from_address();
    let total = {
        let live = live.clone();
        Memo::new(move |_| live.extensions.len())
    };
    let keys = {
        let live = live.clone();
        Memo::new(move |_| chosen(&live, favourites, filter))
    };
    let groups = Memo::new(move |_| {
        if filter.by_queue() {
            by_queue(&live, favourites, filter.pbx.get(), &keys.read())
        } else {
            vec![Group {
                title: String::new(),
                keys: keys.get(),
            }]
        }
    });
    let titles =
        move || groups.with(|groups| groups.iter().map(|group| group.title.clone()).collect::<Vec<_>>());
    view! {
        <section class="region people" aria-labelledby="people-title">
            <header class="region-head">
                <h2 id="people-title">"People " <span class="count">{move || total.get().to_string()}</span></h2>
                <Tools filter/>
            </header>
            <For each=titles key=|title| title.clone() let:title><Tiles title groups/></For>
            {move || keys.read().is_empty().then(|| view! { <NoPeople filter total/> }.into_any())}
        </section>
    }
    .into_any()
}

/// The tiles of one group.
#[component]
fn Tiles(title: String, groups: Memo<Vec<Group>>) -> impl IntoView {
    let heading = (!title.is_empty()).then(|| title.clone());
    let keys = Memo::new(move |_| {
        groups.with(|groups| {
            let mine = groups.iter().find(|group| group.title == title);
            mine.map_or_else(Vec::new, |group| group.keys.clone())
        })
    });
    let list = NodeRef::<html::Ul>::new();
    let element = move || list.get().map(Into::into);
    let first = first_rows(FIRST_TILES);
    let shown = near(keys, element, element, first);
    Effect::new(move |_| {
        shown.track();
        if let Some(list) = list.get() {
            request_animation_frame(move || roving::settle(&list));
        }
    });
    view! {
        {heading.map(|title| view! {
            <h3 class="group-title">{title}" "<span class="count">{move || keys.with(Vec::len).to_string()}</span></h3>
        }.into_any())}
        <ul class="tiles" node_ref=list on:keydown=|event| { roving::moved(&event); }>
            <For each=move || shown.get() key=|key| key.clone() let:key>
                <Person key/>
            </For>
        </ul>
        {rest(keys, first)}
    }
    .into_any()
}

/// Favourites, then who serves which queue, then everybody else. Who serves two queues is in both.
fn by_queue(live: &Live, favourites: Favourites, pbx: Option<PbxId>, keys: &[ExtensionKey]) -> Vec<Group> {
    let favourites = favourites.all();
    let mut left: Vec<ExtensionKey> = keys.to_vec();
    let mut groups = Vec::new();
    let mut gather = |title: String, belongs: &dyn Fn(&ExtensionKey) -> bool| {
        left.retain(|key| !belongs(key));
        let keys: Vec<_> = keys.iter().filter(|key| belongs(key)).cloned().collect();
        if !keys.is_empty() {
            groups.push(Group { title, keys });
        }
    };
    gather("Favourites".into(), &|key| favourites.contains(key));
    for (of, name) in live.queues.keys() {
        if pbx.is_some_and(|pbx| pbx != of) {
            continue;
        }
        let members = |queue: &Queue| {
            let known = queue.members.iter().filter_map(|member| member.extension.clone());
            known.collect::<Vec<_>>()
        };
        let members = live.queues.with(&(of, name.clone()), members).unwrap_or_default();
        gather(shortened(&name, NAME_CHARS), &|key| {
            key.0 == of && members.contains(&key.1)
        });
    }
    if !left.is_empty() {
        groups.push(Group {
            title: "Everybody else".into(),
            keys: left,
        });
    }
    groups
}

fn chosen(live: &Live, favourites: Favourites, filter: Filter) -> Vec<ExtensionKey> {
    let wanted = filter.wanted();
    let status = filter.status();
    let order = filter.order();
    let pbx = filter.pbx.get();
    let favourites = favourites.all();
    let found: Vec<(ExtensionKey, String, u8)> = live
        .extensions
        .keys()
        .into_iter()
        .filter(|(of, _)| pbx.is_none_or(|pbx| pbx == *of))
        .filter_map(|key| {
            let look = |row: &telephony::Extension| {
                let state = Status::from(row);
                let name = lower(row.name.as_deref().unwrap_or(""));
                let fits = (wanted.is_empty() || name.contains(&wanted) || row.number.starts_with(&wanted))
                    && status.is_none_or(|status| status == state);
                fits.then(|| (name, state.urgency()))
            };
            // only an order or a filter by state has to look again at every change of every row
            let (name, urgency) = if status.is_some() || order == Order::State {
                live.extensions.with(&key, look)
            } else {
                live.extensions.peek(&key, look)
            }??;
            Some((key, name, urgency))
        })
        .collect();
    let found = sorted(found, |(a, a_name, a_urgency), (b, b_name, b_urgency)| {
        let by_number = || (a.1.len(), &a.1, a.0).cmp(&(b.1.len(), &b.1, b.0));
        let by_favour = Reverse(favourites.contains(a)).cmp(&Reverse(favourites.contains(b)));
        let by_order = match order {
            Order::Number | Order::Queue => std::cmp::Ordering::Equal,
            Order::Name => (a_name.is_empty(), a_name).cmp(&(b_name.is_empty(), b_name)),
            Order::State => a_urgency.cmp(b_urgency),
        };
        by_favour.then(by_order).then_with(by_number)
    });
    found.into_iter().map(|(key, _, _)| key).collect()
}

/// Search, state, order, density. A plain form where there is no JavaScript.
#[component]
fn Tools(filter: Filter) -> impl IntoView {
    let text_or_none = |text: String| (!text.is_empty()).then_some(text);
    view! {
        <form class="tools" method="get" role="search" aria-label="People" on:submit=|event| event.prevent_default()>
            <label class="search">
                <Icon name="search"/>
                <span class="unseen">"Search people by name or number"</span>
                <input
                    type="search" name="q" placeholder="Name or number" autocomplete="off" maxlength="64" data-search
                    value=filter.search.get_untracked().unwrap_or_default()
                    prop:value=move || filter.search.get().unwrap_or_default()
                    on:input=move |event| filter.set_search.set(text_or_none(event_target_value(&event)))
                />
            </label>
            <select name="state" aria-label="State" on:change=move |event| {
                filter.set_state.set(text_or_none(event_target_value(&event)));
            }>
                <option value="" selected=move || filter.status().is_none()>"Every state"</option>
                {OF_PEOPLE.map(|status| view! {
                    <option value=status.slug() selected=move || filter.status() == Some(status)>{status.word()}</option>
                }.into_any()).into_iter().collect_view()}
            </select>
            <select name="sort" aria-label="Order" on:change=move |event| {
                let order = event_target_value(&event);
                filter.set_sort.set((order != Order::Number.slug()).then_some(order));
            }>
                {[(Order::Number, "By number"), (Order::Name, "By name"), (Order::State, "By state"), (Order::Queue, "By queue")]
                    .map(|(order, word)| view! {
                        <option value=order.slug() selected=move || filter.order() == order>{word}</option>
                    }.into_any()).into_iter().collect_view()}
            </select>
            <button type="button" class="icon-button needs-js" aria-label="Compact or comfortable"
                title="Compact or comfortable" on:click=|_| toggle_density()>
                <Icon name="rows"/>
            </button>
            <noscript><button type="submit" class="button">"Show"</button></noscript>
        </form>
    }
    .into_any()
}

fn toggle_density() {
    let next = if browser::root_data("density").as_deref() == Some("compact") {
        "comfortable"
    } else {
        "compact"
    };
    browser::set_root_data("density", next);
    browser::remember("starboard-density", next);
}

#[component]
fn NoPeople(filter: Filter, total: Memo<usize>) -> impl IntoView {
    move || {
        if total.get() == 0 {
            view! {
                <Nothing icon="contact" title="No extensions yet">
                    <p>"They appear here by themselves once a PBX is connected."</p>
                    <a class="button" href="/admin/pbx">"PBX connections"</a>
                </Nothing>
            }
            .into_any()
        } else {
            view! {
                <Nothing icon="search" title="Nobody fits this search">
                    <button type="button" class="button" on:click=move |_| {
                        filter.set_search.set(None);
                        filter.set_state.set(None);
                    }>"Show everybody"</button>
                </Nothing>
            }
            .into_any()
        }
    }
}
