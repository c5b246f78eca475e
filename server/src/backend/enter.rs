//! Signing in and out: as far as a password goes, the whole way with a passkey.

use std::time::Instant;

use app::{
    AppError,
    audit::{Action, Fact},
    model::{
        SignIn,
        sign_in::{Entry, Note, PasskeyAnswer, PasskeyQuestion, Standing},
    },
};
use tower_sessions::session::Error as SessionError;

use super::{
    CallerBackend,
    attempt::Attempt,
    identity::{self, Word},
    passkey,
};
use crate::{
    access::{device, throttle::Guess},
    caller::{Caller, unreadable},
    clock::wall_ms,
    error::internal,
    identity::DIRECTORY,
    services::Services,
    session::{
        self,
        stage::{self, About, Asked},
    },
    store::UserRecord,
    trail::Who,
};

/// What has to be said at the next page, in the session.
const SAY: &str = "say";

pub(super) async fn by_password(backend: &CallerBackend, form: SignIn) -> Result<Entry, AppError> {
    let services = &backend.services;
    backend.about(Action::SignIn, form.username.as_str());
    let attempt = Attempt::begin(backend, &form.username, Guess::Password)?;
    let begun = Instant::now();
    let known = services.store.user_named(&form.username).await?;
    match identity::by_directory(backend, &form, known.as_ref()).await {
        Ok(Word::NotAsked) => {}
        Ok(Word::Person(user)) => {
            attempt.passed();
            return go_on(backend, &user, services.vouchers.name_of(DIRECTORY)).await;
        }
        Ok(Word::Nobody) => {
            identity::pause(backend, begun).await;
            return Err(not_right());
        }
        Err(error) => {
            // nothing was guessed: the password was not looked at, or was right
            attempt.withdrawn();
            return Err(error);
        }
    }
    let user = known.filter(|user| !user.disabled && !user.password_hash.is_empty());
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let fits = attempt.hashed(services.passwords.fits(&form.password, hash).await)?;
    let Some(user) = user.filter(|_| fits) else {
        identity::pause(backend, begun).await;
        return Err(not_right());
    };
    attempt.passed();
    go_on(backend, &user, "password").await
}

fn not_right() -> AppError {
    tracing::info!("a sign-in was refused");
    AppError::field("password", "User name or password is not right.")
}

/// The password was right, or was chosen just now: what comes next.
pub(super) async fn go_on(backend: &CallerBackend, user: &UserRecord, how: &str) -> Result<Entry, AppError> {
    let services = &backend.services;
    from_here(backend, user)?;
    let record = services.store.sign_in_of(user.id).await?;
    let asked = if record.has_factor() {
        Asked::Factor
    } else {
        match services
            .second_factor
            .standing(&user.abilities, &record, wall_ms())
        {
            Standing::Free | Standing::Grace { .. } => {
                go_in(backend, user, how).await?;
                return Ok(Entry::In);
            }
            Standing::Due => Asked::SetUp,
        }
    };
    let before = backend.caller.session.id();
    stage::begin_halfway(&backend.caller.session, user.id, asked)
        .await
        .map_err(unstored)?;
    if let Some(before) = before {
        services.ends.end(&session::hash(before));
    }
    Ok(match asked {
        Asked::Factor => Entry::Second,
        Asked::SetUp => Entry::SetUp,
    })
}

/// Asks for any passkey: whose it is, it says itself.
pub(super) fn ask_passkey(backend: &CallerBackend) -> Result<PasskeyQuestion, AppError> {
    passkey::ask_whoever(backend)
}

pub(super) async fn by_passkey(backend: &CallerBackend, answer: PasskeyAnswer) -> Result<(), AppError> {
    let services = &backend.services;
    backend.about(Action::SignIn, "a passkey");
    let claimed = passkey::claimed(backend, &answer)?;
    let attempt = Attempt::begin(backend, &claimed.account(), Guess::Password)?;
    let found = passkey::prove_whoever(backend, claimed).await?;
    let user = match found {
        Some(id) => services.store.user(id).await?.filter(|user| !user.disabled),
        None => None,
    };
    let Some(user) = user else {
        return Err(AppError::Conflict(
            "This passkey is not known here. It may have been removed: sign in with your password.".into(),
        ));
    };
    attempt.passed();
    go_in(backend, &user, "passkey").await
}

/// Lets a person in. Of their sessions the oldest gives way, and that is said.
pub(super) async fn go_in(backend: &CallerBackend, user: &UserRecord, how: &str) -> Result<(), AppError> {
    let who = Who::user(user.id, &user.username);
    let facts = [Fact::told("with", how)];
    let act = backend.begin(who, Action::SignIn, &user.username, &facts).await?;
    let entered = begin(backend, user).await;
    backend.conclude(act, entered).await
}

/// Whether somebody's role lets them in from where they are.
fn from_here(backend: &CallerBackend, user: &UserRecord) -> Result<(), AppError> {
    let allowed = &backend.services.allowed_networks;
    if allowed.lets_in(&user.role, backend.caller.address) {
        return Ok(());
    }
    Err(AppError::field(
        "username",
        "You cannot sign in from this network. Ask an administrator from where you can.",
    ))
}

/// Starts the session; sockets of the one before end.
pub(super) async fn begin(backend: &CallerBackend, user: &UserRecord) -> Result<(), AppError> {
    from_here(backend, user)?;
    let services = &backend.services;
    let session = &backend.caller.session;
    let now_ms = wall_ms();
    let record = services.store.sign_in_of(user.id).await?;
    if services.second_factor.asks(&user.abilities) && record.required_since_ms.is_none() {
        services
            .store
            .require_second_factor(user.id, passkey::new_handle(), now_ms)
            .await?;
    }
    let own = session.id();
    let before = services.store.sessions_of(user.id, now_ms).await?;
    let about = About {
        since_ms: now_ms,
        address: backend.caller.address.to_string(),
        agent: backend.caller.agent.clone(),
    };
    stage::begin(session, user.id, &user.abilities, &about)
        .await
        .map_err(unstored)?;
    if let Some(own) = own {
        services.ends.end(&session::hash(own));
    }
    let after = services.store.sessions_of(user.id, now_ms).await?;
    for gone in before
        .iter()
        .filter(|one| !after.iter().any(|kept| kept.id_hash == one.id_hash))
    {
        if let Ok(hash) = gone.id_hash.as_slice().try_into() {
            services.ends.end(&hash);
        }
        if own.is_none_or(|own| session::hash(own)[..] != gone.id_hash[..]) {
            let about = stage::about(&gone.data);
            let text = format!(
                "You are signed in at five places, which is the most there can be. Your oldest session was ended: {}, {}.",
                device::words(&about.agent),
                about.address
            );
            say(backend, &text).await?;
        }
    }
    Ok(())
}

/// Has something said above the next page.
pub(super) async fn say(backend: &CallerBackend, text: &str) -> Result<(), AppError> {
    stage::keep(&backend.caller.session, SAY, text)
        .await
        .map_err(unstored)
}

/// What has to be said above the page that a caller asks for.
pub(crate) async fn note(services: &Services, caller: &mut Caller) -> Result<(), AppError> {
    if caller.viewer.is_none() {
        return Ok(());
    }
    if let Some(text) = stage::take::<String>(&caller.session, SAY)
        .await
        .map_err(unreadable)?
    {
        let link = Some(("/me/security".to_owned(), "My sessions".to_owned()));
        caller.notes.push(Note { text, link });
    }
    // whose view is taken is told nothing that concerns the other
    let Some(user) = services.store.user(caller.user).await? else {
        return Ok(());
    };
    if !services.second_factor.asks(&user.abilities) {
        return Ok(());
    }
    let record = services.store.sign_in_of(user.id).await?;
    let days = match services
        .second_factor
        .standing(&user.abilities, &record, wall_ms())
    {
        Standing::Free => return Ok(()),
        Standing::Grace { days } => days,
        Standing::Due => 0,
    };
    let left = match days {
        0 => "From your next sign-in on it is needed.".to_owned(),
        1 => "It is needed from tomorrow on.".to_owned(),
        days => format!("It is needed in {days} days."),
    };
    caller.notes.push(Note {
        text: format!("Protect your account with a second factor: a passkey or an app. {left}"),
        link: Some(("/me/security".to_owned(), "Set it up".to_owned())),
    });
    Ok(())
}

pub(super) async fn sign_out(backend: &CallerBackend) -> Result<(), AppError> {
    let caller = &backend.caller;
    let Some(id) = caller.session.id() else {
        return Ok(());
    };
    let push = stage::push(&caller.session).await.map_err(unreadable)?;
    let ending = async {
        if let Some(device) = push {
            backend
                .services
                .store
                .remove_push_device(device, Some(caller.user))
                .await?;
        }
        caller.session.flush().await.map_err(|error| match error {
            SessionError::Store(_) => AppError::Unavailable(
                "The database cannot be written now: you are still signed in. Close the browser, or try again soon."
                    .into(),
            ),
            other => internal(other),
        })
    };
    // half a sign-in is nobody's yet
    match caller.viewer {
        Some(_) => {
            backend
                .act(Action::SignOut, &caller.who().name, &[], ending)
                .await?
        }
        None => ending.await?,
    }
    backend.services.ends.end(&session::hash(id));
    Ok(())
}

/// Shows again who one is: the session gets a new id, and its live sockets go along.
pub(super) async fn confirmed(backend: &CallerBackend) -> Result<(), AppError> {
    let session = &backend.caller.session;
    let ends = &backend.services.ends;
    let Some(before) = session.id().map(session::hash) else {
        return Err(AppError::NotSignedIn);
    };
    let lifted = ends.lift(&before);
    let confirmed = stage::confirm(session).await;
    ends.settle(&lifted, session.id().map_or(before, session::hash));
    confirmed.map_err(unstored)
}

/// A session that cannot be stored.
pub(super) fn unstored(error: SessionError) -> AppError {
    match error {
        SessionError::Store(error) => {
            tracing::error!(%error, "a session could not be stored");
            AppError::Unavailable(
                "The session cannot be stored now, so nothing was done. Try again soon.".into(),
            )
        }
        other => internal(other),
    }
}
