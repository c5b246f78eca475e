//! Who is seen: users, teams and roles, as far as the one who looks reaches.

use app::{
    AppError,
    access::{Ability, Reach},
    model::{
        OwnExtension, PbxId, Viewer,
        people::{People, RoleRow, Team, TeamId, User},
    },
};

use super::CallerBackend;
use crate::store::UserRecord;

/// What lists are made of, and what typed words are looked up in.
pub(super) struct Office {
    pub(super) users: Vec<(UserRecord, User)>,
    pub(super) more: bool,
    pub(super) teams: Vec<Team>,
    pub(super) roles: Vec<RoleRow>,
    pub(super) pbxs: Vec<(PbxId, String)>,
}

pub(super) async fn office(backend: &CallerBackend, of: Option<i64>) -> Result<Office, AppError> {
    let store = &backend.services.store;
    let (users, more) = store.users(of).await?;
    Ok(Office {
        users,
        more,
        teams: store.teams().await?,
        roles: store.roles().await?,
        pbxs: store.pbx_names().await?,
    })
}

/// Whose people somebody sees: those in a team with this person, or everybody.
fn whose(viewer: &Viewer) -> Result<Option<i64>, AppError> {
    let abilities = [Ability::SeeUsers, Ability::ManageUsers, Ability::ManageTeams];
    let reach = abilities
        .map(|ability| viewer.rights.reach(ability))
        .into_iter()
        .max();
    match reach.unwrap_or_default() {
        Reach::Nothing => Err(AppError::Forbidden),
        Reach::Own | Reach::Teams | Reach::Pbx => Ok(Some(viewer.id.0)),
        Reach::All => Ok(None),
    }
}

/// [`whose`], and nobody's for those who only make roles.
fn seen(viewer: &Viewer) -> Result<Option<Option<i64>>, AppError> {
    match whose(viewer) {
        Ok(of) => Ok(Some(of)),
        Err(_) if viewer.rights.has(Ability::ManageRoles) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How many of those who are seen have each role.
fn count(roles: &mut [RoleRow], of_each: impl Iterator<Item = i64>) {
    roles.iter_mut().for_each(|role| role.users = 0);
    for id in of_each {
        if let Some(role) = roles.iter_mut().find(|role| role.id.0 == id) {
            role.users += 1;
        }
    }
}

/// Users after an id, in the order of ids, so many at most.
pub(super) async fn users_by_id(
    backend: &CallerBackend,
    after: i64,
    limit: usize,
) -> Result<Vec<User>, AppError> {
    let of = whose(backend.caller.signed_in()?)?;
    let mut users = backend.services.store.users_by_id(of, after, limit).await?;
    if of.is_some() {
        let seen = teams(backend).await?;
        for user in &mut users {
            user.teams.retain(|id| seen.iter().any(|team| team.id == *id));
        }
    }
    Ok(users)
}

/// The teams that somebody sees.
pub(super) async fn teams(backend: &CallerBackend) -> Result<Vec<Team>, AppError> {
    let viewer = backend.caller.signed_in()?;
    let of = whose(viewer)?;
    let mut teams = backend.services.store.teams().await?;
    if of.is_some() {
        teams.retain(|team| team.members.contains(&viewer.id));
    }
    Ok(teams)
}

/// Every role, for whoever sees people.
pub(super) async fn roles(backend: &CallerBackend) -> Result<Vec<RoleRow>, AppError> {
    let viewer = backend.caller.signed_in()?;
    let of = seen(viewer)?;
    let mut roles = backend.services.store.roles().await?;
    if of != Some(None) {
        let (users, _) = match of.flatten() {
            Some(me) => backend.services.store.users(Some(me)).await?,
            None => Default::default(),
        };
        count(&mut roles, users.iter().map(|(record, _)| record.role_id));
    }
    Ok(roles)
}

pub(super) async fn people(backend: &CallerBackend) -> Result<People, AppError> {
    let viewer = backend.caller.signed_in()?;
    let rights = &viewer.rights;
    // whoever only makes roles sees no people
    let seen = seen(viewer)?;
    let of = seen.unwrap_or(Some(viewer.id.0));
    let mut office = office(backend, of).await?;
    if seen.is_none() {
        office.users.clear();
        office.teams.clear();
    }
    let manages = rights.has(Ability::ManageUsers) && viewer.seen_by.is_none();
    let vouchers = &backend.services.vouchers;
    let users = office.users.into_iter().map(|(record, shown)| User {
        may_change: manages && rights.abilities.cover(&record.abilities),
        signs_in_with: shown
            .signs_in_with
            .iter()
            .map(|provider| vouchers.name_of(provider).to_owned())
            .collect(),
        ..shown
    });
    let users: Vec<User> = users.collect();
    let mut users: Vec<User> = users;
    let mut teams = office.teams;
    if of.is_some() {
        teams.retain(|team| team.members.contains(&viewer.id));
        for user in &mut users {
            user.teams.retain(|id| teams.iter().any(|team| team.id == *id));
        }
        count(&mut office.roles, users.iter().map(|user| user.role.0));
    }
    Ok(People {
        users,
        teams,
        roles: office.roles,
        more: office.more,
    })
}

/// The phones of a person, by user name or name, or of the people of a team, by its name: as far as they are seen. `me` is
/// whoever asks.
pub(super) async fn phones(
    backend: &CallerBackend,
    name: &str,
    is_team: bool,
) -> Result<Vec<(PbxId, String)>, AppError> {
    let viewer = backend.caller.signed_in()?;
    let name = name.to_lowercase();
    let phone = |own: &OwnExtension| (own.pbx, own.number.clone());
    if !is_team && name == "me" {
        return Ok(viewer.rights.own.iter().map(phone).collect());
    }
    let teams: Vec<TeamId> = if is_team {
        let seen = teams(backend).await?;
        let named = seen.iter().filter(|team| team.name.to_lowercase() == name);
        named.map(|team| team.id).collect()
    } else {
        Vec::new()
    };
    let (users, _) = backend.services.store.users(whose(viewer)?).await?;
    let wanted = |user: &User| {
        if is_team {
            user.teams.iter().any(|team| teams.contains(team))
        } else {
            user.username.to_lowercase() == name || user.display_name.to_lowercase() == name
        }
    };
    let theirs = users.iter().filter(|(_, user)| wanted(user));
    Ok(theirs
        .flat_map(|(_, user)| user.extensions.iter().map(phone))
        .collect())
}
