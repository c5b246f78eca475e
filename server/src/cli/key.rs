//! `starboard key`: the file that seals secrets is replaced, or given up.

use anyhow::Result;
use serde_json::json;

use super::{
    place::{At, Exit, Place, Told},
    runtime, say,
};
use crate::rotation::{give_up, rotate};

/// `starboard key …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a new key, seal every secret with it, and take the old one out of the key file. A running server goes on.
    Rotate,
    /// Go on without the key file, when it is lost for good: secrets have to be typed in again. Not while the server runs.
    Lost,
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let At { command, place } = arguments;
    runtime()?.block_on(async {
        match command {
            Command::Rotate => new_key(&place).await,
            Command::Lost => lost(&place).await,
        }
    })
}

async fn new_key(place: &Place) -> Result<()> {
    let opened = place.open(false).await?;
    let done = rotate(&opened.store, &opened.trail, &opened.seal, opened.who.clone()).await;
    opened.store.close().await;
    let done = done?;
    let file = opened.config.key_path();
    if place.json {
        say(json!({ "secrets": done.secrets, "lost": done.lost, "key_file": file.display().to_string() }));
        return Ok(());
    }
    say(format_args!(
        "{} secrets have the new key in {}.",
        done.secrets,
        file.display()
    ));
    if done.lost > 0 {
        say(format_args!(
            "{} do not open with any key that was there, and stay as they are: type them in again.",
            done.lost
        ));
    }
    Ok(())
}

async fn lost(place: &Place) -> Result<()> {
    let (config, store, who) = place.find().await?;
    let file = config.key_path();
    let given_up = give_up(&store, &file, who).await;
    store.close().await;
    if !given_up? {
        let message = format!("{} opens this database: nothing was given up", file.display());
        return Err(Told::error(Exit::Invalid, "key_file", message));
    }
    if place.json {
        say(json!({ "key_file": file.display().to_string() }));
    } else {
        say(format_args!(
            "Starboard goes on with {}. Type PBX secrets in again; rows of the audit trail so far cannot be verified.",
            file.display()
        ));
    }
    Ok(())
}
