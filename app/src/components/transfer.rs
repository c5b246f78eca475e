//! Handing a call on: the sheet where the target is typed or dropped and the way is chosen.

use leptos::prelude::*;
use telephony::{CallId, Command, LegId};

use super::{Icon, field::Problem, palette::TypedAhead};
use crate::{
    asking::Asking,
    browser,
    live::Live,
    look::always,
    lower,
    model::{PbxId, Viewer},
    verbs,
    words::{Status, check_number, party_name, visible},
};

/// People offered below the number at most.
const MAX_OFFERED: usize = 6;

/// A transfer that has been begun and not asked for yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// On which PBX.
    pub pbx: PbxId,
    /// Which call.
    pub call: CallId,
    /// Who lets go.
    pub leg: LegId,
    /// Where to, as far as it is known.
    pub to: String,
}

impl Draft {
    /// Without a target.
    pub fn new(pbx: PbxId, call: CallId, leg: LegId) -> Self {
        Self {
            pbx,
            call,
            leg,
            to: String::new(),
        }
    }
}

/// The one draft of the page.
#[derive(Clone, Copy)]
pub struct TransferDraft(RwSignal<Option<Draft>>);

impl TransferDraft {
    /// No transfer begun.
    pub fn none() -> Self {
        Self(RwSignal::new(None))
    }

    /// Whether one is begun; tracked.
    pub fn is_begun(self) -> bool {
        self.0.read().is_some()
    }

    /// Begins one.
    pub fn begin(self, draft: Draft) {
        self.0.set(Some(draft));
    }

    /// Nobody is moved after all.
    pub fn end(self) {
        self.0.set(None);
    }
}

/// The sheet; there only while a transfer has been begun.
#[component]
pub fn TransferSheet() -> impl IntoView {
    let draft = expect_context::<TransferDraft>().0;
    move || draft.get().map(|begun| view! { <Sheet begun/> })
}

#[component]
fn Sheet(begun: Draft) -> impl IntoView {
    let draft = expect_context::<TransferDraft>().0;
    let asking = expect_context::<Asking>();
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let Draft { pbx, call, leg, to } = begun;
    let typed = RwSignal::new(to + &expect_context::<TypedAhead>().take());
    let problem = RwSignal::new(String::new());
    let leg = RwSignal::new(leg);
    let busy = RwSignal::new(false);
    let close = move || draft.set(None);
    Effect::new(|_| {
        request_animation_frame(|| {
            browser::focus("#transfer-to");
        });
    });
    let row = live.calls.get(&(pbx, call.clone()));
    let gone = {
        let (live, key) = (live.clone(), (pbx, call.clone()));
        Memo::new(move |_| !live.calls.keys().contains(&key))
    };
    let stays = Memo::new(move |_| {
        row.as_ref().map_or_else(String::new, |row| {
            party_name(verbs::other_side(&row.read(), &leg.read()))
        })
    });
    let legs = live
        .calls
        .peek(&(pbx, call.clone()), |row| {
            let legs = verbs::letting_go(&viewer.read_untracked(), pbx, row);
            legs.into_iter()
                .map(|leg| (leg.id.clone(), party_name(&leg.party)))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default();
    let go = move |asking_first: bool| {
        let number = check_number(&typed.read_untracked());
        match number {
            Err(wrong) => problem.set(wrong.to_string()),
            Ok(to) => {
                let (call, leg) = (call.clone(), leg.get_untracked());
                let (what, command) = if asking_first {
                    let what = format!("let {} be announced to {to} first", stays.get_untracked());
                    (what, Command::AttendedTransfer { call, leg, to })
                } else {
                    (
                        format!("send {} to {to}", stays.get_untracked()),
                        Command::BlindTransfer { call, leg, to },
                    )
                };
                asking.ask(busy, pbx, command, what);
                close();
            }
        }
    };
    let go_now = StoredValue::new(go);
    view! {
        <section class="transfer" aria-label="Transfer" on:keydown=move |event| {
            if event.key() == "Escape" { event.prevent_default(); close() }
        }>
            <header>
                <h2><Icon name="arrow-right-left"/>"Transfer " <strong>{move || stays.get()}</strong></h2>
                <button type="button" class="icon-button" aria-label="Cancel the transfer" on:click=move |_| close()>
                    <Icon name="x"/>
                </button>
            </header>
            <WhoLetsGo legs chosen=leg/>
            <form on:submit=move |event| { event.prevent_default(); go_now.with_value(|go| go(false)); }>
                <div class="field">
                    <label for="transfer-to">"To"</label>
                    <input id="transfer-to" type="text" autocomplete="off" maxlength="64"
                        placeholder="Number or name" aria-describedby="transfer-problem"
                        prop:value=move || typed.get()
                        on:input=move |event| { typed.set(event_target_value(&event)); problem.set(String::new()); }
                    />
                    <Problem id="transfer-problem" problem=Signal::derive(move || {
                        if gone.get() { "This call has ended.".to_owned() } else { problem.get() }
                    })/>
                </div>
                <Offered pbx typed/>
                <div class="transfer-ways">
                    <button type="submit" class="button primary" disabled=move || gone.get()>"Transfer now"</button>
                    <button type="button" class="button" disabled=move || gone.get()
                        on:click=move |_| go_now.with_value(|go| go(true))>"Ask first"</button>
                </div>
                <p class="field-help">
                    "Now: they are connected at once. Ask first: both sides wait while the new person is asked; hanging up connects them."
                </p>
            </form>
        </section>
    }
    .into_any()
}

/// Which of our phones lets go, where there is a choice.
#[component]
fn WhoLetsGo(legs: Vec<(LegId, String)>, chosen: RwSignal<LegId>) -> impl IntoView {
    (legs.len() > 1).then(|| {
        view! {
            <fieldset class="choices">
                <legend>"Who lets go of the call"</legend>
                {legs.into_iter().map(|(leg, name)| {
                    let mine = leg.clone();
                    view! {
                        <label class="choice">
                            <input type="radio" name="leg" prop:checked={
                                let leg = leg.clone();
                                move || *chosen.read() == leg
                            } on:change=move |_| chosen.set(mine.clone())/>
                            {name}
                        </label>
                    }
                }).collect_view()}
            </fieldset>
        }
    })
}

/// People whose name or number fits what is typed.
#[component]
pub(super) fn Offered(pbx: PbxId, typed: RwSignal<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    let offered = Memo::new(move |_| {
        let wanted = lower(typed.read().trim());
        let keys = untrack(|| live.extensions.keys());
        let fitting = keys.iter().filter(|(of, _)| *of == pbx).filter_map(|key| {
            live.extensions.peek(key, |row| {
                let name = row.name.clone().unwrap_or_default();
                let fits = row.number != wanted
                    && (row.number.starts_with(&wanted) || lower(&name).contains(&wanted));
                fits.then(|| (row.number.clone(), visible(&name).into_owned(), Status::from(row)))
            })?
        });
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|(_, _, status)| *status != Status::Idle);
        fitting.truncate(MAX_OFFERED);
        fitting
    });
    view! {
        <ul class="offered">
            {move || offered.get().into_iter().map(|(number, name, status)| {
                let chosen = number.clone();
                view! {
                    <li>
                        <button type="button" class="menu-item" on:click=move |_| typed.set(chosen.clone())>
                            <super::StateMark status=always(status) quiet=true/>
                            <span>{name}</span>
                            <span class="number">{number}</span>
                        </button>
                    </li>
                }
            }).collect_view()}
        </ul>
    }
    .into_any()
}
