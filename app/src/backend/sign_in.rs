//! The part of the port that is about the way in.

use async_trait::async_trait;

use crate::{
    AppError,
    model::{
        SetUp, SignIn, UserId,
        sign_in::{Entry, Note, PasskeyAnswer, PasskeyPlace, PasskeyQuestion, Security, SettingUp, Ways},
    },
};

/// Signing in, and what belongs to it.
#[async_trait]
pub trait SignInBackend: Send + Sync {
    /// Whether set-up still waits for its first administrator.
    async fn setup_open(&self) -> Result<bool, AppError>;
    /// Makes the first administrator and signs in. Conflict when one exists already.
    async fn set_up(&self, form: SetUp) -> Result<(), AppError>;
    /// Signs in as far as a password goes; the session gets a new id.
    async fn sign_in(&self, form: SignIn) -> Result<Entry, AppError>;
    /// Ends the session.
    async fn sign_out(&self) -> Result<(), AppError>;
    /// What has to be said above every page.
    fn notes(&self) -> Vec<Note>;

    /// Where passkeys work.
    fn passkey_place(&self) -> PasskeyPlace;
    /// Asks for any passkey, of whoever it is.
    async fn ask_passkey(&self) -> Result<PasskeyQuestion, AppError>;
    /// Signs in with a passkey alone.
    async fn sign_in_with_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError>;

    /// What somebody halfway in can show.
    async fn second_ways(&self) -> Result<Ways, AppError>;
    /// Asks somebody halfway in for one of their passkeys.
    async fn ask_second(&self) -> Result<PasskeyQuestion, AppError>;
    /// Goes the second half with a passkey.
    async fn second_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError>;
    /// Goes the second half with a code of an app or a recovery code.
    async fn second_code(&self, code: String) -> Result<(), AppError>;

    /// One's own security.
    async fn security(&self) -> Result<Security, AppError>;
    /// Changes one's password; gives how many other sessions ended.
    async fn change_password(&self, old: String, new: String) -> Result<u32, AppError>;
    /// Ends one of one's own sessions.
    async fn end_session(&self, id: String) -> Result<(), AppError>;
    /// Ends one's own sessions but this one; gives how many.
    async fn end_other_sessions(&self) -> Result<u32, AppError>;

    /// Begins to set up an authenticator app; also halfway in, where one has to.
    async fn begin_app(&self) -> Result<(), AppError>;
    /// What is being set up.
    async fn setting_up(&self) -> Result<SettingUp, AppError>;
    /// Keeps the app that is being set up: it has shown that it counts right.
    async fn add_app(&self, code: String) -> Result<(), AppError>;
    /// Forgets the app.
    async fn remove_app(&self) -> Result<(), AppError>;
    /// Asks for a new passkey; also halfway in, where one has to.
    async fn ask_new_passkey(&self) -> Result<PasskeyQuestion, AppError>;
    /// Keeps a new passkey.
    async fn add_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError>;
    /// Gives a passkey another name.
    async fn rename_passkey(&self, id: i64, name: String) -> Result<(), AppError>;
    /// Forgets a passkey.
    async fn remove_passkey(&self, id: i64) -> Result<(), AppError>;
    /// Makes new recovery codes; the old ones are worth nothing then.
    async fn renew_codes(&self) -> Result<(), AppError>;
    /// The recovery codes that were made and not put away yet.
    async fn codes(&self) -> Result<Vec<String>, AppError>;
    /// They are kept elsewhere now: they are never shown again.
    async fn put_codes_away(&self) -> Result<(), AppError>;

    /// Takes every factor from somebody who lost them all, and ends their sessions (administrators).
    async fn reset_factors(&self, user: UserId) -> Result<(), AppError>;

    /// How one can show again who one is.
    async fn confirm_ways(&self) -> Result<Ways, AppError>;
    /// Shows it by the password.
    async fn confirm(&self, password: String) -> Result<(), AppError>;
    /// Asks for one of one's passkeys.
    async fn ask_confirm(&self) -> Result<PasskeyQuestion, AppError>;
    /// Shows it by a passkey.
    async fn confirm_with_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError>;
}
