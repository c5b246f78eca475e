//! What fuzzing made and found, held to the same claims without a fuzzer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../fuzz/claims.rs"]
mod claims;

use std::fs;
use std::path::Path;

fn each(target: &str, claim: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut tried = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if std::panic::catch_unwind(|| claim(&bytes)).is_err() {
            panic!("{} breaks the claim", path.display());
        }
        tried += 1;
    }
    assert!(tried > 0, "{target} has a corpus");
}

#[test]
fn frames_do_not_depend_on_how_the_bytes_came() {
    each("decode", claims::decode);
}

#[test]
fn an_action_is_one_frame_whatever_it_holds() {
    each("actions", claims::actions);
}

#[test]
fn a_session_does_not_depend_on_how_the_bytes_came_and_every_action_ends_once() {
    each("session", claims::session);
}
