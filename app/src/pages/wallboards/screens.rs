//! The screens that show a board, and how another one is paired.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    access::Ability,
    api::wallboard::{PairScreen, RevokeScreen},
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
        trouble::Nothing,
    },
    model::{
        Viewer,
        wallboard::{NAME_CHARS, ScreenRow, WallboardRow, Wallboards},
    },
    sending::Sending,
    words::{duration::ago, shortened},
};

const FIELDS: [&str; 3] = ["code", "board", "name"];
/// A screen that was heard of within so many milliseconds is there.
const THERE_MS: u64 = 60_000;

/// The screens.
#[component]
pub fn Screens(
    /// Boards and screens.
    all: Wallboards,
    /// Hears that they are to be asked for again.
    changed: Callback<()>,
) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may = move || viewer.read().rights.has(Ability::MakeWallboards);
    let boards = all.boards.clone();
    let now_ms = all.now_ms;
    view! {
        <div class="with-aside">
            {move || may().then(|| view! { <Pair boards=boards.clone() changed/> })}
            {if all.screens.is_empty() {
                view! {
                    <Nothing icon="monitor" title="No screens yet">
                        <p>"Open " <code>"/tv"</code> " on a television: it shows a code. Whoever types the code here chooses what the screen shows."</p>
                    </Nothing>
                }
                .into_any()
            } else {
                let rows = all.screens.into_iter().map(|row| view! { <Paired row now_ms changed/> }.into_any());
                view! {
                    <section class="paper" aria-labelledby="screens-title">
                        <h2 id="screens-title">"Your screens"</h2>
                        <ul class="screens">{rows.collect_view()}</ul>
                    </section>
                }
                .into_any()
            }}
        </div>
    }
    .into_any()
}

/// The address stays, so that the list has to be asked for again.
fn when_done(sending: Sending, changed: Callback<()>) {
    Effect::new(move |_| {
        if matches!(sending.answer::<()>(), Some(Ok(()))) {
            changed.run(());
        }
    });
}

#[component]
fn Paired(row: ScreenRow, now_ms: u64, changed: Callback<()>) -> impl IntoView {
    let revoke = Sending::to::<RevokeScreen>();
    when_done(revoke, changed);
    let whole = Signal::derive(move || problem_of_form(revoke.problem().as_ref(), &[]));
    let name = shortened(&row.name, NAME_CHARS);
    let silent_ms = now_ms.saturating_sub(row.seen_ms);
    let seen = if silent_ms < THERE_MS {
        "Showing now".to_owned()
    } else {
        format!("Seen {}", ago(silent_ms))
    };
    view! {
        <li>
            <Icon name="monitor"/>
            <div class="screen-words">
                <p><strong>{name.clone()}</strong>" shows "<a href=format!("/wall/{}", row.board.0)>{shortened(&row.board_name, NAME_CHARS)}</a></p>
                <p class="soft">{seen}" · "<span class="number">{row.address}</span>{row.masked.then_some(" · without names")}</p>
                <FormProblem problem=whole/>
            </div>
            <form method="post" action=revoke.path on:submit=move |event| revoke.submit(&event)>
                <input type="hidden" name="id" value=row.id.0.to_string()/>
                <button type="submit" class="button danger" disabled=move || revoke.pending.get() aria-label=format!("Revoke {name}")>"Revoke"</button>
            </form>
        </li>
    }
    .into_any()
}

#[component]
fn Pair(boards: Vec<WallboardRow>, changed: Callback<()>) -> impl IntoView {
    let pair = Sending::to::<PairScreen>();
    when_done(pair, changed);
    let of = move |name: &'static str| Signal::derive(move || problem_of(pair.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(pair.problem().as_ref(), &FIELDS));
    let code = use_query_map().read_untracked().get("code").unwrap_or_default();
    let none = boards.is_empty();
    view! {
        <aside class="paper" aria-labelledby="pair-title">
            <h2 id="pair-title">"Pair a screen"</h2>
            {if none {
                view! { <p class="soft">"Make a wallboard first: a screen shows one."</p><p><a class="button" href="/wallboards">"To the boards"</a></p> }.into_any()
            } else {
                view! {
                    <form class="form" method="post" action=pair.path on:submit=move |event| pair.submit(&event)>
                        <FormProblem problem=whole/>
                        <p class="soft">"Open "<code>"/tv"</code>" on the screen and type the code that it shows. Only pair a screen that you stand in front of: it shows what you see."</p>
                        <TextField name="code" label="Code" problem=of("code") value=code required=true maxlength=16 autocomplete="off"/>
                        <div class="field">
                            <label for="board">"Shows"</label>
                            <select id="board" name="board">
                                {boards.into_iter().map(|row| view! { <option value=row.id.0.to_string()>{shortened(&row.name, NAME_CHARS)}</option> }.into_any()).collect_view()}
                            </select>
                            <Problem id="board-problem" problem=of("board")/>
                        </div>
                        <TextField name="name" label="What to call it" problem=of("name") maxlength=60 help="Such as the room it hangs in."/>
                        <label class="choice"><input type="checkbox" name="masked" value="true" checked=true/>"Without names of callers and agents"</label>
                        <div class="form-end">
                            <button type="submit" class="button primary" disabled=move || pair.pending.get()>"Pair it"</button>
                        </div>
                    </form>
                    <Confirming of=pair/>
                }
                .into_any()
            }}
        </aside>
    }
    .into_any()
}
