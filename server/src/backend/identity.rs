//! Letting in people whom others vouch for: they are found by who they are there, made at their first sign-in where a
//! group gives them a role, and follow their groups after that.

use std::time::Instant;

use app::{
    AppError,
    audit::{Action, Fact},
    model::{SignIn, people::TeamId, sign_in::Entry, single_sign_on::Trouble},
};
use secrecy::SecretString;

use super::{CallerBackend, account, attempt::Attempt, enter, people::promoted};
use crate::{
    access::throttle::Guess,
    clock::wall_ms,
    identity::{
        DIRECTORY, Person, Place, REFUSAL,
        oidc::{Failure, Pending},
        place,
    },
    store::{StoreError, UserRecord, Wanted},
    trail::{Who, detail},
};

/// Characters of a name shown that comes from outside.
const NAME_CHARS: usize = 80;

/// Why somebody does not get in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// For a reason of their own.
    Trouble(Trouble),
    /// For any other.
    Error(AppError),
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl Refusal {
    /// As a page tells it.
    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Self::Trouble(trouble) => *trouble,
            Self::Error(AppError::TooMany { .. }) => Trouble::TooMany,
            Self::Error(AppError::Invalid(_)) => Trouble::Network,
            Self::Error(_) => Trouble::Failed,
        }
    }

    /// As a form and the audit trail tell it.
    pub(crate) fn error(self) -> AppError {
        match self {
            Self::Trouble(trouble) => AppError::Conflict(trouble.says().into()),
            Self::Error(error) => error,
        }
    }
}

/// What the directory says to a sign-in.
pub(super) enum Word {
    /// It is not its business: the person is from here.
    NotAsked,
    /// Nobody of that name has this password.
    Nobody,
    /// Who it is.
    Person(Box<UserRecord>),
}

/// Asks the directory, where it may know somebody of this name: whoever was made here is never looked for there.
pub(super) async fn by_directory(
    backend: &CallerBackend,
    form: &SignIn,
    known: Option<&UserRecord>,
) -> Result<Word, AppError> {
    let services = &backend.services;
    let Some(directory) = &services.vouchers.directory else {
        return Ok(Word::NotAsked);
    };
    let from_there = match known {
        None => true,
        Some(user) if !user.password_hash.is_empty() => false,
        Some(user) => {
            let identities = services.store.identities_of(user.id).await?;
            identities.iter().any(|(provider, _)| provider == DIRECTORY)
        }
    };
    if !from_there {
        return Ok(Word::NotAsked);
    }
    let password = SecretString::from(form.password.clone());
    match directory.prove(&form.username, &password).await {
        Ok(None) => Ok(Word::Nobody),
        Ok(Some(person)) => {
            let admitted = admit(backend, &person).await;
            admitted
                .map(|user| Word::Person(Box::new(user)))
                .map_err(Refusal::error)
        }
        Err(error) => Err(silent(directory.name(), &error)),
    }
}

/// Whether this is the password of somebody who has none here: as the directory says, where they are from there.
pub(super) async fn fits_there(
    backend: &CallerBackend,
    user: &UserRecord,
    password: &str,
) -> Result<bool, AppError> {
    let services = &backend.services;
    let identities = services.store.identities_of(user.id).await?;
    let there = identities.iter().find(|(provider, _)| provider == DIRECTORY);
    let (Some((_, subject)), Some(directory)) = (there, &services.vouchers.directory) else {
        let name = identities
            .first()
            .map_or("another way", |(provider, _)| services.vouchers.name_of(provider));
        return Err(AppError::Conflict(format!(
            "You have no password here. Sign out, sign in with {name}, and go on."
        )));
    };
    let password = SecretString::from(password.to_owned());
    match directory.prove(&user.username, &password).await {
        Ok(person) => Ok(person.is_some_and(|person| person.subject == *subject)),
        Err(error) => Err(silent(directory.name(), &error)),
    }
}

/// A directory that did not answer.
fn silent(name: &str, error: &anyhow::Error) -> AppError {
    tracing::error!(error = %format!("{error:#}"), "the directory could not be asked");
    AppError::Unavailable(format!(
        "{} does not answer, so nobody from there can sign in now. Accounts with a password of their own here can. \
         Try again soon.",
        capitalised(name)
    ))
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Where there is a directory, a refusal waits until it tells nothing by its time.
pub(super) async fn pause(backend: &CallerBackend, begun: Instant) {
    if backend.services.vouchers.directory.is_some() {
        tokio::time::sleep_until((begun + REFUSAL).into()).await;
    }
}

/// Where a browser goes to sign in with a provider, and what has to be known when it comes back.
pub(crate) async fn leave(
    backend: &CallerBackend,
    provider: usize,
    next: String,
) -> Result<(String, Pending), Refusal> {
    let services = &backend.services;
    let known = services.vouchers.providers.get(provider);
    let known = known.ok_or(Refusal::Error(AppError::NotFound))?;
    let begun = known.begin(provider, &redirect(backend), next).await;
    begun
        .map(|(url, pending)| (url.into(), pending))
        .map_err(|error| {
            tracing::error!(provider = known.name(), error = %format!("{error:#}"), "a provider could not be asked");
            Refusal::Trouble(Trouble::Unreachable)
        })
}

/// Signs in whoever came back with this code.
pub(crate) async fn come_back(
    backend: &CallerBackend,
    pending: &Pending,
    code: String,
) -> Result<Entry, Refusal> {
    let services = &backend.services;
    let provider = services.vouchers.providers.get(pending.provider);
    let provider = provider.ok_or(Refusal::Trouble(Trouble::Stale))?;
    backend.about(Action::SignIn, format!("somebody from {}", provider.name()));
    // each code is an account of its own: colleagues who come from one address do not hold each other up
    let account = format!("sign-in {}", pending.state);
    let attempt = Attempt::begin(backend, &account, Guess::Password)?;
    let proven = match provider.finish(pending, code, &redirect(backend)).await {
        Ok(proven) => proven,
        Err(Failure::Unreachable(error)) => {
            tracing::error!(provider = provider.name(), error = %format!("{error:#}"), "a sign-in was not finished");
            return Err(Refusal::Trouble(Trouble::Unreachable));
        }
        Err(Failure::Untrusted(error)) => {
            tracing::error!(provider = provider.name(), error = %format!("{error:#}"), "a provider is not believed");
            return Err(Refusal::Trouble(Trouble::Untrusted));
        }
    };
    attempt.passed();
    if !proven.person.username.is_empty() {
        backend.about(Action::SignIn, proven.person.username.as_str());
    }
    let user = admit(backend, &proven.person).await?;
    if proven.twice {
        enter::go_in(backend, &user, &format!("{}, two factors", provider.name())).await?;
        return Ok(Entry::In);
    }
    Ok(enter::go_on(backend, &user, provider.name()).await?)
}

/// The one address that a provider may send people back to.
fn redirect(backend: &CallerBackend) -> String {
    format!("{}/oidc/callback", backend.services.origins.base())
}

/// The user that somebody is here, made or brought up to date.
async fn admit(backend: &CallerBackend, person: &Person) -> Result<UserRecord, Refusal> {
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
