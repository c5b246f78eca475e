//! `starboard queue-log`: old logs of queues, held against what was kept. A preview first, where that is wanted.

use std::{
    fs::File,
    io::{Read, Seek},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use app::{
    audit::{Action, Fact, Outcome},
    model::{PbxConnection, PbxId},
    words::{moment, visible},
};
use serde::Serialize;
use telephony::{Timestamp, queue_log::Difference};

use super::{
    place::{At, Exit, Opened, Told},
    runtime, say,
};
use crate::{
    clock::wall_ms,
    pace::Pace,
    queue_log::{
        file::{self, Chunk},
        reader::{Ended, Reader},
    },
    store::{LogAgents, Recording, Verdict},
};

/// Read at once.
const CHUNK: usize = 1 << 20;
/// Visits of one transaction: a server that runs beside waits no longer than for these.
const BATCH: usize = 500;
/// What ended later than this before now may be on its way into the database.
const SETTLED_MS: u64 = 60_000;
/// Calls that are named one by one.
const MOST_NAMED: usize = 20;
/// How a file begins that gzip packed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// `starboard queue-log …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add the calls of a log that nobody saw, and put right those that were not seen as a whole.
    Import {
        /// The log.
        file: PathBuf,
        /// The PBX that wrote it: its name, or its number.
        #[arg(long, value_name = "NAME")]
        pbx: String,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    dry_run: bool,
    lines: u64,
    damaged: u64,
    calls: u64,
    added: u64,
    put_right: u64,
    unchanged: u64,
    told_otherwise: u64,
    only_there: u64,
    still_open: u64,
    gaps_filled: u64,
    /// The first of those that are not unchanged.
    named: Vec<Named>,
}

#[derive(Debug, Serialize)]
struct Named {
    what: &'static str,
    at_s: u64,
    queue: String,
    call: String,
    differences: Vec<String>,
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let Command::Import { file, pbx, dry_run } = arguments.command;
        let done = import(&opened, &file, &pbx, dry_run).await;
        opened.store.close().await;
        let report = done?;
        if json {
            say(serde_json::to_string(&report)?);
        } else {
            print(&report);
        }
        Ok(())
    })
}

async fn import(opened: &Opened, path: &Path, pbx: &str, dry_run: bool) -> Result<Report> {
    let pbxs = opened.store.pbxs().await?;
    let named = |one: &PbxConnection| one.name == pbx || one.id.0.to_string() == pbx;
    let found = pbxs.into_iter().find(|record| named(&record.shown));
    let Some(found) = found else {
        let message = format!("there is no PBX {}", visible(pbx));
        return Err(Told::error(Exit::NotFound, "pbx", message));
    };
    let bad = |error: anyhow::Error| Told::error(Exit::Invalid, "file", format!("{error:#}"));
    let file = open(path).map_err(bad)?;
    if dry_run {
        return hold(opened, found.shown.id, file, true).await;
    }
    let object = format!("pbx {}", found.shown.name);
    let facts = [Fact::told("file", path.display().to_string())];
    let act = opened
        .trail
        .begin(opened.who.clone(), "", Action::ImportQueueLog, &object, &facts)
        .await?;
    let done = hold(opened, found.shown.id, file, false).await;
    match &done {
        Ok(report) => {
            let counts = [
                Fact::told("added", report.added.to_string()),
                Fact::told("put right", report.put_right.to_string()),
                Fact::told("told otherwise", report.told_otherwise.to_string()),
            ];
            opened.trail.end(act, Outcome::Done, &counts).await;
        }
        Err(error) => {
            let why = Fact::told("why", format!("{error:#}"));
            opened.trail.end(act, Outcome::Failed, &[why]).await;
        }
    }
    done
}

/// Opens a log that can be read as it is.
fn open(path: &Path) -> Result<File> {
    let mut file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    ensure!(file.metadata()?.is_file(), "{} is no file", path.display());
    let mut head = Vec::new();
    (&mut file).take(GZIP.len() as u64).read_to_end(&mut head)?;
    ensure!(head != GZIP, "{} is packed: unpack it first", path.display());
    file.rewind()?;
    Ok(file)
}

/// Reads the log piece by piece, and holds its calls against what was kept.
async fn hold(opened: &Opened, pbx: PbxId, file: File, dry_run: bool) -> Result<Report> {
    let mut report = Report {
        dry_run,
        ..Report::default()
    };
    let mut reader = Reader::default();
    let mut agents = LogAgents::default();
    let settled = Timestamp(wall_ms().saturating_sub(SETTLED_MS));
    let (mut from, mut pace) = (file::Place::default(), Pace::begin());
    loop {
        let mut bytes = Vec::with_capacity(CHUNK);
        (&file).take(CHUNK as u64).read_to_end(&mut bytes)?;
        let (read, ended) = (bytes.len() as u64, bytes.is_empty());
        reader.take(Chunk {
            bytes,
            from: from.clone(),
            follows: true,
            at_end: ended,
        });
        from.position += read;
        loop {
            let ready = reader.ready(settled, BATCH);
            if ready.is_empty() {
                break;
            }
            let mut recording = opened.store.record().await?;
            for one in &ready {
                let verdict = recording.logged(pbx, &one.logged, &mut agents).await?;
                report.count(one, &verdict);
            }
            end(recording, dry_run).await?;
            pace.breathe().await;
        }
        if ended {
            break;
        }
    }
    if let Some(since) = reader.since() {
        let until = reader.told_until(reader.last().min(settled), &[]);
        let mut recording = opened.store.record().await?;
        recording
            .fill_agents(pbx, (since, until), reader.steps(), &mut agents)
            .await?;
        report.gaps_filled = recording.filled(pbx, since, until).await?;
        end(recording, dry_run).await?;
    }
    let counted = reader.counted();
    report.lines = counted.lines;
    report.damaged = counted.damaged;
    report.still_open += reader.waiting() as u64;
    report.calls += reader.waiting() as u64;
    Ok(report)
}

async fn end(recording: Recording, dry_run: bool) -> Result<()> {
    if dry_run {
        Ok(recording.undo().await?)
    } else {
        Ok(recording.commit().await?)
    }
}

impl Report {
    fn count(&mut self, one: &Ended, verdict: &Verdict) {
        self.calls += 1;
        let (counter, what) = match verdict {
            Verdict::Open => (&mut self.still_open, "still open"),
            Verdict::Added => (&mut self.added, "added"),
            Verdict::Healed => (&mut self.put_right, "put right"),
            Verdict::Same | Verdict::Known => {
                self.unchanged += 1;
                return;
            }
            Verdict::Differs(_) => (&mut self.told_otherwise, "told otherwise"),
            Verdict::OnlyThere => (&mut self.only_there, "not believed"),
        };
        *counter += 1;
        if self.named.len() >= MOST_NAMED {
            return;
        }
        let differences = match verdict {
            Verdict::Differs(all) => all.iter().map(|one| words(*one).to_owned()).collect(),
            Verdict::Open
            | Verdict::Added
            | Verdict::Healed
            | Verdict::OnlyThere
            | Verdict::Same
            | Verdict::Known => Vec::new(),
        };
        let visit = &one.logged.visit;
        self.named.push(Named {
            what,
            at_s: visit.joined.0 / 1_000,
            queue: visit.queue.clone(),
            call: visit.channel.clone(),
            differences,
        });
    }
}

fn words(difference: Difference) -> &'static str {
    match difference {
        Difference::Joined => "when they came",
        Difference::How => "how they left",
        Difference::Left => "when they left",
        Difference::Agent => "who took the call",
        Difference::End => "who ended the talk",
        Difference::Ended => "when the talk ended",
    }
}

fn print(report: &Report) {
    for one in &report.named {
        let why = one.differences.join(", ");
        let why = if why.is_empty() { why } else { format!(": {why}") };
        let (queue, call) = (visible(&one.queue), visible(&one.call));
        let when = moment::machine(one.at_s * 1_000);
        say(format!("{:<14} {when}  {queue}  {call}{why}", one.what));
    }
    let Report {
        dry_run,
        lines,
        damaged,
        calls,
        added,
        put_right,
        unchanged,
        told_otherwise,
        still_open,
        only_there,
        gaps_filled,
        ..
    } = report;
    say(format!(
        "{lines} lines read, {damaged} not understood; {calls} calls"
    ));
    say(format!(
        "added {added}, put right {put_right}, unchanged {unchanged}, told otherwise (and left as seen) {told_otherwise}, \
         only there though the PBX was seen (and left out) {only_there}, still open {still_open}, gaps filled {gaps_filled}"
    ));
    if *dry_run {
        say("Nothing was changed: leave out --dry-run to do it.");
    }
}
