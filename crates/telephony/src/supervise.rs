//! Taking part in a call of somebody else: which application of the PBX does it, and on exactly which channel.

use crate::live::channel::Channel;
use crate::lower::words;
use crate::{CallId, CallState, LegId, Refusal, Supervision, Switchboard};

/// What the supervisor's phone is connected to when it answers.
pub(crate) struct Part {
    pub(crate) application: &'static str,
    pub(crate) data: String,
}

impl Switchboard {
    /// How `by` takes part in what `leg` says and hears. `leg` is a phone of ours in a conversation, whatever way the
    /// call came to it: over a Local channel or not, its own channel is the one that is named.
    pub(crate) fn taking_part(
        &self,
        call: &CallId,
        leg: &LegId,
        how: Supervision,
        by: &str,
    ) -> Result<Part, Refusal> {
        let row = self.board.calls.get(call).ok_or(Refusal::CallGone)?;
        let supervised = self.leg(call, leg)?;
        if !supervised.takes_part() || supervised.party.extension.is_none() {
            return Err(Refusal::NoOtherSide);
        }
        if !matches!(row.state, CallState::Talking | CallState::OnHold) || supervised.bridge.is_none() {
            return Err(Refusal::WrongState(words(&row.state).to_owned()));
        }
        let people = || {
            let slots = self.live(call).ok().into_iter().flat_map(|live| &live.channels);
            let channels = slots.filter_map(|slot| self.channels.get(*slot));
            channels.filter(|channel| channel.takes_part())
        };
        if people().any(|channel| channel.party.extension.as_deref() == Some(by)) {
            return Err(Refusal::OwnCall(by.to_owned()));
        }
        let options = match how {
            // one whole name (u), quietly (q), until that one hangs up (E) and not for another (S)
            Supervision::Listen => "uqES",
            Supervision::Whisper => "uqESw",
            Supervision::Barge => "uqESB",
            Supervision::TakeOver => {
                let others = || people().filter(|channel| channel.uid != supervised.uid);
                let mut others_now = others();
                let other = match (others_now.next(), others_now.next()) {
                    (Some(only), None) => only,
                    (_, _) => self
                        .other_side(supervised)
                        .filter(|other| other.takes_part())
                        .ok_or(Refusal::NoOtherSide)?,
                };
                return Ok(Part {
                    application: "Bridge",
                    data: self.whole_name(other)?,
                });
            }
        };
        Ok(Part {
            application: "ChanSpy",
            data: format!("{},{options}", self.whole_name(supervised)?),
        })
    }

    /// The name of a channel, where it stands for that channel alone: `Bridge` takes the beginning of a name for the
    /// name, and what ends a name in the data of an application may not be in it.
    pub(crate) fn whole_name(&self, channel: &Channel) -> Result<String, Refusal> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/-_.@;:+*#".contains(letter);
        let name = &*channel.name;
        let begins = |other: &str| {
            other
                .get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name))
        };
        let mut others = self.channels.iter().filter(|(_, other)| other.uid != channel.uid);
        if name.is_empty() || !name.chars().all(plain) || others.any(|(_, other)| begins(&other.name)) {
            return Err(Refusal::BadNumber {
                field: "leg".to_owned(),
                problem: "has a name that may stand for more than one phone".to_owned(),
            });
        }
        Ok(name.to_owned())
    }
}
