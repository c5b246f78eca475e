//! The trail as a file: exactly what a query lets through, newest first, part by part, for spreadsheets or for programs.

use app::{
    audit::{AuditQuery, Fact},
    browser::hex,
    words::moment,
};
use serde_json::{Value, json};

use crate::{
    export::{CSV_TYPE, harmless},
    store::{Found, Result, Store},
};

/// Acts read at once.
const PART: u32 = 500;

/// The columns of a CSV file, in its order.
const COLUMNS: [&str; 14] = [
    "id",
    "at",
    "actor",
    "actor_id",
    "address",
    "action",
    "object",
    "outcome",
    "ended_at",
    "detail",
    "outcome_detail",
    "hash",
    "outcome_id",
    "outcome_hash",
];

/// How the file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For spreadsheets: RFC 4180, in UTF-8, with a line of names.
    #[default]
    Csv,
    /// For programs: a JSON object on each line.
    Jsonl,
}

impl Format {
    /// The word in an address; anything else is CSV.
    pub fn of(word: &str) -> Self {
        if word == Format::Jsonl.ending() {
            Format::Jsonl
        } else {
            Format::Csv
        }
    }

    /// How the file's name ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
        }
    }

    /// The type of the file.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Csv => CSV_TYPE,
            Format::Jsonl => "application/jsonl; charset=utf-8",
        }
    }
}

/// What the trail tells of an export.
pub fn facts(query: &AuditQuery, format: Format) -> Vec<Fact> {
    let filter = query.search();
    let filter = (!filter.is_empty()).then(|| Fact::told("filter", filter));
    filter
        .into_iter()
        .chain([Fact::told("format", format.ending())])
        .collect()
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    store: Store,
    format: Format,
    query: Option<AuditQuery>,
    begun: bool,
    /// Acts written so far.
    pub acts: u64,
}

impl Export {
    /// Of everything up to the row before `end`.
    pub fn new(store: Store, format: Format, mut query: AuditQuery, end: i64) -> Self {
        query.before = Some(query.before.map_or(end, |before| before.min(end)));
        Self {
            store,
            format,
            query: Some(query),
            begun: false,
            acts: 0,
        }
    }

    /// The next part of the file; None at its end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(mut query) = self.query.take() else {
            return Ok(None);
        };
        let search = self.store.search_trail(&query, PART).await?;
        self.acts += search.found.len() as u64;
        if let Some(older) = search.older {
            query.before = Some(older);
            self.query = Some(query);
        }
        let names = !std::mem::replace(&mut self.begun, true);
        Ok(Some(match self.format {
            Format::Csv => csv(names, &search.found)?,
            Format::Jsonl => jsonl(&search.found),
        }))
    }
}

fn jsonl(found: &[Found]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for found in found {
        let detail = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let line = json!({
            "id": found.act.id,
            "at": time(found.act.at_ms),
            "actor": found.act.actor,
            "actor_id": found.act.actor_id,
            "address": found.act.address,
            "action": found.act.action,
            "object": found.act.object,
            "outcome": found.outcome(),
            "ended_at": found.ended_ms.map(time),
            "detail": detail(&found.act.detail),
            "outcome_detail": detail(found.ended_detail.as_deref().unwrap_or_default()),
            "hash": hex(&found.act.hash),
            "outcome_id": found.ended_id,
            "outcome_hash": found.ended_hash.as_deref().map(hex),
        });
        bytes.extend(line.to_string().into_bytes());
        bytes.push(b'\n');
    }
    bytes
}

fn csv(names: bool, found: &[Found]) -> Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let written = (|| {
        if names {
            file.write_record(COLUMNS)?;
        }
        for found in found {
            let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
            let text = |text: Option<&str>| harmless(text.unwrap_or_default()).into_owned();
            file.write_record([
                found.act.id.to_string(),
                time(found.act.at_ms),
                text(Some(&found.act.actor)),
                number(found.act.actor_id),
                text(Some(&found.act.address)),
                text(Some(&found.act.action)),
                text(Some(&found.act.object)),
                text(Some(found.outcome())),
                found.ended_ms.map_or_else(String::new, time),
                text(Some(&found.act.detail)),
                text(found.ended_detail.as_deref()),
                hex(&found.act.hash),
                number(found.ended_id),
                found.ended_hash.as_deref().map_or_else(String::new, hex),
            ])?;
        }
        anyhow::Ok(())
    })();
    written?;
    let bytes = file.into_inner();
    Ok(bytes.map_err(|error| anyhow::anyhow!("a part of an export was not written: {error}"))?)
}

fn time(at_ms: i64) -> String {
    moment::machine(at_ms.unsigned_abs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::store::Line;

    fn found(object: &str) -> Found {
        Found {
            act: Line {
                id: 7,
                actor: "ada".into(),
                object: object.into(),
                outcome: "done".into(),
                detail: r#"{"why":"a, \"b\""}"#.into(),
                ..Line::default()
            },
            ended_id: None,
            ended_ms: None,
            ended_detail: None,
            ended_outcome: None,
            ended_hash: None,
        }
    }

    #[test]
    fn no_cell_is_a_formula_and_every_text_comes_back() {
        let objects = [
            "=1+1",
            "+49 40",
            "-1",
            "@SUM(A1)",
            "\tx",
            "＝1",
            "a=b",
            "two\r\nlines",
            "quote \" and, comma",
            "",
        ];
        let rows: Vec<Found> = objects.iter().map(|object| found(object)).collect();
        let bytes = csv(true, &rows).unwrap();
        assert!(bytes.starts_with(b"id,at,actor,"));
        assert!(std::str::from_utf8(&bytes).unwrap().ends_with("\r\n"));
        let mut read = csv::Reader::from_reader(&bytes[..]);
        let cells: Vec<String> = read
            .records()
            .map(|record| record.unwrap()[6].to_owned())
            .collect();
        for (cell, object) in cells.iter().zip(objects) {
            assert!(cell == object || *cell == format!("'{object}"), "{cell:?}");
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '＝']), "{cell:?}");
        }
        assert_eq!(cells.len(), objects.len());
    }

    #[test]
    fn a_line_is_an_object() {
        let bytes = jsonl(&[found("a\nb")]);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(text.lines().count(), 1);
        let line: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            (&line["object"], &line["detail"]["why"]),
            (&json!("a\nb"), &json!("a, \"b\""))
        );
    }
}
