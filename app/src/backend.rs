//! The one port from pages and server functions to the server. Provided once for each request as context,
//! already bound to the caller: every method decides access by itself.

use std::sync::Arc;

use async_trait::async_trait;
use telephony::Outcome;

use crate::{
    AppError,
    live::protocol::LiveSnapshot,
    model::{CommandRequest, PbxConnection, PbxForm, PbxId, ProfileForm, SetUp, SignIn, TestStep, Viewer},
};

/// What is put into Leptos' context: `use_context::<BackendHandle>()`.
pub type BackendHandle = Arc<dyn Backend>;

/// What the interface needs of the server.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Who asks; None when not signed in.
    fn viewer(&self) -> Result<Option<Viewer>, AppError>;
    /// Whether set-up still waits for its first administrator.
    async fn setup_open(&self) -> Result<bool, AppError>;
    /// Makes the first administrator and signs in. Conflict when one exists already.
    async fn set_up(&self, form: SetUp) -> Result<Viewer, AppError>;
    /// Signs in; the session gets a new id.
    async fn sign_in(&self, form: SignIn) -> Result<Viewer, AppError>;
    /// Ends the session.
    async fn sign_out(&self) -> Result<(), AppError>;
    /// Everything the viewer may see now.
    fn snapshot(&self) -> Result<LiveSnapshot, AppError>;
    /// Every PBX connection (administrators).
    async fn pbx_connections(&self) -> Result<Vec<PbxConnection>, AppError>;
    /// Makes or changes one (administrators); connects anew where needed.
    async fn save_pbx(&self, form: PbxForm) -> Result<PbxConnection, AppError>;
    /// Removes one (administrators).
    async fn delete_pbx(&self, id: PbxId) -> Result<(), AppError>;
    /// Tries a connection without saving it (administrators).
    async fn test_pbx(&self, form: PbxForm) -> Result<Vec<TestStep>, AppError>;
    /// Changes the viewer's own settings.
    async fn save_profile(&self, form: ProfileForm) -> Result<Viewer, AppError>;
    /// Carries out a command once, however often its request id comes.
    async fn command(&self, request: CommandRequest) -> Result<Outcome, AppError>;
}
