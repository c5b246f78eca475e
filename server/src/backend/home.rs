//! How the system itself does.

use app::{AppError, access::Ability, backend::HomeBackend, model::health::Health};
use async_trait::async_trait;

use super::CallerBackend;
use crate::health;

#[async_trait]
impl HomeBackend for CallerBackend {
    async fn health(&self) -> Result<Health, AppError> {
        let rights = &self.may(Ability::ManageConnections)?.rights;
        Ok(health::of(&self.services, rights.pbx).await)
    }
}
