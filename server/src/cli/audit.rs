//! `starboard audit`: the proof that the trail was not changed, and a copy of it.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use anyhow::{Context, Result};
use app::{
    audit::{Action, AuditQuery, Fact, Outcome},
    words::moment,
};
use serde_json::json;

use super::{
    place::{At, Exit, Opened, Told},
    runtime, say,
};
use crate::trail::{
    export::{self, Export, Format},
    verify::{Verdict, verify},
};

/// `starboard audit …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Look at every row: whether it is there, in its place and unchanged.
    Verify,
    /// Write what the filters let through, newest first.
    Export(Filters),
}

#[derive(Debug, clap::Args)]
pub(super) struct Filters {
    /// For spreadsheets or for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A new file; standard output when not given.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Somewhere in the row.
    #[arg(long, default_value = "")]
    text: String,
    /// By whom.
    #[arg(long, default_value = "")]
    actor: String,
    /// What: a word of docs/audit.md.
    #[arg(long, value_parser = action)]
    action: Option<Action>,
    /// begun, done, refused, failed or unknown.
    #[arg(long, value_parser = outcome)]
    outcome: Option<Outcome>,
    /// Not before, in UTC, as 2026-11-26T07:00.
    #[arg(long, value_parser = time)]
    from: Option<u64>,
    /// Before, in UTC.
    #[arg(long, value_parser = time)]
    to: Option<u64>,
}

fn action(word: &str) -> Result<Action, String> {
    Action::of(word).ok_or_else(|| "no action has this word".to_owned())
}

fn outcome(word: &str) -> Result<Outcome, String> {
    Outcome::of(word).ok_or_else(|| "no outcome has this word".to_owned())
}

fn time(text: &str) -> Result<u64, String> {
    moment::read_utc(text).ok_or_else(|| "a time is written as 2026-11-26T07:00, in UTC".to_owned())
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = match arguments.command {
            Command::Verify => prove(&opened, json).await,
            Command::Export(filters) => export(&opened, filters).await,
        };
        opened.store.close().await;
        done
    })
}

async fn prove(opened: &Opened, json: bool) -> Result<()> {
    match verify(&opened.store, opened.trail.keys()).await? {
        Verdict::Whole { first, rows, last_id } => {
            let (first_id, since) =
                first.map_or((0, String::new()), |(id, at_ms)| (id, moment::machine(at_ms)));
            if json {
                say(
                    json!({ "whole": true, "rows": rows, "first": first_id, "since": since, "last": last_id }),
                );
            } else {
                say(format_args!(
                    "The trail is whole: {rows} rows, from row {first_id} of {since} to row {last_id}."
                ));
            }
            Ok(())
        }
        Verdict::Broken { row, what, good } => {
            if json {
                say(json!({ "whole": false, "row": row, "what": what, "good": good }));
            }
            let message = format!(
                "the trail is broken at row {row}: {what}. {good} rows before it are as they were written"
            );
            Err(Told::error(Exit::Broken, "row", message))
        }
    }
}

async fn export(opened: &Opened, filters: Filters) -> Result<()> {
    let Filters {
        format,
        output,
        text,
        actor,
        action,
        outcome,
        from,
        to,
    } = filters;
    let query = AuditQuery {
        text,
        actor,
        action,
        outcome,
        from_ms: from,
        to_ms: to,
        before: None,
    };
    let mut file: Box<dyn Write> = match &output {
        Some(path) => {
            let file = OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(path);
            Box::new(file.with_context(|| format!("{} cannot be made", path.display()))?)
        }
        None => Box::new(io::stdout().lock()),
    };
    let end = opened.store.trail_end().await? + 1;
    let facts = export::facts(&query, format);
    let act = opened
        .trail
        .begin(opened.who.clone(), "", Action::ExportAudit, "audit trail", &facts)
        .await?;
    let mut export = Export::new(opened.store.clone(), format, query, end);
    let written = async {
        while let Some(part) = export.next().await? {
            file.write_all(&part).context("the export cannot be written")?;
        }
        file.flush().context("the export cannot be written")
    };
    let written = written.await;
    let outcome = if written.is_ok() {
        Outcome::Done
    } else {
        Outcome::Failed
    };
    let count = [Fact::told("entries", export.acts.to_string())];
    opened.trail.end(act, outcome, &count).await;
    written
}
