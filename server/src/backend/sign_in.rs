//! The part of the port that is about the way in: who may ask, then one line.

use app::{
    AppError, SignInBackend,
    audit::Action,
    model::{
        SetUp, SignIn, UserId,
        sign_in::{Entry, Note, PasskeyAnswer, PasskeyPlace, PasskeyQuestion, Security, SettingUp, Ways},
    },
};
use async_trait::async_trait;

use super::{CallerBackend, account, confirm, enter, factor, passkey, second, security};

#[async_trait]
impl SignInBackend for CallerBackend {
    async fn setup_open(&self) -> Result<bool, AppError> {
        Ok(self.services.store.setup_open().await?)
    }

    async fn set_up(&self, form: SetUp) -> Result<(), AppError> {
        account::set_up(self, form).await
    }

    async fn sign_in(&self, form: SignIn) -> Result<Entry, AppError> {
        enter::by_password(self, form).await
    }

    async fn sign_out(&self) -> Result<(), AppError> {
        enter::sign_out(self).await
    }

    fn notes(&self) -> Vec<Note> {
        self.caller.notes.clone()
    }

    fn passkey_place(&self) -> PasskeyPlace {
        passkey::place_shown(self)
    }

    async fn ask_passkey(&self) -> Result<PasskeyQuestion, AppError> {
        enter::ask_passkey(self)
    }

    async fn sign_in_with_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError> {
        enter::by_passkey(self, answer).await
    }

    async fn second_ways(&self) -> Result<Ways, AppError> {
        second::ways(self).await
    }

    async fn ask_second(&self) -> Result<PasskeyQuestion, AppError> {
        second::ask(self).await
    }

    async fn second_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError> {
        second::passkey(self, answer).await
    }

    async fn second_code(&self, code: String) -> Result<(), AppError> {
        second::code(self, code).await
    }

    async fn security(&self) -> Result<Security, AppError> {
        security::of(self).await
    }

    async fn change_password(&self, old: String, new: String) -> Result<u32, AppError> {
        security::change_password(self, old, new).await
    }

    async fn end_session(&self, id: String) -> Result<(), AppError> {
        security::end_session(self, &id).await
    }

    async fn end_other_sessions(&self) -> Result<u32, AppError> {
        security::end_other_sessions(self).await
    }

    async fn begin_app(&self) -> Result<(), AppError> {
        factor::begin_app(self).await
    }

    async fn setting_up(&self) -> Result<SettingUp, AppError> {
        factor::setting_up(self).await
    }

    async fn add_app(&self, code: String) -> Result<(), AppError> {
        factor::add_app(self, &code).await
    }

    async fn remove_app(&self) -> Result<(), AppError> {
        self.confirmed()?;
        factor::remove_app(self).await
    }

    async fn ask_new_passkey(&self) -> Result<PasskeyQuestion, AppError> {
        factor::ask_new_passkey(self).await
    }

    async fn add_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError> {
        factor::add_passkey(self, answer).await
    }

    async fn rename_passkey(&self, id: i64, name: String) -> Result<(), AppError> {
        factor::rename_passkey(self, id, &name).await
    }

    async fn remove_passkey(&self, id: i64) -> Result<(), AppError> {
        self.confirmed()?;
        factor::remove_passkey(self, id).await
    }

    async fn renew_codes(&self) -> Result<(), AppError> {
        self.confirmed()?;
        factor::renew_codes(self).await
    }

    async fn codes(&self) -> Result<Vec<String>, AppError> {
        factor::codes(self).await
    }

    async fn put_codes_away(&self) -> Result<(), AppError> {
        factor::put_codes_away(self).await
    }

    async fn reset_factors(&self, user: UserId) -> Result<(), AppError> {
        self.about(Action::ResetFactors, format!("user {}", user.0));
        factor::reset(self, user).await
    }

    async fn confirm_ways(&self) -> Result<Ways, AppError> {
        confirm::ways(self).await
    }

    async fn confirm(&self, password: String) -> Result<(), AppError> {
        confirm::by_password(self, &password).await
    }

    async fn ask_confirm(&self) -> Result<PasskeyQuestion, AppError> {
        confirm::ask(self).await
    }

    async fn confirm_with_passkey(&self, answer: PasskeyAnswer) -> Result<(), AppError> {
        confirm::by_passkey(self, answer).await
    }
}
