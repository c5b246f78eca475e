//! Phones and trunks: device states, hints, registrations, waiting messages.

use ami::event::endpoint::{ContactStatus, PeerStatus, Registry};
use ami::event::presence::{DeviceStateChange, ExtensionStatus, MessageWaiting};
use ami::{ContactState, RegistrationState};

use crate::live::channel::split_device;
use crate::live::directory::{MAX_CONTACTS, Owner, dnd_number, hinted_device};
use crate::switchboard::bounded;
use crate::{DeviceState, Key, Registration, Switchboard, Timestamp, TrunkRegistration};

impl Switchboard {
    pub(super) fn on_device_state(&mut self, event: &DeviceStateChange<'_>, at: Timestamp) {
        let (Some(device), Some(state)) = (&event.device, event.state) else {
            self.counters.incomplete_events += 1;
            return;
        };
        let (device, state) = (device.as_str(), DeviceState::from(state));
        if let Some(number) = dnd_number(device) {
            let on = !matches!(
                state,
                DeviceState::NotInUse | DeviceState::Unknown | DeviceState::Invalid
            );
            self.change_extension(number, at, |row| row.dnd.replace(on) != Some(on));
            return;
        }
        self.set_device_state(device, state, at);
    }

    pub(crate) fn set_device_state(&mut self, device: &str, state: DeviceState, at: Timestamp) {
        match self.directory.owner(&self.settings, device) {
            Owner::Extension(number) => {
                if self.extension_mut(&number, device).is_some() {
                    self.change_extension(&number, at, |row| {
                        std::mem::replace(&mut row.device_state, state) != state
                    });
                }
            }
            Owner::Trunk(name) => {
                if self
                    .board
                    .trunks
                    .get(&name)
                    .is_none_or(|row| row.device_state != state)
                    && let Some(row) = self.trunk_mut(&name, device, at)
                {
                    row.device_state = state;
                }
            }
            Owner::Local | Owner::Nobody => {}
        }
    }

    /// A hint says which phone an extension number has, and whether do-not-disturb can be seen.
    pub(super) fn on_hint(&mut self, event: &ExtensionStatus<'_>, at: Timestamp) {
        let (Some(number), Some(hint)) = (&event.exten, event.hint.as_deref()) else {
            return;
        };
        let number = number.as_str();
        let Some(device) = hinted_device(hint) else { return };
        if number.starts_with('_') {
            return;
        }
        let mistaken = self.directory.learn_hint(&self.settings, device, number);
        if self.directory.owner(&self.settings, device) != Owner::Extension(number.to_owned()) {
            return;
        }
        if let Some(trunk) = mistaken
            && self.board.trunks.remove(&trunk).is_some()
        {
            self.mark(Key::Trunk(trunk));
        }
        self.resync.saw_extension(number);
        let shows_dnd = hint.contains("Custom:DND");
        let Some(row) = self.extension_mut(number, device) else {
            return;
        };
        let device_differs = row.device != device;
        if device_differs {
            row.device = crate::switchboard::bounded(device);
        }
        if shows_dnd && row.dnd.is_none() {
            row.dnd = Some(false);
            self.mark(Key::Extension(number.to_owned()));
        } else if device_differs {
            self.mark(Key::Extension(number.to_owned()));
        }
        let _ = at;
    }

    pub(super) fn on_message_waiting(&mut self, event: &MessageWaiting<'_>, at: Timestamp) {
        let Some(mailbox) = &event.mailbox else { return };
        let number = mailbox.as_str().split('@').next().unwrap_or_default();
        let new = event.new.or(event.waiting.map(u32::from));
        if let Some(new) = new {
            self.set_voicemail(number, new, at);
        }
    }

    /// New messages do not change what a person does: the tile's time stands.
    pub(crate) fn set_voicemail(&mut self, number: &str, new: u32, _at: Timestamp) {
        let Some(row) = self.board.extensions.get_mut(number) else {
            return;
        };
        if row.voicemail != Some(new) {
            row.voicemail = Some(new);
            self.mark(Key::Extension(number.to_owned()));
        }
    }

    pub(super) fn on_contact(&mut self, event: &ContactStatus<'_>, at: Timestamp) {
        let (Some(uri), Some(status)) = (event.uri.as_deref(), &event.status) else {
            return;
        };
        let endpoint = event.endpoint.as_ref().map(|name| name.as_str());
        let Some(endpoint) = endpoint.or(event.aor.as_ref().map(|name| name.as_str())) else {
            return;
        };
        let device = format!("PJSIP/{endpoint}");
        let Owner::Extension(number) = self.directory.owner(&self.settings, &device) else {
            return;
        };
        if self.extension_mut(&number, &device).is_none() {
            return;
        }
        let contacts = self.directory.contacts.entry(number.clone()).or_default();
        let uri = bounded(uri);
        contacts.retain(|(known, _)| *known != uri);
        let gone = matches!(status, ContactState::Removed);
        if !gone && contacts.len() < MAX_CONTACTS {
            contacts.push((uri, !matches!(status, ContactState::Unreachable)));
        }
        self.settle_registration(&number, at);
    }

    /// Registered when any contact answers, or is not asked to.
    pub(crate) fn settle_registration(&mut self, number: &str, at: Timestamp) {
        let contacts = self.directory.contacts.get(number).map_or(&[][..], Vec::as_slice);
        let registration = match contacts {
            [] => Registration::Unregistered,
            contacts if contacts.iter().any(|(_, answers)| *answers) => Registration::Registered,
            _ => Registration::Unreachable,
        };
        if contacts.is_empty() {
            self.directory.contacts.remove(number);
        }
        self.change_extension(number, at, |row| {
            std::mem::replace(&mut row.registration, registration) != registration
        });
    }

    /// Technologies without contacts tell by peer; for PJSIP the contacts tell more.
    pub(super) fn on_peer(&mut self, event: &PeerStatus<'_>, at: Timestamp) {
        let (Some(peer), Some(status)) = (event.peer.as_deref(), event.status.as_deref()) else {
            return;
        };
        if split_device(peer).0 == "PJSIP" {
            return;
        }
        let Owner::Extension(number) = self.directory.owner(&self.settings, peer) else {
            return;
        };
        let registration = match status {
            "Registered" | "Reachable" | "Lagged" => Registration::Registered,
            "Unreachable" => Registration::Unreachable,
            "Unregistered" | "Rejected" => Registration::Unregistered,
            _ => return,
        };
        if self.extension_mut(&number, peer).is_some() {
            self.change_extension(&number, at, |row| {
                std::mem::replace(&mut row.registration, registration) != registration
            });
        }
    }

    /// The event names addresses only; the list of registrations says whose they are.
    pub(super) fn on_registry(&mut self, event: &Registry<'_>, at: Timestamp) {
        let (Some(username), Some(status)) = (event.username.as_deref(), &event.status) else {
            return;
        };
        let trunk = self
            .directory
            .registered_trunk(username, event.domain.as_deref().unwrap_or_default());
        if let Some(trunk) = trunk.map(str::to_owned) {
            self.set_trunk_registration(&trunk, registration_of(status), at);
        }
    }

    pub(crate) fn set_trunk_registration(
        &mut self,
        name: &str,
        registration: TrunkRegistration,
        at: Timestamp,
    ) {
        if self
            .board
            .trunks
            .get(name)
            .is_some_and(|row| row.registration == registration)
        {
            return;
        }
        if let Some(row) = self.trunk_mut(name, &format!("PJSIP/{name}"), at) {
            row.registration = registration;
            row.registration_since = at;
        }
    }
}

pub(crate) fn registration_of(status: &RegistrationState<'_>) -> TrunkRegistration {
    match status {
        RegistrationState::Registered => TrunkRegistration::Registered,
        RegistrationState::Registering | RegistrationState::Unregistering => TrunkRegistration::Trying,
        RegistrationState::Rejected | RegistrationState::Stopped => TrunkRegistration::Rejected,
        RegistrationState::Unregistered | RegistrationState::Unknown(_) => TrunkRegistration::Unregistered,
    }
}
