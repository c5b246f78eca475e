//! Questions to passkeys and what becomes of their answers.

use std::time::Instant;

use app::{
    AppError,
    model::sign_in::{PasskeyAnswer, PasskeyPlace, PasskeyQuestion},
};
use rand::Rng;
use webauthn_rs::prelude::{
    AuthenticationResult, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::CallerBackend;
use crate::{
    access::passkey::{Place, Question, options},
    clock::wall_ms,
    error::internal,
    store::{HANDLE_BYTES, PasskeyRecord, UserRecord},
};

/// Passkeys one person may have.
const MAX_PER_USER: u32 = 20;
/// Bytes an answer may have.
const MAX_ANSWER_BYTES: usize = 32 << 10;
/// Bytes of a credential's id by which attempts are counted.
const TOLD_APART_BYTES: usize = 16;

/// Random bytes that a passkey may know a person by.
pub(super) fn new_handle() -> [u8; HANDLE_BYTES] {
    let mut handle = [0; HANDLE_BYTES];
    rand::rng().fill_bytes(&mut handle);
    handle
}

/// Where passkeys work, for a page.
pub(super) fn place_shown(backend: &CallerBackend) -> PasskeyPlace {
    match backend.services.passkeys.place() {
        Ok(place) => PasskeyPlace::At(place.origin.clone()),
        Err(why) => PasskeyPlace::Nowhere(why.to_owned()),
    }
}

fn place(backend: &CallerBackend) -> Result<&Place, AppError> {
    backend
        .services
        .passkeys
        .place()
        .map_err(|why| AppError::Conflict(why.to_owned()))
}

fn asked(
    backend: &CallerBackend,
    question: Question,
    options: anyhow::Result<String>,
) -> Result<PasskeyQuestion, AppError> {
    let options = options.map_err(internal)?;
    let from = backend.caller.address;
    let name = backend.services.passkeys.ask(from, question, Instant::now());
    Ok(PasskeyQuestion { name, options })
}

/// Asks a person for a new passkey.
pub(super) async fn ask_new(backend: &CallerBackend, user: &UserRecord) -> Result<PasskeyQuestion, AppError> {
    let place = place(backend)?;
    let store = &backend.services.store;
    let handle = store.passkey_handle(user.id, new_handle()).await?;
    let known = store.passkeys_of(user.id).await?;
    let known = known.into_iter().map(|one| one.credential_id).collect();
    let (challenge, state) = place
        .webauthn
        .start_passkey_registration(
            Uuid::from_bytes(handle),
            &user.username,
            &user.display_name,
            Some(known),
        )
        .map_err(internal)?;
    asked(backend, Question::Add(user.id, state), options(&challenge))
}

/// Keeps the new passkey of a person.
pub(super) async fn add(
    backend: &CallerBackend,
    user: &UserRecord,
    answer: &PasskeyAnswer,
    name: String,
) -> Result<(), AppError> {
    let place = place(backend)?;
    let state = match backend.services.passkeys.answered(&answer.name, Instant::now()) {
        Some(Question::Add(whose, state)) if whose == user.id => state,
        _ => return Err(late()),
    };
    let credential: RegisterPublicKeyCredential = read(answer)?;
    let made = place
        .webauthn
        .finish_passkey_registration(&credential, &state)
        .map_err(refused)?;
    let record = PasskeyRecord {
        id: 0,
        user_id: user.id,
        credential_id: made.cred_id().to_vec(),
        name,
        credential: serde_json::to_string(&made).map_err(internal)?,
        created_ms: wall_ms(),
        used_ms: None,
    };
    if !backend.services.store.add_passkey(&record, MAX_PER_USER).await? {
        return Err(AppError::Conflict(format!(
            "This passkey is here already, or there are {MAX_PER_USER} of yours: remove one first."
        )));
    }
    Ok(())
}

/// Asks a person for one of their passkeys.
pub(super) async fn ask_one_of(backend: &CallerBackend, user: i64) -> Result<PasskeyQuestion, AppError> {
    let place = place(backend)?;
    let records = backend.services.store.passkeys_of(user).await?;
    let passkeys: Vec<Passkey> = records
        .iter()
        .map(|record| serde_json::from_str(&record.credential))
        .collect::<Result<_, _>>()
        .map_err(internal)?;
    if passkeys.is_empty() {
        return Err(AppError::Conflict("You have no passkey here.".into()));
    }
    let (challenge, state) = place
        .webauthn
        .start_passkey_authentication(&passkeys)
        .map_err(internal)?;
    asked(backend, Question::Prove(user, state), options(&challenge))
}

/// Whether the answer is that of one of the person's passkeys; an error says why not.
pub(super) async fn prove(
    backend: &CallerBackend,
    user: i64,
    answer: &PasskeyAnswer,
) -> Result<(), AppError> {
    let place = place(backend)?;
    let state = match backend.services.passkeys.answered(&answer.name, Instant::now()) {
        Some(Question::Prove(whose, state)) if whose == user => state,
        _ => return Err(late()),
    };
    let credential: PublicKeyCredential = read(answer)?;
    let proof = place
        .webauthn
        .finish_passkey_authentication(&credential, &state)
        .map_err(refused)?;
    let records = backend.services.store.passkeys_of(user).await?;
    let record = records
        .into_iter()
        .find(|record| record.credential_id == proof.cred_id()[..])
        .ok_or_else(unknown)?;
    used(backend, record, &proof).await
}

/// Asks for any passkey.
pub(super) fn ask_whoever(backend: &CallerBackend) -> Result<PasskeyQuestion, AppError> {
    let place = place(backend)?;
    let (challenge, state) = place
        .webauthn
        .start_discoverable_authentication()
        .map_err(internal)?;
    asked(backend, Question::Whoever(state), options(&challenge))
}

/// An answer that says whose it is; nothing of it is proved.
pub(super) struct Claimed {
    name: String,
    credential: PublicKeyCredential,
}

impl Claimed {
    /// Attempts are counted by the passkey they claim to come from; no user name holds a slash.
    pub(super) fn account(&self) -> String {
        let id = self.credential.get_credential_id();
        let id = &id[..id.len().min(TOLD_APART_BYTES)];
        let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("passkey/{digits}")
    }
}

/// Reads an answer to [`ask_whoever`].
pub(super) fn claimed(backend: &CallerBackend, answer: &PasskeyAnswer) -> Result<Claimed, AppError> {
    place(backend)?;
    Ok(Claimed {
        name: answer.name.clone(),
        credential: read(answer)?,
    })
}

/// Whose the passkey is, where the answer is good.
pub(super) async fn prove_whoever(
    backend: &CallerBackend,
    claimed: Claimed,
) -> Result<Option<i64>, AppError> {
    let Claimed { name, credential } = claimed;
    let place = place(backend)?;
    let services = &backend.services;
    let state = match services.passkeys.answered(&name, Instant::now()) {
        Some(Question::Whoever(state)) => state,
        _ => return Err(late()),
    };
    let Ok((handle, id)) = place.webauthn.identify_discoverable_authentication(&credential) else {
        return Ok(None);
    };
    let Some(record) = services.store.passkey_of_handle(handle.as_bytes(), id).await? else {
        return Ok(None);
    };
    let passkey: Passkey = serde_json::from_str(&record.credential).map_err(internal)?;
    let proof = place
        .webauthn
        .finish_discoverable_authentication_v2(&credential, state, &passkey);
    match proof {
        Ok(proof) => {
            let user = record.user_id;
            used(backend, record, &proof).await?;
            Ok(Some(user))
        }
        Err(error) => {
            tracing::info!(%error, "a passkey was refused");
            Ok(None)
        }
    }
}

async fn used(
    backend: &CallerBackend,
    record: PasskeyRecord,
    proof: &AuthenticationResult,
) -> Result<(), AppError> {
    let mut passkey: Passkey = serde_json::from_str(&record.credential).map_err(internal)?;
    passkey.update_credential(proof);
    let credential = serde_json::to_string(&passkey).map_err(internal)?;
    let store = &backend.services.store;
    Ok(store.use_passkey(record.id, &credential, wall_ms()).await?)
}

fn read<T: serde::de::DeserializeOwned>(answer: &PasskeyAnswer) -> Result<T, AppError> {
    let fits = answer.credential.len() <= MAX_ANSWER_BYTES;
    let read = fits.then(|| serde_json::from_str(&answer.credential).ok());
    read.flatten().ok_or_else(|| AppError::Internal {
        id: AppError::UNREADABLE.into(),
    })
}

fn refused(error: WebauthnError) -> AppError {
    tracing::info!(%error, "a passkey was refused");
    AppError::Conflict("This passkey could not be checked. Try again, or use another way.".into())
}

fn unknown() -> AppError {
    AppError::Conflict("This passkey is not known here any more. Use another way.".into())
}

fn late() -> AppError {
    AppError::Conflict("This took too long, or was answered already. Try again.".into())
}
