//! What can be done with calls. The `Idempotency-Key` is the request id of the pages: the same path, the same once-only.

use app::{
    backend::Backend,
    model::{CommandRequest, PbxId},
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use telephony::{CallId, Command, LegId, LegRole, LegState, Outcome, Refusal};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    door::Asker,
    given::{Body, Key, Named},
    problem::{Problem, sentence},
};
use crate::services::Services;

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(place_call))
        .routes(routes!(hang_up))
        .routes(routes!(transfer))
        .routes(routes!(park))
        .routes(routes!(pick_up))
        .routes(routes!(take_parked))
}

/// A call to place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCall {
    /// On which PBX; the one where the owner has an extension, when not given.
    pbx: Option<i64>,
    /// The extension that rings first; the owner's own when not given.
    #[schema(max_length = 32)]
    from: Option<String>,
    /// The number to call then.
    #[schema(min_length = 1, max_length = 32, pattern = "^[0-9*#+]{1,32}$")]
    to: String,
}

/// Which side of a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Side {
    /// The id of the leg; without it the whole call ends.
    leg: Option<String>,
}

/// Which side of a call lets go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LettingGo {
    /// The id of the leg that lets go; that of the owner's own phone when not given.
    leg: Option<String>,
}

/// How a call is handed on.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum How {
    /// At once.
    #[default]
    Blind,
    /// After talking to the one who takes it: hanging up connects the two.
    Announced,
}

/// A call to hand on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// Where to.
    #[schema(min_length = 1, max_length = 32, pattern = "^[0-9*#+]{1,32}$")]
    to: String,
    /// The id of the leg that lets go; that of the owner's own phone when not given.
    leg: Option<String>,
    /// At once when not given.
    #[serde(default)]
    how: How,
}

/// Which phone takes a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Taker {
    /// An extension of the owner; the first one on this PBX when not given.
    by: Option<String>,
}

/// The PBX took a command; the live state shows what comes of it.
#[derive(Debug, Serialize, ToSchema)]
struct Taken {
    /// Always `accepted`.
    outcome: Accepted,
}

/// What came of a command.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Accepted {
    /// The PBX took it.
    Accepted,
}

type Answer = Result<(StatusCode, Json<Taken>), Problem>;

async fn give(asker: &Asker, key: Key, pbx: i64, command: Command) -> Answer {
    let request = CommandRequest {
        request_id: key.key,
        pbx: PbxId(pbx),
        command,
    };
    match asker.0.command(request).await? {
        Outcome::Accepted => {
            let outcome = Accepted::Accepted;
            Ok((StatusCode::ACCEPTED, Json(Taken { outcome })))
        }
        Outcome::Refused(refusal) => Err(refused(&refusal)),
        Outcome::Unknown => {
            let said = "The PBX did not answer in time: it may have happened. Nothing is repeated.";
            Err(Problem::new(StatusCode::BAD_GATEWAY, said))
        }
    }
}

fn refused(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::BadNumber { field, problem } => Problem::field(field, sentence(problem)),
        Refusal::UnknownExtension(_) => Problem::field("from", sentence(refusal)),
        Refusal::LinkDown => Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentence(refusal)),
        Refusal::CallGone
        | Refusal::LegGone
        | Refusal::WrongState(_)
        | Refusal::NoOtherSide
        | Refusal::PhoneUnreachable(_)
        | Refusal::SpaceEmpty(_)
        | Refusal::ByQueue(_)
        | Refusal::OwnCall(_)
        | Refusal::ByPbx(_) => Problem::new(StatusCode::CONFLICT, sentence(refusal)),
    }
}

/// The leg that was named, or that of the owner's own phone.
async fn own_leg(
    services: &Services,
    asker: &Asker,
    key: &Key,
    (pbx, call): (PbxId, &CallId),
    leg: Option<String>,
) -> Result<LegId, Problem> {
    if let Some(leg) = leg {
        return Ok(LegId(leg));
    }
    let rights = asker.0.rights()?;
    let found = services.hub.look(pbx, |switchboard, _| {
        let call = switchboard.board().calls.get(call)?;
        let own = call.legs.iter().find(|leg| {
            let number = leg.party.extension.as_deref();
            leg.role != LegRole::Internal
                && !matches!(leg.state, LegState::Ended(_))
                && number.is_some_and(|number| rights.is_own(pbx, number))
        });
        own.map(|leg| leg.id.clone())
    });
    if let Some(leg) = found.flatten() {
        return Ok(leg);
    }
    // the same request again, when it has done its work: the leg is the one that it named then
    let user = asker.0.viewer()?.id.0;
    let before = services.store.request_outcome(user, &key.key).await?;
    let before = before.and_then(|(command, _)| serde_json::from_str(&command).ok());
    match before {
        Some(
            Command::BlindTransfer { call: of, leg, .. }
            | Command::AttendedTransfer { call: of, leg, .. }
            | Command::Park { call: of, leg },
        ) if of == *call => Ok(leg),
        // nobody's: whether the call is there, and theirs, is for the rules to say
        Some(_) | None => Ok(LegId(String::new())),
    }
}

fn own_phone(asker: &Asker, pbx: i64, by: Option<String>) -> Result<String, Problem> {
    if let Some(by) = by {
        return Ok(by);
    }
    let first = asker.0.rights()?.first_on(PbxId(pbx)).map(str::to_owned);
    first.ok_or_else(|| {
        Problem::field(
            "by",
            "The owner of the token has no extension on this PBX; name one.",
        )
    })
}

/// Place a call
///
/// Rings a phone, the owner's own when nothing else is said, and calls the number when it is answered.
#[utoipa::path(post, path = "/calls", tag = "Calls", params(Key), request_body = NewCall, responses((status = ACCEPTED, description = "The phone rings.", body = Taken)))]
async fn place_call(asker: Asker, key: Key, Body(new): Body<NewCall>) -> Answer {
    let rights = asker.0.rights()?;
    let pbx = new.pbx.or_else(|| rights.own.first().map(|own| own.pbx.0));
    let pbx = pbx.ok_or_else(|| {
        Problem::field(
            "pbx",
            "The owner of the token has no extension of their own; say which PBX and which phone.",
        )
    })?;
    let from = match new.from {
        Some(from) => from,
        None => own_phone(&asker, pbx, None).map_err(|_| {
            Problem::field(
                "from",
                "The owner of the token has no extension on this PBX; say which phone rings.",
            )
        })?,
    };
    give(&asker, key, pbx, Command::Call { from, to: new.to }).await
}

/// End a call
///
/// Or one side of it.
#[utoipa::path(post, path = "/calls/{pbx}/{id}/hangup", tag = "Calls", params(("pbx" = i64, Path, description = "The PBX's id."), ("id" = String, Path, description = "The call's id."), Key), request_body = Option<Side>, responses((status = ACCEPTED, description = "It ends.", body = Taken)))]
async fn hang_up(
    asker: Asker,
    key: Key,
    Named((pbx, id)): Named<(i64, String)>,
    Body(side): Body<Side>,
) -> Answer {
    let call = CallId(id);
    let command = match side.leg {
        Some(leg) => Command::HangUpLeg {
            call,
            leg: LegId(leg),
        },
        None => Command::HangUp { call },
    };
    give(&asker, key, pbx, command).await
}

/// Hand a call on
#[utoipa::path(post, path = "/calls/{pbx}/{id}/transfer", tag = "Calls", params(("pbx" = i64, Path, description = "The PBX's id."), ("id" = String, Path, description = "The call's id."), Key), request_body = Transfer, responses((status = ACCEPTED, description = "It is handed on.", body = Taken)))]
async fn transfer(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Named((pbx, id)): Named<(i64, String)>,
    Body(transfer): Body<Transfer>,
) -> Answer {
    let (call, to) = (CallId(id), transfer.to);
    let leg = own_leg(&services, &asker, &key, (PbxId(pbx), &call), transfer.leg).await?;
    let command = match transfer.how {
        How::Blind => Command::BlindTransfer { call, leg, to },
        How::Announced => Command::AttendedTransfer { call, leg, to },
    };
    give(&asker, key, pbx, command).await
}

/// Park a call
#[utoipa::path(post, path = "/calls/{pbx}/{id}/park", tag = "Calls", params(("pbx" = i64, Path, description = "The PBX's id."), ("id" = String, Path, description = "The call's id."), Key), request_body = Option<LettingGo>, responses((status = ACCEPTED, description = "It is parked.", body = Taken)))]
async fn park(
    State(services): State<Services>,
    asker: Asker,
    key: Key,
    Named((pbx, id)): Named<(i64, String)>,
    Body(side): Body<LettingGo>,
) -> Answer {
    let call = CallId(id);
    let leg = own_leg(&services, &asker, &key, (PbxId(pbx), &call), side.leg).await?;
    give(&asker, key, pbx, Command::Park { call, leg }).await
}

/// Pick a call up
///
/// Answers, at a phone of the owner, what rings elsewhere.
#[utoipa::path(post, path = "/calls/{pbx}/{id}/pickup", tag = "Calls", params(("pbx" = i64, Path, description = "The PBX's id."), ("id" = String, Path, description = "The call's id."), Key), request_body = Option<Taker>, responses((status = ACCEPTED, description = "The phone gets it.", body = Taken)))]
async fn pick_up(
    asker: Asker,
    key: Key,
    Named((pbx, id)): Named<(i64, String)>,
    Body(taker): Body<Taker>,
) -> Answer {
    let by = own_phone(&asker, pbx, taker.by)?;
    give(&asker, key, pbx, Command::PickUp { call: CallId(id), by }).await
}

/// Take a parked call
#[utoipa::path(post, path = "/parked/{pbx}/{lot}/{space}/take", tag = "Calls", params(("pbx" = i64, Path, description = "The PBX's id."), ("lot" = String, Path, description = "The parking lot."), ("space" = String, Path, description = "The space."), Key), request_body = Option<Taker>, responses((status = ACCEPTED, description = "The phone rings and gets it.", body = Taken)))]
async fn take_parked(
    asker: Asker,
    key: Key,
    Named((pbx, lot, space)): Named<(i64, String, String)>,
    Body(taker): Body<Taker>,
) -> Answer {
    let by = own_phone(&asker, pbx, taker.by)?;
    give(&asker, key, pbx, Command::TakeParked { lot, space, by }).await
}
