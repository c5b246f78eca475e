//! The port the pages use: authorise, write the audit row, then one line of store, links or hub.

mod account;
mod command;
mod connection;
mod import;
pub mod in_flight;
mod invitation;
mod people;
mod probe;
mod team;
mod view;

pub(crate) use account::token_hash;
pub(crate) use connection::is_well_known;

use app::{
    AppError,
    access::{Ability, Rights},
    backend::Backend,
    live::protocol::LiveSnapshot,
    model::{
        CommandRequest, PbxConnection, PbxForm, PbxId, ProfileForm, SetUp, SignIn, TestStep, UserId, Viewer,
        people::{Import, Invitation, Invited, People, RoleForm, RoleId, TeamForm, TeamId, UserForm},
    },
};
use async_trait::async_trait;
use telephony::Outcome;

use crate::{
    access::{self, Sight},
    caller::Caller,
    clock::wall_ms,
    services::Services,
    store::Entry,
};

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

    /// What the caller may see and do.
    fn rights(&self) -> Result<&Rights, AppError> {
        self.caller.signed_in().map(|viewer| &viewer.rights)
    }

    /// The signed-in person, where they have an ability and act for themselves: who only takes somebody's view does
    /// nothing.
    fn may(&self, ability: Ability) -> Result<&Viewer, AppError> {
        let viewer = self.acting()?;
        access::require(&viewer.rights, ability)?;
        Ok(viewer)
    }

    /// The signed-in person, where they act for themselves.
    fn acting(&self) -> Result<&Viewer, AppError> {
        let viewer = self.caller.signed_in()?;
        if viewer.seen_by.is_some() {
            return Err(AppError::Conflict(
                "You only see what somebody else sees. Go back to your own view first.".into(),
            ));
        }
        Ok(viewer)
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
        Ok(self.services.hub.snapshot(&Sight::of(self.rights()?)))
    }

    async fn pbx_connections(&self) -> Result<Vec<PbxConnection>, AppError> {
        self.may(Ability::ManageConnections)?;
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
        self.may(Ability::ManageConnections)?;
        connection::save(self, form).await
    }

    async fn delete_pbx(&self, id: PbxId) -> Result<(), AppError> {
        self.may(Ability::ManageConnections)?;
        connection::delete(self, id).await
    }

    async fn test_pbx(&self, form: PbxForm) -> Result<Vec<TestStep>, AppError> {
        self.may(Ability::ManageConnections)?;
        probe::test(self, form).await
    }

    async fn save_profile(&self, form: ProfileForm) -> Result<Viewer, AppError> {
        account::save_profile(self, form).await
    }

    async fn command(&self, request: CommandRequest) -> Result<Outcome, AppError> {
        command::run(self, request).await
    }

    async fn people(&self) -> Result<People, AppError> {
        people::people(self).await
    }

    async fn save_user(&self, form: UserForm) -> Result<(UserId, Option<Invitation>), AppError> {
        people::save_user(self, form).await
    }

    async fn invite(&self, user: UserId) -> Result<Invitation, AppError> {
        invitation::invite(self, user).await
    }

    async fn invited(&self, token: String) -> Result<Invited, AppError> {
        invitation::invited(self, &token).await
    }

    async fn accept(&self, token: String, password: String) -> Result<Viewer, AppError> {
        invitation::accept(self, &token, &password).await
    }

    async fn set_disabled(&self, user: UserId, disabled: bool) -> Result<(), AppError> {
        people::set_disabled(self, user, disabled).await
    }

    async fn end_sessions(&self, user: UserId) -> Result<(), AppError> {
        people::end_sessions(self, user).await
    }

    async fn save_team(&self, form: TeamForm) -> Result<TeamId, AppError> {
        team::save_team(self, form).await
    }

    async fn delete_team(&self, id: TeamId) -> Result<(), AppError> {
        team::delete_team(self, id).await
    }

    async fn save_role(&self, form: RoleForm) -> Result<RoleId, AppError> {
        team::save_role(self, form).await
    }

    async fn delete_role(&self, id: RoleId) -> Result<(), AppError> {
        team::delete_role(self, id).await
    }

    async fn import(&self, csv: String, do_it: bool) -> Result<Import, AppError> {
        import::run(self, &csv, do_it).await
    }

    async fn view_as(&self, user: Option<UserId>) -> Result<(), AppError> {
        view::take(self, user).await
    }
}
