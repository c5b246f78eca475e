//! The visits behind figures, each for who may see it.

use std::collections::HashMap;

use app::{
    AppError,
    access::{Ability, About, QueueOn},
    model::figures::{Figure, KeptVisit, MAX_VISITS, VisitsQuery},
};
use telephony::{Left, visit::TalkEnd};

use super::{CallerBackend, MAX_RANGE_MS, sees_queue, teams};
use crate::{
    figures::Policies,
    store::{VisitFilter, VisitRecord},
};

/// Queues that one question names.
const MAX_QUEUES: usize = 100;

/// Every row that is looked at is held against them.
pub(in crate::backend) fn few_queues(queues: &[QueueOn]) -> Result<(), AppError> {
    if queues.len() > MAX_QUEUES {
        let problem = format!("Choose at most {MAX_QUEUES} queues, or none for all.");
        return Err(AppError::field("queues", problem));
    }
    Ok(())
}

/// The queues of a team that the viewer sees.
async fn queues_of_team(backend: &CallerBackend, id: i64) -> Result<Vec<QueueOn>, AppError> {
    let teams = teams(backend).await?;
    let found = teams.into_iter().find(|(team, _)| team.id.0 == id);
    found.map(|(team, _)| team.queues).ok_or(AppError::NotFound)
}

fn is_behind(figure: Figure, record: &VisitRecord, policies: &Policies) -> bool {
    let visit = &record.visit;
    let Some((_, how)) = visit.left else { return false };
    let policy = policies.at(&(record.pbx, visit.queue.clone()), visit.joined);
    let waited_ms = visit.waited_ms().unwrap_or_default();
    let in_time = waited_ms <= policy.target_ms;
    let short = waited_ms < policy.short_abandon_ms;
    match figure {
        Figure::Offered => true,
        Figure::Answered => how == Left::Answered,
        Figure::InTime => how == Left::Answered && in_time,
        Figure::Late => how == Left::Answered && !in_time,
        Figure::Abandoned => how == Left::Abandoned && !short,
        Figure::AbandonedShort => how == Left::Abandoned && short,
        Figure::TimedOut => how == Left::TimedOut,
        Figure::Key => how == Left::Key,
        Figure::KeptPlace => how == Left::KeptPlace,
        Figure::NotServed => matches!(how, Left::Full | Left::NoAgentsAtFirst | Left::NoAgents),
        // the store looks at the rings
        Figure::RingNoAnswer => true,
        Figure::Transferred => {
            let end = visit.talk.as_ref().and_then(|talk| talk.ended);
            end.is_some_and(|(_, by)| by == TalkEnd::Transfer)
        }
        Figure::Partial => record.is_marked(),
    }
}

pub(super) async fn visits(
    backend: &CallerBackend,
    query: VisitsQuery,
) -> Result<(Vec<KeptVisit>, bool), AppError> {
    let viewer = backend.viewer()?.clone();
    if !viewer.rights.has(Ability::SeeQueues) {
        return Err(AppError::Forbidden);
    }
    few_queues(&query.queues)?;
    if query.to_ms <= query.from_ms || query.to_ms - query.from_ms > MAX_RANGE_MS {
        return Err(AppError::field("to_ms", "Choose a time of at most 400 days."));
    }
    let services = &backend.services;
    let policies = Policies::new(services.store.policies().await?);
    let rights = &viewer.rights;
    // whoever sees a queue only because they serve it sees their own part of it
    let mut by_right: HashMap<QueueOn, bool> = HashMap::new();
    let served = |queue: &QueueOn| sees_queue(services, rights, queue);
    let limit = query.limit.clamp(1, MAX_VISITS);
    let of_team = match query.team {
        Some(id) => Some(queues_of_team(backend, id).await?),
        None => None,
    };
    // an agent's misses are rings of calls that somebody else took, or nobody
    let missed = query.figure == Some(Figure::RingNoAnswer);
    let filter = VisitFilter {
        from_ms: query.from_ms,
        to_ms: query.to_ms,
        before: query.before,
        missed,
        missed_by: query.agent.as_ref().map(|(_, agent)| agent.clone()),
        limit,
    };
    let whole = |queue: &QueueOn| rights.allow(Ability::SeeQueues, queue.0, &About::queue(&queue.1));
    let wanted = |record: &VisitRecord| {
        let queue = (record.pbx, record.visit.queue.clone());
        if !query.queues.is_empty() && !query.queues.contains(&queue) {
            return false;
        }
        let talk = record.visit.talk.as_ref();
        if of_team.as_ref().is_some_and(|of_team| !of_team.contains(&queue)) {
            return false;
        }
        if let Some((pbx, agent)) = &query.agent
            && (record.pbx != *pbx || !missed && talk.is_none_or(|talk| talk.interface != *agent))
        {
            return false;
        }
        let mine = talk.and_then(|talk| talk.extension.as_ref());
        let mine = mine.is_some_and(|number| rights.is_own(record.pbx, number));
        let whole = *by_right.entry(queue.clone()).or_insert_with(|| whole(&queue));
        if !(whole || mine && served(&queue)) {
            return false;
        }
        query
            .figure
            .is_none_or(|figure| is_behind(figure, record, &policies))
    };
    let (found, more) = services.store.visits(&filter, wanted).await?;
    let kept = found.into_iter().map(|record| KeptVisit {
        id: record.id,
        pbx: record.pbx,
        visit: record.visit,
        disposition: record.disposition,
        note: record.note,
        from_log: record.from_log,
        doubted: record.doubted,
    });
    Ok((kept.collect(), more))
}
