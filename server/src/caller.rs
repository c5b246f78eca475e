//! Who sends a request: found once at the door, then handed on.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use app::{
    AppError,
    model::{Viewer, sign_in::Note},
};
use axum::http::{HeaderMap, header};
use secrecy::SecretString;
use tower_sessions::Session;

use crate::{
    access::{
        Sight, current,
        showing::{Showing, by_screen},
        token,
    },
    clock::wall_ms,
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
    /// The screen that asks, in place of a person; its viewer has no rights.
    pub screen: Option<Arc<Showing>>,
    /// SHA-256 of the token that a television keeps, whatever it is worth.
    pub tv_token: Option<[u8; 32]>,
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
            screen: None,
            tv_token: None,
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
            token: Some(token.clone()),
            address,
            ..Self::absent(token.user, viewer, sessions)
        }
    }

    /// Somebody whose work goes on while they are away: with the rights that they have now, and without a session.
    pub fn absent(user: i64, viewer: Viewer, sessions: &Sessions) -> Self {
        Self {
            session: Session::new(None, Arc::new(sessions.clone()), None),
            user,
            view_as: None,
            viewer: Some(viewer),
            token: None,
            screen: None,
            tv_token: None,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            record: Record::default(),
            agent: String::new(),
            confirmed_ms: None,
            notes: Vec::new(),
        }
    }

    /// Whoever made a link, while somebody comes by it. There is no session either.
    pub fn by_link(maker: Viewer, address: IpAddr, sessions: &Sessions) -> Self {
        Self {
            session: Session::new(None, Arc::new(sessions.clone()), None),
            user: maker.id.0,
            view_as: None,
            viewer: Some(maker),
            token: None,
            screen: None,
            tv_token: None,
            address,
            record: Record::default(),
            agent: String::new(),
            confirmed_ms: None,
            notes: Vec::new(),
        }
    }

    /// Looks whether a screen asks, where nobody is signed in. A database that cannot note that it is there does not
    /// cut it off.
    pub async fn find_screen(&mut self, headers: &HeaderMap, services: &Services) -> Result<(), AppError> {
        let Some(hash) = tv_token(headers) else {
            return Ok(());
        };
        self.tv_token = Some(hash);
        let now_ms = wall_ms();
        let whence = services.whence(self.address);
        let Some(showing) = by_screen(&services.store, whence, &hash, now_ms).await? else {
            return Ok(());
        };
        let address = self.address.to_string();
        if let Err(error) = services
            .store
            .touch_screen(&showing.record, &address, now_ms)
            .await
        {
            tracing::warn!(%error, "the use of a screen could not be noted");
        }
        self.viewer = Some(showing.viewer());
        self.screen = Some(Arc::new(showing));
        Ok(())
    }

    /// What they see of the boards.
    pub fn sight(&self) -> Result<Sight, AppError> {
        match &self.screen {
            Some(screen) => Ok(screen.sight.clone()),
            None => self.signed_in().map(|viewer| Sight::of(&viewer.rights)),
        }
    }

    /// As the audit trail names them.
    pub fn who(&self) -> Who {
        let Some(viewer) = &self.viewer else {
            return Who::default();
        };
        if let Some(screen) = &self.screen {
            return Who::screen(&screen.record.name);
        }
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

/// The cookie in which a television keeps its token.
pub const TV_COOKIE: &str = "__Host-tv";

/// What a television keeps, if it looks like a token.
fn tv_token(headers: &HeaderMap) -> Option<[u8; 32]> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == TV_COOKIE)?;
    token::read(&SecretString::from(token.to_owned()))
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
