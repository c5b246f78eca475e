//! The part of the port that is about wallboards and the screens that show them.

use async_trait::async_trait;

use crate::{
    AppError,
    model::wallboard::{PairForm, ScreenId, Shown, Today, Tv, Wallboard, WallboardId, Wallboards},
};

/// What the interface needs of the server for wallboards.
#[async_trait]
pub trait WallboardBackend: Send + Sync {
    /// The own boards and screens, and the boards of others that may be opened.
    async fn wallboards(&self) -> Result<Wallboards, AppError>;
    /// One board that may be opened, with the teams to choose from.
    async fn wallboard(&self, id: WallboardId) -> Result<Shown, AppError>;
    /// Makes one.
    async fn make_wallboard(&self, board: Wallboard) -> Result<WallboardId, AppError>;
    /// Changes an own one; gives its new version. Conflict when it is not of `version` any more.
    async fn change_wallboard(
        &self,
        id: WallboardId,
        version: i64,
        board: Wallboard,
    ) -> Result<i64, AppError>;
    /// Removes an own one.
    async fn remove_wallboard(&self, id: WallboardId) -> Result<(), AppError>;
    /// Lets the screen that shows a code show a board.
    async fn pair_screen(&self, form: PairForm) -> Result<(), AppError>;
    /// Takes the board off an own screen.
    async fn revoke_screen(&self, id: ScreenId) -> Result<(), AppError>;
    /// The figures between two moments of what the caller sees; a screen gets those that its board shows.
    async fn wall_figures(&self, from_ms: u64, to_ms: u64) -> Result<Today, AppError>;
    /// What the television that asks has to show, and the cookie that it is to keep.
    async fn tv(&self) -> Result<(Tv, Option<String>), AppError>;
}
