//! Asks in place who one is, where the server wants to know it before something sensitive, and then has that done.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;

use super::{
    field::{FormProblem, TextField, problem_of, problem_of_form},
    passkey_button::PasskeyButton,
};
use crate::{
    AppError,
    api::security::{AskConfirm, Confirm, ConfirmPasskey, LoadConfirmWays, load_confirm_ways},
    browser, load, loaded,
    model::{Viewer, sign_in::Ways},
    passkeys::Passkeys,
    sending::Sending,
    words::address,
};

/// Stands beside a form: appears when what was sent needs it, and sends it again when it is through.
#[component]
pub fn Confirming(
    /// The form's way to the server.
    of: Sending,
) -> impl IntoView {
    let wanted = Memo::new(move |_| of.problem() == Some(AppError::Reauthenticate));
    move || wanted.get().then(|| view! { <Panel of/> })
}

#[component]
fn Panel(of: Sending) -> impl IntoView {
    let confirm = Sending::to::<Confirm>();
    let passkey = Sending::to::<ConfirmPasskey>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let here = use_location();
    let next = move || address::with_search(&here.pathname.read(), &here.search.read());
    let ways = load(LoadConfirmWays::PATH, String::new(), load_confirm_ways);
    let problem = Signal::derive(move || problem_of(confirm.problem().as_ref(), "proof"));
    let whole = Signal::derive(move || {
        let failed = confirm.problem().or_else(|| passkey.problem());
        problem_of_form(failed.as_ref(), &["proof"])
    });
    Effect::new(move |_| {
        browser::focus("#proof");
    });
    Effect::new(move |_| {
        let through = |sending: Sending| matches!(sending.answer::<()>(), Some(Ok(())));
        if through(confirm) || through(passkey) {
            of.again();
        }
    });
    view! {
        <form class="form confirming" method="post" action=confirm.path aria-label="Confirm that it is you"
            on:submit=move |event| confirm.submit(&event)>
            <FormProblem problem=whole/>
            // a page that is awake stays where it is and does what was asked
            <input type="hidden" name="next" value=next prop:value=""/>
            <input type="text" class="unseen" autocomplete="username" aria-hidden="true" tabindex="-1" readonly=true
                value=viewer.get_untracked().username/>
            <TextField name="proof" label="Your password" kind="password" problem autocomplete="current-password" required=true/>
            <div class="form-end">
                <button type="submit" class="button primary" disabled=move || confirm.pending.get()>"Confirm"</button>
                <Suspense>
                    {move || Suspend::new(async move {
                        let place = loaded(&ways.await).ok().and_then(|ways: Ways| ways.passkeys);
                        place.map(|place| view! {
                            <PasskeyButton label="Use a passkey" does=Passkeys::Use question=AskConfirm::PATH answer=passkey place/>
                        })
                    })}
                </Suspense>
            </div>
        </form>
    }
    .into_any()
}
