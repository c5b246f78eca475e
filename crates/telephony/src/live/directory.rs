//! What the PBX's names mean: which device is an extension's phone, which is a trunk.

use std::collections::HashMap;

use crate::live::channel::{Far, split_device};
use crate::settings::{EXTENSION_DIGITS_MAX, EXTENSION_DIGITS_MIN, Settings, matches};
use crate::switchboard::fits;

/// Devices remembered; further ones are judged anew each time.
pub(crate) const MAX_DEVICES: usize = 20_000;
/// Contacts remembered for one phone.
pub(crate) const MAX_CONTACTS: usize = 16;
/// Outbound registrations remembered.
pub(crate) const MAX_REGISTRATIONS: usize = 1_000;

/// Technologies behind which there is a telephone or the telephone network.
const TELEPHONE_TECHNOLOGIES: [&str; 9] = [
    "PJSIP", "SIP", "IAX2", "DAHDI", "SCCP", "MGCP", "Mobile", "OOH323", "Motif",
];

/// Whose a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Extension(String),
    Trunk(String),
    Local,
    Nobody,
}

impl Owner {
    pub(crate) fn far(&self) -> Far {
        match self {
            Owner::Extension(_) => Far::Phone,
            Owner::Trunk(_) => Far::Trunk,
            Owner::Local => Far::Local,
            Owner::Nobody => Far::Nobody,
        }
    }
}

/// An outbound registration, as the PBX describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) trunk: String,
    pub(crate) client_uri: String,
    pub(crate) server_uri: String,
}

#[derive(Debug, Default)]
pub(crate) struct Directory {
    owners: HashMap<String, Owner>,
    hints: HashMap<String, String>,
    /// Contacts of a phone by extension: address and whether it answers.
    pub(crate) contacts: HashMap<String, Vec<(String, bool)>>,
    pub(crate) registrations: Vec<Registered>,
}

impl Directory {
    /// Whose `device` (`PJSIP/1001`) is. In this order: what the settings say; a hint that names the device;
    /// what the PBX said of the endpoint (it registers elsewhere, or only authenticates to elsewhere: a
    /// trunk); a short number: an extension; any other telephone technology: a trunk.
    pub(crate) fn owner(&mut self, settings: &Settings, device: &str) -> Owner {
        if let Some(owner) = self.owners.get(device) {
            return owner.clone();
        }
        let owner = self.judge(settings, device);
        if self.owners.len() < MAX_DEVICES && fits(device) {
            self.owners.insert(device.to_owned(), owner.clone());
        }
        owner
    }

    fn judge(&self, settings: &Settings, device: &str) -> Owner {
        let (technology, endpoint) = split_device(device);
        if technology == "Local" {
            return Owner::Local;
        }
        if endpoint.is_empty() || !fits(device) || !TELEPHONE_TECHNOLOGIES.contains(&technology) {
            return Owner::Nobody;
        }
        if matches(&settings.trunks, endpoint) {
            return Owner::Trunk(endpoint.to_owned());
        }
        if let Some(number) = self.hints.get(device) {
            return Owner::Extension(number.clone());
        }
        if matches(&settings.extensions, endpoint) || is_short_number(endpoint) {
            return Owner::Extension(endpoint.to_owned());
        }
        Owner::Trunk(endpoint.to_owned())
    }

    /// A hint says that `device` is the phone of `number`. Returns the trunk the device was taken for.
    pub(crate) fn learn_hint(&mut self, settings: &Settings, device: &str, number: &str) -> Option<String> {
        if self.hints.get(device).is_some_and(|known| known == number) || self.hints.len() >= MAX_DEVICES {
            return None;
        }
        if matches(&settings.trunks, split_device(device).1) || !fits(device) || !fits(number) {
            return None;
        }
        self.hints.insert(device.to_owned(), number.to_owned());
        match self
            .owners
            .insert(device.to_owned(), Owner::Extension(number.to_owned()))
        {
            Some(Owner::Trunk(name)) => Some(name),
            Some(Owner::Extension(_) | Owner::Local | Owner::Nobody) | None => None,
        }
    }

    /// The PBX shows that the endpoint is a trunk. Returns the extension it was taken for.
    pub(crate) fn learn_trunk(&mut self, settings: &Settings, device: &str) -> Option<String> {
        let (_, endpoint) = split_device(device);
        if self.hints.contains_key(device) || matches(&settings.extensions, endpoint) || !fits(device) {
            return None;
        }
        if self.owners.len() >= MAX_DEVICES && !self.owners.contains_key(device) {
            return None;
        }
        match self
            .owners
            .insert(device.to_owned(), Owner::Trunk(endpoint.to_owned()))
        {
            Some(Owner::Extension(number)) => Some(number),
            Some(Owner::Trunk(_) | Owner::Local | Owner::Nobody) | None => None,
        }
    }

    /// The trunk a registration belongs to, by the addresses a `Registry` event gives.
    pub(crate) fn registered_trunk(&self, username: &str, domain: &str) -> Option<&str> {
        let exact = self
            .registrations
            .iter()
            .find(|known| known.client_uri == username && known.server_uri == domain);
        let same_user = || {
            self.registrations
                .iter()
                .find(|known| known.client_uri == username)
        };
        exact.or_else(same_user).map(|known| known.trunk.as_str())
    }

    pub(crate) fn learn_registration(&mut self, registered: Registered) {
        self.registrations
            .retain(|known| known.trunk != registered.trunk || known.client_uri != registered.client_uri);
        if self.registrations.len() < MAX_REGISTRATIONS {
            self.registrations.push(registered);
        }
    }
}

/// Whether a name can be an extension number on its own.
pub(crate) fn is_short_number(name: &str) -> bool {
    (EXTENSION_DIGITS_MIN..=EXTENSION_DIGITS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The telephone a hint watches (`PJSIP/1001` of `PJSIP/1001&Custom:DND1001,CustomPresence:1001`).
pub(crate) fn hinted_device(hint: &str) -> Option<&str> {
    let devices = hint.split(',').next().unwrap_or_default();
    devices.split('&').find(|device| {
        let (technology, endpoint) = split_device(device);
        !endpoint.is_empty() && TELEPHONE_TECHNOLOGIES.contains(&technology)
    })
}

/// The extension whose do-not-disturb state a device carries (`1002` of `Custom:DND1002`).
pub(crate) fn dnd_number(device: &str) -> Option<&str> {
    let number = device.strip_prefix("Custom:DND")?;
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_judged_by_settings_hint_endpoint_and_name() {
        let settings = Settings {
            trunks: vec!["77".into()],
            ..Settings::default()
        };
        let mut directory = Directory::default();
        let mut owner = |device: &str| directory.owner(&settings, device);
        assert_eq!(owner("PJSIP/1001"), Owner::Extension("1001".into()));
        assert_eq!(owner("PJSIP/77"), Owner::Trunk("77".into()));
        assert_eq!(owner("PJSIP/provider"), Owner::Trunk("provider".into()));
        assert_eq!(owner("PJSIP/4930123456"), Owner::Trunk("4930123456".into()));
        assert_eq!(owner("CBRec/conf-900"), Owner::Nobody);
        assert_eq!(owner("PJSIP/alice"), Owner::Trunk("alice".into()));
        assert_eq!(
            directory.learn_hint(&settings, "PJSIP/alice", "105"),
            Some("alice".into())
        );
        assert_eq!(
            directory.owner(&settings, "PJSIP/alice"),
            Owner::Extension("105".into())
        );
    }

    #[test]
    fn hints_name_their_phone() {
        assert_eq!(
            hinted_device("Custom:DND1&PJSIP/1001,CustomPresence:1"),
            Some("PJSIP/1001")
        );
        assert_eq!(hinted_device("park:701@parkedcalls"), None);
        assert_eq!(dnd_number("Custom:DND1002"), Some("1002"));
    }
}
