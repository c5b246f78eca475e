//! How far somebody may give: nobody hands out more than they reach themselves.

use app::{
    AppError,
    access::Rights,
    model::{
        OwnExtension, UserId, Viewer,
        people::{RoleRow, TeamForm, TeamId, UserForm},
    },
};

use super::office::Office;
use crate::store::UserRecord;

/// The rights that somebody new would get, or that somebody known would get beside what they have.
pub(super) fn to_be(
    form: &UserForm,
    role: &RoleRow,
    extensions: &[OwnExtension],
    before: Option<&UserRecord>,
    office: &Office,
) -> Rights {
    let known = before.and_then(|before| office.users.iter().find(|(record, _)| record.id == before.id));
    let known = known.filter(|(record, _)| record.role_id == role.id.0);
    let had = |team: &TeamId| known.is_some_and(|(_, shown)| shown.teams.contains(team));
    let mut rights = Rights {
        abilities: role.abilities,
        pbx: form.pbx,
        own: extensions.to_vec(),
        ..Rights::none()
    };
    let new = form.teams.iter().filter(|team| !had(team));
    for team in new.filter_map(|id| office.teams.iter().find(|team| team.id == *id)) {
        let members = office
            .users
            .iter()
            .filter(|(record, _)| team.members.contains(&UserId(record.id)));
        rights
            .team_extensions
            .extend(members.flat_map(|(record, _)| record.extensions.clone()));
        rights.team_queues.extend(team.queues.iter().cloned());
    }
    rights
}

/// Nobody gives more than they have, and nobody gives themselves what they do not reach.
pub(super) fn within(viewer: &Viewer, to_be: &Rights, before: Option<&UserRecord>) -> Result<(), AppError> {
    let same = |field: &str| {
        before.is_some_and(|before| match field {
            "pbx" => before.pbx == to_be.pbx && before.abilities == to_be.abilities,
            "extensions" => to_be.own.iter().all(|own| before.extensions.contains(own)),
            _ => false,
        })
    };
    if let Some(field) = viewer.rights.may_not_give(to_be).filter(|field| !same(field)) {
        let problem = match field {
            "pbx" => "You cannot let somebody belong to a PBX that is not yours, or to every one.",
            "teams" => "You cannot put somebody into a team whose calls and queues you do not see yourself.",
            _ => "You cannot give extensions of a PBX that is not yours.",
        };
        return Err(AppError::field(field, problem));
    }
    if before.is_some_and(|before| before.id == viewer.id.0)
        && !same("extensions")
        && !viewer.rights.take_for_themselves(to_be)
    {
        return Err(not_for_oneself("extensions"));
    }
    Ok(())
}

/// Nobody makes a team of their own that shows them what they do not reach.
pub(super) fn own_team(viewer: &Viewer, form: &TeamForm, office: &Office) -> Result<(), AppError> {
    let members = office
        .users
        .iter()
        .filter(|(record, _)| form.members.contains(&UserId(record.id)));
    let to_be = Rights {
        team_extensions: members
            .flat_map(|(record, _)| record.extensions.clone())
            .collect(),
        team_queues: form.queues.clone(),
        ..viewer.rights.clone()
    };
    if !form.members.contains(&viewer.id) || viewer.rights.take_for_themselves(&to_be) {
        return Ok(());
    }
    let problem =
        "You cannot be in a team whose calls and queues you do not see. Somebody else can put you there.";
    Err(AppError::field("members", problem))
}

/// The refusal of somebody who takes another's phone.
pub(super) fn not_for_oneself(field: &str) -> AppError {
    AppError::field(
        field,
        "You cannot give yourself this extension: you do not see the calls there. Somebody else can.",
    )
}
