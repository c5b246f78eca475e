//! A command, from a person to the PBX: rights, once only, limits, audit, then the link. Never repeated.

use app::{
    AppError,
    access::permits,
    audit::{Action, Fact, Outcome as CameOf},
    model::{CommandRequest, Viewer},
};
use telephony::{Command, Outcome, Refusal, Supervision};

use super::{CallerBackend, supervision};
use crate::{access, clock::wall_ms, error::internal, store::Claim};

/// Calls one person may place in a minute and in a day.
const MAX_CALLS_A_MINUTE: usize = 10;
const MAX_CALLS_A_DAY: usize = 100;
const MINUTE_MS: u64 = 60 * 1000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// Characters of a request id.
const REQUEST_ID_CHARS: std::ops::RangeInclusive<usize> = 8..=64;

pub(super) async fn run(backend: &CallerBackend, request: CommandRequest) -> Result<Outcome, AppError> {
    let viewer = backend.caller.signed_in()?.clone();
    backend.about(action_of(&request.command), object(&request));
    let id = &request.request_id;
    if !REQUEST_ID_CHARS.contains(&id.len())
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(AppError::field("request_id", "The request id is not valid."));
    }
    let rights = &backend.acting()?.rights;
    let allowed = backend.services.hub.look(request.pbx, |switchboard, _| {
        permits(rights, request.pbx, &request.command, switchboard.board())
    });
    match allowed {
        None => return Err(AppError::NotFound),
        Some(Ok(())) => {}
        // a call that has ended is nobody's any more: a repeat of what ended it is still answered
        Some(Err(refused)) => {
            let before = before(backend, &viewer, &request).await?;
            return before.ok_or(access::refusal(refused));
        }
    }
    let work = claimed(backend.clone(), viewer.clone(), request.clone());
    backend
        .services
        .in_flight
        .commands
        .run(viewer.id.0, &request.request_id, work)
        .await
}

/// What the same request came to before, if it was made.
async fn before(
    backend: &CallerBackend,
    viewer: &Viewer,
    request: &CommandRequest,
) -> Result<Option<Outcome>, AppError> {
    let found = backend
        .services
        .store
        .request_outcome(viewer.id.0, &request.request_id)
        .await?;
    let Some((command, outcome)) = found else {
        return Ok(None);
    };
    if command != json(&request.command)? {
        return Ok(None);
    }
    parse(&outcome).map(Some)
}

async fn claimed(
    backend: CallerBackend,
    viewer: Viewer,
    request: CommandRequest,
) -> Result<Outcome, AppError> {
    let store = &backend.services.store;
    let command = json(&request.command)?;
    let is_call = matches!(request.command, Command::Call { .. });
    let claim = store
        .claim_request(
            viewer.id.0,
            &request.request_id,
            request.pbx.0,
            &command,
            is_call,
            wall_ms(),
        )
        .await?;
    let same = |of: &str| {
        if of == command {
            Ok(())
        } else {
            Err(AppError::Conflict(
                "This request id was used for something else.".into(),
            ))
        }
    };
    match claim {
        Claim::New => {}
        Claim::Done(of, outcome) => {
            same(&of)?;
            return parse(&outcome);
        }
        // begun before a crash of ours: nobody knows, and nothing is repeated
        Claim::Unfinished(of) => {
            same(&of)?;
            return Ok(Outcome::Unknown);
        }
    }
    match carry_out(&backend, &viewer, &request, is_call).await {
        Ok(outcome) => {
            let kept = store
                .finish_request(viewer.id.0, &request.request_id, &json(&outcome)?)
                .await;
            if let Err(error) = kept {
                // a repeat is answered with Unknown then, which is true and calls nobody twice
                tracing::error!(%error, "a command's outcome could not be kept");
            }
            Ok(outcome)
        }
        Err(error) => {
            if let Err(error) = store.release_request(viewer.id.0, &request.request_id).await {
                tracing::error!(%error, "a request id could not be given back");
            }
            Err(error)
        }
    }
}

/// Errors from here mean that nothing was sent.
async fn carry_out(
    backend: &CallerBackend,
    viewer: &Viewer,
    request: &CommandRequest,
    is_call: bool,
) -> Result<Outcome, AppError> {
    if let Command::Supervise { .. } = &request.command {
        return supervision::supervise(backend, viewer, request).await;
    }
    let services = &backend.services;
    let _line = if is_call {
        let line = services
            .in_flight
            .take_line(viewer.id)
            .ok_or(AppError::TooMany { retry_after_s: 1 })?;
        within_limits(backend, viewer).await?;
        Some(line)
    } else {
        None
    };
    let action = action_of(&request.command);
    let asked = [Fact::told("request", &*request.request_id)];
    let act = backend
        .begin(backend.caller.who(), action, &object(request), &asked)
        .await?;
    let channel_id = channel_id(viewer, request);
    let lowered = services.hub.look(request.pbx, |switchboard, link| {
        if crate::link::carries_commands(link) {
            switchboard.lower(&request.command, &channel_id)
        } else {
            Err(Refusal::LinkDown)
        }
    });
    let outcome = match lowered {
        None => Outcome::Refused(Refusal::LinkDown),
        Some(Err(refusal)) => Outcome::Refused(refusal),
        Some(Ok(action)) => services.links.send(request.pbx, action).await,
    };
    let (came_of, why) = match &outcome {
        Outcome::Accepted => (CameOf::Done, None),
        Outcome::Refused(refusal) => (CameOf::Refused, Some(Fact::told("why", refusal.to_string()))),
        Outcome::Unknown => (CameOf::Unknown, None),
    };
    backend.end(act, came_of, why.as_slice()).await;
    tracing::info!(
        pbx = request.pbx.0,
        action = action.word(),
        outcome = came_of.word(),
        "command"
    );
    Ok(outcome)
}

/// The same for the same request: a PBX that saw it twice would refuse the second channel.
pub(super) fn channel_id(viewer: &Viewer, request: &CommandRequest) -> String {
    format!("starboard-{}-{}", viewer.id.0, request.request_id)
}

/// The claimed request counts itself.
async fn within_limits(backend: &CallerBackend, viewer: &Viewer) -> Result<(), AppError> {
    let now_ms = wall_ms();
    let calls = backend
        .services
        .store
        .calls_since(viewer.id.0, now_ms.saturating_sub(DAY_MS))
        .await?;
    for (most, window_ms) in [(MAX_CALLS_A_MINUTE, MINUTE_MS), (MAX_CALLS_A_DAY, DAY_MS)] {
        let recent: Vec<&u64> = calls
            .iter()
            .filter(|at_ms| **at_ms + window_ms > now_ms)
            .collect();
        if recent.len() > most
            && let Some(frees) = recent.get(recent.len() - most - 1)
        {
            let wait_ms = (**frees + window_ms).saturating_sub(now_ms);
            return Err(AppError::TooMany {
                retry_after_s: wait_ms.div_ceil(1000).max(1),
            });
        }
    }
    Ok(())
}

pub(super) const fn action_of(command: &Command) -> Action {
    match command {
        Command::Call { .. } => Action::Call,
        Command::HangUp { .. } => Action::HangUp,
        Command::HangUpLeg { .. } => Action::HangUpLeg,
        Command::BlindTransfer { .. } => Action::BlindTransfer,
        Command::AttendedTransfer { .. } => Action::AttendedTransfer,
        Command::Park { .. } => Action::Park,
        Command::TakeParked { .. } => Action::TakeParked,
        Command::PickUp { .. } => Action::PickUp,
        Command::Supervise { how, .. } => match how {
            Supervision::Listen => Action::Listen,
            Supervision::Whisper => Action::Whisper,
            Supervision::Barge => Action::Barge,
            Supervision::TakeOver => Action::TakeOver,
        },
        Command::StopSupervising { .. } => Action::StopSupervising,
    }
}

pub(super) fn object(request: &CommandRequest) -> String {
    let what = match &request.command {
        Command::Call { from, to } => format!("from {from} to {to}"),
        Command::HangUp { call } => format!("call {}", call.0),
        Command::HangUpLeg { call, leg } | Command::Park { call, leg } => {
            format!("call {} leg {}", call.0, leg.0)
        }
        Command::BlindTransfer { call, leg, to } | Command::AttendedTransfer { call, leg, to } => {
            format!("call {} leg {} to {to}", call.0, leg.0)
        }
        Command::TakeParked { lot, space, by } => format!("lot {lot} space {space} by {by}"),
        Command::PickUp { call, by } => format!("call {} by {by}", call.0),
        Command::Supervise { call, leg, by, .. } => format!("call {} leg {} by {by}", call.0, leg.0),
        Command::StopSupervising { leg } => format!("leg {}", leg.0),
    };
    format!("pbx {}: {what}", request.pbx.0)
}

fn json(value: &impl serde::Serialize) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(internal)
}

fn parse(outcome: &str) -> Result<Outcome, AppError> {
    serde_json::from_str(outcome).map_err(internal)
}
