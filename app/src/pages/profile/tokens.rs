//! My tokens: what programs act for me, and a new one, shown once.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::Tabs;
use crate::{
    access::{ABILITIES, Ability, Group, Reach},
    api::token::{LoadTokens, MakeToken, load_tokens},
    components::{
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
        loading::{Bones, NotLoaded},
        token_list::TokenThings,
        trouble::Nothing,
    },
    live::Live,
    load, loaded,
    model::{
        Viewer,
        token::{MAX_DAYS, MadeToken, TokenList},
    },
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

const FIELDS: [&str; 5] = ["name", "abilities", "pbx", "networks", "days"];
const DAYS: [u32; 3] = [7, 30, MAX_DAYS];

/// The page.
#[component]
pub fn TokensPage() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may = Memo::new(move |_| viewer.read().rights.has(Ability::UseTokens));
    let tokens = load(LoadTokens::PATH, String::new(), || load_tokens(false));
    let said = RwSignal::new(String::new());
    let changed = Callback::new(move |what: String| {
        said.set(what);
        tokens.refetch();
    });
    view! {
        <Title text="My tokens"/>
        <header class="page-head"><h1>"My profile"</h1><Tabs here="tokens"/></header>
        <p class="saved page-word" role="status">{move || said.get()}</p>
        <div class="with-aside">
            {move || may.get().then(|| view! { <NewToken changed/> })}
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<TokenList>(&tokens.await) {
                        Ok(list) if list.rows.is_empty() => view! {
                            <Nothing icon="key-round" title="No program acts for you">
                                <p>"A program signs in with a token that you make here. It may do what you tick, and never more than you."</p>
                            </Nothing>
                        }
                        .into_any(),
                        Ok(list) => view! {
                            <section class="paper" aria-labelledby="tokens-title">
                                <h2 id="tokens-title">"Programs that act for you"</h2>
                                <TokenThings list owners=false changed/>
                            </section>
                        }
                        .into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What the program may do, ticked.
#[component]
fn Ticks(problem: Signal<String>) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let rights = viewer.with_untracked(|viewer| viewer.rights.clone());
    let groups = Group::EVERY.map(|group| {
        let mine = ABILITIES.iter().filter(|info| info.group == group && rights.has(info.ability));
        let ticks = mine.map(|info| {
            let reach = rights.reach(info.ability);
            view! {
                <label class="choice" title=info.help>
                    <input type="checkbox" name="abilities[]" value=format!("{}={}", info.slug, reach.slug())/>
                    {info.name}
                    {(reach < Reach::All).then(|| view! { <span class="reach" data-reach=reach.slug()>{reach.word()}</span> })}
                </label>
            }
            .into_any()
        });
        let ticks = ticks.collect::<Vec<_>>();
        (!ticks.is_empty()).then(|| {
            view! {
                <fieldset class="field">
                    <legend class="label">{group.title()}</legend>
                    <div class="ticks">{ticks}</div>
                </fieldset>
            }
            .into_any()
        })
    });
    view! {
        {groups.into_iter().flatten().collect::<Vec<_>>()}
        <Problem id="abilities-problem" problem/>
    }
    .into_any()
}

#[component]
fn NewToken(changed: Callback<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let make = Sending::to::<MakeToken>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(make.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(make.problem().as_ref(), &FIELDS));
    let made = Memo::new(move |_| make.answer::<MadeToken>().and_then(Result::ok));
    Effect::new(move |_| {
        if let Some(made) = made.get() {
            changed.run(format!("{} was made.", shortened(&made.row.name, NAME_CHARS)));
        }
    });
    let pbxs = untrack(|| live.pbxs.keys());
    let pbxs = pbxs.into_iter().map(|id| {
        let name = live.pbxs.peek(&id, |row| row.name.clone()).unwrap_or_default();
        (id, shortened(&name, NAME_CHARS))
    });
    let pbxs = pbxs.collect::<Vec<_>>();
    let several = pbxs.len() > 1;
    view! {
        <section class="paper" aria-labelledby="new-token-title">
            <h2 id="new-token-title">"A new token"</h2>
            {move || made.get().map(|made| view! { <Once made/> })}
            <form class="form" method="post" action=make.path on:submit=move |event| make.submit(&event)>
                <FormProblem problem=whole/>
                <Confirming of=make/>
                <TextField name="name" label="Name" problem=of("name") required=true maxlength=60
                    help="What the program is called, to know it by later."/>
                <Ticks problem=of("abilities")/>
                {several.then(|| view! {
                    <div class="field">
                        <label for="pbx">"PBX"</label>
                        <select id="pbx" name="pbx" aria-describedby="pbx-problem">
                            <option value="0">"All that you see"</option>
                            {pbxs.iter().map(|(id, name)| view! {
                                <option value=id.0.to_string()>{name.clone()}</option>
                            }.into_any()).collect_view()}
                        </select>
                        <Problem id="pbx-problem" problem=of("pbx")/>
                    </div>
                })}
                <TextField name="networks" label="Addresses" problem=of("networks") maxlength=1000
                    help="From where it may be used, as 192.0.2.7 or 192.0.2.0/24, with commas between. Empty: from everywhere."/>
                <div class="field">
                    <label for="days">"Good for"</label>
                    <select id="days" name="days" aria-describedby="days-problem">
                        {DAYS.map(|days| view! {
                            <option value=days.to_string() selected=days == 30>{format!("{days} days")}</option>
                        }.into_any()).into_iter().collect::<Vec<_>>()}
                    </select>
                    <Problem id="days-problem" problem=of("days")/>
                </div>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || make.pending.get()>"Make a token"</button>
                    <a href="/api/v1/docs" rel="external">"What programs can do"</a>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// The token, this once.
#[component]
fn Once(made: MadeToken) -> impl IntoView {
    let copied = RwSignal::new(false);
    let token = made.token.clone();
    let copy = move |_| {
        let copying = window().navigator().clipboard().write_text(&token);
        leptos::task::spawn_local(async move {
            let done = wasm_bindgen_futures::JsFuture::from(copying).await;
            copied.set(done.is_ok());
        });
    };
    view! {
        <div class="one-time" role="status">
            <p><strong>"Copy it now."</strong> " It is not shown again; whoever has it may do what you ticked."</p>
            <input type="text" readonly aria-label="The token" value=made.token/>
            <div class="form-end">
                <button type="button" class="button" on:click=copy>"Copy"</button>
                <span class="saved" role="status">{move || copied.get().then_some("Copied.")}</span>
            </div>
        </div>
    }
    .into_any()
}
