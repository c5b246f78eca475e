//! Searches that somebody comes back to: their own, and nobody else's.

use app::{
    AppError,
    access::Ability,
    backend::SavedSearchBackend,
    model::history::{MAX_ADDRESS, MAX_SAVED, MAX_SAVED_NAME, SavedSearch},
    pages::history::asked::{PAGE, REPORTS},
};
use async_trait::async_trait;

use super::CallerBackend;

/// An address of ours: what is saved leads to calls and nowhere else.
pub(super) fn leads_to_calls(address: &str) -> bool {
    let (page, words) = address.split_once('?').unwrap_or((address, ""));
    let plain = |one: char| one.is_ascii_graphic() && !matches!(one, '"' | '<' | '>' | '\\' | '#' | '?');
    matches!(page, PAGE | REPORTS) && words.chars().all(plain) && address.len() <= MAX_ADDRESS
}

#[async_trait]
impl SavedSearchBackend for CallerBackend {
    async fn saved_searches(&self) -> Result<Vec<SavedSearch>, AppError> {
        let viewer = self.viewer()?;
        Ok(self.services.store.saved_searches(viewer.id).await?)
    }

    async fn save_search(&self, name: String, address: String) -> Result<(), AppError> {
        let viewer = self.may(Ability::SeeCalls)?;
        let name = name.trim();
        let is_name =
            (1..=MAX_SAVED_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !is_name {
            return Err(AppError::field(
                "name",
                format!("1 to {MAX_SAVED_NAME} characters."),
            ));
        }
        if !leads_to_calls(&address) {
            return Err(AppError::field("address", "Save it from the page that it is on."));
        }
        if !self.services.store.save_search(viewer.id, name, &address).await? {
            return Err(AppError::field(
                "name",
                format!("You have {MAX_SAVED} already: forget one first."),
            ));
        }
        Ok(())
    }

    async fn forget_search(&self, id: i64) -> Result<(), AppError> {
        let viewer = self.may(Ability::SeeCalls)?;
        let done = self.services.store.forget_search(viewer.id, id).await?;
        done.then_some(()).ok_or(AppError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::leads_to_calls;

    #[test]
    fn what_is_saved_leads_to_calls_and_nowhere_else() {
        for good in [
            "/calls/history",
            "/calls/history?q=from%3A%2B44&time=7",
            "/calls/reports?by=queue",
        ] {
            assert!(leads_to_calls(good), "{good}");
        }
        let long = format!("/calls/history?q={}", "a".repeat(2_000));
        for bad in [
            "",
            "/",
            "//x.example",
            "https://x.example/calls/history",
            "/calls/history/../../admin",
            "/calls/historyx",
            "javascript:alert(1)",
            "/calls/history?q=<b>",
            "/calls/history?q= ",
            "/calls/history?q=\n",
            &long,
        ] {
            assert!(!leads_to_calls(bad), "{bad}");
        }
    }
}
