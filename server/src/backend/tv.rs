//! What a television has to show: a code until somebody approves it, then a board.

use std::time::Instant;

use app::{
    AppError,
    audit::{Action, Fact},
    model::wallboard::{MAX_SCREENS, ScreenId, ScreenRow, Tv},
};
use secrecy::ExposeSecret;

use super::CallerBackend;
use crate::{
    access::{
        pairing::{self, Pending},
        totp::picture,
    },
    caller::TV_COOKIE,
    clock::wall_ms,
    error::internal,
    store::{ScreenRecord, WallboardRecord},
};

/// How long a television keeps its token, in seconds: as long as browsers let it.
const KEEP_S: u32 = 400 * 24 * 3600;
/// Where codes are typed.
const SCREENS: &str = "/wallboards/screens";

/// What the one that asks has to show, and the cookie that it is to keep.
pub(super) fn shown(backend: &CallerBackend) -> Result<(Tv, Option<String>), AppError> {
    if let Some(screen) = &backend.caller.screen {
        let (name, shown) = (screen.record.name.clone(), Box::new(screen.shown()));
        return Ok((Tv::Board { name, shown }, None));
    }
    if backend.caller.viewer.is_some() {
        return Ok((Tv::SomebodyIsSignedIn, None));
    }
    let (pairings, now) = (&backend.services.pairings, Instant::now());
    let known = backend
        .caller
        .tv_token
        .and_then(|hash| pairings.code_of(&hash, now));
    let ((code, left), token) = match known {
        Some(code) => (code, None),
        None => {
            let begun = pairings.begin(backend.caller.address, now);
            let (code, token) = begun.map_err(|retry_after_s| AppError::TooMany { retry_after_s })?;
            (code, Some(token))
        }
    };
    let code = pairing::shown(&code);
    let address = format!("{}{SCREENS}", backend.services.origins.base());
    let picture = picture(&format!("{address}?code={code}")).map_err(internal)?;
    let cookie = token.map(|token| {
        let token = token.expose_secret();
        format!("{TV_COOKIE}={token}; Path=/; Max-Age={KEEP_S}; Secure; HttpOnly; SameSite=Strict")
    });
    let left_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    Ok((
        Tv::Code {
            code,
            address,
            picture,
            left_ms,
        },
        cookie,
    ))
}

/// Lets a screen that waits show a board.
pub(super) async fn pair(
    backend: &CallerBackend,
    (name, masked): (&str, bool),
    board: &WallboardRecord,
    pending: &Pending,
) -> Result<(), AppError> {
    let now_ms = wall_ms();
    let screen = ScreenRecord {
        id: ScreenId(0),
        token_hash: pending.token_hash,
        user: backend.viewer()?.id.0,
        board: board.id,
        board_name: String::new(),
        name: name.to_owned(),
        masked,
        created_ms: now_ms,
        seen_ms: now_ms,
        address: pending.address.to_string(),
    };
    let pairing = async {
        let kept = backend.services.store.add_screen(&screen).await?;
        kept.then_some(()).ok_or_else(|| {
            AppError::Conflict(format!(
                "You have {MAX_SCREENS} screens. Revoke one that is not needed any more."
            ))
        })
    };
    let facts = [
        Fact::told("board", &board.board.name),
        Fact::told("address", &screen.address),
        Fact::told("names", if masked { "masked" } else { "shown" }),
    ];
    backend
        .act(Action::PairScreen, &format!("screen {name}"), &facts, pairing)
        .await
}

/// A screen in the list of whoever paired it.
pub(super) fn row(record: ScreenRecord) -> ScreenRow {
    ScreenRow {
        id: record.id,
        name: record.name,
        board: record.board,
        board_name: record.board_name,
        masked: record.masked,
        created_ms: record.created_ms,
        seen_ms: record.seen_ms,
        address: record.address,
    }
}
