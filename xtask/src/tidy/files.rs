//! How a file may be called, how long it may be, how it begins.

use super::{Fault, Source};

/// Tests and recordings aside, nothing is longer.
const MOST_LINES: usize = 400;
/// What counts as code.
const CODE: [&str; 9] = ["rs", "ts", "js", "mjs", "css", "sql", "sh", "toml", "html"];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "helpers", "helper", "common", "misc", "stuff"];

/// The faults of one file's shape.
pub(super) fn check(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let path = source.path;
    let lines = source.text.lines().count();
    if CODE.contains(&source.ending()) && !source.is_test() && lines > MOST_LINES {
        faults.push(Fault::new(
            path,
            format!("{lines} lines; split it, {MOST_LINES} is the most"),
        ));
    }
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if EMPTY_NAMES.contains(&stem) {
            faults.push(Fault::new(
                path,
                format!("`{stem}` says nothing; name it after what it holds"),
            ));
        }
    }
    if source.is_rust() && !source.text.starts_with("//! ") {
        faults.push(Fault::new(
            path,
            "begin with a `//!` sentence that says what the file is",
        ));
    }
    let gated = path.starts_with("app/src/") && path != "app/src/lib.rs" && source.is_rust();
    for (index, line) in source.text.lines().enumerate() {
        let gate = ["cfg(", "cfg_attr(", "cfg!("]
            .iter()
            .any(|gate| line.contains(gate));
        if gated && gate && line.contains("feature") {
            faults.push(Fault::at(
                path,
                index,
                "feature gates of the app stand in app/src/lib.rs alone",
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> usize {
        check(&Source { path, text }).len()
    }

    #[test]
    fn a_long_file_is_a_fault_unless_it_tests() {
        let long = format!("//! Long.\n{}", "\n".repeat(MOST_LINES));
        assert_eq!(rules("server/src/lib.rs", &long), 1);
        assert_eq!(rules("server/tests/setup.rs", &long), 0);
        assert_eq!(rules("Cargo.lock", &long), 0);
    }

    #[test]
    fn empty_names_missing_sentences_and_scattered_gates_are_faults() {
        assert_eq!(rules("server/src/utils.rs", "//! Things.\n"), 1);
        assert_eq!(rules("server/src/helpers/mod.rs", "//! Things.\n"), 1);
        assert_eq!(rules("server/src/link.rs", "use std::fmt;\n"), 1);
        let gate = "//! A page.\n#[cfg(feature = \"ssr\")]\n";
        assert_eq!(rules("app/src/pages/home.rs", gate), 1);
        assert_eq!(rules("app/src/lib.rs", gate), 0);
    }
}
