//! The tables that are copied: how their rows are read here as JSON, and written there from it.

/// A table, and the tables that go with it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    /// One whose rows are found by a key; columns, the key first.
    Plain(&'static str, &'static [(&'static str, Kind)]),
    /// Calls, and who was on them.
    Calls,
}

/// What is in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// Numbers (JSON here, an array there).
    Numbers,
}

use Kind::{Number, Numbers, Text};

/// Places in [`TABLES`]; `copy_change` counts them from 1.
pub(super) const CALLS: usize = 0;
pub(super) const PARTIES: usize = 1;
pub(super) const KINDS: usize = 2;
pub(super) const HOURS: usize = 3;
pub(super) const DAYS: usize = 4;

const CALL: &[(&str, Kind)] = &[
    ("id", Number),
    ("pbx_id", Number),
    ("call_id", Text),
    ("linked", Text),
    ("kind_id", Number),
    ("caller_id", Number),
    ("callee_id", Number),
    ("others", Numbers),
    ("dialled", Text),
    ("answered_ms", Number),
    ("duration_ms", Number),
    ("talk_ms", Number),
    ("held_ms", Number),
    ("first_by", Text),
    ("last_by", Text),
    ("cause", Number),
    ("hung_up_by", Text),
    ("marks", Number),
    ("pdd_ms", Number),
    ("mes", Number),
    ("caller_number", Text),
    ("caller_name", Text),
    ("caller_extension", Text),
    ("callee_number", Text),
    ("callee_name", Text),
    ("callee_extension", Text),
];
const ON_IT: &[(&str, Kind)] = &[
    ("party_id", Number),
    ("call_id", Number),
    ("role", Number),
    ("kind_id", Number),
];
const PARTY: &[(&str, Kind)] = &[
    ("id", Number),
    ("pbx_id", Number),
    ("number", Text),
    ("name", Text),
    ("extension", Text),
    ("digits", Text),
    ("folded", Text),
];
const KIND: &[(&str, Kind)] = &[
    ("id", Number),
    ("pbx_id", Number),
    ("direction", Text),
    ("result", Text),
    ("queue", Text),
    ("trunk", Text),
    ("recorded", Number),
    ("length", Number),
    ("calls", Number),
];
const HOUR: &[(&str, Kind)] = &sums("hour");
const DAY: &[(&str, Kind)] = &sums("day");

const fn sums(at: &'static str) -> [(&'static str, Kind); 17] {
    [
        (at, Number),
        ("pbx_id", Number),
        ("direction", Text),
        ("answered", Number),
        ("missed", Number),
        ("busy", Number),
        ("failed", Number),
        ("abandoned", Number),
        ("voicemail", Number),
        ("service", Number),
        ("interrupted", Number),
        ("duration_ms", Number),
        ("talk_ms", Number),
        ("pdd_ms", Number),
        ("pdd_calls", Number),
        ("mes", Number),
        ("mes_calls", Number),
    ]
}

pub(super) const TABLES: [Table; 5] = [
    Table::Calls,
    Table::Plain("party", PARTY),
    Table::Plain("call_kind", KIND),
    Table::Plain("call_hour", HOUR),
    Table::Plain("call_day", DAY),
];

/// Rows as a JSON list of lists.
fn read(columns: &[(&str, Kind)], from: &str) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|(column, kind)| match kind {
            Number | Text => format!("t.{column}"),
            Numbers => format!("json(t.{column})"),
        })
        .collect();
    format!(
        "SELECT json_group_array(json_array({})) FROM {from}",
        columns.join(", ")
    )
}

/// Such rows written.
fn insert(table: &str, columns: &[(&str, Kind)]) -> String {
    let names: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
    let values: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(at, (_, kind))| match kind {
            Number => format!("(v ->> {at})::bigint"),
            Text => format!("v ->> {at}"),
            Numbers => format!(
                "CASE jsonb_typeof(v -> {at}) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(v -> {at})::bigint) END"
            ),
        })
        .collect();
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM jsonb_array_elements($1::jsonb) AS v",
        names.join(", "),
        values.join(", ")
    )
}

impl Table {
    /// Reads rows here by their keys (JSON).
    pub(super) fn read(&self) -> Vec<String> {
        let by = |table: &str, key: &str| {
            format!("json_each(?) AS one CROSS JOIN {table} AS t ON t.{key} = one.value")
        };
        match self {
            Table::Plain(table, columns) => vec![read(columns, &by(table, columns[0].0))],
            Table::Calls => vec![
                read(CALL, &by("call", "id")),
                read(
                    ON_IT,
                    "json_each(?) AS one CROSS JOIN call ON call.id = one.value
                     CROSS JOIN call_party AS t ON t.call_id = call.id AND t.party_id IN (
                        SELECT call.caller_id UNION SELECT call.callee_id UNION SELECT value FROM json_each(call.others))",
                ),
            ],
        }
    }

    /// Removes rows there by their keys.
    pub(super) fn remove(&self) -> Vec<String> {
        match self {
            Table::Plain(table, columns) => vec![format!("DELETE FROM {table} WHERE {} = ANY($1)", columns[0].0)],
            Table::Calls => vec![
                "DELETE FROM call_party USING (
                    SELECT id, unnest(ARRAY[caller_id, callee_id] || others) AS party FROM call WHERE id = ANY($1)
                 ) AS old WHERE call_party.call_id = old.id AND call_party.party_id = old.party AND call_party.call_id = ANY($1)"
                    .into(),
                "DELETE FROM call WHERE id = ANY($1)".into(),
            ],
        }
    }

    /// Writes rows there, from each of what was read.
    pub(super) fn insert(&self) -> Vec<String> {
        match self {
            Table::Plain(table, columns) => vec![insert(table, columns)],
            Table::Calls => vec![insert("call", CALL), insert("call_party", ON_IT)],
        }
    }
}

/// What notes changes, or what ends that.
pub(super) fn triggers(on: bool) -> Vec<String> {
    let of = [
        ("call", "id", CALLS, &["INSERT", "UPDATE", "DELETE"][..]),
        ("party", "id", PARTIES, &["INSERT", "UPDATE", "DELETE"]),
        ("call_kind", "id", KINDS, &["INSERT", "UPDATE", "DELETE"]),
        ("call_hour", "hour", HOURS, &["INSERT", "UPDATE", "DELETE"]),
        ("call_day", "day", DAYS, &["INSERT", "UPDATE", "DELETE"]),
    ];
    let mut statements = Vec::new();
    for (table, key, place, events) in of {
        for event in events {
            let name = format!("copy_{table}_{}", event.to_lowercase());
            if !on {
                statements.push(format!("DROP TRIGGER IF EXISTS {name}"));
                continue;
            }
            let row = if *event == "DELETE" { "OLD" } else { "NEW" };
            statements.push(format!(
                "CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN
                    INSERT INTO copy_change (what, key) VALUES ({}, {row}.{key}); END",
                place + 1
            ));
        }
    }
    statements
}
