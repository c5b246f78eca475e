//! The first administrator, one's own settings.

use app::{
    AppError, FieldError,
    access::{Ability, BuiltIn, Rights},
    audit::Action,
    model::{OwnExtension, ProfileForm, SetUp, Viewer},
};
use sha2::{Digest, Sha256};

use super::{CallerBackend, attempt::Attempt, enter, scope};
use crate::{
    access::{self, password, throttle::Guess},
    clock::wall_ms,
    store::UserRecord,
    trail::{Who, detail},
};

/// Characters a sign-in name may have.
const MAX_USERNAME_CHARS: usize = 64;
/// Characters a shown name may have.
const MAX_NAME_CHARS: usize = 80;
/// Characters an extension's number may have.
const MAX_NUMBER_CHARS: usize = 32;
/// The throttle's account for set-up tokens; no user name holds a space.
const SETUP_ACCOUNT: &str = "set up";

/// The form in which a set-up token is stored.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.trim().as_bytes()).into()
}

pub(super) async fn set_up(backend: &CallerBackend, form: SetUp) -> Result<(), AppError> {
    let services = &backend.services;
    backend.about(Action::SetUp, form.username.as_str());
    let done =
        || AppError::Conflict("Set-up is done already: there is an administrator. Sign in instead.".into());
    if !services.store.setup_open().await? {
        return Err(done());
    }
    let attempt = Attempt::begin(backend, SETUP_ACCOUNT, Guess::Password)?;
    let hash = token_hash(&form.token);
    if !services.store.setup_token_fits(&hash).await? {
        tracing::warn!("a wrong set-up token was refused");
        return Err(AppError::field(
            "token",
            "This link is not valid. Use the one that the server printed at its last start.",
        ));
    }
    attempt.passed();
    let mut problems = Vec::new();
    problems.extend(username_problem(&form.username));
    problems.extend(name_problem(&form.display_name));
    problems.extend(password::problem(&form.password, &form.username));
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let who = Who {
        id: None,
        name: form.username.clone(),
    };
    let act = backend.begin(who, Action::SetUp, &form.username, &[]).await?;
    let password_hash = services.passwords.hash(&form.password).await?;
    let mut admin = UserRecord {
        password_hash,
        ..UserRecord::new(
            &form.username,
            form.display_name.trim(),
            BuiltIn::Admin,
            wall_ms(),
        )
    };
    let made = services.store.set_up(&hash, &admin).await.map_err(AppError::from);
    let made = made.and_then(|id| id.ok_or_else(done));
    admin.id = backend.conclude(act, made).await?;
    enter::begin(backend, &admin).await
}

pub(super) async fn save_profile(backend: &CallerBackend, form: ProfileForm) -> Result<Viewer, AppError> {
    let viewer = backend.acting()?;
    let services = &backend.services;
    backend.about(Action::SaveProfile, viewer.username.as_str());
    let mut problems: Vec<FieldError> = name_problem(&form.display_name).into_iter().collect();
    // whoever manages users may take any phone; others choose among those that were given to them
    let any = viewer.rights.has(Ability::ManageUsers);
    let mut extensions = viewer.rights.own.clone();
    match form.pbx {
        Some(pbx) if !form.extension.is_empty() => {
            let chosen = OwnExtension {
                pbx,
                number: form.extension.clone(),
            };
            let given = extensions.contains(&chosen);
            let known = services.hub.look(pbx, |switchboard, _| {
                let extensions = &switchboard.board().extensions;
                // while a PBX was never seen its extensions are not known: any number is taken at its word
                extensions.is_empty() || extensions.contains_key(&form.extension)
            });
            if !given && (!any || known != Some(true) || !is_number(&form.extension)) {
                let problem = "Choose an extension from the list.".into();
                problems.push(FieldError {
                    field: "own".into(),
                    problem,
                });
            }
            if any {
                extensions.clear();
                let taken = Rights {
                    own: vec![chosen.clone()],
                    ..viewer.rights.clone()
                };
                if !given && !viewer.rights.take_for_themselves(&taken) {
                    return Err(scope::not_for_oneself("own"));
                }
            }
            extensions.retain(|own| *own != chosen);
            extensions.insert(0, chosen);
        }
        Some(_) | None if any => extensions.clear(),
        Some(_) | None => {}
    }
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let listed = |own: &[OwnExtension]| {
        let listed = own
            .iter()
            .map(|own| format!("{} on PBX {}", own.number, own.pbx.0));
        listed.collect::<Vec<_>>().join(", ")
    };
    let name = form.display_name.trim();
    let changes = detail::changes([
        ("name", viewer.display_name.clone(), name.to_owned()),
        ("extensions", listed(&viewer.rights.own), listed(&extensions)),
    ]);
    let saving = async {
        Ok(services
            .store
            .save_profile(viewer.id.0, name, &extensions)
            .await?)
    };
    backend
        .act(Action::SaveProfile, &viewer.username, &changes, saving)
        .await?;
    let user = services
        .store
        .user(viewer.id.0)
        .await?
        .ok_or(AppError::NotSignedIn)?;
    Ok(access::viewer(&user, None))
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NUMBER_CHARS
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"*#+_-.".contains(&byte))
}

pub(crate) fn username_problem(username: &str) -> Option<FieldError> {
    let fits = !username.is_empty()
        && username.len() <= MAX_USERNAME_CHARS
        && username
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
    (!fits).then(|| FieldError {
        field: "username".into(),
        problem: format!("Use 1 to {MAX_USERNAME_CHARS} of a to z, 0 to 9, dot, dash and underscore."),
    })
}

pub(crate) fn name_problem(name: &str) -> Option<FieldError> {
    let name = name.trim();
    let chars = name.chars().count();
    let fits = (1..=MAX_NAME_CHARS).contains(&chars) && !name.chars().any(char::is_control);
    (!fits).then(|| FieldError {
        field: "display_name".into(),
        problem: format!("Type the name others see, up to {MAX_NAME_CHARS} characters."),
    })
}
