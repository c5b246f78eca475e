//! Where calls wait and meet: queues, parking spaces, conferences, trunks.

use app::model::PbxId;
use serde::Serialize;
use telephony as live;
use utoipa::ToSchema;

use super::{Device, MemberState, Party, TrunkRegistration, maybe, time};

/// Somebody who waits in a queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Waiting {
    /// The call.
    pub(in crate::rest) call: String,
    /// The caller's number.
    pub(in crate::rest) number: String,
    /// and name.
    pub(in crate::rest) name: Option<String>,
    /// The place, from 1.
    pub(in crate::rest) position: u32,
    /// Since when.
    #[schema(format = DateTime)]
    pub(in crate::rest) joined: String,
}

/// Somebody who serves a queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Member {
    /// Name.
    pub(in crate::rest) name: String,
    /// Extension.
    pub(in crate::rest) extension: Option<String>,
    /// What they do for the queue.
    pub(in crate::rest) state: MemberState,
    /// Why they pause, where they say.
    pub(in crate::rest) pause_reason: Option<String>,
    /// Calls they took since the queue's counters were reset.
    pub(in crate::rest) calls_taken: u32,
}

/// A queue with who waits and who serves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Queue {
    /// The PBX it is on.
    pub(in crate::rest) pbx: i64,
    /// Its name.
    pub(in crate::rest) id: String,
    /// Callers in order.
    pub(in crate::rest) waiting: Vec<Waiting>,
    /// Who serves it.
    pub(in crate::rest) members: Vec<Member>,
    /// Answered since the counters were reset.
    pub(in crate::rest) completed: u32,
    /// Given up since the counters were reset.
    pub(in crate::rest) abandoned: u32,
}

pub(super) fn queue(pbx: PbxId, row: &live::Queue) -> Queue {
    let waiting = row.waiting.iter().map(|one| Waiting {
        call: one.call.0.clone(),
        number: one.number.clone(),
        name: one.name.clone(),
        position: one.position,
        joined: time(one.joined),
    });
    let members = row.members.iter().map(|one| Member {
        name: one.name.clone(),
        extension: one.extension.clone(),
        state: (&one.state).into(),
        pause_reason: one.pause_reason.clone(),
        calls_taken: one.calls_taken,
    });
    Queue {
        pbx: pbx.0,
        id: row.name.clone(),
        waiting: waiting.collect(),
        members: members.collect(),
        completed: row.completed,
        abandoned: row.abandoned,
    }
}

/// A call in a parking space.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Parked {
    /// The PBX it is on.
    pub(in crate::rest) pbx: i64,
    /// Lot and space, as `default/701`.
    pub(in crate::rest) id: String,
    /// Parking lot.
    pub(in crate::rest) lot: String,
    /// Space.
    pub(in crate::rest) space: String,
    /// The call.
    pub(in crate::rest) call: String,
    /// Who waits there.
    pub(in crate::rest) caller: Party,
    /// Who parked it.
    pub(in crate::rest) parked_by: Option<Party>,
    /// Since when.
    #[schema(format = DateTime)]
    pub(in crate::rest) since: String,
    /// When it goes back.
    #[schema(format = DateTime)]
    pub(in crate::rest) until: Option<String>,
}

pub(super) fn parked(pbx: PbxId, row: &live::ParkedCall) -> Parked {
    Parked {
        pbx: pbx.0,
        id: format!("{}/{}", row.lot, row.space),
        lot: row.lot.clone(),
        space: row.space.clone(),
        call: row.call.0.clone(),
        caller: (&row.caller).into(),
        parked_by: row.parked_by.as_ref().map(Party::from),
        since: time(row.since),
        until: maybe(row.until),
    }
}

/// Somebody in a conference.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Participant {
    /// The call.
    pub(in crate::rest) call: String,
    /// Who.
    pub(in crate::rest) party: Party,
    /// Cannot be heard.
    pub(in crate::rest) muted: bool,
    /// Since when.
    #[schema(format = DateTime)]
    pub(in crate::rest) since: String,
}

/// A conference room with who is in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Conference {
    /// The PBX it is on.
    pub(in crate::rest) pbx: i64,
    /// The room.
    pub(in crate::rest) id: String,
    /// Who is in it.
    pub(in crate::rest) participants: Vec<Participant>,
    /// Nobody else may enter.
    pub(in crate::rest) locked: bool,
    /// Being recorded.
    pub(in crate::rest) recording: bool,
}

pub(super) fn conference(pbx: PbxId, row: &live::Conference) -> Conference {
    let participants = row.participants.iter().map(|one| Participant {
        call: one.call.0.clone(),
        party: (&one.party).into(),
        muted: one.muted,
        since: time(one.since),
    });
    Conference {
        pbx: pbx.0,
        id: row.room.clone(),
        participants: participants.collect(),
        locked: row.locked,
        recording: row.recording,
    }
}

/// A line to the outside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Trunk {
    /// The PBX it is on.
    pub(in crate::rest) pbx: i64,
    /// Its name.
    pub(in crate::rest) id: String,
    /// What the device is doing.
    pub(in crate::rest) device: Device,
    /// Whether it is registered with its provider.
    pub(in crate::rest) registration: TrunkRegistration,
    /// Channels in use.
    pub(in crate::rest) channels: u32,
}

pub(super) fn trunk(pbx: PbxId, row: &live::Trunk) -> Trunk {
    Trunk {
        pbx: pbx.0,
        id: row.name.clone(),
        device: (&row.device_state).into(),
        registration: (&row.registration).into(),
        channels: row.channels,
    }
}
