//! The second half of a sign-in, and setting up what it needs: an authenticator app, passkeys, recovery codes. Somebody
//! halfway in who has to set one up does it by the same functions as somebody who is in.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::sign_in::{PasskeyAnswer, PasskeyQuestion, SettingUp, Ways},
    packed::PostPacked,
    words::address,
};

/// Where new recovery codes are shown.
pub const CODES_PAGE: &str = "/me/codes";

/// What somebody halfway in can show.
#[server(prefix = "/api", endpoint = "second_ways", output = PostPacked)]
pub async fn load_second_ways() -> Result<Ways, AppError> {
    backend()?.second_ways().await
}

/// A code of an app, or a recovery code; goes to `next` where that is a page of ours, else to the switchboard.
#[server(prefix = "/api", endpoint = "second_code", output = PostPacked)]
pub async fn second_code(code: String, #[server(default)] next: String) -> Result<(), AppError> {
    if code.trim().is_empty() {
        return Err(AppError::field("code", "Type a code."));
    }
    backend()?.second_code(code).await?;
    leptos_axum::redirect(address::way_in(&next));
    Ok(())
}

/// Asks for one of the passkeys of somebody halfway in.
#[server(prefix = "/api", endpoint = "ask_second", output = PostPacked)]
pub async fn ask_second() -> Result<PasskeyQuestion, AppError> {
    backend()?.ask_second().await
}

/// The passkey's answer; goes where [`second_code`] does.
#[server(prefix = "/api", endpoint = "second_passkey", output = PostPacked)]
pub async fn second_passkey(
    name: String,
    credential: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let answer = PasskeyAnswer { name, credential };
    backend()?.second_passkey(answer).await?;
    leptos_axum::redirect(address::way_in(&next));
    Ok(())
}

/// Begins to set up an authenticator app and goes to the page that shows it.
#[server(prefix = "/api", endpoint = "begin_app", output = PostPacked)]
pub async fn begin_app() -> Result<(), AppError> {
    let backend = backend()?;
    backend.begin_app().await?;
    // somebody halfway in has one page for it all
    if backend.viewer()?.is_some() {
        leptos_axum::redirect("/me/app");
    }
    Ok(())
}

/// What is being set up.
#[server(prefix = "/api", endpoint = "setting_up", output = PostPacked)]
pub async fn load_setting_up() -> Result<SettingUp, AppError> {
    backend()?.setting_up().await
}

/// Keeps the app that is being set up.
#[server(prefix = "/api", endpoint = "add_app", output = PostPacked)]
pub async fn add_app(code: String) -> Result<(), AppError> {
    let backend = backend()?;
    backend.add_app(code).await?;
    leptos_axum::redirect(after().await?);
    Ok(())
}

/// Forgets the authenticator app.
#[server(prefix = "/api", endpoint = "remove_app", output = PostPacked)]
pub async fn remove_app() -> Result<(), AppError> {
    backend()?.remove_app().await
}

/// Asks for a new passkey.
#[server(prefix = "/api", endpoint = "ask_new_passkey", output = PostPacked)]
pub async fn ask_new_passkey() -> Result<PasskeyQuestion, AppError> {
    backend()?.ask_new_passkey().await
}

/// Keeps a new passkey.
#[server(prefix = "/api", endpoint = "add_passkey", output = PostPacked)]
pub async fn add_passkey(name: String, credential: String) -> Result<(), AppError> {
    let backend = backend()?;
    backend.add_passkey(PasskeyAnswer { name, credential }).await?;
    leptos_axum::redirect(after().await?);
    Ok(())
}

/// After the first factor the recovery codes are shown, after another one the list of them.
async fn after() -> Result<&'static str, AppError> {
    let codes = backend()?.codes().await?;
    Ok(if codes.is_empty() {
        "/me/security"
    } else {
        CODES_PAGE
    })
}

/// Gives a passkey another name.
#[server(prefix = "/api", endpoint = "rename_passkey", output = PostPacked)]
pub async fn rename_passkey(id: i64, name: String) -> Result<(), AppError> {
    backend()?.rename_passkey(id, name.trim().to_owned()).await
}

/// Forgets a passkey.
#[server(prefix = "/api", endpoint = "remove_passkey", output = PostPacked)]
pub async fn remove_passkey(id: i64) -> Result<(), AppError> {
    backend()?.remove_passkey(id).await
}

/// Makes new recovery codes and goes to the page that shows them.
#[server(prefix = "/api", endpoint = "renew_codes", output = PostPacked)]
pub async fn renew_codes() -> Result<(), AppError> {
    backend()?.renew_codes().await?;
    leptos_axum::redirect(CODES_PAGE);
    Ok(())
}

/// The recovery codes that were made and not put away yet.
#[server(prefix = "/api", endpoint = "codes", output = PostPacked)]
pub async fn load_codes() -> Result<Vec<String>, AppError> {
    backend()?.codes().await
}

/// The recovery codes are kept elsewhere now.
#[server(prefix = "/api", endpoint = "put_codes_away", output = PostPacked)]
pub async fn put_codes_away() -> Result<(), AppError> {
    backend()?.put_codes_away().await?;
    leptos_axum::redirect("/me/security");
    Ok(())
}
