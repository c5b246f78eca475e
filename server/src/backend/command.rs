//! A command, from a person to the PBX: rights, once only, limits, audit, then the link. Never repeated.

mod order;

use app::{
    AppError,
    audit::{Fact, Outcome as CameOf},
    model::Viewer,
};
use telephony::{Command, Outcome, Refusal};

pub(super) use order::object;
pub(crate) use order::{Order, Request};

use super::{CallerBackend, supervision};
use crate::{access, clock::wall_ms, error::internal, store::Claim};

/// Calls one person may place in a minute and in a day.
const MAX_CALLS_A_MINUTE: usize = 10;
const MAX_CALLS_A_DAY: usize = 100;
const MINUTE_MS: u64 = 60 * 1000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// Characters of a request id.
const REQUEST_ID_CHARS: std::ops::RangeInclusive<usize> = 8..=64;

pub(super) async fn run(backend: &CallerBackend, request: Request) -> Result<Outcome, AppError> {
    let viewer = backend.caller.signed_in()?.clone();
    backend.about(request.order.action(), object(&request));
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
        request.order.permitted(rights, request.pbx, switchboard.board())
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
    request: &Request,
) -> Result<Option<Outcome>, AppError> {
    let found = backend
        .services
        .store
        .request_outcome(viewer.id.0, &request.request_id)
        .await?;
    let Some((command, outcome)) = found else {
        return Ok(None);
    };
    if command != request.order.json()? {
        return Ok(None);
    }
    parse(&outcome).map(Some)
}

async fn claimed(backend: CallerBackend, viewer: Viewer, request: Request) -> Result<Outcome, AppError> {
    let store = &backend.services.store;
    let command = request.order.json()?;
    let is_call = request.order.places_call();
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
    request: &Request,
    is_call: bool,
) -> Result<Outcome, AppError> {
    if let Order::Call(Command::Supervise { .. }) = &request.order {
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
    let action = request.order.action();
    let mut asked = vec![Fact::told("request", &*request.request_id)];
    asked.extend(request.order.facts());
    let act = backend
        .begin(backend.caller.who(), action, &object(request), &asked)
        .await?;
    let channel_id = channel_id(viewer, request);
    let carries = |link: &_| crate::link::carries_commands(link);
    let lowered = match services.hub.look(request.pbx, |_, link| carries(link)) {
        Some(true) => services.hub.observe(request.pbx, |switchboard, output| {
            request.order.lower(switchboard, &channel_id, output)
        }),
        Some(false) | None => None,
    };
    let outcome = match lowered {
        None => Outcome::Refused(Refusal::LinkDown),
        Some(Err(refusal)) => Outcome::Refused(refusal),
        Some(Ok(action)) => sent(backend, request, action, &channel_id).await,
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

/// Sends it once. What no event tells of is asked for before it is said to be done.
async fn sent(backend: &CallerBackend, request: &Request, action: ami::Action, channel_id: &str) -> Outcome {
    let services = &backend.services;
    let outcome = services.links.send(request.pbx, action).await;
    match &outcome {
        Outcome::Accepted => {
            if let Some(look) = request.order.afterwards() {
                let _shown_with_the_next_audit_otherwise = services.links.send(request.pbx, look).await;
            }
        }
        Outcome::Refused(_) => {
            services.hub.observe(request.pbx, |switchboard, output| {
                request.order.not_done(switchboard, channel_id, output);
            });
        }
        Outcome::Unknown => {}
    }
    outcome
}

/// The same for the same request: a PBX that saw it twice would refuse the second channel.
pub(super) fn channel_id(viewer: &Viewer, request: &Request) -> String {
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

fn json(value: &impl serde::Serialize) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(internal)
}

fn parse(outcome: &str) -> Result<Outcome, AppError> {
    serde_json::from_str(outcome).map_err(internal)
}
