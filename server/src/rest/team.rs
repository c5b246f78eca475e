//! Teams: read, made, changed, removed, by the same functions as the pages.

use app::{
    AppError,
    backend::Backend,
    model::{
        PbxId, UserId,
        people::{self, TeamForm, TeamId},
    },
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
        .routes(routes!(teams, add_team))
        .routes(routes!(team, change_team, remove_team))
}

/// A queue on its PBX.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QueueOn {
    /// The PBX.
    pbx: i64,
    /// The queue's name.
    #[schema(min_length = 1, max_length = 128)]
    queue: String,
}

/// A team.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Team {
    /// Id.
    id: i64,
    /// Name.
    name: String,
    /// The ids of the users in it.
    members: Vec<i64>,
    /// The queues it serves.
    queues: Vec<QueueOn>,
}

impl From<people::Team> for Team {
    fn from(team: people::Team) -> Self {
        let queue = |(pbx, queue): (PbxId, String)| QueueOn { pbx: pbx.0, queue };
        Self {
            id: team.id.0,
            name: team.name,
            members: team.members.into_iter().map(|user| user.0).collect(),
            queues: team.queues.into_iter().map(queue).collect(),
        }
    }
}

/// A team as it is to be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WantedTeam {
    /// Name.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// The ids of the users in it.
    #[serde(default)]
    #[schema(max_items = 1000)]
    members: Vec<i64>,
    /// The queues it serves.
    #[serde(default)]
    #[schema(max_items = 1000)]
    queues: Vec<QueueOn>,
}

fn form(id: Option<i64>, wanted: WantedTeam) -> TeamForm {
    let queue = |one: QueueOn| (PbxId(one.pbx), one.queue);
    TeamForm {
        id: id.map(TeamId),
        name: wanted.name,
        members: wanted.members.into_iter().map(UserId).collect(),
        queues: wanted.queues.into_iter().map(queue).collect(),
    }
}

async fn found(backend: &CallerBackend, id: i64) -> Result<Team, AppError> {
    let teams = backend.teams().await?;
    let team = teams.into_iter().find(|team| team.id.0 == id);
    team.map(Team::from).ok_or(AppError::NotFound)
}

/// Teams
#[utoipa::path(get, path = "/teams", tag = "Teams", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Team>)))]
async fn teams(asker: Asker, Parameters(part): Parameters<Part>) -> Result<Response, Problem> {
    let Wanted { after, limit } = part.of("teams", |text| text.parse::<i64>().ok())?;
    let mut teams = asker.0.teams().await?;
    teams.sort_by_key(|team| team.id);
    let rows = teams
        .into_iter()
        .filter(|team| after.is_none_or(|after| team.id.0 > after));
    Ok(page(
        "teams",
        limit,
        rows.map(|team| (team.id.0.to_string(), Team::from(team))),
    ))
}

/// One team
#[utoipa::path(get, path = "/teams/{id}", tag = "Teams", params(("id" = i64, Path, description = "The team's id.")), responses((status = OK, description = "The team.", body = Team)))]
async fn team(asker: Asker, Named(id): Named<i64>) -> Result<Json<Team>, Problem> {
    Ok(Json(found(&asker.0, id).await?))
}

/// Make a team
#[utoipa::path(post, path = "/teams", tag = "Teams", params(Key), request_body = WantedTeam, responses((status = CREATED, description = "The team was made.", body = Team, headers(("Location" = String, description = "Where the team is.")))))]
async fn add_team(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Body(new): Body<WantedTeam>,
) -> Result<Kept, Problem> {
    let (backend, wanted) = (asker.0.clone(), new.clone());
    let work = async move {
        let id = backend.save_team(form(None, wanted)).await?;
        let made = found(&backend, id.0).await?;
        Ok(Kept::new(StatusCode::CREATED, &made)?.at(format!("/api/v1/teams/{}", id.0)))
    };
    once(&services, &asker, key, "POST /teams", &new, work).await
}

/// Change a team
#[utoipa::path(put, path = "/teams/{id}", tag = "Teams", params(("id" = i64, Path, description = "The team's id.")), request_body = WantedTeam, responses((status = OK, description = "The team as it is now.", body = Team)))]
async fn change_team(
    asker: Asker,
    Named(id): Named<i64>,
    Body(wanted): Body<WantedTeam>,
) -> Result<Json<Team>, Problem> {
    asker.0.save_team(form(Some(id), wanted)).await?;
    Ok(Json(found(&asker.0, id).await?))
}

/// Remove a team
#[utoipa::path(delete, path = "/teams/{id}", tag = "Teams", params(("id" = i64, Path, description = "The team's id.")), responses((status = NO_CONTENT, description = "It is gone.")))]
async fn remove_team(asker: Asker, Named(id): Named<i64>) -> Result<StatusCode, Problem> {
    asker.0.delete_team(TeamId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
