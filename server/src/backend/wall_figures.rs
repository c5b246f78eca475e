//! The figures of a day for walls: sums over the visits of queues, and nothing of agents.

use app::{
    AppError,
    access::{Ability, QueueOn, Rights},
    model::{
        figures::{FiguresQuery, Split, Subject},
        wallboard::{QueueToday, Scope, Today, Wallboard},
    },
};

use super::{
    CallerBackend,
    queues::{Sights, sees_queue},
};
use crate::{
    access::Sight,
    figures::{Fold, Policies},
};

/// The longest day there is, in milliseconds: the clock goes back an hour, and some zones have moved by more.
const MAX_DAY_MS: u64 = 27 * 3_600 * 1_000;
const SECOND_MS: u64 = 1_000;

pub(super) async fn of_day(backend: &CallerBackend, from_ms: u64, to_ms: u64) -> Result<Today, AppError> {
    let sight: Sight = backend.caller.sight()?;
    let rights: &Rights = sight.rights();
    if !rights.has(Ability::SeeQueues) {
        return Err(AppError::Forbidden);
    }
    if to_ms <= from_ms || to_ms - from_ms > MAX_DAY_MS {
        return Err(AppError::field("to_ms", "Choose a day."));
    }
    let services = &backend.services;
    let screen = backend.caller.screen.as_ref();
    let shown = screen
        .map(|screen| Queues::of(&screen.board.board))
        .unwrap_or(Queues::All);
    let query = FiguresQuery {
        edges: vec![from_ms, to_ms],
        by: Split::Queue,
        queues: match &shown {
            Queues::All => Vec::new(),
            // nothing is asked for, which is not everything
            Queues::These(these) if these.is_empty() => {
                return Ok(Today {
                    as_of: services.hub.clock().now(),
                    ..Today::default()
                });
            }
            Queues::These(these) => these.clone(),
        },
    };
    let store = &services.store;
    services.hub.kept().await;
    let as_of = services.hub.clock().now();
    let policies = Policies::new(store.policies().await?);
    let mut fold = Fold::new(&query, &policies, Sights::new(services, rights, &[], []));
    store
        .each_visit(from_ms, to_ms, |record| fold.visit(&record))
        .await?;
    let rows = fold.done(as_of).rows.into_iter().filter_map(|row| match row.of {
        Subject::Queue(pbx, queue) => Some(QueueToday {
            queue: (pbx, queue),
            visits: row.visits,
            wrap_up_ms: row.wrap_up_ms,
        }),
        Subject::Whole | Subject::Agent(..) | Subject::Team(_) | Subject::Interval(_) => None,
    });
    let rules = store.queue_rules().await?.into_iter();
    let rules = rules.filter(|rules| shown.has(&rules.queue) && sees_queue(services, rights, &rules.queue));
    let mut gaps: Vec<_> = store
        .gaps(from_ms, to_ms)
        .await?
        .into_iter()
        .filter(|gap| !gap.filled)
        .map(|gap| gap.pbx)
        .collect();
    gaps.sort_unstable();
    gaps.dedup();
    gaps.retain(|pbx| sight.sees_pbx(*pbx));
    Ok(Today {
        as_of,
        queues: rows.collect(),
        targets: rules
            .map(|rules| (rules.queue, u64::from(rules.target_s) * SECOND_MS))
            .collect(),
        gaps,
    })
}

/// The queues whose figures a board shows.
enum Queues {
    All,
    These(Vec<QueueOn>),
}

impl Queues {
    fn of(board: &Wallboard) -> Self {
        let mut these = Vec::new();
        for tile in board
            .tiles()
            .filter(|tile| tile.metric.has_scope() && !tile.metric.is_of_agents())
        {
            match &tile.scope {
                Scope::Queues(queues) => these.extend(queues.iter().cloned()),
                Scope::Everything | Scope::Team(_) => return Queues::All,
            }
        }
        Queues::These(these)
    }

    fn has(&self, queue: &QueueOn) -> bool {
        match self {
            Queues::All => true,
            Queues::These(these) => these.contains(queue),
        }
    }
}
