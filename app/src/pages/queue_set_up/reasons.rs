//! The form of one pause reason.

use leptos::prelude::*;

use super::{PAGE, Pane};
use crate::{
    api::queues::SavePauseReason,
    components::{
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
    },
    model::queues::{Colour, PauseReason},
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

const FIELDS: [&str; 3] = ["name", "colour", "most_min"];

/// A colour's word.
fn colour_word(colour: Colour) -> &'static str {
    match colour {
        Colour::Ochre => "Ochre",
        Colour::Blue => "Blue",
        Colour::Green => "Green",
        Colour::Violet => "Violet",
        Colour::Red => "Red",
        Colour::Grey => "Grey",
    }
}

/// The pane; without a reason one is made.
#[component]
pub(super) fn ReasonPane(reason: Option<PauseReason>) -> impl IntoView {
    let save = Sending::to::<SavePauseReason>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(save.problem().as_ref(), &FIELDS));
    let known = reason.is_some();
    let reason = reason.unwrap_or_else(|| PauseReason {
        id: None,
        name: String::new(),
        colour: Colour::default(),
        paid: true,
        most_s: None,
        retired: false,
    });
    let title = if known {
        shortened(&reason.name, NAME_CHARS)
    } else {
        "Add a reason".to_owned()
    };
    let most = reason
        .most_s
        .map_or_else(String::new, |most_s| (most_s / 60).to_string());
    view! {
        <Pane title back=PAGE>
            <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="id" value=reason.id.unwrap_or(0).to_string()/>
                <TextField name="name" label="Word" problem=of("name") value=reason.name
                    help="The PBX is told this word too." required=true maxlength=40 autofocus=!known/>
                <fieldset class="field">
                    <legend class="label">"Colour"</legend>
                    <div class="reason-colours">
                        {Colour::EVERY.into_iter().map(|colour| view! {
                            <label class="choice">
                                <input type="radio" name="colour" value=colour.slug() checked=reason.colour == colour/>
                                <span class="reason-hue" data-colour=colour.slug()></span>{colour_word(colour)}
                            </label>
                        }.into_any()).collect_view()}
                    </div>
                    <Problem id="colour-problem" problem=of("colour")/>
                </fieldset>
                <label class="choice"><input type="checkbox" name="paid" value="true" checked=reason.paid/>"Paid time"</label>
                <TextField name="most_min" label="Longest, in minutes" problem=of("most_min") value=most
                    help="Longer is too long, and is shown as such. Empty for no limit." inputmode="numeric" maxlength=4/>
                {known.then(|| view! {
                    <label class="choice"><input type="checkbox" name="retired" value="true" checked=reason.retired/>"Not offered any more; what was counted with it stays"</label>
                })}
                <p class="soft">{if known { "Whether a pause is paid is decided by how its reason is set now, for earlier pauses too. A new word begins with the next pause." } else { "Agents can choose it at once." }}</p>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || save.pending.get()>{if known { "Save" } else { "Add" }}</button>
                    <a class="button quiet" href=PAGE>"Cancel"</a>
                </div>
            </form>
            <Confirming of=save/>
        </Pane>
    }
    .into_any()
}
