//! One lost caller, opened: every try, and what can be done beside calling.

use std::sync::Arc;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{Desk, asked::PAGE, hands::PAUSE, verbs::RowVerbs, words};
use crate::{
    AppError,
    again::{Again, Newer},
    api::lost::{LoadLostCaller, load_lost_caller},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
        trouble::{Nothing, capitalised},
    },
    load_by, loaded,
    look::look,
    model::lost::{Colleague, Fate, LostCaller, LostTry, MAX_REASON_CHARS},
    packed::{pack, unpack},
    words::{clock, isolated, moment, shortened, visible::NAME_CHARS},
};

/// The pane beside the list; where there is little room it is the whole page.
#[component]
pub fn CallerPane(id: i64) -> impl IntoView {
    let Desk { asked, newer, .. } = expect_context::<Desk>();
    let found = load_by(
        LoadLostCaller::PATH,
        // our own types always pack
        move || pack(&id).unwrap_or_default(),
        |asked: String| async move { load_lost_caller(unpack(&asked).unwrap_or_default()).await },
    );
    // what somebody types in the pane stays: only what is told anew is drawn anew
    let again = Again::ready(LoadLostCaller::PATH, Memo::new(move |_| id), PAUSE).unseen();
    Effect::watch(move || newer.track(), move |(), _, _| again.soon(), false);
    Effect::new(move |_| {
        if again.trouble() == Some(AppError::NotFound) {
            found.refetch();
        }
    });
    let later = again.newer();
    view! {
        <section class="pane lost-pane" aria-label="Lost caller">
            <a class="pane-close icon-button" href=move || asked.read().address() aria-label="Close the caller's pane" title="Close (Esc)">
                <Icon name="x"/>
            </a>
            <Transition fallback=|| view! { <div class="skeleton"><div class="bone-title"></div><div class="bone"></div></div> }>
                {move || Suspend::new(async move {
                    match loaded::<LostCaller>(&found.await) {
                        Ok(caller) => view! { <Caller caller later/> }.into_any(),
                        Err(error) => view! {
                            <Title text="Lost caller"/>
                            <Nothing icon="phone-missed" title=capitalised(&error.to_string())>
                                <p>"It may be of a queue that you do not see."</p>
                                <a class="button" href=PAGE>"All lost callers"</a>
                            </Nothing>
                        }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Caller(caller: LostCaller, later: Newer<i64, LostCaller>) -> impl IntoView {
    let Desk { hands, .. } = expect_context::<Desk>();
    let id = caller.row.id;
    let first = Arc::new(caller);
    let caller = Memo::new(move |_| {
        let later = later.read();
        later
            .as_ref()
            .map_or_else(|| first.clone(), |(_, caller)| caller.clone())
    });
    let fate = Memo::new(move |_| caller.read().row.fate.clone());
    let colleagues = Memo::new(move |_| caller.read().colleagues.clone());
    let is_open = Memo::new(move |_| matches!(*fate.read(), Fate::Open(_)));
    view! {
        {move || view! { <Title text=format!("{} · Lost callers", words::who(&caller.read().row))/> }.into_any()}
        <header class="pane-head">{move || head(&caller.read())}</header>
        <RowVerbs id fate=look(move || Some(fate.get())) hands loud=true/>
        {move || told(&caller.read())}
        {move || is_open.get().then(|| view! {
            <details class="lost-more">
                <summary>"Hand over"</summary>
                {move || view! { <HandOver id colleagues=colleagues.get()/> }.into_any()}
            </details>
            <GiveUp id/>
        }.into_any())}
    }
    .into_any()
}

fn head(caller: &LostCaller) -> AnyView {
    let row = &caller.row;
    let (slug, word) = words::fate(row);
    view! {
        <h2>{words::who(row)}</h2>
        <p class="pane-state"><span class="state" data-state=slug>{word}</span></p>
        <p class="soft number">{isolated(shortened(&row.number, NAME_CHARS))}</p>
    }
    .into_any()
}

/// Since when they wait, until when, and every try.
fn told(caller: &LostCaller) -> AnyView {
    let Desk { zone, .. } = expect_context::<Desk>();
    let row = &caller.row;
    let when = move |at_ms: u64| format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms));
    let ended = match &row.fate {
        Fate::Reached { at, .. } | Fate::GivenUp { at, .. } => Some(at.0),
        Fate::Open(_) => None,
    };
    let first_ms = row.first.0;
    let took = words::took(row);
    let attempt = move |one: &LostTry| {
        let at_ms = one.at.0;
        let kind = if one.is_queue { "queue" } else { "extension" };
        view! {
            <li>
                <p class="visit-caller"><strong>{isolated(shortened(&one.place, NAME_CHARS))}</strong>" "<span class="soft">{kind}</span>
                    <time class="soft" datetime=moment::machine(at_ms)>{move || when(at_ms)}</time></p>
                <p class="soft">{format!("{}, after {}.", capitalised(words::loss(one.how)).trim_end_matches('.'), clock(one.waited_ms))}</p>
            </li>
        }
        .into_any()
    };
    view! {
        <dl class="facts">
            <div><dt>"Waits since"</dt><dd><time datetime=moment::machine(first_ms)>{move || when(first_ms)}</time></dd></div>
            {ended.map(|at_ms| view! { <div><dt>"Until"</dt><dd><time datetime=moment::machine(at_ms)>{move || when(at_ms)}</time>" "<span class="soft">{took}</span></dd></div> })}
        </dl>
        <section>
            <h3>{words::calls(row.calls)}</h3>
            <ol class="visits">{caller.tries.iter().map(attempt).collect_view()}</ol>
        </section>
    }
    .into_any()
}

#[component]
fn HandOver(id: i64, colleagues: Vec<Colleague>) -> impl IntoView {
    let Desk { hands, .. } = expect_context::<Desk>();
    if colleagues.is_empty() {
        return view! { <p class="soft">"Nobody else could call them back."</p> }.into_any();
    }
    view! {
        <form class="form" method="post" action=hands.hand_over.path on:submit=move |event| hands.hand_over.submit(&event)>
            <input type="hidden" name="id" value=id.to_string()/>
            <FormProblem problem=Signal::derive(move || problem_of_form(hands.hand_over.problem().as_ref(), &[]))/>
            <div class="field">
                <label for="lost-to">"To"</label>
                <select id="lost-to" name="to">
                    {colleagues.into_iter().map(|one| view! {
                        <option value=one.id.to_string()>{shortened(&one.name, NAME_CHARS)}</option>
                    }.into_any()).collect_view()}
                </select>
            </div>
            <button type="submit" class="button" disabled=move || hands.busy()>"Hand over"</button>
        </form>
    }
    .into_any()
}

#[component]
fn GiveUp(id: i64) -> impl IntoView {
    let Desk { hands, .. } = expect_context::<Desk>();
    view! {
        <details class="lost-more">
            <summary>"Give up"</summary>
            <form class="form" method="post" action=hands.give_up.path on:submit=move |event| hands.give_up.submit(&event)>
                <input type="hidden" name="id" value=id.to_string()/>
                <FormProblem problem=Signal::derive(move || problem_of_form(hands.give_up.problem().as_ref(), &[]))/>
                <div class="field">
                    <label for="lost-reason">"Why"</label>
                    <input id="lost-reason" name="reason" required maxlength=MAX_REASON_CHARS.to_string() autocomplete="off"/>
                </div>
                <p class="soft">"They are called no more. A new try of theirs is a new row."</p>
                <button type="submit" class="button" disabled=move || hands.busy()>"Give up"</button>
            </form>
        </details>
    }
    .into_any()
}
