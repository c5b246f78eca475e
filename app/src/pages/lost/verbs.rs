//! The buttons of a row: what can be done with it now.

use leptos::prelude::*;

use super::hands::{Hands, may_call};
use crate::{
    components::Icon,
    look::Look,
    model::{Viewer, lost::Fate},
    random_name,
    sending::Sending,
};

/// The buttons.
#[component]
pub fn RowVerbs(
    /// The row.
    id: i64,
    /// What became of it; None while it is not known.
    fate: Look<Option<Fate>>,
    hands: Hands,
    /// The one thing that is to be done here.
    #[prop(optional)]
    loud: bool,
) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let calls = Memo::new(move |_| may_call(&viewer.read()));
    // free, mine, or neither
    let mine = Memo::new(move |_| match fate() {
        Some(Fate::Open(None)) => Some(false),
        Some(Fate::Open(Some(claim))) if claim.mine => Some(true),
        Some(Fate::Open(Some(_)) | Fate::Reached { .. } | Fate::GivenUp { .. }) | None => None,
    });
    move || {
        let mine = mine.get()?;
        let call = calls.get().then(|| {
            let word = if mine { "Call" } else { "Claim and call" };
            view! { <CallButton id hands word loud=loud || mine/> }.into_any()
        });
        let other = if mine {
            view! { <OneButton id to=hands.release word="Let go" hands/> }.into_any()
        } else {
            view! { <OneButton id to=hands.claim word="Claim" hands/> }.into_any()
        };
        Some(view! { <div class="lost-verbs">{call}{other}</div> }.into_any())
    }
}

/// Claims and calls in one.
#[component]
fn CallButton(id: i64, hands: Hands, word: &'static str, loud: bool) -> impl IntoView {
    view! {
        <form method="post" action=hands.call.path on:submit=move |event| { event.prevent_default(); hands.call(id); }>
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="request_id" value=random_name()/>
            <button type="submit" class="button" class:primary=loud disabled=move || hands.busy()><Icon name="phone"/>{word}</button>
        </form>
    }
    .into_any()
}

/// A button that needs nothing but the row.
#[component]
fn OneButton(id: i64, to: Sending, word: &'static str, hands: Hands) -> impl IntoView {
    view! {
        <form method="post" action=to.path on:submit=move |event| to.submit(&event)>
            <input type="hidden" name="id" value=id.to_string()/>
            <button type="submit" class="button quiet" disabled=move || hands.busy()>{word}</button>
        </form>
    }
    .into_any()
}
