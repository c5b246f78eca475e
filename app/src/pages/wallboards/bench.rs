//! The bench on which a board is made.

use leptos::{ev, prelude::*};
use leptos_meta::Title;

use super::{
    canvas::{Canvas, words},
    draft::Draft,
    inspector::Inspector,
    today,
    value::Reader,
};
use crate::{
    AppError,
    api::wallboard::RemoveWallboard,
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
        trouble::{Nothing, capitalised},
    },
    live::Live,
    model::wallboard::{MAX_PAGES, MAX_SECONDS, MIN_SECONDS, Metric, NAME_CHARS, Shown},
    sending::Sending,
    words::shortened,
};

/// A board of somebody else, who shares it.
#[component]
pub fn SomebodyElses(shown: Shown) -> impl IntoView {
    let name = shortened(&shown.board.name, NAME_CHARS);
    view! {
        <Title text=name.clone()/>
        <header class="page-head"><h1>{name}</h1></header>
        <Nothing icon="monitor" title=format!("This board belongs to {}", shortened(&shown.owner, 40))>
            <p>"They share it with you. It shows what you see yourself."</p>
            <a class="button primary" href=format!("/wall/{}", shown.id.0)>"Show it"</a>
            <a class="button" href="/wallboards">"To the list"</a>
        </Nothing>
    }
    .into_any()
}

/// The bench.
#[component]
pub fn Bench(shown: Shown) -> impl IntoView {
    let live = expect_context::<Live>();
    let draft = Draft::new(&shown);
    let teams = shown.teams.clone();
    let wanted = Memo::new(move |_| today::needs(&draft.board.read()));
    let today = today::follow(live.clone(), wanted);
    let reader = Memo::new_owning(move |_| {
        let reader = Reader {
            live: live.clone(),
            teams: teams.clone(),
            masked: draft.board.read().masked,
            today,
        };
        (reader, true)
    });
    draft.keep();
    listen(draft);
    let saved_name = shortened(&shown.board.name, NAME_CHARS);
    let id = shown.id.0;
    view! {
        <Title text=saved_name/>
        <header class="page-head bench-head">
            <h1>{move || shortened(&draft.board.read().name, NAME_CHARS)}</h1>
            <span class="soft" role="status">{move || if draft.saving.get() { "Saving" } else if draft.is_dirty() { "Not saved yet" } else { "Saved" }}</span>
            <div class="page-verbs">
                <button type="button" class="icon-button" aria-label="Undo" title="Undo (Ctrl Z)" disabled=move || !draft.can().0 on:click=move |_| draft.undo()><Icon name="undo-2"/></button>
                <button type="button" class="icon-button redo" aria-label="Redo" title="Redo (Ctrl Y)" disabled=move || !draft.can().1 on:click=move |_| draft.redo()><Icon name="undo-2"/></button>
                <a class="button" href="/wallboards">"To the list"</a>
                <a class="button" href=format!("/wall/{id}")><Icon name="maximize"/>"Show"</a>
                <button type="button" class="button primary" disabled=move || draft.saving.get() || !draft.is_dirty() on:click=move |_| draft.save()>"Save"</button>
            </div>
        </header>
        <noscript><p class="form-problem">"A board is made with JavaScript. Without it, it can be shown."</p></noscript>
        {move || draft.found.get().then(|| view! {
            <div class="banner" data-tone="note">
                <p>"This is how you left it. It was not saved."</p>
                <button type="button" class="button" on:click=move |_| draft.discard()>"Back to what is saved"</button>
            </div>
        }.into_any())}
        {move || problems(draft)}
        <div class="bench">
            <div class="bench-board">
                <Pages draft/>
                <Canvas draft reader/>
                <TileList draft/>
            </div>
            <div class="bench-side">
                <section class="paper" aria-labelledby="tile-title"><h2 id="tile-title">"Tile"</h2><Inspector draft teams=shown.teams/></section>
                <Settings draft/>
                <Remove id/>
            </div>
        </div>
        <p class="unseen" aria-live="polite" id="bench-said">{move || draft.said.get()}</p>
    }
    .into_any()
}

fn problems(draft: Draft) -> Option<AnyView> {
    let error = draft.problem.get()?;
    let lines: Vec<String> = match error {
        AppError::Invalid(problems) => problems.into_iter().map(|problem| problem.problem).collect(),
        other => vec![capitalised(&other.to_string())],
    };
    let lines = lines.into_iter().take(8).map(|line| view! { <li>{line}</li> });
    Some(view! { <ul class="form-problem" role="alert">{lines.collect_view()}</ul> }.into_any())
}

/// Which page is worked on.
#[component]
fn Pages(draft: Draft) -> impl IntoView {
    let count = Memo::new(move |_| draft.board.read().pages.len());
    let full = Memo::new(move |_| count.get() >= MAX_PAGES);
    let seconds = Memo::new(move |_| draft.now().seconds);
    let stays = move |event: ev::Event| {
        if let Ok(seconds) = event_target_value(&event).parse::<u16>() {
            let page = draft.page.get_untracked();
            draft.change("seconds", |board| {
                if let Some(page) = board.pages.get_mut(page) {
                    page.seconds = seconds;
                }
            });
        }
    };
    view! {
        <div class="bench-pages">
            <div class="tabs" role="group" aria-label="Pages">
                {move || (0..count.get()).map(|at| view! {
                    <button type="button" class="tab" aria-pressed=move || (draft.page.get() == at).to_string() on:click=move |_| draft.go_to(at)>{format!("Page {}", at + 1)}</button>
                }.into_any()).collect_view()}
                <button type="button" class="icon-button" aria-label="Add a page" title="Add a page" disabled=move || full.get() on:click=move |_| draft.add_page()><Icon name="plus"/></button>
            </div>
            {move || (count.get() > 1).then(|| view! {
                <label class="stays">"Stays for "<input type="number" min=MIN_SECONDS.to_string() max=MAX_SECONDS.to_string() inputmode="numeric"
                    prop:value=move || seconds.get().to_string() value=seconds.get_untracked().to_string() on:change=stays/>" seconds"</label>
                <button type="button" class="button quiet" on:click=move |_| draft.remove_page()>"Remove the page"</button>
            }.into_any())}
            <label class="add-tile">
                <span class="unseen">"Add a tile"</span>
                <select on:change=move |event| {
                    let metric = event_target_value(&event).parse().ok().and_then(|at: usize| Metric::ALL.get(at).copied());
                    if let Some(metric) = metric { draft.add(metric); }
                } prop:value=move || { draft.board.track(); "" }>
                    <option value="">"Add a tile"</option>
                    {Metric::ALL.into_iter().enumerate().map(|(at, metric)| view! { <option value=at.to_string()>{metric.name()}</option> }.into_any()).collect_view()}
                </select>
            </label>
        </div>
    }
    .into_any()
}

/// The tiles as a list: all there is room for on a telephone.
#[component]
fn TileList(draft: Draft) -> impl IntoView {
    let tiles = Memo::new(move |_| draft.now().tiles);
    view! {
        <ul class="tile-list" aria-label="Tiles of this page">
            {move || tiles.get().into_iter().enumerate().map(|(at, tile)| view! {
                <li><button type="button" class="menu-item" aria-pressed=move || (draft.chosen.get() == Some(at)).to_string() on:click=move |_| draft.chosen.set(Some(at))>
                    <strong>{shortened(tile.heading(), NAME_CHARS)}</strong><small>{words(tile.place)}</small>
                </button></li>
            }.into_any()).collect_view()}
        </ul>
    }
    .into_any()
}

/// What is said of the board as a whole.
#[component]
fn Settings(draft: Draft) -> impl IntoView {
    let name = draft.board.with_untracked(|board| board.name.clone());
    let tick = move |word: &'static str,
                     read: fn(&crate::model::wallboard::Wallboard) -> bool,
                     write: fn(&mut crate::model::wallboard::Wallboard, bool)| {
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=move || read(&draft.board.read()) on:change=move |event| {
                    let is = event_target_checked(&event);
                    draft.change("", |board| write(board, is));
                }/>
                {word}
            </label>
        }
        .into_any()
    };
    view! {
        <section class="paper" aria-labelledby="board-title">
            <h2 id="board-title">"Board"</h2>
            <div class="form">
                <div class="field">
                    <label for="name">"Name"</label>
                    <input id="name" maxlength=NAME_CHARS.to_string() value=name prop:value=move || draft.board.read().name.clone()
                        on:input=move |event| draft.change("name", |board| board.name = event_target_value(&event))/>
                </div>
                {tick("Without names of callers and agents", |board| board.masked, |board, is| board.masked = is)}
                {tick("Others who see the same may open it", |board| board.shared, |board, is| board.shared = is)}
                {tick("Dark on light", |board| board.light, |board, is| board.light = is)}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Remove(id: i64) -> impl IntoView {
    let remove = Sending::to::<RemoveWallboard>();
    let whole = Signal::derive(move || problem_of_form(remove.problem().as_ref(), &[]));
    view! {
        <details class="danger-fold">
            <summary>"Remove this board"</summary>
            <form class="form" method="post" action=remove.path on:submit=move |event| remove.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="id" value=id.to_string()/>
                <p>"Screens that show it show nothing any more, at once. This cannot be undone."</p>
                <div class="form-end"><button type="submit" class="button danger" disabled=move || remove.pending.get()><Icon name="trash-2"/>"Remove it"</button></div>
            </form>
        </details>
    }
    .into_any()
}

/// Hears the keys of the bench.
fn listen(draft: Draft) {
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            if !(event.ctrl_key() || event.meta_key()) {
                return;
            }
            let typing = crate::browser::is_typing(&event);
            match event.key().to_ascii_lowercase().as_str() {
                "s" => draft.save(),
                // a field has steps of its own
                "z" if !typing && event.shift_key() => draft.redo(),
                "z" if !typing => draft.undo(),
                "y" if !typing => draft.redo(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || keys.remove());
    });
}
