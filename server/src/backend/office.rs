//! Who is seen: users, teams and roles, as far as the one who looks reaches.

use app::{
    AppError,
    access::{Ability, Reach},
    model::{
        PbxId, Viewer,
        people::{People, RoleRow, Team, User},
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
    let abilities = [
        Ability::SeeUsers,
        Ability::ManageUsers,
        Ability::ManageTeams,
        Ability::ManageRoles,
    ];
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

/// Users after an id, in the order of ids, so many at most.
pub(super) async fn users_by_id(
    backend: &CallerBackend,
    after: i64,
    limit: usize,
) -> Result<Vec<User>, AppError> {
    let of = whose(backend.caller.signed_in()?)?;
    Ok(backend.services.store.users_by_id(of, after, limit).await?)
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
    whose(backend.caller.signed_in()?)?;
    Ok(backend.services.store.roles().await?)
}

pub(super) async fn people(backend: &CallerBackend) -> Result<People, AppError> {
    let viewer = backend.caller.signed_in()?;
    let rights = &viewer.rights;
    let of = whose(viewer)?;
    let office = office(backend, of).await?;
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
    let mut teams = office.teams;
    if of.is_some() {
        teams.retain(|team| team.members.contains(&viewer.id));
    }
    Ok(People {
        users,
        teams,
        roles: office.roles,
        more: office.more,
    })
}
