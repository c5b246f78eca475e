//! Recordings that are kept whatever the policy says, because somebody said so and why.

use app::{
    AppError,
    access::{Ability, About},
    audit::{Action, Fact},
    model::recording::{Hold, MAX_PURPOSE_CHARS},
};

use super::{CallerBackend, history};
use crate::{clock::wall_ms, store::NewHold};

/// A call whose recordings the caller hears, and may have kept.
async fn held_call(backend: &CallerBackend, call: i64) -> Result<String, AppError> {
    let object = format!("recordings of call {call}");
    backend.about(Action::HoldRecordings, &object);
    let rights = &backend.may(Ability::HoldRecordings)?.rights;
    let stored = backend.services.store.finished_call(call).await?;
    let stored = stored.ok_or(AppError::NotFound)?;
    let (pbx, about): (_, About) = (stored.told.row.pbx, history::about(&stored));
    let sees =
        rights.allow(Ability::SeeCalls, pbx, &about) && rights.allow(Ability::HearRecordings, pbx, &about);
    if sees { Ok(object) } else { Err(AppError::NotFound) }
}

pub(super) async fn hold(backend: &CallerBackend, call: i64, why: &str) -> Result<Option<Hold>, AppError> {
    let object = held_call(backend, call).await?;
    if !(1..=MAX_PURPOSE_CHARS).contains(&why.chars().count()) {
        let wrong = format!("Say why in 1 to {MAX_PURPOSE_CHARS} characters.");
        return Err(AppError::field("why", wrong));
    }
    let store = &backend.services.store;
    let viewer = backend.viewer()?;
    let hold = NewHold {
        by: &viewer.display_name,
        why,
        at_ms: wall_ms(),
    };
    let keep = async {
        let done = store.hold_call(call, hold).await?;
        done.then_some(()).ok_or(AppError::NotFound)
    };
    let facts = [Fact::told("held", "yes"), Fact::told("why", why)];
    backend.act(Action::HoldRecordings, &object, &facts, keep).await?;
    Ok(store.hold_of(call).await?)
}

pub(super) async fn release(backend: &CallerBackend, call: i64) -> Result<Option<Hold>, AppError> {
    let object = held_call(backend, call).await?;
    let store = &backend.services.store;
    let let_go = async {
        let done = store.release_call(call).await?;
        done.then_some(()).ok_or(AppError::NotFound)
    };
    let facts = [Fact::told("held", "no")];
    backend
        .act(Action::HoldRecordings, &object, &facts, let_go)
        .await?;
    Ok(store.hold_of(call).await?)
}
