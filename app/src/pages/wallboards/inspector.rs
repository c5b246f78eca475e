//! What can be said of the chosen tile.

use leptos::prelude::*;

use super::draft::Draft;
use crate::{
    access::QueueOn,
    components::{Icon, trouble::Nothing},
    live::Live,
    model::{
        people::TeamId,
        wallboard::{COLUMNS, Metric, NAME_CHARS, ROWS, Scope, TEXT_CHARS, TeamOf, Tile, Unit},
    },
    words::shortened,
};

/// The tile's own form; what is changed is seen at once.
#[component]
pub fn Inspector(draft: Draft, teams: Vec<TeamOf>) -> impl IntoView {
    let tile = Memo::new(move |_| draft.tile());
    let metric = Memo::new(move |_| tile.read().as_ref().map(|tile| tile.metric));
    let chosen = Memo::new(move |_| (draft.page.get(), draft.chosen.get(), metric.get()));
    let teams = StoredValue::new(teams);
    move || {
        // drawn anew for another tile or another metric, and not while something is typed
        let (_, _, Some(metric)) = chosen.get() else {
            return view! {
                <Nothing icon="layout-grid" title="No tile is chosen">
                    <p>"Choose a tile to say what it shows, or add one."</p>
                </Nothing>
            }
            .into_any();
        };
        let now = tile.get_untracked();
        let now = now.unwrap_or_else(|| Tile::new(metric, super::CORNER));
        view! {
            <div class="form">
                <div class="field">
                    <label for="metric">"Shows"</label>
                    <select id="metric" on:change=move |event| choose_metric(draft, &event_target_value(&event))>
                        {Metric::ALL.into_iter().enumerate().map(|(at, one)| view! {
                            <option value=at.to_string() selected=one == metric>{one.name()}</option>
                        }.into_any()).collect_view()}
                    </select>
                </div>
                {(metric == Metric::Text).then(|| view! {
                    <div class="field">
                        <label for="text">"Text"</label>
                        <input id="text" maxlength=TEXT_CHARS.to_string() value=now.text.clone() prop:value=move || of_tile(tile, |tile| tile.text.clone())
                            on:input=move |event| draft.change_tile("text", |tile| tile.text = event_target_value(&event))/>
                    </div>
                }.into_any())}
                <div class="field">
                    <label for="title">"Title"</label>
                    <input id="title" maxlength=NAME_CHARS.to_string() placeholder=metric.name() value=now.title.clone() prop:value=move || of_tile(tile, |tile| tile.title.clone())
                        on:input=move |event| draft.change_tile("title", |tile| tile.title = event_target_value(&event))/>
                </div>
                {metric.has_scope().then(|| view! { <About draft tile teams=teams.get_value() agents=metric.is_of_agents()/> })}
                {(metric.unit() != Unit::None).then(|| view! { <LimitFields draft tile unit=metric.unit()/> })}
                {metric.has_names().then(|| view! {
                    <label class="choice">
                        <input type="checkbox" prop:checked=move || tile.read().as_ref().is_some_and(|tile| tile.masked) on:change=move |event| {
                            let masked = event_target_checked(&event);
                            draft.change_tile("", |tile| tile.masked = masked);
                        }/>
                        "Without names"
                    </label>
                }.into_any())}
                <Position draft tile/>
                <div class="form-end">
                    <button type="button" class="button danger" on:click=move |_| draft.remove()><Icon name="trash-2"/>"Remove the tile"</button>
                </div>
            </div>
        }
        .into_any()
    }
}

fn choose_metric(draft: Draft, at: &str) {
    let metric = at.parse().ok().and_then(|at: usize| Metric::ALL.get(at).copied());
    let Some(metric) = metric else { return };
    draft.change_tile("", |tile| {
        tile.metric = metric;
        // what the new one cannot have would be refused later
        if metric.unit() == Unit::None {
            tile.limits = Default::default();
        }
        if !metric.is_of_agents() && matches!(tile.scope, Scope::Team(_)) || !metric.has_scope() {
            tile.scope = Scope::Everything;
        }
        tile.masked &= metric.has_names();
        if metric == Metric::Text && tile.text.is_empty() {
            tile.text = "Text".to_owned();
        }
    });
}

/// What the tile is about.
#[component]
fn About(draft: Draft, tile: Memo<Option<Tile>>, teams: Vec<TeamOf>, agents: bool) -> impl IntoView {
    let live = expect_context::<Live>();
    let scope = Memo::new(move |_| {
        tile.read()
            .as_ref()
            .map(|tile| tile.scope.clone())
            .unwrap_or_default()
    });
    let several = untrack(|| live.pbxs.len()) > 1;
    let queues = {
        let live = live.clone();
        Memo::new(move |_| {
            let mut queues: Vec<QueueOn> = live.queues.keys();
            if let Scope::Queues(mine) = &*scope.read() {
                let unseen = mine.iter().filter(|queue| !queues.contains(queue)).cloned();
                let unseen: Vec<QueueOn> = unseen.collect();
                queues.extend(unseen);
            }
            queues
        })
    };
    let first = move || queues.read_untracked().first().cloned();
    let kind = move || match &*scope.read() {
        Scope::Everything => 0,
        Scope::Queues(_) => 1,
        Scope::Team(_) => 2,
    };
    let team = teams.first().map(|team| team.id);
    let set = move |scope: Scope| draft.change_tile("", |tile| tile.scope = scope);
    let choice = move |at: usize, word: &'static str, then: Callback<()>| {
        view! {
            <label class="choice">
                <input type="radio" name="about" prop:checked=move || kind() == at checked=untrack(kind) == at on:change=move |_| then.run(())/>
                {word}
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="field about-fields">
            <legend class="label">"Of"</legend>
            {choice(0, "All queues that are seen", Callback::new(move |()| set(Scope::Everything)))}
            {choice(1, "Some queues", Callback::new(move |()| if let Some(first) = first() { set(Scope::Queues(vec![first])); }))}
            {team.filter(|_| agents).map(|team| choice(2, "A team", Callback::new(move |()| set(Scope::Team(team)))))}
            {move || match kind() {
                1 => {
                    let live = live.clone();
                    view! {
                        <div class="ticks">
                            {queues.get().into_iter().map(|queue| {
                                let on = live.pbxs.peek(&queue.0, |row| shortened(&row.name, 20)).filter(|_| several);
                                view! { <QueueTick draft scope queue on=on.unwrap_or_default()/> }
                            }).collect_view()}
                        </div>
                    }.into_any()
                }
                2 => view! {
                    <label class="unseen" for="team">"Team"</label>
                    <select id="team" on:change=move |event| if let Ok(id) = event_target_value(&event).parse() { set(Scope::Team(TeamId(id))); }>
                        {teams.iter().map(|team| {
                            let here = *scope.read_untracked() == Scope::Team(team.id);
                            view! { <option value=team.id.0.to_string() selected=here>{shortened(&team.name, NAME_CHARS)}</option> }.into_any()
                        }).collect_view()}
                    </select>
                }.into_any(),
                _ => ().into_any(),
            }}
        </fieldset>
    }
    .into_any()
}

#[component]
fn QueueTick(draft: Draft, scope: Memo<Scope>, queue: QueueOn, on: String) -> impl IntoView {
    let name = shortened(&queue.1, 40);
    let mine = queue.clone();
    let ticked = move || matches!(&*scope.read(), Scope::Queues(queues) if queues.contains(&mine));
    let tick = move |event: leptos::ev::Event| {
        let is = event_target_checked(&event);
        draft.change_tile("", |tile| {
            if let Scope::Queues(queues) = &mut tile.scope {
                queues.retain(|one| *one != queue);
                if is {
                    queues.push(queue.clone());
                }
            }
        });
    };
    view! {
        <label class="choice">
            <input type="checkbox" prop:checked=ticked on:change=tick/>
            {name}" "<span class="soft">{on}</span>
        </label>
    }
    .into_any()
}

/// When the figure wants to be looked at.
#[component]
fn LimitFields(draft: Draft, tile: Memo<Option<Tile>>, unit: Unit) -> impl IntoView {
    let word = match unit {
        Unit::Seconds => " (seconds)",
        Unit::Percent => " (per cent)",
        Unit::Count | Unit::None => "",
    };
    let limits = Memo::new(move |_| tile.read().as_ref().map(|tile| tile.limits).unwrap_or_default());
    let written = |limit: Option<u32>| limit.map_or_else(String::new, |limit| limit.to_string());
    view! {
        <fieldset class="field limit-fields">
            <legend class="label">"Limits"{word}</legend>
            <select aria-label="Direction" prop:value=move || if limits.read().below { "below" } else { "above" } on:change=move |event| {
                let below = event_target_value(&event) == "below";
                draft.change_tile("", |tile| tile.limits.below = below);
            }>
                <option value="above">"From here up"</option>
                <option value="below" selected=limits.get_untracked().below>"From here down"</option>
            </select>
            <label>"Watch"<input type="number" min="0" max="86400" inputmode="numeric" prop:value=move || written(limits.read().warn)
                on:input=move |event| draft.change_tile("warn", |tile| tile.limits.warn = event_target_value(&event).parse().ok())/></label>
            <label>"Alarm"<input type="number" min="0" max="86400" inputmode="numeric" prop:value=move || written(limits.read().alarm)
                on:input=move |event| draft.change_tile("alarm", |tile| tile.limits.alarm = event_target_value(&event).parse().ok())/></label>
        </fieldset>
    }
    .into_any()
}

fn of_tile(tile: Memo<Option<Tile>>, read: fn(&Tile) -> String) -> String {
    tile.read().as_ref().map_or_else(String::new, read)
}

/// Where the tile is, in numbers.
#[component]
fn Position(draft: Draft, tile: Memo<Option<Tile>>) -> impl IntoView {
    let place = Memo::new(move |_| tile.read().as_ref().map_or(super::CORNER, |tile| tile.place));
    let field = move |word: &'static str,
                      most: u8,
                      read: fn(crate::model::wallboard::Place) -> u8,
                      write: fn(&mut crate::model::wallboard::Place, u8)| {
        let typed = move |event: leptos::ev::Event| {
            let (Ok(number), Some(at)) = (
                event_target_value(&event).parse::<u8>(),
                draft.chosen.get_untracked(),
            ) else {
                return;
            };
            let before = draft.board.get_untracked();
            let mut wanted = place.get_untracked();
            write(&mut wanted, number);
            if wanted == place.get_untracked() {
                return;
            }
            if draft.put(at, wanted) {
                draft.step(before);
            } else {
                draft.said.set("There is no room there.".to_owned());
            }
        };
        view! {
            <label>{word}<input type="number" min="1" max=most.to_string() inputmode="numeric" prop:value=move || read(place.get()).to_string()
                value=read(place.get_untracked()).to_string() on:change=typed/></label>
        }
        .into_any()
    };
    view! {
        <fieldset class="field place-fields">
            <legend class="label">"Place"</legend>
            {field("Column", COLUMNS, |place| place.x + 1, |place, to| place.x = to.saturating_sub(1))}
            {field("Row", ROWS, |place| place.y + 1, |place, to| place.y = to.saturating_sub(1))}
            {field("Width", COLUMNS, |place| place.wide, |place, to| place.wide = to)}
            {field("Height", ROWS, |place| place.high, |place, to| place.high = to)}
        </fieldset>
    }
    .into_any()
}
