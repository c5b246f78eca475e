//! Callers who keep their place and hang up: how a queue calls them back, and what a person does with a request.

use app::{
    AppError,
    access::{Ability, About, QueueOn, Rights},
    audit::{Action, Fact},
    backend::CallbackBackend,
    model::callback::{CallbackRules, CallbackVerb},
};
use async_trait::async_trait;
use telephony::callback::{Not, Policy, RequestId};

use super::{CallerBackend, queues::sees_queue};
use crate::services::Services;

const MINUTE_MS: u64 = 60_000;

fn rules(queue: QueueOn, policy: Policy) -> CallbackRules {
    CallbackRules {
        queue,
        on: policy.on,
        attempts: policy.attempts,
        pause_min: u32::try_from(policy.pause_ms / MINUTE_MS).unwrap_or(u32::MAX),
        prefixes: policy.prefixes,
    }
}

/// The queue is there, seen, and reached by the ability; else it is not there, or not theirs.
fn reached(services: &Services, rights: &Rights, ability: Ability, queue: &QueueOn) -> Result<(), AppError> {
    let (pbx, name) = queue;
    if !sees_queue(services, rights, queue) {
        return Err(AppError::NotFound);
    }
    if !rights.allow(ability, *pbx, &About::queue(name)) {
        return Err(AppError::Forbidden);
    }
    let there = services.hub.look(*pbx, |switchboard, _| {
        switchboard.board().queues.contains_key(name)
    });
    if there == Some(true) {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

async fn list(backend: &CallerBackend) -> Result<Vec<CallbackRules>, AppError> {
    let services = &backend.services;
    let viewer = backend.viewer()?.clone();
    if !viewer.rights.has(Ability::SetUpQueues) {
        return Err(AppError::Forbidden);
    }
    let mut queues = Vec::new();
    services.hub.each(|row, board| {
        queues.extend(board.queues.keys().map(|name| (row.id, name.clone())));
    });
    let mut found = Vec::new();
    for queue in queues {
        if reached(services, &viewer.rights, Ability::SetUpQueues, &queue).is_ok() {
            let policy = services.callbacks.policy(&queue).await.unwrap_or_default();
            found.push(rules(queue, policy));
        }
    }
    Ok(found)
}

async fn save(backend: &CallerBackend, rules: CallbackRules) -> Result<(), AppError> {
    let (pbx, name) = &rules.queue;
    let object = format!("pbx {}: queue {name}", pbx.0);
    backend.about(Action::ChangeCallbacks, &object);
    let viewer = backend.may(Ability::SetUpQueues)?;
    reached(
        &backend.services,
        &viewer.rights,
        Ability::SetUpQueues,
        &rules.queue,
    )?;
    if let Some((field, problem)) = rules.problem() {
        return Err(AppError::field(field, problem));
    }
    let facts = [
        Fact::told("on", if rules.on { "yes" } else { "no" }),
        Fact::told("attempts", rules.attempts.to_string()),
        Fact::told("pause", format!("{} min", rules.pause_min)),
        Fact::told("prefixes", rules.prefixes.join(", ")),
    ];
    let policy = Policy {
        on: rules.on,
        attempts: rules.attempts,
        pause_ms: u64::from(rules.pause_min) * MINUTE_MS,
        prefixes: rules.prefixes.clone(),
        ..Policy::default()
    };
    let save = async {
        let services = &backend.services;
        Ok(services
            .callbacks
            .set_policy(services, &rules.queue, policy)
            .await?)
    };
    backend.act(Action::ChangeCallbacks, &object, &facts, save).await
}

const fn action(verb: CallbackVerb) -> Action {
    match verb {
        CallbackVerb::CallNext => Action::CallbackNext,
        CallbackVerb::GiveUp => Action::GiveUpCallback,
        CallbackVerb::Cancel => Action::CancelCallback,
    }
}

async fn act(
    backend: &CallerBackend,
    queue: QueueOn,
    id: RequestId,
    verb: CallbackVerb,
) -> Result<(), AppError> {
    let object = format!("pbx {}: queue {} request {}", queue.0.0, queue.1, id.0);
    backend.about(action(verb), &object);
    let viewer = backend.may(Ability::ManageCallers)?;
    let services = &backend.services;
    reached(services, &viewer.rights, Ability::ManageCallers, &queue)?;
    let gone = || AppError::Conflict("This request is settled already.".into());
    let request = services.callbacks.request(&queue, id).await.ok_or_else(gone)?;
    let facts = [Fact::told("number", request.number)];
    let work = async {
        let done = services.callbacks.verb(services, &queue, id, verb).await?;
        done.map_err(|not| match not {
            Not::Gone => gone(),
            Not::UnderWay => AppError::Conflict("They are being called already.".into()),
            Not::NotAllowed => AppError::Conflict(
                "The queue does not call this number: its settings say which ones it does.".into(),
            ),
        })
    };
    backend.act(action(verb), &object, &facts, work).await
}

#[async_trait]
impl CallbackBackend for CallerBackend {
    async fn callback_rules(&self) -> Result<Vec<CallbackRules>, AppError> {
        list(self).await
    }

    async fn save_callback_rules(&self, rules: CallbackRules) -> Result<(), AppError> {
        save(self, rules).await
    }

    async fn callback(&self, queue: QueueOn, request: RequestId, verb: CallbackVerb) -> Result<(), AppError> {
        act(self, queue, request, verb).await
    }
}
