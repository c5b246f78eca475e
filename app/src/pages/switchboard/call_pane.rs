//! One call, opened: what can be done, who is on it, and its story so far.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use telephony::{Call, CallId, LegState};

use super::story::Story;
use crate::{
    asking::Deed,
    components::{
        Icon, StateMark, Timer,
        deed_button::DeedButton,
        help::AskForHelp,
        menu::{Act, performer},
        supervise::SuperviseVerbs,
        transfer::Draft,
        trouble::Nothing,
    },
    live::{CallKey, Live},
    look::{always, look},
    model::{PbxId, Viewer},
    verbs,
    words::{Status, address, between, cause::cause_words, party::party_number, party_name, visible},
};

/// The pane; below 900 px it is the whole page.
#[component]
pub fn CallPane() -> impl IntoView {
    let live = expect_context::<Live>();
    let params = use_params_map();
    let search = use_location().search;
    let key = Memo::new(move |_| {
        let params = params.read();
        let pbx = params.get_str("pbx")?.parse().ok()?;
        Some((PbxId(pbx), CallId(params.get_str("id")?.to_owned())))
    });
    // the row stays on the screen after the call has ended, marked so
    let open = Memo::new_with_compare(
        move |before: Option<&Option<(CallKey, ArcRwSignal<Call>)>>| {
            let key = key.get()?;
            live.calls.keys();
            if let Some(row) = live.calls.get(&key) {
                return Some((key, row));
            }
            before.cloned().flatten().filter(|(of, _)| *of == key)
        },
        |a, b| match (a, b) {
            (Some(Some((a, a_row))), Some(Some((b, b_row)))) => a != b || a_row != b_row,
            (Some(None), Some(None)) => false,
            _ => true,
        },
    );
    view! {
        <aside class="pane" aria-label="Call">
            <a class="pane-close icon-button" href=move || address::with_search("/", &search.read()) aria-label="Close the call's pane">
                <Icon name="x"/>
            </a>
            {move || match open.get() {
                Some((key, row)) => Either::Left(view! { <Opened key row/> }),
                None => Either::Right(view! {
                    <Title text="Call"/>
                    <Nothing icon="phone-off" title="This call is over">
                        <p>"It ended before this page was opened, or it is not yours to see."</p>
                        <a class="button" href="/">"To the switchboard"</a>
                    </Nothing>
                }),
            }}
        </aside>
    }
    .into_any()
}

#[component]
fn Opened(key: CallKey, row: ArcRwSignal<Call>) -> impl IntoView {
    let live = expect_context::<Live>();
    let pbx = key.0;
    let supervised = key.1.clone();
    let title = {
        let row = row.clone();
        Memo::new(move |_| row.with(between))
    };
    let ended = {
        let live = live.clone();
        Memo::new(move |_| !live.calls.keys().contains(&key))
    };
    let status = {
        let row = row.clone();
        look(move || {
            if ended.get() {
                Status::Ended
            } else {
                row.with(|row| Status::from(row))
            }
        })
    };
    let since = {
        let row = row.clone();
        look(move || row.with(|row| row.started.0))
    };
    let viewer = expect_context::<RwSignal<Viewer>>();
    let mine = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| verbs::is_mine(&viewer.read(), pbx, row)))
    };
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    view! {
        <Title text=move || title.get()/>
        <header class="pane-head" class:old=move || old.get()>
            <h2>{move || title.get()}</h2>
            <p class="pane-state">
                <StateMark status/>
                {move || (!ended.get()).then(|| view! { <Timer pbx since_ms=since.clone()/> })}
            </p>
        </header>
        {
            let row = row.clone();
            move || (!ended.get()).then(|| view! { <PaneVerbs row=row.clone() pbx/> })
        }
        {move || (!ended.get() && mine.get()).then(|| view! { <AskForHelp/> })}
        {move || (!ended.get()).then(|| view! { <SuperviseVerbs pbx call=supervised.clone()/> })}
        <Facts row=row.clone()/>
        <h3>"Who is on it"</h3>
        <Legs row=row.clone() pbx ended/>
        <h3>"The story so far"</h3>
        <Story row=row.clone()/>
        <Technical row/>
    }
    .into_any()
}

#[component]
fn PaneVerbs(row: ArcRwSignal<Call>, pbx: PbxId) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let perform = performer();
    let transfer = {
        let row = row.clone();
        Memo::new(move |_| {
            row.with(|row| {
                let leg = verbs::can_be_moved(&viewer.read(), pbx, row)
                    .then(|| verbs::default_leg(&viewer.read(), pbx, row))??;
                Some(Draft::new(pbx, row.id.clone(), leg))
            })
        })
    };
    let of = move |make: fn(&Viewer, PbxId, &Call) -> Option<Deed>| {
        let row = row.clone();
        look(move || row.with(|row| make(&viewer.read(), pbx, row)))
    };
    view! {
        <div class="pane-verbs needs-js">
            <DeedButton deed=of(Deed::pick_up)/>
            {move || transfer.get().map(|begun| view! {
                <button type="button" class="button" on:click=move |_| perform.run(Act::Transfer(begun.clone()))>
                    <Icon name="arrow-right-left"/>"Transfer"
                </button>
            })}
            <DeedButton deed=of(Deed::park)/>
            <DeedButton deed=of(Deed::record)/>
            <DeedButton deed=of(Deed::stop_recording)/>
            <DeedButton deed=of(Deed::hang_up)/>
        </div>
    }
    .into_any()
}

/// What was dialled, which queue, which trunk.
#[component]
fn Facts(row: ArcRwSignal<Call>) -> impl IntoView {
    let facts = Memo::new(move |_| row.with(facts));
    view! {
        <dl class="facts">
            {move || facts.get().into_iter().map(|(what, value)| view! {
                <div><dt>{what}</dt><dd>{value}</dd></div>
            }).collect_view()}
        </dl>
    }
    .into_any()
}

fn facts(row: &Call) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !row.dialled.is_empty() {
        facts.push(("Dialled", visible(&row.dialled).into_owned()));
    }
    if let Some(visit) = &row.queue {
        facts.push(("Queue", visible(&visit.queue).into_owned()));
    }
    if let Some(trunk) = row.legs.iter().find_map(|leg| leg.trunk.as_ref()) {
        facts.push(("Over", visible(trunk).into_owned()));
    }
    if let Some(space) = &row.parked_in {
        facts.push(("Parked in", visible(space).into_owned()));
    }
    if row.discovered {
        facts.push(("Known since", "Starboard connected; it began earlier".into()));
    }
    facts
}

#[component]
fn Legs(row: ArcRwSignal<Call>, pbx: PbxId, ended: Memo<bool>) -> impl IntoView {
    let legs = Memo::new(move |_| {
        row.with(|row| {
            let people = row
                .legs
                .iter()
                .filter(|leg| leg.role != telephony::LegRole::Internal);
            people
                .map(|leg| {
                    let note = match &leg.state {
                        LegState::Ended(cause) => cause_words(*cause),
                        _ => party_number(&leg.party),
                    };
                    (
                        leg.id.clone(),
                        party_name(&leg.party),
                        note,
                        Status::from(&leg.state),
                        leg.since.0,
                    )
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <ul class="legs">
            {move || legs.get().into_iter().map(|(_, name, note, status, since_ms)| {
                let over = ended.get() || status == Status::Ended;
                let status = if over { Status::Ended } else { status };
                view! {
                    <li class="leg" data-state=status.slug()>
                        <StateMark status=always(status)/>
                        <span class="party">{name}</span>
                        <span class="leg-note">{note}</span>
                        {(!over).then(|| view! { <Timer pbx since_ms=always(since_ms)/> })}
                    </li>
                }
            }).collect_view()}
        </ul>
    }
    .into_any()
}

/// The PBX's own names, for those who need them.
#[component]
fn Technical(row: ArcRwSignal<Call>) -> impl IntoView {
    let details = Memo::new(move |_| {
        row.with(|row| {
            let legs = row.legs.iter();
            let mut lines = vec![format!("call {}", visible(&row.id.0))];
            lines.extend(legs.map(|leg| format!("{} {}", visible(&leg.channel), visible(&leg.id.0))));
            lines.join("\n")
        })
    });
    view! {
        <details class="technical">
            <summary>"Technical details"</summary>
            <pre>{move || details.get()}</pre>
        </details>
    }
    .into_any()
}
