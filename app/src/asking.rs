//! Asking a PBX for something, and telling truthfully what came of it. The board changes only when the PBX
//! says so; here is only what was asked and what was answered.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use telephony::{Command, Outcome, Recorder, Recording};

use crate::{
    AppError,
    api::command::SendCommand,
    browser,
    components::trouble::capitalised,
    later,
    model::{CommandRequest, PbxId, Viewer},
    packed::pack,
    sending::ask,
    verbs, words,
};

/// Notices kept on the screen at most; the oldest gives way.
const MAX_NOTICES: usize = 5;
/// How long good news stays.
const GOOD_NEWS: Duration = Duration::from_secs(6);

/// Sends a command and puts what came of it into words.
pub(crate) async fn carry_out(what: String, request: CommandRequest) -> (Tone, String) {
    let answer = match pack(&SendCommand { request }) {
        Ok(arguments) => ask(SendCommand::PATH, &arguments).await,
        Err(_) => Err(AppError::Internal { id: "command".into() }),
    };
    told(&what, &answer)
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The PBX took it.
    Good,
    /// Nobody knows: look before trying again.
    Unknown,
    /// It was not done.
    Bad,
}

/// One notice on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it.
    pub id: u32,
    /// How it is meant.
    pub tone: Tone,
    /// What happened, what was not done, what to do next.
    pub text: String,
}

/// Where every command of the page goes through.
#[derive(Clone, Copy)]
pub struct Asking {
    /// What is to be told, oldest first.
    pub notices: RwSignal<Vec<Notice>>,
    next_id: StoredValue<u32>,
}

impl Default for Asking {
    fn default() -> Self {
        Self::new()
    }
}

impl Asking {
    /// Nothing asked yet.
    pub fn new() -> Self {
        Self {
            notices: RwSignal::new(Vec::new()),
            next_id: StoredValue::new(0),
        }
    }

    /// Asks once. `what` completes "Asked the PBX to …"; `busy` is true until the answer is there, and a second
    /// click meanwhile does nothing.
    pub fn ask(self, busy: RwSignal<bool>, pbx: PbxId, command: Command, what: impl Into<String>) {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let what = what.into();
        let request = CommandRequest {
            request_id: browser::request_id(),
            pbx,
            command,
        };
        spawn_local(async move {
            let told = later::carry_out(what, request).await;
            let (tone, text) = told.unwrap_or_else(|error| (Tone::Bad, capitalised(&error.to_string())));
            // the button may be gone with its row
            let _ = busy.try_set(false);
            self.tell(tone, text);
        });
    }

    /// Click-to-call: rings the viewer's own phone, then the number.
    pub fn call(self, busy: RwSignal<bool>, viewer: &Viewer, typed: &str) {
        if !verbs::may_call(viewer) {
            self.tell(Tone::Bad, "Nothing was called. Your role does not place calls.");
            return;
        }
        let Some(own) = viewer.own_extension().cloned() else {
            self.tell(
                Tone::Bad,
                "Nothing was called. Choose your own extension in your profile first: it rings before the number does.",
            );
            return;
        };
        match words::check_number(typed) {
            Ok(to) => {
                let what = format!("ring your phone {} and call {to}", own.number);
                self.ask(busy, own.pbx, Command::Call { from: own.number, to }, what);
            }
            Err(problem) => self.tell(Tone::Bad, problem.to_string()),
        }
    }

    /// Puts a notice on the screen.
    pub fn tell(self, tone: Tone, text: impl Into<String>) {
        let Some(id) = self.next_id.try_get_value() else {
            return;
        };
        self.next_id.set_value(id.wrapping_add(1));
        let text = text.into();
        self.notices.update(|notices| {
            notices.push(Notice { id, tone, text });
            if notices.len() > MAX_NOTICES {
                notices.remove(0);
            }
        });
        if tone == Tone::Good {
            set_timeout(move || self.dismiss(id), GOOD_NEWS);
        }
    }

    /// Takes a notice away.
    pub fn dismiss(self, id: u32) {
        let _ = self
            .notices
            .try_update(|notices| notices.retain(|notice| notice.id != id));
    }
}

/// The answer in words.
pub fn told(what: &str, answer: &Result<Outcome, AppError>) -> (Tone, String) {
    match answer {
        Ok(Outcome::Accepted) => (Tone::Good, format!("Asked the PBX to {what}.")),
        Ok(Outcome::Refused(refusal)) => {
            let reason = refusal.to_string();
            (
                Tone::Bad,
                format!("Not done ({what}): {}.", words::visible(&reason)),
            )
        }
        Ok(Outcome::Unknown) => (
            Tone::Unknown,
            format!(
                "The PBX did not answer (asked to {what}). It may have happened: check before trying again."
            ),
        ),
        Err(error) => (Tone::Bad, format!("Not done ({what}): {error}.")),
    }
}

/// One thing that can be done, ready to be put on a button or into a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The button's word.
    pub label: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What it needs named first; empty when nobody else is touched.
    pub consequence: String,
    /// Completes "Asked the PBX to …".
    pub what: String,
    /// On which PBX.
    pub pbx: PbxId,
    /// What is asked.
    pub command: Command,
}

impl Deed {
    /// Ending a call.
    pub fn hang_up(viewer: &Viewer, pbx: PbxId, call: &telephony::Call) -> Option<Self> {
        if !verbs::may_end(viewer, pbx, call) {
            return None;
        }
        let people = format!("{} and {}", words::party_name(&call.caller), words::called(call));
        let consequence = if verbs::is_mine(viewer, pbx, call) {
            String::new()
        } else {
            format!("This ends the call of {people} at once.")
        };
        Some(Self {
            label: "Hang up",
            icon: "phone-off",
            consequence,
            what: format!("end the call of {people}"),
            pbx,
            command: Command::HangUp {
                call: call.id.clone(),
            },
        })
    }

    /// Parking the other side.
    pub fn park(viewer: &Viewer, pbx: PbxId, call: &telephony::Call) -> Option<Self> {
        let leg = verbs::can_be_moved(viewer, pbx, call).then(|| verbs::default_leg(viewer, pbx, call))??;
        let stays = words::party_name(verbs::other_side(call, &leg));
        let consequence = if verbs::is_mine(viewer, pbx, call) {
            String::new()
        } else {
            format!("{stays} will wait in a parking space.")
        };
        Some(Self {
            label: "Park",
            icon: "square-parking",
            consequence,
            what: format!("park {stays}"),
            pbx,
            command: Command::Park {
                call: call.id.clone(),
                leg,
            },
        })
    }

    /// What can be done with the recording of a call: one of two at most each.
    pub fn record(viewer: &Viewer, pbx: PbxId, call: &telephony::Call) -> Option<Self> {
        let (label, icon, how, what) = match call.recording {
            Recording::Off => ("Record", "disc", Recorder::Start, "record"),
            Recording::On => (
                "Pause recording",
                "pause",
                Recorder::Pause,
                "pause the recording of",
            ),
            Recording::Paused => (
                "Resume recording",
                "play",
                Recorder::Resume,
                "go on with the recording of",
            ),
        };
        Self::recorder(viewer, pbx, call, (label, icon, how, what))
    }

    /// Ending the recording of a call.
    pub fn stop_recording(viewer: &Viewer, pbx: PbxId, call: &telephony::Call) -> Option<Self> {
        let stop = (
            "Stop recording",
            "circle-x",
            Recorder::Stop,
            "end the recording of",
        );
        Self::recorder(viewer, pbx, call, stop).filter(|_| call.recording != Recording::Off)
    }

    fn recorder(
        viewer: &Viewer,
        pbx: PbxId,
        call: &telephony::Call,
        (label, icon, how, what): (&'static str, &'static str, Recorder, &str),
    ) -> Option<Self> {
        verbs::may_record(viewer, pbx, call).then(|| Self {
            label,
            icon,
            consequence: String::new(),
            what: format!(
                "{what} the call of {} and {}",
                words::party_name(&call.caller),
                words::called(call)
            ),
            pbx,
            command: Command::Record {
                call: call.id.clone(),
                how,
            },
        })
    }

    /// Answering at the own phone what rings elsewhere.
    pub fn pick_up(viewer: &Viewer, pbx: PbxId, call: &telephony::Call) -> Option<Self> {
        let by = verbs::can_be_picked_up(viewer, pbx, call).then(|| verbs::own_number(viewer, pbx))??;
        let caller = words::party_name(&call.caller);
        Some(Self {
            label: "Pick up",
            icon: "phone-incoming",
            consequence: String::new(),
            what: format!("bring the call of {caller} to your phone {by}"),
            pbx,
            command: Command::PickUp {
                call: call.id.clone(),
                by,
            },
        })
    }

    /// Taking a parked call.
    pub fn take(viewer: &Viewer, pbx: PbxId, parked: &telephony::ParkedCall) -> Option<Self> {
        let by = verbs::may_take(viewer, pbx).then(|| verbs::own_number(viewer, pbx))??;
        let caller = words::party_name(&parked.caller);
        Some(Self {
            label: "Take",
            icon: "phone-incoming",
            consequence: String::new(),
            what: format!("connect {caller} to your phone {by}"),
            pbx,
            command: Command::TakeParked {
                lot: parked.lot.clone(),
                space: parked.space.clone(),
                by,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use telephony::{Outcome, Refusal};

    use super::{Tone, told};
    use crate::AppError;

    #[test]
    fn only_what_the_pbx_took_is_good_news() {
        assert_eq!(
            told("park Anna", &Ok(Outcome::Accepted)),
            (Tone::Good, "Asked the PBX to park Anna.".into())
        );
        let (tone, text) = told("park Anna", &Ok(Outcome::Unknown));
        assert_eq!(tone, Tone::Unknown);
        assert!(text.contains("check before trying again"), "{text}");
        let (tone, text) = told("park Anna", &Ok(Outcome::Refused(Refusal::CallGone)));
        assert_eq!(
            (tone, text.as_str()),
            (Tone::Bad, "Not done (park Anna): this call has ended.")
        );
        assert_eq!(told("park Anna", &Err(AppError::Offline)).0, Tone::Bad);
    }
}
