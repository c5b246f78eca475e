//! Searches that one comes back to: a link for each, and a way to keep this one.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Desk, said::after};
use crate::{
    api::history::{ForgetSearch, LoadSavedSearches, SaveSearch, load_saved_searches},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    load_by, loaded,
    model::history::{MAX_SAVED_NAME, SavedSearch},
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

/// The links, and the form.
#[component]
pub fn Saved() -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let saved = load_by(LoadSavedSearches::PATH, String::new, |_: String| async move {
        load_saved_searches().await
    });
    let save = Sending::to::<SaveSearch>();
    let forget = Sending::to::<ForgetSearch>();
    let name = RwSignal::new(String::new());
    let changed = Callback::new(move |()| {
        name.set(String::new());
        saved.refetch();
    });
    after(save, changed);
    after(forget, changed);
    let problem = Signal::derive(move || problem_of_form(save.problem().or(forget.problem()).as_ref(), &[]));
    let here = move || asked.read().resting().address();
    let link = move |one: SavedSearch| {
        let SavedSearch { id, name, address } = one;
        let shown = shortened(&name, NAME_CHARS);
        let is_here = {
            let address = address.clone();
            move || (here() == address).then_some("page")
        };
        view! {
            <li class="chip call-tag">
                <a href=address aria-current=is_here>{shown.clone()}</a>
                <form method="post" action=ForgetSearch::PATH on:submit=move |event| forget.submit(&event)>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button type="submit" class="icon-button" aria-label=format!("Forget the search {shown}") title="Forget"><Icon name="x"/></button>
                </form>
            </li>
        }
        .into_any()
    };
    view! {
        <section class="call-tags" aria-label="Saved searches">
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let saved = loaded::<Vec<SavedSearch>>(&saved.await).unwrap_or_default();
                    let links: Vec<AnyView> = saved.into_iter().map(link).collect();
                    view! { <ul>{links}</ul> }.into_any()
                })}
            </Transition>
            {move || asked.read().is_filtered().then(|| view! {
                <form class="call-tag-new" method="post" action=SaveSearch::PATH on:submit=move |event| save.submit(&event)>
                    <input type="hidden" name="address" value=here/>
                    <label class="unseen" for="search-name">"Name of this search"</label>
                    <input id="search-name" name="name" required placeholder="Save this search as" autocomplete="off" maxlength=MAX_SAVED_NAME.to_string()
                        prop:value=name on:input=move |event| name.set(event_target_value(&event))/>
                    <button type="submit" class="button quiet" disabled=move || save.pending.get()><Icon name="star"/>"Save"</button>
                </form>
            }.into_any())}
            <FormProblem problem/>
        </section>
    }
    .into_any()
}
