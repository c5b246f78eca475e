//! The form of one queue.

use leptos::prelude::*;

use super::{PAGE, Pane};
use crate::{
    api::queues::SaveQueueRules,
    components::{
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
    },
    model::queues::QueueRules,
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

const FIELDS: [&str; 4] = ["target_s", "short_abandon_s", "wrap_up_s", "dispositions"];

/// The pane.
#[component]
pub(super) fn RulesPane(rules: QueueRules) -> impl IntoView {
    let save = Sending::to::<SaveQueueRules>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(save.problem().as_ref(), &FIELDS));
    let (pbx, queue) = rules.queue;
    let title = shortened(&queue, NAME_CHARS);
    view! {
        <Pane title back=PAGE>
            <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="pbx" value=pbx.0.to_string()/>
                <input type="hidden" name="queue" value=queue/>
                <p class="soft">"A new target or limit counts for callers who come from now on; the past stays as it was counted. This is version " {rules.version} "."</p>
                <TextField name="target_s" label="Target, in seconds" problem=of("target_s") value=rules.target_s.to_string()
                    help="An answer within this time is in time. Until it is set here, it is the one that the queue has on the PBX." inputmode="numeric" required=true maxlength=5/>
                <TextField name="short_abandon_s" label="Hung up at once, in seconds" problem=of("short_abandon_s") value=rules.short_abandon_s.to_string()
                    help="Who hangs up sooner has not waited and is counted apart; 0 for nobody." inputmode="numeric" required=true maxlength=5/>
                <TextField name="wrap_up_s" label="Wrap-up, in seconds" problem=of("wrap_up_s") value=rules.wrap_up_s.to_string()
                    help="The time an agent gets for the work after a call; 0 for none. It begins with the next call." inputmode="numeric" required=true maxlength=5/>
                <div class="field" data-invalid=move || (!of("dispositions").read().is_empty()).then_some("")>
                    <label for="dispositions">"What agents can say of a call"</label>
                    <textarea id="dispositions" name="dispositions" rows="6" maxlength="2100" spellcheck="false"
                        aria-describedby="dispositions-help dispositions-problem"
                        aria-invalid=move || (!of("dispositions").read().is_empty()).then_some("true")>{rules.dispositions.join("\n")}</textarea>
                    <p class="field-help" id="dispositions-help">"A word or a few on each line. What was said of earlier calls stays."</p>
                    <Problem id="dispositions-problem" problem=of("dispositions")/>
                </div>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || save.pending.get()>"Save"</button>
                    <a class="button quiet" href=PAGE>"Cancel"</a>
                </div>
            </form>
            <Confirming of=save/>
        </Pane>
    }
    .into_any()
}
