//! Who sends a request: found once at the door, then handed on.

use std::{net::IpAddr, sync::Arc};

use app::{
    AppError,
    model::{Viewer, sign_in::Note},
};
use tower_sessions::Session;

use crate::{
    access::current,
    error::internal,
    record::Record,
    services::Services,
    session::{self, Sessions, stage},
    store::TokenRecord,
    trail::Who,
};

/// The sender of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The session, signed in or not.
    pub session: Session,
    /// Whose session it is; 0 for nobody's.
    pub user: i64,
    /// Whose view they took.
    pub view_as: Option<i64>,
    /// Who looks, once signed in.
    pub viewer: Option<Viewer>,
    /// The token that they ask with, in place of a session.
    pub token: Option<Arc<TokenRecord>>,
    /// Where from.
    pub address: IpAddr,
    /// What the request is about.
    pub record: Record,
    /// With what, as the browser calls itself.
    pub agent: String,
    /// When they last showed who they are.
    pub confirmed_ms: Option<u64>,
    /// What has to be said above the page that they ask for.
    pub notes: Vec<Note>,
}

impl Caller {
    /// Finds out who sends.
    pub async fn find(session: Session, address: IpAddr, services: &Services) -> Result<Self, AppError> {
        let (user, view_as) = session::user(&session).await.map_err(unreadable)?;
        let viewer = match user {
            Some(user) => current::viewer(&services.store, services.whence(address), user, view_as).await?,
            None => None,
        };
        let confirmed_ms = match &viewer {
            Some(_) => stage::confirmed_ms(&session).await.map_err(unreadable)?,
            None => None,
        };
        Ok(Self {
            session,
            user: user.unwrap_or_default(),
            view_as,
            viewer,
            token: None,
            address,
            record: Record::default(),
            agent: String::new(),
            confirmed_ms,
            notes: Vec::new(),
        })
    }

    /// A program that acts for somebody. It has no session, and gets none: nothing ever saves this one.
    pub fn program(token: Arc<TokenRecord>, viewer: Viewer, address: IpAddr, sessions: &Sessions) -> Self {
        Self {
            session: Session::new(None, Arc::new(sessions.clone()), None),
            user: token.user,
            view_as: None,
            viewer: Some(viewer),
            token: Some(token),
            address,
            record: Record::default(),
            agent: String::new(),
            confirmed_ms: None,
            notes: Vec::new(),
        }
    }

    /// As the audit trail names them.
    pub fn who(&self) -> Who {
        let Some(viewer) = &self.viewer else {
            return Who::default();
        };
        if let Some(token) = &self.token {
            return Who::token(token);
        }
        // who takes somebody's view stays who they are
        Who::user(self.user, viewer.seen_by.as_ref().unwrap_or(&viewer.username))
    }

    /// The signed-in person, or the refusal.
    pub fn signed_in(&self) -> Result<&Viewer, AppError> {
        self.viewer.as_ref().ok_or(AppError::NotSignedIn)
    }
}

/// A session that cannot be read.
pub fn unreadable(error: tower_sessions::session::Error) -> AppError {
    match error {
        tower_sessions::session::Error::Store(error) => {
            tracing::error!(%error, "a session could not be read");
            AppError::Unavailable("Sessions cannot be read now. Try again soon.".into())
        }
        other => internal(other),
    }
}
