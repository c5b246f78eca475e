//! Who may supervise whom, and who may know of it.

use telephony::{
    Activity, Call, Engagement, Leg, LegId, LegRole, LegState, Moment, MomentKind, Party, Supervision,
    finished::is_supervision,
};

use super::{Ability, About, Rights};
use crate::model::PbxId;

/// What a supervisor needs to take part so.
pub fn ability_to(how: Supervision) -> Ability {
    match how {
        Supervision::Listen => Ability::Listen,
        Supervision::Whisper => Ability::Whisper,
        Supervision::Barge => Ability::Barge,
        Supervision::TakeOver => Ability::TakeOver,
    }
}

/// What supervising a leg is about: its extension, and the queue that the call came through.
pub fn about_agent(call: &Call, leg: &LegId) -> Option<About> {
    about_leg(call, call.legs.iter().find(|one| one.id == *leg)?)
}

fn about_leg(call: &Call, leg: &Leg) -> Option<About> {
    let takes_part = matches!(leg.role, LegRole::Caller | LegRole::Callee);
    let up = takes_part && !matches!(leg.state, LegState::Ended(_));
    let number = leg.party.extension.as_ref().filter(|_| up)?;
    Some(About {
        extensions: vec![number.clone()],
        queues: call.queue.iter().map(|visit| visit.queue.clone()).collect(),
        ability: None,
    })
}

fn is_own(rights: &Rights, pbx: PbxId, party: &Party) -> bool {
    let number = party.extension.as_deref();
    number.is_some_and(|number| rights.is_own(pbx, number))
}

/// A call without those who listen to it, for whoever may not know of them. None where it is shown as it is.
pub(super) fn discreet(rights: &Rights, pbx: PbxId, call: &Call) -> Option<Call> {
    if is_supervision(call) {
        let heard = call.callee.extension.as_deref().map(About::extension);
        let may_know = heard.is_some_and(|about| rights.allow(Ability::Listen, pbx, &about));
        if may_know || is_own(rights, pbx, &call.caller) {
            return None;
        }
        let mut call = call.clone();
        call.callee = Party::default();
        return Some(call);
    }
    let listens = |leg: &&Leg| leg.role == LegRole::Supervisor && !is_own(rights, pbx, &leg.party);
    if !call.legs.iter().any(|leg| listens(&leg)) {
        return None;
    }
    let mut heard = call.legs.iter().filter_map(|leg| about_leg(call, leg));
    if heard.any(|about| rights.allow(Ability::Listen, pbx, &about)) {
        return None;
    }
    let mut call = call.clone();
    call.legs.retain(|leg| !listens(&leg));
    let tells = |moment: &Moment| match &moment.what {
        MomentKind::Supervised { by } => is_own(rights, pbx, by),
        _ => true,
    };
    call.story = call.story.iter().filter(tells).collect();
    Some(call)
}

/// Whether it is hidden to whom somebody listens.
pub(super) fn hides_whom(rights: &Rights, pbx: PbxId, extension: &str, engagement: &Engagement) -> bool {
    engagement.activity == Activity::Supervising
        && !rights.is_own(pbx, extension)
        && !rights.allow(Ability::Listen, pbx, &About::extension(&engagement.number))
}
