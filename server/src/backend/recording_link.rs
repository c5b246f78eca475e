//! Links by which somebody without an account hears one recording: made by whoever may copy it, good as long as they may, and each
//! listening in the audit trail with what the link is for.

use std::{net::IpAddr, time::Instant};

use app::{
    AppError,
    access::{Ability, About},
    audit::{Action, Fact, Outcome},
    model::recording::{
        HEARD, MAX_LINK_DAYS, MAX_LINK_LISTENS, MAX_LINKS, MAX_PURPOSE_CHARS, MadeLink, RecordingLink, State,
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    CallerBackend, Sound, history,
    recording::{RETRY_S, conflict},
    recording_file,
};
use crate::{
    access::{self, current, throttle::Guess, token},
    caller::Caller,
    clock::wall_ms,
    recordings::listening::named,
    services::Services,
    store::{LinkRecord, NewLink, RecordingRecord, Stored},
    trail::Who,
};

const DAY_MS: u64 = 24 * 3_600 * 1_000;
/// Guesses at links are counted as guesses at this account: no name holds a colon.
const ACCOUNT: &str = "link:";

impl CallerBackend {
    /// Whether the caller takes a copy of a recording that they hear.
    pub(super) fn copies(&self, record: &RecordingRecord, call: Option<&Stored>) -> Result<(), AppError> {
        let about = call.map_or_else(About::default, history::about);
        let rights = self.rights()?;
        access::require(rights, Ability::CopyRecordings)?;
        if rights.allow(Ability::CopyRecordings, record.pbx, &about) {
            Ok(())
        } else {
            Err(AppError::Forbidden)
        }
    }
}

/// A recording that the caller may copy. Any other is not there.
async fn copied(backend: &CallerBackend, key: &str) -> Result<RecordingRecord, AppError> {
    let (record, call) = backend.heard(key).await?;
    backend.copies(&record, call.as_ref())?;
    Ok(record)
}

pub(super) async fn share(
    backend: &CallerBackend,
    key: &str,
    purpose: &str,
    days: u32,
    listens: u32,
) -> Result<MadeLink, AppError> {
    let object = format!("recording {key}");
    backend.about(Action::ShareRecording, &object);
    let record = copied(backend, key).await?;
    if !(1..=MAX_PURPOSE_CHARS).contains(&purpose.chars().count()) {
        let wrong = format!("Say what for, in at most {MAX_PURPOSE_CHARS} letters.");
        return Err(AppError::field("purpose", wrong));
    }
    if !(1..=MAX_LINK_DAYS).contains(&days) {
        return Err(AppError::field("days", format!("1 to {MAX_LINK_DAYS} days.")));
    }
    if listens > MAX_LINK_LISTENS {
        return Err(AppError::field(
            "listens",
            format!("{MAX_LINK_LISTENS} at most, or nothing."),
        ));
    }
    if !matches!(record.is.state, State::Ready | State::Damaged) {
        return Err(conflict(record.is.state));
    }
    let viewer = backend.confirmed()?;
    let made = token::make();
    let now_ms = wall_ms();
    let new = NewLink {
        hash: made.hash,
        recording: record.id,
        by: (viewer.id.0, &viewer.display_name),
        purpose,
        expires_ms: now_ms + u64::from(days) * DAY_MS,
        most: (listens > 0).then_some(listens),
    };
    let store = &backend.services.store;
    let keep = async {
        if store.add_link(&new, now_ms).await? {
            return Ok(());
        }
        let full = format!("There are {MAX_LINKS} links to it already: revoke one first.");
        Err(AppError::field("purpose", full))
    };
    let mut facts = vec![
        Fact::told("purpose", purpose),
        Fact::told("days", days.to_string()),
    ];
    if listens > 0 {
        facts.push(Fact::told("times", listens.to_string()));
    }
    backend.act(Action::ShareRecording, &object, &facts, keep).await?;
    let base = backend.services.origins.base();
    Ok(MadeLink {
        address: format!("{base}{HEARD}?link={}", made.token.expose_secret()),
        links: store.links_of(record.id, wall_ms()).await?,
    })
}

pub(super) async fn links(backend: &CallerBackend, key: &str) -> Result<Vec<RecordingLink>, AppError> {
    let record = copied(backend, key).await?;
    Ok(backend.services.store.links_of(record.id, wall_ms()).await?)
}

pub(super) async fn revoke(backend: &CallerBackend, id: i64) -> Result<Vec<RecordingLink>, AppError> {
    backend.about(Action::RevokeLink, format!("link {id}"));
    backend.may(Ability::CopyRecordings)?;
    let store = &backend.services.store;
    let (recording, key) = store.linked_recording(id).await?.ok_or(AppError::NotFound)?;
    copied(backend, &key).await?;
    let object = format!("recording {key}");
    let facts = [Fact::told("link", id.to_string())];
    let revoke = async {
        // one that was revoked before stays so
        store.revoke_link(id, wall_ms()).await?;
        Ok(())
    };
    backend.act(Action::RevokeLink, &object, &facts, revoke).await?;
    Ok(store.links_of(recording, wall_ms()).await?)
}

/// Somebody who came by a link that is good.
#[derive(Debug)]
pub(crate) struct By {
    /// The link.
    pub(crate) link: LinkRecord,
    /// Its recording.
    record: RecordingRecord,
    /// Whoever made it, and what they may.
    maker: CallerBackend,
}

/// Finds the link of a token. What was never one, has run out, was revoked, or leads to what its maker may not copy any more is
/// all the same: not there. Whoever comes by such ones again and again waits; nobody else does.
pub(crate) async fn come_by(services: &Services, address: IpAddr, token: &str) -> Result<By, AppError> {
    if let Some(by) = find(services, address, token).await? {
        return Ok(by);
    }
    let throttle = &services.throttle;
    throttle
        .begin(ACCOUNT, Guess::Password, address, Instant::now())
        .map_err(|retry_after_s| AppError::TooMany { retry_after_s })?;
    throttle.failed(ACCOUNT, Guess::Password, address, Instant::now());
    Err(AppError::NotFound)
}

async fn find(services: &Services, address: IpAddr, token: &str) -> Result<Option<By>, AppError> {
    let Some(hash) = token::read(&SecretString::from(token.to_owned())) else {
        return Ok(None);
    };
    let store = &services.store;
    let link = store.link_by(&hash, wall_ms()).await?;
    let Some(link) = link.filter(|link| link.is_open) else {
        return Ok(None);
    };
    let maker = current::viewer(store, services.whence(address), link.user, None).await?;
    let Some(maker) = maker else { return Ok(None) };
    let caller = Caller::by_link(maker, address, &services.sessions);
    let maker = CallerBackend::new(services.clone(), caller);
    let record = match copied(&maker, &link.recording).await {
        Ok(record) => record,
        Err(AppError::NotFound | AppError::Forbidden) => return Ok(None),
        Err(error) => return Err(error),
    };
    let there = matches!(record.is.state, State::Ready | State::Damaged);
    Ok(there.then_some(By { link, record, maker }))
}

impl By {
    /// Opens the recording for a listening of this name, which is counted and written down before the first byte.
    pub(crate) async fn listen(self, listening: &str) -> Result<Sound, AppError> {
        let Self { link, record, maker } = self;
        let services = &maker.services;
        let id = link.shown.id;
        // a link has its own places, beside those of people
        let place = services.listenings.place(-id);
        let place = place.ok_or(AppError::TooMany {
            retry_after_s: RETRY_S,
        })?;
        let source = recording_file::open(&maker, &record).await?;
        let listening = (-id, record.id, named(listening));
        let mut told = services.listenings.told().await;
        if !told.goes_on(&listening) {
            let facts = [
                Fact::told("link", id.to_string()),
                Fact::told("made by", &link.shown.by),
                Fact::told("purpose", &link.shown.purpose),
            ];
            let object = format!("recording {}", record.key);
            let act = maker
                .begin(Who::link(id), Action::HearByLink, &object, &facts)
                .await?;
            let counted = services.store.hear_link(id, wall_ms()).await;
            let outcome = match counted {
                Ok(true) => Outcome::Done,
                Ok(false) => Outcome::Refused,
                Err(_) => Outcome::Failed,
            };
            maker.end(act, outcome, &[]).await;
            if !counted? {
                return Err(AppError::NotFound);
            }
            told.tell(listening);
        }
        drop(told);
        Ok(Sound::of(record, source, place))
    }

    /// Whether it can be heard once more.
    pub(crate) fn is_left(&self) -> bool {
        !self.link.shown.over
    }
}
