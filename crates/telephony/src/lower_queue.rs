//! From what a person asks about a queue to one AMI action, or a reason why not.
//!
//! Rights the actions need of the AMI account: those about members need `agent`; giving a caller to somebody needs
//! `originate`; moving and taking out need none.

use ami::action::call::Originate;
use ami::action::queue::{
    QueueAdd, QueueChangePriorityCaller, QueuePause, QueuePenalty, QueueRemove, QueueStatus,
    QueueWithdrawCaller,
};
use ami::{Action, Value};

use crate::live::channel::Channel;
use crate::lower::{bad, number, value};
use crate::queue_command::{MAX_PENALTY, MAX_PRIORITY, MAX_REASON_CHARS};
use crate::{CallId, Extension, Member, Queue, QueueCommand, QueueRefusal, Refusal, Switchboard, Waiting};

impl Switchboard {
    /// Checks a command against the board and makes the one action it comes to. `id` becomes the channel id of a phone that
    /// has to ring. Tell what is sent with [`begin_queue`](Self::begin_queue), under the same lock.
    ///
    /// # Errors
    /// With the reason a person is told.
    pub fn lower_queue(&self, command: &QueueCommand, id: &str) -> Result<Action, Refusal> {
        match command {
            QueueCommand::MoveCallerUp { queue, call } => {
                let (row, waiting, channel) = self.in_line(queue, call)?;
                if waiting.position == 1 {
                    return Err(QueueRefusal::First.into());
                }
                let highest = row.waiting.iter().filter_map(|one| one.priority).max();
                let above = highest.unwrap_or(0).max(0).unsigned_abs().saturating_add(1);
                prioritise(queue, channel, above.min(MAX_PRIORITY))
            }
            QueueCommand::ChangePriority {
                queue,
                call,
                priority,
            } => {
                let (_, _, channel) = self.in_line(queue, call)?;
                at_most("priority", *priority, MAX_PRIORITY)?;
                prioritise(queue, channel, *priority)
            }
            QueueCommand::WithdrawCaller { queue, call } => {
                let (_, _, channel) = self.in_line(queue, call)?;
                Ok(QueueWithdrawCaller {
                    queue: value("queue", queue)?,
                    caller: value("call", &channel.name)?,
                    info: None,
                }
                .into())
            }
            QueueCommand::GiveCaller { queue, call, to } => self.give(queue, call, to, id),
            QueueCommand::AddMember {
                queue,
                extension,
                penalty,
            } => self.add(queue, extension, *penalty),
            QueueCommand::RemoveMember { queue, interface } => {
                let member = self.member(queue, interface)?;
                if !member.dynamic {
                    return Err(QueueRefusal::Fixed(member.name.clone()).into());
                }
                Ok(QueueRemove {
                    queue: value("queue", queue)?,
                    interface: value("interface", interface)?,
                }
                .into())
            }
            QueueCommand::PauseMember {
                queue,
                interface,
                reason,
            } => {
                let reason = checked_reason(reason)?;
                self.pausing(queue.as_deref(), interface, true, reason)
            }
            QueueCommand::UnpauseMember { queue, interface } => {
                self.pausing(queue.as_deref(), interface, false, None)
            }
            QueueCommand::SetPenalty {
                queue,
                interface,
                penalty,
            } => {
                self.member(queue, interface)?;
                at_most("penalty", *penalty, MAX_PENALTY)?;
                Ok(QueuePenalty {
                    queue: Some(value("queue", queue)?),
                    interface: value("interface", interface)?,
                    penalty: *penalty,
                }
                .into())
            }
        }
    }

    fn queue(&self, name: &str) -> Result<&Queue, Refusal> {
        let row = self.board.queues.get(name);
        row.ok_or_else(|| QueueRefusal::UnknownQueue(name.to_owned()).into())
    }

    /// A caller who waits there, and for whom nothing else was asked.
    fn in_line(&self, queue: &str, call: &CallId) -> Result<(&Queue, &Waiting, &Channel), Refusal> {
        let row = self.queue(queue)?;
        let gone = || Refusal::from(QueueRefusal::NotWaiting(queue.to_owned()));
        let waiting = row
            .waiting
            .iter()
            .find(|one| one.call == *call)
            .ok_or_else(gone)?;
        let channel = self.waiting_channel(queue, call).ok_or_else(gone)?;
        if channel.withdrawn {
            return Err(QueueRefusal::LeavingAlready.into());
        }
        if let Some(to) = &waiting.given_to {
            return Err(QueueRefusal::GivenAlready(self.called(to)).into());
        }
        Ok((row, waiting, channel))
    }

    pub(crate) fn waiting_channel(&self, queue: &str, call: &CallId) -> Option<&Channel> {
        let mut calls = self.calls.iter().map(|(_, live)| live);
        let live = calls.find(|live| live.id == *call)?;
        let mut channels = live.channels.iter().filter_map(|slot| self.channels.get(*slot));
        channels.find(|channel| channel.queued.as_deref() == Some(queue))
    }

    /// An extension as a person says it.
    fn called(&self, number: &str) -> String {
        let row = self.board.extensions.get(number);
        row.and_then(|row| row.name.clone())
            .unwrap_or_else(|| number.to_owned())
    }

    /// The phone rings, and when it is answered the caller is taken out of the line and connected to it.
    fn give(&self, queue: &str, call: &CallId, to: &str, id: &str) -> Result<Action, Refusal> {
        let (_, waiting, channel) = self.in_line(queue, call)?;
        let (device, row) = self.phone(to)?;
        if channel.party.extension.as_deref() == Some(to) {
            return Err(QueueRefusal::Oneself(self.called(to)).into());
        }
        if self.offers.iter().any(|offer| offer.to == to) {
            return Err(QueueRefusal::RingsAlready(self.called(to)).into());
        }
        let order = self.originate(device, row, id)?;
        let name = waiting.name.as_deref().unwrap_or(&waiting.number);
        let shown = format!("{} <{}>", plain(name), plain(&waiting.number));
        Ok(Originate {
            application: Some(value("application", "Bridge")?),
            data: Some(value("call", &self.whole_name(channel)?)?),
            caller_id: Some(value("call", &shown)?),
            ..order
        }
        .into())
    }

    fn add(&self, queue: &str, extension: &str, penalty: u32) -> Result<Action, Refusal> {
        number("extension", extension)?;
        at_most("penalty", penalty, MAX_PENALTY)?;
        let row = self.queue(queue)?;
        let known = self.board.extensions.get(extension);
        let person = known.ok_or_else(|| Refusal::UnknownExtension(extension.to_owned()))?;
        if row
            .members
            .iter()
            .any(|member| member.extension.as_deref() == Some(extension))
        {
            return Err(QueueRefusal::ServingAlready(self.called(extension)).into());
        }
        let (interface, state) = self.interface_of(row, person);
        if interface.is_empty() {
            return Err(Refusal::PhoneUnreachable(extension.to_owned()));
        }
        let state = state.map(|state| value("extension", &state)).transpose()?;
        Ok(QueueAdd {
            queue: value("queue", queue)?,
            interface: value("extension", &interface)?,
            name: Some(value("extension", &plain(&self.called(extension)))?),
            state_interface: state,
            penalty: Some(penalty),
            paused: None,
            reason: None,
        }
        .into())
    }

    /// As what an extension serves a queue, and whose state counts: as in another queue, else in the way of the others of
    /// this one (`Local/1003@from-queue/n`), else its own phone.
    fn interface_of(&self, queue: &Queue, person: &Extension) -> (String, Option<String>) {
        let number = Some(person.number.as_str());
        let elsewhere = self.board.queues.values().flat_map(|queue| &queue.members);
        let mut elsewhere = elsewhere.filter(|member| member.extension.as_deref() == number);
        if let Some(member) = elsewhere.next() {
            let state = self.state_interfaces.get(&member.interface).cloned();
            return (member.interface.clone(), state);
        }
        let mut others = queue.members.iter();
        let like_another = others.find_map(|member| {
            let theirs = member.extension.as_deref()?;
            let rest = member.interface.strip_prefix("Local/")?.strip_prefix(theirs)?;
            let rest = rest.strip_prefix('@')?;
            let state = self.state_interfaces.get(&member.interface);
            let state = state.map(|state| state.replace(theirs, &person.number));
            Some((format!("Local/{}@{rest}", person.number), state))
        });
        like_another.unwrap_or_else(|| (person.device.clone(), None))
    }

    fn member(&self, queue: &str, interface: &str) -> Result<&Member, Refusal> {
        let mut members = self.queue(queue)?.members.iter();
        members
            .find(|member| member.interface == interface)
            .ok_or_else(|| QueueRefusal::NotServing(interface.to_owned()).into())
    }

    fn pausing(
        &self,
        queue: Option<&str>,
        interface: &str,
        paused: bool,
        reason: Option<Value>,
    ) -> Result<Action, Refusal> {
        match queue {
            Some(queue) => {
                self.member(queue, interface)?;
            }
            None => {
                let mut members = self.board.queues.values().flat_map(|queue| &queue.members);
                if !members.any(|member| member.interface == interface) {
                    return Err(QueueRefusal::NotServing(interface.to_owned()).into());
                }
            }
        }
        Ok(QueuePause {
            queue: queue.map(|queue| value("queue", queue)).transpose()?,
            interface: value("interface", interface)?,
            paused,
            reason,
        }
        .into())
    }
}

impl QueueCommand {
    /// What tells how the line stands after a command of which no event does.
    pub fn look_again(&self) -> Option<Action> {
        match self {
            QueueCommand::MoveCallerUp { queue, .. } | QueueCommand::ChangePriority { queue, .. } => {
                let queue = Some(value("queue", queue).ok()?);
                Some(QueueStatus { queue, member: None }.into())
            }
            QueueCommand::WithdrawCaller { .. }
            | QueueCommand::GiveCaller { .. }
            | QueueCommand::AddMember { .. }
            | QueueCommand::RemoveMember { .. }
            | QueueCommand::PauseMember { .. }
            | QueueCommand::UnpauseMember { .. }
            | QueueCommand::SetPenalty { .. } => None,
        }
    }
}

fn prioritise(queue: &str, channel: &Channel, priority: u32) -> Result<Action, Refusal> {
    Ok(QueueChangePriorityCaller {
        queue: value("queue", queue)?,
        caller: value("call", &channel.name)?,
        priority,
        immediate: Some(true),
    }
    .into())
}

fn at_most(field: &'static str, asked: u32, most: u32) -> Result<(), Refusal> {
    if asked > most {
        return Err(bad(field, &format!("is more than {most}")));
    }
    Ok(())
}

/// A reason as it may stand in the PBX's own queue log, whose columns `|` parts, and in variables, which `,` does.
fn checked_reason(reason: &str) -> Result<Option<Value>, Refusal> {
    let reason = reason.trim();
    if reason.chars().count() > MAX_REASON_CHARS {
        return Err(bad(
            "reason",
            &format!("is longer than {MAX_REASON_CHARS} letters"),
        ));
    }
    if reason
        .chars()
        .any(|letter| letter.is_control() || matches!(letter, '|' | ','))
    {
        return Err(bad("reason", "may hold neither | nor , nor line breaks"));
    }
    (!reason.is_empty()).then(|| value("reason", reason)).transpose()
}

/// A name without what means something else to the PBX.
fn plain(name: &str) -> String {
    let means = |letter: &char| letter.is_control() || "\"<>\\|,".contains(*letter);
    name.chars().filter(|letter| !means(letter)).collect()
}
