//! Erasing what is kept of telephone numbers.

use app::{
    AppError,
    access::Ability,
    audit::Action,
    backend::EraseBackend,
    model::erase::{Erasing, MAX_PURPOSE_CHARS, Preview},
};
use async_trait::async_trait;

use super::CallerBackend;
use crate::{
    erase::{Asked, begin},
    store::Number,
};

fn number_of(typed: &str) -> Result<Number, AppError> {
    Number::of(typed).ok_or_else(|| {
        AppError::field(
            "number",
            "A telephone number with at least six digits, and nothing else.",
        )
    })
}

fn not_ours(preview: &Preview) -> Result<(), AppError> {
    if preview.ours {
        return Err(AppError::field(
            "number",
            "This is the number of a phone here. What is kept of people who work here is not erased by it.",
        ));
    }
    Ok(())
}

#[async_trait]
impl EraseBackend for CallerBackend {
    async fn erasing(&self, number: String) -> Result<Erasing, AppError> {
        self.may(Ability::EraseNumbers)?;
        let store = &self.services.store;
        let preview = match number.trim() {
            "" => None,
            typed => Some(store.erasure_preview(&number_of(typed)?).await?),
        };
        Ok(Erasing {
            preview,
            erasures: store.erasures().await?,
        })
    }

    async fn erase_number(&self, number: String, again: String, purpose: String) -> Result<i64, AppError> {
        let one = number_of(&number);
        let hint = one.as_ref().map_or_else(|_| "number".to_owned(), Number::hint);
        self.about(Action::EraseNumber, hint);
        self.may(Ability::EraseNumbers)?;
        let one = one?;
        if number_of(&again).ok().as_ref() != Some(&one) {
            return Err(AppError::field("again", "This is not the same number."));
        }
        let purpose = purpose.trim();
        if purpose.is_empty() || purpose.chars().count() > MAX_PURPOSE_CHARS {
            return Err(AppError::field(
                "purpose",
                format!("Say why, in at most {MAX_PURPOSE_CHARS} letters."),
            ));
        }
        if one.stands_in(purpose) {
            return Err(AppError::field(
                "purpose",
                "Say why without the number: this is kept.",
            ));
        }
        self.confirmed()?;
        let services = &self.services;
        let preview = services.store.erasure_preview(&one).await?;
        not_ours(&preview)?;
        let asked = Asked {
            who: self.caller.who(),
            address: &self.caller.address.to_string(),
            number: &one,
            purpose,
        };
        let id = begin(&services.store, &services.trail, asked, &preview).await?;
        self.caller.record.written();
        services.erasures.poke();
        Ok(id)
    }
}
