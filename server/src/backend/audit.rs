//! The audit trail for those who may see it: pages, one entry, and a copy as a file.

use std::io;

use app::{
    AppError,
    access::Ability,
    audit::{Action, AuditEntry, AuditList, AuditQuery, AuditRow, Fact, Outcome},
    browser::hex,
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::CallerBackend;
use crate::{
    access,
    store::Found,
    trail::{
        detail,
        export::{self, Export, Format},
    },
};

/// Rows of a page.
const PAGE_ROWS: u32 = 100;
/// Characters of the gist that a row shows.
const GIST_CHARS: usize = 120;
/// Parts of an export that wait for whoever downloads it.
const MOST_PARTS: usize = 2;

/// Whoever may see the trail sees all of it.
fn may_see(backend: &CallerBackend) -> Result<(), AppError> {
    access::require(backend.rights()?, Ability::SeeAudit)
}

pub(super) async fn list(backend: &CallerBackend, query: AuditQuery) -> Result<AuditList, AppError> {
    may_see(backend)?;
    let found = backend.services.store.search_trail(&query, PAGE_ROWS).await?;
    let ms = |at_ms: Option<i64>| at_ms.map(i64::unsigned_abs);
    Ok(AuditList {
        rows: found.found.iter().map(row).collect(),
        older: found.older,
        since_ms: ms(found.since_ms),
        searched_to_ms: ms(found.searched_to_ms),
        kept_days: backend.services.trail.keeps_days(),
    })
}

pub(super) async fn entry(backend: &CallerBackend, id: i64) -> Result<AuditEntry, AppError> {
    may_see(backend)?;
    let found = backend.services.store.trail_entry(id).await?;
    let found = found.ok_or(AppError::NotFound)?;
    let outcome_row = found.ended_id.zip(found.ended_hash.as_deref());
    Ok(AuditEntry {
        row: row(&found),
        ended_ms: found.ended_ms.map(i64::unsigned_abs),
        facts: facts(&found),
        hash: hex(&found.act.hash),
        outcome_row: outcome_row.map(|(id, hash)| (id, hex(hash))),
    })
}

fn facts(found: &Found) -> Vec<Fact> {
    let mut facts = detail::read(&found.act.detail);
    facts.extend(detail::read(found.ended_detail.as_deref().unwrap_or_default()));
    facts
}

fn row(found: &Found) -> AuditRow {
    let Found { act, .. } = found;
    let gist = detail::gist(&facts(found));
    AuditRow {
        id: act.id,
        at_ms: act.at_ms.unsigned_abs(),
        actor: act.actor.clone(),
        address: act.address.clone(),
        action: act.action.clone(),
        object: act.object.clone(),
        outcome: found.outcome().to_owned(),
        note: app::words::shortened(&gist, GIST_CHARS),
    }
}

impl CallerBackend {
    /// A copy of what the filters let through, part by part as it is taken. It is told in the trail, with how many entries
    /// went out.
    pub(crate) async fn export_audit(
        &self,
        query: AuditQuery,
        format: Format,
    ) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>, AppError> {
        self.about(Action::ExportAudit, "audit trail");
        let viewer = self.may(Ability::SeeAudit)?;
        let trail = self.services.trail.clone();
        let place = self.services.exports.place(viewer.id.0);
        let place = place.ok_or(AppError::TooMany { retry_after_s: 5 })?;
        let store = self.services.store.clone();
        let end = store.trail_end().await? + 1;
        let facts = export::facts(&query, format);
        let act = self
            .begin(self.caller.who(), Action::ExportAudit, "audit trail", &facts)
            .await?;
        let (parts, taken) = mpsc::channel(MOST_PARTS);
        tokio::spawn(async move {
            let mut export = Export::new(store, format, query, end);
            let why = write(&mut export, &parts).await;
            drop(place);
            let count = Fact::told("entries", export.acts.to_string());
            match why {
                None => trail.end(act, Outcome::Done, &[count]).await,
                Some(why) => {
                    trail
                        .end(act, Outcome::Failed, &[count, Fact::told("why", why)])
                        .await
                }
            }
        });
        let parts = futures::stream::unfold(taken, async |mut taken| {
            let part = taken.recv().await?;
            Some((part, taken))
        });
        // who reads it may ask once more after its end
        Ok(parts.fuse())
    }
}

/// Hands parts on until the end; gives why it did not get there.
async fn write(export: &mut Export, parts: &mpsc::Sender<io::Result<Bytes>>) -> Option<&'static str> {
    loop {
        match export.next().await {
            Ok(None) => return None,
            Ok(Some(part)) => {
                if parts.send(Ok(part.into())).await.is_err() {
                    return Some("the download was broken off");
                }
            }
            Err(error) => {
                tracing::error!(%error, "an export of the audit trail was broken off");
                // a download that is cut short must not look whole
                let _ = parts
                    .send(Err(io::Error::other("the export was broken off")))
                    .await;
                return Some("the database could not be read");
            }
        }
    }
}
