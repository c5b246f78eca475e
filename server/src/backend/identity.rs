//! The ways in for people whom others vouch for: a directory's password, a provider's page.

use std::time::Instant;

use app::{
    AppError,
    audit::Action,
    model::{SignIn, sign_in::Entry, single_sign_on::Trouble},
};
use secrecy::SecretString;

use super::{CallerBackend, admission::admit, attempt::Attempt, enter};
use crate::{
    access::throttle::Guess,
    identity::{
        DIRECTORY, REFUSAL,
        oidc::{Failure, Pending},
    },
    store::{StoreError, UserRecord},
};

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
