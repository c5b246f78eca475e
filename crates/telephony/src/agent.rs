//! What the agents of a PBX do, told from its board: since when they are in which queue, and what they do meanwhile. An
//! agent is a member's interface, in however many queues.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Activity, Board, Change, DeviceState, Extension, Key, Member, Registration, Row, Timestamp};

/// The reason of the pause in which the work after a call is done. Asterisk has no state of its own for it, so it is kept
/// as a pause: true after a restart of ours, and seen by every other program.
pub const WRAP_UP: &str = "wrap-up";

/// What an agent does. One thing at a time: a call comes before everything, a pause before being ready.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Doing {
    /// Ready for a call in at least one queue.
    Available,
    /// Their phone rings.
    Ringing,
    /// On a call, dialling included.
    Talking,
    /// On a call, on hold or holding.
    OnHold,
    /// The work after a call ([`WRAP_UP`]).
    WrapUp,
    /// Paused in every queue, with the reason given; empty without one.
    Paused(String),
    /// Their phone cannot be reached.
    Unreachable,
}

/// Who an agent is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AgentId {
    /// The member's interface.
    pub interface: String,
    /// The name in the queue.
    pub name: String,
    /// The extension behind it.
    pub extension: Option<String>,
}

/// Something about an agent is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgentChange {
    /// In a queue from now on.
    LoggedIn {
        /// Who.
        agent: AgentId,
        /// Which queue.
        queue: String,
        /// Since when.
        at: Timestamp,
    },
    /// In a queue no more.
    LoggedOut {
        /// Whose interface.
        interface: String,
        /// Which queue.
        queue: String,
        /// Since when.
        at: Timestamp,
    },
    /// They do something else; None when they are in no queue any more.
    Does {
        /// Who.
        agent: AgentId,
        /// What.
        doing: Option<Doing>,
        /// Since when.
        at: Timestamp,
    },
}

#[derive(Clone, Debug)]
struct Agent {
    id: AgentId,
    queues: BTreeSet<String>,
    doing: Option<Doing>,
}

/// The agents of one PBX. Follows the board change by change; a new one that is shown every row says what there is.
#[derive(Clone, Debug, Default)]
pub struct Agents {
    agents: BTreeMap<String, Agent>,
    /// The interfaces in each queue, as last seen.
    queues: BTreeMap<String, BTreeSet<String>>,
    of_extension: BTreeMap<String, BTreeSet<String>>,
}

impl Agents {
    /// Looks at what changed on the board; `at` is now.
    pub fn observe(&mut self, board: &Board, changes: &[Change], at: Timestamp, out: &mut Vec<AgentChange>) {
        let mut touched = BTreeSet::new();
        for change in changes {
            match change {
                Change::Upsert(Row::Queue(queue)) => {
                    self.members(&queue.name, &queue.members, at, &mut touched, out);
                }
                Change::Remove(Key::Queue(name)) => self.members(name, &[], at, &mut touched, out),
                Change::Upsert(Row::Extension(row)) => self.behind(&row.number, &mut touched),
                Change::Remove(Key::Extension(number)) => self.behind(number, &mut touched),
                Change::Upsert(Row::Call(_) | Row::Trunk(_) | Row::Parked(_) | Row::Conference(_))
                | Change::Remove(Key::Call(_) | Key::Trunk(_) | Key::Parked(..) | Key::Conference(_)) => {}
            }
        }
        for interface in touched {
            self.look(board, &interface, at, out);
        }
    }

    fn behind(&self, number: &str, touched: &mut BTreeSet<String>) {
        touched.extend(self.of_extension.get(number).into_iter().flatten().cloned());
    }

    /// Who is in a queue now.
    fn members(
        &mut self,
        queue: &str,
        members: &[Member],
        at: Timestamp,
        touched: &mut BTreeSet<String>,
        out: &mut Vec<AgentChange>,
    ) {
        let known = self.queues.entry(queue.to_owned()).or_default();
        let now: BTreeSet<String> = members.iter().map(|member| member.interface.clone()).collect();
        let gone: Vec<String> = known.difference(&now).cloned().collect();
        if members.is_empty() {
            self.queues.remove(queue);
        } else {
            *known = now;
        }
        for interface in gone {
            if let Some(agent) = self.agents.get_mut(&interface) {
                agent.queues.remove(queue);
            }
            touched.insert(interface.clone());
            out.push(AgentChange::LoggedOut {
                interface,
                queue: queue.to_owned(),
                at,
            });
        }
        for member in members {
            touched.insert(member.interface.clone());
            let agent = self
                .agents
                .entry(member.interface.clone())
                .or_insert_with(|| Agent {
                    id: AgentId {
                        interface: member.interface.clone(),
                        name: member.name.clone(),
                        extension: None,
                    },
                    queues: BTreeSet::new(),
                    doing: None,
                });
            if agent.id.extension != member.extension {
                if let Some(before) = agent.id.extension.take()
                    && let Some(of) = self.of_extension.get_mut(&before)
                {
                    of.remove(&member.interface);
                    if of.is_empty() {
                        self.of_extension.remove(&before);
                    }
                }
                agent.id.extension.clone_from(&member.extension);
                if let Some(number) = &member.extension {
                    let of = self.of_extension.entry(number.clone()).or_default();
                    of.insert(member.interface.clone());
                }
            }
            if agent.id.name != member.name {
                agent.id.name.clone_from(&member.name);
            }
            if agent.queues.insert(queue.to_owned()) {
                out.push(AgentChange::LoggedIn {
                    agent: agent.id.clone(),
                    queue: queue.to_owned(),
                    at,
                });
            }
        }
    }

    /// Tells what somebody does, if it is something else than before.
    fn look(&mut self, board: &Board, interface: &str, at: Timestamp, out: &mut Vec<AgentChange>) {
        let Some(agent) = self.agents.get_mut(interface) else {
            return;
        };
        let doing = doing(board, agent, interface);
        if agent.doing != doing {
            agent.doing.clone_from(&doing);
            out.push(AgentChange::Does {
                agent: agent.id.clone(),
                doing,
                at,
            });
        }
        if agent.queues.is_empty() {
            let number = agent.id.extension.clone();
            self.agents.remove(interface);
            if let Some(number) = number
                && let Some(of) = self.of_extension.get_mut(&number)
            {
                of.remove(interface);
                if of.is_empty() {
                    self.of_extension.remove(&number);
                }
            }
        }
    }
}

fn doing(board: &Board, agent: &Agent, interface: &str) -> Option<Doing> {
    let rows = agent.queues.iter().filter_map(|queue| board.queues.get(queue));
    let members: Vec<&Member> = rows
        .filter_map(|queue| queue.members.iter().find(|member| member.interface == interface))
        .collect();
    let number = agent.id.extension.as_ref();
    doing_of(&members, number.and_then(|number| board.extensions.get(number)))
}

/// What somebody does, by their memberships and the extension behind them; None without a membership.
pub fn doing_of(members: &[&Member], extension: Option<&Extension>) -> Option<Doing> {
    let any = members.first()?;
    let activity = extension.and_then(|row| row.engagements.iter().map(|one| busy(one.activity)).max());
    // without an extension the queue's own word is all there is
    let activity = activity.flatten().or(match (extension, any.device_state) {
        (None, DeviceState::InUse | DeviceState::Busy) => Some(Busy::Talking),
        (None, DeviceState::OnHold) => Some(Busy::OnHold),
        (_, DeviceState::Ringing | DeviceState::RingInUse) => Some(Busy::Ringing),
        _ => None,
    });
    if let Some(busy) = activity {
        return Some(match busy {
            Busy::Ringing => Doing::Ringing,
            Busy::OnHold => Doing::OnHold,
            Busy::Talking => Doing::Talking,
        });
    }
    if members.iter().all(|member| member.paused_since.is_some()) {
        let last = members.iter().max_by_key(|member| member.paused_since)?;
        let reason = last.pause_reason.clone().unwrap_or_default();
        return Some(if reason == WRAP_UP {
            Doing::WrapUp
        } else {
            Doing::Paused(reason)
        });
    }
    let gone = extension.is_some_and(|row| {
        matches!(
            row.registration,
            Registration::Unregistered | Registration::Unreachable
        )
    });
    let dead = |member: &&Member| {
        matches!(
            member.device_state,
            DeviceState::Unavailable | DeviceState::Invalid
        )
    };
    if gone || members.iter().all(dead) {
        return Some(Doing::Unreachable);
    }
    Some(Doing::Available)
}

/// What takes all of an agent, the stronger later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Busy {
    Ringing,
    OnHold,
    Talking,
}

fn busy(activity: Activity) -> Option<Busy> {
    match activity {
        Activity::Ringing => Some(Busy::Ringing),
        Activity::OnHold => Some(Busy::OnHold),
        Activity::Dialling
        | Activity::Talking
        | Activity::Conference
        | Activity::Waiting
        | Activity::Supervising => Some(Busy::Talking),
    }
}
