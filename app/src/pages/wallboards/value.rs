//! What a tile shows, read off the live rows: no element, no clock.

use leptos::prelude::*;
use telephony::{Queue, figures};

use crate::{
    access::QueueOn,
    live::{Freshness, Live},
    model::{
        PbxId,
        wallboard::{Level, Metric, Scope, TeamOf, Tile, Today, Unit},
    },
    words::{Status, duration, shortened},
};

/// Characters of a name on a wall.
pub(super) const WHO_CHARS: usize = 28;
/// Agents and callers that are read off at most.
pub(super) const MOST_LINES: usize = 60;
/// Figures of the day that are older than this say so.
const STALE_MS: u64 = 45_000;
/// A queue that has no target of its own.
const USUAL_TARGET_S: u32 = 20;

/// What a tile shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Whoever looks sees nothing of what it is about.
    NotSeen,
    /// A figure.
    Figure {
        /// As it is written.
        text: String,
        /// How it stands to its limits.
        level: Level,
    },
    /// Ready, busy, paused, unreachable.
    Agents([usize; 4]),
    /// Lines, and how many there are in all.
    Lines(Vec<Line>, usize),
    /// A text of one's own.
    Text(String),
    /// The time of day, which the browser knows.
    Clock,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How they are.
    pub(super) status: Status,
    /// Who; empty where names are masked.
    pub(super) who: String,
    /// Where, or why.
    pub(super) note: String,
    /// For how long.
    pub(super) for_ms: Option<u64>,
}

/// What is read.
#[derive(Clone)]
pub struct Reader {
    /// The rows.
    pub(super) live: Live,
    /// The teams that tiles may be about.
    pub(super) teams: Vec<TeamOf>,
    /// No tile shows a name.
    pub(super) masked: bool,
    /// The figures of the day, once they are there.
    pub(super) today: RwSignal<Option<Today>>,
}

impl Reader {
    /// What a tile shows now; tracked.
    pub(super) fn read(&self, tile: &Tile) -> Reading {
        match tile.metric {
            Metric::Clock => return Reading::Clock,
            Metric::Text => return Reading::Text(tile.text.clone()),
            Metric::Calls => return self.calls(tile),
            Metric::AgentsReady
            | Metric::AgentsBusy
            | Metric::AgentsPaused
            | Metric::AgentsAway
            | Metric::Agents
            | Metric::AgentList => return self.agents(tile),
            Metric::Waiting | Metric::LongestWait | Metric::ServiceLevelNow | Metric::WaitingList => {}
            Metric::Offered
            | Metric::Answered
            | Metric::Abandoned
            | Metric::AbandonRate
            | Metric::ServiceLevel
            | Metric::AnswerSpeed
            | Metric::HandleTime
            | Metric::LongestWaitToday => return self.of_today(tile),
        }
        let queues = self.queues(&tile.scope);
        if queues.is_empty() {
            return Reading::NotSeen;
        }
        let mut waits = Vec::new();
        let (mut in_time, mut all) = (0, 0);
        for key in &queues {
            let now_ms = self.live.as_of_ms(key.0);
            self.live.queues.with(key, |queue| {
                let waited_ms = |joined: u64| now_ms.saturating_sub(joined);
                if let Some(share) = figures::now(
                    queue.waiting.iter().map(|caller| waited_ms(caller.joined.0)),
                    &self.policy(key, queue),
                ) {
                    in_time += share.part;
                    all += share.whole;
                }
                let callers = queue.waiting.iter();
                waits.extend(callers.map(|caller| {
                    let who = caller.name.as_deref().filter(|name| !name.trim().is_empty());
                    let who = shortened(who.unwrap_or(&caller.number), WHO_CHARS);
                    (waited_ms(caller.joined.0), who, key.1.clone())
                }));
            });
        }
        // who waits longest stands first, whatever the queue
        waits.sort_by_key(|wait| std::cmp::Reverse(wait.0));
        let figure = |figure: u64, text: String| Reading::Figure {
            text,
            level: tile.limits.level(figure),
        };
        match tile.metric {
            Metric::Waiting => figure(waits.len() as u64, waits.len().to_string()),
            Metric::LongestWait => match waits.first() {
                Some((longest_ms, ..)) => figure(longest_ms / 1_000, duration::clock(*longest_ms)),
                None => nothing(),
            },
            // of nobody there is no share: neither good nor bad
            Metric::ServiceLevelNow if all == 0 => nothing(),
            Metric::ServiceLevelNow => {
                let percent = in_time * 100 / all;
                figure(percent, format!("{percent}%"))
            }
            _ => {
                let several = queues.len() > 1;
                let masked = self.masked || tile.masked;
                let total = waits.len();
                let lines = waits
                    .into_iter()
                    .take(MOST_LINES)
                    .map(|(waited_ms, who, queue)| Line {
                        status: Status::Waiting,
                        who: if masked { String::new() } else { who },
                        note: if several {
                            shortened(&queue, WHO_CHARS)
                        } else {
                            String::new()
                        },
                        for_ms: Some(waited_ms),
                    });
                Reading::Lines(lines.collect(), total)
            }
        }
    }

    /// A figure of the day: of no calls there is no share and no average.
    fn of_today(&self, tile: &Tile) -> Reading {
        if self.queues(&tile.scope).is_empty() {
            return Reading::NotSeen;
        }
        let today = self.today.read();
        let Some(today) = today.as_ref() else {
            return nothing();
        };
        let (mut sums, mut wrap_up_ms) = (figures::Sums::default(), 0);
        let wanted = |queue: &QueueOn| match &tile.scope {
            Scope::Queues(queues) => queues.contains(queue),
            Scope::Everything | Scope::Team(_) => true,
        };
        for of in today.queues.iter().filter(|of| wanted(&of.queue)) {
            sums.merge(&of.visits);
            wrap_up_ms += of.wrap_up_ms;
        }
        let share = |share: Option<figures::Share>| {
            // a figure that is not reached is not shown as if it were
            share.map(|share| share.part * 100 / share.whole)
        };
        let figure = match tile.metric {
            Metric::Offered => Some(sums.offered),
            Metric::Answered => Some(sums.answered),
            Metric::Abandoned => Some(sums.abandoned),
            Metric::AbandonRate => share(sums.abandon_rate()),
            Metric::ServiceLevel => share(sums.service_level(figures::ServiceLevel::Strict)),
            Metric::AnswerSpeed => sums.asa_ms().map(|ms| ms / 1_000),
            Metric::HandleTime => sums.aht_ms(wrap_up_ms).map(|ms| ms / 1_000),
            _ => (sums.offered > 0).then_some(sums.longest_wait_ms / 1_000),
        };
        let Some(figure) = figure else { return nothing() };
        let text = match tile.metric.unit() {
            Unit::Percent => format!("{figure}%"),
            Unit::Seconds => duration::clock(figure * 1_000),
            Unit::Count | Unit::None => figure.to_string(),
        };
        Reading::Figure {
            text,
            level: tile.limits.level(figure),
        }
    }

    /// Whether what a tile shows lacks a part of the day; tracked.
    pub(super) fn has_gap(&self, tile: &Tile) -> bool {
        let today = self.today.read();
        let gaps = today.as_ref().map_or(&[][..], |today| &today.gaps);
        tile.metric.is_of_today()
            && match &tile.scope {
                Scope::Queues(queues) => queues.iter().any(|(pbx, _)| gaps.contains(pbx)),
                Scope::Everything | Scope::Team(_) => !gaps.is_empty(),
            }
    }

    /// What is in time: by the rules of the queue, else by what the PBX says.
    fn policy(&self, key: &QueueOn, queue: &Queue) -> figures::Policy {
        let today = self.today.read();
        let set = today.as_ref().and_then(|today| {
            let found = today.targets.iter().find(|(queue, _)| queue == key);
            found.map(|(_, target_ms)| *target_ms)
        });
        let target_s = match queue.service_level_s {
            0 => USUAL_TARGET_S,
            set => set,
        };
        figures::Policy {
            version: 0,
            target_ms: set.unwrap_or(u64::from(target_s) * 1_000),
            short_abandon_ms: 0,
        }
    }

    /// The queues of a scope that are seen; tracked.
    pub(super) fn queues(&self, scope: &Scope) -> Vec<QueueOn> {
        let seen = self.live.queues.keys();
        match scope {
            Scope::Queues(queues) => seen.into_iter().filter(|key| queues.contains(key)).collect(),
            Scope::Everything | Scope::Team(_) => seen,
        }
    }

    fn calls(&self, tile: &Tile) -> Reading {
        if self.queues(&tile.scope).is_empty() {
            return Reading::NotSeen;
        }
        let calls = self.live.calls.keys();
        let counted = calls.iter().filter(|key| match &tile.scope {
            Scope::Queues(queues) => {
                let through = self.live.calls.with(*key, |call| {
                    let visit = call.queue.as_ref()?;
                    Some((key.0, visit.queue.clone()))
                });
                through.flatten().is_some_and(|queue| queues.contains(&queue))
            }
            Scope::Everything | Scope::Team(_) => true,
        });
        let count = counted.count();
        Reading::Figure {
            text: count.to_string(),
            level: tile.limits.level(count as u64),
        }
    }

    /// How old what a tile shows is, in milliseconds; None while it is as it is; tracked.
    pub(super) fn age_ms(&self, tile: &Tile) -> Option<u64> {
        let named = match &tile.scope {
            Scope::Queues(queues) => {
                let mut pbxs: Vec<PbxId> = queues.iter().map(|(pbx, _)| *pbx).collect();
                pbxs.dedup();
                pbxs
            }
            Scope::Team(_) | Scope::Everything => self.live.pbxs.keys(),
        };
        let now_ms = self.live.clock.now_ms.get();
        let ages = named
            .into_iter()
            .filter_map(|pbx| match self.live.freshness(pbx) {
                Freshness::Old { since_ms, .. } | Freshness::Refused { since_ms } => {
                    Some(now_ms.saturating_sub(since_ms))
                }
                Freshness::Live | Freshness::CatchingUp | Freshness::Connecting | Freshness::Disabled => None,
            });
        // figures of the day have a way of their own
        let made_ms = self.today.read().as_ref().map(|today| today.as_of.0);
        let made_ms = made_ms.filter(|_| tile.metric.is_of_today());
        let late_ms = made_ms.map(|made_ms| now_ms.saturating_sub(made_ms));
        ages.chain(late_ms.filter(|late_ms| *late_ms > STALE_MS)).max()
    }
}

fn nothing() -> Reading {
    Reading::Figure {
        text: "–".into(),
        level: Level::Calm,
    }
}
