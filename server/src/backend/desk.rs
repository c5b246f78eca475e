//! An agent's own desk.

use app::{
    AppError,
    access::{Ability, About},
    audit::{Action, Fact},
    backend::DeskBackend,
    model::{PbxId, desk::Desk, figures::KeptVisit},
};
use async_trait::async_trait;

use super::{
    CallerBackend,
    queues::{note, sees_queue, word},
};
use crate::{
    clock::wall_ms,
    store::{VisitFilter, VisitRecord},
};

/// Calls shown on a desk, and of a caller.
const MAX_SHOWN: usize = 30;
const DAY_MS: u64 = 24 * 3_600 * 1_000;
/// How far back a caller's visits are looked for.
const EARLIER_MS: u64 = 365 * DAY_MS;

fn kept(record: VisitRecord) -> KeptVisit {
    KeptVisit {
        id: record.id,
        pbx: record.pbx,
        visit: record.visit,
        disposition: record.disposition,
        note: record.note,
        from_log: record.from_log,
        doubted: record.doubted,
    }
}

impl CallerBackend {
    fn took(&self, record: &VisitRecord) -> bool {
        let number = record
            .visit
            .talk
            .as_ref()
            .and_then(|talk| talk.extension.as_deref());
        let rights = self.rights();
        rights.is_ok_and(|rights| number.is_some_and(|number| rights.is_own(record.pbx, number)))
    }
}

#[async_trait]
impl DeskBackend for CallerBackend {
    async fn desk(&self) -> Result<Desk, AppError> {
        let viewer = self.viewer()?;
        let store = &self.services.store;
        let mut rules = store.queue_rules().await?;
        rules.retain(|rules| sees_queue(&self.services, &viewer.rights, &rules.queue));
        let mut reasons = store.pause_reasons().await?;
        reasons.retain(|reason| !reason.retired);
        let now_ms = wall_ms();
        let filter = VisitFilter {
            from_ms: now_ms.saturating_sub(7 * DAY_MS),
            to_ms: now_ms + DAY_MS,
            limit: MAX_SHOWN,
            ..VisitFilter::default()
        };
        let (taken, _) = store.visits(&filter, |record| self.took(record)).await?;
        Ok(Desk {
            reasons,
            rules,
            taken: taken.into_iter().map(kept).collect(),
        })
    }

    async fn earlier_visits(&self, pbx: PbxId, number: String) -> Result<Vec<KeptVisit>, AppError> {
        let viewer = self.viewer()?;
        let rights = &viewer.rights;
        if number.is_empty() {
            return Ok(Vec::new());
        }
        let found = self
            .services
            .store
            .visits_of(pbx, &number, wall_ms().saturating_sub(EARLIER_MS), MAX_SHOWN)
            .await?;
        let over = |record: &VisitRecord| match &record.visit.talk {
            Some(talk) => talk.ended.is_some(),
            None => record.visit.left.is_some(),
        };
        let seen = found.into_iter().filter(|record| over(record)).filter(|record| {
            let queue = (record.pbx, record.visit.queue.clone());
            // whoever serves the queue may know why somebody called it before
            self.took(record)
                || rights.allow(Ability::SeeQueues, record.pbx, &About::queue(&queue.1))
                || sees_queue(&self.services, rights, &queue)
        });
        Ok(seen.map(kept).collect())
    }

    async fn say_of_call(&self, visit: i64, disposition: String, text: String) -> Result<(), AppError> {
        let object = format!("visit {visit}");
        self.about(Action::SayOfCall, &object);
        let viewer = self.may(Ability::ServeQueues)?;
        let store = &self.services.store;
        let record = store.visit(visit).await?.ok_or(AppError::NotFound)?;
        if !self.took(&record) {
            return Err(AppError::NotFound);
        }
        let disposition = disposition.trim();
        if !disposition.is_empty() {
            word("disposition", disposition)?;
            let queue = (record.pbx, record.visit.queue.clone());
            let rules = store.rules_of(&queue).await?;
            let known = rules.is_some_and(|rules| rules.dispositions.iter().any(|one| one == disposition));
            if !known {
                return Err(AppError::field("disposition", "Choose one from the list."));
            }
        }
        let text = note(&text)?;
        let facts = [Fact::told("disposition", disposition)];
        let said = (!disposition.is_empty()).then_some(disposition);
        let user = viewer.id.0;
        let save = async {
            Ok(store
                .say_of_visit(visit, said, text.as_deref(), user, wall_ms())
                .await?)
        };
        self.act(Action::SayOfCall, &object, &facts, save).await
    }
}
