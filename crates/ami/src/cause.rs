//! Hang-up causes (ITU-T Q.850, as Asterisk's `causes.h` numbers them).

use std::fmt;

use crate::text::{FromText, Raw};

macro_rules! causes {
    ($($cause:ident = $code:literal $words:literal,)*) => {
        /// Why a channel ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause {
            $(#[doc = concat!($words, " (", stringify!($code), ")")] $cause,)*
            /// A code this library has no name for.
            Unknown(u16),
        }

        impl Cause {
            /// From the code on the wire.
            pub fn from_code(code: u16) -> Self {
                match code {
                    $($code => Cause::$cause,)*
                    other => Cause::Unknown(other),
                }
            }

            /// The code on the wire.
            pub fn code(self) -> u16 {
                match self {
                    $(Cause::$cause => $code,)*
                    Cause::Unknown(code) => code,
                }
            }
        }

        impl fmt::Display for Cause {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Cause::$cause => f.write_str($words),)*
                    Cause::Unknown(code) => write!(f, "cause {code}"),
                }
            }
        }
    };
}

causes! {
    NotDefined = 0 "not said",
    UnallocatedNumber = 1 "unallocated number",
    NoRouteTransitNetwork = 2 "no route to transit network",
    NoRouteDestination = 3 "no route to destination",
    MisdialledTrunkPrefix = 5 "misdialled trunk prefix",
    ChannelUnacceptable = 6 "channel unacceptable",
    CallAwardedDelivered = 7 "call awarded, being delivered",
    PreEmpted = 8 "pre-empted",
    NumberPortedNotHere = 14 "number ported elsewhere",
    NormalClearing = 16 "normal clearing",
    UserBusy = 17 "user busy",
    NoUserResponse = 18 "no user responding",
    NoAnswer = 19 "no answer",
    SubscriberAbsent = 20 "subscriber absent",
    CallRejected = 21 "call rejected",
    NumberChanged = 22 "number changed",
    RedirectedToNewDestination = 23 "redirected to new destination",
    AnsweredElsewhere = 26 "answered elsewhere",
    DestinationOutOfOrder = 27 "destination out of order",
    InvalidNumberFormat = 28 "invalid number format",
    FacilityRejected = 29 "facility rejected",
    ResponseToStatusEnquiry = 30 "response to status enquiry",
    NormalUnspecified = 31 "normal, unspecified",
    NormalCircuitCongestion = 34 "no circuit available",
    NetworkOutOfOrder = 38 "network out of order",
    NormalTemporaryFailure = 41 "temporary failure",
    SwitchCongestion = 42 "switching equipment congestion",
    AccessInfoDiscarded = 43 "access information discarded",
    RequestedChannelUnavailable = 44 "requested channel not available",
    FacilityNotSubscribed = 50 "facility not subscribed",
    OutgoingCallBarred = 52 "outgoing call barred",
    IncomingCallBarred = 54 "incoming call barred",
    BearerCapabilityNotAuthorised = 57 "bearer capability not authorised",
    BearerCapabilityNotAvailable = 58 "bearer capability not available",
    BearerCapabilityNotImplemented = 65 "bearer capability not implemented",
    ChannelNotImplemented = 66 "channel type not implemented",
    FacilityNotImplemented = 69 "facility not implemented",
    InvalidCallReference = 81 "invalid call reference",
    IncompatibleDestination = 88 "incompatible destination",
    InvalidMessage = 95 "invalid message",
    MandatoryElementMissing = 96 "mandatory element missing",
    MessageTypeNonexistent = 97 "message type unknown",
    WrongMessage = 98 "message not compatible with call state",
    ElementNonexistent = 99 "information element unknown",
    InvalidElementContents = 100 "invalid element contents",
    WrongCallState = 101 "message in wrong call state",
    RecoveryOnTimerExpiry = 102 "recovery on timer expiry",
    MandatoryElementLength = 103 "mandatory element has wrong length",
    ProtocolError = 111 "protocol error",
    Interworking = 127 "interworking, unspecified",
}

impl<'a> FromText<'a> for Cause {
    fn from_text(raw: Raw<'a>) -> Option<Self> {
        u16::from_text(raw).map(Cause::from_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_round_trip() {
        for code in 0..=u16::MAX {
            assert_eq!(Cause::from_code(code).code(), code);
        }
    }
}
