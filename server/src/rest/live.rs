//! The live state as lists and single rows: what the token sees of the boards, read under the hub's short lock.

use std::ops::Bound;

use app::model::PbxId;
use axum::{Json, extract::State, response::Response};
use telephony::{self as live, Board, Key};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    door::Asker,
    given::{Named, Parameters},
    page::{Page, Part, Wanted, page},
    problem::Problem,
    shape::{self, Call, Extension, Parked, Pbx, Queue},
};
use crate::{access::Sight, services::Services};

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(pbxs))
        .routes(routes!(extensions))
        .routes(routes!(extension))
        .routes(routes!(calls))
        .routes(routes!(call))
        .routes(routes!(queues))
        .routes(routes!(parked))
}

/// Rows of one kind after an id, in the order of ids.
type Pick = for<'b> fn(&'b Board, Option<&str>) -> Box<dyn Iterator<Item = (String, live::Row)> + 'b>;

fn bound(after: Option<&str>) -> (Bound<String>, Bound<String>) {
    let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_owned()));
    (after, Bound::Unbounded)
}

fn key(text: &str) -> Option<(i64, String)> {
    let (pbx, id) = text.split_once(' ')?;
    Some((pbx.parse().ok()?, id.to_owned()))
}

/// A part of a list of rows.
fn list(
    services: &Services,
    asker: &Asker,
    part: &Part,
    list: &str,
    pick: Pick,
) -> Result<Response, Problem> {
    let Wanted { after, limit } = part.of(list, key)?;
    let sight = Sight::of(asker.0.rights()?);
    let mut rows = Vec::new();
    let private = services.hub.private();
    services.hub.each(|pbx, board| {
        let after = match &after {
            Some((of, _)) if pbx.id.0 < *of => return,
            Some((of, id)) if pbx.id.0 == *of => Some(id.as_str()),
            Some(_) | None => None,
        };
        for (id, row) in pick(board, after) {
            if rows.len() > limit {
                return;
            }
            if let Some(row) = sight.row(pbx.id, &row, private.contains(&pbx.id)) {
                rows.push((format!("{} {id}", pbx.id.0), shape::row(pbx.id, &row)));
            }
        }
    });
    Ok(page(
        list,
        limit,
        rows.into_iter().map(|(key, row)| (key, Untagged(row))),
    ))
}

/// A row in a list of its own kind: nothing has to say which kind.
struct Untagged(shape::Row);

impl serde::Serialize for Untagged {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            shape::Row::Pbx(row) => row.serialize(serializer),
            shape::Row::Extension(row) => row.serialize(serializer),
            shape::Row::Call(row) => row.serialize(serializer),
            shape::Row::Queue(row) => row.serialize(serializer),
            shape::Row::Parked(row) => row.serialize(serializer),
            shape::Row::Conference(row) => row.serialize(serializer),
            shape::Row::Trunk(row) => row.serialize(serializer),
        }
    }
}

/// One row, where it is seen.
fn one(services: &Services, asker: &Asker, pbx: i64, key: &Key) -> Result<Json<Untagged>, Problem> {
    let sight = Sight::of(asker.0.rights()?);
    let pbx = PbxId(pbx);
    let private = services.hub.private().contains(&pbx);
    let row = services.hub.look(pbx, |switchboard, _| {
        let row = switchboard.board().row(key)?;
        sight.row(pbx, &row, private).map(|row| shape::row(pbx, &row))
    });
    let row = row.flatten().ok_or(app::AppError::NotFound)?;
    Ok(Json(Untagged(row)))
}

/// Telephone systems
///
/// Those of which the token can see anything, with how the connection to each is.
#[utoipa::path(get, path = "/pbxs", tag = "Live state", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Pbx>)))]
async fn pbxs(
    State(services): State<Services>,
    asker: Asker,
    Parameters(part): Parameters<Part>,
) -> Result<Response, Problem> {
    let Wanted { after, limit } = part.of("pbxs", |text| text.parse::<i64>().ok())?;
    let sight = Sight::of(asker.0.rights()?);
    let mut rows = Vec::new();
    services.hub.each(|pbx, _| {
        if after.is_none_or(|after| pbx.id.0 > after) && sight.sees_pbx(pbx.id) {
            rows.push((pbx.id.0.to_string(), Pbx::from(pbx)));
        }
    });
    Ok(page("pbxs", limit, rows.into_iter()))
}

/// Extensions with their state
#[utoipa::path(get, path = "/extensions", tag = "Live state", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Extension>)))]
async fn extensions(
    State(services): State<Services>,
    asker: Asker,
    Parameters(part): Parameters<Part>,
) -> Result<Response, Problem> {
    list(&services, &asker, &part, "extensions", |board, after| {
        let rows = board.extensions.range(bound(after));
        Box::new(rows.map(|(id, row)| (id.clone(), live::Row::Extension(Box::new(row.clone())))))
    })
}

/// One extension
#[utoipa::path(get, path = "/extensions/{pbx}/{id}", tag = "Live state", params(("pbx" = i64, Path, description = "The PBX's id."), ("id" = String, Path, description = "The extension's number.")), responses((status = OK, description = "The extension as it is now.", body = Extension)))]
async fn extension(
    State(services): State<Services>,
    asker: Asker,
    Named((pbx, id)): Named<(i64, String)>,
) -> Result<Json<impl serde::Serialize>, Problem> {
    one(&services, &asker, pbx, &Key::Extension(id))
}

/// Calls that are up
#[utoipa::path(get, path = "/calls", tag = "Calls", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Call>)))]
async fn calls(
    State(services): State<Services>,
    asker: Asker,
    Parameters(part): Parameters<Part>,
) -> Result<Response, Problem> {
    list(&services, &asker, &part, "calls", |board, after| {
        let (after, end) = bound(after);
        let rows = board
            .calls
            .range((after.map(live::CallId), end.map(live::CallId)));
        Box::new(rows.map(|(id, row)| (id.0.clone(), live::Row::Call(Box::new(row.clone())))))
    })
}

/// One call
#[utoipa::path(get, path = "/calls/{pbx}/{id}", tag = "Calls", params(("pbx" = i64, Path, description = "The PBX's id."), ("id" = String, Path, description = "The call's id.")), responses((status = OK, description = "The call as it is now.", body = Call)))]
async fn call(
    State(services): State<Services>,
    asker: Asker,
    Named((pbx, id)): Named<(i64, String)>,
) -> Result<Json<impl serde::Serialize>, Problem> {
    one(&services, &asker, pbx, &Key::Call(live::CallId(id)))
}

/// Queues
///
/// With who waits in each and who serves it.
#[utoipa::path(get, path = "/queues", tag = "Live state", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Queue>)))]
async fn queues(
    State(services): State<Services>,
    asker: Asker,
    Parameters(part): Parameters<Part>,
) -> Result<Response, Problem> {
    list(&services, &asker, &part, "queues", |board, after| {
        let rows = board.queues.range(bound(after));
        Box::new(rows.map(|(id, row)| (id.clone(), live::Row::Queue(Box::new(row.clone())))))
    })
}

/// Parked calls
#[utoipa::path(get, path = "/parked", tag = "Calls", params(Part), responses((status = OK, description = "A part of the list.", body = Page<Parked>)))]
async fn parked(
    State(services): State<Services>,
    asker: Asker,
    Parameters(part): Parameters<Part>,
) -> Result<Response, Problem> {
    list(&services, &asker, &part, "parked", |board, after| {
        let after = after.and_then(|after| after.rsplit_once('/'));
        let after = after.map(|(lot, space)| (lot.to_owned(), space.to_owned()));
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = board.parked.range((after, Bound::Unbounded));
        Box::new(
            rows.map(|((lot, space), row)| {
                (format!("{lot}/{space}"), live::Row::Parked(Box::new(row.clone())))
            }),
        )
    })
}
