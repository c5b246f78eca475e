//! Sessions: an opaque id in a `__Host-` cookie, everything else in the database under the id's hash.

pub mod ends;
pub mod stage;

use app::access::Abilities;
use async_trait::async_trait;
use axum::http::Extensions;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::{
    Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use crate::{
    clock::wall_ms,
    store::{SessionRecord, Store},
};

/// The cookie. Chromium takes `__Host-` with `Secure` on http://localhost and http://127.0.0.1 as well.
pub const COOKIE: &str = "__Host-sid";
/// No session lives longer, in milliseconds (12 h).
const ABSOLUTE_MS: u64 = 12 * 3600 * 1000;
/// An administrator's unused session ends after 30 min, another's after 12 h.
const IDLE_ADMIN_MS: u64 = 30 * 60 * 1000;
const IDLE_MS: u64 = ABSOLUTE_MS;
/// Use of a session is noted once in so many milliseconds.
const TOUCH_MS: u64 = 60 * 1000;

const USER: &str = "user";
const VIEW_AS: &str = "view_as";
const IDLE: &str = "idle_ms";
const UNTIL: &str = "until_ms";

/// The hash under which a session is stored.
pub type IdHash = [u8; 32];

/// Our tables as a session store.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
}

/// Hashes an id for the database.
pub fn hash(id: Id) -> IdHash {
    Sha256::digest(id.0.to_be_bytes()).into()
}

impl Sessions {
    /// Sessions in `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The layer that reads and sets the cookie.
    pub fn layer(&self) -> SessionManagerLayer<Sessions> {
        SessionManagerLayer::new(self.clone())
            .with_name(COOKIE)
            .with_secure(true)
            .with_http_only(true)
            .with_same_site(SameSite::Lax)
            .with_path("/")
    }

    /// Notes that the session is in use. A database that cannot be written does not end it.
    pub async fn touch(&self, id: Id) {
        if let Err(error) = self.store.touch_session(&hash(id), wall_ms(), TOUCH_MS).await {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
    }
}

/// Who is signed in in this session, and whose view they took.
pub async fn user(session: &Session) -> Result<(Option<i64>, Option<i64>), tower_sessions::session::Error> {
    Ok((session.get(USER).await?, session.get(VIEW_AS).await?))
}

/// Takes somebody's view, or gives it back.
pub async fn view_as(session: &Session, user: Option<i64>) -> Result<(), tower_sessions::session::Error> {
    match user {
        Some(user) => session.insert(VIEW_AS, user).await?,
        None => drop(session.remove::<i64>(VIEW_AS).await?),
    }
    session.save().await
}

/// How long a session may be unused, in milliseconds: of whoever administers anything less long.
fn idle_ms(abilities: &Abilities) -> u64 {
    if abilities.administer() {
        IDLE_ADMIN_MS
    } else {
        IDLE_MS
    }
}

/// The session the session layer found for a request.
pub fn of(extensions: &Extensions) -> Option<&Session> {
    extensions.get::<Session>()
}

fn date(time_ms: u64) -> OffsetDateTime {
    let nanoseconds = i128::from(time_ms) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn stored(record: &Record) -> session_store::Result<SessionRecord> {
    let data = serde_json::to_string(&record.data);
    let absolute_ms = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    Ok(SessionRecord {
        id_hash: hash(record.id),
        user_id: record.data.get(USER).and_then(Value::as_i64),
        data: data.map_err(|error| session_store::Error::Encode(error.to_string()))?,
        idle_ms: record
            .data
            .get(IDLE)
            .and_then(Value::as_u64)
            .unwrap_or(IDLE_ADMIN_MS),
        absolute_ms: u64::try_from(absolute_ms).unwrap_or_default(),
    })
}

fn backend(error: crate::store::StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            if self
                .store
                .create_session(&stored(record)?, wall_ms())
                .await
                .map_err(backend)?
            {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.store
            .update_session(&stored(record)?, wall_ms())
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(found) = self.store.session(&hash(*id), wall_ms()).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&found.data);
        Ok(Some(Record {
            id: *id,
            data: data.map_err(|error| session_store::Error::Decode(error.to_string()))?,
            expiry_date: date(found.absolute_ms),
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.store.delete_session(&hash(*id)).await.map_err(backend)
    }
}
