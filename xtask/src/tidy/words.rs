//! Words that have no place in what we hand over.

use super::{Fault, Source};

/// Files that must spell the words out in order to forbid them.
const EXEMPT: [&str; 2] = ["xtask/src/tidy/words.rs", "xtask/src/tidy/floors.rs"];
/// Work that was put off, paths of one machine: neither reads well elsewhere.
const FORBIDDEN: [(&str, &str); 7] = [
    ("../shared", "a path outside the checkout"),
    ("/work/", "a path of one machine"),
    ("TODO", "do it or file it"),
    ("FIXME", "fix it or file it"),
    ("XXX:", "say what is wrong, or fix it"),
    ("todo!(", "finish it"),
    ("unimplemented!(", "finish it"),
];

/// The faults of one file's wording.
pub(super) fn check(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    if EXEMPT.contains(&source.path) || source.is_test() && !source.is_rust() {
        return faults;
    }
    for (index, line) in source.text.lines().enumerate() {
        for (word, why) in FORBIDDEN {
            if line.contains(word) {
                faults.push(Fault::at(source.path, index, format!("`{word}`: {why}")));
            }
        }
        if refers_to_an_issue(line) {
            faults.push(Fault::at(
                source.path,
                index,
                "say the reason here instead of an issue's number",
            ));
        }
    }
    faults
}

/// Whether a line leans on a tracker: `issue 12`, `issue #12`.
fn refers_to_an_issue(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let mut rest = line.as_str();
    while let Some((before, after)) = rest.split_once("issue") {
        let whole = !before.ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '/');
        let number = after.trim_start().trim_start_matches('#');
        let spaced = after.starts_with([' ', '#']);
        if whole && spaced && number.starts_with(|digit: char| digit.is_ascii_digit()) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_by_number_is_found_and_an_issued_ticket_is_not() {
        assert!(refers_to_an_issue("see issue 12"));
        assert!(refers_to_an_issue("// Issue #7: later"));
        assert!(!refers_to_an_issue("the server issues 2 cookies"));
        assert!(!refers_to_an_issue("reissue 3 of them"));
        assert!(!refers_to_an_issue("an issue with it"));
    }

    #[test]
    fn a_forbidden_word_is_named_with_its_line() {
        let source = Source {
            path: "README.md",
            text: "fine\nsee ../shared/x\n",
        };
        assert_eq!(
            check(&source),
            [Fault::new(
                "README.md:2",
                "`../shared`: a path outside the checkout"
            )]
        );
    }
}
