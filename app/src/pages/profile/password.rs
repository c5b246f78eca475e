//! Changing the password.

use leptos::prelude::*;

use super::security::Changed;
use crate::{
    api::security::ChangePassword as Change,
    components::field::{FormProblem, TextField, problem_of, problem_of_form},
    model::Viewer,
    sending::Sending,
};

const FIELDS: [&str; 3] = ["password_now", "password", "password_again"];

/// The form.
#[component]
pub fn ChangePassword(changed: Changed) -> impl IntoView {
    let change = Sending::to::<Change>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    Effect::new(move |_| {
        if let Some(Ok(ended)) = change.answer::<u32>() {
            changed.run(match ended {
                0 => "Your password is changed.".to_owned(),
                1 => "Your password is changed, and your other session was ended.".to_owned(),
                many => format!("Your password is changed, and your {many} other sessions were ended."),
            });
        }
    });
    let of = move |name: &'static str| Signal::derive(move || problem_of(change.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(change.problem().as_ref(), &FIELDS));
    view! {
        <section class="paper" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <form class="form" method="post" action=change.path on:submit=move |event| change.submit(&event)>
                <FormProblem problem=whole/>
                <input type="text" class="unseen" autocomplete="username" aria-hidden="true" tabindex="-1" readonly=true
                    value=viewer.get_untracked().username/>
                <TextField name="password_now" label="The password you have now" kind="password" problem=of("password_now")
                    autocomplete="current-password" required=true/>
                <TextField name="password" label="New password" kind="password" problem=of("password")
                    help="At least 12 characters. A sentence is easy to remember." autocomplete="new-password" required=true/>
                <TextField name="password_again" label="The new password again" kind="password" problem=of("password_again")
                    autocomplete="new-password" required=true/>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || change.pending.get()>"Change the password"</button>
                    <span class="field-help">"Ends your other sessions."</span>
                </div>
            </form>
        </section>
    }
    .into_any()
}
