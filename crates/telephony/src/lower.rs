//! From what a person asks to one AMI action, or a reason why not.
//!
//! Rights the actions need of the AMI account: `Originate` needs `originate`; `Hangup` needs `call` or
//! `system`; `BlindTransfer`, `Atxfer` and `Park` need `call`;
//! `MixMonitor` needs `system`, `MixMonitorMute` and `StopMixMonitor` need `call` or `system`.

use ami::action::call::{Atxfer, BlindTransfer, Hangup, Originate, Park};
use ami::{Action, ChannelState, Value, ValueError};

use crate::live::call::LiveCall;
use crate::live::channel::Channel;
use crate::{
    CallId, CallState, Command, DeviceState, Extension, LegId, LegRole, Refusal, Registration, Switchboard,
};

/// Longest number a person may ask for.
pub(crate) const MAX_NUMBER_DIGITS: usize = 32;

impl Switchboard {
    /// Checks a command against the board and makes the one action it comes to. `id` becomes the channel id of
    /// a call that is placed, so that it is known whatever happens; it must be unused on the PBX.
    ///
    /// # Errors
    /// With the reason a person is told.
    pub fn lower(&self, command: &Command, id: &str) -> Result<Action, Refusal> {
        match command {
            Command::Call { from, to } => {
                let (device, phone) = self.phone(from)?;
                let to = number("to", to)?;
                let context = value("context", &self.settings.dial_context)?;
                let order = self.originate(device, phone, id)?;
                Ok(Originate {
                    context: Some(context),
                    exten: Some(to),
                    priority: Some(1),
                    ..order
                }
                .into())
            }
            Command::HangUp { call } => self.hang_up(self.mainstay(call)?),
            Command::HangUpLeg { call, leg } => self.hang_up(self.leg(call, leg)?),
            Command::BlindTransfer { call, leg, to } => {
                let channel = self.letting_go(call, leg)?;
                Ok(BlindTransfer {
                    channel: value("leg", &channel.name)?,
                    context: value("context", &self.settings.dial_context)?,
                    exten: number("to", to)?,
                }
                .into())
            }
            Command::AttendedTransfer { call, leg, to } => {
                let channel = self.letting_go(call, leg)?;
                Ok(Atxfer {
                    channel: value("leg", &channel.name)?,
                    context: value("context", &self.settings.dial_context)?,
                    exten: number("to", to)?,
                }
                .into())
            }
            Command::Park { call, leg } => self.park_other_side(call, leg),
            Command::TakeParked { lot, space, by } => {
                let (device, phone) = self.phone(by)?;
                if !self.board.parked.contains_key(&(lot.clone(), space.clone())) {
                    return Err(Refusal::SpaceEmpty(space.clone()));
                }
                let order = self.originate(device, phone, id)?;
                let data = value("space", &format!("{lot},{space}"))?;
                Ok(Originate {
                    application: Some(value("application", "ParkedCall")?),
                    data: Some(data),
                    ..order
                }
                .into())
            }
            Command::PickUp { call, by } => {
                let (device, phone) = self.phone(by)?;
                let ringing = self.ringing_leg(call)?;
                let order = self.originate(device, phone, id)?;
                let data = value("leg", &ringing.name)?;
                Ok(Originate {
                    application: Some(value("application", "PickupChan")?),
                    data: Some(data),
                    ..order
                }
                .into())
            }
            Command::Supervise { call, leg, how, by } => {
                let part = self.taking_part(call, leg, *how, by)?;
                let (device, phone) = self.phone(by)?;
                let order = self.originate(device, phone, id)?;
                Ok(Originate {
                    application: Some(value("application", part.application)?),
                    data: Some(value("leg", &part.data)?),
                    ..order
                }
                .into())
            }
            Command::Record { call, how } => self.recorder(call, *how, id),
            Command::StopSupervising { leg } => {
                let slot = self.by_uid.get(leg.0.as_str()).ok_or(Refusal::LegGone)?;
                self.hang_up(self.channels.get(*slot).ok_or(Refusal::LegGone)?)
            }
        }
    }

    pub(crate) fn live(&self, call: &CallId) -> Result<&LiveCall, Refusal> {
        let mut calls = self.calls.iter().map(|(_, live)| live);
        calls.find(|live| live.id == *call).ok_or(Refusal::CallGone)
    }

    /// The channel whose end ends the call: the caller's; without a caller any person's.
    pub(crate) fn mainstay(&self, call: &CallId) -> Result<&Channel, Refusal> {
        let live = self.live(call)?;
        let mut channels = live.channels.iter().filter_map(|slot| self.channels.get(*slot));
        let any = channels.clone().next();
        let caller = live.caller.and_then(|slot| self.channels.get(slot));
        let person = || channels.find(|channel| channel.is_person());
        caller.or_else(person).or(any).ok_or(Refusal::CallGone)
    }

    pub(crate) fn hang_up(&self, channel: &Channel) -> Result<Action, Refusal> {
        let action = Hangup::one(value("leg", &channel.name)?, Some(ami::Cause::NormalClearing));
        action.map(Action::from).ok_or(Refusal::LegGone)
    }

    /// A leg of a call that is up.
    pub(crate) fn leg(&self, call: &CallId, leg: &LegId) -> Result<&Channel, Refusal> {
        let row = self.board.calls.get(call).ok_or(Refusal::CallGone)?;
        if !row.legs.iter().any(|known| known.id == *leg) {
            return Err(Refusal::LegGone);
        }
        let slot = self.by_uid.get(leg.0.as_str()).ok_or(Refusal::LegGone)?;
        self.channels.get(*slot).ok_or(Refusal::LegGone)
    }

    /// A leg that can let go of the other side: its person talks to somebody.
    fn letting_go(&self, call: &CallId, leg: &LegId) -> Result<&Channel, Refusal> {
        let channel = self.leg(call, leg)?;
        if !channel.takes_part() {
            return Err(Refusal::NoOtherSide);
        }
        let row = self.board.calls.get(call).ok_or(Refusal::CallGone)?;
        if !matches!(row.state, CallState::Talking | CallState::OnHold) {
            return Err(Refusal::WrongState(words(&row.state).to_owned()));
        }
        if self.other_side(channel).is_none() {
            return Err(Refusal::NoOtherSide);
        }
        Ok(channel)
    }

    /// The channel in the same bridge, if there is exactly one.
    pub(crate) fn other_side(&self, channel: &Channel) -> Option<&Channel> {
        let bridge = self.bridges.get(channel.bridge?)?;
        let mut others = bridge.members.iter().filter_map(|slot| self.channels.get(*slot));
        let mut others = others.by_ref().filter(|other| other.uid != channel.uid);
        let other = others.next()?;
        others.next().is_none().then_some(other)
    }

    fn park_other_side(&self, call: &CallId, leg: &LegId) -> Result<Action, Refusal> {
        let channel = self.letting_go(call, leg)?;
        let other = self.other_side(channel).ok_or(Refusal::NoOtherSide)?;
        let device = crate::live::channel::device_of(&channel.name);
        Ok(Park {
            channel: value("leg", &other.name)?,
            timeout_channel: Some(value("leg", device)?),
            announce_channel: None,
            timeout_ms: None,
            lot: Some(value("lot", &self.settings.parking_lot)?),
        }
        .into())
    }

    /// A leg of the call that rings and can be answered elsewhere.
    fn ringing_leg(&self, call: &CallId) -> Result<&Channel, Refusal> {
        let row = self.board.calls.get(call).ok_or(Refusal::CallGone)?;
        let live = self.live(call)?;
        let ringing = |channel: &&Channel| {
            channel.state == ChannelState::Ringing && channel.role == LegRole::Callee && channel.is_person()
        };
        let mut legs = live.channels.iter().filter_map(|slot| self.channels.get(*slot));
        legs.find(ringing)
            .ok_or_else(|| Refusal::WrongState(words(&row.state).to_owned()))
    }

    /// An extension of ours whose phone can ring.
    pub(crate) fn phone(&self, extension: &str) -> Result<(&str, &Extension), Refusal> {
        number("extension", extension)?;
        let row = self.board.extensions.get(extension);
        let row = row.ok_or_else(|| Refusal::UnknownExtension(extension.to_owned()))?;
        let gone = matches!(
            row.registration,
            Registration::Unregistered | Registration::Unreachable
        );
        if gone || row.device_state == DeviceState::Unavailable || row.device.is_empty() {
            return Err(Refusal::PhoneUnreachable(extension.to_owned()));
        }
        Ok((&row.device, row))
    }

    /// Rings the person's own phone; the caller id is their own, which is what the called party is to see.
    pub(crate) fn originate(&self, device: &str, row: &Extension, id: &str) -> Result<Originate, Refusal> {
        let name = row.name.as_deref().unwrap_or(&row.number);
        let name = plain(name);
        Ok(Originate {
            channel: value("extension", device)?,
            channel_id: value("id", id)?,
            other_channel_id: None,
            context: None,
            exten: None,
            priority: None,
            application: None,
            data: None,
            timeout_ms: Some(self.settings.ring_timeout_ms),
            caller_id: Some(value("extension", &format!("{name} <{}>", row.number))?),
            account: None,
            early_media: None,
            variables: Vec::new(),
        })
    }
}

/// A name as it can stand in a caller id.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control() && !"\"<>\\".contains(*letter))
        .collect()
}

/// A number a person may dial: 1 to [`MAX_NUMBER_DIGITS`] of `0-9 * # +`.
pub(crate) fn number(field: &'static str, text: &str) -> Result<Value, Refusal> {
    if text.is_empty() {
        return Err(bad(field, "is empty"));
    }
    if text.len() > MAX_NUMBER_DIGITS {
        return Err(bad(field, "is longer than 32 digits"));
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#' | b'+'))
    {
        return Err(bad(field, "may hold digits, *, # and + only"));
    }
    value(field, text)
}

pub(crate) fn bad(field: &str, problem: &str) -> Refusal {
    Refusal::BadNumber {
        field: field.to_owned(),
        problem: problem.to_owned(),
    }
}

pub(crate) fn value(field: &'static str, text: &str) -> Result<Value, Refusal> {
    Value::new(field, text).map_err(|error: ValueError| Refusal::BadNumber {
        field: error.field().to_owned(),
        problem: "holds what cannot be sent".to_owned(),
    })
}

/// A state in the words a refusal uses.
pub(crate) fn words(state: &CallState) -> &'static str {
    match state {
        CallState::Dialling => "dialling",
        CallState::Ringing => "ringing",
        CallState::Service(_) => "in a service",
        CallState::Waiting => "waiting in a queue",
        CallState::Talking => "talking",
        CallState::OnHold => "on hold",
        CallState::Parked => "parked",
        CallState::Conference => "in a conference",
    }
}
