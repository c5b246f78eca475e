//! Roles: read, to know which one to give.

use app::access::{ABILITIES, Reach};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    door::Asker,
    given::Parameters,
    page::{Page, Part, Wanted, page},
    problem::Problem,
};
use crate::services::Services;

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(roles))
}

/// How far one ability reaches.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Granted {
    /// The ability.
    ability: &'static str,
    /// `own`, `teams`, `pbx` or `all`.
    reach: &'static str,
}

/// A role.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Role {
    /// Id.
    id: i64,
    /// Name.
    name: String,
    /// Always there as it is.
    built_in: bool,
    /// What it may do.
    abilities: Vec<Granted>,
}

/// Roles
#[utoipa::path(get, path = "/roles", tag = "Users", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Role>)))]
async fn roles(asker: Asker, Parameters(part): Parameters<Part>) -> Result<Response, Problem> {
    let Wanted { after, limit } = part.of("roles", |text| text.parse::<i64>().ok())?;
    let mut roles = asker.0.roles().await?;
    roles.sort_by_key(|role| role.id);
    let rows = roles
        .into_iter()
        .filter(|role| after.is_none_or(|after| role.id.0 > after));
    let rows = rows.map(|role| {
        let granted = ABILITIES.iter().filter_map(|info| {
            let reach = role.abilities.reach(info.ability);
            (reach > Reach::Nothing).then(|| Granted {
                ability: info.slug,
                reach: reach.slug(),
            })
        });
        let shown = Role {
            id: role.id.0,
            name: role.name,
            built_in: role.built_in,
            abilities: granted.collect(),
        };
        (role.id.0.to_string(), shown)
    });
    Ok(page("roles", limit, rows))
}
