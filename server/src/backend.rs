//! The port the pages use: authorise, write the audit row, then one line of store, links or hub.

mod account;
mod command;
mod connection;
pub mod in_flight;
mod probe;

pub(crate) use account::token_hash;
pub(crate) use connection::is_well_known;

use app::{
    AppError,
    backend::Backend,
    live::protocol::LiveSnapshot,
    model::{CommandRequest, PbxConnection, PbxForm, PbxId, ProfileForm, SetUp, SignIn, TestStep, Viewer},
};
use async_trait::async_trait;
use telephony::Outcome;

use crate::{access::Rights, caller::Caller, clock::wall_ms, services::Services, store::Entry};

/// The backend of one caller.
#[derive(Clone, Debug)]
pub struct CallerBackend {
    services: Services,
    caller: Caller,
}

/// An audit row that waits for its outcome.
#[derive(Clone, Copy, Debug)]
struct Audited(i64);

impl CallerBackend {
    /// Binds the services to a caller.
    pub fn new(services: Services, caller: Caller) -> Self {
        Self { services, caller }
    }

    fn rights(&self) -> Result<Rights, AppError> {
        self.caller.signed_in().map(Rights::of)
    }

    /// Writes what is about to happen; where that fails, it must not happen.
    async fn audit(&self, action: &str, object: &str) -> Result<Audited, AppError> {
        let actor = self
            .caller
            .viewer
            .as_ref()
            .map_or("", |viewer| viewer.username.as_str());
        self.audit_as(actor, action, object).await
    }

    async fn audit_as(&self, actor: &str, action: &str, object: &str) -> Result<Audited, AppError> {
        let address = self.caller.address.to_string();
        let entry = Entry {
            at_ms: wall_ms(),
            actor,
            address: &address,
            action,
            object,
        };
        Ok(Audited(self.services.store.audit(entry).await?))
    }

    /// Adds how it went. It has happened: a database that fails now does not undo it.
    async fn audited(&self, row: Audited, outcome: &str) {
        if let Err(error) = self.services.store.audit_outcome(row.0, outcome).await {
            tracing::error!(%error, "an outcome could not be added to the audit trail");
        }
    }
}

#[async_trait]
impl Backend for CallerBackend {
    fn viewer(&self) -> Result<Option<Viewer>, AppError> {
        Ok(self.caller.viewer.clone())
    }

    async fn setup_open(&self) -> Result<bool, AppError> {
        Ok(self.services.store.setup_open().await?)
    }

    async fn set_up(&self, form: SetUp) -> Result<Viewer, AppError> {
        account::set_up(self, form).await
    }

    async fn sign_in(&self, form: SignIn) -> Result<Viewer, AppError> {
        account::sign_in(self, form).await
    }

    async fn sign_out(&self) -> Result<(), AppError> {
        account::sign_out(self).await
    }

    fn snapshot(&self) -> Result<LiveSnapshot, AppError> {
        Ok(self.services.hub.snapshot(self.rights()?.sight()))
    }

    async fn pbx_connections(&self) -> Result<Vec<PbxConnection>, AppError> {
        self.rights()?.manage_connections()?;
        Ok(self
            .services
            .store
            .pbxs()
            .await?
            .into_iter()
            .map(|record| record.shown)
            .collect())
    }

    async fn save_pbx(&self, form: PbxForm) -> Result<PbxConnection, AppError> {
        self.rights()?.manage_connections()?;
        connection::save(self, form).await
    }

    async fn delete_pbx(&self, id: PbxId) -> Result<(), AppError> {
        self.rights()?.manage_connections()?;
        connection::delete(self, id).await
    }

    async fn test_pbx(&self, form: PbxForm) -> Result<Vec<TestStep>, AppError> {
        self.rights()?.manage_connections()?;
        probe::test(self, form).await
    }

    async fn save_profile(&self, form: ProfileForm) -> Result<Viewer, AppError> {
        account::save_profile(self, form).await
    }

    async fn command(&self, request: CommandRequest) -> Result<Outcome, AppError> {
        command::run(self, request).await
    }
}
