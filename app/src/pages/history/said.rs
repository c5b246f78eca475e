//! What people say of a call: tags that it is found by, and notes.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Desk, asked::Asked};
use crate::{
    api::history::{DisposePastCall, NotePastCall, TagPastCall, UnnotePastCall, UntagPastCall},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    model::{
        Viewer,
        history::{CallNote, MAX_NOTE_CHARS, MAX_TAG_CHARS},
    },
    sending::Sending,
    words::{moment, shortened, visible, visible::NAME_CHARS},
};

/// Runs `changed` whenever something was sent and taken.
pub fn after(sending: Sending, changed: Callback<()>) {
    Effect::new(move |before: Option<bool>| {
        let pending = sending.pending.get();
        let taken =
            before == Some(true) && !pending && untrack(|| matches!(sending.answer::<()>(), Some(Ok(()))));
        if taken {
            changed.run(());
        }
        pending
    });
}

/// The tags of a call.
#[component]
pub fn Tags(id: i64, tags: Vec<String>, known: Vec<String>, changed: Callback<()>) -> impl IntoView {
    let add = Sending::to::<TagPastCall>();
    let remove = Sending::to::<UntagPastCall>();
    let typed = RwSignal::new(String::new());
    let added = Callback::new(move |()| {
        typed.set(String::new());
        changed.run(());
    });
    after(add, added);
    after(remove, changed);
    let problem = Signal::derive(move || problem_of_form(add.problem().or(remove.problem()).as_ref(), &[]));
    let offered = known
        .into_iter()
        .filter(|one| !tags.contains(one))
        .map(|one| view! { <option value=one></option> }.into_any())
        .collect_view();
    let tags = tags.into_iter().map(|tag| {
        let others = Asked {
            text: format!("tag:{tag}"),
            ..Asked::default()
        };
        let shown = visible(&tag).into_owned();
        view! {
            <li class="chip call-tag">
                <a href=others.address() title="Calls with this tag">{shown.clone()}</a>
                <form method="post" action=UntagPastCall::PATH on:submit=move |event| remove.submit(&event)>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="tag" value=tag/>
                    <button type="submit" class="icon-button" aria-label=format!("Remove the tag {shown}") title="Remove"><Icon name="x"/></button>
                </form>
            </li>
        }
        .into_any()
    });
    let tags: Vec<AnyView> = tags.collect();
    view! {
        <section class="call-tags" aria-label="Tags">
            <ul>{tags}</ul>
            <form class="call-tag-new" method="post" action=TagPastCall::PATH on:submit=move |event| add.submit(&event)>
                <input type="hidden" name="id" value=id.to_string()/>
                <label class="unseen" for="call-tag">"New tag"</label>
                <input id="call-tag" name="tag" list="call-tags-known" required placeholder="Add a tag" autocomplete="off" autocapitalize="none"
                    maxlength=MAX_TAG_CHARS.to_string() prop:value=typed on:input=move |event| typed.set(event_target_value(&event))/>
                <datalist id="call-tags-known">{offered}</datalist>
                <button type="submit" class="button quiet" disabled=move || add.pending.get()>"Add"</button>
            </form>
            <FormProblem problem/>
        </section>
    }
    .into_any()
}

/// What came of a call, in a word of its queue's list; nothing where there are no words.
#[component]
pub fn Disposition(
    id: i64,
    said: Option<String>,
    words: Vec<String>,
    changed: Callback<()>,
) -> impl IntoView {
    let set = Sending::to::<DisposePastCall>();
    after(set, changed);
    let problem = Signal::derive(move || problem_of_form(set.problem().as_ref(), &[]));
    // a word that was taken from the list stays where it was said
    let gone = said.clone().filter(|said| !words.contains(said));
    let choices = words.into_iter().chain(gone).map(|word| {
        let selected = said.as_ref() == Some(&word);
        view! { <option value=word.clone() selected=selected>{shortened(&word, NAME_CHARS)}</option> }
            .into_any()
    });
    let choices: Vec<AnyView> = choices.collect();
    (!choices.is_empty()).then(|| {
        view! {
            <form class="call-disposition" method="post" action=DisposePastCall::PATH on:submit=move |event| set.submit(&event)>
                <input type="hidden" name="id" value=id.to_string()/>
                <label for="call-disposition">"Disposition"</label>
                <select id="call-disposition" name="disposition"><option value="">"Nothing said"</option>{choices}</select>
                <button type="submit" class="button quiet" disabled=move || set.pending.get()>"Set"</button>
                <FormProblem problem/>
            </form>
        }
        .into_any()
    })
}

/// The notes on a call, and a place for one more.
#[component]
pub fn Notes(id: i64, notes: Vec<CallNote>, changed: Callback<()>) -> impl IntoView {
    let Desk { zone, .. } = expect_context::<Desk>();
    let me = expect_context::<RwSignal<Viewer>>().with_untracked(|viewer| viewer.id);
    let add = Sending::to::<NotePastCall>();
    let remove = Sending::to::<UnnotePastCall>();
    let typed = RwSignal::new(String::new());
    let added = Callback::new(move |()| {
        typed.set(String::new());
        changed.run(());
    });
    after(add, added);
    after(remove, changed);
    let problem = Signal::derive(move || problem_of_form(add.problem().or(remove.problem()).as_ref(), &[]));
    let notes = notes.into_iter().map(|note| {
        let at_ms = note.at_ms;
        let said = note.lines.iter().map(|line| view! { <p>{visible(line).into_owned()}</p> }.into_any());
        let said: Vec<AnyView> = said.collect();
        let mine = (note.by == me).then(|| {
            view! {
                <form method="post" action=UnnotePastCall::PATH on:submit=move |event| remove.submit(&event)>
                    <input type="hidden" name="id" value=note.id.to_string()/>
                    <button type="submit" class="icon-button" aria-label="Remove this note" title="Remove"><Icon name="x"/></button>
                </form>
            }
            .into_any()
        });
        view! {
            <li>
                {said}
                <p class="soft">
                    {shortened(&note.name, NAME_CHARS)}", "
                    <time datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time>
                </p>
                {mine}
            </li>
        }
        .into_any()
    });
    let notes: Vec<AnyView> = notes.collect();
    view! {
        <section class="call-notes" aria-labelledby="call-notes-title">
            <h3 id="call-notes-title">"Notes"</h3>
            <ol>{notes}</ol>
            <form class="form" method="post" action=NotePastCall::PATH on:submit=move |event| add.submit(&event)>
                <input type="hidden" name="id" value=id.to_string()/>
                <div class="field">
                    <label class="unseen" for="call-note">"New note"</label>
                    <textarea id="call-note" name="note" rows="2" required placeholder="What should others know of this call?"
                        maxlength=MAX_NOTE_CHARS.to_string() prop:value=typed on:input=move |event| typed.set(event_target_value(&event))></textarea>
                </div>
                <FormProblem problem/>
                <div class="form-end"><button type="submit" class="button" disabled=move || add.pending.get()>"Add note"</button></div>
            </form>
        </section>
    }
    .into_any()
}
