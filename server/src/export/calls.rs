//! Calls that are over, as a table.

use app::{
    model::history::CallRow,
    pages::history::words,
    words::{cause::cause_words, moment},
};
use telephony::HungUpBy;

use super::{Around, Broken, Cell, Column, Part, Table};
use crate::store::CallPart;

impl Part<CallRow> for CallPart {
    fn rows(self) -> Result<Vec<CallRow>, Broken> {
        self.read().map_err(|error| {
            tracing::error!(%error, "an export of calls was broken off");
            Broken::Fault
        })
    }
}

const fn column(name: &'static str, title: &'static str, width: u8) -> Column {
    Column { name, title, width }
}

/// The table.
pub static CALLS: Table<CallRow> = Table {
    name: "Calls",
    columns: &[
        column("began", "Began", 19),
        column("direction", "Direction", 10),
        column("result", "Result", 12),
        column("caller_number", "Caller's number", 18),
        column("caller_name", "Caller's name", 24),
        column("caller_extension", "Caller's extension", 10),
        column("called_number", "Called number", 18),
        column("called_name", "Called name", 24),
        column("called_extension", "Called extension", 10),
        column("dialled", "Dialled", 18),
        column("queue", "Queue", 14),
        column("trunk", "Trunk", 14),
        column("answered", "Answered", 19),
        column("first_answered_by", "First answered by", 10),
        column("last_answered_by", "Last answered by", 10),
        column("took_s", "Took (s)", 10),
        column("talked_s", "Talked (s)", 10),
        column("held_s", "On hold (s)", 10),
        column("pdd_s", "Post-dial delay (s)", 10),
        column("mes", "Voice (MES)", 10),
        column("hung_up_by", "Hung up by", 10),
        column("cause", "Cause", 8),
        column("cause_words", "Cause in words", 24),
        column("marks", "Marks", 24),
        column("not_seen", "Not seen", 24),
        column("pbx", "PBX", 14),
        column("call", "Asterisk's name", 22),
        column("id", "Number", 22),
        column("disposition", "Disposition", 16),
    ],
    on_paper: &[
        "began",
        "direction",
        "result",
        "caller_number",
        "caller_name",
        "called_number",
        "called_name",
        "queue",
        "took_s",
        "talked_s",
    ],
    cells,
};

fn cells<'a>(row: &'a CallRow, around: &'a Around) -> Vec<Cell<'a>> {
    let some = |text: &'a Option<String>| Cell::text(text.as_deref().unwrap_or_default());
    let by = match row.hung_up_by {
        HungUpBy::Caller => "caller",
        HungUpBy::Callee => "called",
        HungUpBy::Other => "other",
        HungUpBy::Nobody => "",
    };
    vec![
        Cell::Moment(row.started.0),
        Cell::text(words::way(row.direction).1),
        Cell::text(words::result(row.result).1),
        Cell::text(&row.caller.number),
        some(&row.caller.name),
        some(&row.caller.extension),
        Cell::text(&row.callee.number),
        some(&row.callee.name),
        some(&row.callee.extension),
        Cell::text(&row.dialled),
        some(&row.queue),
        some(&row.trunk),
        row.answered.map_or(Cell::Nothing, |at| Cell::Moment(at.0)),
        some(&row.first_by),
        some(&row.last_by),
        Cell::Seconds(row.duration_ms),
        Cell::Seconds(row.talk_ms),
        Cell::Seconds(row.held_ms),
        row.quality.pdd_ms.map_or(Cell::Nothing, Cell::Seconds),
        row.quality
            .mes
            .map_or(Cell::Nothing, |mes| Cell::Tenths(u64::from(mes.tenths()))),
        Cell::text(by),
        Cell::Count(u64::from(row.cause)),
        Cell::text(cause_words(row.cause)),
        Cell::text(words::marks(row.marks).join(", ")),
        Cell::text(words::unseen(row.marks).unwrap_or_default()),
        Cell::text(around.pbxs.get(&row.pbx).map_or("", String::as_str)),
        Cell::text(&row.call.0),
        // spreadsheets round a number of so many digits
        Cell::text(row.id.to_string()),
        some(&row.disposition),
    ]
}

/// The name of the file: what it is and when it was taken.
pub fn file_name(now_ms: u64, ending: &str) -> String {
    let at = moment::machine(now_ms).replace([':', '.'], "-");
    format!("starboard-calls-{at}.{ending}")
}
