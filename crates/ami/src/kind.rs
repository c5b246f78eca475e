//! What a frame is, told from its first line alone, so that a consumer can pass over most of a busy
//! stream (dialplan steps, variables, RTP reports) without reading further.

macro_rules! kinds {
    ($($(#[$note:meta])* $kind:ident = $name:literal,)*) => {
        /// The kind of a frame.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Kind {
            /// An answer to an action.
            Response,
            /// An event this library has no name for.
            Other,
            $($(#[$note])* #[doc = concat!("`", $name, "`")] $kind,)*
        }

        impl Kind {
            /// Every kind that has a name.
            pub const NAMED: &'static [Kind] = &[$(Kind::$kind),*];

            /// The event's name on the wire, `None` for [`Kind::Response`] and [`Kind::Other`].
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    Kind::Response | Kind::Other => None,
                    $(Kind::$kind => Some($name),)*
                }
            }
        }
    };
}

kinds! {
    VarSet = "VarSet",
    Newexten = "Newexten",
    RtcpSent = "RTCPSent",
    RtcpReceived = "RTCPReceived",
    Cel = "CEL",
    TestEvent = "TestEvent",
    Newstate = "Newstate",
    Newchannel = "Newchannel",
    NewConnectedLine = "NewConnectedLine",
    DeviceStateChange = "DeviceStateChange",
    Hangup = "Hangup",
    BridgeEnter = "BridgeEnter",
    BridgeLeave = "BridgeLeave",
    BridgeCreate = "BridgeCreate",
    BridgeDestroy = "BridgeDestroy",
    DialBegin = "DialBegin",
    DialState = "DialState",
    DialEnd = "DialEnd",
    ExtensionStatus = "ExtensionStatus",
    HangupRequest = "HangupRequest",
    SoftHangupRequest = "SoftHangupRequest",
    NewCallerid = "NewCallerid",
    QueueMemberStatus = "QueueMemberStatus",
    MusicOnHoldStart = "MusicOnHoldStart",
    MusicOnHoldStop = "MusicOnHoldStop",
    SuccessfulAuth = "SuccessfulAuth",
    ChallengeSent = "ChallengeSent",
    DtmfBegin = "DTMFBegin",
    DtmfEnd = "DTMFEnd",
    Cdr = "Cdr",
    Rename = "Rename",
    ChallengeResponseFailed = "ChallengeResponseFailed",
    InvalidAccountId = "InvalidAccountID",
    InvalidPassword = "InvalidPassword",
    FailedAcl = "FailedACL",
    RequestBadFormat = "RequestBadFormat",
    RequestNotAllowed = "RequestNotAllowed",
    BridgeVideoSourceUpdate = "BridgeVideoSourceUpdate",
    BridgeMerge = "BridgeMerge",
    BridgeListItem = "BridgeListItem",
    BridgeListComplete = "BridgeListComplete",
    BridgeInfoChannel = "BridgeInfoChannel",
    BridgeInfoComplete = "BridgeInfoComplete",
    LocalBridge = "LocalBridge",
    LocalOptimizationBegin = "LocalOptimizationBegin",
    LocalOptimizationEnd = "LocalOptimizationEnd",
    Hold = "Hold",
    Unhold = "Unhold",
    BlindTransfer = "BlindTransfer",
    AttendedTransfer = "AttendedTransfer",
    Pickup = "Pickup",
    ParkedCall = "ParkedCall",
    ParkedCallGiveUp = "ParkedCallGiveUp",
    ParkedCallTimeOut = "ParkedCallTimeOut",
    ParkedCallSwap = "ParkedCallSwap",
    UnParkedCall = "UnParkedCall",
    ParkedCallsComplete = "ParkedCallsComplete",
    Parkinglot = "Parkinglot",
    ParkinglotsComplete = "ParkinglotsComplete",
    ConfbridgeStart = "ConfbridgeStart",
    ConfbridgeEnd = "ConfbridgeEnd",
    ConfbridgeJoin = "ConfbridgeJoin",
    ConfbridgeLeave = "ConfbridgeLeave",
    ConfbridgeMute = "ConfbridgeMute",
    ConfbridgeUnmute = "ConfbridgeUnmute",
    ConfbridgeTalking = "ConfbridgeTalking",
    ConfbridgeRecord = "ConfbridgeRecord",
    ConfbridgeStopRecord = "ConfbridgeStopRecord",
    ConfbridgeList = "ConfbridgeList",
    ConfbridgeListComplete = "ConfbridgeListComplete",
    ConfbridgeListRooms = "ConfbridgeListRooms",
    ConfbridgeListRoomsComplete = "ConfbridgeListRoomsComplete",
    MixMonitorStart = "MixMonitorStart",
    MixMonitorStop = "MixMonitorStop",
    MixMonitorMute = "MixMonitorMute",
    ChanSpyStart = "ChanSpyStart",
    ChanSpyStop = "ChanSpyStop",
    QueueCallerJoin = "QueueCallerJoin",
    QueueCallerLeave = "QueueCallerLeave",
    QueueCallerAbandon = "QueueCallerAbandon",
    QueueMemberAdded = "QueueMemberAdded",
    QueueMemberRemoved = "QueueMemberRemoved",
    QueueMemberPause = "QueueMemberPause",
    QueueMemberPenalty = "QueueMemberPenalty",
    QueueMemberRingInUse = "QueueMemberRinginuse",
    QueueParams = "QueueParams",
    QueueMember = "QueueMember",
    QueueEntry = "QueueEntry",
    QueueStatusComplete = "QueueStatusComplete",
    QueueSummary = "QueueSummary",
    QueueSummaryComplete = "QueueSummaryComplete",
    AgentCalled = "AgentCalled",
    AgentConnect = "AgentConnect",
    AgentComplete = "AgentComplete",
    AgentRingNoAnswer = "AgentRingNoAnswer",
    AgentDump = "AgentDump",
    PresenceStateChange = "PresenceStateChange",
    PresenceStatus = "PresenceStatus",
    MessageWaiting = "MessageWaiting",
    ContactStatus = "ContactStatus",
    PeerStatus = "PeerStatus",
    Registry = "Registry",
    EndpointList = "EndpointList",
    EndpointListComplete = "EndpointListComplete",
    ContactList = "ContactList",
    ContactListComplete = "ContactListComplete",
    AorList = "AorList",
    AorListComplete = "AorListComplete",
    OutboundRegistrationDetail = "OutboundRegistrationDetail",
    OutboundRegistrationDetailComplete = "OutboundRegistrationDetailComplete",
    CoreShowChannel = "CoreShowChannel",
    CoreShowChannelsComplete = "CoreShowChannelsComplete",
    CoreShowChannelMap = "CoreShowChannelMap",
    CoreShowChannelMapComplete = "CoreShowChannelMapComplete",
    Status = "Status",
    StatusComplete = "StatusComplete",
    DeviceStateListComplete = "DeviceStateListComplete",
    ExtensionStateListComplete = "ExtensionStateListComplete",
    PresenceStateListComplete = "PresenceStateListComplete",
    DbGetResponse = "DBGetResponse",
    DbGetComplete = "DBGetComplete",
    DbGetTreeComplete = "DBGetTreeComplete",
    DbGetTreeResponse = "DBGetTreeResponse",
    OriginateResponse = "OriginateResponse",
    UserEvent = "UserEvent",
    FullyBooted = "FullyBooted",
    Shutdown = "Shutdown",
    Reload = "Reload",
}

/// Open-addressed table from event name to kind, filled at compile time.
const SLOTS: usize = 512;
static TABLE: [Kind; SLOTS] = table();

const fn table() -> [Kind; SLOTS] {
    let mut table = [Kind::Other; SLOTS];
    let mut next = 0;
    while next < Kind::NAMED.len() {
        let kind = Kind::NAMED[next];
        if let Some(name) = kind.name() {
            let mut slot = slot(name.as_bytes());
            while !matches!(table[slot], Kind::Other) {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = kind;
        }
        next += 1;
    }
    table
}

const fn slot(name: &[u8]) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    // Cheap and good enough: names differ in length, first, middle and last letters.
    let mut hash = length.wrapping_mul(0x9e37);
    hash = hash.wrapping_mul(31).wrapping_add(name[0] as usize);
    hash = hash.wrapping_mul(31).wrapping_add(name[length / 2] as usize);
    hash = hash.wrapping_mul(31).wrapping_add(name[length - 1] as usize);
    hash = hash.wrapping_mul(31).wrapping_add(name[length * 3 / 4] as usize);
    hash % SLOTS
}

impl Kind {
    /// The kind of the event of this name.
    #[inline]
    pub fn of_event(name: &[u8]) -> Kind {
        let mut slot = slot(name);
        loop {
            let kind = TABLE[slot];
            match kind.name() {
                None => return Kind::Other,
                Some(known) if known.as_bytes() == name => return kind,
                Some(_) => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// Whether events of this kind can change which channels, bridges, queues, devices or registrations
    /// there are. Of [`Kind::VarSet`] only a few variables matter: see [`Message::variable`](crate::Message::variable).
    pub fn is_live(self) -> bool {
        !matches!(
            self,
            Kind::VarSet
                | Kind::Newexten
                | Kind::RtcpSent
                | Kind::RtcpReceived
                | Kind::Cel
                | Kind::TestEvent
                | Kind::SuccessfulAuth
                | Kind::ChallengeSent
                | Kind::ChallengeResponseFailed
                | Kind::InvalidAccountId
                | Kind::InvalidPassword
                | Kind::FailedAcl
                | Kind::RequestBadFormat
                | Kind::RequestNotAllowed
                | Kind::BridgeVideoSourceUpdate
        )
    }

    /// The kind of a frame with this first line, `None` when no frame starts so.
    #[inline]
    pub(crate) fn of_line(line: &[u8]) -> Option<Kind> {
        if let Some(name) = line.strip_prefix(b"Event: ") {
            return Some(Kind::of_event(name));
        }
        let (name, value) = crate::header::split(line)?;
        if name.eq_ignore_ascii_case(b"Event") {
            Some(Kind::of_event(value))
        } else if name.eq_ignore_ascii_case(b"Response") {
            Some(Kind::Response)
        } else {
            None
        }
    }
}
