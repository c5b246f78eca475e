//! Records and calls in words.

use crate::{
    model::records::{Class, RecordShown, RecordsRow},
    pages::history::words::between,
    words::{shortened, visible::NAME_CHARS},
};

/// A class: the state whose shape and hue it has, its name, and what it means.
pub fn class(class: Class) -> (&'static str, &'static str, &'static str) {
    match class {
        Class::Matched => ("talking", "Matched", "The records are of a call that was seen."),
        Class::Repaired => (
            "waiting",
            "Repaired",
            "Nobody looked when this was, or when it ended: what was not seen is told by the records, and the call marked as partial.",
        ),
        Class::OnlyThere => (
            "alarm",
            "Only in the records",
            "Records tell of a call that was not seen, although its PBX was. It is not entered.",
        ),
        Class::OnlyHere => (
            "unreachable",
            "Only here",
            "The call was seen, and no record tells of it: Asterisk writes none for some calls, or it was taken away.",
        ),
    }
}

/// Who called whom, by the call where there is one, else by its first record.
pub fn title(row: &RecordsRow) -> String {
    match (&row.call, &row.first) {
        (Some(call), _) => between(call),
        (None, Some(first)) => {
            let short = |text: &str| shortened(text, NAME_CHARS);
            format!("{} → {}", short(&first.src), short(&first.dst))
        }
        (None, None) => "A call that is no more".into(),
    }
}

/// How many records there are.
pub fn records(count: u64) -> String {
    match count {
        0 => "none".into(),
        1 => "1 record".into(),
        count => format!("{count} records"),
    }
}

/// What of a source was no record, where something was not.
pub fn damaged(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => ", one line of it not understood".into(),
        count => format!(", {count} lines of it not understood"),
    }
}

/// Who told of a record.
pub fn told_by(record: &RecordShown) -> &'static str {
    match (record.by_manager, record.by_source) {
        (true, true) => "the manager and the source",
        (true, false) => "the manager",
        (false, _) => "the source",
    }
}

/// The last application and what it was given.
pub fn application(record: &RecordShown) -> String {
    let data = shortened(&record.data, NAME_CHARS);
    let application = shortened(&record.application, NAME_CHARS);
    if data.is_empty() {
        application
    } else {
        format!("{application}({data})")
    }
}

/// How often the server reads a source.
pub fn every(seconds: u32) -> String {
    match seconds {
        0 => "read when somebody asks for it".into(),
        60 => "read every minute".into(),
        3_600 => "read every hour".into(),
        seconds if seconds % 3_600 == 0 => format!("read every {} hours", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("read every {} minutes", seconds / 60),
        seconds => format!("read every {seconds} seconds"),
    }
}
