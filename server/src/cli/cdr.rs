//! `starboard cdr`: Asterisk's own call records, read from where it keeps them and held against the calls that were seen.

mod told;

use std::{
    io::{BufRead, IsTerminal, Read},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use app::{
    audit::{Action, Fact},
    model::{PbxConnection, PbxId},
    words::{moment, visible},
};
use secrecy::SecretString;
use telephony::cdr::When;

use super::{
    place::{At, Exit, Opened, Told},
    runtime,
};
use crate::{
    cdr::{
        check,
        place::{is_table, read},
        sync::{Reading, Report, reader, since},
        zone::Clocks,
    },
    clock::wall_ms,
    store::{CDR_PASSWORD_COLUMN, CdrSource, Kind},
};

/// The longest line that is read as a password, in bytes.
const MAX_LINE_BYTES: u64 = 4 << 10;
/// How often the server may read a source, in seconds.
const EVERY_S: std::ops::RangeInclusive<u32> = 10..=86_400;
/// For how long it is waited for whoever reads a source,
const PATIENCE: Duration = Duration::from_secs(60);
/// asking so often.
const ASK: Duration = Duration::from_millis(200);

/// `starboard cdr …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say where Asterisk keeps its records: a Master.csv, a file of SQLite's, or a database of MariaDB's, MySQL's or PostgreSQL's.
    Source(Source),
    /// List where records come from, and how far they were read.
    Sources,
    /// Read what is new, and what came late.
    Sync {
        /// Only those of this PBX: its name, or its number.
        #[arg(long, value_name = "NAME")]
        pbx: Option<String>,
        /// Read anew from here on, by the PBX's clocks, as 2026-11-01 or 2026-11-01T07:00.
        #[arg(long, value_name = "TIME", value_parser = time)]
        since: Option<When>,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Hold records and calls against each other, and enter calls that nobody saw.
    Check {
        /// Only those of this PBX: its name, or its number.
        #[arg(long, value_name = "NAME")]
        pbx: Option<String>,
        /// Begun not before, in UTC, as 2026-11-26T07:00.
        #[arg(long, value_parser = utc)]
        from: Option<u64>,
        /// Begun before, in UTC.
        #[arg(long, value_parser = utc)]
        to: Option<u64>,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `starboard cdr source …`.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// A whole path, mysql://user@host/database or postgres://user@host/database.
    #[arg(value_name = "PLACE", required_unless_present = "forget")]
    place: Option<String>,
    /// The PBX that writes them: its name, or its number.
    #[arg(long, value_name = "NAME")]
    pbx: String,
    /// The zone of the PBX's clocks, as Europe/Berlin; UTC where it writes its times so.
    #[arg(long, value_name = "ZONE", required_unless_present = "forget")]
    zone: Option<String>,
    /// The table, where it is a database.
    #[arg(long, value_name = "NAME", default_value = "cdr")]
    table: String,
    /// Read the database's password from standard input, one line, instead of from the terminal.
    #[arg(long)]
    password_stdin: bool,
    /// The database asks for no password.
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    /// How often the server reads it: `30s`, `5m`, `2h`, or `never`; what is new at first after so long.
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = every)]
    every: u32,
    /// Read the records of this PBX no more. Those that were read stay.
    #[arg(long, conflicts_with = "place")]
    forget: bool,
}

fn time(text: &str) -> Result<When, String> {
    since(text).map_err(|error| error.to_string())
}

/// Seconds of a time like `5m`; 0 for never.
fn every(text: &str) -> Result<u32, String> {
    let wrong = || "write it as 30s, 5m or 2h, from 10 seconds to a day, or never".to_owned();
    if text == "never" {
        return Ok(0);
    }
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let unit_s = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    let seconds = number
        .parse::<u32>()
        .ok()
        .and_then(|number| number.checked_mul(unit_s));
    seconds
        .filter(|seconds| EVERY_S.contains(seconds))
        .ok_or_else(wrong)
}

pub(super) fn utc(text: &str) -> Result<u64, String> {
    moment::read_utc(text).ok_or_else(|| "a time is written as 2026-11-26T07:00, in UTC".to_owned())
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = match arguments.command {
            Command::Source(source) => set(&opened, json, source).await,
            Command::Sources => sources(&opened, json).await,
            Command::Sync { pbx, since, dry_run } => {
                let wanted = Wanted { json, since, dry_run };
                sync(&opened, pbx.as_deref(), wanted).await
            }
            Command::Check {
                pbx,
                from,
                to,
                dry_run,
            } => hold(&opened, json, pbx.as_deref(), (from, to), dry_run).await,
        };
        opened.store.close().await;
        done
    })
}

fn invalid(field: &'static str, why: impl std::fmt::Display) -> anyhow::Error {
    Told::error(Exit::Invalid, field, format!("{field}: {why:#}"))
}

/// The PBXs that are meant.
pub(super) async fn pbxs(opened: &Opened, named: Option<&str>) -> Result<Vec<PbxConnection>> {
    let all = opened.store.pbxs().await?.into_iter().map(|record| record.shown);
    let Some(name) = named else {
        return Ok(all.collect());
    };
    let one = all
        .filter(|pbx| pbx.name == name || pbx.id.0.to_string() == name)
        .take(1);
    let one: Vec<PbxConnection> = one.collect();
    if one.is_empty() {
        let message = format!("there is no PBX {}", visible(name));
        return Err(Told::error(Exit::NotFound, "pbx", message));
    }
    Ok(one)
}

async fn set(opened: &Opened, json: bool, given: Source) -> Result<()> {
    let pbx = pbxs(opened, Some(&given.pbx)).await?.remove(0);
    let object = format!("pbx {}", pbx.name);
    let (Some(place), Some(zone)) = (&given.place, &given.zone) else {
        let forgetting = opened.store.forget_cdr_source(pbx.id);
        opened
            .audited(Action::SetRecordSource, &object, &[], async {
                Ok(forgetting.await?)
            })
            .await?;
        return told::done(json, "records are read no more; those that were read stay");
    };
    let (kind, place) = read(place).map_err(|error| invalid("place", error))?;
    if Clocks::of(zone).is_none() {
        let why = format!(
            "there is no time zone {}; write it as Europe/Berlin",
            visible(zone)
        );
        return Err(invalid("zone", why));
    }
    if !is_table(&given.table) {
        return Err(invalid(
            "table",
            "a table's name has letters, digits, _, -, $ and one dot",
        ));
    }
    let remote = matches!(kind, Kind::MySql | Kind::Postgres);
    let password = (remote && !given.no_password)
        .then(|| password(given.password_stdin))
        .transpose()?;
    let source = CdrSource {
        pbx: pbx.id,
        kind,
        place,
        relation: given.table,
        zone: zone.clone(),
        password_sealed: None,
        cursor: None,
        read_ms: None,
        every_s: given.every,
        next_ms: wall_ms() + u64::from(given.every) * 1_000,
        trouble: String::new(),
        damaged: 0,
    };
    // what cannot be read is not kept
    let table = crate::cdr::place::open(&source, password.as_ref()).await;
    if let Some(table) = table.map_err(|error| invalid("place", error))? {
        table.close().await;
    }
    let facts = [
        Fact::told("place", source.place.clone()),
        Fact::told("zone", source.zone.clone()),
    ];
    let seal = || {
        let sealed = password
            .as_ref()
            .map(|password| opened.seal.seal(CDR_PASSWORD_COLUMN, pbx.id.0, password));
        sealed.transpose()
    };
    let setting = async { Ok(opened.store.set_cdr_source(&source, seal).await?) };
    opened
        .audited(Action::SetRecordSource, &object, &facts, setting)
        .await?;
    let by = match given.every {
        0 => "kept; starboard cdr sync reads it",
        _ => "kept; the server reads it, and starboard cdr sync does so now",
    };
    told::done(json, by)
}

/// Never from an argument, which everybody on the machine can read.
fn password(from_input: bool) -> Result<SecretString> {
    if !from_input && std::io::stdin().is_terminal() {
        let typed = rpassword::prompt_password("Password of the database: ");
        return Ok(SecretString::from(
            typed.context("the password cannot be read from the terminal")?,
        ));
    }
    if !from_input {
        return Err(invalid(
            "password",
            "there is no terminal to type it; use --password-stdin or --no-password",
        ));
    }
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(MAX_LINE_BYTES);
    input
        .read_line(&mut line)
        .context("the password cannot be read from standard input")?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn sources(opened: &Opened, json: bool) -> Result<()> {
    let names = pbxs(opened, None).await?;
    let name = |id: PbxId| {
        names
            .iter()
            .find(|pbx| pbx.id == id)
            .map_or("", |pbx| pbx.name.as_str())
    };
    let mut listed = Vec::new();
    for source in opened.store.cdr_sources().await? {
        let rows = opened.store.count_records(source.pbx).await?;
        listed.push(told::Listed::of(name(source.pbx), &source, rows));
    }
    told::list(json, &listed)
}

/// How records are to be read.
#[derive(Clone, Copy)]
struct Wanted {
    json: bool,
    since: Option<When>,
    dry_run: bool,
}

async fn sync(opened: &Opened, named: Option<&str>, wanted: Wanted) -> Result<()> {
    let meant = pbxs(opened, named).await?;
    let sources = opened.store.cdr_sources().await?;
    let mut some = false;
    let mut failed = None;
    for pbx in &meant {
        let Some(source) = sources.iter().find(|source| source.pbx == pbx.id) else {
            continue;
        };
        some = true;
        match sync_one(opened, &pbx.name, source, wanted).await {
            Ok(report) => told::read(wanted.json, &pbx.name, wanted.dry_run, &report)?,
            Err(error) => {
                // those of other PBXs can be read all the same
                failed = Some(invalid("source", format!("{}: {error:#}", visible(&pbx.name))));
                if let Some(error) = failed.as_ref().filter(|_| !wanted.json) {
                    told::progress(&error.to_string());
                }
            }
        }
    }
    if !some {
        let message = "nobody has said where records are: starboard cdr source";
        return Err(Told::error(Exit::NotFound, "source", message));
    }
    failed.map_or(Ok(()), Err)
}

async fn sync_one(opened: &Opened, name: &str, source: &CdrSource, wanted: Wanted) -> Result<Report> {
    let unseal = |sealed: &Vec<u8>| opened.seal.unseal(CDR_PASSWORD_COLUMN, source.pbx.0, sealed);
    let password = source.password_sealed.as_ref().map(unseal).transpose()?;
    let by = reader("command");
    let progress = |report: &Report| {
        if !wanted.json && std::io::stderr().is_terminal() {
            told::progress(&format!("{name}: {} rows read", report.read));
        }
    };
    let reading = Reading {
        store: &opened.store,
        source,
        password: password.as_ref(),
        since: wanted.since,
        dry_run: wanted.dry_run,
        by: &by,
        progress: &progress,
        lost: None,
    };
    if wanted.dry_run {
        return reading.run().await;
    }
    let until = Instant::now() + PATIENCE;
    while !opened.store.take_cdr_source(source.pbx, &by, wall_ms()).await? {
        ensure!(Instant::now() < until, "it is being read by somebody else");
        tokio::time::sleep(ASK).await;
    }
    // whoever had it went on reading
    let sources = opened.store.cdr_sources().await?;
    let source = sources.iter().find(|one| one.pbx == source.pbx);
    let reading = Reading {
        source: source.context("it is not there any more")?,
        ..reading
    };
    let object = format!("pbx {name}");
    let read = opened
        .audited(Action::ReadRecords, &object, &[], reading.run())
        .await;
    let trouble = read.as_ref().err().map(|error| error.root_cause().to_string());
    let next_ms = wall_ms() + u64::from(reading.source.every_s) * 1_000;
    opened
        .store
        .leave_cdr_source(reading.source.pbx, &by, trouble.as_deref(), next_ms)
        .await?;
    read
}

async fn hold(
    opened: &Opened,
    json: bool,
    named: Option<&str>,
    time: (Option<u64>, Option<u64>),
    dry_run: bool,
) -> Result<()> {
    for pbx in pbxs(opened, named).await? {
        let checking = check::check(&opened.store, pbx.id, time, dry_run);
        let tally = if dry_run {
            checking.await?
        } else {
            let object = format!("pbx {}", pbx.name);
            opened
                .audited(Action::CheckRecords, &object, &[], checking)
                .await?
        };
        told::checked(json, &pbx.name, dry_run, tally)?;
    }
    Ok(())
}
