//! Users, teams and roles: who may change whom, and what is checked before anything is.

use app::{
    AppError, FieldError,
    access::Ability,
    audit::{Action, Fact},
    model::{
        OwnExtension, PbxId, UserId, Viewer,
        people::{Invitation, RoleId, RoleRow, TeamId, UserForm},
    },
};

use super::{
    CallerBackend, account,
    invitation::new_link,
    office::{Office, office},
    scope,
};
use crate::{
    clock::wall_ms,
    services::Services,
    store::{StoreError, UserRecord, Wanted},
};

/// Extensions one person may have.
const MAX_EXTENSIONS: usize = 16;

pub(super) fn problem(field: &str, problem: impl Into<String>) -> FieldError {
    FieldError {
        field: field.into(),
        problem: problem.into(),
    }
}

pub(super) fn all_good(problems: Vec<FieldError>) -> Result<(), AppError> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// Reads typed extensions: `1001, 1002, Warehouse/1003`.
fn extensions(
    typed: &str,
    home: Option<PbxId>,
    pbxs: &[(PbxId, String)],
) -> Result<Vec<OwnExtension>, String> {
    let only = match pbxs {
        [(only, _)] => Some(*only),
        _ => None,
    };
    let mut found = Vec::new();
    for part in typed
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (pbx, number) = match part.rsplit_once('/') {
            Some((name, number)) => {
                let named = pbxs
                    .iter()
                    .find(|(_, known)| known.eq_ignore_ascii_case(name.trim()));
                let (pbx, _) = named.ok_or_else(|| format!("There is no PBX called {:?}.", name.trim()))?;
                (*pbx, number.trim())
            }
            None => {
                let pbx = home.or(only).ok_or_else(|| {
                    format!("Say on which PBX {part:?} is: choose one above, or write its name and a slash before it.")
                })?;
                (pbx, part)
            }
        };
        if !account::is_number(number) {
            return Err(format!(
                "{number:?} is not an extension. Put commas between several."
            ));
        }
        let own = OwnExtension {
            pbx,
            number: number.to_owned(),
        };
        if !found.contains(&own) {
            found.push(own);
        }
    }
    if found.len() > MAX_EXTENSIONS {
        return Err(format!("One person has at most {MAX_EXTENSIONS} extensions."));
    }
    Ok(found)
}

/// Extensions as a program lists them.
fn listed(extensions: &[OwnExtension], pbxs: &[(PbxId, String)]) -> Result<Vec<OwnExtension>, String> {
    if extensions.len() > MAX_EXTENSIONS {
        return Err(format!("One person has at most {MAX_EXTENSIONS} extensions."));
    }
    let mut found = Vec::new();
    for own in extensions {
        if pbxs.iter().all(|(known, _)| *known != own.pbx) {
            return Err(format!("There is no PBX {}.", own.pbx.0));
        }
        if !account::is_number(&own.number) {
            return Err(format!("{:?} is not an extension.", own.number));
        }
        if !found.contains(own) {
            found.push(own.clone());
        }
    }
    Ok(found)
}

/// The extensions of a form: as a person typed them, or as a program lists them.
pub(crate) enum Extensions<'a> {
    /// `1001, Warehouse/1003`.
    Typed(&'a str),
    /// One by one.
    Listed(&'a [OwnExtension]),
}

/// A form that holds together, as the record that it makes. `before` is the one it changes.
pub(super) fn check(
    viewer: &Viewer,
    form: &UserForm,
    typed: &Extensions<'_>,
    before: Option<&UserRecord>,
    office: &Office,
) -> Result<Wanted, AppError> {
    let mut problems = Vec::new();
    let username = match before {
        Some(before) => before.username.clone(),
        None => form.username.trim().to_lowercase(),
    };
    if before.is_none() {
        problems.extend(account::username_problem(&username));
    }
    problems.extend(account::name_problem(&form.display_name));
    let role = office.roles.iter().find(|role| role.id == form.role);
    match role {
        None => problems.push(problem("role", "Choose a role.")),
        Some(role) if !viewer.rights.abilities.cover(&role.abilities) => problems.push(problem(
            "role",
            format!(
                "You cannot give the role {}: it reaches further than your own.",
                role.name
            ),
        )),
        Some(_) => {}
    }
    if form
        .pbx
        .is_some_and(|pbx| office.pbxs.iter().all(|(known, _)| *known != pbx))
    {
        problems.push(problem("pbx", "This PBX does not exist any more."));
    }
    if form
        .teams
        .iter()
        .any(|team| office.teams.iter().all(|known| known.id != *team))
    {
        problems.push(problem("teams", "One of these teams does not exist any more."));
    }
    let extensions = match typed {
        Extensions::Typed(typed) => extensions(typed, form.pbx, &office.pbxs),
        Extensions::Listed(list) => listed(list, &office.pbxs),
    };
    let extensions = extensions.unwrap_or_else(|wrong| {
        problems.push(problem("extensions", wrong));
        Vec::new()
    });
    all_good(problems)?;
    if let Some(role) = role {
        let to_be = scope::to_be(form, role, &extensions, before, office);
        scope::within(viewer, &to_be, before)?;
    }
    let base = before
        .cloned()
        .unwrap_or_else(|| UserRecord::new(&username, "", app::access::BuiltIn::Viewer, wall_ms()));
    Ok(Wanted {
        record: UserRecord {
            display_name: form.display_name.trim().to_owned(),
            role_id: form.role.0,
            pbx: form.pbx,
            extensions,
            ..base
        },
        teams: form.teams.clone(),
        invitation: None,
    })
}

/// The user that is to be changed, where the viewer may.
pub(super) async fn changeable(backend: &CallerBackend, id: UserId) -> Result<UserRecord, AppError> {
    let viewer = backend.may(Ability::ManageUsers)?;
    let user = backend
        .services
        .store
        .user(id.0)
        .await?
        .ok_or(AppError::NotFound)?;
    if viewer.rights.abilities.cover(&user.abilities) {
        backend.sure()?;
        Ok(user)
    } else {
        Err(AppError::Forbidden)
    }
}

pub(super) async fn save_user(
    backend: &CallerBackend,
    form: UserForm,
    extensions: Extensions<'_>,
) -> Result<(UserId, Option<Invitation>), AppError> {
    let action = if form.id.is_some() {
        Action::ChangeUser
    } else {
        Action::InviteUser
    };
    backend.about(action, format!("user {}", form.username));
    let viewer = backend.may(Ability::ManageUsers)?;
    let before = match form.id {
        Some(id) => Some(changeable(backend, id).await?),
        None => {
            backend.sure()?;
            None
        }
    };
    let office = office(backend, None).await?;
    let mut wanted = check(viewer, &form, &extensions, before.as_ref(), &office)?;
    let services = &backend.services;
    let object = format!("user {}", wanted.record.username);
    let facts = changes(&wanted, before.as_ref(), &office);
    let link = before.is_none().then(|| new_link(backend));
    if let Some((_, hash, expires_ms)) = &link {
        wanted.invitation = Some((*hash, *expires_ms));
    }
    let saving = async {
        match services
            .store
            .save_people(std::slice::from_ref(&wanted), wall_ms())
            .await
        {
            Ok(saved) => saved
                .and_then(|ids| ids.first().copied())
                .ok_or(AppError::NotFound),
            Err(StoreError::Taken(_)) => Err(AppError::field(
                "username",
                "Somebody has this user name already.",
            )),
            Err(error) => Err(error.into()),
        }
    };
    let id = UserId(backend.act(action, &object, &facts, saving).await?);
    if let Some(before) = &before {
        promoted(services, before, wanted.record.role_id, &office.roles).await?;
    }
    services.current.look(&services.store).await;
    let invitation = link.map(|(link, _, expires_ms)| Invitation {
        user: id,
        link,
        expires_ms,
    });
    Ok((id, invitation))
}

/// Whoever administers from now on begins anew: an administrator's session is shorter, and asks for a second factor.
pub(super) async fn promoted(
    services: &Services,
    before: &UserRecord,
    role: i64,
    roles: &[RoleRow],
) -> Result<(), AppError> {
    let administers = roles
        .iter()
        .any(|known| known.id.0 == role && known.abilities.administer());
    if administers && !before.abilities.administer() {
        services.store.delete_sessions_of(before.id).await?;
        services.ends.look(&services.store).await;
    }
    Ok(())
}

/// What is to be, and what of it was otherwise: for the trail.
pub(super) fn changes(wanted: &Wanted, before: Option<&UserRecord>, office: &Office) -> Vec<Fact> {
    let of = |user: &UserRecord, teams: &[TeamId]| {
        let role = office.roles.iter().find(|role| role.id == RoleId(user.role_id));
        let pbx = user.pbx.map(|pbx| office.pbxs.iter().find(|(id, _)| *id == pbx));
        let extensions = user
            .extensions
            .iter()
            .map(|own| format!("{}/{}", own.pbx.0, own.number));
        let teams = office.teams.iter().filter(|team| teams.contains(&team.id));
        [
            ("name", user.display_name.clone()),
            ("role", role.map_or_else(String::new, |role| role.name.clone())),
            (
                "PBX",
                pbx.map_or_else(
                    || "every PBX".into(),
                    |pbx| pbx.map_or_else(String::new, |(_, name)| name.clone()),
                ),
            ),
            ("extensions", extensions.collect::<Vec<_>>().join(", ")),
            (
                "teams",
                teams
                    .map(|team| team.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        ]
    };
    let now = of(&wanted.record, &wanted.teams);
    let was = before.map(|before| {
        let shown = office.users.iter().find(|(record, _)| record.id == before.id);
        of(before, shown.map_or(&[], |(_, shown)| &shown.teams[..]))
    });
    let facts = now.into_iter().enumerate().filter_map(|(at, (name, new))| {
        let old = was.as_ref().map(|was| was[at].1.clone());
        (old.as_ref() != Some(&new)).then(|| Fact::changed(name, old, Some(new)))
    });
    facts.collect()
}

/// Lets somebody in, or no more.
pub(super) async fn set_disabled(
    backend: &CallerBackend,
    id: UserId,
    disabled: bool,
) -> Result<(), AppError> {
    let action = if disabled {
        Action::DisableUser
    } else {
        Action::EnableUser
    };
    backend.about(action, format!("user {}", id.0));
    let user = changeable(backend, id).await?;
    if backend.caller.user == user.id {
        return Err(AppError::Conflict(
            "You cannot shut yourself out. Somebody else can.".into(),
        ));
    }
    let services = &backend.services;
    let changing = async {
        let done = services.store.set_disabled(user.id, disabled).await?;
        done.then_some(()).ok_or(AppError::NotFound)
    };
    backend
        .act(action, &format!("user {}", user.username), &[], changing)
        .await?;
    services.current.look(&services.store).await;
    services.ends.look(&services.store).await;
    Ok(())
}

/// Ends every session of somebody; they can sign in again.
pub(super) async fn end_sessions(backend: &CallerBackend, id: UserId) -> Result<(), AppError> {
    backend.about(Action::EndSessions, format!("user {}", id.0));
    let user = changeable(backend, id).await?;
    let services = &backend.services;
    let ending = async { Ok(services.store.delete_sessions_of(user.id).await?) };
    backend
        .act(
            Action::EndSessions,
            &format!("user {}", user.username),
            &[],
            ending,
        )
        .await?;
    services.ends.look(&services.store).await;
    Ok(())
}
