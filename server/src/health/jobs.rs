//! What runs by itself: folders, the bucket, the copy of calls, logs, call records, mail.

use std::path::Path;

use app::{
    model::health::{Part, Sign},
    pages::history::grouped,
    words::{duration, visible::visible},
};

use super::{in_time, name, part};
use crate::{
    clock::wall_ms,
    recordings::folder::Folder,
    services::Services,
    store::{CdrSource, CopyState},
};

/// Call records that are read by hand or a timer: older than a day is worth a look.
const OLD_RECORDS_MS: u64 = 24 * 3_600_000;

/// What runs by itself.
pub(super) async fn of(services: &Services) -> Vec<Part> {
    let store = &services.store;
    let mut parts = Vec::new();
    for (pbx, path) in in_time(store.recording_folders()).await.unwrap_or_default() {
        let name = format!("Recordings of {}", name(services, pbx));
        let more = Some(format!("/admin/pbx/{}", pbx.0));
        let opened = tokio::task::spawn_blocking(move || Folder::open(Path::new(&path)).map(drop)).await;
        let found = match opened {
            Ok(Ok(())) => part(name, Sign::Well, "Their folder is looked at every second."),
            Ok(Err(error)) => part(
                name,
                Sign::Broken,
                format!("Their folder cannot be read: {error}."),
            ),
            Err(_) => continue,
        };
        parts.push(Part { more, ..found });
    }
    if let Some(bucket) = &services.bucket {
        let waiting = in_time(store.count_to_store()).await.unwrap_or_default();
        let (sign, says) = of_bucket(waiting, bucket.trouble());
        parts.push(part("Bucket of recordings", sign, says));
    }
    if let Some(copy) = store.copy() {
        let (sign, says) = of_copy(&copy.state(), copy.is_searched());
        parts.push(part("Copy of calls", sign, says));
    }
    let stuck = in_time(store.cleanups()).await.unwrap_or_default();
    if let Some(stuck) = stuck.iter().find(|one| !one.left.is_empty()) {
        parts.push(Part {
            more: Some("/admin/keeping".into()),
            ..part(
                "Removing recordings",
                Sign::Strained,
                format!("{}.", visible(&stuck.left)),
            )
        });
    }
    for log in in_time(store.logs()).await.unwrap_or_default() {
        let name = format!("Log of queues of {}", name(services, log.pbx));
        let more = Some(format!("/admin/pbx/{}", log.pbx.0));
        let found = match std::fs::File::open(&log.path) {
            Ok(_) => part(name, Sign::Well, "It is followed."),
            Err(error) => part(name, Sign::Broken, format!("It cannot be read: {error}.")),
        };
        parts.push(Part { more, ..found });
    }
    for source in in_time(store.cdr_sources()).await.unwrap_or_default() {
        let name = format!("Call records of {}", name(services, source.pbx));
        let age_ms = source.read_ms.map(|read| wall_ms().saturating_sub(read));
        let (sign, says) = of_records(age_ms, &source);
        parts.push(Part {
            more: Some("/calls/records".into()),
            ..part(name, sign, says)
        });
    }
    match in_time(store.unsent_mailings()).await {
        Ok(Some((many, why))) => {
            let says = format!("{} could not be sent: {}", grouped(many), visible(&why));
            parts.push(part("Reports by mail", Sign::Strained, says));
        }
        Ok(None) if services.mailer.is_some() => {
            parts.push(part(
                "Reports by mail",
                Sign::Well,
                "Nothing waits to be sent again.",
            ));
        }
        Ok(None) | Err(_) => {}
    }
    parts
}

fn of_bucket(waiting: u64, trouble: Option<String>) -> (Sign, String) {
    let waits = match waiting {
        0 => None,
        1 => Some("1 recording waits to be copied".to_owned()),
        many => Some(format!("{} recordings wait to be copied", grouped(many))),
    };
    match (trouble, waits) {
        (None, None) => (Sign::Well, "Every recording is there.".into()),
        (None, Some(waits)) => (Sign::Well, format!("{waits}.")),
        (Some(why), Some(waits)) => (Sign::Broken, format!("{waits}: {}.", visible(&why))),
        (Some(why), None) => (Sign::Broken, format!("It does not answer: {}.", visible(&why))),
    }
}

fn of_copy(state: &CopyState, is_searched: bool) -> (Sign, String) {
    match state {
        CopyState::New => (Sign::Strained, "It is being reached.".into()),
        CopyState::Filling(per_mille) => {
            let percent = per_mille / 10;
            (
                Sign::Well,
                format!("It is being filled: {percent} % of the time that there are calls of is in it."),
            )
        }
        CopyState::Usable { .. } if is_searched => (Sign::Well, "Calls are looked for in it.".into()),
        CopyState::Usable { .. } => (Sign::Well, "It is kept up with every call.".into()),
        CopyState::Failed(why) => (
            Sign::Broken,
            format!(
                "It is not written to: {}. {}",
                visible(why),
                if is_searched {
                    "Calls are looked for in the own database."
                } else {
                    "What changes waits."
                }
            ),
        ),
    }
}

fn of_records(age_ms: Option<u64>, source: &CdrSource) -> (Sign, String) {
    if !source.trouble.is_empty() {
        let last = age_ms.map_or("They were never read".to_owned(), |age_ms| {
            format!("They were last read {}", duration::ago(age_ms))
        });
        return (
            Sign::Broken,
            format!("{last}; not since: {}.", visible(&source.trouble)),
        );
    }
    match age_ms {
        None if source.every_s > 0 => (Sign::Well, "They are read for the first time soon.".into()),
        None => (Sign::Strained, "They were never read.".into()),
        Some(age_ms) if age_ms > OLD_RECORDS_MS => (
            Sign::Strained,
            format!("They were last read {}.", duration::ago(age_ms)),
        ),
        Some(age_ms) => (
            Sign::Well,
            format!("They were last read {}.", duration::ago(age_ms)),
        ),
    }
}
