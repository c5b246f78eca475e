//! How far the owner of a session has come: halfway in, in, confirmed lately. Each step gives the session a new id.

use app::access::Abilities;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tower_sessions::{Expiry, Session, session::Error};

use super::{ABSOLUTE_MS, IDLE, UNTIL, USER, date, idle_ms};
use crate::clock::wall_ms;

/// Between the password and what comes after it, in milliseconds (5 min); setting up a factor may take longer (15 min).
const HALFWAY_MS: u64 = 5 * 60 * 1000;
const SET_UP_MS: u64 = 15 * 60 * 1000;
/// Guesses at the second factor for one password; then the password is asked for again.
pub const MAX_TRIES: u8 = 5;

const HALFWAY: &str = "halfway";
const ABOUT: &str = "about";
const CONFIRMED: &str = "confirmed_ms";
const PUSH: &str = "push";

/// What a person sees of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Signed in at.
    pub since_ms: u64,
    /// From where, then.
    pub address: String,
    /// With what, as the browser calls itself.
    pub agent: String,
}

/// What is still asked of somebody whose password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// A second factor.
    Factor,
    /// To set one up.
    SetUp,
}

/// Somebody whose password was right and who is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halfway {
    /// Who.
    pub user: i64,
    /// What is asked.
    pub asked: Asked,
    /// Over then.
    pub until_ms: u64,
    /// Guesses made.
    pub tries: u8,
}

/// Begins anew for somebody whose password was right: nothing but the next step is open to this session.
pub async fn begin_halfway(session: &Session, user: i64, asked: Asked) -> Result<(), Error> {
    let lasts_ms = match asked {
        Asked::Factor => HALFWAY_MS,
        Asked::SetUp => SET_UP_MS,
    };
    let until_ms = wall_ms() + lasts_ms;
    let halfway = Halfway {
        user,
        asked,
        until_ms,
        tries: 0,
    };
    anew(session).await?;
    session.insert(HALFWAY, halfway).await?;
    session.insert(IDLE, lasts_ms).await?;
    keep_until(session, until_ms).await
}

/// Who is halfway in, while it lasts.
pub async fn halfway(session: &Session) -> Result<Option<Halfway>, Error> {
    let halfway: Option<Halfway> = session.get(HALFWAY).await?;
    Ok(halfway.filter(|halfway| halfway.until_ms > wall_ms() && halfway.tries < MAX_TRIES))
}

/// Counts a guess before it is looked at.
pub async fn count_try(session: &Session, halfway: Halfway) -> Result<(), Error> {
    let tries = halfway.tries.saturating_add(1);
    keep(session, HALFWAY, Halfway { tries, ..halfway }).await
}

/// Signs in: a new id, so that one planted before is worth nothing. Nothing of what was before is kept.
pub async fn begin(session: &Session, user: i64, abilities: &Abilities, about: &About) -> Result<(), Error> {
    anew(session).await?;
    session.insert(USER, user).await?;
    session.insert(IDLE, idle_ms(abilities)).await?;
    session.insert(ABOUT, about).await?;
    session.insert(CONFIRMED, about.since_ms).await?;
    keep_until(session, about.since_ms + ABSOLUTE_MS).await
}

/// Whoever is there has shown again who they are: a new id.
pub async fn confirm(session: &Session) -> Result<(), Error> {
    session.cycle_id().await?;
    keep(session, CONFIRMED, wall_ms()).await
}

/// When whoever is there last showed who they are.
pub async fn confirmed_ms(session: &Session) -> Result<Option<u64>, Error> {
    session.get(CONFIRMED).await
}

/// The browser that is told of alarms as long as this session lasts.
pub async fn push(session: &Session) -> Result<Option<i64>, Error> {
    session.get(PUSH).await
}

/// From now on this browser is told of alarms. The database looks for it in the session's data.
pub async fn tell_by_push(session: &Session, device: i64) -> Result<(), Error> {
    keep(session, PUSH, device).await
}

/// What a person sees of a stored session.
pub fn about(data: &str) -> About {
    let data: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
    let about = data.get(ABOUT).cloned().unwrap_or_default();
    serde_json::from_value(about).unwrap_or_default()
}

/// Keeps something with a session, which ends when it would have ended without.
pub async fn keep(session: &Session, key: &str, value: impl Serialize) -> Result<(), Error> {
    session.insert(key, value).await?;
    let until_ms = session.get(UNTIL).await?.unwrap_or_default();
    keep_until(session, until_ms).await
}

/// Takes out what was kept.
pub async fn take<T: DeserializeOwned>(session: &Session, key: &str) -> Result<Option<T>, Error> {
    // to take what is not there would write the session anew with every page
    if session.get_value(key).await?.is_none() {
        return Ok(None);
    }
    let taken = session.remove(key).await?;
    if taken.is_some() {
        let until_ms = session.get(UNTIL).await?.unwrap_or_default();
        keep_until(session, until_ms).await?;
    }
    Ok(taken)
}

async fn anew(session: &Session) -> Result<(), Error> {
    session.cycle_id().await?;
    session.clear().await;
    Ok(())
}

async fn keep_until(session: &Session, until_ms: u64) -> Result<(), Error> {
    session.insert(UNTIL, until_ms).await?;
    session.set_expiry(Some(Expiry::AtDateTime(date(until_ms))));
    // saved here, where a full disk can be explained; it counts as changed, so that the cookie is sent
    session.save().await
}
