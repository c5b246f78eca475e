//! Users: read, made, changed, disabled, by the same functions as the pages.

use app::{
    AppError,
    backend::Backend,
    model::{
        OwnExtension, PbxId, UserId,
        people::{self, RoleId, TeamId, UserForm, UserState},
    },
    words::moment,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    door::Asker,
    given::{Body, Key, Named, Parameters},
    once::{Kept, once},
    page::{Page, Part, Wanted, page},
    problem::Problem,
};
use crate::{backend::CallerBackend, services::Services};

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(users, add_user))
        .routes(routes!(user, change_user))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(invite))
        .routes(routes!(end_sessions))
}

/// An extension of somebody.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Own {
    /// The PBX it is on.
    pbx: i64,
    /// Its number.
    #[schema(min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9*#+_.-]{1,32}$")]
    number: String,
}

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// They can.
    Active,
    /// They have not chosen a password yet.
    Invited,
    /// They may not any more.
    Disabled,
}

/// A user.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct User {
    /// Id.
    id: i64,
    /// Sign-in name.
    username: String,
    /// Name shown.
    display_name: String,
    /// The id of their role.
    role: i64,
    /// The PBX they belong to; null for all.
    pbx: Option<i64>,
    /// Their extensions; the first one rings first.
    extensions: Vec<Own>,
    /// The ids of their teams.
    teams: Vec<i64>,
    /// Whether they can sign in.
    state: Standing,
    /// When one of their sessions was last used.
    #[schema(format = DateTime)]
    seen: Option<String>,
}

impl From<people::User> for User {
    fn from(user: people::User) -> Self {
        let own = |own: OwnExtension| Own {
            pbx: own.pbx.0,
            number: own.number,
        };
        Self {
            id: user.id.0,
            username: user.username,
            display_name: user.display_name,
            role: user.role.0,
            pbx: user.pbx.map(|pbx| pbx.0),
            extensions: user.extensions.into_iter().map(own).collect(),
            teams: user.teams.into_iter().map(|team| team.0).collect(),
            state: match user.state {
                UserState::Active => Standing::Active,
                UserState::Invited => Standing::Invited,
                UserState::Disabled => Standing::Disabled,
            },
            seen: user.seen_ms.map(moment::machine),
        }
    }
}

/// A user to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// Sign-in name.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9._-]{1,64}$")]
    username: String,
    /// Name shown.
    #[schema(min_length = 1, max_length = 80)]
    display_name: String,
    /// The id of their role.
    role: i64,
    /// The PBX they belong to; all of them when not given.
    pbx: Option<i64>,
    /// Their extensions; the first one rings first.
    #[serde(default)]
    #[schema(max_items = 16)]
    extensions: Vec<Own>,
    /// The ids of their teams.
    #[serde(default)]
    #[schema(max_items = 100)]
    teams: Vec<i64>,
}

/// A user as they are to be: everything that is not given is taken away.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangedUser {
    /// Name shown.
    #[schema(min_length = 1, max_length = 80)]
    display_name: String,
    /// The id of their role.
    role: i64,
    /// The PBX they belong to; all of them when not given.
    pbx: Option<i64>,
    /// Their extensions; the first one rings first.
    #[serde(default)]
    #[schema(max_items = 16)]
    extensions: Vec<Own>,
    /// The ids of their teams.
    #[serde(default)]
    #[schema(max_items = 100)]
    teams: Vec<i64>,
}

/// A one-time link by which somebody chooses a password.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Invitation {
    /// The link. It is not shown again.
    #[schema(format = "uri")]
    link: String,
    /// Until when it can be used.
    #[schema(format = DateTime)]
    expires: String,
}

/// A user that was made, with the link that lets them in.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MadeUser {
    /// The user.
    user: User,
    /// Give it to them.
    invitation: Invitation,
}

fn shown(invitation: people::Invitation) -> Invitation {
    Invitation {
        link: invitation.link,
        expires: moment::machine(invitation.expires_ms),
    }
}

fn listed(extensions: &[Own]) -> Vec<OwnExtension> {
    let own = |own: &Own| OwnExtension {
        pbx: PbxId(own.pbx),
        number: own.number.clone(),
    };
    extensions.iter().map(own).collect()
}

async fn found(backend: &CallerBackend, id: i64) -> Result<User, AppError> {
    let users = backend.users_by_id(id.saturating_sub(1), 1).await?;
    let user = users.into_iter().find(|user| user.id.0 == id);
    user.map(User::from).ok_or(AppError::NotFound)
}

/// Users
#[utoipa::path(get, path = "/users", tag = "Users", params(Part), responses((status = OK, description = "A part of the list.", body = Page<User>)))]
async fn users(asker: Asker, Parameters(part): Parameters<Part>) -> Result<Response, Problem> {
    let Wanted { after, limit } = part.of("users", |text| text.parse().ok())?;
    let users = asker.0.users_by_id(after.unwrap_or(0), limit + 1).await?;
    let rows = users
        .into_iter()
        .map(|user| (user.id.0.to_string(), User::from(user)));
    Ok(page("users", limit, rows))
}

/// One user
#[utoipa::path(get, path = "/users/{id}", tag = "Users", params(("id" = i64, Path, description = "The user's id.")), responses((status = OK, description = "The user.", body = User)))]
async fn user(asker: Asker, Named(id): Named<i64>) -> Result<Json<User>, Problem> {
    Ok(Json(found(&asker.0, id).await?))
}

/// Make a user
///
/// They are invited: the answer has a one-time link by which they choose a password.
#[utoipa::path(post, path = "/users", tag = "Users", params(Key), request_body = NewUser, responses((status = CREATED, description = "The user was made.", body = MadeUser, headers(("Location" = String, description = "Where the user is.")))))]
async fn add_user(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Body(new): Body<NewUser>,
) -> Result<Kept, Problem> {
    let (backend, wanted) = (asker.0.clone(), new.clone());
    let work = async move {
        let form = UserForm {
            id: None,
            username: wanted.username,
            display_name: wanted.display_name,
            role: RoleId(wanted.role),
            pbx: wanted.pbx.map(PbxId),
            extensions: String::new(),
            teams: wanted.teams.into_iter().map(TeamId).collect(),
        };
        let (id, invitation) = backend.put_user(form, &listed(&wanted.extensions)).await?;
        let made = MadeUser {
            user: found(&backend, id.0).await?,
            invitation: invitation.map(shown).ok_or(AppError::NotFound)?,
        };
        Ok(Kept::new(StatusCode::CREATED, &made)?.at(format!("/api/v1/users/{}", id.0)))
    };
    once(&services, &asker, key, "POST /users", &new, work).await
}

/// Change a user
#[utoipa::path(put, path = "/users/{id}", tag = "Users", params(("id" = i64, Path, description = "The user's id.")), request_body = ChangedUser, responses((status = OK, description = "The user as they are now.", body = User)))]
async fn change_user(
    asker: Asker,
    Named(id): Named<i64>,
    Body(wanted): Body<ChangedUser>,
) -> Result<Json<User>, Problem> {
    let form = UserForm {
        id: Some(UserId(id)),
        username: String::new(),
        display_name: wanted.display_name,
        role: RoleId(wanted.role),
        pbx: wanted.pbx.map(PbxId),
        extensions: String::new(),
        teams: wanted.teams.into_iter().map(TeamId).collect(),
    };
    asker.0.put_user(form, &listed(&wanted.extensions)).await?;
    Ok(Json(found(&asker.0, id).await?))
}

async fn set_disabled(
    services: &Services,
    asker: &Asker,
    key: Key,
    id: i64,
    disabled: bool,
) -> Result<Kept, Problem> {
    let backend = asker.0.clone();
    let work = async move {
        backend.set_disabled(UserId(id), disabled).await?;
        Kept::new(StatusCode::OK, &found(&backend, id).await?)
    };
    let what = format!("POST /users/{id}/{}", if disabled { "disable" } else { "enable" });
    once(services, asker, key, &what, &(), work).await
}

/// Disable a user
///
/// Their sessions end, and their tokens do nothing any more.
#[utoipa::path(post, path = "/users/{id}/disable", tag = "Users", params(("id" = i64, Path, description = "The user's id."), Key), responses((status = OK, description = "The user as they are now.", body = User)))]
async fn disable(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Named(id): Named<i64>,
) -> Result<Kept, Problem> {
    set_disabled(&services, &asker, key, id, true).await
}

/// Let a user in again
#[utoipa::path(post, path = "/users/{id}/enable", tag = "Users", params(("id" = i64, Path, description = "The user's id."), Key), responses((status = OK, description = "The user as they are now.", body = User)))]
async fn enable(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Named(id): Named<i64>,
) -> Result<Kept, Problem> {
    set_disabled(&services, &asker, key, id, false).await
}

/// Make a new one-time link
///
/// The one before is worth nothing any more.
#[utoipa::path(post, path = "/users/{id}/invite", tag = "Users", params(("id" = i64, Path, description = "The user's id."), Key), responses((status = OK, description = "The link.", body = Invitation)))]
async fn invite(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Named(id): Named<i64>,
) -> Result<Kept, Problem> {
    let backend = asker.0.clone();
    let work = async move {
        let invitation = backend.invite(UserId(id)).await?;
        Kept::new(StatusCode::OK, &shown(invitation))
    };
    once(
        &services,
        &asker,
        key,
        &format!("POST /users/{id}/invite"),
        &(),
        work,
    )
    .await
}

/// End a user's sessions
///
/// They can sign in again.
#[utoipa::path(post, path = "/users/{id}/end-sessions", tag = "Users", params(("id" = i64, Path, description = "The user's id."), Key), responses((status = OK, description = "The user as they are now.", body = User)))]
async fn end_sessions(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Named(id): Named<i64>,
) -> Result<Kept, Problem> {
    let backend = asker.0.clone();
    let work = async move {
        backend.end_sessions(UserId(id)).await?;
        Kept::new(StatusCode::OK, &found(&backend, id).await?)
    };
    once(
        &services,
        &asker,
        key,
        &format!("POST /users/{id}/end-sessions"),
        &(),
        work,
    )
    .await
}
