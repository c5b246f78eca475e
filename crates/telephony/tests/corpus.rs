//! What fuzzing made and found, held to the same claims without a fuzzer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../fuzz/claims.rs"]
mod claims;

use std::fs;
use std::path::Path;

#[test]
fn any_stream_keeps_replicas_equal_and_an_empty_world_leaves_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/live");
    let mut tried = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if std::panic::catch_unwind(|| claims::live(&bytes)).is_err() {
            panic!("{} breaks the claim", path.display());
        }
        tried += 1;
    }
    assert!(tried > 0, "there is a corpus");
}
