//! Recordings of a call that are kept whatever is set: since when, because of whom and why; held, and let go.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::recording::{HoldRecordings, ReleaseRecordings},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    model::recording::{Hold, MAX_PURPOSE_CHARS},
    pages::zone::Zone,
    sending::Sending,
    words::{moment, visible},
};

/// Whether they are held, and the forms that change it for whoever may.
#[component]
pub fn Holding(call: i64, hold: Option<Hold>, may_hold: bool) -> impl IntoView {
    let zone = Zone::of_the_browser();
    let (keep, release) = (
        Sending::to::<HoldRecordings>(),
        Sending::to::<ReleaseRecordings>(),
    );
    let now = RwSignal::new(hold);
    for sending in [keep, release] {
        Effect::new(move |_| {
            if let Some(Ok(hold)) = sending.answer::<Option<Hold>>() {
                now.set(hold);
            }
        });
    }
    let problem = Signal::derive(move || problem_of_form(keep.problem().or(release.problem()).as_ref(), &[]));
    let told = move || {
        now.get().map(|hold| {
            let since_ms = hold.since_ms;
            let by = if hold.by.is_empty() {
                String::new()
            } else {
                format!(" by {}", visible(&hold.by))
            };
            let why = if hold.why.is_empty() {
                String::new()
            } else {
                format!(": {}", visible(&hold.why))
            };
            view! {
                <p class="recording-hold">
                    <Icon name="lock"/>
                    <span>"Held since "<time datetime=moment::machine(since_ms)>{move || format!("{}, {}", zone.short_day(since_ms), zone.clock(since_ms))}</time>{by}{why}</span>
                </p>
            }
            .into_any()
        })
    };
    let is_held = Memo::new(move |_| now.read().is_some());
    let form = move || {
        if is_held.get() {
            view! {
                <form method="post" action=ReleaseRecordings::PATH on:submit=move |event| release.submit(&event)>
                    <input type="hidden" name="call" value=call.to_string()/>
                    <button type="submit" class="button quiet" disabled=move || release.pending.get()>"Let go"</button>
                </form>
            }
            .into_any()
        } else {
            view! {
                <details class="technical">
                    <summary>"Hold"</summary>
                    <p class="soft">"Held recordings of this call are not removed, whatever is set, and its numbers not erased, until somebody lets them go."</p>
                    <form class="holding-new" method="post" action=HoldRecordings::PATH on:submit=move |event| keep.submit(&event)>
                        <input type="hidden" name="call" value=call.to_string()/>
                        <div class="field"><label for="hold-why">"Why"</label>
                            <input id="hold-why" name="why" required autocomplete="off" maxlength=MAX_PURPOSE_CHARS.to_string()/></div>
                        <button type="submit" class="button" disabled=move || keep.pending.get()>"Hold"</button>
                    </form>
                </details>
            }
            .into_any()
        }
    };
    view! {
        {told}
        {may_hold.then(|| view! { <div class="holding needs-js">{form}<FormProblem problem/></div> }.into_any())}
    }
    .into_any()
}
