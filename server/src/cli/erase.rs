//! `starboard erase`: what is kept of a telephone number, counted or erased.

use anyhow::Result;
use app::{
    model::erase::{Held, MAX_PURPOSE_CHARS, Preview, Tally},
    words::{moment, visible},
};
use serde_json::{Value, json};

use super::{
    answer,
    place::{Exit, Opened, Place, Told},
    runtime,
};
use crate::{
    erase::{Asked, begin, go_on},
    store::Number,
};

/// `starboard erase`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The number, in any spelling.
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// Only say what would be erased.
    #[arg(long)]
    dry_run: bool,
    /// Why; it stands in the audit trail.
    #[arg(long, value_name = "TEXT", default_value = "")]
    purpose: String,
    #[command(flatten)]
    pub(super) place: Place,
}

pub(super) fn run(arguments: Arguments) -> Result<()> {
    let as_json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = erase(&opened, &arguments).await;
        opened.store.close().await;
        answer(as_json, done?);
        Ok(())
    })
}

async fn erase(opened: &Opened, arguments: &Arguments) -> Result<(Value, Vec<String>)> {
    let wrong = |field, message: &str| Told::error(Exit::Invalid, field, message);
    let number = Number::of(&arguments.number)
        .ok_or_else(|| wrong("number", "this is no telephone number with at least six digits"))?;
    let purpose = arguments.purpose.trim();
    if purpose.chars().count() > MAX_PURPOSE_CHARS || number.stands_in(purpose) {
        return Err(wrong(
            "purpose",
            "say why in at most 200 letters, without the number",
        ));
    }
    let preview = opened.store.erasure_preview(&number).await?;
    if preview.ours {
        return Err(wrong("number", "this is the number of a phone here"));
    }
    if arguments.dry_run {
        return Ok(would(&preview));
    }
    let asked = Asked {
        who: opened.who.clone(),
        address: "",
        number: &number,
        purpose,
    };
    let id = begin(&opened.store, &opened.trail, asked, &preview).await?;
    let erasure = go_on(&opened.store, opened.bucket()?.as_ref(), &opened.trail, id)
        .await?
        .ok_or_else(|| Told::error(Exit::NotFound, "number", "the erasure is not there any more"))?;
    let told = json!({
        "dry_run": false, "erasure": erasure.id, "done": erasure.done_ms.is_some(), "left": erasure.left,
        "held": preview.named.iter().map(held_told).collect::<Vec<_>>(), "erased": tally_told(&erasure.tally),
    });
    let mut lines = vec![format!("erased {}", erasure.tally.says())];
    lines.extend(stays(&preview));
    if erasure.done_ms.is_none() {
        lines.push(format!(
            "not done: {}. The server goes on with it, and so does this command when it is given again.",
            visible(&erasure.left)
        ));
    }
    Ok((told, lines))
}

fn would(preview: &Preview) -> (Value, Vec<String>) {
    let told = json!({
        "dry_run": true, "would_erase": tally_told(&preview.tally), "held_count": preview.held,
        "held": preview.named.iter().map(held_told).collect::<Vec<_>>(), "under_way": preview.under_way,
    });
    let mut lines = vec![format!(
        "would erase {}; {} held",
        preview.tally.says(),
        preview.held
    )];
    lines.extend(stays(preview));
    lines.push("Nothing was changed: leave out --dry-run to do it.".to_owned());
    (told, lines)
}

/// What is not erased, a line each.
fn stays(preview: &Preview) -> Vec<String> {
    let mut lines: Vec<String> = preview.named.iter().map(held_line).collect();
    if preview.held > preview.named.len() as u64 {
        lines.push(format!("held: {} in all", preview.held));
    }
    if preview.under_way > 0 {
        lines.push(format!(
            "{} under way: erase the number again when they are over",
            preview.under_way
        ));
    }
    lines
}

fn held_line(held: &Held) -> String {
    match (held.call, &held.recording) {
        (Some(call), _) => format!("held: call {call} of {}", moment::machine(held.began_ms)),
        (None, recording) => format!("held: recording {}", recording.as_deref().unwrap_or_default()),
    }
}

fn held_told(held: &Held) -> Value {
    json!({"call": held.call, "began_ms": held.began_ms, "recording": held.recording})
}

fn tally_told(tally: &Tally) -> Value {
    json!({
        "calls": tally.calls, "recordings": tally.recordings, "notes": tally.notes, "others": tally.others,
    })
}
