//! The second half of a sign-in: a passkey, a code of an app, or a recovery code. Guesses are few, whoever guesses.

use app::{
    AppError,
    audit::Action,
    model::sign_in::{PasskeyAnswer, PasskeyQuestion, Ways},
};
use zeroize::Zeroizing;

use super::{CallerBackend, attempt::Attempt, enter, passkey};
use crate::{
    access::{
        recovery, second_factor,
        totp::{self, Code},
    },
    caller::unreadable,
    clock::wall_ms,
    error::internal,
    session::stage::{self, Asked, Halfway, MAX_TRIES},
    store::{SignInRecord, TOTP_COLUMN, UserRecord},
};

/// Digits of an app's code.
const APP_DIGITS: usize = 6;

pub(super) async fn ways(backend: &CallerBackend) -> Result<Ways, AppError> {
    let (_, user) = halfway(backend).await?;
    let record = backend.services.store.sign_in_of(user.id).await?;
    Ok(Ways {
        passkeys: (record.passkeys > 0).then(|| passkey::place_shown(backend)),
        app: record.totp.is_some(),
        recovery: record.recovery_left > 0,
    })
}

pub(super) async fn ask(backend: &CallerBackend) -> Result<PasskeyQuestion, AppError> {
    let (_, user) = halfway(backend).await?;
    passkey::ask_one_of(backend, user.id).await
}

pub(super) async fn passkey(backend: &CallerBackend, answer: PasskeyAnswer) -> Result<(), AppError> {
    let (halfway, user) = halfway(backend).await?;
    let attempt = begin(backend, halfway, &user).await?;
    passkey::prove(backend, user.id, &answer).await?;
    attempt.passed();
    enter::go_in(backend, &user, "password and passkey").await
}

pub(super) async fn code(backend: &CallerBackend, typed: String) -> Result<(), AppError> {
    let typed = Zeroizing::new(typed);
    let (halfway, user) = halfway(backend).await?;
    let attempt = begin(backend, halfway, &user).await?;
    let record = backend.services.store.sign_in_of(user.id).await?;
    let checked = check(backend, &attempt, &user, &record, &typed).await?;
    let how = match checked {
        Ok(how) => how,
        Err(problem) => {
            let problem = if halfway.tries + 1 < MAX_TRIES {
                problem.to_owned()
            } else {
                format!("{problem} That were {MAX_TRIES} attempts: begin again with your password.")
            };
            return Err(AppError::field("code", problem));
        }
    };
    attempt.passed();
    enter::go_in(backend, &user, &how).await?;
    if how == BY_RECOVERY {
        let left = record.recovery_left.saturating_sub(1);
        enter::say(
            backend,
            &format!("You came in with a recovery code. {left} are left."),
        )
        .await?;
    }
    Ok(())
}

const BY_RECOVERY: &str = "password and recovery code";

/// How the code lets its owner in, or why it does not.
async fn check(
    backend: &CallerBackend,
    attempt: &Attempt<'_>,
    user: &UserRecord,
    record: &SignInRecord,
    typed: &str,
) -> Result<Result<String, &'static str>, AppError> {
    const WRONG: &str = "This code is not right.";
    let services = &backend.services;
    let digits: Zeroizing<String> = typed
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect::<String>()
        .into();
    if digits.len() == APP_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let Some((sealed, _)) = &record.totp else {
            return Ok(Err(WRONG));
        };
        let secret = services
            .seal
            .unseal(TOTP_COLUMN, user.id, sealed)
            .map_err(internal)?;
        return Ok(
            match totp::check(&secret, &digits, wall_ms()).map_err(internal)? {
                Code::Now(step) if services.store.spend_totp_step(user.id, step).await? => {
                    Ok("password and app".to_owned())
                }
                Code::Now(_) => Err("This code was used already. Wait for the next one."),
                Code::JustOver => Err("This code has just run out. Type the one that is shown now."),
                Code::Wrong => Err(WRONG),
            },
        );
    }
    let (Some(code), Some(salt)) = (recovery::typed(typed), record.recovery_salt.clone()) else {
        return Ok(Err(WRONG));
    };
    let hashes = attempt.hashed(services.passwords.hash_codes(vec![code], salt).await)?;
    for hash in &hashes {
        if services.store.spend_recovery_code(user.id, hash).await? {
            return Ok(Ok(BY_RECOVERY.to_owned()));
        }
    }
    Ok(Err(WRONG))
}

/// Counts a guess: for this password, for this account, and for where it comes from.
async fn begin<'a>(
    backend: &'a CallerBackend,
    halfway: Halfway,
    user: &UserRecord,
) -> Result<Attempt<'a>, AppError> {
    backend.about(Action::SignIn, user.username.as_str());
    let attempt = Attempt::begin(backend, &user.username, second_factor::guess(&user.abilities))?;
    stage::count_try(&backend.caller.session, halfway)
        .await
        .map_err(enter::unstored)?;
    Ok(attempt)
}

/// Whose password was right.
async fn halfway(backend: &CallerBackend) -> Result<(Halfway, UserRecord), AppError> {
    let halfway = stage::halfway(&backend.caller.session)
        .await
        .map_err(unreadable)?;
    let halfway = halfway.filter(|halfway| halfway.asked == Asked::Factor);
    let halfway = halfway.ok_or(AppError::NotSignedIn)?;
    let user = backend.services.store.user(halfway.user).await?;
    let user = user.filter(|user| !user.disabled).ok_or(AppError::NotSignedIn)?;
    Ok((halfway, user))
}
