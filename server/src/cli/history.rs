//! `starboard history`: calls that are over, derived anew from what they were made of; and their copy.

mod copy;

use anyhow::Result;
use app::{
    audit::Action,
    words::{moment, visible},
};
use serde_json::{Value, json};
use telephony::Timestamp;

use super::{
    answer,
    cdr::{pbxs, utc},
    place::{At, Opened},
    runtime,
};
use crate::{
    rebuild::{Asked, rebuild, recount},
    store::{Anew, IN_A_MS, RebuildTally, Recounted},
};

/// `starboard history …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Derive calls that Asterisk's own records tell, or put right, anew from the records as they are kept. Given again after it
    /// was stopped, it goes on.
    Rebuild(Given),
    /// The copy of calls in PostgreSQL, a month at a time.
    #[command(subcommand)]
    Copy(copy::Command),
}

/// `starboard history rebuild …`.
#[derive(Debug, clap::Args)]
pub(super) struct Given {
    /// The PBX: its name, or its number.
    #[arg(long, value_name = "NAME")]
    pbx: String,
    /// Begun not before, in UTC, as 2026-11-26T07:00.
    #[arg(long, value_parser = utc)]
    from: Option<u64>,
    /// Begun before, in UTC.
    #[arg(long, value_parser = utc)]
    to: Option<u64>,
    /// Add up hours and days anew from the calls instead, and say where that differed.
    #[arg(long)]
    totals: bool,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// What a command answers: for programs, and for people.
type Answer = (Value, Vec<String>);

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let as_json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = match arguments.command {
            Command::Rebuild(given) => again(&opened, given).await,
            Command::Copy(command) => copy::run(&opened, command).await,
        };
        opened.store.close().await;
        answer(as_json, done?);
        Ok(())
    })
}

async fn again(opened: &Opened, given: Given) -> Result<Answer> {
    let pbx = pbxs(opened, Some(&given.pbx)).await?.remove(0);
    let asked = Asked {
        pbx: pbx.id,
        name: pbx.name,
        time: (
            Timestamp(given.from.unwrap_or_default()),
            Timestamp(given.to.unwrap_or(i64::MAX.unsigned_abs())),
        ),
    };
    let (mut told, mut lines) = match given.totals {
        true => totals(opened, &asked, given.dry_run).await?,
        false => calls(opened, &asked, given.dry_run).await?,
    };
    told["pbx"] = json!(asked.name);
    told["dry_run"] = json!(given.dry_run);
    if given.dry_run {
        lines.push("Nothing was changed: leave out --dry-run to do it.".to_owned());
    }
    Ok((told, lines))
}

async fn calls(opened: &Opened, asked: &Asked, dry_run: bool) -> Result<Answer> {
    let (done, told) = rebuild(&opened.store, &opened.trail, &opened.who, asked, dry_run).await?;
    let RebuildTally {
        looked_at,
        told: by_records,
        put_right,
        newly_put_right,
        taken_back,
        same,
        other_beginning,
        without_records,
        erased,
    } = done.tally;
    let mut lines: Vec<String> = told.iter().flat_map(lines_of).collect();
    lines.push(format!(
        "{}: {looked_at} calls that were not seen as a whole; changed: told by records {by_records}, put right {put_right}, newly \
         put right {newly_put_right}, taken back {taken_back}; as they were {same}; left alone: with another beginning \
         {other_beginning}, without records {without_records}, erased {erased}",
        visible(&asked.name)
    ));
    let mut json = serde_json::to_value(done.tally)?;
    json["changed"] = json!(done.tally.changed());
    json["differences"] = serde_json::to_value(&told)?;
    Ok((json, lines))
}

/// What of a call is told otherwise, a line each.
fn lines_of(anew: &Anew) -> Vec<String> {
    let began = u64::try_from(anew.call / IN_A_MS).unwrap_or_default();
    let line = |one: &crate::store::Difference| {
        format!(
            "call {} of {}: {} was {:?}, is {:?}",
            anew.call,
            moment::machine(began),
            one.field,
            visible(&one.was),
            visible(&one.is)
        )
    };
    anew.differences.iter().map(line).collect()
}

async fn totals(opened: &Opened, asked: &Asked, dry_run: bool) -> Result<Answer> {
    let counting = async { Ok(recount(&opened.store, asked, dry_run).await?) };
    let counted = if dry_run {
        counting.await?
    } else {
        let object = format!("sums of pbx {}", asked.name);
        opened
            .audited(Action::RebuildHistory, &object, &[], counting)
            .await?
    };
    let Recounted {
        looked_at,
        hours,
        days,
        kinds,
    } = counted;
    let line = format!(
        "{}: {looked_at} days looked at; differed: hours {hours}, days {days}, counts of what calls have in common {kinds}",
        visible(&asked.name)
    );
    Ok((serde_json::to_value(counted)?, vec![line]))
}
