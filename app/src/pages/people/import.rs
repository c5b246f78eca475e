//! Users from a file: tried first, line by line, then done as a whole.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{FileReader, HtmlInputElement};

use super::Pane;
use crate::{
    api::people::ImportUsers,
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, Problem, problem_of, problem_of_form},
    },
    model::people::{Import, ImportLine, ImportOutcome},
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

const EXAMPLE: &str = "username,name,role,teams,pbx,extensions\nada,Ada Lindqvist,agent,Sales,,1001\nbela,Bela Novák,supervisor,Sales;Support,,1002";

/// The pane.
#[component]
pub fn ImportPane(again: Callback<()>) -> impl IntoView {
    let send = Sending::to::<ImportUsers>();
    let form = NodeRef::<html::Form>::new();
    let text = NodeRef::<html::Textarea>::new();
    let do_it = RwSignal::new(false);
    let answer = Memo::new(move |_| send.answer::<Import>().and_then(Result::ok));
    let done = move || answer.with(|import| import.as_ref().is_some_and(|import| import.done));
    let ready = move || {
        answer.with(|import| {
            import.as_ref().is_some_and(|import| {
                let wanted = |line: &ImportLine| {
                    matches!(line.outcome, ImportOutcome::Add(_) | ImportOutcome::Change(_))
                };
                let broken = |line: &ImportLine| matches!(line.outcome, ImportOutcome::Problem(_));
                !import.done && import.lines.iter().any(wanted) && !import.lines.iter().any(broken)
            })
        })
    };
    Effect::new(move |_| {
        if done() {
            again.run(());
        }
    });
    let go = move |really: bool| {
        do_it.set(really);
        // the hidden field has to have it first
        request_animation_frame(move || {
            if let Some(form) = form.get_untracked() {
                send.send(&form);
            }
        });
    };
    let problem = Signal::derive(move || problem_of(send.problem().as_ref(), "csv"));
    let whole = Signal::derive(move || problem_of_form(send.problem().as_ref(), &["csv"]));
    view! {
        <Pane title="Import users".into() back="/admin/users">
            <form class="form" method="post" action=send.path node_ref=form on:submit=move |event| { event.prevent_default(); go(false); }>
                <FormProblem problem=whole/>
                <p class="soft">
                    "A CSV file whose first line names the columns: username, name, role, teams, pbx, extensions. Only the first two must be there; "
                    "several teams or extensions have semicolons between them. Who is known by user name is changed, who is not is invited."
                </p>
                <div class="field">
                    <label for="csv-file">"File"</label>
                    <input id="csv-file" type="file" accept=".csv,text/csv" on:change=move |event| read_file(&event, text)/>
                </div>
                <div class="field">
                    <label for="csv">"Or paste its lines"</label>
                    <textarea id="csv" name="csv" rows="8" spellcheck="false" maxlength="262144" placeholder=EXAMPLE node_ref=text
                        aria-describedby="csv-problem"></textarea>
                    <Problem id="csv-problem" problem/>
                </div>
                <input type="hidden" name="do_it" value="false" prop:value=move || do_it.get().to_string()/>
                <div class="form-end">
                    <button type="submit" class="button" class:primary=move || !ready() disabled=move || send.pending.get()>"Try it"</button>
                    {move || ready().then(|| view! {
                        <button type="button" class="button primary" disabled=move || send.pending.get() on:click=move |_| go(true)>"Import"</button>
                    })}
                </div>
            </form>
            <Confirming of=send/>
            <div aria-live="polite">{move || answer.get().map(|import| view! { <Lines import/> })}</div>
        </Pane>
    }
    .into_any()
}

fn read_file(event: &web_sys::Event, text: NodeRef<html::Textarea>) {
    let field = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let file = field
        .and_then(|field| field.files())
        .and_then(|files| files.get(0));
    let (Some(file), Ok(reader)) = (file, FileReader::new()) else {
        return;
    };
    let read = reader.clone();
    let loaded = wasm_bindgen::closure::Closure::once_into_js(move || {
        let content = read.result().ok().and_then(|content| content.as_string());
        if let (Some(text), Some(content)) = (text.get_untracked(), content) {
            text.set_value(&content);
        }
    });
    reader.set_onload(Some(loaded.unchecked_ref()));
    // a file that cannot be read leaves the field as it was
    let _ = reader.read_as_text(&file);
}

/// What came of it, or would.
#[component]
fn Lines(import: Import) -> impl IntoView {
    let count =
        |wanted: fn(&ImportOutcome) -> bool| import.lines.iter().filter(|line| wanted(&line.outcome)).count();
    let (add, change, broken) = (
        count(|outcome| matches!(outcome, ImportOutcome::Add(_))),
        count(|outcome| matches!(outcome, ImportOutcome::Change(_))),
        count(|outcome| matches!(outcome, ImportOutcome::Problem(_))),
    );
    let summary = if import.done {
        format!("Done: {add} invited, {change} changed. The links below are not shown again.")
    } else if broken > 0 {
        format!("{broken} lines cannot be done; nothing is changed until all can.")
    } else if add + change == 0 {
        "Everybody in it is here already, as they are to be.".to_owned()
    } else {
        format!("It would invite {add} and change {change}.")
    };
    view! {
        <p class="import-summary"><strong>{summary}</strong></p>
        <ul class="import-lines">
            {import.lines.into_iter().map(|line| {
                let (icon, word) = match line.outcome {
                    ImportOutcome::Add(what) => ("plus", format!("New: {what}")),
                    ImportOutcome::Change(what) => ("arrow-right", what),
                    ImportOutcome::Same => ("check", "Stays as it is".to_owned()),
                    ImportOutcome::Problem(why) => ("triangle-alert", why),
                };
                let bad = icon == "triangle-alert";
                view! {
                    <li data-bad=bad.then_some("")>
                        <Icon name=icon/>
                        <span><strong>{shortened(&line.username, NAME_CHARS)}</strong>" "<span class="soft">{format!("line {}", line.line)}</span></span>
                        <span class="import-word">{shortened(&word, 200)}</span>
                        {line.link.map(|link| view! { <input type="text" readonly aria-label="One-time link" value=link/> })}
                    </li>
                }.into_any()
            }).collect_view()}
        </ul>
    }
    .into_any()
}
