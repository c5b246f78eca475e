//! Teams and roles.

use app::{
    AppError, FieldError,
    access::{ABILITIES, Ability, Reach},
    model::{
        UserId,
        people::{RoleForm, RoleId, TeamForm, TeamId},
    },
};

use super::{
    CallerBackend,
    people::{all_good, problem},
};
use crate::{
    clock::wall_ms,
    store::{Removed, StoreError},
};

/// Characters a team's or role's name may have.
const MAX_NAME_CHARS: usize = 60;
/// Members and queues one team may have.
const MAX_IN_TEAM: usize = 1_000;

fn name_of(text: &str, problems: &mut Vec<FieldError>) -> String {
    let name = text.trim();
    let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if !fits {
        problems.push(problem(
            "name",
            format!("Type a name of 1 to {MAX_NAME_CHARS} characters."),
        ));
    }
    name.to_owned()
}

pub(super) async fn save_team(backend: &CallerBackend, mut form: TeamForm) -> Result<TeamId, AppError> {
    let viewer = backend.may(Ability::ManageTeams)?;
    let mut problems = Vec::new();
    form.name = name_of(&form.name, &mut problems);
    if form.members.len() > MAX_IN_TEAM || form.queues.len() > MAX_IN_TEAM {
        problems.push(problem(
            "members",
            format!("A team has at most {MAX_IN_TEAM} members and queues."),
        ));
    }
    all_good(problems)?;
    let services = &backend.services;
    if viewer.rights.reach(Ability::ManageTeams) != Reach::All {
        // their own teams, with the people they already reach
        let mine = services.store.teams().await?;
        let id = form.id.ok_or(AppError::Forbidden)?;
        let team = mine
            .iter()
            .find(|team| team.id == id && team.members.contains(&viewer.id));
        let team = team.ok_or(AppError::NotFound)?;
        let (reached, _) = services.store.users(Some(viewer.id.0)).await?;
        let known = |user: &UserId| reached.iter().any(|(record, _)| record.id == user.0);
        if !form.members.iter().all(known) || !form.queues.iter().all(|queue| team.queues.contains(queue)) {
            return Err(AppError::Forbidden);
        }
    }
    let members: Vec<String> = form.members.iter().map(|user| user.0.to_string()).collect();
    let queues: Vec<String> = form
        .queues
        .iter()
        .map(|(pbx, queue)| format!("{}/{queue}", pbx.0))
        .collect();
    let object = format!(
        "team {}: members [{}], queues [{}]",
        form.name,
        members.join(" "),
        queues.join(", ")
    );
    let action = if form.id.is_some() {
        "change_team"
    } else {
        "add_team"
    };
    let row = backend.audit(action, &object).await?;
    let saved = services.store.save_team(&form, wall_ms()).await;
    backend
        .audited(
            row,
            if matches!(saved, Ok(Some(_))) {
                "done"
            } else {
                "not done"
            },
        )
        .await;
    let saved = match saved {
        Err(StoreError::Taken(_)) => {
            return Err(AppError::field("name", "Another team has this name."));
        }
        other => other?.ok_or(AppError::NotFound)?,
    };
    services.current.look(&services.store).await;
    Ok(saved)
}

pub(super) async fn delete_team(backend: &CallerBackend, id: TeamId) -> Result<(), AppError> {
    let viewer = backend.may(Ability::ManageTeams)?;
    if viewer.rights.reach(Ability::ManageTeams) != Reach::All {
        return Err(AppError::Forbidden);
    }
    let services = &backend.services;
    let teams = services.store.teams().await?;
    let team = teams
        .iter()
        .find(|team| team.id == id)
        .ok_or(AppError::NotFound)?;
    let row = backend
        .audit("remove_team", &format!("team {}", team.name))
        .await?;
    let gone = services.store.delete_team(id).await?;
    backend.audited(row, "done").await;
    services.current.look(&services.store).await;
    if gone { Ok(()) } else { Err(AppError::NotFound) }
}

pub(super) async fn save_role(backend: &CallerBackend, mut form: RoleForm) -> Result<RoleId, AppError> {
    let viewer = backend.may(Ability::ManageRoles)?;
    let mut problems = Vec::new();
    form.name = name_of(&form.name, &mut problems);
    if ABILITIES
        .iter()
        .any(|info| !info.reaches.contains(&form.abilities.reach(info.ability)))
    {
        problems.push(problem("abilities", "An ability does not reach so far."));
    }
    if !viewer.rights.abilities.cover(&form.abilities) {
        problems.push(problem(
            "abilities",
            "You cannot make a role that reaches further than your own.",
        ));
    }
    all_good(problems)?;
    let services = &backend.services;
    let roles = services.store.roles().await?;
    let before = form
        .id
        .map(|id| roles.iter().find(|role| role.id == id).ok_or(AppError::NotFound));
    let before = before.transpose()?;
    if before.is_some_and(|role| role.built_in) {
        return Err(AppError::Conflict(
            "This role is always there as it is. Make one of your own from it.".into(),
        ));
    }
    if before.is_some_and(|role| !viewer.rights.abilities.cover(&role.abilities)) {
        return Err(AppError::Forbidden);
    }
    let changes = ABILITIES.iter().filter_map(|info| {
        let was = before.map_or(Reach::Nothing, |role| role.abilities.reach(info.ability));
        let now = form.abilities.reach(info.ability);
        (was != now).then(|| format!("{} {} -> {}", info.slug, was.slug(), now.slug()))
    });
    let object = format!("role {}: {}", form.name, changes.collect::<Vec<_>>().join(", "));
    let row = backend
        .audit(
            if before.is_some() {
                "change_role"
            } else {
                "add_role"
            },
            &object,
        )
        .await?;
    let saved = services.store.save_role(&form, wall_ms()).await;
    backend
        .audited(
            row,
            if matches!(saved, Ok(Some(_))) {
                "done"
            } else {
                "not done"
            },
        )
        .await;
    let saved = match saved {
        Err(StoreError::Taken(_)) => {
            return Err(AppError::field("name", "Another role has this name."));
        }
        other => other?.ok_or(AppError::NotFound)?,
    };
    services.current.look(&services.store).await;
    Ok(saved)
}

pub(super) async fn delete_role(backend: &CallerBackend, id: RoleId) -> Result<(), AppError> {
    backend.may(Ability::ManageRoles)?;
    let services = &backend.services;
    let roles = services.store.roles().await?;
    let role = roles
        .iter()
        .find(|role| role.id == id)
        .ok_or(AppError::NotFound)?;
    let row = backend
        .audit("remove_role", &format!("role {}", role.name))
        .await?;
    let removed = services.store.delete_role(id).await?;
    backend
        .audited(
            row,
            if removed == Removed::Gone {
                "done"
            } else {
                "not done"
            },
        )
        .await;
    match removed {
        Removed::Gone => Ok(()),
        Removed::InUse => Err(AppError::Conflict(
            "Somebody has this role. Give them another one first.".into(),
        )),
        Removed::NotThere => Err(AppError::NotFound),
    }
}
