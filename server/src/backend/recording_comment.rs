//! What people say of moments of recordings that they hear.

use app::{
    AppError,
    access::Ability,
    audit::{Action, Fact},
    model::recording::{MAX_COMMENT_CHARS, MAX_COMMENTS, RecordingComment, State},
};

use super::{CallerBackend, recording::conflict};
use crate::clock::wall_ms;

pub(super) async fn comment(
    backend: &CallerBackend,
    key: &str,
    at_s: u32,
    said: &str,
) -> Result<Vec<RecordingComment>, AppError> {
    let object = format!("recording {key}");
    backend.about(Action::CommentRecording, &object);
    let (record, _) = backend.heard(key).await?;
    if !(1..=MAX_COMMENT_CHARS).contains(&said.chars().count()) {
        let wrong = format!("1 to {MAX_COMMENT_CHARS} characters.");
        return Err(AppError::field("said", wrong));
    }
    if !matches!(record.is.state, State::Ready | State::Damaged) {
        return Err(conflict(record.is.state));
    }
    if record.is.duration_ms > 0 && u64::from(at_s) * 1_000 > record.is.duration_ms {
        return Err(AppError::field("at_s", "The recording is shorter."));
    }
    let viewer = backend.viewer()?;
    let by = (viewer.id, viewer.display_name.as_str());
    let store = &backend.services.store;
    let keep = async {
        if store.add_comment(record.id, at_s, by, said, wall_ms()).await? {
            return Ok(());
        }
        let full = format!("A recording has {MAX_COMMENTS} comments at most.");
        Err(AppError::field("said", full))
    };
    let facts = [Fact::told("second", at_s.to_string())];
    backend
        .act(Action::CommentRecording, &object, &facts, keep)
        .await?;
    comments_of(backend, record.id).await
}

pub(super) async fn uncomment(backend: &CallerBackend, id: i64) -> Result<Vec<RecordingComment>, AppError> {
    backend.about(Action::CommentRecording, format!("comment {id}"));
    let by = backend.may(Ability::HearRecordings)?.id;
    let store = &backend.services.store;
    let key = store.commented(id, by).await?.ok_or(AppError::NotFound)?;
    let (record, _) = backend.heard(&key).await?;
    let remove = async {
        let done = store.remove_comment(id, by).await?;
        done.then_some(()).ok_or(AppError::NotFound)
    };
    let facts = [Fact::told("removed", id.to_string())];
    let object = format!("recording {key}");
    backend
        .act(Action::CommentRecording, &object, &facts, remove)
        .await?;
    comments_of(backend, record.id).await
}

async fn comments_of(backend: &CallerBackend, recording: i64) -> Result<Vec<RecordingComment>, AppError> {
    let mut comments = backend.services.store.comments_on(&[recording]).await?;
    Ok(comments.remove(&recording).unwrap_or_default())
}
