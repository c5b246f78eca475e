//! Agents as tiles show them: whoever serves some queues, or the people of a team.

use std::collections::BTreeMap;

use telephony::{Extension, Member, MemberState};

use super::value::{Line, MOST_LINES, Reader, Reading, WHO_CHARS};
use crate::{
    access::QueueOn,
    model::{
        PbxId,
        wallboard::{Metric, Scope, TeamOf, Tile},
    },
    words::{Status, shortened, visible::NAME_CHARS},
};

/// By PBX and phone, or interface where there is no phone.
type Agents = BTreeMap<(PbxId, String), Agent>;

/// What an agent does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Agent {
    who: String,
    number: String,
    status: Status,
    note: String,
    since_ms: Option<u64>,
}

impl Reader {
    /// A figure or a list of agents; tracked.
    pub(super) fn agents(&self, tile: &Tile) -> Reading {
        let agents = match &tile.scope {
            Scope::Team(id) => match self.teams.iter().find(|team| team.id == *id) {
                Some(team) => self.of_team(team),
                None => return Reading::NotSeen,
            },
            Scope::Everything | Scope::Queues(_) => {
                let queues = self.queues(&tile.scope);
                if queues.is_empty() {
                    return Reading::NotSeen;
                }
                self.of_queues(&queues)
            }
        };
        let count = |wanted: fn(Status) -> bool| agents.values().filter(|agent| wanted(agent.status)).count();
        let figure = |wanted: fn(Status) -> bool| {
            let count = count(wanted);
            Reading::Figure {
                text: count.to_string(),
                level: tile.limits.level(count as u64),
            }
        };
        match tile.metric {
            Metric::AgentsReady => figure(is_ready),
            Metric::AgentsBusy => figure(is_busy),
            Metric::AgentsPaused => figure(is_paused),
            Metric::AgentsAway => figure(is_away),
            Metric::Agents => Reading::Agents([is_ready, is_busy, is_paused, is_away].map(count)),
            _ => self.agent_lines(agents, self.masked || tile.masked),
        }
    }

    fn agent_lines(&self, agents: Agents, masked: bool) -> Reading {
        let total = agents.len();
        let mut agents: Vec<((PbxId, String), Agent)> = agents.into_iter().collect();
        agents.sort_by(|(_, one), (_, other)| {
            let order = |agent: &Agent| (agent.status.urgency(), agent.since_ms);
            order(one)
                .cmp(&order(other))
                .then_with(|| one.who.cmp(&other.who))
        });
        let lines = agents.into_iter().take(MOST_LINES).map(|((pbx, _), agent)| Line {
            status: agent.status,
            who: if masked || agent.who.is_empty() {
                agent.number
            } else {
                agent.who
            },
            note: agent.note,
            for_ms: agent
                .since_ms
                .map(|since_ms| self.live.as_of_ms(pbx).saturating_sub(since_ms)),
        });
        Reading::Lines(lines.collect(), total)
    }

    /// Everybody who serves these queues, once.
    fn of_queues(&self, queues: &[QueueOn]) -> Agents {
        let mut agents = Agents::new();
        for key in queues {
            self.live.queues.with(key, |queue| {
                for member in &queue.members {
                    let id = member
                        .extension
                        .clone()
                        .unwrap_or_else(|| member.interface.clone());
                    let agent = of_member(member, &id);
                    // who pauses in one queue and serves another one is ready
                    let known = agents.entry((key.0, id)).or_insert_with(|| agent.clone());
                    if known.status == Status::Paused && agent.status != Status::Paused {
                        *known = agent;
                    }
                }
            });
        }
        agents
    }

    /// The people of a team by their phones.
    fn of_team(&self, team: &TeamOf) -> Agents {
        let mut agents = Agents::new();
        let serving = self.of_queues(&self.live.queues.keys());
        for own in &team.extensions {
            let key = (own.pbx, own.number.clone());
            let phone = self.live.extensions.with(&key, of_phone);
            let Some(mut agent) = phone else { continue };
            let paused = serving
                .get(&key)
                .filter(|serving| serving.status == Status::Paused);
            if let (Some(paused), Status::Idle) = (paused, agent.status) {
                agent.status = Status::Paused;
                agent.note = paused.note.clone();
                agent.since_ms = paused.since_ms;
            }
            agents.insert(key, agent);
        }
        agents
    }
}

fn of_member(member: &Member, number: &str) -> Agent {
    let status = match member.state {
        MemberState::Ready => Status::Idle,
        MemberState::Ringing => Status::Ringing,
        MemberState::Busy => Status::Talking,
        MemberState::Paused => Status::Paused,
        MemberState::Unavailable => Status::Unreachable,
    };
    let since = match status {
        Status::Paused => member.paused_since,
        _ => member.since,
    };
    Agent {
        who: shortened(&member.name, WHO_CHARS),
        number: shortened(number, WHO_CHARS),
        status,
        note: member
            .pause_reason
            .as_deref()
            .map_or_else(String::new, |why| shortened(why, NAME_CHARS)),
        since_ms: since.map(|since| since.0),
    }
}

fn of_phone(row: &Extension) -> Agent {
    Agent {
        who: row
            .name
            .as_deref()
            .map_or_else(String::new, |name| shortened(name, WHO_CHARS)),
        number: shortened(&row.number, WHO_CHARS),
        status: Status::from(row),
        note: String::new(),
        since_ms: Some(row.since.0),
    }
}

fn is_ready(status: Status) -> bool {
    status == Status::Idle
}

fn is_busy(status: Status) -> bool {
    matches!(
        status,
        Status::Ringing
            | Status::Dialling
            | Status::Talking
            | Status::OnHold
            | Status::Waiting
            | Status::Service
            | Status::Parked
            | Status::Conference
    )
}

fn is_paused(status: Status) -> bool {
    matches!(status, Status::Paused | Status::DoNotDisturb)
}

fn is_away(status: Status) -> bool {
    status == Status::Unreachable
}
