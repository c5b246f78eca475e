//! `cargo xtask dev`: builds, runs the server, and does both again when a file changes.

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Command},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};

use crate::{
    site::{self, Kind},
    workspace::{Workspace, files_below},
};

/// What the server and the site are made of.
const WATCHED: [&str; 7] = [
    "app",
    "crates",
    "frontend",
    "migrations",
    "public",
    "server",
    "style",
];
/// How often the watched folders are looked at.
const POLL_MS: u64 = 400;
/// The binary that is run, in cargo's folder for development builds.
const SERVER: &str = "debug/starboard";

type Stamps = BTreeMap<String, SystemTime>;

/// Runs until it is interrupted; a build that fails keeps the last good server up.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let mut seen = stamps(workspace)?;
    let mut server = None;
    if rebuild(workspace, &seen.keys().cloned().collect::<Vec<_>>()) {
        server = Some(start(workspace, arguments)?);
    }
    println!("dev: watching {}", WATCHED.join(", "));
    loop {
        thread::sleep(Duration::from_millis(POLL_MS));
        let now = stamps(workspace)?;
        let changed = differences(&seen, &now);
        if changed.is_empty() {
            continue;
        }
        seen = now;
        println!("dev: {} changed", changed.join(", "));
        if rebuild(workspace, &changed) {
            stop(server.take())?;
            server = Some(start(workspace, arguments)?);
        }
    }
}

/// Builds what the changed files concern; false when the compiler objected.
fn rebuild(workspace: &Workspace, changed: &[String]) -> bool {
    let looks_only = changed
        .iter()
        .all(|file| file.starts_with("style/") || file.starts_with("public/"));
    let server_only = changed
        .iter()
        .all(|file| file.starts_with("server/") || file.starts_with("migrations/"));
    let mut outcome = Ok(());
    if !looks_only {
        let arguments = ["build", "--package", "server"];
        outcome = workspace.cargo_run(&arguments, "the server did not build");
    }
    if outcome.is_ok() && !server_only {
        outcome = site::build(workspace, Kind::Development);
    }
    if let Err(error) = &outcome {
        eprintln!("dev: {error:#}; waiting for the next change");
    }
    outcome.is_ok()
}

fn start(workspace: &Workspace, arguments: &[&str]) -> Result<Child> {
    let binary = workspace.target(SERVER);
    Command::new(&binary)
        .args(arguments)
        // pages that are open reload when their build changes
        .env("LEPTOS_WATCH", "ON")
        .current_dir(workspace.path(""))
        .spawn()
        .with_context(|| format!("{} did not start", binary.display()))
}

fn stop(server: Option<Child>) -> Result<()> {
    if let Some(mut server) = server {
        // its database is built for this: a cut is a crash that it must survive anyway
        server.kill()?;
        server.wait()?;
    }
    Ok(())
}

fn stamps(workspace: &Workspace) -> Result<Stamps> {
    let mut stamps = Stamps::new();
    for folder in WATCHED {
        for file in files_below(&workspace.path(folder))? {
            let path = format!("{folder}/{file}");
            // an editor may have taken it away between the listing and this look
            if let Ok(modified) = fs::metadata(workspace.path(&path)).and_then(|meta| meta.modified()) {
                stamps.insert(path, modified);
            }
        }
    }
    Ok(stamps)
}

fn differences(before: &Stamps, after: &Stamps) -> Vec<String> {
    let touched = after
        .iter()
        .filter(|(file, stamp)| before.get(*file) != Some(stamp));
    let gone = before.iter().filter(|(file, _)| !after.contains_key(*file));
    touched.chain(gone).map(|(file, _)| file.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touched_new_and_removed_files_are_differences() {
        let (early, late) = (
            SystemTime::UNIX_EPOCH,
            SystemTime::UNIX_EPOCH + Duration::from_secs(1),
        );
        let stamps = |files: &[(&str, SystemTime)]| -> Stamps {
            files
                .iter()
                .map(|(file, stamp)| ((*file).to_owned(), *stamp))
                .collect()
        };
        let before = stamps(&[("same", early), ("touched", early), ("gone", early)]);
        let after = stamps(&[("same", early), ("touched", late), ("new", late)]);
        assert_eq!(differences(&before, &after), ["new", "touched", "gone"]);
    }
}
