//! Bringing two people together: the sheet where the second one is typed or dropped.

use leptos::prelude::*;
use telephony::Command;

use super::{Icon, field::Problem, palette::TypedAhead, transfer::Offered};
use crate::{
    asking::Asking,
    browser,
    live::Live,
    model::PbxId,
    words::{check_number, visible},
};

/// Two people who are to talk; not asked for yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// On which PBX.
    pub pbx: PbxId,
    /// Whose phone rings first.
    pub from: String,
    /// Who is called then, as far as it is known.
    pub to: String,
}

/// The one pair of the page.
#[derive(Clone, Copy)]
pub struct ConnectDraft(RwSignal<Option<Pair>>);

impl ConnectDraft {
    /// Nobody is to be connected.
    pub fn none() -> Self {
        Self(RwSignal::new(None))
    }

    /// Whether one is begun; tracked.
    pub fn is_begun(self) -> bool {
        self.0.read().is_some()
    }

    /// Begins one.
    pub fn begin(self, pair: Pair) {
        self.0.set(Some(pair));
    }

    /// Nobody is connected after all.
    pub fn end(self) {
        self.0.set(None);
    }
}

/// The sheet; there only while a pair has been begun.
#[component]
pub fn ConnectSheet() -> impl IntoView {
    let draft = expect_context::<ConnectDraft>().0;
    move || draft.get().map(|begun| view! { <Sheet begun/> })
}

#[component]
fn Sheet(begun: Pair) -> impl IntoView {
    let draft = expect_context::<ConnectDraft>().0;
    let asking = expect_context::<Asking>();
    let live = expect_context::<Live>();
    let Pair { pbx, from, to } = begun;
    let typed = RwSignal::new(to + &expect_context::<TypedAhead>().take());
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let close = move || draft.set(None);
    Effect::new(|_| {
        request_animation_frame(|| {
            browser::focus("#connect-to");
        });
    });
    let first = named(&live, pbx, &from);
    let submit = {
        let first = first.clone();
        move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            let number = check_number(&typed.read_untracked());
            match number {
                Err(wrong) => problem.set(wrong.to_string()),
                Ok(to) if to == from => problem.set("These are one and the same.".into()),
                Ok(to) if live.extensions.get(&(pbx, to.clone())).is_none() => {
                    problem.set("Only two people of this telephone system can be connected.".into());
                }
                Ok(to) => {
                    let second = named(&live, pbx, &to);
                    let from = from.clone();
                    asking.ask(
                        busy,
                        pbx,
                        Command::Call { from, to },
                        format!("connect {first} with {second}"),
                    );
                    close();
                }
            }
        }
    };
    view! {
        <section class="transfer" aria-label="Connect" on:keydown=move |event| {
            if event.key() == "Escape" { close() }
        }>
            <header>
                <h2><Icon name="arrow-right-left"/>"Connect " <strong>{first.clone()}</strong></h2>
                <button type="button" class="icon-button" aria-label="Cancel" on:click=move |_| close()>
                    <Icon name="x"/>
                </button>
            </header>
            <form on:submit=submit>
                <div class="field">
                    <label for="connect-to">"With"</label>
                    <input id="connect-to" type="text" autocomplete="off" maxlength="64"
                        placeholder="Number or name" aria-describedby="connect-problem"
                        prop:value=move || typed.get()
                        on:input=move |event| { typed.set(event_target_value(&event)); problem.set(String::new()); }
                    />
                    <Problem id="connect-problem" problem=Signal::derive(move || problem.get())/>
                </div>
                <Offered pbx typed/>
                <div class="transfer-ways">
                    <button type="submit" class="button primary">"Connect"</button>
                </div>
                <p class="field-help">{format!("The phone of {first} rings first. When it is answered, the other one is called.")}</p>
            </form>
        </section>
    }
    .into_any()
}

fn named(live: &Live, pbx: PbxId, number: &str) -> String {
    let name = live
        .extensions
        .peek(&(pbx, number.to_owned()), |row| row.name.clone())
        .flatten()
        .filter(|name| !name.trim().is_empty());
    name.map_or_else(|| number.to_owned(), |name| visible(&name).into_owned())
}
