//! `cargo xtask tidy`: the house rules that no compiler knows, as code.

mod files;
mod floors;
mod words;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// One broken rule: where, and what to do about it.
#[derive(Debug, PartialEq)]
struct Fault {
    place: String,
    rule: String,
}

impl Fault {
    fn new(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            rule: rule.into(),
        }
    }

    fn at(path: &str, line_index: usize, rule: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", line_index + 1), rule)
    }
}

/// One written file.
struct Source<'a> {
    /// From the root, with `/` between.
    path: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn ending(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    fn is_rust(&self) -> bool {
        self.ending() == "rs"
    }

    /// Whether it only tests or records: such files may be long.
    fn is_test(&self) -> bool {
        let named = self.path.ends_with("tests.rs") || self.path.contains(".spec.");
        named
            || self
                .path
                .split('/')
                .any(|part| matches!(part, "tests" | "captures" | "corpus" | "snapshots"))
    }
}

/// Checks the whole workspace and prints what is wrong.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut faults = floors::check_packages(&floors::packages(workspace)?);
    let files = workspace.written_files()?;
    let mut read = 0_usize;
    for path in &files {
        let bytes = fs::read(workspace.path(path)).with_context(|| format!("cannot read {path}"))?;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let source = Source { path, text: &text };
        faults.extend(files::check(&source));
        faults.extend(floors::check_source(&source));
        faults.extend(words::check(&source));
        read += 1;
    }
    for Fault { place, rule } in &faults {
        println!("{place}: {rule}");
    }
    if faults.is_empty() {
        println!("tidy: {read} files keep the house rules");
        return Ok(ExitCode::SUCCESS);
    }
    println!("tidy: {} faults", faults.len());
    Ok(ExitCode::FAILURE)
}
