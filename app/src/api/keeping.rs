//! For how long recordings are kept.

use leptos::server;

use super::backend;
use crate::{AppError, model::keeping::Keeping, packed::PostPacked};

/// The page.
const PAGE: &str = "/admin/keeping";

/// What is set, what is due, and what was removed.
#[server(prefix = "/api", endpoint = "keeping", output = PostPacked)]
pub async fn load_keeping() -> Result<Keeping, AppError> {
    backend()?.keeping().await
}

/// Sets for how many days recordings of somebody are kept; empty for as long as is set otherwise.
#[server(prefix = "/api", endpoint = "keep_recordings", output = PostPacked)]
pub async fn keep_recordings(
    #[server(default)] whose: String,
    #[server(default)] days: String,
) -> Result<(), AppError> {
    backend()?.keep_recordings(whose, days).await?;
    leptos_axum::redirect(PAGE);
    Ok(())
}

/// Sets when what is due is removed by itself; no time for never.
#[server(prefix = "/api", endpoint = "remove_nightly", output = PostPacked)]
pub async fn remove_nightly(
    #[server(default)] at: String,
    #[server(default)] zone: String,
) -> Result<(), AppError> {
    backend()?.remove_nightly(at, zone).await?;
    leptos_axum::redirect(PAGE);
    Ok(())
}

/// Removes what was due at a moment, if it still is what was counted then.
#[server(prefix = "/api", endpoint = "remove_recordings", output = PostPacked)]
pub async fn remove_recordings(at_ms: u64, files: u64, bytes: u64) -> Result<(), AppError> {
    backend()?.remove_recordings(at_ms, files, bytes).await?;
    leptos_axum::redirect(PAGE);
    Ok(())
}
