//! One-time links, by which people choose a password.

use app::{
    AppError,
    audit::Action,
    model::{
        UserId,
        people::{Invitation, Invited},
        sign_in::Entry,
    },
};
use rand::Rng;

use super::{
    CallerBackend,
    attempt::Attempt,
    enter,
    people::{all_good, changeable},
    token_hash,
};
use crate::{
    access::{password, throttle::Guess},
    clock::wall_ms,
    trail::Who,
};

/// How long an invitation can be used (3 days).
const INVITATION_MS: u64 = 3 * 24 * 3600 * 1000;
/// The throttle's account for one-time links; no user name holds a space.
const INVITATION_ACCOUNT: &str = "one-time link";

/// A one-time link, its hash, and until when it can be used.
pub(super) fn new_link(backend: &CallerBackend) -> (String, [u8; 32], u64) {
    let mut token = [0; 32];
    rand::rng().fill_bytes(&mut token);
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    let base = backend.services.origins.base();
    (
        format!("{base}/welcome?token={token}"),
        token_hash(&token),
        wall_ms() + INVITATION_MS,
    )
}

/// A new one-time link for somebody who has lost theirs, or their password.
pub(super) async fn invite(backend: &CallerBackend, id: UserId) -> Result<Invitation, AppError> {
    backend.about(Action::MakeLink, format!("user {}", id.0));
    let user = changeable(backend, id).await?;
    if user.disabled {
        return Err(AppError::Conflict(
            "This user is disabled. Let them in first.".into(),
        ));
    }
    let store = &backend.services.store;
    if user.password_hash.is_empty()
        && let Some((provider, _)) = store.identities_of(user.id).await?.first()
    {
        let name = backend.services.vouchers.name_of(provider);
        return Err(AppError::Conflict(format!(
            "They sign in with {name} and have no password here."
        )));
    }
    let (link, hash, expires_ms) = new_link(backend);
    let making = async { Ok(store.invite(user.id, &hash, wall_ms(), expires_ms).await?) };
    backend
        .act(Action::MakeLink, &format!("user {}", user.username), &[], making)
        .await?;
    Ok(Invitation {
        user: id,
        link,
        expires_ms,
    })
}

/// Whose link it is.
pub(super) async fn invited(backend: &CallerBackend, token: &str) -> Result<Invited, AppError> {
    let user = backend
        .services
        .store
        .invited(&token_hash(token), wall_ms())
        .await?;
    user.map_or_else(
        || Err(link_is_over()),
        |user| {
            Ok(Invited {
                username: user.username,
                display_name: user.display_name,
            })
        },
    )
}

fn link_is_over() -> AppError {
    AppError::Conflict(
        "This link was used already, or is too old. Ask whoever gave it to you for a new one.".into(),
    )
}

/// Chooses a password by a one-time link, and signs in.
pub(super) async fn accept(backend: &CallerBackend, token: &str, chosen: &str) -> Result<Entry, AppError> {
    let attempt = Attempt::begin(backend, INVITATION_ACCOUNT, Guess::Password)?;
    let services = &backend.services;
    let hash = token_hash(token);
    let user = services
        .store
        .invited(&hash, wall_ms())
        .await?
        .ok_or_else(link_is_over)?;
    attempt.passed();
    all_good(password::problem(chosen, &user.username).into_iter().collect())?;
    let who = Who::user(user.id, &user.username);
    let object = format!("user {}", user.username);
    let act = backend.begin(who, Action::ChoosePassword, &object, &[]).await?;
    let accepting = async {
        let password_hash = services.passwords.hash(chosen).await?;
        let accepted = services.store.accept(&hash, &password_hash, wall_ms()).await?;
        accepted.ok_or_else(link_is_over)
    };
    let id = backend.conclude(act, accepting.await).await?;
    let user = services.store.user(id).await?.ok_or_else(link_is_over)?;
    // a link replaces the password and nothing else
    enter::go_on(backend, &user, "one-time link").await
}
