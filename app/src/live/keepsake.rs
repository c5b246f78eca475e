//! The last board, put aside in this browser for the offline page; forgotten at sign-out.

use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;
use serde::Serialize;
use telephony::Direction;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response};

use super::Live;
use crate::words::{Status, called, party_name, shortened, with_whom};

/// Where the offline page looks; the service worker knows the same two names.
const CACHE: &str = "starboard-last-board";
const ADDRESS: &str = "/last-board.json";
/// People and calls put aside at most.
const MAX_ROWS: usize = 500;
const NAME_CHARS: usize = 48;

#[derive(Serialize)]
struct Keepsake {
    at_ms: u64,
    people: Vec<KeptPerson>,
    calls: Vec<KeptCall>,
}

#[derive(Serialize)]
struct KeptPerson {
    number: String,
    name: String,
    word: &'static str,
    slug: &'static str,
    with: String,
}

#[derive(Serialize)]
struct KeptCall {
    caller: String,
    callee: String,
    word: &'static str,
    slug: &'static str,
    inbound: bool,
}

/// Set between a sign-out and the next sign-in: whatever the page still does, nothing is put aside.
static FORGOTTEN: AtomicBool = AtomicBool::new(false);

/// Somebody looks at a board: from now on it may be put aside.
pub fn begin() {
    FORGOTTEN.store(false, Ordering::Relaxed);
}

/// Puts the board aside.
pub fn keep(board: &Live) {
    if FORGOTTEN.load(Ordering::Relaxed) || !window().is_secure_context() {
        return;
    }
    let Ok(json) = serde_json::to_string(&keepsake(board)) else {
        return;
    };
    leptos::task::spawn_local(async move {
        // a cache that is full or denied means no offline page, and nothing else
        let _ = store(&json).await;
    });
}

/// Takes the board away.
pub fn forget() {
    FORGOTTEN.store(true, Ordering::Relaxed);
    // over plain http there is no cache at all
    if window().is_secure_context()
        && let Ok(caches) = window().caches()
    {
        let _ = caches.delete(CACHE);
    }
}

async fn store(json: &str) -> Result<(), JsValue> {
    let caches = window().caches()?;
    let cache: Cache = JsFuture::from(caches.open(CACHE)).await?.into();
    let response = Response::new_with_opt_str(Some(json))?;
    JsFuture::from(cache.put_with_str(ADDRESS, &response)).await?;
    Ok(())
}

fn keepsake(board: &Live) -> Keepsake {
    let people = untrack(|| board.extensions.keys())
        .iter()
        .take(MAX_ROWS)
        .filter_map(|key| {
            board.extensions.peek(key, |row| {
                let status = Status::from(row);
                KeptPerson {
                    number: shortened(&row.number, NAME_CHARS),
                    name: shortened(row.name.as_deref().unwrap_or(""), NAME_CHARS),
                    word: status.word(),
                    slug: status.slug(),
                    with: row.engagements.first().map_or_else(String::new, with_whom),
                }
            })
        })
        .collect();
    let calls = untrack(|| board.calls.keys())
        .iter()
        .take(MAX_ROWS)
        .filter_map(|key| {
            board.calls.peek(key, |row| {
                let status = Status::from(row);
                KeptCall {
                    caller: party_name(&row.caller),
                    callee: called(row),
                    word: status.word(),
                    slug: status.slug(),
                    inbound: row.direction == Direction::Inbound,
                }
            })
        })
        .collect();
    Keepsake {
        at_ms: board.clock.now_ms.get_untracked(),
        people,
        calls,
    }
}
