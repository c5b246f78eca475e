//! For how long recordings are kept: what is set, what is due and would go, and what was removed.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{
    history::{grouped, said::after},
    zone::Zone,
};
use crate::{
    again::look_while,
    api::keeping::{KeepRecordings, LoadKeeping, RemoveNightly, RemoveRecordings, load_keeping},
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, problem_of_form},
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    load, loaded,
    model::keeping::{CleanUp, Due, Keeping, MAX_DAYS, Named, Nightly, size},
    sending::Sending,
    words::{moment, shortened, visible, visible::NAME_CHARS},
};

/// How often it is looked how far a removal is.
const LOOK: Duration = Duration::from_secs(2);
/// What is offered for a time at night.
const USUAL_TIME: &str = "03:00";

/// The page.
#[component]
pub fn KeepingPage() -> impl IntoView {
    let zone = Zone::of_the_browser();
    let found = load(LoadKeeping::PATH, String::new(), load_keeping);
    let changed = Callback::new(move |()| found.refetch());
    let under_way = RwSignal::new(false);
    look_while(under_way, LOOK, move || found.refetch());
    view! {
        <Title text="Keeping recordings"/>
        <header class="page-head">
            <h1>"Keeping recordings"</h1>
            <div class="page-verbs"><a class="button quiet" href="/calls/history"><Icon name="phone"/>"Calls"</a></div>
        </header>
        <div class="keeping">
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<Keeping>(&found.await) {
                        Ok(Keeping { kept, choices, due, nightly, clean_ups }) => {
                            under_way.set(clean_ups.iter().any(|one| one.done_ms.is_none()));
                            view! {
                                <Kept kept choices changed/>
                                <DueNow due zone changed/>
                                <AtNight nightly zone changed/>
                                <Before clean_ups zone/>
                            }.into_any()
                        }
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn days_told(days: u32) -> String {
    if days == 1 {
        "1 day".into()
    } else {
        format!("{} days", grouped(u64::from(days)))
    }
}

/// For how many days, of whom.
#[component]
fn Kept(kept: Vec<(Named, u32)>, choices: Vec<Named>, changed: Callback<()>) -> impl IntoView {
    let keep = Sending::to::<KeepRecordings>();
    after(keep, changed);
    let problem = Signal::derive(move || problem_of_form(keep.problem().as_ref(), &[]));
    let none = kept.is_empty();
    let rows = kept.into_iter().map(|(named, days)| {
        let shown = shortened(&named.name, NAME_CHARS);
        let label = format!("Take back: {shown}");
        view! {
            <li>
                <span class="party">{shown}</span>
                <span class="keeping-days">{days_told(days)}</span>
                <form method="post" action=KeepRecordings::PATH on:submit=move |event| keep.submit(&event)>
                    <input type="hidden" name="whose" value=named.whose.word()/>
                    <input type="hidden" name="days" value=""/>
                    <button type="submit" class="icon-button" aria-label=label title="Take back" disabled=move || keep.pending.get()><Icon name="x"/></button>
                </form>
            </li>
        }
        .into_any()
    });
    let rows: Vec<AnyView> = rows.collect();
    let choices = choices.into_iter().map(|one| {
        view! { <option value=one.whose.word()>{shortened(&one.name, NAME_CHARS)}</option> }.into_any()
    });
    let choices: Vec<AnyView> = choices.collect();
    view! {
        <section class="paper" aria-labelledby="kept-title">
            <h2 id="kept-title">"For how long"</h2>
            {none.then(|| view! { <p class="soft">"Recordings are kept for ever: nothing is set."</p> }.into_any())}
            <ul class="keeping-kept">{rows}</ul>
            <p class="soft">"What is set for a queue or a team goes before what is set for a PBX; where several are of one call, the longest counts. A recording is as old as its call."</p>
            <form class="keeping-form" method="post" action=KeepRecordings::PATH on:submit=move |event| keep.submit(&event)>
                <div class="field"><label for="keep-whose">"Recordings of"</label><select id="keep-whose" name="whose">{choices}</select></div>
                <div class="field"><label for="keep-days">"Days"</label>
                    <input id="keep-days" name="days" type="number" inputmode="numeric" min="1" max=MAX_DAYS.to_string() required/></div>
                <button type="submit" class="button" disabled=move || keep.pending.get()>"Set"</button>
            </form>
            <FormProblem problem/>
            <Confirming of=keep/>
        </section>
    }
    .into_any()
}

/// What would go, and the form that removes it.
#[component]
fn DueNow(due: Due, zone: Zone, changed: Callback<()>) -> impl IntoView {
    let remove = Sending::to::<RemoveRecordings>();
    after(remove, changed);
    let problem = Signal::derive(move || problem_of_form(remove.problem().as_ref(), &[]));
    let Due {
        files,
        bytes,
        held,
        at_ms,
    } = due;
    let word = if files == 1 { "file" } else { "files" };
    let figures = [
        ("Would be deleted", format!("{} {word}", grouped(files))),
        ("Size", size(bytes)),
        ("Held, and stay", grouped(held)),
    ];
    let figures =
        figures.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any());
    view! {
        <section class="paper" aria-labelledby="due-title">
            <h2 id="due-title">"Due now"</h2>
            <dl class="erase-tally">{figures.into_iter().collect_view()}</dl>
            <p class="soft">"Counted "<time datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time>
                ". What is removed is what is counted here, or nothing."</p>
            {(files > 0).then(|| view! {
                <form class="form danger-zone" method="post" action=RemoveRecordings::PATH on:submit=move |event| remove.submit(&event)>
                    <input type="hidden" name="at_ms" value=at_ms.to_string()/>
                    <input type="hidden" name="files" value=files.to_string()/>
                    <input type="hidden" name="bytes" value=bytes.to_string()/>
                    <p>"This cannot be taken back. That a recording was there, and who heard it, stays known."</p>
                    <div class="form-end">
                        <button type="submit" class="button danger" disabled=move || remove.pending.get()><Icon name="circle-minus"/>{format!("Remove {} {word}", grouped(files))}</button>
                        <button type="button" class="button quiet needs-js" on:click=move |_| changed.run(())>"Count again"</button>
                    </div>
                </form>
            }.into_any())}
            <FormProblem problem/>
            <Confirming of=remove/>
        </section>
    }
    .into_any()
}

/// When what is due goes without anybody asking.
#[component]
fn AtNight(nightly: Option<Nightly>, zone: Zone, changed: Callback<()>) -> impl IntoView {
    let set = Sending::to::<RemoveNightly>();
    after(set, changed);
    let problem = Signal::derive(move || problem_of_form(set.problem().as_ref(), &[]));
    let at = nightly.as_ref().map_or_else(
        || USUAL_TIME.to_owned(),
        |one| format!("{:02}:{:02}", one.at_minute / 60, one.at_minute % 60),
    );
    let told = match nightly {
        None => {
            view! { <p class="soft">"Never: what is due stays until somebody removes it."</p> }.into_any()
        }
        Some(Nightly {
            zone: theirs, due_ms, ..
        }) => {
            let every = format!("Every day at {at}, {}. Next: ", visible(&theirs));
            view! {
                <div class="keeping-night">
                    <p>{every}<time datetime=moment::machine(due_ms)>{move || format!("{}, {}", zone.short_day(due_ms), zone.clock(due_ms))}</time></p>
                    <form method="post" action=RemoveNightly::PATH on:submit=move |event| set.submit(&event)>
                        <input type="hidden" name="at" value=""/>
                        <button type="submit" class="button quiet" disabled=move || set.pending.get()>"Never"</button>
                    </form>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <section class="paper" aria-labelledby="night-title">
            <h2 id="night-title">"By itself"</h2>
            {told}
            <form class="keeping-form" method="post" action=RemoveNightly::PATH on:submit=move |event| set.submit(&event)>
                <input type="hidden" name="zone" value=move || zone.name()/>
                <div class="field"><label for="night-at">"Remove what is due every day at"</label><input id="night-at" type="time" name="at" required value=at/></div>
                <button type="submit" class="button" disabled=move || set.pending.get()>"Set"</button>
            </form>
            <FormProblem problem/>
            <Confirming of=set/>
        </section>
    }
    .into_any()
}

/// What was removed.
#[component]
fn Before(clean_ups: Vec<CleanUp>, zone: Zone) -> impl IntoView {
    if clean_ups.is_empty() {
        return view! {
            <Nothing icon="circle-check" title="Nothing was removed yet">
                <p>"What goes is written down: who had it removed, how much it was, and what was left."</p>
            </Nothing>
        }
        .into_any();
    }
    let rows = clean_ups.into_iter().map(|one| {
        let at_ms = one.began_ms;
        let state = match (one.done_ms, one.left.as_str()) {
            (Some(_), _) => "Done".to_owned(),
            (None, "") => "Under way".to_owned(),
            (None, left) => format!("Waits: {left}"),
        };
        let mut told = vec![format!(
            "{} of {} removed, {}",
            grouped(one.removed),
            grouped(one.marked),
            size(one.bytes)
        )];
        if one.spared > 0 {
            told.push(format!(
                "{} left, because another file lies in their place",
                grouped(one.spared)
            ));
        }
        if one.held > 0 {
            told.push(format!("{} held", grouped(one.held)));
        }
        view! {
            <li>
                <p class="erase-what"><b>{told.join("; ")}</b><span class="erase-state" role="status">{visible(&state).into_owned()}</span></p>
                <p class="soft">{visible(&one.by).into_owned()}", "
                    <time datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time></p>
            </li>
        }
        .into_any()
    });
    let rows: Vec<AnyView> = rows.collect();
    view! {
        <section class="paper" aria-labelledby="removed-title">
            <h2 id="removed-title">"Removed"</h2>
            <ul class="erase-before">{rows}</ul>
        </section>
    }
    .into_any()
}
