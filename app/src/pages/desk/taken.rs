//! The calls that I took lately, and saying what became of them.

use leptos::{prelude::*, server_fn::ServerFn};
use telephony::Left;

use crate::{
    api::desk::SayOfCall,
    components::field::{FormProblem, problem_of_form},
    live::Live,
    model::{
        figures::KeptVisit,
        queues::{MAX_NOTE_CHARS, QueueRules},
    },
    sending::Sending,
    words::{duration, shortened, visible::NAME_CHARS},
};

/// The list, the latest first.
#[component]
pub fn MyCalls(taken: Vec<KeptVisit>, rules: StoredValue<Vec<QueueRules>>) -> impl IntoView {
    let none = taken.is_empty();
    view! {
        <section class="paper" aria-labelledby="taken-title">
            <h2 id="taken-title">"My calls from queues"</h2>
            <ul class="mycalls">
                {taken.into_iter().map(|kept| view! { <One kept rules/> }.into_any()).collect_view()}
            </ul>
            {none.then(|| view! { <p class="soft">"Calls that you take from a queue are listed here, with what you say of them."</p> }.into_any())}
        </section>
    }
    .into_any()
}

/// Who called.
pub(super) fn who(kept: &KeptVisit) -> String {
    let name = kept.visit.name.as_ref().filter(|name| !name.trim().is_empty());
    let who = name.unwrap_or(&kept.visit.number);
    if who.is_empty() {
        "Number withheld".into()
    } else {
        shortened(who, NAME_CHARS)
    }
}

/// How long ago somebody joined, and how it ended, in few words.
pub(super) fn gist(kept: &KeptVisit, now_ms: u64) -> String {
    let visit = &kept.visit;
    let ago = duration::ago(now_ms.saturating_sub(visit.joined.0));
    let queue = shortened(&visit.queue, NAME_CHARS);
    let end = match (&visit.talk, visit.left) {
        (Some(talk), _) => match talk.ended {
            Some((at, _)) => format!("talked {}", duration::clock(at.since_ms(talk.began))),
            None => "talking now".to_owned(),
        },
        (None, Some((_, Left::Abandoned))) => "gave up".to_owned(),
        (None, Some((_, Left::TimedOut))) => "waited too long".to_owned(),
        (None, Some(_)) => "was not served".to_owned(),
        (None, None) => "waits now".to_owned(),
    };
    format!("{ago} · {queue} · {end}")
}

#[component]
fn One(kept: KeptVisit, rules: StoredValue<Vec<QueueRules>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let words = rules.with_value(|rules| {
        let queue = (kept.pbx, kept.visit.queue.clone());
        let found = rules.iter().find(|rules| rules.queue == queue);
        found.map(|rules| rules.dispositions.clone()).unwrap_or_default()
    });
    let name = who(&kept);
    let said = kept.disposition.clone();
    let chip = said
        .clone()
        .map(|said| view! { <span class="chip">{shortened(&said, NAME_CHARS)}</span> }.into_any());
    let (visit, note) = (kept.id, kept.note.clone());
    let line = move || gist(&kept, live.clock.now_ms.get());
    view! {
        <li>
            <details class="mycall">
                <summary>
                    <span class="party">{name}</span>
                    <span class="soft">{line}</span>
                    {chip}
                </summary>
                <SayForm visit words said note done=Callback::new(|()| ())/>
            </details>
        </li>
    }
    .into_any()
}

/// What became of a call: a word from the queue's list, and a note.
#[component]
pub fn SayForm(
    visit: i64,
    words: Vec<String>,
    said: Option<String>,
    note: Option<String>,
    done: Callback<()>,
) -> impl IntoView {
    let save = Sending::to::<SayOfCall>();
    let whole = Signal::derive(move || problem_of_form(save.problem().as_ref(), &[]));
    let saved = move || matches!(save.answer::<()>(), Some(Ok(()))) && !save.pending.get();
    Effect::new(move |_| {
        if saved() {
            done.run(());
        }
    });
    let group = format!("said-{visit}");
    let choices = words.into_iter().enumerate().map(|(at, word)| {
        let checked = said.as_ref() == Some(&word);
        let id = format!("{group}-{at}");
        view! {
            <label class="choice" for=id.clone()>
                <input type="radio" id=id.clone() name="disposition" value=word.clone() checked=checked/>
                {shortened(&word, NAME_CHARS)}
            </label>
        }
        .into_any()
    });
    let choices: Vec<AnyView> = choices.collect();
    let none = choices.is_empty();
    let note_id = format!("note-{visit}");
    view! {
        <form class="form sayform" method="post" action=SayOfCall::PATH on:submit=move |event| save.submit(&event)>
            <input type="hidden" name="visit" value=visit.to_string()/>
            <FormProblem problem=whole/>
            {(!none).then(|| view! {
                <fieldset class="choices"><legend>"What became of it"</legend>{choices}</fieldset>
            }.into_any())}
            <div class="field">
                <label for=note_id.clone()>"Note"</label>
                <textarea id=note_id name="note" rows="2" maxlength=MAX_NOTE_CHARS.to_string()>{note.unwrap_or_default()}</textarea>
            </div>
            <div class="form-end">
                <button type="submit" class="button primary" disabled=move || save.pending.get()>"Done"</button>
                <span class="saved" role="status">{move || saved().then_some("Saved.")}</span>
            </div>
        </form>
    }
    .into_any()
}
