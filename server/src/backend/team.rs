//! Teams and roles.

use app::{
    AppError, FieldError,
    access::{ABILITIES, Ability, QueueOn, Reach},
    audit::{Action, Fact},
    model::{
        UserId,
        people::{RoleForm, RoleId, Team, TeamForm, TeamId},
    },
};

use super::{
    CallerBackend,
    office::{Office, office},
    people::{all_good, problem},
    scope,
};
use crate::{
    clock::wall_ms,
    store::{Removed, StoreError},
};

/// Characters a team's or role's name may have.
const MAX_NAME_CHARS: usize = 60;
/// Characters a queue's name may have.
const MAX_QUEUE_CHARS: usize = 128;
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
    let action = if form.id.is_some() {
        Action::ChangeTeam
    } else {
        Action::AddTeam
    };
    backend.about(action, format!("team {}", form.name));
    let viewer = backend.may(Ability::ManageTeams)?;
    backend.sure()?;
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
    let office = office(backend, None).await?;
    let mut problems = Vec::new();
    let is_user = |member: &UserId| office.users.iter().any(|(record, _)| record.id == member.0);
    if !office.more && !form.members.iter().all(is_user) {
        problems.push(problem("members", "One of these users does not exist any more."));
    }
    let is_queue = |(on, queue): &QueueOn| {
        let named =
            (1..=MAX_QUEUE_CHARS).contains(&queue.chars().count()) && !queue.chars().any(char::is_control);
        named && office.pbxs.iter().any(|(pbx, _)| pbx == on)
    };
    if !form.queues.iter().all(is_queue) {
        problems.push(problem("queues", "One of these queues is on no PBX of ours."));
    }
    all_good(problems)?;
    scope::own_team(viewer, &form, &office)?;
    let before = office.teams.iter().find(|team| Some(team.id) == form.id);
    let facts = changes(&form, before, &office);
    let saving = async {
        match services.store.save_team(&form, wall_ms()).await {
            Ok(saved) => saved.ok_or(AppError::NotFound),
            Err(StoreError::Taken(_)) => Err(AppError::field("name", "Another team has this name.")),
            Err(error) => Err(error.into()),
        }
    };
    let saved = backend
        .act(action, &format!("team {}", form.name), &facts, saving)
        .await?;
    services.current.look(&services.store).await;
    Ok(saved)
}

/// What a team is to be, and what of it was otherwise.
fn changes(form: &TeamForm, before: Option<&Team>, office: &Office) -> Vec<Fact> {
    let of = |name: &str, members: &[UserId], queues: &[QueueOn]| {
        let members = office
            .users
            .iter()
            .filter(|(record, _)| members.contains(&UserId(record.id)));
        let queues = queues.iter().map(|(pbx, queue)| format!("{}/{queue}", pbx.0));
        [
            ("name", name.to_owned()),
            (
                "people",
                members
                    .map(|(record, _)| record.username.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            ("queues", queues.collect::<Vec<_>>().join(", ")),
        ]
    };
    let now = of(&form.name, &form.members, &form.queues);
    let was = before.map(|team| of(&team.name, &team.members, &team.queues));
    let facts = now.into_iter().enumerate().filter_map(|(at, (name, new))| {
        let old = was.as_ref().map(|was| was[at].1.clone());
        (old.as_ref() != Some(&new)).then(|| Fact::changed(name, old, Some(new)))
    });
    facts.collect()
}

pub(super) async fn delete_team(backend: &CallerBackend, id: TeamId) -> Result<(), AppError> {
    backend.about(Action::RemoveTeam, format!("team {}", id.0));
    let viewer = backend.may(Ability::ManageTeams)?;
    if viewer.rights.reach(Ability::ManageTeams) != Reach::All {
        return Err(AppError::Forbidden);
    }
    backend.sure()?;
    let services = &backend.services;
    let teams = services.store.teams().await?;
    let team = teams
        .iter()
        .find(|team| team.id == id)
        .ok_or(AppError::NotFound)?;
    let removing = async {
        let gone = services.store.delete_team(id).await?;
        gone.then_some(()).ok_or(AppError::NotFound)
    };
    backend
        .act(Action::RemoveTeam, &format!("team {}", team.name), &[], removing)
        .await?;
    services.current.look(&services.store).await;
    Ok(())
}

pub(super) async fn save_role(backend: &CallerBackend, mut form: RoleForm) -> Result<RoleId, AppError> {
    let action = if form.id.is_some() {
        Action::ChangeRole
    } else {
        Action::AddRole
    };
    backend.about(action, format!("role {}", form.name));
    let viewer = backend.may(Ability::ManageRoles)?;
    backend.sure()?;
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
    let networks = &services.allowed_networks;
    if let Some(role) = before.filter(|role| role.name != form.name && networks.names(&role.name)) {
        let said = format!(
            "The settings keep {} to some networks by this name. Change it there first.",
            role.name
        );
        return Err(AppError::field("name", said));
    }
    let facts = ABILITIES.iter().filter_map(|info| {
        let was = before.map(|role| role.abilities.reach(info.ability));
        let now = form.abilities.reach(info.ability);
        let word = |reach: Reach| reach.slug().to_owned();
        (was.unwrap_or_default() != now).then(|| Fact::changed(info.slug, was.map(word), Some(word(now))))
    });
    let facts: Vec<Fact> = facts.collect();
    let saving = async {
        match services.store.save_role(&form, wall_ms()).await {
            Ok(saved) => saved.ok_or(AppError::NotFound),
            Err(StoreError::Taken(_)) => Err(AppError::field("name", "Another role has this name.")),
            Err(error) => Err(error.into()),
        }
    };
    let saved = backend
        .act(action, &format!("role {}", form.name), &facts, saving)
        .await?;
    if form.abilities.administer() && before.is_some_and(|role| !role.abilities.administer()) {
        services.store.end_sessions_of_role(saved).await?;
        services.ends.look(&services.store).await;
    }
    services.current.look(&services.store).await;
    Ok(saved)
}

pub(super) async fn delete_role(backend: &CallerBackend, id: RoleId) -> Result<(), AppError> {
    backend.about(Action::RemoveRole, format!("role {}", id.0));
    backend.may(Ability::ManageRoles)?;
    backend.sure()?;
    let services = &backend.services;
    let roles = services.store.roles().await?;
    let role = roles
        .iter()
        .find(|role| role.id == id)
        .ok_or(AppError::NotFound)?;
    let removing = async {
        match services.store.delete_role(id).await? {
            Removed::Gone => Ok(()),
            Removed::InUse => Err(AppError::Conflict(
                "Somebody has this role. Give them another one first.".into(),
            )),
            Removed::NotThere => Err(AppError::NotFound),
        }
    };
    backend
        .act(Action::RemoveRole, &format!("role {}", role.name), &[], removing)
        .await
}
