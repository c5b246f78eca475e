//! A trunk: the way to the rest of the telephone world.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, extension::DeviceState};

/// The state of a trunk's own registration with its provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrunkRegistration {
    /// Does not register, or not known.
    #[default]
    None,
    /// Registered.
    Registered,
    /// Trying.
    Trying,
    /// The provider refused.
    Rejected,
    /// Not registered.
    Unregistered,
}

/// One trunk as a row of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Trunk {
    /// Endpoint name, its id.
    pub name: String,
    /// Device (`PJSIP/trunk`).
    pub device: String,
    /// Device state.
    pub device_state: DeviceState,
    /// Registration.
    pub registration: TrunkRegistration,
    /// Since when.
    pub registration_since: Timestamp,
    /// Channels in use now.
    pub channels: u32,
}
