//! The one port from pages and server functions to the server. Provided once for each request as context,
//! already bound to the caller: every method decides access by itself.

mod alarms;
mod callback;
mod desk;
mod erase;
mod help;
mod history;
mod home;
mod keeping;
mod line;
mod lost;
mod mailing;
mod push;
mod queues;
mod recording;
mod records;
mod saved_search;
mod sign_in;
mod wallboard;

use std::sync::Arc;

use async_trait::async_trait;
use telephony::Outcome;

use crate::{
    AppError,
    audit::{AuditEntry, AuditList, AuditQuery},
    live::protocol::LiveSnapshot,
    model::{
        CommandRequest, PbxConnection, PbxForm, PbxId, ProfileForm, TestStep, UserId, Viewer,
        people::{Import, Invitation, Invited, People, RoleForm, RoleId, TeamForm, TeamId, UserForm},
        sign_in::Entry,
        token::{MadeToken, TokenForm, TokenId, TokenList},
    },
};

pub use alarms::AlarmBackend;
pub use callback::CallbackBackend;
pub use desk::DeskBackend;
pub use erase::EraseBackend;
pub use help::HelpBackend;
pub use history::HistoryBackend;
pub use home::HomeBackend;
pub use keeping::KeepingBackend;
pub use line::LineBackend;
pub use lost::LostBackend;
pub use mailing::MailingBackend;
pub use push::PushBackend;
pub use queues::QueueBackend;
pub use recording::RecordingBackend;
pub use records::RecordsBackend;
pub use saved_search::SavedSearchBackend;
pub use sign_in::SignInBackend;
pub use wallboard::WallboardBackend;

/// What is put into Leptos' context: `use_context::<BackendHandle>()`.
pub type BackendHandle = Arc<dyn Backend>;

/// What the interface needs of the server.
#[async_trait]
pub trait Backend:
    SignInBackend
    + DeskBackend
    + EraseBackend
    + QueueBackend
    + KeepingBackend
    + LineBackend
    + AlarmBackend
    + HelpBackend
    + HistoryBackend
    + HomeBackend
    + RecordsBackend
    + CallbackBackend
    + LostBackend
    + MailingBackend
    + PushBackend
    + RecordingBackend
    + SavedSearchBackend
    + WallboardBackend
{
    /// Who asks; None when not signed in.
    fn viewer(&self) -> Result<Option<Viewer>, AppError>;
    /// The names of the providers that one can sign in with.
    fn providers(&self) -> Vec<String>;
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
    /// A page of the audit trail.
    async fn audit_list(&self, query: AuditQuery) -> Result<AuditList, AppError>;
    /// One entry of it, whole.
    async fn audit_entry(&self, id: i64) -> Result<AuditEntry, AppError>;
    /// Carries out a command once, however often its request id comes.
    async fn command(&self, request: CommandRequest) -> Result<Outcome, AppError>;
    /// Users, teams and roles, as far as the viewer may see them.
    async fn people(&self) -> Result<People, AppError>;
    /// Changes a user, or invites a new one with a one-time link.
    async fn save_user(&self, form: UserForm) -> Result<(UserId, Option<Invitation>), AppError>;
    /// A new one-time link for a user; the one before is worth nothing any more.
    async fn invite(&self, user: UserId) -> Result<Invitation, AppError>;
    /// For whom a one-time link is. Conflict when it was used or is too old.
    async fn invited(&self, token: String) -> Result<Invited, AppError>;
    /// Chooses a password by a one-time link and signs in.
    async fn accept(&self, token: String, password: String) -> Result<Entry, AppError>;
    /// Lets a user in, or no more; their sessions end.
    async fn set_disabled(&self, user: UserId, disabled: bool) -> Result<(), AppError>;
    /// Ends every session of a user.
    async fn end_sessions(&self, user: UserId) -> Result<(), AppError>;
    /// Makes or changes a team.
    async fn save_team(&self, form: TeamForm) -> Result<TeamId, AppError>;
    /// Removes a team.
    async fn delete_team(&self, id: TeamId) -> Result<(), AppError>;
    /// Makes or changes a role.
    async fn save_role(&self, form: RoleForm) -> Result<RoleId, AppError>;
    /// Removes a role that nobody has.
    async fn delete_role(&self, id: RoleId) -> Result<(), AppError>;
    /// Reads users from CSV: tells what each line would do, and does all of it or nothing where `do_it`.
    async fn import(&self, csv: String, do_it: bool) -> Result<Import, AppError>;
    /// Sees what somebody else sees, until None is asked for.
    async fn view_as(&self, user: Option<UserId>) -> Result<(), AppError>;
    /// Tokens, newest first: the viewer's own, or everybody's.
    async fn tokens(&self, everybody: bool) -> Result<TokenList, AppError>;
    /// Makes a token for programs of the viewer.
    async fn make_token(&self, form: TokenForm) -> Result<MadeToken, AppError>;
    /// Ends a token of the viewer, or of anybody where they may.
    async fn revoke_token(&self, id: TokenId) -> Result<(), AppError>;
}
