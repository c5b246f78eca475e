//! What there is beside the password: setting it up, changing it, taking it away.

use app::{
    AppError,
    audit::Action,
    model::{
        UserId,
        sign_in::{AppOffer, PasskeyAnswer, PasskeyQuestion, SettingUp},
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::{CallerBackend, attempt::Attempt, enter, passkey, people};
use crate::{
    access::{
        device, recovery, second_factor,
        totp::{self, Code},
    },
    caller::unreadable,
    clock::wall_ms,
    error::internal,
    session::{
        self,
        stage::{self, Asked},
    },
    store::{TOTP_COLUMN, UserRecord},
    trail::Who,
};

/// What a session keeps for a moment, sealed: an app's secret before it has shown that it counts right, and recovery
/// codes until they are put away.
const APP: &str = "app";
const CODES: &str = "codes";
const APP_PLACE: &str = "session.app";
const CODES_PLACE: &str = "session.codes";
/// Characters a passkey's name may have.
const MAX_NAME_CHARS: usize = 60;

/// Who sets something up.
struct Owner {
    user: UserRecord,
    /// They are only halfway in, because they have nothing set up yet.
    halfway: bool,
}

impl Owner {
    fn who(&self) -> Who {
        Who::user(self.user.id, &self.user.username)
    }

    fn object(&self) -> String {
        format!("user {}", self.user.username)
    }
}

/// Somebody who is in and has just shown who they are, or somebody halfway in who has to set something up.
async fn owner(backend: &CallerBackend) -> Result<Owner, AppError> {
    let (id, halfway) = if backend.caller.viewer.is_some() {
        (backend.confirmed()?.id.0, false)
    } else {
        let halfway = stage::halfway(&backend.caller.session)
            .await
            .map_err(unreadable)?;
        let halfway = halfway.filter(|halfway| halfway.asked == Asked::SetUp);
        (halfway.ok_or(AppError::NotSignedIn)?.user, true)
    };
    let store = &backend.services.store;
    let user = store.user(id).await?;
    let user = user.filter(|user| !user.disabled).ok_or(AppError::NotSignedIn)?;
    // somebody has set one up meanwhile: from now on it is asked for
    if halfway && store.sign_in_of(id).await?.has_factor() {
        return Err(AppError::NotSignedIn);
    }
    Ok(Owner { user, halfway })
}

pub(super) async fn begin_app(backend: &CallerBackend) -> Result<(), AppError> {
    let owner = owner(backend).await?;
    keep_sealed(backend, APP, APP_PLACE, owner.user.id, &totp::new_secret()).await
}

pub(super) async fn setting_up(backend: &CallerBackend) -> Result<SettingUp, AppError> {
    let owner = owner(backend).await?;
    let secret = kept_sealed(backend, APP, APP_PLACE, owner.user.id).await?;
    let offer = secret.map(|secret| totp::offer(&secret, &owner.user.username));
    let offer = offer.transpose().map_err(internal)?;
    Ok(SettingUp {
        place: passkey::place_shown(backend),
        app: offer.map(|offer| AppOffer {
            secret: offer.text,
            url: offer.url,
            picture: offer.picture.0,
            dots: offer.picture.1,
        }),
    })
}

pub(super) async fn add_app(backend: &CallerBackend, code: &str) -> Result<(), AppError> {
    let services = &backend.services;
    let owner = owner(backend).await?;
    let user = &owner.user;
    backend.about(Action::AddApp, owner.object());
    let Some(secret) = kept_sealed(backend, APP, APP_PLACE, user.id).await? else {
        return Err(AppError::Conflict(
            "Begin again: the app that was being set up is forgotten.".into(),
        ));
    };
    let attempt = Attempt::begin(backend, &user.username, second_factor::guess(&user.abilities))?;
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let step = match totp::check(&secret, &code, wall_ms()).map_err(internal)? {
        Code::Now(step) => step,
        Code::JustOver => {
            return Err(AppError::field(
                "code",
                "This code has just run out. Type the one that is shown now.",
            ));
        }
        Code::Wrong => {
            return Err(AppError::field(
                "code",
                "This code is not right. If it stays so, the clocks of phone and server differ.",
            ));
        }
    };
    attempt.passed();
    let sealing = || services.seal.seal(TOTP_COLUMN, user.id, &secret);
    let act = backend
        .begin(owner.who(), Action::AddApp, &owner.object(), &[])
        .await?;
    let set = services
        .store
        .set_totp(user.id, passkey::new_handle(), sealing, step, wall_ms())
        .await;
    backend.conclude(act, set.map_err(AppError::from)).await?;
    stage::take::<Vec<u8>>(&backend.caller.session, APP)
        .await
        .map_err(enter::unstored)?;
    set_up(backend, &owner, "password, and set up an app").await
}

pub(super) async fn remove_app(backend: &CallerBackend) -> Result<(), AppError> {
    let owner = owner(backend).await?;
    let user = &owner.user;
    backend.about(Action::RemoveApp, owner.object());
    let store = &backend.services.store;
    may_go(backend, user, store.sign_in_of(user.id).await?.passkeys > 0)?;
    let removing = async { found(store.remove_totp(user.id).await?) };
    backend
        .act(Action::RemoveApp, &owner.object(), &[], removing)
        .await?;
    forget_codes_of_nothing(backend, user).await
}

pub(super) async fn ask_new_passkey(backend: &CallerBackend) -> Result<PasskeyQuestion, AppError> {
    let owner = owner(backend).await?;
    passkey::ask_new(backend, &owner.user).await
}

pub(super) async fn add_passkey(backend: &CallerBackend, answer: PasskeyAnswer) -> Result<(), AppError> {
    let owner = owner(backend).await?;
    let act = backend
        .begin(owner.who(), Action::AddPasskey, &owner.object(), &[])
        .await?;
    let name = device::words(&backend.caller.agent);
    let added = passkey::add(backend, &owner.user, &answer, name).await;
    backend.conclude(act, added).await?;
    set_up(backend, &owner, "password, and set up a passkey").await
}

pub(super) async fn rename_passkey(backend: &CallerBackend, id: i64, name: &str) -> Result<(), AppError> {
    let user = owner(backend).await?.user;
    backend.about(Action::RenamePasskey, format!("passkey {id}"));
    let chars = name.chars().count();
    if !(1..=MAX_NAME_CHARS).contains(&chars) || name.chars().any(char::is_control) {
        return Err(AppError::field(
            "name",
            format!("Give it a name of up to {MAX_NAME_CHARS} characters."),
        ));
    }
    let store = &backend.services.store;
    let renaming = async { found(store.rename_passkey(user.id, id, name).await?) };
    let object = format!("passkey {name}");
    backend.act(Action::RenamePasskey, &object, &[], renaming).await
}

pub(super) async fn remove_passkey(backend: &CallerBackend, id: i64) -> Result<(), AppError> {
    let user = owner(backend).await?.user;
    backend.about(Action::RemovePasskey, format!("passkey {id}"));
    let store = &backend.services.store;
    let record = store.sign_in_of(user.id).await?;
    may_go(backend, &user, record.totp.is_some() || record.passkeys > 1)?;
    let passkeys = store.passkeys_of(user.id).await?;
    let known = passkeys.iter().find(|passkey| passkey.id == id);
    let object = format!("passkey {}", known.ok_or(AppError::NotFound)?.name);
    let removing = async { found(store.remove_passkey(user.id, id).await?) };
    backend.act(Action::RemovePasskey, &object, &[], removing).await?;
    forget_codes_of_nothing(backend, &user).await
}

fn found(changed: bool) -> Result<(), AppError> {
    if changed { Ok(()) } else { Err(AppError::NotFound) }
}

/// Where a second factor is asked for, the last one stays until there is another.
fn may_go(backend: &CallerBackend, user: &UserRecord, another: bool) -> Result<(), AppError> {
    if another || !backend.services.second_factor.asks(&user.abilities) {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This is the last thing beside your password, and one is needed for what you may do here. Set up another one first."
            .into(),
    ))
}

/// Recovery codes stand in for a factor; where there is none any more they go as well.
async fn forget_codes_of_nothing(backend: &CallerBackend, user: &UserRecord) -> Result<(), AppError> {
    let store = &backend.services.store;
    if store.sign_in_of(user.id).await?.has_factor() {
        return Ok(());
    }
    store
        .set_recovery_codes(user.id, passkey::new_handle(), &[], &[])
        .await?;
    put_codes_away(backend).await
}

/// Something is set up. With the first of all come recovery codes; somebody halfway in is in now.
async fn set_up(backend: &CallerBackend, owner: &Owner, how: &str) -> Result<(), AppError> {
    let record = backend.services.store.sign_in_of(owner.user.id).await?;
    let codes = if record.recovery_left == 0 {
        Some(make_codes(backend, &owner.user).await?)
    } else {
        None
    };
    if owner.halfway {
        enter::go_in(backend, &owner.user, how).await?;
    }
    match codes {
        Some(codes) => keep_sealed(backend, CODES, CODES_PLACE, owner.user.id, &codes).await,
        None => Ok(()),
    }
}

pub(super) async fn renew_codes(backend: &CallerBackend) -> Result<(), AppError> {
    let owner = owner(backend).await?;
    let user = &owner.user;
    backend.about(Action::RenewCodes, owner.object());
    if !backend.services.store.sign_in_of(user.id).await?.has_factor() {
        return Err(AppError::Conflict(
            "Set up a passkey or an app first: recovery codes stand in for one.".into(),
        ));
    }
    let making = make_codes(backend, user);
    let codes = backend
        .act(Action::RenewCodes, &owner.object(), &[], making)
        .await?;
    keep_sealed(backend, CODES, CODES_PLACE, user.id, &codes).await
}

/// Makes and stores new codes; gives them, a line each.
async fn make_codes(backend: &CallerBackend, user: &UserRecord) -> Result<SecretString, AppError> {
    let services = &backend.services;
    let codes = recovery::new_codes();
    let shown: Vec<String> = codes.iter().map(|code| recovery::shown(code)).collect();
    let salt = recovery::new_salt();
    let hashes = services.passwords.hash_codes(codes, salt.clone()).await?;
    services
        .store
        .set_recovery_codes(user.id, passkey::new_handle(), &salt, &hashes)
        .await?;
    Ok(SecretString::from(shown.join("\n")))
}

pub(super) async fn codes(backend: &CallerBackend) -> Result<Vec<String>, AppError> {
    if backend.caller.viewer.is_some() {
        backend.acting()?;
    }
    // somebody who got in just now by setting something up is not in the caller yet
    let (Some(id), _) = session::user(&backend.caller.session).await.map_err(unreadable)? else {
        return Err(AppError::NotSignedIn);
    };
    let codes = kept_sealed(backend, CODES, CODES_PLACE, id).await?;
    let lines = |codes: SecretString| codes.expose_secret().lines().map(str::to_owned).collect();
    Ok(codes.map(lines).unwrap_or_default())
}

pub(super) async fn put_codes_away(backend: &CallerBackend) -> Result<(), AppError> {
    backend.acting()?;
    stage::take::<Vec<u8>>(&backend.caller.session, CODES)
        .await
        .map_err(enter::unstored)?;
    Ok(())
}

/// Takes every factor from somebody who lost them all, and ends their sessions. An administrator does it for another.
pub(super) async fn reset(backend: &CallerBackend, user: UserId) -> Result<(), AppError> {
    backend.confirmed()?;
    let user = people::changeable(backend, user).await?;
    let services = &backend.services;
    let sessions = services.store.sessions_of(user.id, wall_ms()).await?;
    let resetting = async { Ok(services.store.reset_factors(user.id).await?) };
    let object = format!("user {}", user.username);
    backend.act(Action::ResetFactors, &object, &[], resetting).await?;
    for session in sessions {
        if let Ok(hash) = session.id_hash.as_slice().try_into() {
            services.ends.end(&hash);
        }
    }
    Ok(())
}

async fn keep_sealed(
    backend: &CallerBackend,
    key: &str,
    place: &str,
    user: i64,
    secret: &SecretString,
) -> Result<(), AppError> {
    let sealed = backend
        .services
        .seal
        .seal(place, user, secret)
        .map_err(internal)?;
    stage::keep(&backend.caller.session, key, sealed)
        .await
        .map_err(enter::unstored)
}

async fn kept_sealed(
    backend: &CallerBackend,
    key: &str,
    place: &str,
    user: i64,
) -> Result<Option<SecretString>, AppError> {
    let sealed: Option<Vec<u8>> = backend.caller.session.get(key).await.map_err(unreadable)?;
    let opened = sealed.map(|sealed| backend.services.seal.unseal(place, user, &sealed));
    opened.transpose().map_err(internal)
}
