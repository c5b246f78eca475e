//! Erasing what is kept of a telephone number.

use leptos::server;

use super::backend;
use crate::{AppError, model::erase::Erasing, packed::PostPacked};

/// The page of erasures.
const PAGE: &str = "/admin/erase";

/// What erasing a number would come to, and what was erased before.
#[server(prefix = "/api", endpoint = "erasing", input = PostPacked, output = PostPacked)]
pub async fn load_erasing(number: String) -> Result<Erasing, AppError> {
    backend()?.erasing(number).await
}

/// Erases a number and goes back to what was erased.
#[server(prefix = "/api", endpoint = "erase_number", output = PostPacked)]
pub async fn erase_number(
    number: String,
    again: String,
    #[server(default)] purpose: String,
) -> Result<i64, AppError> {
    let id = backend()?.erase_number(number, again, purpose).await?;
    leptos_axum::redirect(PAGE);
    Ok(id)
}
