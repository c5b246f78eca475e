//! `starboard recordings`: for how long recordings are kept, which are held, what is due, and its removal.

use anyhow::Result;
use app::{
    audit::{Action, Fact, Outcome},
    model::{
        PbxId,
        recording::{MAX_PURPOSE_CHARS, State},
    },
    words::{moment, visible},
};
use serde_json::{Value, json};

use super::{
    answer,
    place::{At, Exit, Opened, Told},
    runtime,
};
use crate::{
    clock::wall_ms,
    recordings::{Reaped, reap},
    store::{NewHold, RecordingRecord, StoreError, state_word},
};

/// Letters of the name of a queue.
const MAX_QUEUE: usize = 80;
/// Held calls that are listed.
const MOST_HOLDS: i64 = 10_000;
/// Recordings read at once.
const BATCH: i64 = 500;

/// `starboard recordings …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Keep recordings for so many days, or for ever: of a PBX, or of the calls of one of its queues. Without --days, say what is set.
    Keep {
        /// The PBX: its name, or its number.
        #[arg(long, value_name = "NAME", requires = "days")]
        pbx: Option<String>,
        /// Only the calls of this queue; they go by this and not by what is set for the PBX.
        #[arg(long, value_name = "NAME", requires = "pbx")]
        queue: Option<String>,
        /// So many days, or `forever`.
        #[arg(long, value_name = "DAYS", requires = "pbx")]
        days: Option<String>,
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
            Command::Keep { pbx, queue, days } => keep(&opened, pbx, queue, days).await,
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
type Answer = (Value, Vec<String>);

/// Does something with a row of the audit trail before it and one after it.
async fn act<T>(
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

async fn keep(
    opened: &Opened,
    pbx: Option<String>,
    queue: Option<String>,
    days: Option<String>,
) -> Result<Answer> {
    let pbxs = opened.store.pbxs().await?;
    let (Some(pbx), Some(days)) = (pbx, days) else {
        let name = |id: PbxId| {
            let found = pbxs.iter().find(|one| one.shown.id == id);
            found.map_or_else(|| format!("PBX {}", id.0), |one| one.shown.name.clone())
        };
        let policies = opened.store.recording_policies().await?;
        let told = policies
            .iter()
            .map(|one| json!({"pbx": name(one.pbx), "queue": one.queue, "days": one.days}));
        let mut lines: Vec<String> = policies
            .iter()
            .map(|one| match one.queue.as_str() {
                "" => format!("{}: {} days", visible(&name(one.pbx)), one.days),
                queue => format!(
                    "{}, queue {}: {} days",
                    visible(&name(one.pbx)),
                    visible(queue),
                    one.days
                ),
            })
            .collect();
        if lines.is_empty() {
            lines.push("Recordings are kept for ever.".into());
        }
        return Ok((told.collect(), lines));
    };
    let found = pbxs
        .iter()
        .find(|one| one.shown.name == pbx || one.shown.id.0.to_string() == pbx);
    let Some(found) = found else {
        let message = format!("there is no PBX {}", visible(&pbx));
        return Err(Told::error(Exit::NotFound, "pbx", message));
    };
    let wrong = |field, message: &str| Told::error(Exit::Invalid, field, message);
    let queue = queue.unwrap_or_default();
    if queue.chars().count() > MAX_QUEUE || queue.chars().any(char::is_control) {
        return Err(wrong("queue", "this is no name of a queue"));
    }
    let days = match days.as_str() {
        "forever" => None,
        text => match text.parse::<u32>() {
            Ok(days) if days > 0 => Some(days),
            _ => return Err(wrong("days", "days are a number from 1 on, or \"forever\"")),
        },
    };
    let words = days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"));
    let object = format!("recordings of pbx {}", found.shown.name);
    let mut facts = vec![Fact::told("kept", &words)];
    if !queue.is_empty() {
        facts.push(Fact::told("queue", &queue));
    }
    let setting = opened.store.set_recording_policy(found.shown.id, &queue, days);
    act(opened, Action::KeepRecordings, &object, &facts, setting, |()| {
        Vec::new()
    })
    .await?;
    let told = json!({"pbx": found.shown.name, "queue": queue, "days": days});
    Ok((told, vec![format!("Kept {words}.")]))
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

async fn clean_up(opened: &Opened, dry_run: bool) -> Result<Answer> {
    let now_ms = wall_ms();
    let (due, held) = opened.store.recordings_due(now_ms).await?;
    if dry_run {
        let told = json!({"dry_run": true, "would_remove": due - held, "held": held});
        let lines = [
            format!("would delete {} files, {held} held", due - held),
            "Nothing was changed: leave out --dry-run to do it.".to_owned(),
        ];
        return Ok((told, lines.into()));
    }
    let facts = [
        Fact::told("due", (due - held).to_string()),
        Fact::told("held", held.to_string()),
    ];
    let bucket = opened.bucket()?;
    let reaping = reap(&opened.store, bucket.as_ref(), now_ms);
    let reaped = act(
        opened,
        Action::RemoveRecordings,
        "recordings",
        &facts,
        reaping,
        |reaped| {
            let counts = [
                ("removed", reaped.removed),
                ("other files", reaped.spared),
                ("left", reaped.left),
            ];
            let told = counts.into_iter().filter(|(_, count)| *count > 0);
            told.map(|(name, count)| Fact::told(name, count.to_string()))
                .collect()
        },
    );
    let Reaped {
        removed,
        spared,
        left,
        why,
    } = reaped.await?;
    let told = json!({"dry_run": false, "removed": removed, "held": held, "other_files": spared, "left": left, "why": why});
    let mut lines = vec![format!("deleted {removed} files, {held} held")];
    if spared > 0 {
        lines.push(format!("{spared} left: another file lies in their place"));
    }
    if let Some(why) = why {
        lines.push(format!(
            "{left} could not be deleted and are tried again the next time: {}",
            visible(&why)
        ));
    }
    Ok((told, lines))
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
