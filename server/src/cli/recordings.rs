//! `starboard recordings`: for how long recordings are kept, which are held, what is due, and its removal.

use anyhow::Result;
use app::{
    audit::{Action, Fact, Outcome},
    model::recording::{MAX_PURPOSE_CHARS, State},
    words::{moment, visible},
};
use serde_json::{Value, json};

use super::{
    answer,
    keeping::{Wanted, clean_up, keep, nightly},
    place::{At, Exit, Opened, Told},
    runtime,
};
use crate::{
    clock::wall_ms,
    store::{NewHold, RecordingRecord, StoreError, state_word},
};

/// Held calls that are listed.
const MOST_HOLDS: i64 = 10_000;
/// Recordings read at once.
const BATCH: i64 = 500;

/// `starboard recordings …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Keep recordings for so many days, or for ever: of a PBX, of the calls of one of its queues, or of a team. Without --days, say what is set.
    Keep {
        /// The PBX: its name, or its number.
        #[arg(long, value_name = "NAME", requires = "days")]
        pbx: Option<String>,
        /// Only the calls of this queue; they go by this and not by what is set for the PBX.
        #[arg(long, value_name = "NAME", requires = "pbx")]
        queue: Option<String>,
        /// Calls that somebody of this team was on, whichever PBX.
        #[arg(long, value_name = "NAME", requires = "days", conflicts_with_all = ["pbx", "queue"])]
        team: Option<String>,
        /// So many days, or `forever`.
        #[arg(long, value_name = "DAYS")]
        days: Option<String>,
    },
    /// Have the server remove what is due every day at this time, or never. Without either, say what is set.
    Nightly {
        /// The time, as 03:00.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// The zone in which it is, as Europe/Berlin.
        #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "at")]
        zone: String,
        /// No more.
        #[arg(long, conflicts_with = "at")]
        never: bool,
    },
    /// Keep a recording, or all of a call, whatever is set.
    Hold {
        /// The recording: its name in its address.
        #[arg(long, value_name = "KEY", conflicts_with = "call")]
        recording: Option<String>,
        /// The call: the number in its address.
        #[arg(long, value_name = "NUMBER", required_unless_present = "recording")]
        call: Option<i64>,
        /// Why, for whoever sees the call.
        #[arg(long, value_name = "TEXT", default_value = "", requires = "call")]
        reason: String,
        /// Let it go again.
        #[arg(long)]
        release: bool,
    },
    /// Calls whose recordings are held: since when, because of whom, and why.
    Held,
    /// Remove recordings that were kept for as long as is set.
    Cleanup {
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
    },
    /// Recordings that are of no call, or that cannot be heard, and why.
    Troubled,
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let as_json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = match arguments.command {
            Command::Keep {
                pbx,
                queue,
                team,
                days,
            } => {
                let wanted = Wanted {
                    pbx,
                    queue,
                    team,
                    days,
                };
                keep(&opened, wanted).await
            }
            Command::Nightly { at, zone, never } => nightly(&opened, at, zone, never).await,
            Command::Hold {
                recording,
                call,
                reason,
                release,
            } => hold(&opened, recording, call, (!release, reason.trim())).await,
            Command::Held => held(&opened).await,
            Command::Cleanup { dry_run } => clean_up(&opened, dry_run).await,
            Command::Troubled => troubled(&opened).await,
        };
        opened.store.close().await;
        answer(as_json, done?);
        Ok(())
    })
}

/// What a command answers: for programs, and for people.
pub(super) type Answer = (Value, Vec<String>);

/// Does something with a row of the audit trail before it and one after it.
pub(super) async fn act<T>(
    opened: &Opened,
    action: Action,
    object: &str,
    facts: &[Fact],
    work: impl Future<Output = std::result::Result<T, StoreError>>,
    told: impl FnOnce(&T) -> Vec<Fact>,
) -> Result<T> {
    let act = opened
        .trail
        .begin(opened.who.clone(), "", action, object, facts)
        .await?;
    let done = work.await;
    match &done {
        Ok(done) => opened.trail.end(act, Outcome::Done, &told(done)).await,
        Err(error) => {
            let why = Fact::told("why", error.to_string());
            opened.trail.end(act, Outcome::Failed, &[why]).await;
        }
    }
    Ok(done?)
}

async fn held(opened: &Opened) -> Result<Answer> {
    let holds = opened.store.holds(MOST_HOLDS).await?;
    let told = holds
        .iter()
        .map(|(call, hold)| json!({"call": call, "since_ms": hold.since_ms, "by": hold.by, "why": hold.why}));
    let mut lines: Vec<String> = holds
        .iter()
        .map(|(call, hold)| {
            let since = moment::machine(hold.since_ms);
            format!(
                "call {call}  {since}  {}  {}",
                visible(&hold.by),
                visible(&hold.why)
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push("No call's recordings are held.".into());
    }
    Ok((told.collect(), lines))
}

async fn hold(
    opened: &Opened,
    recording: Option<String>,
    call: Option<i64>,
    (held, why): (bool, &str),
) -> Result<Answer> {
    if why.chars().count() > MAX_PURPOSE_CHARS {
        let message = format!("say why in at most {MAX_PURPOSE_CHARS} letters");
        return Err(Told::error(Exit::Invalid, "reason", message));
    }
    let object = match (&recording, call) {
        (Some(key), _) => format!("recording {key}"),
        (None, call) => format!("recordings of call {}", call.unwrap_or_default()),
    };
    let mut facts = vec![Fact::told("held", if held { "yes" } else { "no" })];
    if !why.is_empty() {
        facts.push(Fact::told("why", why));
    }
    let hold = NewHold {
        by: &opened.who.name,
        why,
        at_ms: wall_ms(),
    };
    let call_id = call.unwrap_or_default();
    let holding = async {
        match (&recording, call) {
            (Some(key), _) => opened.store.hold_recording(key, held).await,
            (None, _) if held => opened.store.hold_call(call_id, hold).await,
            (None, _) => opened.store.release_call(call_id).await,
        }
    };
    let found = act(
        opened,
        Action::HoldRecordings,
        &object,
        &facts,
        holding,
        |found| {
            let none = (!found).then(|| Fact::told("why", "there is none"));
            none.into_iter().collect()
        },
    );
    if !found.await? {
        let message = format!("there is no {}", visible(&object));
        return Err(Told::error(Exit::NotFound, "recording", message));
    }
    let words = if held { "held" } else { "let go" };
    Ok((
        json!({"held": held}),
        vec![format!("{}: {words}.", visible(&object))],
    ))
}

async fn troubled(opened: &Opened) -> Result<Answer> {
    let mut told = Vec::new();
    let mut lines = Vec::new();
    let mut after = 0;
    loop {
        let some = opened.store.troubled_recordings(after, BATCH).await?;
        let Some(last) = some.last() else { break };
        after = last.id;
        for one in &some {
            let place = format!("{}/{}", one.folder, one.is.seen.file);
            let place = place.trim_start_matches('/');
            told.push(json!({
                "recording": one.key, "pbx": one.pbx.0, "place": place, "state": state_word(one.is.state),
                "why": one.is.why, "call": one.call,
            }));
            lines.push(format!(
                "{:<8} {}  {}  {}",
                state_word(one.is.state),
                one.key,
                visible(place),
                why(one)
            ));
        }
    }
    if lines.is_empty() {
        lines.push("Every recording is of a call and can be heard.".into());
    }
    Ok((told.into(), lines))
}

fn why(one: &RecordingRecord) -> String {
    let loose = one.call.is_none().then_some("No call is known that it is of.");
    let said = match one.is.state {
        State::Ready | State::Foreign => "",
        _ if !one.is.why.is_empty() => &one.is.why,
        state => state.says(),
    };
    let words = [said, loose.unwrap_or_default()];
    words
        .into_iter()
        .filter(|one| !one.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
