//! Services of the dialplan: which application serves a caller, as far as the dialplan's steps are visible.

use ami::Message;

use crate::switchboard::fits;
use crate::{LegRole, Switchboard, Timestamp};

/// Applications a caller listens or speaks to. Others leave what was shown before.
const SERVICES: [&str; 19] = [
    "BackGround",
    "BackgroundDetect",
    "ChanSpy",
    "ConfBridge",
    "ControlPlayback",
    "Dictate",
    "Directory",
    "DISA",
    "Echo",
    "Festival",
    "Milliwatt",
    "MusicOnHold",
    "Page",
    "Playback",
    "Read",
    "Record",
    "Stasis",
    "VoiceMail",
    "VoiceMailMain",
];

/// The application that puts a caller into a queue.
const QUEUE: &str = "Queue";

/// Whether the value of `Application` that begins `rest` is one of [`SERVICES`], or [`QUEUE`].
pub(crate) fn concerns(rest: &[u8]) -> bool {
    let end = rest
        .iter()
        .position(|byte| *byte == b'\r' || *byte == b'\n')
        .unwrap_or(rest.len());
    let application = &rest[..end];
    application.eq_ignore_ascii_case(QUEUE.as_bytes())
        || SERVICES
            .iter()
            .any(|service| service.as_bytes().eq_ignore_ascii_case(application))
}

/// The service an application is.
pub(crate) fn service(application: &str) -> Option<&'static str> {
    SERVICES
        .into_iter()
        .find(|service| service.eq_ignore_ascii_case(application))
}

impl Switchboard {
    pub(super) fn on_newexten(&mut self, message: &Message, at: Timestamp) {
        // What runs after the hang-up serves nobody.
        if message.get("Extension").as_deref() == Some("h") {
            return;
        }
        let (Some(uid), Some(application)) = (message.get("Uniqueid"), message.get("Application")) else {
            return;
        };
        let Some(slot) = self.by_uid.get(&*uid).copied() else {
            return;
        };
        if let Some(app) = service(&application) {
            self.set_service(slot, app, at);
        } else if application.eq_ignore_ascii_case(QUEUE) {
            let data = message.get("AppData").unwrap_or_default();
            let queue = data.split(',').next().unwrap_or_default();
            if let Some(channel) = self.channels.get_mut(slot) {
                channel.enters = fits(queue).then(|| queue.into());
            }
        }
    }

    pub(crate) fn set_service(&mut self, slot: crate::live::channel::ChannelSlot, app: &str, _at: Timestamp) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        if channel.app.as_deref() == Some(app) {
            return;
        }
        channel.app = Some(app.into());
        let (call, role) = (channel.call, channel.role);
        if let Some(live) = self.calls.get_mut(call)
            && role == LegRole::Caller
        {
            live.voicemail |= app == "VoiceMail";
            live.transferring = false;
        }
        self.touch(call);
    }
}
