//! Asking for help, and being on it.

use app::{
    AppError,
    audit::{Action, Fact},
    backend::HelpBackend,
    live::help::MAX_WORDS_CHARS,
};
use async_trait::async_trait;

use super::CallerBackend;

#[async_trait]
impl HelpBackend for CallerBackend {
    async fn ask_help(&self, words: String) -> Result<i64, AppError> {
        let object = self.caller.signed_in()?.username.clone();
        self.about(Action::AskHelp, &object);
        let viewer = self.acting()?;
        let words = words.trim().to_owned();
        if words.chars().count() > MAX_WORDS_CHARS {
            let problem = format!("Say it in {MAX_WORDS_CHARS} characters.");
            return Err(AppError::field("words", problem));
        }
        let facts = (!words.is_empty()).then(|| Fact::told("words", &*words));
        let help = &self.services.help;
        let work = help.ask(&self.services, viewer, words.clone());
        self.act(Action::AskHelp, &object, facts.as_slice(), work).await
    }

    async fn take_help(&self, id: i64) -> Result<(), AppError> {
        let object = format!("request {id}");
        self.about(Action::TakeHelp, &object);
        let viewer = self.acting()?;
        let work = self.services.help.take(&self.services, viewer, id);
        self.act(Action::TakeHelp, &object, &[], work).await
    }

    async fn end_help(&self, id: i64) -> Result<(), AppError> {
        let object = format!("request {id}");
        self.about(Action::EndHelp, &object);
        let viewer = self.acting()?;
        let work = self.services.help.end(&self.services, viewer, id);
        self.act(Action::EndHelp, &object, &[], work).await
    }
}
