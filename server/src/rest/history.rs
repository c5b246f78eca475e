//! Calls that are over: found as on their page, each with its legs and what happened.

use app::{
    backend::HistoryBackend,
    model::{
        PbxId,
        history::{CallRow, CallSearch, CallTold},
    },
    words::story,
};
use axum::{Json, extract::RawQuery, response::Response};
use serde::{Deserialize, Serialize};
use telephony::{self as live, Marks, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    door::Asker,
    given::{Named, Parameters},
    page::{Page, Part, Wanted, page_of},
    problem::Problem,
    shape::{CallResult, Direction, HungUpBy, LegRole, Party, maybe, time},
};
use crate::services::Services;

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(calls)).routes(routes!(call))
}

/// The name of the list in its cursors and links.
const LIST: &str = "history";

/// Which calls are looked for; what is not given leaves nothing out.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// How many at most; 100 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the part begins: the `next` of the part before.
    #[param(pattern = "^[0-9a-f]{2,1024}$")]
    cursor: Option<String>,
    /// Begun from here on,
    #[param(format = DateTime)]
    from: Option<String>,
    /// and before this.
    #[param(format = DateTime)]
    to: Option<String>,
    /// On this PBX.
    pbx: Option<i64>,
    /// A part of the number or name of who called,
    #[param(max_length = 80)]
    caller: Option<String>,
    /// of who was called,
    #[param(max_length = 80)]
    callee: Option<String>,
    /// of either.
    #[param(max_length = 80)]
    with: Option<String>,
    /// An extension that was on it or was rung.
    #[param(max_length = 80)]
    extension: Option<String>,
    /// A phone of this person was on it or rang: by user name or name; `me` is the token's owner.
    #[param(max_length = 80)]
    user: Option<String>,
    /// The same of the people of a team, by its name.
    #[param(max_length = 80)]
    team: Option<String>,
    /// The extension that answered first.
    #[param(max_length = 80)]
    answered_by: Option<String>,
    /// The queue it came through.
    #[param(max_length = 80)]
    queue: Option<String>,
    /// The trunk it ran over.
    #[param(max_length = 80)]
    trunk: Option<String>,
    /// Which way it went.
    #[param(inline)]
    direction: Option<Direction>,
    /// What came of it.
    #[param(inline)]
    result: Option<CallResult>,
    /// Recorded, or not.
    recorded: Option<bool>,
    /// A part of a note on it.
    #[param(max_length = 80)]
    note: Option<String>,
    /// A tag that it has.
    #[param(max_length = 80)]
    tag: Option<String>,
    /// What somebody says came of it: a word of a queue's list.
    #[param(max_length = 80)]
    disposition: Option<String>,
    /// At least so many seconds long,
    #[param(minimum = 0, maximum = 31_536_000)]
    longer_s: Option<u32>,
    /// and shorter than this.
    #[param(minimum = 0, maximum = 31_536_000)]
    shorter_s: Option<u32>,
}

impl Search {
    fn part(&self) -> Part {
        Part {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }

    fn asked(self) -> Result<CallSearch, Problem> {
        let text = Option::unwrap_or_default;
        Ok(CallSearch {
            from_ms: moment("from", self.from.as_deref())?,
            to_ms: moment("to", self.to.as_deref())?,
            pbx: self.pbx.map(PbxId),
            caller: text(self.caller),
            callee: text(self.callee),
            anyone: text(self.with),
            extension: text(self.extension),
            user: text(self.user),
            team: text(self.team),
            phones: None,
            answered_by: text(self.answered_by),
            queue: text(self.queue),
            trunk: text(self.trunk),
            direction: self.direction.map(Into::into),
            results: self.result.map(Into::into).into_iter().collect(),
            recorded: self.recorded,
            longer_s: seconds("longer_s", self.longer_s)?,
            shorter_s: seconds("shorter_s", self.shorter_s)?,
            note: text(self.note),
            noted: false,
            tag: text(self.tag),
            disposition: text(self.disposition),
        })
    }
}

/// How long a call may be asked to be: a year.
const MOST_S: u32 = 31_536_000;

fn seconds(field: &'static str, asked: Option<u32>) -> Result<Option<u32>, Problem> {
    match asked {
        Some(asked) if asked > MOST_S => Err(Problem::field(field, "At most a year of seconds.")),
        asked => Ok(asked),
    }
}

/// A moment as RFC 3339 has it, in milliseconds; one before 1970 is 1970.
fn moment(field: &'static str, text: Option<&str>) -> Result<Option<u64>, Problem> {
    let read = text.map(str::parse::<jiff::Timestamp>).transpose();
    let read = read.map_err(|_| Problem::field(field, "A time like 2026-11-26T09:00:00Z."))?;
    Ok(read.map(|at| u64::try_from(at.as_millisecond()).unwrap_or_default()))
}

/// A call that is over.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PastCall {
    /// Its id.
    id: String,
    /// The PBX it was on.
    pbx: i64,
    /// The id that it had while it was up.
    call: String,
    /// Which way it went.
    direction: Direction,
    /// What came of it.
    result: CallResult,
    /// Who called.
    caller: Party,
    /// Whom they talked to last, else what they dialled.
    callee: Party,
    /// What was dialled first.
    dialled: String,
    /// The queue it came through, the latest.
    queue: Option<String>,
    /// The trunk it ran over, the first.
    trunk: Option<String>,
    /// When it began.
    #[schema(format = DateTime)]
    started: String,
    /// When two people first talked.
    #[schema(format = DateTime)]
    answered: Option<String>,
    /// When it ended.
    #[schema(format = DateTime)]
    ended: String,
    /// From its beginning to its end, in milliseconds.
    duration_ms: u64,
    /// For how long people could hear each other, in milliseconds.
    talk_ms: u64,
    /// For how long somebody was on hold, in milliseconds.
    held_ms: u64,
    /// From a trunk being dialled to its first sign (post-dial delay), in milliseconds.
    pdd_ms: Option<u64>,
    /// How it sounded, 0 to 100: the worst average of its legs (Media Experience Score).
    mes: Option<f64>,
    /// The extension that answered first.
    first_answered_by: Option<String>,
    /// The extension that answered last.
    last_answered_by: Option<String>,
    /// Why it ended: a cause of ITU-T Q.850.
    cause: u16,
    /// Who hung up.
    hung_up_by: HungUpBy,
    /// What somebody says came of it: a word of a queue's list.
    disposition: Option<String>,
    /// Whether it was recorded.
    recorded: bool,
    /// Whether it was transferred.
    transferred: bool,
    /// Whether it was parked.
    parked: bool,
    /// Whether it was in a conference.
    conference: bool,
    /// Not all of it was seen.
    partial: bool,
}

impl From<&CallRow> for PastCall {
    fn from(row: &CallRow) -> Self {
        Self {
            id: row.id.to_string(),
            pbx: row.pbx.0,
            call: row.call.0.clone(),
            direction: (&row.direction).into(),
            result: (&row.result).into(),
            caller: (&row.caller).into(),
            callee: (&row.callee).into(),
            dialled: row.dialled.clone(),
            queue: row.queue.clone(),
            trunk: row.trunk.clone(),
            started: time(row.started),
            answered: maybe(row.answered),
            ended: time(Timestamp(row.started.0.saturating_add(row.duration_ms))),
            duration_ms: row.duration_ms,
            talk_ms: row.talk_ms,
            held_ms: row.held_ms,
            pdd_ms: row.quality.pdd_ms,
            mes: row.quality.mes.map(|mes| f64::from(mes.tenths()) / 10.0),
            first_answered_by: row.first_by.clone(),
            last_answered_by: row.last_by.clone(),
            cause: row.cause,
            hung_up_by: (&row.hung_up_by).into(),
            disposition: row.disposition.clone(),
            recorded: row.marks.has(Marks::RECORDED),
            transferred: row.marks.has(Marks::TRANSFERRED),
            parked: row.marks.has(Marks::PARKED),
            conference: row.marks.has(Marks::CONFERENCE),
            partial: row.marks.is_partial(),
        }
    }
}

/// One side of a call that is over.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PastLeg {
    /// Its id.
    id: String,
    /// Who was on it.
    party: Party,
    /// Why it was there.
    role: LegRole,
    /// When it answered.
    #[schema(format = DateTime)]
    answered: Option<String>,
    /// Why it ended: a cause of ITU-T Q.850.
    cause: Option<u16>,
    /// The trunk it ran over.
    trunk: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Happened {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What, in English.
    what: String,
}

/// A call that is over, with its story.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ToldCall {
    /// The call.
    #[serde(flatten)]
    row: PastCall,
    /// Its sides, in order of birth.
    legs: Vec<PastLeg>,
    /// What happened, the oldest first.
    story: Vec<Happened>,
}

impl From<&CallTold> for ToldCall {
    fn from(told: &CallTold) -> Self {
        let legs = told.legs.iter().map(|leg| PastLeg {
            id: leg.id.0.clone(),
            party: (&leg.party).into(),
            role: (&leg.role).into(),
            answered: maybe(leg.answered),
            cause: match leg.state {
                live::LegState::Ended(cause) => Some(cause),
                _ => None,
            },
            trunk: leg.trunk.clone(),
        });
        let story = told.story.iter().map(|moment| Happened {
            at: time(moment.at),
            what: story::moment(&moment.what).0,
        });
        Self {
            row: (&told.row).into(),
            legs: legs.collect(),
            story: story.collect(),
        }
    }
}

/// Calls that are over
///
/// The newest first. A number is found whichever way it is written; a name by any part of it.
#[utoipa::path(get, path = "/history", tag = "Calls", params(Search), responses((status = OK, description = "A part of the list.", body = Page<PastCall>)))]
async fn calls(
    asker: Asker,
    RawQuery(query): RawQuery,
    Parameters(search): Parameters<Search>,
) -> Result<Response, Problem> {
    let Wanted { after, limit } = search.part().of(LIST, |text| text.parse::<i64>().ok())?;
    let asked = search.asked()?;
    let rows = asker.0.call_part(asked, after, limit + 1).await?;
    let rows = rows.iter().map(|row| (row.id.to_string(), PastCall::from(row)));
    Ok(page_of(LIST, query.as_deref(), limit, rows))
}

/// One call that is over
#[utoipa::path(get, path = "/history/{id}", tag = "Calls", params(("id" = i64, Path, description = "The call's id in the list.")), responses((status = OK, description = "The call with its legs and what happened.", body = ToldCall)))]
async fn call(asker: Asker, Named(id): Named<i64>) -> Result<Json<ToldCall>, Problem> {
    let told = asker.0.past_call(id).await?;
    Ok(Json((&told).into()))
}
