//! The part of `starboard recordings` that says for how long they are kept, and removes what is due.

use anyhow::{Result, bail};
use app::{
    audit::{Action, Fact},
    model::keeping::{MAX_DAYS, Nightly, Whose, size},
    words::{moment, visible},
};
use serde_json::json;

use super::{
    place::{Exit, Opened, Told},
    recordings::{Answer, act},
};
use crate::{
    backend::minute,
    clock::wall_ms,
    keeping::{Begun, begin_now, go_on, next_night},
    report::zone,
};

/// Letters of the name of a queue.
const MAX_QUEUE: usize = 80;

/// Whose recordings, and for how long.
pub(super) struct Wanted {
    pub(super) pbx: Option<String>,
    pub(super) queue: Option<String>,
    pub(super) team: Option<String>,
    pub(super) days: Option<String>,
}

fn wrong(field: &'static str, message: &str) -> anyhow::Error {
    Told::error(Exit::Invalid, field, message)
}

pub(super) async fn keep(opened: &Opened, wanted: Wanted) -> Result<Answer> {
    let Wanted {
        pbx,
        queue,
        team,
        days,
    } = wanted;
    let pbxs = opened.store.pbxs().await?;
    let teams = opened.store.teams().await?;
    let Some(days) = days else {
        let name = |whose: &Whose| match whose {
            Whose::Pbx(id) | Whose::Queue(id, _) => {
                let found = pbxs.iter().find(|one| one.shown.id == *id);
                found.map_or_else(|| format!("PBX {}", id.0), |one| one.shown.name.clone())
            }
            Whose::Team(id) => {
                let found = teams.iter().find(|one| one.id == *id);
                format!("team {}", found.map_or("", |one| one.name.as_str()))
            }
        };
        let policies = opened.store.recording_policies().await?;
        let told = policies.iter().map(|one| {
            let queue = match &one.whose {
                Whose::Queue(_, queue) => queue.as_str(),
                Whose::Pbx(_) | Whose::Team(_) => "",
            };
            match &one.whose {
                Whose::Team(_) => json!({"team": name(&one.whose), "days": one.days}),
                _ => json!({"pbx": name(&one.whose), "queue": queue, "days": one.days}),
            }
        });
        let mut lines: Vec<String> = policies
            .iter()
            .map(|one| match &one.whose {
                Whose::Queue(_, queue) => format!(
                    "{}, queue {}: {} days",
                    visible(&name(&one.whose)),
                    visible(queue),
                    one.days
                ),
                whose => format!("{}: {} days", visible(&name(whose)), one.days),
            })
            .collect();
        if lines.is_empty() {
            lines.push("Recordings are kept for ever.".into());
        }
        return Ok((told.collect(), lines));
    };
    let missing = |field, what: &str, name: &str| {
        Told::error(
            Exit::NotFound,
            field,
            format!("there is no {what} {}", visible(name)),
        )
    };
    let (whose, name) = match (pbx, team) {
        (Some(pbx), None) => {
            let found = pbxs
                .iter()
                .find(|one| one.shown.name == pbx || one.shown.id.0.to_string() == pbx);
            let found = found.ok_or_else(|| missing("pbx", "PBX", &pbx))?;
            let queue = queue.unwrap_or_default();
            if queue.chars().count() > MAX_QUEUE || queue.chars().any(char::is_control) {
                return Err(wrong("queue", "this is no name of a queue"));
            }
            let name = format!("pbx {}", found.shown.name);
            match queue.as_str() {
                "" => (Whose::Pbx(found.shown.id), name),
                _ => (
                    Whose::Queue(found.shown.id, queue.clone()),
                    format!("{name}, queue {queue}"),
                ),
            }
        }
        (_, Some(team)) => {
            let found = teams.iter().find(|one| one.name == team);
            let found = found.ok_or_else(|| missing("team", "team", &team))?;
            (Whose::Team(found.id), format!("team {}", found.name))
        }
        (None, None) => return Err(wrong("pbx", "say of which --pbx or --team")),
    };
    let days = match days.as_str() {
        "forever" => None,
        text => match text.parse::<u32>() {
            Ok(days) if (1..=MAX_DAYS).contains(&days) => Some(days),
            _ => {
                return Err(wrong("days", "days are a number from 1 to 36500, or \"forever\""));
            }
        },
    };
    let words = days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"));
    let object = format!("recordings of {name}");
    let facts = [Fact::told("kept", &words)];
    let setting = opened.store.set_recording_policy(&whose, days);
    act(opened, Action::KeepRecordings, &object, &facts, setting, |()| {
        Vec::new()
    })
    .await?;
    let told = json!({"recordings_of": name, "days": days});
    Ok((told, vec![format!("Kept {words}.")]))
}

pub(super) async fn nightly(
    opened: &Opened,
    at: Option<String>,
    zone_name: String,
    never: bool,
) -> Result<Answer> {
    let store = &opened.store;
    let wanted = match (at, never) {
        (Some(at), _) => {
            let at_minute = minute(&at).ok_or_else(|| wrong("at", "a time like 03:00"))?;
            zone(&zone_name).map_err(|_| wrong("zone", "there is no such zone"))?;
            let due_ms = next_night(wall_ms(), at_minute, &zone_name);
            Some(Some(Nightly {
                at_minute,
                zone: zone_name,
                due_ms,
            }))
        }
        (None, true) => Some(None),
        (None, false) => None,
    };
    if let Some(wanted) = &wanted {
        let words = wanted.as_ref().map_or_else(
            || "never".to_owned(),
            |one| format!("{:02}:{:02} {}", one.at_minute / 60, one.at_minute % 60, one.zone),
        );
        let facts = [Fact::told("at", words)];
        let setting = store.set_nightly(wanted.as_ref());
        act(
            opened,
            Action::KeepRecordings,
            "removal at night",
            &facts,
            setting,
            |()| Vec::new(),
        )
        .await?;
    }
    let is = store.nightly().await?;
    let line = match &is {
        None => "What is due stays until somebody removes it.".to_owned(),
        Some(one) => format!(
            "What is due is removed every day at {:02}:{:02}, {}; next {}.",
            one.at_minute / 60,
            one.at_minute % 60,
            visible(&one.zone),
            moment::machine(one.due_ms)
        ),
    };
    let told = is.map(|one| json!({"at_minute": one.at_minute, "zone": one.zone, "due_ms": one.due_ms}));
    Ok((json!({"nightly": told}), vec![line]))
}

pub(super) async fn clean_up(opened: &Opened, dry_run: bool) -> Result<Answer> {
    let store = &opened.store;
    let due = store.recordings_due(wall_ms()).await?;
    if dry_run {
        let told = json!({"dry_run": true, "would_remove": due.files, "bytes": due.bytes, "held": due.held});
        let lines = [
            format!("would delete {} files, {} held", due.files, due.held),
            format!("{} in all", size(due.bytes)),
            "Nothing was changed: leave out --dry-run to do it.".to_owned(),
        ];
        return Ok((told, lines.into()));
    }
    let bucket = opened.bucket()?;
    let held = match begin_now(store, &opened.trail, &opened.who).await? {
        Begun::Marked(due) | Begun::Nothing(due) => due.held,
        Begun::Other => bail!("what is due changes all the time: try again"),
    };
    let all = go_on(store, bucket.as_ref(), &opened.trail).await?;
    let removed: u64 = all.iter().map(|one| one.removed).sum();
    let spared: u64 = all.iter().map(|one| one.spared).sum();
    let left: Vec<&str> = all
        .iter()
        .map(|one| one.left.as_str())
        .filter(|left| !left.is_empty())
        .collect();
    let told = json!({"dry_run": false, "removed": removed, "held": held, "other_files": spared, "left": left.len(), "why": left.first()});
    let mut lines = vec![format!("deleted {removed} files, {held} held")];
    if spared > 0 {
        lines.push(format!("{spared} left: another file lies in their place"));
    }
    lines.extend(
        left.iter()
            .map(|left| format!("{}; they are tried again", visible(left))),
    );
    Ok((told, lines))
}
