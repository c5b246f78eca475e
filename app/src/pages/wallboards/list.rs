//! The boards that may be opened, and a new one.

use leptos::prelude::*;

use crate::{
    access::Ability,
    api::wallboard::MakeWallboard,
    components::{
        Icon,
        field::{FormProblem, TextField, problem_of, problem_of_form},
        roving,
        trouble::Nothing,
    },
    model::{
        Viewer,
        wallboard::{NAME_CHARS, WallboardRow, Wallboards},
    },
    sending::Sending,
    words::{duration::ago, shortened},
};

/// The list.
#[component]
pub fn Boards(all: Wallboards) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may = move || viewer.read().rights.has(Ability::MakeWallboards);
    let now_ms = all.now_ms;
    let none = all.boards.is_empty();
    view! {
        <div class="with-aside">
            {move || may().then(|| view! { <New/> })}
            {if none {
                view! {
                    <Nothing icon="monitor" title="No wallboards yet">
                        <p>"A wallboard shows callers, agents and figures in numerals that are read from across the room. \
                            Give one a name, and begin with a page that is ready."</p>
                    </Nothing>
                }
                .into_any()
            } else {
                let rows = all.boards.into_iter().map(|row| view! { <Board row now_ms/> }.into_any());
                view! {
                    <section class="sheet-of-rows" aria-label="Boards">
                        <table class="list">
                            <thead><tr>
                                <th scope="col">"Name"</th>
                                <th scope="col">"Of"</th>
                                <th scope="col">"Pages"</th>
                                <th scope="col">"Screens"</th>
                                <th scope="col">"Changed"</th>
                                <td></td>
                            </tr></thead>
                            <tbody on:keydown=|event| { roving::moved(&event); }>{rows.collect_view()}</tbody>
                        </table>
                    </section>
                }
                .into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Board(row: WallboardRow, now_ms: u64) -> impl IntoView {
    let id = row.id.0;
    let name = shortened(&row.name, NAME_CHARS);
    let to = if row.mine {
        format!("/wallboards/{id}")
    } else {
        format!("/wall/{id}")
    };
    view! {
        <tr>
            <td class="who"><a class="row-link" data-cell href=to>{name.clone()}</a></td>
            <td class="soft">{match (row.mine, row.shared) {
                (true, true) => "You, shared".to_owned(),
                (true, false) => "You".to_owned(),
                (false, _) => shortened(&row.owner, 40),
            }}</td>
            <td class="number">{row.pages}</td>
            <td class="number">{row.screens}</td>
            <td class="soft">{ago(now_ms.saturating_sub(row.changed_ms))}</td>
            <td class="row-verbs"><a class="button quiet" href=format!("/wall/{id}") aria-label=format!("Show {name}")><Icon name="maximize"/>"Show"</a></td>
        </tr>
    }
    .into_any()
}

#[component]
fn New() -> impl IntoView {
    let make = Sending::to::<MakeWallboard>();
    let problem = Signal::derive(move || problem_of(make.problem().as_ref(), "name"));
    let whole = Signal::derive(move || problem_of_form(make.problem().as_ref(), &["name"]));
    view! {
        <aside class="paper" aria-labelledby="new-board">
            <h2 id="new-board">"New wallboard"</h2>
            <form class="form" method="post" action=make.path on:submit=move |event| make.submit(&event)>
                <FormProblem problem=whole/>
                <TextField name="name" label="Name" problem required=true maxlength=60 help="As the room or the team is called."/>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || make.pending.get()><Icon name="plus"/>"Make it"</button>
                </div>
            </form>
        </aside>
    }
    .into_any()
}
