//! From what a person asks of the recording of a call to one AMI action.

use ami::action::recording::{MixMonitor, MixMonitorMute, StopMixMonitor};
use ami::{Action, Direction};

use crate::live::channel::Channel;
use crate::lower::{value, words};
use crate::recording::bare_id;
use crate::{CallId, CallState, Recorder, Recording, Refusal, Switchboard};

impl Switchboard {
    /// A recording begins on the caller's channel, which stays wherever the call is handed on to, and to a file that is named by
    /// `id` and by that channel: no part of its name is anybody's text, and the call is found by it.
    pub(crate) fn recorder(&self, call: &CallId, how: Recorder, id: &str) -> Result<Action, Refusal> {
        let row = self.board.calls.get(call).ok_or(Refusal::CallGone)?;
        let wrong = |word: &str| Err(Refusal::WrongState(word.to_owned()));
        match (how, row.recording) {
            (Recorder::Start, Recording::Off) => {
                if !matches!(
                    row.state,
                    CallState::Talking | CallState::OnHold | CallState::Conference
                ) {
                    return wrong(words(&row.state));
                }
                let channel = self.mainstay(call)?;
                let file = file_name(id, &channel.uid)?;
                Ok(MixMonitor {
                    channel: value("call", &channel.name)?,
                    file: Some(value("file", &file)?),
                    options: None,
                }
                .into())
            }
            (Recorder::Start, Recording::On | Recording::Paused) => wrong("recorded"),
            (Recorder::Pause, Recording::On) => self.mute(call, 1),
            (Recorder::Resume, Recording::Paused) => self.mute(call, 0),
            (Recorder::Pause, Recording::Paused) => wrong("recorded with a pause"),
            (Recorder::Resume, Recording::On) => wrong("recorded"),
            (Recorder::Stop, Recording::On | Recording::Paused) => Ok(StopMixMonitor {
                channel: value("call", &self.recorded(call)?.name)?,
                id: None,
            }
            .into()),
            (Recorder::Pause | Recorder::Resume | Recorder::Stop, Recording::Off) => wrong("not recorded"),
        }
    }

    fn mute(&self, call: &CallId, state: u32) -> Result<Action, Refusal> {
        Ok(MixMonitorMute {
            channel: value("call", &self.recorded(call)?.name)?,
            direction: Direction::Both,
            state,
            id: None,
        }
        .into())
    }

    /// The channel that is recorded.
    fn recorded(&self, call: &CallId) -> Result<&Channel, Refusal> {
        let live = self.live(call)?;
        let mut channels = live.channels.iter().filter_map(|slot| self.channels.get(*slot));
        channels
            .find(|channel| channel.recorded)
            .ok_or_else(|| Refusal::WrongState("not recorded".to_owned()))
    }
}

/// `starboard-1-4f2a-1795221359.7.wav`: the folder is the PBX's own.
fn file_name(id: &str, uid: &str) -> Result<String, Refusal> {
    let uid = bare_id(uid);
    let plain = |text: &str, more: char| {
        !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || one == more)
    };
    if plain(id, '-') && plain(uid, '.') && !uid.contains("..") {
        Ok(format!("{id}-{uid}.wav"))
    } else {
        Err(Refusal::LegGone)
    }
}
