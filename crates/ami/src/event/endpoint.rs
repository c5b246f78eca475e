//! PJSIP endpoints, contacts and registrations.

use super::{Text, event};
use crate::id::{AorName, EndpointName};
use crate::state::{ContactState, DeviceState, RegistrationState};

event! { 'a
    /// A contact came, went, or changed its reachability.
    ContactStatus {
        "URI" uri: Text<'a>,
        "ContactStatus" status: ContactState<'a>,
        "AOR" aor: AorName<'a>,
        "EndpointName" endpoint: EndpointName<'a>,
        /// Microseconds of the last qualify round trip; 0 without one.
        "RoundtripUsec" roundtrip_us: u64,
    }
    /// An endpoint became reachable or not.
    PeerStatus {
        "ChannelType" channel_type: Text<'a>,
        /// With its technology: `PJSIP/1001`.
        "Peer" peer: Text<'a>,
        /// `Reachable`, `Unreachable`, `Registered`, `Unregistered`.
        "PeerStatus" status: Text<'a>,
        "Cause" cause: Text<'a>,
        "Address" address: Text<'a>,
    }
    /// An outbound registration changed its state.
    Registry {
        "ChannelType" channel_type: Text<'a>,
        "Username" username: Text<'a>,
        "Domain" domain: Text<'a>,
        "Status" status: RegistrationState<'a>,
        "Cause" cause: Text<'a>,
    }
    /// One endpoint of a `PJSIPShowEndpoints`.
    EndpointList {
        "ObjectName" name: EndpointName<'a>,
        "Transport" transport: Text<'a>,
        "Aor" aor: AorName<'a>,
        "Auths" auths: Text<'a>,
        "OutboundAuths" outbound_auths: Text<'a>,
        /// Comma-separated `aor/uri` pairs.
        "Contacts" contacts: Text<'a>,
        "DeviceState" state: DeviceState,
        "ActiveChannels" active_channels: Text<'a>,
    }
    /// One contact of a `PJSIPShowContacts`.
    ContactList {
        "ObjectName" name: Text<'a>,
        "Endpoint" endpoint: EndpointName<'a>,
        "Uri" uri: Text<'a>,
        "UserAgent" user_agent: Text<'a>,
        "ViaAddr" via_address: Text<'a>,
        "ViaPort" via_port: u16,
        /// Seconds since the epoch.
        "ExpirationTime" expires_s: u64,
        "Status" status: ContactState<'a>,
        /// Microseconds of the last qualify round trip.
        "RoundtripUsec" roundtrip_us: u64,
    }
    /// One address of record of a `PJSIPShowAors`.
    AorList {
        "ObjectName" name: AorName<'a>,
        "Mailboxes" mailboxes: Text<'a>,
        "MaxContacts" max_contacts: u32,
        "Contacts" contacts: Text<'a>,
        /// Seconds between qualifies; 0 is never.
        "QualifyFrequency" qualify_s: u64,
    }
    /// One registration of a `PJSIPShowRegistrationsOutbound`. (The answer also has `AuthDetail` events
    /// with the password in clear: leave those unread.)
    OutboundRegistrationDetail {
        "ObjectName" name: Text<'a>,
        "ClientUri" client_uri: Text<'a>,
        "ServerUri" server_uri: Text<'a>,
        "Endpoint" endpoint: EndpointName<'a>,
        "Status" status: RegistrationState<'a>,
        /// Seconds until the next attempt.
        "NextReg" next_s: u64,
        "Expiration" expiration_s: u64,
    }
}
