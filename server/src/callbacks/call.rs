//! Carries out one decision: written down first, counted, sent once, never repeated.

use app::{
    access::QueueOn,
    audit::{Action, Fact, Outcome as CameOf},
};
use telephony::{
    Outcome, Refusal,
    callback::{Attempt, Effect, Sent},
};

use crate::{clock::wall_ms, link::carries_commands, services::Services, trail::Who};

/// Calls back to one number in a day, whatever it asks for.
const MOST_TO_NUMBER: u64 = 10;
/// Calls back of one PBX in a day.
const MOST_OF_PBX: u64 = 2_000;
const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// In a task of its own: the PBX may take its time.
pub(super) fn carry_out(services: Services, queue: QueueOn, effect: Effect) {
    tokio::spawn(async move {
        match effect {
            Effect::Call { attempt, number } => {
                let sent = call(&services, &queue, attempt, &number).await;
                services.callbacks.sent(&services, &queue, attempt, sent).await;
            }
            Effect::HangUp(attempt) => {
                let action = services
                    .hub
                    .look(queue.0, |switchboard, _| switchboard.callback_hang_up(attempt));
                // one that is not up needs no end; what becomes of this one is seen
                if let Some(action) = action.flatten() {
                    let _ = services.links.send(queue.0, action).await;
                }
            }
        }
    });
}

async fn call(services: &Services, queue: &QueueOn, attempt: Attempt, number: &str) -> Sent {
    let (pbx, name) = queue;
    let Some(caller) = services.callbacks.wanted(queue, attempt).await else {
        return Sent::NotSent;
    };
    let object = format!("pbx {}: queue {name} to {number}", pbx.0);
    let facts = [
        Fact::told("request", attempt.request.0.to_string()),
        Fact::told("call", attempt.serial.to_string()),
    ];
    let begun = services
        .trail
        .begin(Who::itself(), "", Action::CallBack, &object, &facts)
        .await;
    let act = match begun {
        Ok(act) => act,
        Err(error) => {
            tracing::warn!(%error, "a callback waits: it could not be written down");
            return Sent::NotSent;
        }
    };
    let (sent, came_of, why) = match within_limits(services, queue, attempt, number).await {
        Ok(None) => send(services, queue, attempt, number, caller.as_deref()).await,
        Ok(Some(why)) => (Sent::Refused, CameOf::Refused, Some(why)),
        Err(error) => {
            tracing::warn!(%error, "a callback waits: it could not be counted");
            (Sent::NotSent, CameOf::Failed, Some(error.to_string()))
        }
    };
    let why = why.map(|why| Fact::told("why", why));
    services.trail.end(act, came_of, why.as_slice()).await;
    tracing::info!(pbx = pbx.0, outcome = came_of.word(), "callback");
    sent
}

/// Why this one is too many.
async fn within_limits(
    services: &Services,
    queue: &QueueOn,
    attempt: Attempt,
    number: &str,
) -> crate::store::Result<Option<String>> {
    let store = &services.store;
    let calls = store
        .count_callback(queue.0, number, attempt, wall_ms(), DAY_MS)
        .await?;
    let why = if calls.number > MOST_TO_NUMBER {
        format!("{MOST_TO_NUMBER} calls to this number in a day")
    } else if calls.pbx > MOST_OF_PBX {
        format!("{MOST_OF_PBX} calls back in a day")
    } else {
        return Ok(None);
    };
    Ok(Some(why))
}

async fn send(
    services: &Services,
    queue: &QueueOn,
    attempt: Attempt,
    number: &str,
    caller: Option<&str>,
) -> (Sent, CameOf, Option<String>) {
    let (pbx, name) = queue;
    let lowered = services.hub.look(*pbx, |switchboard, link| {
        if carries_commands(link) {
            switchboard.callback_order(name, attempt, number, caller)
        } else {
            Err(Refusal::LinkDown)
        }
    });
    let outcome = match lowered {
        None => Outcome::Refused(Refusal::LinkDown),
        Some(Err(refusal)) => Outcome::Refused(refusal),
        Some(Ok(action)) => services.links.send(*pbx, action).await,
    };
    match outcome {
        Outcome::Accepted => (Sent::Perhaps, CameOf::Done, None),
        Outcome::Unknown => (Sent::Perhaps, CameOf::Unknown, None),
        Outcome::Refused(refusal) => {
            let sent = match refusal {
                Refusal::LinkDown => Sent::NotSent,
                _ => Sent::Refused,
            };
            (sent, CameOf::Refused, Some(refusal.to_string()))
        }
    }
}
