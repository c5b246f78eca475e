//! One's own security: password, sessions, and showing again who one is.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::{
        UserId,
        sign_in::{PasskeyAnswer, PasskeyQuestion, Security, Ways},
    },
    packed::PostPacked,
    words::address,
};

/// All of it.
#[server(prefix = "/api", endpoint = "security", output = PostPacked)]
pub async fn load_security() -> Result<Security, AppError> {
    backend()?.security().await
}

/// Changes one's password; gives how many other sessions ended with it.
#[server(prefix = "/api", endpoint = "change_password", output = PostPacked)]
pub async fn change_password(
    password_now: String,
    password: String,
    password_again: String,
) -> Result<u32, AppError> {
    if password_now.is_empty() {
        return Err(AppError::field("password_now", "Type the password you have now."));
    }
    if password != password_again {
        return Err(AppError::field("password_again", "The two passwords differ."));
    }
    backend()?.change_password(password_now, password).await
}

/// Ends one of one's own sessions.
#[server(prefix = "/api", endpoint = "end_session", output = PostPacked)]
pub async fn end_session(id: String) -> Result<(), AppError> {
    backend()?.end_session(id).await
}

/// Ends one's own sessions but this one; gives how many.
#[server(prefix = "/api", endpoint = "end_other_sessions", output = PostPacked)]
pub async fn end_other_sessions() -> Result<u32, AppError> {
    backend()?.end_other_sessions().await
}

/// How one can show again who one is.
#[server(prefix = "/api", endpoint = "confirm_ways", output = PostPacked)]
pub async fn load_confirm_ways() -> Result<Ways, AppError> {
    backend()?.confirm_ways().await
}

/// By the password. Without JavaScript it leads back to `next`, where what was asked is asked again.
#[server(prefix = "/api", endpoint = "confirm", output = PostPacked)]
pub async fn confirm(proof: String, #[server(default)] next: String) -> Result<(), AppError> {
    if proof.is_empty() {
        return Err(AppError::field("proof", "Type your password."));
    }
    backend()?.confirm(proof).await?;
    if let Some(next) = address::way_back(&next) {
        leptos_axum::redirect(next);
    }
    Ok(())
}

/// Asks for one of one's passkeys.
#[server(prefix = "/api", endpoint = "ask_confirm", output = PostPacked)]
pub async fn ask_confirm() -> Result<PasskeyQuestion, AppError> {
    backend()?.ask_confirm().await
}

/// By a passkey.
#[server(prefix = "/api", endpoint = "confirm_passkey", output = PostPacked)]
pub async fn confirm_passkey(name: String, credential: String) -> Result<(), AppError> {
    backend()?
        .confirm_with_passkey(PasskeyAnswer { name, credential })
        .await
}

/// Takes every factor from somebody who lost them all, and ends their sessions.
#[server(prefix = "/api", endpoint = "reset_factors", output = PostPacked)]
pub async fn reset_factors(user: i64) -> Result<(), AppError> {
    backend()?.reset_factors(UserId(user)).await
}
