//! Recordings of calls: who hears which, and that it is written down before the first byte.

use app::{
    AppError,
    access::{Ability, About},
    audit::{Action, Fact, Outcome},
    backend::RecordingBackend,
    browser::hex,
    model::recording::{
        CallRecording, CallRecordings, Hold, MadeLink, PAGE, Proof, RecordingComment, RecordingLink, State,
        Troubled,
    },
};
use async_trait::async_trait;

use super::{
    CallerBackend, history, recording_comment,
    recording_file::{self, Source},
    recording_hold, recording_link,
};
use crate::{
    clock::wall_ms,
    places::Place,
    recordings::{listening::named, opus::Unfit, sound::content_type},
    store::{ListenRecord, RecordingRecord, Stored},
};

/// Recordings that are looked at for one page of those with something to say.
const LOOKED_AT: i64 = 1_000;
/// A place is free again after about so long.
pub(super) const RETRY_S: u64 = 5;

/// A recording that may be sent.
#[derive(Debug)]
pub(crate) struct Sound {
    /// Where its bytes are.
    pub(crate) source: Source,
    /// Its size.
    pub(crate) bytes: u64,
    /// SHA-256 of it, in hexadecimal digits.
    pub(crate) sum: String,
    /// The name of its file.
    pub(crate) name: String,
    /// How a browser is told what it is.
    pub(crate) content_type: &'static str,
    /// Held while it is sent.
    pub(crate) place: Place,
}

impl Sound {
    pub(super) fn of(record: RecordingRecord, source: Source, place: Place) -> Self {
        Self {
            source,
            bytes: record.is.seen.bytes,
            sum: hex(&record.is.sha256),
            content_type: content_type(&record.is.seen.file),
            name: record.is.seen.file,
            place,
        }
    }
}

/// What somebody wants with a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Only to know what it is.
    Head,
    /// To hear it, in the listening of this name.
    Hear(String),
    /// A copy.
    Copy,
    /// One made into Opus.
    Opus,
}

fn shown(record: RecordingRecord, comments: Vec<RecordingComment>) -> CallRecording {
    let RecordingRecord {
        key,
        is,
        taken_ms,
        held,
        ..
    } = record;
    CallRecording {
        key,
        file: is.seen.file,
        state: is.state,
        why: is.why,
        bytes: is.seen.bytes,
        duration_ms: is.duration_ms,
        channels: is.channels,
        drawn: is.drawn,
        silences: is.silences,
        comments,
        sha256: hex(&is.sha256),
        taken_ms,
        held,
    }
}

pub(super) fn conflict(state: State) -> AppError {
    AppError::Conflict(state.says().into())
}

impl CallerBackend {
    pub(super) async fn call_of(&self, record: &RecordingRecord) -> Result<Option<Stored>, AppError> {
        match record.call {
            Some(call) => Ok(self.services.store.finished_call(call).await?),
            None => Ok(None),
        }
    }

    /// Whether the caller hears a recording: the call that it is of is seen, and its recordings are theirs to hear.
    fn hears(&self, record: &RecordingRecord, call: Option<&Stored>) -> Result<bool, AppError> {
        let rights = self.rights()?;
        let about = call.map_or_else(About::default, history::about);
        let sees = call.is_none() || rights.allow(Ability::SeeCalls, record.pbx, &about);
        Ok(sees && rights.allow(Ability::HearRecordings, record.pbx, &about))
    }

    /// A recording that the caller hears. Any other is not there.
    pub(super) async fn heard(&self, key: &str) -> Result<(RecordingRecord, Option<Stored>), AppError> {
        self.may(Ability::HearRecordings)?;
        let record = self
            .services
            .store
            .recording(key)
            .await?
            .ok_or(AppError::NotFound)?;
        let call = self.call_of(&record).await?;
        if !self.hears(&record, call.as_ref())? {
            return Err(AppError::NotFound);
        }
        Ok((record, call))
    }

    /// Whether the caller may copy any recording at all.
    pub(crate) fn may_copy(&self) -> Result<(), AppError> {
        self.about(Action::CopyRecording, "a recording");
        self.may(Ability::CopyRecordings).map(drop)
    }

    /// Opens a recording for whoever may hear it, or take a copy; that is written down first, once for a listening.
    pub(crate) async fn open_recording(&self, key: &str, want: Want) -> Result<Sound, AppError> {
        let copies = matches!(want, Want::Copy | Want::Opus);
        let action = if copies {
            Action::CopyRecording
        } else {
            Action::HearRecording
        };
        self.about(action, format!("recording {key}"));
        let (record, call) = self.heard(key).await?;
        if copies {
            self.copies(&record, call.as_ref())?;
        }
        match record.is.state {
            State::Ready | State::Damaged => {}
            State::Foreign if want == Want::Copy => {}
            state => return Err(conflict(state)),
        }
        if want == Want::Opus && content_type(&record.is.seen.file) != "audio/wav" {
            return Err(AppError::Conflict(Unfit::Kind.to_string()));
        }
        let user = self.viewer()?.id.0;
        let place = self.services.listenings.place(user);
        let place = place.ok_or(AppError::TooMany {
            retry_after_s: RETRY_S,
        })?;
        let source = recording_file::open(self, &record).await?;
        match want {
            Want::Head => {}
            Want::Hear(listening) => {
                let listening = (user, record.id, named(&listening));
                let mut told = self.services.listenings.told().await;
                if !told.goes_on(&listening) {
                    self.tell_of(action, &record, call.as_ref()).await?;
                    told.tell(listening);
                }
            }
            Want::Copy | Want::Opus => self.tell_of(action, &record, call.as_ref()).await?,
        }
        Ok(Sound::of(record, source, place))
    }

    async fn tell_of(
        &self,
        action: Action,
        record: &RecordingRecord,
        call: Option<&Stored>,
    ) -> Result<(), AppError> {
        let mut facts = vec![Fact::told("recording", &record.key)];
        if let Some(call) = call {
            let row = &call.told.row;
            facts.push(Fact::told("call", &row.call.0));
            facts.push(Fact::told("from", &row.caller.number));
            facts.push(Fact::told("to", &row.callee.number));
        }
        let object = format!("recording {}", record.is.seen.file);
        let act = self.begin(self.caller.who(), action, &object, &facts).await?;
        let listen = ListenRecord {
            recording: record.id,
            user: self.viewer()?.id.0,
            act: act.id(),
            at_ms: wall_ms(),
            copy: action == Action::CopyRecording,
        };
        let noted = self.services.store.add_listen(listen).await;
        let outcome = if noted.is_ok() {
            Outcome::Done
        } else {
            Outcome::Failed
        };
        self.end(act, outcome, &[]).await;
        Ok(noted?)
    }
}

#[async_trait]
impl RecordingBackend for CallerBackend {
    async fn call_recordings(&self, call: i64) -> Result<CallRecordings, AppError> {
        let rights = &self.may(Ability::HearRecordings)?.rights;
        let stored = self
            .services
            .store
            .finished_call(call)
            .await?
            .ok_or(AppError::NotFound)?;
        let (pbx, about) = (stored.told.row.pbx, history::about(&stored));
        if !rights.allow(Ability::SeeCalls, pbx, &about) {
            return Err(AppError::NotFound);
        }
        if !rights.allow(Ability::HearRecordings, pbx, &about) {
            return Ok(CallRecordings::default());
        }
        let recordings = self.services.store.recordings_of_call(call).await?;
        let ids: Vec<i64> = recordings.iter().map(|one| one.id).collect();
        let mut comments = self.services.store.comments_on(&ids).await?;
        let with = |one: RecordingRecord| {
            let comments = comments.remove(&one.id).unwrap_or_default();
            shown(one, comments)
        };
        Ok(CallRecordings {
            recordings: recordings.into_iter().map(with).collect(),
            hold: self.services.store.hold_of(call).await?,
            may_hold: rights.has(Ability::HoldRecordings),
            may_copy: rights.allow(Ability::CopyRecordings, pbx, &about),
        })
    }

    async fn comment_recording(
        &self,
        key: String,
        at_s: u32,
        said: String,
    ) -> Result<Vec<RecordingComment>, AppError> {
        recording_comment::comment(self, &key, at_s, said.trim()).await
    }

    async fn uncomment_recording(&self, id: i64) -> Result<Vec<RecordingComment>, AppError> {
        recording_comment::uncomment(self, id).await
    }

    async fn share_recording(
        &self,
        key: String,
        purpose: String,
        days: u32,
        listens: u32,
    ) -> Result<MadeLink, AppError> {
        recording_link::share(self, &key, purpose.trim(), days, listens).await
    }

    async fn recording_links(&self, key: String) -> Result<Vec<RecordingLink>, AppError> {
        recording_link::links(self, &key).await
    }

    async fn revoke_link(&self, id: i64) -> Result<Vec<RecordingLink>, AppError> {
        recording_link::revoke(self, id).await
    }

    async fn hold_recordings(&self, call: i64, why: String) -> Result<Option<Hold>, AppError> {
        recording_hold::hold(self, call, why.trim()).await
    }

    async fn release_recordings(&self, call: i64) -> Result<Option<Hold>, AppError> {
        recording_hold::release(self, call).await
    }

    async fn prove_recording(&self, key: String) -> Result<Proof, AppError> {
        let (record, _) = self.heard(&key).await?;
        let place = self.services.listenings.place(self.viewer()?.id.0);
        let place = place.ok_or(AppError::TooMany {
            retry_after_s: RETRY_S,
        })?;
        match record.is.state {
            State::Growing | State::Doomed | State::Deleted => return Err(conflict(record.is.state)),
            _ => {}
        }
        recording_file::prove(self, &record, place).await
    }

    async fn troubled_recordings(&self, after: i64) -> Result<Vec<Troubled>, AppError> {
        self.may(Ability::HearRecordings)?;
        let mut troubled = Vec::new();
        let mut ids = Vec::new();
        for record in self.services.store.troubled_recordings(after, LOOKED_AT).await? {
            let call = self.call_of(&record).await?;
            if !self.hears(&record, call.as_ref())? {
                continue;
            }
            ids.push(record.id);
            troubled.push(Troubled {
                id: record.id,
                pbx: record.pbx,
                place: format!("{}/{}", record.folder, record.is.seen.file)
                    .trim_start_matches('/')
                    .to_owned(),
                call: record.call,
                modified_ms: record.is.seen.modified_ms,
                recording: shown(record, Vec::new()),
            });
            if troubled.len() == PAGE {
                break;
            }
        }
        let mut comments = self.services.store.comments_on(&ids).await?;
        for one in &mut troubled {
            one.recording.comments = comments.remove(&one.id).unwrap_or_default();
        }
        Ok(troubled)
    }
}
