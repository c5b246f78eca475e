//! The state vocabulary: each state has a word, a shape and a hue, and colour never speaks alone.

use telephony::{
    Activity, Call, CallState, DeviceState, Extension, LegState, Member, MemberState, Registration, Trunk,
    TrunkRegistration,
};

/// Every state a screen can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nothing to do, reachable.
    Idle,
    /// A phone rings.
    Ringing,
    /// Waits for an answer.
    Dialling,
    /// Two people hear each other.
    Talking,
    /// Somebody holds.
    OnHold,
    /// In a queue or waiting for something.
    Waiting,
    /// In a menu, voicemail or another service.
    Service,
    /// In a parking space.
    Parked,
    /// In a conference.
    Conference,
    /// An agent who paused.
    Paused,
    /// Does not want calls.
    DoNotDisturb,
    /// No phone there.
    Unreachable,
    /// Needs a person.
    Alarm,
    /// Over.
    Ended,
}

/// The states of people, in the order the screens list them.
pub const OF_PEOPLE: [Status; 8] = [
    Status::Ringing,
    Status::Dialling,
    Status::Talking,
    Status::OnHold,
    Status::Conference,
    Status::Idle,
    Status::DoNotDisturb,
    Status::Unreachable,
];

impl Status {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Status::Idle => "Idle",
            Status::Ringing => "Ringing",
            Status::Dialling => "Dialling",
            Status::Talking => "Talking",
            Status::OnHold => "On hold",
            Status::Waiting => "Waiting",
            Status::Service => "In a service",
            Status::Parked => "Parked",
            Status::Conference => "Conference",
            Status::Paused => "Paused",
            Status::DoNotDisturb => "Do not disturb",
            Status::Unreachable => "Unreachable",
            Status::Alarm => "Needs attention",
            Status::Ended => "Ended",
        }
    }

    /// Its name in class names, in the icon sprite (`state-…`) and in the address bar.
    pub fn slug(self) -> &'static str {
        match self {
            Status::Idle => "idle",
            Status::Ringing => "ringing",
            Status::Dialling => "dialling",
            Status::Talking => "talking",
            Status::OnHold => "hold",
            Status::Waiting => "waiting",
            Status::Service => "service",
            Status::Parked => "parked",
            Status::Conference => "conference",
            Status::Paused => "paused",
            Status::DoNotDisturb => "dnd",
            Status::Unreachable => "unreachable",
            Status::Alarm => "alarm",
            Status::Ended => "ended",
        }
    }

    /// The state of people with this [`Status::slug`].
    pub fn of_people(slug: &str) -> Option<Self> {
        OF_PEOPLE.into_iter().find(|status| status.slug() == slug)
    }

    /// How soon it wants to be seen: smaller is sooner.
    pub fn urgency(self) -> u8 {
        match self {
            Status::Alarm => 0,
            Status::Ringing => 1,
            Status::Dialling => 2,
            Status::OnHold => 3,
            Status::Waiting => 4,
            Status::Parked => 5,
            Status::Talking => 6,
            Status::Conference => 7,
            Status::Service => 8,
            Status::Paused => 9,
            Status::Idle => 10,
            Status::DoNotDisturb => 11,
            Status::Unreachable => 12,
            Status::Ended => 13,
        }
    }
}

impl From<Activity> for Status {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Ringing => Status::Ringing,
            Activity::Dialling => Status::Dialling,
            Activity::Waiting => Status::Waiting,
            Activity::Supervising => Status::Service,
            Activity::Talking => Status::Talking,
            Activity::OnHold => Status::OnHold,
            Activity::Conference => Status::Conference,
        }
    }
}

impl From<&Extension> for Status {
    fn from(extension: &Extension) -> Self {
        if let Some(engagement) = extension.engagements.first() {
            return engagement.activity.into();
        }
        let gone = match extension.registration {
            Registration::Unreachable | Registration::Unregistered => true,
            Registration::Unknown => {
                matches!(
                    extension.device_state,
                    DeviceState::Unavailable | DeviceState::Invalid
                )
            }
            Registration::Registered => false,
        };
        if gone {
            return Status::Unreachable;
        }
        if extension.dnd == Some(true) {
            return Status::DoNotDisturb;
        }
        match extension.device_state {
            DeviceState::Ringing => Status::Ringing,
            DeviceState::InUse | DeviceState::Busy | DeviceState::RingInUse => Status::Talking,
            DeviceState::OnHold => Status::OnHold,
            DeviceState::Unavailable | DeviceState::Invalid => Status::Unreachable,
            DeviceState::NotInUse | DeviceState::Unknown => Status::Idle,
        }
    }
}

impl From<&Call> for Status {
    fn from(call: &Call) -> Self {
        match call.state {
            CallState::Dialling => Status::Dialling,
            CallState::Ringing => Status::Ringing,
            CallState::Service(_) => Status::Service,
            CallState::Waiting => Status::Waiting,
            CallState::Talking => Status::Talking,
            CallState::OnHold => Status::OnHold,
            CallState::Parked => Status::Parked,
            CallState::Conference => Status::Conference,
        }
    }
}

impl From<&LegState> for Status {
    fn from(state: &LegState) -> Self {
        match state {
            LegState::Dialling => Status::Dialling,
            LegState::Ringing => Status::Ringing,
            LegState::Up => Status::Service,
            LegState::Talking => Status::Talking,
            LegState::Holding => Status::OnHold,
            LegState::Ended(_) => Status::Ended,
        }
    }
}

impl From<&Member> for Status {
    fn from(member: &Member) -> Self {
        match member.state {
            MemberState::Ready => Status::Idle,
            MemberState::Ringing => Status::Ringing,
            MemberState::Busy => Status::Talking,
            MemberState::Paused => Status::Paused,
            MemberState::Unavailable => Status::Unreachable,
        }
    }
}

impl From<&Trunk> for Status {
    fn from(trunk: &Trunk) -> Self {
        match (trunk.registration, trunk.device_state) {
            (TrunkRegistration::Rejected | TrunkRegistration::Unregistered, _) => Status::Alarm,
            (TrunkRegistration::Trying, _) => Status::Dialling,
            (
                TrunkRegistration::None | TrunkRegistration::Registered,
                DeviceState::Unavailable | DeviceState::Invalid,
            ) => Status::Unreachable,
            (TrunkRegistration::None | TrunkRegistration::Registered, _) if trunk.channels > 0 => {
                Status::Talking
            }
            (TrunkRegistration::None | TrunkRegistration::Registered, _) => Status::Idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OF_PEOPLE, Status};

    #[test]
    fn a_state_in_the_address_bar_finds_its_way_back() {
        for status in OF_PEOPLE {
            assert_eq!(Status::of_people(status.slug()), Some(status));
        }
        assert_eq!(Status::of_people("nonsense"), None);
    }
}
