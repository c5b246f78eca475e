//! The port the pages use: authorise, write the audit row, then one line of store, links or hub.

mod account;
mod admission;
mod alarms;
mod attempt;
mod audit;
mod callback;
mod command;
mod confirm;
mod connection;
mod desk;
mod enter;
mod erase;
mod export;
mod factor;
mod help;
mod history;
mod home;
pub(crate) mod identity;
mod import;
pub mod in_flight;
mod invitation;
mod keeping;
mod line;
mod lost;
mod mailing;
mod office;
pub mod once;
mod passkey;
mod people;
mod probe;
mod push;
mod queues;
mod recording;
mod recording_comment;
mod recording_file;
mod recording_hold;
mod recording_link;
mod records;
mod report;
mod saved_search;
mod scope;
mod second;
mod security;
mod sign_in;
mod supervision;
mod team;
pub(crate) mod token;
mod tv;
mod view;
mod wall_figures;
mod wallboard;

use command::{Order, Request};
pub(crate) use mailing::minute;

pub(crate) use account::{name_problem, token_hash, username_problem};
pub(crate) use connection::{
    LOG_PATH, RECORDINGS_PATH, changes, is_folder_of_recordings, is_log_path, is_well_known,
};
pub(crate) use enter::note;
pub(crate) use export::Wish;
pub(crate) use recording::{Sound, Want};
pub(crate) use recording_file::Source;
pub(crate) use recording_link::{By, come_by};

use std::{net::IpAddr, sync::Arc};

use app::{
    AppError,
    access::{Ability, Rights},
    audit::{Action, AuditEntry, AuditList, AuditQuery, Fact, Outcome as CameOf},
    backend::Backend,
    live::protocol::LiveSnapshot,
    model::{
        CommandRequest, OwnExtension, PbxConnection, PbxForm, PbxId, ProfileForm, TestStep, UserId, Viewer,
        people::{
            Import, Invitation, Invited, People, RoleForm, RoleId, RoleRow, Team, TeamForm, TeamId, User,
            UserForm,
        },
        sign_in::Entry,
        token::{MadeToken, TokenForm, TokenId, TokenList},
    },
};
use async_trait::async_trait;
use telephony::Outcome;

use crate::{
    access,
    caller::Caller,
    clock::wall_ms,
    error,
    services::Services,
    store::TokenRecord,
    trail::{Act, Who},
};

/// The backend of one caller.
#[derive(Clone, Debug)]
pub struct CallerBackend {
    services: Services,
    caller: Caller,
}

impl CallerBackend {
    /// Binds the services to a caller.
    pub fn new(services: Services, caller: Caller) -> Self {
        Self { services, caller }
    }

    /// Who asks.
    pub(crate) fn viewer(&self) -> Result<&Viewer, AppError> {
        self.caller.signed_in()
    }

    /// The token that asks, and from where.
    pub(crate) fn token(&self) -> Option<(Arc<TokenRecord>, IpAddr)> {
        Some((self.caller.token.clone()?, self.caller.address))
    }

    /// Changes a user, or makes one, with extensions listed one by one.
    pub(crate) async fn put_user(
        &self,
        form: UserForm,
        extensions: &[OwnExtension],
    ) -> Result<(UserId, Option<Invitation>), AppError> {
        people::save_user(self, form, people::Extensions::Listed(extensions)).await
    }

    /// Users after an id, in the order of ids.
    pub(crate) async fn users_by_id(&self, after: i64, limit: usize) -> Result<Vec<User>, AppError> {
        office::users_by_id(self, after, limit).await
    }

    /// The teams that are seen.
    pub(crate) async fn teams(&self) -> Result<Vec<Team>, AppError> {
        office::teams(self).await
    }

    /// The roles.
    pub(crate) async fn roles(&self) -> Result<Vec<RoleRow>, AppError> {
        office::roles(self).await
    }

    /// What the caller may see and do.
    pub(crate) fn rights(&self) -> Result<&Rights, AppError> {
        self.caller.signed_in().map(|viewer| &viewer.rights)
    }

    /// The signed-in person, where they have an ability and act for themselves: who only takes somebody's view does
    /// nothing.
    fn may(&self, ability: Ability) -> Result<&Viewer, AppError> {
        let viewer = self.acting()?;
        access::require(&viewer.rights, ability)?;
        Ok(viewer)
    }

    /// A sensitive act begins with this: whoever asks has shown lately (ten minutes) who they are. Where not, the page
    /// asks for it in place and repeats what was asked.
    fn confirmed(&self) -> Result<&Viewer, AppError> {
        let viewer = self.acting()?;
        let age_ms = |confirmed_ms| wall_ms().saturating_sub(confirmed_ms);
        match self.caller.confirmed_ms.map(age_ms) {
            Some(age_ms) if age_ms < self.services.second_factor.confirmed_ms => Ok(viewer),
            Some(_) | None => Err(AppError::Reauthenticate),
        }
    }

    /// [`Self::confirmed`], where a person asks: the token of a program was made by somebody who had.
    fn sure(&self) -> Result<(), AppError> {
        match self.caller.token {
            Some(_) => Ok(()),
            None => self.confirmed().map(drop),
        }
    }

    /// The signed-in person, where they act for themselves.
    fn acting(&self) -> Result<&Viewer, AppError> {
        let viewer = self.caller.signed_in()?;
        if self.caller.screen.is_some() {
            return Err(AppError::Forbidden);
        }
        if viewer.seen_by.is_some() {
            return Err(AppError::Conflict(
                "You only see what somebody else sees. Go back to your own view first.".into(),
            ));
        }
        Ok(viewer)
    }

    /// Says what is asked for, before anything can be refused: a refusal is told in the audit trail with this.
    fn about(&self, action: Action, object: impl Into<String>) {
        self.caller.record.about(action, object);
    }

    /// Does something with a row in the audit trail before it and a row for what came of it. Where the first cannot be
    /// written, nothing is done.
    async fn act<T>(
        &self,
        action: Action,
        object: &str,
        facts: &[Fact],
        work: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let act = self.begin(self.caller.who(), action, object, facts).await?;
        self.conclude(act, work.await).await
    }

    /// Writes what is about to happen; where that fails, it must not happen. [`Self::conclude`] or [`Self::end`] follows.
    async fn begin(&self, who: Who, action: Action, object: &str, facts: &[Fact]) -> Result<Act, AppError> {
        let address = self.caller.address.to_string();
        let act = self
            .services
            .trail
            .begin(who, &address, action, object, facts)
            .await?;
        self.caller.record.written();
        Ok(act)
    }

    /// Writes what came of it.
    async fn end(&self, act: Act, outcome: CameOf, facts: &[Fact]) {
        self.services.trail.end(act, outcome, facts).await;
    }

    /// Writes whether it was done, and hands the result on.
    async fn conclude<T>(&self, act: Act, result: Result<T, AppError>) -> Result<T, AppError> {
        match &result {
            Ok(_) => self.end(act, CameOf::Done, &[]).await,
            Err(error) => {
                let outcome = match error::refusal(error) {
                    Some(_) => CameOf::Refused,
                    None => CameOf::Failed,
                };
                self.end(act, outcome, &[Fact::told("why", error.to_string())])
                    .await;
            }
        }
        result
    }
}

#[async_trait]
impl Backend for CallerBackend {
    fn viewer(&self) -> Result<Option<Viewer>, AppError> {
        Ok(self.caller.viewer.clone())
    }

    fn providers(&self) -> Vec<String> {
        let providers = &self.services.vouchers.providers;
        providers.iter().map(|one| one.name().to_owned()).collect()
    }

    fn snapshot(&self) -> Result<LiveSnapshot, AppError> {
        Ok(self.services.hub.snapshot(&self.caller.sight()?))
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
        self.about(connection::saving(&form), connection::object(&form));
        self.may(Ability::ManageConnections)?;
        connection::save(self, form).await
    }

    async fn delete_pbx(&self, id: PbxId) -> Result<(), AppError> {
        self.about(Action::DeletePbx, format!("pbx {}", id.0));
        self.may(Ability::ManageConnections)?;
        connection::delete(self, id).await
    }

    async fn test_pbx(&self, form: PbxForm) -> Result<Vec<TestStep>, AppError> {
        self.about(Action::TestPbx, connection::object(&form));
        self.may(Ability::ManageConnections)?;
        probe::test(self, form).await
    }

    async fn save_profile(&self, form: ProfileForm) -> Result<Viewer, AppError> {
        account::save_profile(self, form).await
    }

    async fn command(&self, request: CommandRequest) -> Result<Outcome, AppError> {
        let order = Order::Call(request.command);
        command::run(
            self,
            Request {
                request_id: request.request_id,
                pbx: request.pbx,
                order,
            },
        )
        .await
    }

    async fn audit_list(&self, query: AuditQuery) -> Result<AuditList, AppError> {
        audit::list(self, query).await
    }

    async fn audit_entry(&self, id: i64) -> Result<AuditEntry, AppError> {
        audit::entry(self, id).await
    }

    async fn people(&self) -> Result<People, AppError> {
        office::people(self).await
    }

    async fn save_user(&self, form: UserForm) -> Result<(UserId, Option<Invitation>), AppError> {
        let extensions = form.extensions.clone();
        people::save_user(self, form, people::Extensions::Typed(&extensions)).await
    }

    async fn invite(&self, user: UserId) -> Result<Invitation, AppError> {
        invitation::invite(self, user).await
    }

    async fn invited(&self, token: String) -> Result<Invited, AppError> {
        invitation::invited(self, &token).await
    }

    async fn accept(&self, token: String, password: String) -> Result<Entry, AppError> {
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

    async fn tokens(&self, everybody: bool) -> Result<TokenList, AppError> {
        token::list(self, everybody).await
    }

    async fn make_token(&self, form: TokenForm) -> Result<MadeToken, AppError> {
        token::make(self, form).await
    }

    async fn revoke_token(&self, id: TokenId) -> Result<(), AppError> {
        token::revoke(self, id).await
    }
}
