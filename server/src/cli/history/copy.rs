//! `starboard history copy`: the copy of calls in PostgreSQL, a month at a time.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use app::{
    audit::{Action, Fact},
    model::keeping::size,
    pages::history::grouped,
};
use flate2::{Compression, write::GzEncoder};
use futures::TryStreamExt;
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Answer;
use crate::{
    cli::place::{Exit, Opened, Told},
    jobs::copying::ASKED,
    store::{CallCopy, CopyMonth},
};

/// A server that runs has noticed by then what is to be left out.
const NOTICED: Duration = ASKED.saturating_add(Duration::from_secs(2));

/// `starboard history copy …`.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Command {
    /// List its months.
    Months,
    /// Write each of its months before another one to a file (JSON, a call a line, gzip) with its SHA-256.
    Archive {
        /// The month (UTC), as 2026-01.
        #[arg(long, value_name = "MONTH", value_parser = month)]
        before: Date,
        /// The folder; it has to be there.
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Drop its months before another one. They stay in the own database.
    Drop {
        /// The month (UTC), as 2026-01.
        #[arg(long, value_name = "MONTH", value_parser = month)]
        before: Date,
    },
}

/// The first day of a month, as it is typed.
fn month(text: &str) -> std::result::Result<Date, String> {
    let first = format!("{text}-01").parse();
    first
        .ok()
        .filter(|_| text.len() == 7)
        .ok_or_else(|| "a month is written as 2026-01".to_owned())
}

/// A month, as it is told.
fn name(first: Date) -> String {
    format!("{:04}-{:02}", first.year(), first.month())
}

pub(super) async fn run(opened: &Opened, command: Command) -> Result<Answer> {
    let Some(settings) = &opened.config.postgres else {
        let message = "the settings name no PostgreSQL that calls are copied to ([postgres])";
        return Err(Told::error(Exit::NotFound, "postgres", message));
    };
    let copy = CallCopy::patient(settings)?;
    copy.is_of(&opened.store).await?;
    match command {
        Command::Months => months(&copy).await,
        Command::Archive { before, to } => archive(opened, &copy, before, &to).await,
        Command::Drop { before } => drop(opened, &copy, before).await,
    }
}

fn told(month: &CopyMonth) -> serde_json::Value {
    json!({ "month": name(month.first), "calls": month.calls, "bytes": month.bytes })
}

async fn months(copy: &CallCopy) -> Result<Answer> {
    let months = copy.months().await?;
    let lines = months.iter().map(|month| {
        let (calls, bytes) = (grouped(month.calls), size(month.bytes));
        format!("{}  {calls:>12} calls  {bytes:>10}", name(month.first))
    });
    Ok((
        json!({ "months": months.iter().map(told).collect::<Vec<_>>() }),
        lines.collect(),
    ))
}

async fn archive(opened: &Opened, copy: &CallCopy, before: Date, to: &Path) -> Result<Answer> {
    let mut months = copy.months().await?;
    months.retain(|month| month.first < before);
    let (mut files, mut lines) = (Vec::new(), Vec::new());
    for month in &months {
        let file = to.join(format!("calls-{}.jsonl.gz", name(month.first)));
        let facts = [
            Fact::told("month", name(month.first)),
            Fact::told("file", file.display().to_string()),
        ];
        let writing = write(copy, month, &file);
        let (calls, sum) = opened
            .audited(Action::ArchiveCalls, "copy of calls", &facts, writing)
            .await?;
        lines.push(format!("{}: {} calls", file.display(), grouped(calls)));
        files.push(json!({
            "month": name(month.first), "calls": calls, "file": file.display().to_string(), "sha256": sum,
        }));
    }
    lines.extend(
        months
            .is_empty()
            .then(|| format!("There is no month before {}.", name(before))),
    );
    Ok((json!({ "files": files }), lines))
}

/// Writes a month, and gives how many calls and the sum. The file has its name when it is whole.
async fn write(copy: &CallCopy, month: &CopyMonth, file: &Path) -> Result<(u64, String)> {
    if file.exists() {
        return Err(anyhow!("{} is there already", file.display()));
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let part = tempfile::Builder::new()
        .prefix(".calls-")
        .tempfile_in(folder)
        .with_context(|| format!("nothing can be written into {}", folder.display()))?;
    let mut written = GzEncoder::new(std::io::BufWriter::new(part), Compression::default());
    let mut calls = 0;
    let mut all = pin!(copy.lines(month));
    while let Some(line) = all.try_next().await? {
        written.write_all(line.as_bytes())?;
        written.write_all(b"\n")?;
        calls += 1;
    }
    let part = written
        .finish()?
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    part.as_file().sync_all()?;
    let (mut sum, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    let mut read = std::fs::File::open(part.path())?;
    loop {
        match read.read(&mut piece)? {
            0 => break,
            many => sum.update(&piece[..many]),
        }
    }
    let sum: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    part.persist_noclobber(file)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let beside = file.with_file_name(format!("{name}.sha256"));
    std::fs::write(&beside, format!("{sum}  {name}\n"))
        .with_context(|| format!("{} cannot be written", beside.display()))?;
    Ok((calls, sum))
}

async fn drop(opened: &Opened, copy: &CallCopy, before: Date) -> Result<Answer> {
    let facts = [Fact::told("before", name(before))];
    let dropping = async {
        copy.leave_out_before(before).await?;
        tokio::time::sleep(NOTICED).await;
        Ok(copy.drop_before(before).await?)
    };
    let (months, calls) = opened
        .audited(Action::DropCopiedCalls, "copy of calls", &facts, dropping)
        .await?;
    let line = format!(
        "{months} months with {} calls were dropped from the copy; they stay in the own database.",
        grouped(calls)
    );
    Ok((json!({ "months": months, "calls": calls }), vec![line]))
}
