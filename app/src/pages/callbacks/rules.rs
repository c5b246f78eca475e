//! How one queue calls back: on or off, how often, how long between, and which numbers.

use leptos::prelude::*;
use telephony::callback::MAX_ATTEMPTS;

use crate::{
    api::callback::SaveCallbackRules,
    components::{
        confirming::Confirming,
        field::{FormProblem, Problem, problem_of, problem_of_form},
    },
    model::callback::{CallbackRules, PAUSE_MINUTES},
    sending::Sending,
};

const FIELDS: [&str; 3] = ["attempts", "pause_min", "prefixes"];

/// The form.
#[component]
pub fn RulesForm(rules: CallbackRules) -> impl IntoView {
    let save = Sending::to::<SaveCallbackRules>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(save.problem().as_ref(), &FIELDS));
    let saved = move || matches!(save.answer::<()>(), Some(Ok(())));
    let (pbx, queue) = rules.queue;
    let id = |field: &str| format!("{field}-{}-{queue}", pbx.0);
    let (attempts, pause, prefixes, on) = (id("attempts"), id("pause"), id("prefixes"), id("on"));
    let help = format!("{prefixes}-help");
    let wrong = |id: &String| format!("{id}-problem");
    let (attempts_wrong, pause_wrong, prefixes_wrong) = (wrong(&attempts), wrong(&pause), wrong(&prefixes));
    view! {
        <form class="form callback-rules" method="post" action=save.path on:submit=move |event| save.submit(&event)>
            <FormProblem problem=whole/>
            <input type="hidden" name="pbx" value=pbx.0.to_string()/>
            <input type="hidden" name="queue" value=queue/>
            <label class="choice" for=on.clone()>
                <input id=on.clone() type="checkbox" name="on" value="true" checked=rules.on/>
                "Call back who keeps the place"
            </label>
            <div class="field-pair">
                <div class="field">
                    <label for=attempts.clone()>"Attempts"</label>
                    <input id=attempts name="attempts" type="number" min="1" max=MAX_ATTEMPTS.to_string() required=true
                        value=rules.attempts.to_string() aria-describedby=attempts_wrong.clone()/>
                    <Problem id=attempts_wrong problem=of("attempts")/>
                </div>
                <div class="field">
                    <label for=pause.clone()>"Minutes between"</label>
                    <input id=pause name="pause_min" type="number" min=PAUSE_MINUTES.start().to_string()
                        max=PAUSE_MINUTES.end().to_string() required=true value=rules.pause_min.to_string()
                        aria-describedby=pause_wrong.clone()/>
                    <Problem id=pause_wrong problem=of("pause_min")/>
                </div>
            </div>
            <div class="field">
                <label for=prefixes.clone()>"Numbers that may be called begin with"</label>
                <input id=prefixes name="prefixes" inputmode="tel" autocomplete="off" spellcheck="false" maxlength="600"
                    value=rules.prefixes.join(" ") aria-describedby=format!("{help} {prefixes_wrong}")/>
                <p class="field-help" id=help>"Digits, with spaces between: 04 +49. A call to any other number is never placed; leave out what costs more than a call to a customer should."</p>
                <Problem id=prefixes_wrong problem=of("prefixes")/>
            </div>
            <div class="form-end">
                <button type="submit" class="button primary" disabled=move || save.pending.get()>"Save"</button>
                <span class="saved" role="status">{move || if saved() { "Saved" } else { "" }}</span>
            </div>
        </form>
        <Confirming of=save/>
    }
    .into_any()
}
