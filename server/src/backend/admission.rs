//! Letting in people whom others vouch for: they are found by who they are there, made at their first sign-in where a
//! group gives them a role, and follow their groups after that.

use app::{
    AppError,
    audit::{Action, Fact},
    model::{people::TeamId, single_sign_on::Trouble},
};

use super::{CallerBackend, account, identity::Refusal, people::promoted};
use crate::{
    clock::wall_ms,
    identity::{Person, Place, place},
    store::{UserRecord, Wanted},
    trail::{Who, detail},
};

/// Characters of a name shown that comes from outside.
const NAME_CHARS: usize = 80;

/// The user that somebody is here, made or brought up to date.
pub(super) async fn admit(backend: &CallerBackend, person: &Person) -> Result<UserRecord, Refusal> {
    let store = &backend.services.store;
    match store.identified(&person.provider, &person.subject).await? {
        Some((user, _)) if user.disabled => Err(Refusal::Trouble(Trouble::Disabled)),
        Some((user, false)) => Ok(user),
        Some((user, true)) => follow(backend, person, user).await,
        None => newcomer(backend, person).await,
    }
}

/// What somebody's groups come to now, and the names of teams.
async fn placed(
    backend: &CallerBackend,
    person: &Person,
    now: &[TeamId],
) -> Result<(Option<Place>, Names), Refusal> {
    let store = &backend.services.store;
    let (roles, teams) = (store.roles().await?, store.teams().await?);
    let mapping = backend.services.vouchers.mapping_of(&person.provider);
    let found = mapping.and_then(|mapping| place(mapping, &person.groups, &roles, &teams, now));
    let names = teams.into_iter().map(|team| (team.id, team.name)).collect();
    Ok((found, Names(names)))
}

struct Names(Vec<(TeamId, String)>);

impl Names {
    fn of(&self, teams: &[TeamId]) -> String {
        let named = self.0.iter().filter(|(id, _)| teams.contains(id));
        named
            .map(|(_, name)| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A name shown that can be one here.
fn shown(person: &Person) -> Option<String> {
    let name: String = person.display_name.chars().take(NAME_CHARS).collect();
    let name = name.trim().to_owned();
    account::name_problem(&name).is_none().then_some(name)
}

async fn follow(backend: &CallerBackend, person: &Person, user: UserRecord) -> Result<UserRecord, Refusal> {
    let services = &backend.services;
    let now = services.store.teams_of(user.id).await?;
    let (place, names) = placed(backend, person, &now).await?;
    let Some(place) = place else {
        // what they have open, and their programs, began with a role that is theirs no more
        let object = format!("user {}", user.username);
        let facts = [Fact::told("why", "no group of theirs has a role here")];
        let ending = async { Ok(services.store.cut_off(user.id, wall_ms()).await?) };
        told(backend, person, Action::EndSessions, &object, &facts, ending).await?;
        services.current.look(&services.store).await;
        services.ends.look(&services.store).await;
        return Err(Refusal::Trouble(Trouble::NoRole));
    };
    let name = shown(person).unwrap_or_else(|| user.display_name.clone());
    let facts = detail::changes([
        ("name", user.display_name.clone(), name.clone()),
        ("role", user.role.clone(), place.role.name.clone()),
        ("teams", names.of(&now), names.of(&place.teams)),
    ]);
    if facts.is_empty() {
        return Ok(user);
    }
    let id = user.id;
    let was = user.clone();
    let object = format!("user {}", user.username);
    let wanted = Wanted {
        record: UserRecord {
            display_name: name,
            role_id: place.role.id.0,
            ..user
        },
        teams: place.teams,
        invitation: None,
    };
    let saving = async {
        let saved = services
            .store
            .save_people(std::slice::from_ref(&wanted), wall_ms())
            .await?;
        saved.ok_or(AppError::NotFound)
    };
    told(backend, person, Action::ChangeUser, &object, &facts, saving).await?;
    promoted(
        services,
        &was,
        wanted.record.role_id,
        &services.store.roles().await?,
    )
    .await?;
    services.current.look(&services.store).await;
    services
        .store
        .user(id)
        .await?
        .ok_or(Refusal::Error(AppError::NotSignedIn))
}

async fn newcomer(backend: &CallerBackend, person: &Person) -> Result<UserRecord, Refusal> {
    let services = &backend.services;
    let username = username(&person.username);
    if account::username_problem(&username).is_some() {
        return Err(Refusal::Trouble(Trouble::NameUnfit));
    }
    let (place, names) = placed(backend, person, &[]).await?;
    let place = place.ok_or(Refusal::Trouble(Trouble::NoRole))?;
    if services.store.user_named(&username).await?.is_some() {
        return Err(Refusal::Trouble(Trouble::NameTaken));
    }
    let name = shown(person).unwrap_or_else(|| username.clone());
    let facts = [
        Fact::changed("name", None, Some(name.clone())),
        Fact::changed("role", None, Some(place.role.name.clone())),
        Fact::changed("teams", None, Some(names.of(&place.teams))),
    ];
    let wanted = Wanted {
        record: UserRecord {
            role_id: place.role.id.0,
            ..UserRecord::new(&username, &name, app::access::BuiltIn::Viewer, wall_ms())
        },
        teams: place.teams,
        invitation: None,
    };
    let adding = async {
        let added = services
            .store
            .add_identified(&wanted, &person.provider, &person.subject, wall_ms());
        added.await?.ok_or(AppError::NotFound)
    };
    let object = format!("user {username}");
    let added = told(backend, person, Action::AddUser, &object, &facts, adding).await;
    services.current.look(&services.store).await;
    let found = services
        .store
        .identified(&person.provider, &person.subject)
        .await?;
    match (found, added) {
        // made just now, be it by a second window of theirs
        (Some((user, _)), _) => Ok(user),
        (None, Err(AppError::Conflict(_))) => Err(Refusal::Trouble(Trouble::NameTaken)),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(_)) => Err(Refusal::Trouble(Trouble::Failed)),
    }
}

/// The name a sign-in name from outside becomes here: what is before an `@`, in small letters.
fn username(theirs: &str) -> String {
    let local = theirs.split('@').next().unwrap_or_default();
    let fits = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-') {
            letter
        } else {
            '-'
        }
    };
    local.to_lowercase().chars().map(fits).collect()
}

/// Does something in the name of whoever vouches, with its rows in the trail.
async fn told<T>(
    backend: &CallerBackend,
    person: &Person,
    action: Action,
    object: &str,
    facts: &[Fact],
    work: impl Future<Output = Result<T, AppError>>,
) -> Result<T, AppError> {
    let who = Who {
        id: None,
        name: format!("provider:{}", backend.services.vouchers.name_of(&person.provider)),
    };
    let act = backend.begin(who, action, object, facts).await?;
    let done = work.await;
    backend.conclude(act, done).await
}

#[cfg(test)]
mod tests {
    use super::username;

    #[test]
    fn a_name_from_outside_becomes_one_of_ours() {
        assert_eq!(username("Ada.Lovelace@Example.org"), "ada.lovelace");
        assert_eq!(username("Z\u{fc}rich desk"), "z-rich-desk");
        assert_eq!(username("@example.org"), "");
    }
}
