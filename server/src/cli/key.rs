//! `starboard key rotate`.

use anyhow::Result;
use serde_json::json;

use super::{place::Place, runtime, say};
use crate::rotation::rotate;

/// `starboard key …`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a new key, seal every secret with it, and take the old one out of the key file. A running server goes on.
    Rotate,
}

pub(super) fn run(arguments: Arguments) -> Result<()> {
    let Command::Rotate = arguments.command;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = rotate(&opened.store, &opened.trail, &opened.seal, opened.who.clone()).await;
        opened.store.close().await;
        let done = done?;
        let file = opened.config.key_path();
        if arguments.place.json {
            say(
                json!({ "secrets": done.secrets, "lost": done.lost, "key_file": file.display().to_string() }),
            );
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
    })
}
