//! Taking part in a call of somebody else: the verbs, and who does so now. The server decides again.

use leptos::prelude::*;
use telephony::{Call, CallId, CallState, Command, Leg, LegId, LegRole, Supervision};

use super::{Icon, Timer, deed_button::DeedButton};
use crate::{
    access::{ability_to, about_agent},
    asking::Deed,
    live::{Live, supervising::Supervising},
    look::{always, look},
    model::{PbxId, Viewer},
    sorting::sorted,
    verbs,
    words::{called, party_name, shortened, visible::NAME_CHARS},
};

/// Every way, from the quietest.
const WAYS: [Supervision; 4] = [
    Supervision::Listen,
    Supervision::Whisper,
    Supervision::Barge,
    Supervision::TakeOver,
];

/// The phones of ours in a conversation that the viewer may supervise in some way; who was called comes first.
pub fn agents<'call>(viewer: &Viewer, pbx: PbxId, call: &'call Call) -> Vec<&'call Leg> {
    let in_company = matches!(call.state, CallState::Talking | CallState::OnHold);
    if !in_company || verbs::own_number(viewer, pbx).is_none() || verbs::is_mine(viewer, pbx, call) {
        return Vec::new();
    }
    let legs = call
        .legs
        .iter()
        .filter(|leg| WAYS.iter().any(|how| may(viewer, pbx, call, &leg.id, *how)));
    sorted(legs.collect(), |one, two| {
        let later = |leg: &Leg| leg.role != LegRole::Callee;
        later(one).cmp(&later(two))
    })
}

fn may(viewer: &Viewer, pbx: PbxId, call: &Call, leg: &LegId, how: Supervision) -> bool {
    about_agent(call, leg).is_some_and(|about| viewer.rights.allow(ability_to(how), pbx, &about))
}

/// Taking part in what a leg says and hears; None where the viewer may not.
pub fn take_part(viewer: &Viewer, pbx: PbxId, call: &Call, leg: &Leg, how: Supervision) -> Option<Deed> {
    let by = verbs::own_number(viewer, pbx).filter(|_| may(viewer, pbx, call, &leg.id, how))?;
    let agent = party_name(&leg.party);
    let (label, icon) = match how {
        Supervision::Listen => ("Listen in", "ear"),
        Supervision::Whisper => ("Whisper", "headset"),
        Supervision::Barge => ("Join", "users"),
        Supervision::TakeOver => ("Take over", "phone-incoming"),
    };
    let other = if leg.party == call.callee {
        party_name(&call.caller)
    } else {
        called(call)
    };
    let (consequence, what) = match how {
        Supervision::Listen => (
            String::new(),
            format!("ring your phone {by}: you will hear {agent} and {other}"),
        ),
        Supervision::Whisper => (
            String::new(),
            format!("ring your phone {by}: only {agent} will hear you"),
        ),
        Supervision::Barge => (
            format!("{agent} and {other} will both hear you."),
            format!("ring your phone {by}: {agent} and {other} will hear you"),
        ),
        Supervision::TakeOver => (
            format!("When you answer, {other} talks to you and {agent} is out of the call."),
            format!("ring your phone {by} and connect it to {other} in place of {agent}"),
        ),
    };
    Some(Deed {
        label,
        icon,
        consequence,
        what,
        pbx,
        command: Command::Supervise {
            call: call.id.clone(),
            leg: leg.id.clone(),
            how,
            by,
        },
    })
}

/// Everything that the viewer could do so with a call, the agent's name in its label where there are two.
pub fn entries(viewer: &Viewer, pbx: PbxId, call: &Call) -> Vec<(String, Deed)> {
    let agents = agents(viewer, pbx, call);
    let two = agents.len() > 1;
    let deeds = agents.iter().flat_map(|leg| {
        let deeds = WAYS
            .iter()
            .filter_map(|how| take_part(viewer, pbx, call, leg, *how));
        deeds.map(move |deed| {
            let label = if two {
                format!("{}: {}", deed.label, party_name(&leg.party))
            } else {
                deed.label.to_owned()
            };
            (label, deed)
        })
    });
    deeds.collect()
}

/// Ending what the own phone hears.
fn stop(pbx: PbxId, one: &Supervising) -> Deed {
    Deed {
        label: "Stop",
        icon: "x",
        consequence: String::new(),
        what: "hang up your phone".into(),
        pbx,
        command: Command::StopSupervising { leg: one.own.clone() },
    }
}

/// What somebody does there.
pub fn doing(one: &Supervising) -> &'static str {
    match (one.heard, one.how) {
        (false, _) => "is being called",
        (true, Supervision::Listen) => "listens in",
        (true, Supervision::Whisper) => "whispers",
        (true, Supervision::Barge) => "has joined",
        (true, Supervision::TakeOver) => "takes over",
    }
}

/// Who takes part in a call; tracked. Empty for whoever may not know.
fn of_call(live: &Live, pbx: PbxId, call: &CallId) -> Vec<Supervising> {
    let all = live.notes_of::<Supervising>().into_iter();
    let here = all.filter(|(on, one)| *on == pbx && one.call == *call);
    here.map(|(_, one)| one).collect()
}

/// The verbs of supervision for a call, and who supervises it: nothing for whoever may not.
#[component]
pub fn SuperviseVerbs(
    /// On which PBX.
    pbx: PbxId,
    /// Which call.
    call: CallId,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let there = {
        let (live, call) = (live.clone(), call.clone());
        Memo::new(move |_| of_call(&live, pbx, &call))
    };
    let mine = Memo::new(move |_| {
        there
            .read()
            .iter()
            .find(|one| one.user == viewer.read().id)
            .cloned()
    });
    let row = live.calls.get(&(pbx, call))?;
    // the legs as they are; a button asks for its deed when it is drawn and when it is pressed
    let agents = {
        let row = row.clone();
        Memo::new(move |_| {
            row.with(|row| {
                let legs = agents(&viewer.read(), pbx, row).into_iter();
                legs.map(|leg| (leg.id.clone(), party_name(&leg.party)))
                    .collect::<Vec<_>>()
            })
        })
    };
    let ways = move |leg: LegId| {
        WAYS.map(|how| {
            let (row, leg) = (row.clone(), leg.clone());
            let deed = look(move || {
                let now = mine.get().is_some_and(|one| one.leg == leg && one.how == how);
                row.with(|row| {
                    let leg = row.legs.iter().find(|one| one.id == leg).filter(|_| !now)?;
                    take_part(&viewer.read(), pbx, row, leg, how)
                })
            });
            view! { <DeedButton deed/> }
        })
    };
    let some = move || !agents.read().is_empty() || !there.read().is_empty();
    let view = move || {
        some().then(|| {
            let ways = ways.clone();
            view! {
                <section class="supervise" aria-label="Supervision">
                    <ul class="supervisors" aria-live="polite">
                        {move || there.get().into_iter().map(|one| view! { <Supervisor pbx one viewer/> }).collect_view()}
                    </ul>
                    {move || {
                        let agents = agents.get();
                        let two = agents.len() > 1;
                        agents.into_iter().map(|(leg, name)| view! {
                            <div class="pane-verbs needs-js" role="group" aria-label=format!("Supervise {name}")>
                                {two.then(|| view! { <span class="verbs-of">{name.clone()}</span> })}
                                {ways(leg)}
                            </div>
                        }).collect_view()
                    }}
                </section>
            }
            .into_any()
        })
    };
    Some(view.into_any())
}

#[component]
fn Supervisor(pbx: PbxId, one: Supervising, viewer: RwSignal<Viewer>) -> impl IntoView {
    let is_me = one.user == viewer.read_untracked().id;
    let who = if is_me {
        "You".to_owned()
    } else {
        shortened(&one.who, NAME_CHARS)
    };
    let what = match (is_me, one.heard, one.how) {
        (false, _, _) => doing(&one),
        (true, false, _) => "are being called: pick up your phone",
        (true, true, Supervision::Listen) => "listen in",
        (true, true, Supervision::Whisper) => "whisper",
        (true, true, Supervision::Barge) => "have joined",
        (true, true, Supervision::TakeOver) => "take over",
    };
    let deed = is_me.then(|| stop(pbx, &one));
    view! {
        <li class="supervisor">
            <Icon name="ear"/>
            <span><strong>{who}</strong>" "{what}</span>
            <Timer pbx since_ms=always(one.since.0)/>
            {deed.map(|deed| view! { <DeedButton deed=always(Some(deed))/> })}
        </li>
    }
}
