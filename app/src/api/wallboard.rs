//! Wallboards, and the screens that show them.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::wallboard::{PairForm, ScreenId, Shown, Today, Tv, Wallboard, WallboardId, Wallboards},
    packed::PostPacked,
};

/// The own boards and screens, and the boards of others that may be opened.
#[server(prefix = "/api", endpoint = "wallboards", output = PostPacked)]
pub async fn load_wallboards() -> Result<Wallboards, AppError> {
    backend()?.wallboards().await
}

/// One board that may be opened.
#[server(prefix = "/api", endpoint = "wallboard", output = PostPacked)]
pub async fn load_wallboard(id: i64) -> Result<Shown, AppError> {
    backend()?.wallboard(WallboardId(id)).await
}

/// Makes a board to begin with and goes to it.
#[server(prefix = "/api", endpoint = "make_wallboard", output = PostPacked)]
pub async fn make_wallboard(name: String) -> Result<(), AppError> {
    let id = backend()?.make_wallboard(Wallboard::first(name.trim())).await?;
    leptos_axum::redirect(&format!("/wallboards/{}", id.0));
    Ok(())
}

/// Changes a board; gives its new version.
#[server(prefix = "/api", endpoint = "save_wallboard", input = PostPacked, output = PostPacked)]
pub async fn save_wallboard(id: WallboardId, version: i64, board: Wallboard) -> Result<i64, AppError> {
    backend()?.change_wallboard(id, version, board).await
}

/// Removes a board and goes back to the list.
#[server(prefix = "/api", endpoint = "remove_wallboard", output = PostPacked)]
pub async fn remove_wallboard(id: i64) -> Result<(), AppError> {
    backend()?.remove_wallboard(WallboardId(id)).await?;
    leptos_axum::redirect("/wallboards");
    Ok(())
}

/// Lets the screen that shows a code show a board, and goes to the screens.
#[server(prefix = "/api", endpoint = "pair_screen", output = PostPacked)]
pub async fn pair_screen(
    code: String,
    board: i64,
    #[server(default)] name: String,
    #[server(default)] masked: bool,
) -> Result<(), AppError> {
    let form = PairForm {
        code,
        board: WallboardId(board),
        name,
        masked,
    };
    backend()?.pair_screen(form).await?;
    leptos_axum::redirect("/wallboards/screens");
    Ok(())
}

/// Takes the board off a screen and goes to the screens.
#[server(prefix = "/api", endpoint = "revoke_screen", output = PostPacked)]
pub async fn revoke_screen(id: i64) -> Result<(), AppError> {
    backend()?.revoke_screen(ScreenId(id)).await?;
    leptos_axum::redirect("/wallboards/screens");
    Ok(())
}

/// The figures of a day, which begins and ends where the wall hangs.
#[server(prefix = "/api", endpoint = "wall_figures", output = PostPacked)]
pub async fn load_wall_figures(from_ms: u64, to_ms: u64) -> Result<Today, AppError> {
    backend()?.wall_figures(from_ms, to_ms).await
}

/// What the television that asks has to show.
#[server(prefix = "/api", endpoint = "tv", output = PostPacked)]
pub async fn load_tv() -> Result<Tv, AppError> {
    let (tv, cookie) = backend()?.tv().await?;
    let answer = leptos::prelude::use_context::<leptos_axum::ResponseOptions>();
    let cookie = cookie.and_then(|cookie| axum::http::HeaderValue::from_str(&cookie).ok());
    if let (Some(answer), Some(cookie)) = (answer, cookie) {
        answer.append_header(axum::http::header::SET_COOKIE, cookie);
    }
    Ok(tv)
}
