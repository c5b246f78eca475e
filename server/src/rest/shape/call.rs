//! Calls.

use app::model::PbxId;
use serde::Serialize;
use telephony as live;
use utoipa::ToSchema;

use super::{CallState, Direction, LegRole, LegState, Party, Recording, maybe, time};

/// One side of a call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Leg {
    /// Its id.
    pub(in crate::rest) id: String,
    /// Who is on it.
    pub(in crate::rest) party: Party,
    /// Why it is there.
    pub(in crate::rest) role: LegRole,
    /// What it is doing.
    pub(in crate::rest) state: LegState,
    /// Since when.
    #[schema(format = DateTime)]
    pub(in crate::rest) since: String,
    /// When it answered.
    #[schema(format = DateTime)]
    pub(in crate::rest) answered: Option<String>,
    /// Why it ended: a cause of ITU-T Q.850.
    pub(in crate::rest) cause: Option<u16>,
    /// The trunk it runs over.
    pub(in crate::rest) trunk: Option<String>,
}

/// A call's stay in a queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct QueueVisit {
    /// The queue.
    pub(in crate::rest) queue: String,
    /// When the caller joined.
    #[schema(format = DateTime)]
    pub(in crate::rest) joined: String,
    /// The place in it, from 1; null when no longer waiting.
    pub(in crate::rest) position: Option<u32>,
    /// When somebody answered.
    #[schema(format = DateTime)]
    pub(in crate::rest) connected: Option<String>,
}

/// A call that is up.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::rest) struct Call {
    /// The PBX it is on.
    pub(in crate::rest) pbx: i64,
    /// Its id, the same for its whole life.
    pub(in crate::rest) id: String,
    /// Which way it goes.
    pub(in crate::rest) direction: Direction,
    /// Who calls.
    pub(in crate::rest) caller: Party,
    /// Who is called.
    pub(in crate::rest) callee: Party,
    /// What was dialled first.
    pub(in crate::rest) dialled: String,
    /// What it is doing.
    pub(in crate::rest) state: CallState,
    /// The service it is in, where it is in one and the PBX tells.
    pub(in crate::rest) service: Option<String>,
    /// Since when it does that.
    #[schema(format = DateTime)]
    pub(in crate::rest) state_since: String,
    /// When it began.
    #[schema(format = DateTime)]
    pub(in crate::rest) started: String,
    /// When two people first talked.
    #[schema(format = DateTime)]
    pub(in crate::rest) answered: Option<String>,
    /// Its stay in a queue, the latest.
    pub(in crate::rest) queue: Option<QueueVisit>,
    /// The parking space it is in.
    pub(in crate::rest) parked_in: Option<String>,
    /// The conference room it is in.
    pub(in crate::rest) conference: Option<String>,
    /// Whether it is recorded.
    pub(in crate::rest) recording: Recording,
    /// Its sides, in order of birth.
    pub(in crate::rest) legs: Vec<Leg>,
}

pub(super) fn call(pbx: PbxId, row: &live::Call) -> Call {
    let legs = row.legs.iter().map(|leg| Leg {
        id: leg.id.0.clone(),
        party: (&leg.party).into(),
        role: (&leg.role).into(),
        state: (&leg.state).into(),
        since: time(leg.since),
        answered: maybe(leg.answered),
        cause: match leg.state {
            live::LegState::Ended(cause) => Some(cause),
            _ => None,
        },
        trunk: leg.trunk.clone(),
    });
    let queue = row.queue.as_ref().map(|visit| QueueVisit {
        queue: visit.queue.clone(),
        joined: time(visit.joined),
        position: (visit.position > 0).then_some(visit.position),
        connected: maybe(visit.connected),
    });
    Call {
        pbx: pbx.0,
        id: row.id.0.clone(),
        direction: (&row.direction).into(),
        caller: (&row.caller).into(),
        callee: (&row.callee).into(),
        dialled: row.dialled.clone(),
        state: (&row.state).into(),
        service: match &row.state {
            live::CallState::Service(name) => name.clone(),
            _ => None,
        },
        state_since: time(row.state_since),
        started: time(row.started),
        answered: maybe(row.answered),
        queue,
        parked_in: row.parked_in.clone(),
        conference: row.conference.clone(),
        recording: (&row.recording).into(),
        legs: legs.collect(),
    }
}
