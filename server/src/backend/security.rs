//! One's own security: what there is, one's password, one's sessions.

use app::{
    AppError,
    audit::Action,
    model::sign_in::{Passkey, Security, SignedIn},
};

use super::{CallerBackend, confirm, enter, factor, passkey};
use crate::{
    access::{device, password},
    clock::wall_ms,
    session::{self, IdHash, stage},
    store::{PasskeyRecord, SessionRow},
};

/// Bytes of a session's hash by which its owner names it.
const NAME_BYTES: usize = 16;

pub(super) async fn of(backend: &CallerBackend) -> Result<Security, AppError> {
    let services = &backend.services;
    let viewer = backend.acting()?;
    let now_ms = wall_ms();
    let user = services.store.user(viewer.id.0).await?;
    let abilities = user.ok_or(AppError::NotSignedIn)?.abilities;
    let record = services.store.sign_in_of(viewer.id.0).await?;
    let here = here(backend)?;
    let passkeys = services.store.passkeys_of(viewer.id.0).await?;
    let sessions = services.store.sessions_of(viewer.id.0, now_ms).await?;
    Ok(Security {
        now_ms,
        required: services.second_factor.asks(&abilities),
        standing: services.second_factor.standing(&abilities, &record, now_ms),
        place: passkey::place_shown(backend),
        passkeys: passkeys.into_iter().map(shown_passkey).collect(),
        app_since_ms: record.totp.map(|(_, since_ms)| since_ms),
        recovery_left: record.recovery_left,
        codes_to_keep: !factor::codes(backend).await?.is_empty(),
        sessions: sessions
            .into_iter()
            .map(|row| shown_session(&row, &here))
            .collect(),
    })
}

fn shown_passkey(record: PasskeyRecord) -> Passkey {
    Passkey {
        id: record.id,
        name: record.name,
        created_ms: record.created_ms,
        used_ms: record.used_ms,
    }
}

fn shown_session(row: &SessionRow, here: &IdHash) -> SignedIn {
    let about = stage::about(&row.data);
    SignedIn {
        id: name(&row.id_hash),
        device: device::words(&about.agent),
        address: about.address,
        since_ms: about.since_ms,
        seen_ms: row.seen_ms,
        here: row.id_hash == here[..],
    }
}

/// What a session is called before its owner: the beginning of the hash, from which nobody finds the id.
fn name(hash: &[u8]) -> String {
    let bytes = hash.iter().take(NAME_BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn here(backend: &CallerBackend) -> Result<IdHash, AppError> {
    let id = backend.caller.session.id();
    id.map(session::hash).ok_or(AppError::NotSignedIn)
}

pub(super) async fn change_password(
    backend: &CallerBackend,
    old: String,
    new: String,
) -> Result<u32, AppError> {
    let services = &backend.services;
    backend.about(Action::ChangePassword, "");
    let user = confirm::check_password(backend, &old, "password_now").await?;
    if user.password_hash.is_empty() {
        return Err(AppError::Conflict(
            "Your password is not kept here. Change it where you sign in with it.".into(),
        ));
    }
    if let Some(problem) = password::problem(&new, &user.username) {
        return Err(AppError::Invalid(vec![problem]));
    }
    if password::normalised(&old) == password::normalised(&new) {
        return Err(AppError::field("password", "This is the password you have now."));
    }
    let hash = services.passwords.hash(&new).await?;
    let changing = async {
        // first the new id: what was known of this session goes with the old password
        enter::confirmed(backend).await?;
        let here = here(backend)?;
        Ok(services
            .store
            .change_password(user.id, &hash, Some(&here))
            .await?)
    };
    let object = format!("user {}", user.username);
    let ended = backend
        .act(Action::ChangePassword, &object, &[], changing)
        .await?;
    end_sockets(backend, &ended);
    Ok(count(&ended))
}

pub(super) async fn end_session(backend: &CallerBackend, id: &str) -> Result<(), AppError> {
    let store = &backend.services.store;
    backend.about(Action::EndSession, "");
    let viewer = backend.acting()?;
    let sessions = store.sessions_of(viewer.id.0, wall_ms()).await?;
    let found = sessions.into_iter().find(|row| name(&row.id_hash) == id);
    let found = found.ok_or(AppError::NotFound)?;
    if found.id_hash == here(backend)?[..] {
        return enter::sign_out(backend).await;
    }
    let about = stage::about(&found.data);
    let object = format!("{}, {}", device::words(&about.agent), about.address);
    let ending = async {
        let ended = store.end_session_of(viewer.id.0, &found.id_hash).await?;
        if ended { Ok(()) } else { Err(AppError::NotFound) }
    };
    backend.act(Action::EndSession, &object, &[], ending).await?;
    end_sockets(backend, &[found.id_hash]);
    Ok(())
}

pub(super) async fn end_other_sessions(backend: &CallerBackend) -> Result<u32, AppError> {
    let viewer = backend.acting()?;
    let here = here(backend)?;
    let store = &backend.services.store;
    let ending = async { Ok(store.end_other_sessions(viewer.id.0, &here).await?) };
    let ended = backend.act(Action::EndSession, "all others", &[], ending).await?;
    end_sockets(backend, &ended);
    Ok(count(&ended))
}

fn end_sockets(backend: &CallerBackend, ended: &[Vec<u8>]) {
    for hash in ended {
        if let Ok(hash) = hash.as_slice().try_into() {
            backend.services.ends.end(&hash);
        }
    }
}

fn count(ended: &[Vec<u8>]) -> u32 {
    u32::try_from(ended.len()).unwrap_or(u32::MAX)
}
