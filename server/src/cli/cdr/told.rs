//! What came of it, for people or for programs.

use anyhow::Result;
use app::words::{moment, visible};
use serde::Serialize;
use serde_json::json;

use super::super::say;
use crate::{
    cdr::sync::Report,
    store::{CdrSource, CheckTally},
};

/// A source.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    pbx: String,
    kind: &'static str,
    place: String,
    table: String,
    zone: String,
    password: bool,
    records: u64,
    read_ms: Option<u64>,
    every_s: u32,
    trouble: String,
}

impl Listed {
    pub(super) fn of(pbx: &str, source: &CdrSource, records: u64) -> Self {
        Self {
            pbx: pbx.to_owned(),
            kind: source.kind.word(),
            place: source.place.clone(),
            table: source.relation.clone(),
            zone: source.zone.clone(),
            password: source.password_sealed.is_some(),
            records,
            read_ms: source.read_ms,
            every_s: source.every_s,
            trouble: source.trouble.clone(),
        }
    }
}

/// A line beside what a program reads.
#[expect(clippy::print_stderr, reason = "the program's own progress, not a log")]
pub(super) fn progress(line: &str) {
    eprintln!("{line}");
}

pub(super) fn done(json: bool, what: &str) -> Result<()> {
    if json {
        say(json!({ "done": what }));
    } else {
        say(what);
    }
    Ok(())
}

pub(super) fn list(json: bool, listed: &[Listed]) -> Result<()> {
    if json {
        say(serde_json::to_string(listed)?);
        return Ok(());
    }
    for one in listed {
        let read = one.read_ms.map_or("never".to_owned(), moment::machine);
        let Listed {
            kind,
            zone,
            records,
            every_s,
            trouble,
            ..
        } = one;
        let every = match every_s {
            0 => "when it is asked for".to_owned(),
            every_s => format!("every {every_s} s"),
        };
        let trouble = match trouble.as_str() {
            "" => String::new(),
            why => format!(", not the last time: {}", visible(why)),
        };
        let (pbx, place) = (visible(&one.pbx), visible(&one.place));
        say(format!(
            "{pbx}  {kind}  {place}  {zone}  {records} records, read {read}, {every}{trouble}"
        ));
    }
    if listed.is_empty() {
        say("nobody has said where records are: starboard cdr source");
    }
    Ok(())
}

pub(super) fn read(json: bool, pbx: &str, dry_run: bool, report: &Report) -> Result<()> {
    if json {
        let mut told = serde_json::to_value(report)?;
        told["pbx"] = json!(pbx);
        told["dry_run"] = json!(dry_run);
        say(told);
        return Ok(());
    }
    let Report {
        read,
        new,
        changed,
        known,
        left_out,
        doubtful,
        damaged,
        faults,
        put_right,
        ..
    } = report;
    for fault in faults {
        say(format!("not understood: {}", visible(fault)));
    }
    say(format!(
        "{}: {read} rows read; new {new}, changed {changed}, known {known}, older than asked for {left_out}, \
         of an hour that clocks show twice or never {doubtful}, not understood {damaged}; calls put right {put_right}",
        visible(pbx)
    ));
    preview(dry_run);
    Ok(())
}

pub(super) fn checked(json: bool, pbx: &str, dry_run: bool, tally: Option<CheckTally>) -> Result<()> {
    let CheckTally {
        matched,
        only_here,
        only_there,
        repaired,
        entered,
        put_right,
        open,
    } = tally.unwrap_or_default();
    if json {
        say(json!({
            "pbx": pbx, "dry_run": dry_run, "records": tally.is_some(), "matched": matched, "only_here": only_here,
            "only_there": only_there, "repaired": repaired, "entered": entered,
            "put_right": put_right, "open": open,
        }));
        return Ok(());
    }
    let pbx = visible(pbx);
    if tally.is_none() {
        say(format!("{pbx}: there are no records"));
        return Ok(());
    }
    say(format!(
        "{pbx}: matched {matched}, repaired {repaired} (entered now {entered}, put right now {put_right}), only in the records though the PBX was \
         seen {only_there}, only here {only_here}, not over yet {open}"
    ));
    preview(dry_run);
    Ok(())
}

fn preview(dry_run: bool) {
    if dry_run {
        say("Nothing was changed: leave out --dry-run to do it.");
    }
}
