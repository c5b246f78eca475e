//! Asking for help, and seeing who does.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use telephony::{CallId, LegState, Supervision};

use super::{
    Icon, Timer,
    deed_button::DeedButton,
    field::{FormProblem, problem_of_form},
    supervise::take_part,
};
use crate::{
    api::help::{AskHelp, EndHelp, TakeHelp},
    live::{
        Live,
        help::{HelpRequest, MAX_WORDS_CHARS, OwnHelp},
    },
    look::{Look, always, look},
    model::{PbxId, Viewer},
    sending::Sending,
    sorting::sorted,
    words::{address, shortened, visible::NAME_CHARS},
};

/// Who asks for help, the longest first, with the ways to give it; nothing while nobody does. Place it once on a page.
#[component]
pub fn HelpRequests() -> impl IntoView {
    let live = StoredValue::new(expect_context::<Live>());
    let viewer = expect_context::<RwSignal<Viewer>>();
    let open = Memo::new(move |_| {
        let me = viewer.read().id;
        let all = live.with_value(|live| live.notes_of::<HelpRequest>()).into_iter();
        let open: Vec<_> = all.filter(|(_, help)| help.user != me).collect();
        sorted(open, |(_, one), (_, two)| {
            (one.taken.is_some(), one.asked).cmp(&(two.taken.is_some(), two.asked))
        })
    });
    let newest = Memo::new(move |_| {
        let open = open.read();
        let waiting = open.iter().filter(|(_, help)| help.taken.is_none());
        let newest = waiting.max_by_key(|(_, help)| help.asked);
        newest.map_or_else(String::new, |(_, help)| format!("{} asks for help.", who(help)))
    });
    // by what it is called, so that a press lands on the button it was meant for
    let ids = Memo::new(move |_| {
        open.read()
            .iter()
            .map(|(pbx, help)| (*pbx, help.id))
            .collect::<Vec<_>>()
    });
    view! {
        <p class="unseen" role="alert">{move || newest.get()}</p>
        {move || (!ids.read().is_empty()).then(|| view! {
            <section class="help-requests" aria-labelledby="help-title">
                <h2 id="help-title"><Icon name="headset"/>"Help wanted"</h2>
                <ul>
                    <For each=move || ids.get() key=|id| *id children=move |(pbx, id)| {
                        let one = look(move || {
                            open.read().iter().find(|(on, help)| (*on, help.id) == (pbx, id)).map(|(_, help)| help.clone())
                        });
                        view! { <Request pbx one/> }
                    }/>
                </ul>
            </section>
        })}
    }
    .into_any()
}

fn who(help: &HelpRequest) -> String {
    format!(
        "{} ({})",
        shortened(&help.name, NAME_CHARS),
        shortened(&help.extension, NAME_CHARS)
    )
}

/// The call that an extension is on, as far as it is seen.
fn present(live: &Live, pbx: PbxId, help: &HelpRequest) -> Option<CallId> {
    let engaged = live.extensions.with(&(pbx, help.extension.clone()), |row| {
        let calls = row.engagements.iter().map(|one| one.call.clone());
        calls.filter(|call| !call.0.is_empty()).collect::<Vec<_>>()
    })?;
    let wanted = help.call.as_ref().filter(|call| engaged.contains(call));
    wanted.cloned().or_else(|| engaged.into_iter().next())
}

#[component]
fn Request(pbx: PbxId, one: Look<Option<HelpRequest>>) -> impl IntoView {
    let live = StoredValue::new(expect_context::<Live>());
    let viewer = expect_context::<RwSignal<Viewer>>();
    let search = use_location().search;
    let now = Memo::new(move |_| one());
    let id = now.get_untracked().map_or(0, |help| help.id);
    let call = Memo::new(move |_| live.with_value(|live| present(live, pbx, now.read().as_ref()?)));
    let taken = Memo::new(move |_| now.read().as_ref().and_then(|help| help.taken.clone()));
    let take = Sending::to::<TakeHelp>();
    let end = Sending::to::<EndHelp>();
    let problem = Signal::derive(move || {
        let problem = take.problem().or_else(|| end.problem());
        problem_of_form(problem.as_ref(), &[])
    });
    let deed = move |how: Supervision| {
        look(move || {
            let (help, call) = (now.get()?, call.get()?);
            let row = live.with_value(|live| live.calls.get(&(pbx, call)))?;
            row.with(|row| {
                let of_agent = |leg: &&telephony::Leg| {
                    let theirs = leg.party.extension.as_deref() == Some(&*help.extension);
                    theirs && !matches!(leg.state, LegState::Ended(_))
                };
                let leg = row.legs.iter().find(of_agent)?;
                take_part(&viewer.read(), pbx, row, leg, how)
            })
        })
    };
    let (listen, whisper) = (deed(Supervision::Listen), deed(Supervision::Whisper));
    let buttons = move || {
        let mine = taken.get().is_some_and(|(user, _)| user == viewer.read().id);
        let sending = match (taken.get(), mine) {
            (None, _) => Some((take, "I am on it", "check")),
            (Some(_), true) => Some((end, "Done", "circle-check")),
            (Some(_), false) => None,
        };
        sending.map(|(sending, word, icon)| {
            view! {
                <form method="post" action=sending.path on:submit=move |event| sending.submit(&event)>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button type="submit" class="button" disabled=move || sending.pending.get()><Icon name=icon/>{word}</button>
                </form>
            }
            .into_any()
        })
    };
    view! {
        <li class="help-request" data-taken=move || taken.read().is_some().then_some("")>
            <p class="help-who">
                <strong>{move || now.get().as_ref().map(who)}</strong>
                {move || now.get().map(|help| view! { <Timer pbx since_ms=always(help.asked.0)/> })}
            </p>
            {move || now.get().filter(|help| !help.words.is_empty()).map(|help| view! {
                <p class="help-words">{shortened(&help.words, MAX_WORDS_CHARS)}</p>
            })}
            {move || taken.get().map(|(user, name)| {
                let name = if user == viewer.read().id { "You are".into() } else { format!("{} is", shortened(&name, NAME_CHARS)) };
                view! { <p class="help-taken"><Icon name="check"/>{name}" on it"</p> }
            })}
            <div class="pane-verbs">
                <DeedButton deed=listen/>
                <DeedButton deed=whisper/>
                {buttons}
                {move || call.get().map(|call| view! {
                    <a class="button quiet" href=address::call(pbx.0, &call.0, &search.read())>"Open the call"</a>
                })}
            </div>
            <FormProblem problem/>
        </li>
    }
    .into_any()
}

/// The button that reaches one's supervisors, and what came of it. For whoever has an extension of their own.
#[component]
pub fn AskForHelp() -> impl IntoView {
    let live = StoredValue::new(expect_context::<Live>());
    let viewer = expect_context::<RwSignal<Viewer>>();
    let ask = Sending::to::<AskHelp>();
    let end = Sending::to::<EndHelp>();
    let mine = Memo::new(move |_| {
        let viewer = viewer.read();
        let own = viewer.rights.own.iter();
        let mut notes = own.filter_map(|own| {
            live.with_value(|live| live.note::<OwnHelp>(own.pbx, &own.number))
                .map(|help| (own.pbx, help.0))
        });
        notes.find(|(_, help)| help.user == viewer.id)
    });
    let problem = Signal::derive(move || {
        let problem = ask.problem().or_else(|| end.problem());
        problem_of_form(problem.as_ref(), &[])
    });
    let has_phone = Memo::new(move |_| viewer.read().own_extension().is_some());
    let asking = move || {
        view! {
            <form class="ask-help" method="post" action=ask.path on:submit=move |event| ask.submit(&event)>
                <input type="text" name="words" maxlength=MAX_WORDS_CHARS.to_string() autocomplete="off"
                    aria-label="What it is about, if you like" placeholder="What it is about, if you like"/>
                <button type="submit" class="button" disabled=move || ask.pending.get()><Icon name="headset"/>"Ask for help"</button>
            </form>
        }
    };
    let asked = move |(pbx, help): (PbxId, HelpRequest)| {
        let what = match &help.taken {
            Some((_, name)) => format!("{} is on it", shortened(name, NAME_CHARS)),
            None => "You asked for help; your supervisors see it".to_owned(),
        };
        view! {
            <form class="ask-help" method="post" action=end.path data-taken=help.taken.is_some().then_some("")
                on:submit=move |event| end.submit(&event)>
                <p role="status"><Icon name="headset"/><span>{what}</span><Timer pbx since_ms=always(help.asked.0)/></p>
                <input type="hidden" name="id" value=help.id.to_string()/>
                <button type="submit" class="button quiet" disabled=move || end.pending.get()>"Take it back"</button>
            </form>
        }
    };
    view! {
        {move || has_phone.get().then(|| match mine.get() {
            Some(mine) => asked(mine).into_any(),
            None => asking().into_any(),
        })}
        <FormProblem problem/>
    }
    .into_any()
}
