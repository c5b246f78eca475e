//! What can be asked of a PBX: something about a call, or something about a queue. Both go the same way.

use app::{
    AppError,
    access::{Refused, Rights, permits, permits_queue},
    audit::{Action, Fact},
    model::PbxId,
};
use telephony::{Board, Command, Output, QueueCommand, Recorder, Refusal, Supervision, Switchboard};

use crate::error::internal;

/// A command with what makes a double of it one.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) request_id: String,
    pub(crate) pbx: PbxId,
    pub(crate) order: Order,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Call(Command),
    Queue(QueueCommand),
}

impl Order {
    pub(super) fn permitted(&self, rights: &Rights, pbx: PbxId, board: &Board) -> Result<(), Refused> {
        match self {
            Order::Call(command) => permits(rights, pbx, command, board),
            Order::Queue(command) => permits_queue(rights, pbx, command, board),
        }
    }

    pub(super) fn json(&self) -> Result<String, AppError> {
        match self {
            Order::Call(command) => serde_json::to_string(command),
            Order::Queue(command) => serde_json::to_string(command),
        }
        .map_err(internal)
    }

    /// Whether it places a call, of which there are so many in a minute.
    pub(super) fn places_call(&self) -> bool {
        matches!(self, Order::Call(Command::Call { .. }))
    }

    /// The one action it comes to; from now on the board knows that it was asked.
    pub(super) fn lower(
        &self,
        switchboard: &mut Switchboard,
        id: &str,
        output: &mut Output,
    ) -> Result<ami::Action, Refusal> {
        match self {
            Order::Call(command) => switchboard.lower(command, id),
            Order::Queue(command) => {
                let action = switchboard.lower_queue(command, id)?;
                switchboard.begin_queue(command, id, output);
                Ok(action)
            }
        }
    }

    /// It was not done.
    pub(super) fn not_done(&self, switchboard: &mut Switchboard, id: &str, output: &mut Output) {
        match self {
            Order::Call(_) => {}
            Order::Queue(command) => switchboard.queue_refused(command, id, output),
        }
    }

    /// What has to be asked when it was done, because no event tells what came of it.
    pub(super) fn afterwards(&self) -> Option<ami::Action> {
        match self {
            Order::Call(_) => None,
            Order::Queue(command) => command.look_again(),
        }
    }

    pub(in crate::backend) fn action(&self) -> Action {
        match self {
            Order::Call(command) => match command {
                Command::Call { .. } => Action::Call,
                Command::HangUp { .. } => Action::HangUp,
                Command::HangUpLeg { .. } => Action::HangUpLeg,
                Command::BlindTransfer { .. } => Action::BlindTransfer,
                Command::AttendedTransfer { .. } => Action::AttendedTransfer,
                Command::Park { .. } => Action::Park,
                Command::TakeParked { .. } => Action::TakeParked,
                Command::PickUp { .. } => Action::PickUp,
                Command::Supervise { how, .. } => match how {
                    Supervision::Listen => Action::Listen,
                    Supervision::Whisper => Action::Whisper,
                    Supervision::Barge => Action::Barge,
                    Supervision::TakeOver => Action::TakeOver,
                },
                Command::StopSupervising { .. } => Action::StopSupervising,
                Command::Record { how, .. } => match how {
                    Recorder::Start => Action::StartRecording,
                    Recorder::Pause => Action::PauseRecording,
                    Recorder::Resume => Action::ResumeRecording,
                    Recorder::Stop => Action::StopRecording,
                },
            },
            Order::Queue(command) => match command {
                QueueCommand::MoveCallerUp { .. } | QueueCommand::ChangePriority { .. } => Action::MoveCaller,
                QueueCommand::WithdrawCaller { .. } => Action::WithdrawCaller,
                QueueCommand::GiveCaller { .. } => Action::GiveCaller,
                QueueCommand::AddMember { .. } => Action::AddMember,
                QueueCommand::RemoveMember { .. } => Action::RemoveMember,
                QueueCommand::PauseMember { .. } => Action::PauseMember,
                QueueCommand::UnpauseMember { .. } => Action::UnpauseMember,
                QueueCommand::SetPenalty { .. } => Action::SetPenalty,
            },
        }
    }

    /// What a person wrote beside it.
    pub(super) fn facts(&self) -> Vec<Fact> {
        match self {
            Order::Queue(QueueCommand::PauseMember { reason, .. }) if !reason.is_empty() => {
                vec![Fact::told("reason", &**reason)]
            }
            Order::Call(_) | Order::Queue(_) => Vec::new(),
        }
    }

    fn object(&self) -> String {
        match self {
            Order::Call(command) => match command {
                Command::Call { from, to } => format!("from {from} to {to}"),
                Command::HangUp { call } | Command::Record { call, .. } => format!("call {}", call.0),
                Command::HangUpLeg { call, leg } | Command::Park { call, leg } => {
                    format!("call {} leg {}", call.0, leg.0)
                }
                Command::BlindTransfer { call, leg, to } | Command::AttendedTransfer { call, leg, to } => {
                    format!("call {} leg {} to {to}", call.0, leg.0)
                }
                Command::TakeParked { lot, space, by } => format!("lot {lot} space {space} by {by}"),
                Command::PickUp { call, by } => format!("call {} by {by}", call.0),
                Command::Supervise { call, leg, by, .. } => format!("call {} leg {} by {by}", call.0, leg.0),
                Command::StopSupervising { leg } => format!("leg {}", leg.0),
            },
            Order::Queue(command) => {
                let queue = match command.queue() {
                    Some(queue) => format!("queue {queue}"),
                    None => "every queue".to_owned(),
                };
                let rest = match command {
                    QueueCommand::MoveCallerUp { call, .. } => format!("call {} to the front", call.0),
                    QueueCommand::ChangePriority { call, priority, .. } => {
                        format!("call {} priority {priority}", call.0)
                    }
                    QueueCommand::WithdrawCaller { call, .. } => format!("call {}", call.0),
                    QueueCommand::GiveCaller { call, to, .. } => format!("call {} to {to}", call.0),
                    QueueCommand::AddMember {
                        extension, penalty, ..
                    } => format!("extension {extension} penalty {penalty}"),
                    QueueCommand::SetPenalty {
                        interface, penalty, ..
                    } => format!("member {interface} penalty {penalty}"),
                    QueueCommand::RemoveMember { interface, .. }
                    | QueueCommand::PauseMember { interface, .. }
                    | QueueCommand::UnpauseMember { interface, .. } => format!("member {interface}"),
                };
                format!("{queue} {rest}")
            }
        }
    }
}

/// The object of the entry in the audit trail.
pub(in crate::backend) fn object(request: &Request) -> String {
    format!("pbx {}: {}", request.pbx.0, request.order.object())
}
