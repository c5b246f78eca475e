//! What programs see of the live state: types of their own, that change only with `/api/v2`.

mod call;
mod room;
mod words;

use app::{
    live::protocol::{LinkStatus, PbxRow},
    model::PbxId,
    words::moment,
};
use serde::Serialize;
use telephony::{self as live, Timestamp};
use utoipa::ToSchema;

pub(super) use self::{
    call::Call,
    room::{Conference, Parked, Queue, Trunk},
    words::{
        Activity, CallResult, CallState, Device, Direction, HungUpBy, LegRole, LegState, Link, MemberState,
        Recording, Registered, TrunkRegistration,
    },
};

/// A moment, with its thousandths.
pub(super) fn time(at: Timestamp) -> String {
    let whole = moment::machine(at.0);
    format!("{}.{:03}Z", whole.trim_end_matches('Z'), at.0 % 1000)
}

pub(super) fn maybe(at: Option<Timestamp>) -> Option<String> {
    at.map(time)
}

/// Somebody on a call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Party {
    /// Number; empty when withheld.
    pub(super) number: String,
    /// Name, as the network sent it: text, never markup.
    pub(super) name: Option<String>,
    /// The extension this party is.
    pub(super) extension: Option<String>,
}

impl From<&live::Party> for Party {
    fn from(party: &live::Party) -> Self {
        Self {
            number: party.number.clone(),
            name: party.name.clone(),
            extension: party.extension.clone(),
        }
    }
}

/// A telephone system.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Pbx {
    /// Its id.
    pub(super) id: i64,
    /// Its name.
    pub(super) name: String,
    /// How the connection to it is.
    pub(super) link: Link,
    /// Why there is no connection, in a sentence.
    pub(super) reason: Option<String>,
    /// Since when what is shown of it is old.
    #[schema(format = DateTime)]
    pub(super) since: Option<String>,
}

impl From<&PbxRow> for Pbx {
    fn from(row: &PbxRow) -> Self {
        let (reason, since) = match &row.link {
            LinkStatus::Down { reason, since } => (Some(reason.clone()), Some(*since)),
            LinkStatus::CredentialsRefused { since } => (None, Some(*since)),
            LinkStatus::Connecting | LinkStatus::CatchingUp | LinkStatus::Live | LinkStatus::Disabled => {
                (None, None)
            }
        };
        Self {
            id: row.id.0,
            name: row.name.clone(),
            link: (&row.link).into(),
            reason,
            since: maybe(since),
        }
    }
}

/// A call as seen from an extension. Whom somebody talks to is there where the token sees the call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Engagement {
    /// The call's id; null where the call is not seen.
    pub(super) call: Option<String>,
    /// What they do in it.
    pub(super) activity: Activity,
    /// The other side's number.
    pub(super) number: Option<String>,
    /// The other side's name, else number.
    pub(super) with: Option<String>,
    /// Which way it goes.
    pub(super) direction: Direction,
    /// Since when.
    #[schema(format = DateTime)]
    pub(super) since: String,
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// An extension with its state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Extension {
    /// The PBX it is on.
    pub(super) pbx: i64,
    /// Its number.
    pub(super) id: String,
    /// The name of the person or place.
    pub(super) name: Option<String>,
    /// What the device is doing.
    pub(super) device: Device,
    /// Whether a phone is there.
    pub(super) registered: Registered,
    /// Do not disturb; null where the PBX does not tell.
    pub(super) dnd: Option<bool>,
    /// New voicemail; null where the PBX does not tell.
    pub(super) voicemail: Option<u32>,
    /// What they are doing, the most urgent first.
    pub(super) calls: Vec<Engagement>,
    /// Since when.
    #[schema(format = DateTime)]
    pub(super) since: String,
}

fn extension(pbx: PbxId, row: &live::Extension) -> Extension {
    let calls = row.engagements.iter().map(|one| Engagement {
        call: filled(&one.call.0),
        activity: (&one.activity).into(),
        number: filled(&one.number),
        with: filled(&one.with),
        direction: (&one.direction).into(),
        since: time(one.since),
    });
    Extension {
        pbx: pbx.0,
        id: row.number.clone(),
        name: row.name.clone(),
        device: (&row.device_state).into(),
        registered: (&row.registration).into(),
        dnd: row.dnd,
        voicemail: row.voicemail,
        calls: calls.collect(),
        since: time(row.since),
    }
}

/// Any row of the live state.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Row {
    /// A telephone system.
    Pbx(Pbx),
    /// An extension.
    Extension(Extension),
    /// A call.
    Call(Call),
    /// A queue.
    Queue(Queue),
    /// A parked call.
    Parked(Parked),
    /// A conference.
    Conference(Conference),
    /// A trunk.
    Trunk(Trunk),
}

/// A row as programs see it.
pub(super) fn row(pbx: PbxId, row: &live::Row) -> Row {
    match row {
        live::Row::Extension(row) => Row::Extension(extension(pbx, row)),
        live::Row::Call(row) => Row::Call(call::call(pbx, row)),
        live::Row::Queue(row) => Row::Queue(room::queue(pbx, row)),
        live::Row::Parked(row) => Row::Parked(room::parked(pbx, row)),
        live::Row::Conference(row) => Row::Conference(room::conference(pbx, row)),
        live::Row::Trunk(row) => Row::Trunk(room::trunk(pbx, row)),
    }
}
