//! `starboard reports`: calls that are over, added up and written to a file, for whoever runs the installation.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use app::{
    AppError,
    audit::{Action, Fact},
    model::{
        mailing::Every,
        report::{By, Measure, Report, ReportQuery, Than},
    },
    pages::history::asked::Asked,
    words::{moment, visible},
};
use clap::ValueEnum;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    place::{At, Exit, Opened, Told},
    runtime, say,
};
use crate::{
    clock::wall_ms,
    export::{
        Format,
        report::{Written, rows},
    },
    report::{
        self, Names,
        times::{about, days},
        zone,
    },
    store::Seen,
};

/// `starboard reports …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add calls up and write them to a file.
    Generate(Generate),
}

/// `starboard reports generate …`.
#[derive(Debug, clap::Args)]
pub(super) struct Generate {
    /// What each row is.
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// About the last whole day, week or month.
    #[arg(long, value_name = "TIME", default_value = "month", conflicts_with_all = ["from", "to"])]
    last: Last,
    /// The first day, as 2026-11-01.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "to")]
    from: Option<u64>,
    /// The last day.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "from")]
    to: Option<u64>,
    /// The zone in which days begin, as Europe/Berlin.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Only these calls, in the words of the field on the page, as `queue:sales missed`.
    #[arg(long, value_name = "WORDS", default_value = "")]
    find: String,
    /// What is drawn of each row; the table has all.
    #[arg(long, value_name = "MEASURE", default_value = "calls")]
    measure: Drawn,
    /// What calls are held against: as long a time before, or the same hours a day, a week, a year before.
    #[arg(long, value_name = "TIME", default_value = "before")]
    than: Against,
    /// What kind of file.
    #[arg(long, value_name = "FORMAT", default_value = "pdf")]
    format: Kinds,
    /// The file; `-` for standard output. One that is there is replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    #[value(alias = "day")]
    Daily,
    #[value(alias = "hour")]
    Hourly,
    Queue,
    Agent,
    Trunk,
    Way,
    Pbx,
    Disposition,
}

impl Kind {
    fn by(self) -> By {
        match self {
            Kind::Daily => By::Day,
            Kind::Hourly => By::Hour,
            Kind::Queue => By::Queue,
            Kind::Agent => By::Agent,
            Kind::Trunk => By::Trunk,
            Kind::Way => By::Way,
            Kind::Pbx => By::Pbx,
            Kind::Disposition => By::Disposition,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Drawn {
    Calls,
    Answered,
    Unanswered,
    Average,
    Talked,
    Delay,
    Voice,
}

impl Drawn {
    fn measure(self) -> Measure {
        match self {
            Drawn::Calls => Measure::Calls,
            Drawn::Answered => Measure::Answered,
            Drawn::Unanswered => Measure::Unanswered,
            Drawn::Average => Measure::Average,
            Drawn::Talked => Measure::Talked,
            Drawn::Delay => Measure::Delay,
            Drawn::Voice => Measure::Voice,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Against {
    Before,
    Day,
    Week,
    Year,
}

impl Against {
    fn than(self) -> Than {
        match self {
            Against::Before => Than::Before,
            Against::Day => Than::Day,
            Against::Week => Than::Week,
            Against::Year => Than::Year,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Last {
    Day,
    Week,
    Month,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kinds {
    Pdf,
    Xlsx,
    Csv,
}

fn date(text: &str) -> Result<u64, String> {
    moment::read_date(text).ok_or_else(|| "a day is written as 2026-11-26".to_owned())
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let Command::Generate(wanted) = arguments.command;
        let done = generate(&opened, json, wanted).await;
        opened.store.close().await;
        done
    })
}

fn invalid(field: &'static str, why: impl std::fmt::Display) -> anyhow::Error {
    Told::error(Exit::Invalid, field, format!("{field}: {why}"))
}

/// What a page would say of it.
fn told(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(problems) => {
            let all = problems
                .iter()
                .map(|one| format!("{}: {}", one.field, one.problem));
            Told::error(Exit::Invalid, "report", all.collect::<Vec<_>>().join(" "))
        }
        other => other.into(),
    }
}

/// From when, and to before when.
fn time(wanted: &Generate, zone: &TimeZone) -> Option<(u64, u64)> {
    if let Some(ends) = wanted.from.zip(wanted.to) {
        return days(ends, zone);
    }
    let every = match wanted.last {
        Last::Day => Every::Day,
        Last::Week => Every::Week,
        Last::Month => Every::Month,
    };
    about(wall_ms(), every, zone)
}

async fn generate(opened: &Opened, json: bool, wanted: Generate) -> Result<()> {
    let by = wanted.kind.by();
    let zone = zone(&wanted.zone).map_err(told)?;
    let time = time(&wanted, &zone).ok_or_else(|| invalid("from", "no calendar has these days"))?;
    let asked = Asked {
        text: wanted.find.trim().to_owned(),
        by: Some(by),
        measure: wanted.measure.measure(),
        than: wanted.than.than(),
        ..Asked::default()
    };
    let typed = asked.typed(0);
    if let Some(word) = typed.unknown.first() {
        return Err(invalid("find", format!("{} is not understood", visible(word))));
    }
    let search = asked.between(Some(time));
    if !search.user.is_empty() || !search.team.is_empty() || typed.days.is_some() {
        return Err(invalid(
            "find",
            "people, teams and days are chosen on the page; days here with --last, or --from and --to",
        ));
    }
    let query = ReportQuery {
        search,
        by,
        measure: wanted.measure.measure(),
        than: wanted.than.than(),
        zone: wanted.zone.clone(),
    };
    let format = match wanted.format {
        Kinds::Pdf => Format::Pdf,
        Kinds::Xlsx => Format::Xlsx,
        Kinds::Csv => Format::Csv,
    };
    let written = Written {
        by,
        measure: query.measure,
        than: query.than,
        format,
        only: asked.only(),
        time,
        zone,
        now_ms: wall_ms(),
    };
    let facts = [
        Fact::told("filter", asked.words()),
        Fact::told("format", if json { "json" } else { format.ending() }),
    ];
    let add_up = async {
        let names = Names::kept(&opened.store).await.map_err(told)?;
        let report = report::of(&opened.store, &Seen::Everything, &names, &query)
            .await
            .map_err(told)?;
        if json && wanted.out.is_none() {
            say(as_json(&report, &written));
            return Ok(());
        }
        let file = tokio::task::block_in_place(|| written.file(&report))?;
        let path = wanted.out.clone().unwrap_or_else(|| written.name().into());
        if path.as_os_str() == "-" {
            return Ok(std::io::stdout().lock().write_all(&file)?);
        }
        put(&path, &file).with_context(|| format!("{} cannot be written", path.display()))?;
        if json {
            say(as_json(&report, &written));
        } else {
            say(format_args!(
                "{}: {} calls, {} bytes",
                path.display(),
                report.whole.calls(),
                file.len()
            ));
        }
        Ok(())
    };
    opened
        .audited(Action::ExportReport, &by.title(), &facts, add_up)
        .await
}

/// A file is there as a whole, or as it was.
fn put(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    std::fs::write(&new, bytes)?;
    std::fs::rename(&new, path)
}

fn as_json(report: &Report, written: &Written) -> Value {
    let row = |row: &app::model::report::ReportRow| {
        let totals = &row.totals;
        json!({
            "what": row.name,
            "calls": totals.calls(),
            "answered": totals.answered,
            "missed": totals.missed,
            "busy": totals.busy,
            "failed": totals.failed,
            "gave_up": totals.abandoned,
            "interrupted": totals.interrupted,
            "voicemail": totals.voicemail,
            "service": totals.service,
            "talked_ms": totals.talk_ms,
            "pdd_ms": totals.pdd_ms.value(),
            "mes": totals.mes.value().map(|tenths| tenths / 10.0),
        })
    };
    json!({
        "title": written.by.title(),
        "from_ms": written.time.0,
        "to_ms": written.time.1,
        "zone": written.zone.iana_name(),
        "rows": rows(report).iter().map(row).collect::<Vec<Value>>(),
        "more_than_is_added_up": report.cut,
    })
}

#[cfg(test)]
mod tests {
    use app::pages::history::asked::BY;

    use super::*;

    #[test]
    fn every_kind_of_report_of_the_page_is_a_kind_here() {
        let kinds: Vec<By> = Kind::value_variants().iter().map(|kind| kind.by()).collect();
        assert_eq!(kinds, BY.map(|(_, _, by)| by));
    }
}
