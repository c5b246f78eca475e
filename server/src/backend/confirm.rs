//! Showing again who one is, before something sensitive: by the password or by a passkey.

use app::{
    AppError,
    audit::Action,
    model::sign_in::{PasskeyAnswer, PasskeyQuestion, Ways},
};

use super::{CallerBackend, attempt::Attempt, enter, identity, passkey};
use crate::{access::second_factor, store::UserRecord};

pub(super) async fn ways(backend: &CallerBackend) -> Result<Ways, AppError> {
    let user = user(backend).await?;
    let record = backend.services.store.sign_in_of(user.id).await?;
    Ok(Ways {
        passkeys: (record.passkeys > 0).then(|| passkey::place_shown(backend)),
        app: false,
        recovery: false,
    })
}

pub(super) async fn by_password(backend: &CallerBackend, password: &str) -> Result<(), AppError> {
    backend.about(Action::Confirm, "password");
    check_password(backend, password, "proof").await?;
    let confirming = enter::confirmed(backend);
    backend.act(Action::Confirm, "password", &[], confirming).await
}

/// Whether this is the password of whoever asks; what is wrong stands at `field`.
pub(super) async fn check_password(
    backend: &CallerBackend,
    password: &str,
    field: &str,
) -> Result<UserRecord, AppError> {
    let user = user(backend).await?;
    let attempt = Attempt::begin(backend, &user.username, second_factor::guess(&user.abilities))?;
    let passwords = &backend.services.passwords;
    let fits = if user.password_hash.is_empty() {
        let fits = identity::fits_there(backend, &user, password).await;
        fits.inspect_err(|_| attempt.withdrawn())?
    } else {
        attempt.hashed(passwords.fits(password, Some(&user.password_hash)).await)?
    };
    if !fits {
        return Err(AppError::field(field, "This is not your password."));
    }
    attempt.passed();
    Ok(user)
}

pub(super) async fn ask(backend: &CallerBackend) -> Result<PasskeyQuestion, AppError> {
    let user = user(backend).await?;
    passkey::ask_one_of(backend, user.id).await
}

pub(super) async fn by_passkey(backend: &CallerBackend, answer: PasskeyAnswer) -> Result<(), AppError> {
    backend.about(Action::Confirm, "passkey");
    let user = user(backend).await?;
    let attempt = Attempt::begin(backend, &user.username, second_factor::guess(&user.abilities))?;
    passkey::prove(backend, user.id, &answer).await?;
    attempt.passed();
    let confirming = enter::confirmed(backend);
    backend.act(Action::Confirm, "passkey", &[], confirming).await
}

/// Whoever asks, for themselves.
async fn user(backend: &CallerBackend) -> Result<UserRecord, AppError> {
    let id = backend.acting()?.id.0;
    let user = backend.services.store.user(id).await?;
    user.filter(|user| !user.disabled).ok_or(AppError::NotSignedIn)
}
