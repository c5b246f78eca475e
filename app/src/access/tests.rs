//! Claims about who may command what.

use telephony::{
    Board, Call, CallId, CallState, Change, Command, Direction, Extension, Leg, LegId, LegRole, LegState,
    Party, Recording, Row, Story, Supervision, Timestamp,
};

use super::{Ability, BuiltIn, Reach, Refused, Rights, about_call, is_supervision, permits, shown};
use crate::model::{OwnExtension, PbxId};

const PBX: PbxId = PbxId(1);

/// Somebody with a phone, in a team with 1001 to 1003.
fn rights(role: BuiltIn, own: Option<&str>) -> Rights {
    let on = |number: &str| OwnExtension {
        pbx: PBX,
        number: number.into(),
    };
    Rights {
        abilities: role.abilities(),
        own: own.map(on).into_iter().collect(),
        team_extensions: ["1001", "1002", "1003"].map(on).to_vec(),
        ..Rights::none()
    }
}

fn extension(number: &str) -> Extension {
    Extension {
        number: number.into(),
        name: None,
        device: format!("PJSIP/{number}"),
        device_state: Default::default(),
        registration: Default::default(),
        dnd: None,
        voicemail: None,
        engagements: Vec::new(),
        since: Timestamp(0),
    }
}

fn leg(number: &str, role: LegRole) -> Leg {
    Leg {
        id: LegId(number.into()),
        channel: String::new(),
        party: Party {
            number: number.into(),
            name: None,
            extension: Some(number.into()),
        },
        role,
        state: LegState::Talking,
        since: Timestamp(0),
        answered: None,
        trunk: None,
    }
}

fn call(id: &str, from: &str, to: &str) -> Call {
    let legs = vec![leg(from, LegRole::Caller), leg(to, LegRole::Callee)];
    Call {
        id: CallId(id.into()),
        direction: Direction::Internal,
        caller: legs[0].party.clone(),
        callee: legs[1].party.clone(),
        dialled: to.into(),
        state: CallState::Talking,
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
        story: Story::default(),
        discovered: false,
    }
}

/// 1001 talks to 1002 of the team; 2001 talks to 2002, who are of another one.
fn board() -> Board {
    let mut board = Board::default();
    for number in ["1001", "1002", "1003", "2001", "2002"] {
        board.apply(Change::Upsert(Row::Extension(Box::new(extension(number)))));
    }
    for call in [call("ours", "1001", "1002"), call("theirs", "2001", "2002")] {
        board.apply(Change::Upsert(Row::Call(Box::new(call))));
    }
    board
}

fn place(from: &str, to: &str) -> Command {
    Command::Call {
        from: from.into(),
        to: to.into(),
    }
}

fn hang_up(call: &str) -> Command {
    Command::HangUp {
        call: CallId(call.into()),
    }
}

fn transfer(call: &str, leg: &str) -> Command {
    Command::BlindTransfer {
        call: CallId(call.into()),
        leg: LegId(leg.into()),
        to: "1003".into(),
    }
}

#[test]
fn nobody_calls_from_a_phone_that_is_not_theirs() {
    let board = board();
    for role in [BuiltIn::Admin, BuiltIn::Supervisor, BuiltIn::Agent] {
        let rights = rights(role, Some("1001"));
        assert_eq!(
            permits(&rights, PBX, &place("1001", "0405550100"), &board),
            Ok(())
        );
        let foreign = permits(&rights, PBX, &place("1002", "0405550100"), &board);
        assert_eq!(foreign, Err(Refused::Forbidden), "{role:?}");
        let elsewhere = permits(&rights, PbxId(2), &place("1001", "2"), &board);
        assert_eq!(elsewhere, Err(Refused::OtherPbx));
    }
    let viewer = rights(BuiltIn::Viewer, Some("1001"));
    assert_eq!(
        permits(&viewer, PBX, &place("1001", "2"), &board),
        Err(Refused::Forbidden)
    );
    let nobody = rights(BuiltIn::Agent, None);
    assert_eq!(
        permits(&nobody, PBX, &place("1001", "2"), &board),
        Err(Refused::NoExtension)
    );
}

#[test]
fn a_supervisor_brings_two_of_our_people_together_and_reaches_nobody_outside() {
    let board = board();
    let supervisor = rights(BuiltIn::Supervisor, Some("1001"));
    assert_eq!(permits(&supervisor, PBX, &place("1002", "1003"), &board), Ok(()));
    assert_eq!(
        permits(&supervisor, PBX, &place("1002", "2001"), &board),
        Ok(()),
        "one of them is of the team"
    );
    let others = permits(&supervisor, PBX, &place("2001", "2002"), &board);
    assert_eq!(others, Err(Refused::Forbidden));
    let outside = permits(&supervisor, PBX, &place("1002", "0405550100"), &board);
    assert_eq!(outside, Err(Refused::Forbidden));
    let admin = rights(BuiltIn::Admin, Some("1001"));
    assert_eq!(permits(&admin, PBX, &place("2001", "2002"), &board), Ok(()));
    let agent = rights(BuiltIn::Agent, Some("1001"));
    assert_eq!(
        permits(&agent, PBX, &place("1002", "1003"), &board),
        Err(Refused::Forbidden)
    );
}

#[test]
fn a_call_that_is_not_seen_is_not_there() {
    let board = board();
    for role in [BuiltIn::Supervisor, BuiltIn::Agent] {
        let rights = rights(role, Some("1003"));
        assert_eq!(
            permits(&rights, PBX, &hang_up("theirs"), &board),
            Err(Refused::NotThere),
            "{role:?}"
        );
        assert_eq!(
            permits(&rights, PBX, &hang_up("never was"), &board),
            Err(Refused::NotThere)
        );
        let pick_up = Command::PickUp {
            call: CallId("theirs".into()),
            by: "1003".into(),
        };
        assert_eq!(permits(&rights, PBX, &pick_up, &board), Err(Refused::NotThere));
    }
    assert_eq!(
        permits(&rights(BuiltIn::Admin, None), PBX, &hang_up("theirs"), &board),
        Ok(())
    );
}

#[test]
fn an_agent_ends_and_moves_the_own_calls_by_the_own_phone_alone() {
    let board = board();
    let on_it = rights(BuiltIn::Agent, Some("1002"));
    assert_eq!(permits(&on_it, PBX, &hang_up("ours"), &board), Ok(()));
    assert_eq!(permits(&on_it, PBX, &transfer("ours", "1002"), &board), Ok(()));
    assert_eq!(
        permits(&on_it, PBX, &transfer("ours", "1001"), &board),
        Err(Refused::Forbidden)
    );
    let beside = rights(BuiltIn::Agent, Some("1003"));
    assert_eq!(
        permits(&beside, PBX, &hang_up("ours"), &board),
        Err(Refused::Forbidden),
        "seen, not theirs"
    );
    let supervisor = rights(BuiltIn::Supervisor, None);
    assert_eq!(
        permits(&supervisor, PBX, &transfer("ours", "1001"), &board),
        Ok(())
    );
    let viewer = rights(BuiltIn::Viewer, Some("1002"));
    assert_eq!(
        permits(&viewer, PBX, &hang_up("ours"), &board),
        Err(Refused::Forbidden)
    );
}

#[test]
fn with_whom_somebody_talks_is_shown_where_the_call_is() {
    let mut talking = extension("2001");
    talking.engagements.push(telephony::Engagement {
        call: CallId("theirs".into()),
        with: "Bank of the North".into(),
        number: "0405550100".into(),
        direction: Direction::Outbound,
        activity: telephony::Activity::Talking,
        since: Timestamp(0),
    });
    let row = Row::Extension(Box::new(talking));
    let agent = Rights {
        pbx: Some(PBX),
        ..rights(BuiltIn::Agent, Some("1001"))
    };
    let Some(seen) = shown(&agent, PBX, &row, false) else {
        panic!("a colleague is seen")
    };
    let Row::Extension(seen) = seen.into_owned() else {
        panic!("another row")
    };
    assert_eq!(seen.engagements.len(), 1, "that they talk is seen");
    let engagement = &seen.engagements[0];
    assert_eq!(
        (
            engagement.with.as_str(),
            engagement.number.as_str(),
            engagement.call.0.as_str()
        ),
        ("", "", "")
    );
    let admin = rights(BuiltIn::Admin, None);
    assert_eq!(shown(&admin, PBX, &row, false).as_deref(), Some(&row));
}

fn supervise(call: &str, leg: &str, how: Supervision, by: &str) -> Command {
    Command::Supervise {
        call: CallId(call.into()),
        leg: LegId(leg.into()),
        how,
        by: by.into(),
    }
}

#[test]
fn a_supervisor_hears_their_teams_at_the_own_phone_and_never_the_own_call() {
    let board = board();
    let listen = |rights: &Rights, call: &str, leg: &str, by: &str| {
        permits(
            rights,
            PBX,
            &supervise(call, leg, Supervision::Listen, by),
            &board,
        )
    };
    let supervisor = rights(BuiltIn::Supervisor, Some("1003"));
    assert_eq!(listen(&supervisor, "ours", "1002", "1003"), Ok(()));
    assert_eq!(
        listen(&supervisor, "ours", "1002", "1001"),
        Err(Refused::Forbidden),
        "the phone of another"
    );
    assert_eq!(
        listen(&supervisor, "theirs", "2001", "1003"),
        Err(Refused::NotThere)
    );
    assert_eq!(
        listen(&supervisor, "ours", "2001", "1003"),
        Err(Refused::NotThere),
        "a leg of another call"
    );
    let on_it = rights(BuiltIn::Supervisor, Some("1001"));
    assert_eq!(listen(&on_it, "ours", "1002", "1001"), Err(Refused::Forbidden));
    let without_a_phone = rights(BuiltIn::Admin, None);
    assert_eq!(
        listen(&without_a_phone, "ours", "1002", "1003"),
        Err(Refused::NoExtension)
    );
    for role in [BuiltIn::Agent, BuiltIn::Viewer] {
        let rights = Rights {
            pbx: Some(PBX),
            ..rights(role, Some("1003"))
        };
        assert_eq!(
            listen(&rights, "ours", "1002", "1003"),
            Err(Refused::Forbidden),
            "{role:?}"
        );
    }
}

#[test]
fn each_way_to_supervise_needs_its_own_ability() {
    let board = board();
    let ways = [
        (Supervision::Listen, Ability::Listen),
        (Supervision::Whisper, Ability::Whisper),
        (Supervision::Barge, Ability::Barge),
        (Supervision::TakeOver, Ability::TakeOver),
    ];
    for (_, ability) in ways {
        let mut rights = rights(BuiltIn::Agent, Some("1003"));
        rights.abilities.set(ability, Reach::Teams);
        for (how, needed) in ways {
            let allowed = permits(&rights, PBX, &supervise("ours", "1002", how, "1003"), &board).is_ok();
            assert_eq!(allowed, needed == ability, "{how:?} with {ability:?}");
        }
    }
}

#[test]
fn who_listens_is_not_on_the_call() {
    let mut heard = call("ours", "1001", "1002");
    heard.legs.push(leg("2001", LegRole::Supervisor));
    assert_eq!(about_call(&heard).extensions, ["1001", "1002"]);
    // what the listening phone itself shows is about that phone alone
    let mut listening = call("own", "2001", "1002");
    listening.legs = vec![leg("2001", LegRole::Supervisor)];
    assert!(is_supervision(&listening) && !is_supervision(&heard));
    assert_eq!(about_call(&listening).extensions, ["2001"]);
    let mut board = board();
    board.apply(Change::Upsert(Row::Call(Box::new(heard))));
    let agent = rights(BuiltIn::Agent, Some("2001"));
    assert_eq!(
        permits(&agent, PBX, &hang_up("ours"), &board),
        Err(Refused::Forbidden)
    );
    let stop = Command::StopSupervising {
        leg: LegId("2001".into()),
    };
    assert_eq!(permits(&agent, PBX, &stop, &board), Ok(()));
    let other = rights(BuiltIn::Admin, Some("1003"));
    assert_eq!(permits(&other, PBX, &stop, &board), Err(Refused::NotThere));
}

mod tokens {
    use proptest::prelude::*;

    use crate::{
        access::{ABILITIES, Abilities, Ability, About, Reach, Rights, Scope},
        model::{OwnExtension, PbxId},
    };

    fn abilities() -> impl Strategy<Value = Abilities> {
        let reaches: Vec<_> = ABILITIES
            .iter()
            .map(|info| prop::sample::select(info.reaches))
            .collect();
        reaches.prop_map(|reaches| {
            let mut abilities = Abilities::none();
            for (info, reach) in ABILITIES.iter().zip(reaches) {
                abilities.set(info.ability, reach);
            }
            abilities
        })
    }

    fn on(pbx: i64, number: u8) -> OwnExtension {
        OwnExtension {
            pbx: PbxId(pbx),
            number: number.to_string(),
        }
    }

    fn some_pbx() -> impl Strategy<Value = Option<PbxId>> {
        prop::option::of((1_i64..3).prop_map(PbxId))
    }

    fn owner() -> impl Strategy<Value = Rights> {
        let extensions = || prop::collection::vec((1_i64..3, 0_u8..4), 0..4);
        let parts = (abilities(), some_pbx(), extensions(), extensions(), extensions());
        parts.prop_map(|(abilities, pbx, own, team, queues)| Rights {
            abilities,
            pbx,
            own: own.into_iter().map(|(pbx, number)| on(pbx, number)).collect(),
            team_extensions: team.into_iter().map(|(pbx, number)| on(pbx, number)).collect(),
            team_queues: queues
                .into_iter()
                .map(|(pbx, name)| (PbxId(pbx), name.to_string()))
                .collect(),
        })
    }

    proptest! {
        #[test]
        fn read_again_reach_as_far_as_when_they_were_written(abilities in abilities(), cut in 0_usize..40) {
            let mut text = String::from(abilities);
            prop_assert_eq!(Abilities::from(text.clone()), abilities);
            // of a text that was cut off, less is read, never more
            text.truncate(cut);
            prop_assert!(abilities.cover(&Abilities::from(text)));
        }

        #[test]
        fn never_reach_further_than_their_owner_or_what_was_ticked_or_their_pbx(
            owner in owner(), ticked in abilities(), only in some_pbx(), extension in 0_u8..4, queue in 0_u8..4,
        ) {
            let token = owner.within(&Scope { abilities: ticked, pbx: only });
            let about = About { extensions: vec![extension.to_string()], queues: vec![queue.to_string()], ..About::default() };
            for info in &ABILITIES {
                let ability = info.ability;
                prop_assert!(token.reach(ability) <= owner.reach(ability).min(ticked.reach(ability)));
                for pbx in [PbxId(1), PbxId(2)] {
                    if token.allow(ability, pbx, &about) {
                        prop_assert!(owner.allow(ability, pbx, &about), "{}", info.slug);
                        prop_assert!(only.is_none_or(|only| only == pbx), "{}", info.slug);
                    }
                }
            }
            if !owner.has(Ability::UseTokens) {
                prop_assert_eq!(token, Rights::none());
            } else if only.is_none() {
                // and no less: all of it where everything was ticked
                let all = owner.within(&Scope { abilities: owner.abilities, pbx: None });
                prop_assert_eq!(all, owner);
            } else {
                prop_assert!(token.reach(Ability::ManageUsers) == Reach::Nothing);
            }
        }
    }
}
