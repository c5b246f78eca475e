//! Events as types: one family a file, each parsed in one pass over the headers and borrowed from its message.

pub mod bridge;
pub mod channel;
pub mod conference;
pub mod dial;
pub mod endpoint;
pub mod list;
pub mod local;
pub mod parking;
pub mod presence;
pub mod queue;
pub mod record;
pub mod recording;
pub mod system;
pub mod transfer;

use std::borrow::Cow;

use crate::header::Name;
use crate::kind::Kind;
use crate::message::Message;
use crate::text::Raw;

/// Headers any event may have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meta<'a> {
    /// The action this event belongs to: items of lists, `OriginateResponse`, events an action caused.
    pub action_id: Option<Cow<'a, str>>,
    /// `SystemName`, set when Asterisk has one.
    pub system_name: Option<Cow<'a, str>>,
    /// `Timestamp` in microseconds since the epoch, set when `timestampevents=yes`.
    pub timestamp_us: Option<u64>,
}

impl<'a> Meta<'a> {
    fn field(&mut self, name: Name<'_>, value: Raw<'a>) -> bool {
        match name.bytes() {
            b"ActionID" => self.action_id = value.known(),
            b"SystemName" => self.system_name = value.known(),
            b"Timestamp" => self.timestamp_us = value.strict().and_then(micros),
            _ => return false,
        }
        true
    }
}

/// `1795220975.342456` in microseconds.
fn micros(text: &str) -> Option<u64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut micros = seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?;
    let mut unit = 100_000;
    for digit in fraction.bytes().take(6) {
        let digit = u64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
        micros = micros.checked_add(digit * unit)?;
        unit /= 10;
    }
    Some(micros)
}

/// A type filled header by header.
pub(crate) trait Fields<'a>: Default {
    /// Takes the header if it is one of its own; says whether it was.
    fn field(&mut self, name: Name<'_>, value: Raw<'a>) -> bool;
}

impl<'a, T: Fields<'a>> Fields<'a> for Box<T> {
    fn field(&mut self, name: Name<'_>, value: Raw<'a>) -> bool {
        T::field(self, name, value)
    }
}

pub(crate) fn parse<'a, T: Fields<'a>>(message: &'a Message) -> T {
    let mut fields = T::default();
    for (name, value) in message.raw_headers() {
        fields.field(Name::new(name), value);
    }
    fields
}

/// A group of headers: plain fields by header name, then groups by prefix. Every plain field is an
/// `Option`: absent, empty and `<unknown>` are `None`.
macro_rules! group {
    ($life:lifetime $(
        $(#[$note:meta])*
        $name:ident {
            $($(#[$field_note:meta])* $header:literal $field:ident: $type:ty,)*
            $(; $($(#[$nested_note:meta])* $prefix:literal $nested:ident: $nested_type:ty,)*)?
        }
    )*) => {$(
        $(#[$note])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name<$life> {
            $($(#[$field_note])* #[doc = concat!("`", $header, "`")] pub $field: Option<$type>,)*
            $($($(#[$nested_note])* #[doc = concat!("Headers that begin with `", $prefix, "`")] pub $nested: $nested_type,)*)?
        }

        impl<$life> $crate::event::Fields<$life> for $name<$life> {
            #[inline]
            fn field(&mut self, name: $crate::header::Name<'_>, value: $crate::text::Raw<$life>) -> bool {
                $(if const { $crate::header::Name::new($header.as_bytes()) }.is(name) {
                    self.$field = $crate::text::FromText::from_text(value);
                    return true;
                })*
                $($(if let Some(rest) = name.after($prefix.as_bytes()) && self.$nested.field(rest, value) {
                    return true;
                })*)?
                false
            }
        }
    )*};
}
pub(crate) use group;

/// An event: a group with [`Meta`].
macro_rules! event {
    ($life:lifetime $(
        $(#[$note:meta])*
        $name:ident {
            $($(#[$field_note:meta])* $header:literal $field:ident: $type:ty,)*
            $(; $($(#[$nested_note:meta])* $prefix:literal $nested:ident: $nested_type:ty,)*)?
        }
    )*) => {$(
        $(#[$note])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name<$life> {
            /// What any event may carry.
            pub meta: $crate::event::Meta<$life>,
            $($(#[$field_note])* #[doc = concat!("`", $header, "`")] pub $field: Option<$type>,)*
            $($($(#[$nested_note])* #[doc = concat!("Headers that begin with `", $prefix, "`")] pub $nested: $nested_type,)*)?
        }

        impl<$life> $crate::event::Fields<$life> for $name<$life> {
            #[inline]
            fn field(&mut self, name: $crate::header::Name<'_>, value: $crate::text::Raw<$life>) -> bool {
                $(if const { $crate::header::Name::new($header.as_bytes()) }.is(name) {
                    self.$field = $crate::text::FromText::from_text(value);
                    return true;
                })*
                $($(if let Some(rest) = name.after($prefix.as_bytes()) && self.$nested.field(rest, value) {
                    return true;
                })*)?
                self.meta.field(name, value)
            }
        }

        impl<$life> $name<$life> {
            #[allow(dead_code, reason = "called by the event enum, which not every type is in")]
            pub(crate) fn meta(&self) -> &$crate::event::Meta<$life> {
                &self.meta
            }
        }
    )*};
}
pub(crate) use event;

macro_rules! events {
    ($life:lifetime $($variant:ident($type:ty),)*) => {
        /// An event, parsed. Kinds without a type of their own are [`Event::Other`].
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Event<$life> {
            $(#[doc = concat!("See [`", stringify!($type), "`].")] $variant($type),)*
            /// Everything else: read it header by header.
            Other(&$life Message),
        }

        impl Message {
            /// The event, parsed in one pass over the headers; `None` for a response.
            pub fn event(&self) -> Option<Event<'_>> {
                Some(match self.kind() {
                    Kind::Response => return None,
                    $(Kind::$variant => Event::$variant(parse(self)),)*
                    _ => Event::Other(self),
                })
            }
        }

        impl<$life> Event<$life> {
            fn meta(&self) -> Option<&Meta<$life>> {
                match self {
                    $(Event::$variant(event) => Some(event.meta()),)*
                    Event::Other(_) => None,
                }
            }

            /// `Timestamp` in seconds since the epoch, when Asterisk stamps its events.
            pub fn timestamp(&self) -> Option<f64> {
                self.timestamp_us().map(|micros| micros as f64 / 1e6)
            }

            /// `Timestamp` in microseconds since the epoch, when Asterisk stamps its events.
            pub fn timestamp_us(&self) -> Option<u64> {
                match self {
                    Event::Other(message) => message.timestamp_us(),
                    _ => self.meta()?.timestamp_us,
                }
            }

            /// `SystemName`, when Asterisk has one.
            pub fn system_name(&self) -> Option<Cow<'_, str>> {
                match self {
                    Event::Other(message) => message.get("SystemName"),
                    _ => self.meta()?.system_name.as_deref().map(Cow::Borrowed),
                }
            }

            /// The action this event belongs to.
            pub fn action_id(&self) -> Option<Cow<'_, str>> {
                match self {
                    Event::Other(message) => message.action_id(),
                    _ => self.meta()?.action_id.as_deref().map(Cow::Borrowed),
                }
            }
        }
    };
}

impl Message {
    /// `Timestamp` in microseconds since the epoch, when Asterisk stamps its events.
    pub fn timestamp_us(&self) -> Option<u64> {
        self.raw("Timestamp").and_then(Raw::strict).and_then(micros)
    }
}

events! { 'a
    Newchannel(channel::Newchannel<'a>),
    Newstate(channel::Newstate<'a>),
    NewCallerid(channel::NewCallerid<'a>),
    NewConnectedLine(channel::NewConnectedLine<'a>),
    Rename(channel::Rename<'a>),
    Hangup(channel::Hangup<'a>),
    HangupRequest(channel::HangupRequest<'a>),
    SoftHangupRequest(channel::SoftHangupRequest<'a>),
    Hold(channel::Hold<'a>),
    Unhold(channel::Unhold<'a>),
    MusicOnHoldStart(channel::MusicOnHoldStart<'a>),
    MusicOnHoldStop(channel::MusicOnHoldStop<'a>),
    DtmfBegin(channel::DtmfBegin<'a>),
    DtmfEnd(channel::DtmfEnd<'a>),
    VarSet(channel::VarSet<'a>),
    UserEvent(channel::UserEvent<'a>),
    DialBegin(dial::DialBegin<'a>),
    DialState(dial::DialState<'a>),
    DialEnd(dial::DialEnd<'a>),
    OriginateResponse(dial::OriginateResponse<'a>),
    BridgeCreate(bridge::BridgeCreate<'a>),
    BridgeDestroy(bridge::BridgeDestroy<'a>),
    BridgeEnter(bridge::BridgeEnter<'a>),
    BridgeLeave(bridge::BridgeLeave<'a>),
    BridgeMerge(bridge::BridgeMerge<'a>),
    BridgeListItem(bridge::BridgeListItem<'a>),
    BridgeInfoChannel(bridge::BridgeInfoChannel<'a>),
    LocalBridge(local::LocalBridge<'a>),
    LocalOptimizationBegin(Box<local::LocalOptimizationBegin<'a>>),
    LocalOptimizationEnd(local::LocalOptimizationEnd<'a>),
    BlindTransfer(Box<transfer::BlindTransfer<'a>>),
    AttendedTransfer(Box<transfer::AttendedTransfer<'a>>),
    Pickup(transfer::Pickup<'a>),
    ParkedCall(Box<parking::ParkedCall<'a>>),
    ParkedCallGiveUp(Box<parking::ParkedCallGiveUp<'a>>),
    ParkedCallTimeOut(Box<parking::ParkedCallTimeOut<'a>>),
    ParkedCallSwap(Box<parking::ParkedCallSwap<'a>>),
    UnParkedCall(Box<parking::UnParkedCall<'a>>),
    Parkinglot(parking::Parkinglot<'a>),
    ConfbridgeStart(conference::ConfbridgeStart<'a>),
    ConfbridgeEnd(conference::ConfbridgeEnd<'a>),
    ConfbridgeJoin(conference::ConfbridgeJoin<'a>),
    ConfbridgeLeave(conference::ConfbridgeLeave<'a>),
    ConfbridgeMute(conference::ConfbridgeMute<'a>),
    ConfbridgeUnmute(conference::ConfbridgeUnmute<'a>),
    ConfbridgeTalking(conference::ConfbridgeTalking<'a>),
    ConfbridgeRecord(conference::ConfbridgeRecord<'a>),
    ConfbridgeStopRecord(conference::ConfbridgeStopRecord<'a>),
    ConfbridgeList(conference::ConfbridgeList<'a>),
    ConfbridgeListRooms(conference::ConfbridgeListRooms<'a>),
    MixMonitorStart(recording::MixMonitorStart<'a>),
    MixMonitorStop(recording::MixMonitorStop<'a>),
    MixMonitorMute(recording::MixMonitorMute<'a>),
    ChanSpyStart(recording::ChanSpyStart<'a>),
    ChanSpyStop(recording::ChanSpyStop<'a>),
    QueueCallerJoin(queue::QueueCallerJoin<'a>),
    QueueCallerLeave(queue::QueueCallerLeave<'a>),
    QueueCallerAbandon(queue::QueueCallerAbandon<'a>),
    QueueMemberAdded(queue::QueueMemberAdded<'a>),
    QueueMemberRemoved(queue::QueueMemberRemoved<'a>),
    QueueMemberStatus(queue::QueueMemberStatus<'a>),
    QueueMemberPause(queue::QueueMemberPause<'a>),
    QueueMemberPenalty(queue::QueueMemberPenalty<'a>),
    QueueMemberRingInUse(queue::QueueMemberRingInUse<'a>),
    AgentCalled(queue::AgentCalled<'a>),
    AgentConnect(queue::AgentConnect<'a>),
    AgentComplete(queue::AgentComplete<'a>),
    AgentRingNoAnswer(queue::AgentRingNoAnswer<'a>),
    AgentDump(queue::AgentDump<'a>),
    QueueParams(queue::QueueParams<'a>),
    QueueMember(queue::QueueMember<'a>),
    QueueEntry(queue::QueueEntry<'a>),
    QueueSummary(queue::QueueSummary<'a>),
    DeviceStateChange(presence::DeviceStateChange<'a>),
    ExtensionStatus(presence::ExtensionStatus<'a>),
    PresenceStateChange(presence::PresenceStateChange<'a>),
    PresenceStatus(presence::PresenceStatus<'a>),
    MessageWaiting(presence::MessageWaiting<'a>),
    ContactStatus(endpoint::ContactStatus<'a>),
    PeerStatus(endpoint::PeerStatus<'a>),
    Registry(endpoint::Registry<'a>),
    EndpointList(endpoint::EndpointList<'a>),
    ContactList(endpoint::ContactList<'a>),
    AorList(endpoint::AorList<'a>),
    OutboundRegistrationDetail(endpoint::OutboundRegistrationDetail<'a>),
    CoreShowChannel(list::CoreShowChannel<'a>),
    CoreShowChannelMap(list::CoreShowChannelMap<'a>),
    Status(list::Status<'a>),
    DbGetResponse(list::DbGetResponse<'a>),
    DbGetTreeResponse(list::DbGetTreeResponse<'a>),
    DbGetComplete(list::ListComplete<'a>),
    DbGetTreeComplete(list::ListComplete<'a>),
    CoreShowChannelsComplete(list::ListComplete<'a>),
    CoreShowChannelMapComplete(list::ListComplete<'a>),
    StatusComplete(list::ListComplete<'a>),
    BridgeListComplete(list::ListComplete<'a>),
    BridgeInfoComplete(bridge::BridgeInfoComplete<'a>),
    QueueStatusComplete(list::ListComplete<'a>),
    QueueSummaryComplete(list::ListComplete<'a>),
    ParkedCallsComplete(list::ListComplete<'a>),
    ParkinglotsComplete(list::ListComplete<'a>),
    ConfbridgeListComplete(list::ListComplete<'a>),
    ConfbridgeListRoomsComplete(list::ListComplete<'a>),
    EndpointListComplete(list::ListComplete<'a>),
    ContactListComplete(list::ListComplete<'a>),
    AorListComplete(list::ListComplete<'a>),
    OutboundRegistrationDetailComplete(list::ListComplete<'a>),
    DeviceStateListComplete(list::ListComplete<'a>),
    ExtensionStateListComplete(list::ListComplete<'a>),
    PresenceStateListComplete(list::ListComplete<'a>),
    Cdr(Box<record::Cdr<'a>>),
    FullyBooted(system::FullyBooted<'a>),
    Shutdown(system::Shutdown<'a>),
    Reload(system::Reload<'a>),
}

/// Text of a header whose absence has no other meaning.
pub(crate) type Text<'a> = Cow<'a, str>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_keep_their_microseconds() {
        assert_eq!(micros("1795220975.342456"), Some(1_795_220_975_342_456));
        assert_eq!(micros("5.1"), Some(5_100_000));
        assert_eq!(micros("5"), Some(5_000_000));
        assert_eq!(micros("x"), None);
        assert_eq!(micros("5.x"), None);
        assert_eq!(micros("18446744073709.999999"), None);
    }
}
