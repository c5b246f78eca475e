//! See `claims::session`.

#![no_main]

#[path = "../claims.rs"]
#[allow(dead_code, reason = "each target tries one")]
mod claims;

libfuzzer_sys::fuzz_target!(|data: &[u8]| claims::session(data));
