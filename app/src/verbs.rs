//! What this viewer can do with a call, decided from the row alone. The server decides again.

use telephony::{Call, CallState, Leg, LegId, LegRole, LegState};

use crate::{
    access::{Ability, About, Reach, about_call},
    model::{PbxId, Viewer},
    sorting::sorted,
};

/// Whether the viewer is one of the people on the call.
pub fn is_mine(viewer: &Viewer, pbx: PbxId, call: &Call) -> bool {
    let own = |leg: &Leg| {
        let number = leg.party.extension.as_deref();
        number.is_some_and(|number| viewer.rights.is_own(pbx, number))
    };
    call.legs
        .iter()
        .filter(|leg| leg.role != LegRole::Supervisor && !matches!(leg.state, LegState::Ended(_)))
        .any(own)
}

/// Whether the viewer may end this call.
pub fn may_end(viewer: &Viewer, pbx: PbxId, call: &Call) -> bool {
    viewer.rights.allow(Ability::EndCalls, pbx, &about_call(call))
}

/// Whether the viewer may place calls at all.
pub fn may_call(viewer: &Viewer) -> bool {
    viewer.rights.has(Ability::PlaceCalls)
}

/// Whether the viewer may take parked calls of this PBX, as far as they are shown; the server looks at each.
pub fn may_take(viewer: &Viewer, pbx: PbxId) -> bool {
    viewer.rights.has(Ability::TakeParked) && viewer.rights.first_on(pbx).is_some()
}

/// Whether the viewer may bring this person together with another.
pub fn may_connect(viewer: &Viewer, pbx: PbxId, number: &str) -> bool {
    viewer
        .rights
        .allow(Ability::ConnectPeople, pbx, &About::extension(number))
}

/// The viewer's own extension on this PBX.
pub fn own_number(viewer: &Viewer, pbx: PbxId) -> Option<String> {
    viewer.rights.first_on(pbx).map(str::to_owned)
}

/// The legs that could let go of the call in a transfer: phones of ours that are in it. Best first: the viewer's
/// own, then the one that was called.
pub fn letting_go<'call>(viewer: &Viewer, pbx: PbxId, call: &'call Call) -> Vec<&'call Leg> {
    let is_own = |leg: &Leg| {
        let number = leg.party.extension.as_deref();
        number.is_some_and(|number| viewer.rights.is_own(pbx, number))
    };
    let only_own = viewer.rights.reach(Ability::MoveCalls) == Reach::Own;
    let legs: Vec<&Leg> = call
        .legs
        .iter()
        .filter(|leg| {
            if only_own {
                is_own(leg)
            } else {
                leg.party.extension.is_some()
            }
        })
        .filter(|leg| matches!(leg.role, LegRole::Caller | LegRole::Callee))
        .filter(|leg| matches!(leg.state, LegState::Up | LegState::Talking | LegState::Holding))
        .collect();
    let place = |leg: &Leg| (!is_own(leg), leg.role != LegRole::Callee);
    sorted(legs, |one, two| place(one).cmp(&place(two)))
}

/// The leg that lets go unless somebody chooses another.
pub fn default_leg(viewer: &Viewer, pbx: PbxId, call: &Call) -> Option<LegId> {
    letting_go(viewer, pbx, call).first().map(|leg| leg.id.clone())
}

/// Who stays when `leg` lets go.
pub fn other_side<'call>(call: &'call Call, leg: &LegId) -> &'call telephony::Party {
    let callee_lets_go = call
        .legs
        .iter()
        .any(|one| one.id == *leg && one.role == LegRole::Callee);
    if callee_lets_go {
        &call.caller
    } else {
        &call.callee
    }
}

/// Whether the call can be transferred or parked now.
pub fn can_be_moved(viewer: &Viewer, pbx: PbxId, call: &Call) -> bool {
    let in_company = match call.state {
        CallState::Talking | CallState::OnHold => true,
        CallState::Dialling
        | CallState::Ringing
        | CallState::Service(_)
        | CallState::Waiting
        | CallState::Parked
        | CallState::Conference => false,
    };
    in_company
        && viewer.rights.allow(Ability::MoveCalls, pbx, &about_call(call))
        && default_leg(viewer, pbx, call).is_some()
}

/// Whether the viewer may have the call recorded, or do something with its recording: people talk, or one waits for the other.
pub fn may_record(viewer: &Viewer, pbx: PbxId, call: &Call) -> bool {
    matches!(
        call.state,
        CallState::Talking | CallState::OnHold | CallState::Conference
    ) && viewer.rights.allow(Ability::RecordCalls, pbx, &about_call(call))
}

/// Whether the viewer could answer it at the own phone: it rings, and elsewhere.
pub fn can_be_picked_up(viewer: &Viewer, pbx: PbxId, call: &Call) -> bool {
    call.state == CallState::Ringing
        && viewer.rights.allow(Ability::PickUp, pbx, &about_call(call))
        && own_number(viewer, pbx).is_some()
        && !is_mine(viewer, pbx, call)
}

#[cfg(test)]
mod tests {
    use telephony::{
        Call, CallId, CallState, Direction, Leg, LegId, LegRole, LegState, Party, Recording, Timestamp,
    };

    use super::{can_be_moved, can_be_picked_up, default_leg, may_end, other_side};
    use crate::{
        access::{BuiltIn, Rights},
        model::{OwnExtension, PbxId, UserId, Viewer},
    };

    const PBX: PbxId = PbxId(1);

    /// Somebody in a team of 1001 to 1003.
    fn viewer(role: BuiltIn, own: Option<&str>) -> Viewer {
        let on = |number: &str| OwnExtension {
            pbx: PBX,
            number: number.into(),
        };
        Viewer {
            id: UserId(1),
            username: "u".into(),
            display_name: "U".into(),
            role: role.name().into(),
            rights: Rights {
                abilities: role.abilities(),
                own: own.map(on).into_iter().collect(),
                team_extensions: ["1001", "1002", "1003"].map(on).to_vec(),
                ..Rights::none()
            },
            seen_by: None,
        }
    }

    fn leg(number: &str, role: LegRole, ours: bool) -> Leg {
        Leg {
            id: LegId(number.into()),
            channel: String::new(),
            party: Party {
                number: number.into(),
                name: None,
                extension: ours.then(|| number.into()),
            },
            role,
            state: LegState::Talking,
            since: Timestamp(0),
            answered: None,
            trunk: None,
        }
    }

    fn call(state: CallState, legs: Vec<Leg>) -> Call {
        Call {
            id: CallId("1.1".into()),
            direction: Direction::Internal,
            caller: legs[0].party.clone(),
            callee: legs[1].party.clone(),
            dialled: String::new(),
            state,
            state_since: Timestamp(0),
            started: Timestamp(0),
            answered: None,
            held_ms: 0,
            held_since: None,
            queue: None,
            parked_in: None,
            conference: None,
            recording: Recording::Off,
            legs,
            story: telephony::Story::default(),
            discovered: false,
        }
    }

    fn between(caller_is_ours: bool) -> Call {
        let legs = vec![
            leg("1001", LegRole::Caller, caller_is_ours),
            leg("1002", LegRole::Callee, true),
        ];
        call(CallState::Talking, legs)
    }

    #[test]
    fn my_own_leg_lets_go_before_any_other() {
        let call = between(true);
        let mine = default_leg(&viewer(BuiltIn::Agent, Some("1001")), PBX, &call);
        assert_eq!(mine, Some(LegId("1001".into())));
        let of_a_stranger = default_leg(&viewer(BuiltIn::Supervisor, None), PBX, &call);
        assert_eq!(of_a_stranger, Some(LegId("1002".into())));
        assert_eq!(other_side(&call, &LegId("1002".into())).number, "1001");
        assert_eq!(other_side(&call, &LegId("1001".into())).number, "1002");
    }

    #[test]
    fn an_agent_commands_the_own_calls_and_a_viewer_none() {
        let call = between(true);
        assert!(may_end(&viewer(BuiltIn::Agent, Some("1002")), PBX, &call));
        assert!(!may_end(&viewer(BuiltIn::Agent, Some("1003")), PBX, &call));
        assert!(!may_end(&viewer(BuiltIn::Viewer, Some("1002")), PBX, &call));
        assert!(may_end(&viewer(BuiltIn::Supervisor, None), PBX, &call));
        assert!(!can_be_moved(&viewer(BuiltIn::Viewer, Some("1002")), PBX, &call));
    }

    #[test]
    fn only_what_rings_elsewhere_can_be_picked_up() {
        let mut ringing = between(false);
        ringing.state = CallState::Ringing;
        assert!(can_be_picked_up(
            &viewer(BuiltIn::Agent, Some("1003")),
            PBX,
            &ringing
        ));
        assert!(!can_be_picked_up(
            &viewer(BuiltIn::Agent, Some("1002")),
            PBX,
            &ringing
        ));
        assert!(!can_be_picked_up(&viewer(BuiltIn::Agent, None), PBX, &ringing));
        assert!(!can_be_picked_up(
            &viewer(BuiltIn::Agent, Some("1003")),
            PBX,
            &between(false)
        ));
    }
}
