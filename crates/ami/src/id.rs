//! Names Asterisk gives to things. Each is its own type, so that a bridge never stands where a channel should.

use std::borrow::Cow;
use std::fmt;

use crate::text::{FromText, Raw};

macro_rules! ids {
    ($($(#[$note:meta])* $id:ident,)*) => {$(
        $(#[$note])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $id<'a>(Cow<'a, str>);

        impl<'a> $id<'a> {
            /// From text as it stands on the wire.
            pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
                $id(text.into())
            }

            /// The text as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, borrowed from the message when it could be.
            pub fn into_text(self) -> Cow<'a, str> {
                self.0
            }

            /// The same, free of the message.
            pub fn into_owned(self) -> $id<'static> {
                $id(Cow::Owned(self.0.into_owned()))
            }
        }

        impl fmt::Display for $id<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $id<'_> {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $id<'_> {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $id<'_> {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl<'a> FromText<'a> for $id<'a> {
            fn from_text(raw: Raw<'a>) -> Option<Self> {
                raw.known().map($id)
            }
        }
    )*};
}

ids! {
    /// A channel's `Uniqueid`, constant for its life (`[systemname-]epoch.counter`, or what an originate chose).
    UniqueId,
    /// A channel's `Linkedid`, shared by the legs of a call. Not constant: pickups and transfers change it.
    LinkedId,
    /// A channel's name, `PJSIP/1001-00000000`.
    ChannelName,
    /// A bridge's `BridgeUniqueid`.
    BridgeId,
    /// A queue's name.
    QueueName,
    /// What a queue rings or a member is known by, `PJSIP/1003`.
    Interface,
    /// A device whose state is watched, `PJSIP/1001` or `Custom:DND1001`.
    DeviceName,
    /// A PJSIP endpoint's name.
    EndpointName,
    /// A PJSIP address of record.
    AorName,
    /// A conference's name.
    ConferenceName,
    /// A parking lot's name.
    ParkingLotName,
    /// A mailbox with its context, `1001@default`.
    MailboxName,
    /// A dialplan context.
    ContextName,
    /// A dialplan extension.
    ExtensionName,
}
