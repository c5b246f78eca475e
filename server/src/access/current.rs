//! Rights as they are now: whoever holds some hears when any changed, and looks again.

use std::{net::IpAddr, time::Duration};

use app::{access::Ability, model::Viewer};
use tokio::sync::watch;

use crate::{
    config::AllowedNetworks,
    store::{Result, Store, TokenRecord, UserRecord},
};

/// How often the database is asked, for changes by another program.
const EVERY: Duration = Duration::from_secs(2);

/// Tells of changed rights.
#[derive(Clone, Debug)]
pub struct Current {
    version: watch::Sender<i64>,
}

impl Default for Current {
    fn default() -> Self {
        Self {
            version: watch::channel(0).0,
        }
    }
}

impl Current {
    /// Hears of every change.
    pub fn follow(&self) -> watch::Receiver<i64> {
        self.version.subscribe()
    }

    /// Looks now, after a change of ours. A database that cannot answer is asked again soon.
    pub async fn look(&self, store: &Store) {
        match store.rights_version().await {
            Ok(version) => {
                self.version.send_if_modified(|before| {
                    let changed = *before != version;
                    *before = version;
                    changed
                });
            }
            Err(error) => tracing::warn!(%error, "changed rights could not be looked for"),
        }
    }

    /// Looks for ever.
    pub async fn sweep(self, store: Store) {
        let mut turn = tokio::time::interval(EVERY);
        turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            turn.tick().await;
            self.look(&store).await;
        }
    }
}

/// Where somebody comes from, and from where they may.
#[derive(Clone, Copy, Debug)]
pub struct Whence<'a> {
    /// The address.
    pub address: IpAddr,
    /// What is allowed.
    pub allowed: &'a AllowedNetworks,
}

impl Whence<'_> {
    /// Whether somebody may be here, from there.
    pub(super) fn lets_in(&self, user: &UserRecord) -> bool {
        !user.disabled && self.allowed.lets_in(&user.role, self.address)
    }
}

/// Who looks: the person who is signed in, or the one whose view they took. None when they may not be here, or not from
/// there.
pub async fn viewer(
    store: &Store,
    whence: Whence<'_>,
    user: i64,
    view_as: Option<i64>,
) -> Result<Option<Viewer>> {
    let Some(user) = store.user(user).await?.filter(|user| whence.lets_in(user)) else {
        return Ok(None);
    };
    let own = super::viewer(&user, None);
    let Some(wanted) = view_as.filter(|wanted| *wanted != user.id) else {
        return Ok(Some(own));
    };
    let Some(seen) = store.user(wanted).await? else {
        return Ok(Some(own));
    };
    let reaches = match own.rights.reach(Ability::ViewAs) {
        app::access::Reach::All => true,
        app::access::Reach::Teams => store.share_a_team(user.id, wanted).await?,
        app::access::Reach::Nothing | app::access::Reach::Own | app::access::Reach::Pbx => false,
    };
    let seen = super::viewer(&seen, None);
    // looked at each time: who is seen may have become somebody who sees more
    if !reaches || !own.rights.see_as_much_as(&seen.rights) {
        return Ok(Some(own));
    }
    Ok(Some(Viewer {
        seen_by: Some(own.username),
        ..seen
    }))
}

/// As whom a program acts; None where the token has ended, or its owner may not be here or not use programs.
pub async fn by_token(
    store: &Store,
    whence: Whence<'_>,
    token: &TokenRecord,
    now_ms: u64,
) -> Result<Option<Viewer>> {
    if !token.is_good(now_ms) {
        return Ok(None);
    }
    let lets_in = |user: &UserRecord| {
        let uses_programs = user.abilities.reach(Ability::UseTokens) > app::access::Reach::Nothing;
        uses_programs && whence.lets_in(user)
    };
    let owner = store.user(token.user).await?.filter(lets_in);
    Ok(owner.map(|user| super::viewer(&user, Some(&token.scope))))
}
