//! The floors of the house: which crate may use which, and which library lives where.

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Fault, Source};
use crate::workspace::Workspace;

/// What each crate may import of ours. A crate that is not named here is refused.
const MAY_IMPORT: [(&str, &[&str]); 8] = [
    ("ami", &[]),
    ("telephony", &["ami"]),
    ("asterisk-conf", &["ami"]),
    ("pbx-simulator", &["ami", "telephony", "asterisk-conf"]),
    ("app", &["telephony", "asterisk-conf"]),
    ("frontend", &["app"]),
    (
        "server",
        &["ami", "telephony", "asterisk-conf", "pbx-simulator", "app"],
    ),
    ("xtask", &[]),
];
/// Libraries that only some crates may use: the crates that may always, and those behind a feature.
const LIVES_IN: [(&str, &[&str], &[&str]); 4] = [
    ("sqlx", &["server"], &[]),
    ("tokio", &["server", "pbx-simulator"], &["ami"]),
    ("axum", &["server"], &["app"]),
    ("leptos", &["app", "frontend", "server"], &[]),
];
/// A folder (or file stem) of the tree, the words it may not hold, and why.
const WITHOUT: [(&str, &[&str], &str); 7] = [
    (
        "server/src/store",
        &["axum::", "tower_http::", "crate::http"],
        "the store knows no HTTP",
    ),
    (
        "server/src/link",
        &["sqlx::", "crate::store"],
        "a link knows no SQL",
    ),
    (
        "server/src/hub",
        &["sqlx::", "crate::store", "axum::", "TcpStream"],
        "the hub knows neither socket nor database",
    ),
    (
        "server/src/live",
        &["crate::link", "sqlx::"],
        "the live socket knows no link",
    ),
    ("crates/telephony/src", CLOCKS, "time is an argument"),
    ("crates/asterisk-conf/src", CLOCKS, "time is an argument"),
    ("app/src", &["sqlx::", "ami::"], "the app asks its backend"),
];
/// Where the clock may be read in the protocol's crate: its driver alone.
const CLOCKLESS_AMI: &str = "crates/ami/src";
const AMI_DRIVER: &str = "crates/ami/src/client";
const CLOCKS: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "UtcDateTime::now",
    "OffsetDateTime::now",
];
/// All SQL.
const STORE: &str = "server/src/store";
/// The call log of others, which ours is measured against.
const NAIVE: &str = "server/benches/history/naive.rs";

/// A crate of the workspace and what it depends on outside its tests.
pub(super) struct Package {
    name: String,
    /// Name, and whether a feature brings it.
    uses: Vec<(String, bool)>,
}

/// Asks cargo which crates there are.
pub(super) fn packages(workspace: &Workspace) -> Result<Vec<Package>> {
    let output = workspace
        .cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .stderr(Stdio::inherit())
        .output()
        .context("cargo metadata did not start")?;
    if !output.status.success() {
        bail!("cargo metadata failed");
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let list = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages")?;
    Ok(list.iter().map(Package::read).collect())
}

impl Package {
    fn read(package: &Value) -> Self {
        let dependencies = package["dependencies"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let uses = dependencies
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| {
                let name = dependency["name"].as_str()?.to_owned();
                Some((name, dependency["optional"].as_bool().unwrap_or(false)))
            })
            .collect();
        Self {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            uses,
        }
    }
}

/// The faults among the crates' dependencies.
pub(super) fn check_packages(packages: &[Package]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for Package { name, uses } in packages {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(of, _)| of == name) else {
            faults.push(Fault::new(
                name,
                "stands on no floor yet; give it one in xtask/src/tidy/floors.rs",
            ));
            continue;
        };
        for (used, optional) in uses {
            let ours = packages.iter().any(|package| package.name == *used);
            if ours && !allowed.contains(&used.as_str()) {
                faults.push(Fault::new(
                    name,
                    format!("may not import {used}: that is on another floor"),
                ));
            }
            for (library, always, behind_feature) in LIVES_IN {
                let may =
                    always.contains(&name.as_str()) || (*optional && behind_feature.contains(&name.as_str()));
                if library == used && !may {
                    faults.push(Fault::new(name, format!("may not use {library}")));
                }
            }
        }
    }
    faults
}

/// The faults inside one source file.
pub(super) fn check_source(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !source.is_rust() || source.is_test() {
        return faults;
    }
    let in_store = is_below(source.path, STORE) || source.path == NAIVE;
    let clockless = is_below(source.path, CLOCKLESS_AMI) && !is_below(source.path, AMI_DRIVER);
    let code = source
        .text
        .lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"));
    for (index, line) in code.enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        if source.path.starts_with("server/") && !in_store && has_word(line, "sqlx::") {
            faults.push(Fault::at(
                source.path,
                index,
                "SQL lives in server/src/store alone",
            ));
        }
        if clockless && CLOCKS.iter().any(|clock| line.contains(clock)) {
            faults.push(Fault::at(
                source.path,
                index,
                "time is an argument; only the client reads a clock",
            ));
        }
        for (folder, words, why) in WITHOUT {
            if is_below(source.path, folder) && words.iter().any(|word| has_word(line, word)) {
                faults.push(Fault::at(source.path, index, why));
            }
        }
    }
    faults
}

/// Whether `path` is in the folder, or is the file `folder.rs`.
fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.starts_with('/') || Path::new(rest) == Path::new(".rs"))
}

/// Whether a line holds `word` and not as the end of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &[(&str, bool)]) -> Package {
        let uses = uses
            .iter()
            .map(|(used, optional)| ((*used).to_owned(), *optional))
            .collect();
        Package {
            name: name.to_owned(),
            uses,
        }
    }

    #[test]
    fn a_crate_may_use_the_floors_below_it_and_no_other() {
        let below = [package("ami", &[]), package("telephony", &[("ami", false)])];
        assert_eq!(check_packages(&below), []);
        let above = [
            package("ami", &[]),
            package("app", &[("ami", false), ("sqlx", false)]),
        ];
        assert_eq!(check_packages(&above).len(), 2);
        assert_eq!(check_packages(&[package("newcomer", &[])]).len(), 1);
    }

    #[test]
    fn a_library_behind_a_feature_is_not_a_library_always_there() {
        assert_eq!(check_packages(&[package("ami", &[("tokio", true)])]), []);
        assert_eq!(check_packages(&[package("ami", &[("tokio", false)])]).len(), 1);
    }

    #[test]
    fn sql_and_clocks_are_found_where_they_do_not_belong() {
        let faults = |path, text| check_source(&Source { path, text }).len();
        assert_eq!(faults("server/src/store/user.rs", "use sqlx::Row;\n"), 0);
        assert_eq!(faults("server/src/backend.rs", "use sqlx::Row;\n"), 1);
        assert_eq!(faults("server/src/store.rs", "use axum::Router;\n"), 1);
        assert_eq!(
            faults("crates/telephony/src/call.rs", "let now = Instant::now();\n"),
            1
        );
        assert_eq!(
            faults("crates/ami/src/client.rs", "let now = Instant::now();\n"),
            0
        );
        assert_eq!(faults("app/src/backend.rs", "use telephony::ami_of;\n"), 0);
    }
}
