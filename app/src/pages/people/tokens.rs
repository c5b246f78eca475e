//! Everybody's tokens, for whoever may end them.

use leptos::{prelude::*, server_fn::ServerFn};

use super::Head;
use crate::{
    api::token::{LoadTokens, load_tokens},
    components::{
        loading::{Bones, NotLoaded},
        token_list::TokenThings,
        trouble::Nothing,
    },
    load, loaded,
    model::token::TokenList,
};

/// The page.
#[component]
pub fn AllTokensPage() -> impl IntoView {
    let tokens = load(LoadTokens::PATH, "everybody=true".into(), || load_tokens(true));
    let said = RwSignal::new(String::new());
    let changed = Callback::new(move |what: String| {
        said.set(what);
        tokens.refetch();
    });
    view! {
        <Head title="Tokens"/>
        <p class="saved page-word" role="status">{move || said.get()}</p>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<TokenList>(&tokens.await) {
                    Ok(list) if list.rows.is_empty() => view! {
                        <Nothing icon="key-round" title="No program acts for anybody">
                            <p>"People make tokens for their programs under My profile."</p>
                        </Nothing>
                    }
                    .into_any(),
                    Ok(list) => view! {
                        <section class="paper" aria-label="Tokens of everybody">
                            <TokenThings list owners=true changed/>
                        </section>
                    }
                    .into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}
