//! The words for states, and where each comes from.

use app::live::protocol::LinkStatus;
use serde::{Deserialize, Serialize};
use telephony as live;
use utoipa::ToSchema;

/// Defines an enum of words with where each comes from.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident of $from:ty { $($(#[$says:meta])* $word:ident <- $pattern:pat,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(in crate::rest) enum $name {$($(#[$says])* $word,)*}

        impl From<&$from> for $name {
            fn from(from: &$from) -> Self {
                match from { $($pattern => Self::$word,)* }
            }
        }
    };
}

words! {
    /// How the connection to a PBX is.
    Link of LinkStatus {
        Connecting <- LinkStatus::Connecting,
        CatchingUp <- LinkStatus::CatchingUp,
        Live <- LinkStatus::Live,
        Down <- LinkStatus::Down { .. },
        CredentialsRefused <- LinkStatus::CredentialsRefused { .. },
        Disabled <- LinkStatus::Disabled,
    }
}

words! {
    /// What a device is doing.
    Device of live::DeviceState {
        Unknown <- live::DeviceState::Unknown | live::DeviceState::Invalid,
        Idle <- live::DeviceState::NotInUse,
        InUse <- live::DeviceState::InUse,
        Busy <- live::DeviceState::Busy,
        Unavailable <- live::DeviceState::Unavailable,
        Ringing <- live::DeviceState::Ringing,
        RingingInUse <- live::DeviceState::RingInUse,
        OnHold <- live::DeviceState::OnHold,
    }
}

words! {
    /// Whether a phone is there.
    Registered of live::Registration {
        Unknown <- live::Registration::Unknown,
        Yes <- live::Registration::Registered,
        Unreachable <- live::Registration::Unreachable,
        No <- live::Registration::Unregistered,
    }
}

words! {
    /// What a person does in a call.
    Activity of live::Activity {
        Ringing <- live::Activity::Ringing,
        Dialling <- live::Activity::Dialling,
        Waiting <- live::Activity::Waiting,
        Supervising <- live::Activity::Supervising,
        Talking <- live::Activity::Talking,
        OnHold <- live::Activity::OnHold,
        Conference <- live::Activity::Conference,
    }
}

words! {
    /// Which way a call crosses the PBX.
    Direction of live::Direction {
        Internal <- live::Direction::Internal,
        Inbound <- live::Direction::Inbound,
        Outbound <- live::Direction::Outbound,
    }
}

words! {
    /// What a call is doing.
    CallState of live::CallState {
        Dialling <- live::CallState::Dialling,
        Ringing <- live::CallState::Ringing,
        Service <- live::CallState::Service(_),
        Waiting <- live::CallState::Waiting,
        Talking <- live::CallState::Talking,
        OnHold <- live::CallState::OnHold,
        Parked <- live::CallState::Parked,
        Conference <- live::CallState::Conference,
    }
}

words! {
    /// Whether a call is recorded.
    Recording of live::Recording {
        Off <- live::Recording::Off,
        On <- live::Recording::On,
        Paused <- live::Recording::Paused,
    }
}

words! {
    /// Why a leg is there.
    LegRole of live::LegRole {
        Caller <- live::LegRole::Caller,
        Callee <- live::LegRole::Callee,
        Supervisor <- live::LegRole::Supervisor,
        Internal <- live::LegRole::Internal,
    }
}

words! {
    /// What a leg is doing.
    LegState of live::LegState {
        Dialling <- live::LegState::Dialling,
        Ringing <- live::LegState::Ringing,
        Up <- live::LegState::Up,
        Talking <- live::LegState::Talking,
        Holding <- live::LegState::Holding,
        Ended <- live::LegState::Ended(_),
    }
}

words! {
    /// What a queue's member is doing.
    MemberState of live::MemberState {
        Ready <- live::MemberState::Ready,
        Ringing <- live::MemberState::Ringing,
        Busy <- live::MemberState::Busy,
        Paused <- live::MemberState::Paused,
        Unavailable <- live::MemberState::Unavailable,
    }
}

words! {
    /// Whether a trunk is registered with its provider.
    TrunkRegistration of live::TrunkRegistration {
        None <- live::TrunkRegistration::None,
        Registered <- live::TrunkRegistration::Registered,
        Trying <- live::TrunkRegistration::Trying,
        Rejected <- live::TrunkRegistration::Rejected,
        Unregistered <- live::TrunkRegistration::Unregistered,
    }
}

words! {
    /// What came of a call.
    CallResult of live::CallResult {
        Answered <- live::CallResult::Answered,
        Missed <- live::CallResult::Missed,
        Busy <- live::CallResult::Busy,
        Failed <- live::CallResult::Failed,
        Abandoned <- live::CallResult::Abandoned,
        Voicemail <- live::CallResult::Voicemail,
        Service <- live::CallResult::Service,
        Interrupted <- live::CallResult::Interrupted,
    }
}

words! {
    /// Who hung up.
    HungUpBy of live::HungUpBy {
        Caller <- live::HungUpBy::Caller,
        Callee <- live::HungUpBy::Callee,
        Other <- live::HungUpBy::Other,
        Nobody <- live::HungUpBy::Nobody,
    }
}

impl From<Direction> for live::Direction {
    fn from(word: Direction) -> Self {
        match word {
            Direction::Internal => live::Direction::Internal,
            Direction::Inbound => live::Direction::Inbound,
            Direction::Outbound => live::Direction::Outbound,
        }
    }
}

impl From<CallResult> for live::CallResult {
    fn from(word: CallResult) -> Self {
        match word {
            CallResult::Answered => live::CallResult::Answered,
            CallResult::Missed => live::CallResult::Missed,
            CallResult::Busy => live::CallResult::Busy,
            CallResult::Failed => live::CallResult::Failed,
            CallResult::Abandoned => live::CallResult::Abandoned,
            CallResult::Voicemail => live::CallResult::Voicemail,
            CallResult::Service => live::CallResult::Service,
            CallResult::Interrupted => live::CallResult::Interrupted,
        }
    }
}
