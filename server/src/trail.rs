//! The audit trail: a row before the effect, a row for what came of it, refusals without a flood, and the proof that
//! nothing was changed afterwards. `docs/audit.md` says what the trail proves and what not.

pub mod chain;
pub mod detail;
pub mod export;
pub mod keys;
mod refusals;
pub mod verify;

use std::{sync::Arc, time::Duration};

use app::{
    audit::{Action, AuditQuery, Fact, Outcome},
    words::shortened,
};
use tokio::time::{MissedTickBehavior, interval};

use self::{
    keys::ChainKeys,
    refusals::{Refusal, Refusals},
};
use crate::{
    clock::wall_ms,
    seal::Seal,
    store::{Found, NewLine, Result, Store, TokenRecord},
};

/// Characters of a name, an address and an object in the trail; more is cut.
const NAME_CHARS: usize = 80;
const OBJECT_CHARS: usize = 240;
/// Characters of a name that somebody typed to sign in.
const TYPED_CHARS: usize = 40;
/// How often repeated refusals are summed up.
const SUM_UP: Duration = Duration::from_secs(10);
/// How often old rows are looked for.
const CUT: Duration = Duration::from_secs(3600);
/// Rows removed in one transaction.
const CUT_ROWS: i64 = 5_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Who does something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Who {
    /// The user's id; None for what is no user.
    pub id: Option<i64>,
    /// The user's name, or `kind:name`; empty for strangers.
    pub name: String,
}

impl Who {
    /// A user.
    pub fn user(id: i64, name: &str) -> Self {
        Self {
            id: Some(id),
            name: shortened(name, NAME_CHARS),
        }
    }

    /// A program with a user's token.
    pub fn token(token: &TokenRecord) -> Self {
        Self {
            id: Some(token.user),
            name: shortened(
                &format!("{} with token {}", token.username, token.name),
                NAME_CHARS,
            ),
        }
    }

    /// A screen that shows a wallboard.
    pub fn screen(name: &str) -> Self {
        Self {
            id: None,
            name: format!("screen:{}", shortened(name, NAME_CHARS)),
        }
    }

    /// Somebody who came by a link to a recording.
    pub fn link(id: i64) -> Self {
        Self {
            id: None,
            name: format!("link:{id}"),
        }
    }

    /// Somebody on the command line of the server's machine.
    pub fn command_line(unix_user: &str) -> Self {
        Self {
            id: None,
            name: format!("cli:{}", shortened(unix_user, NAME_CHARS)),
        }
    }

    /// Starboard itself.
    pub fn itself() -> Self {
        Self {
            id: None,
            name: "server:starboard".into(),
        }
    }
}

/// An act that began.
#[derive(Clone, Debug)]
pub struct Act {
    id: i64,
    who: Who,
    action: Action,
}

impl Act {
    /// One that an earlier process began.
    pub fn begun(id: i64, who: Who, action: Action) -> Self {
        Self { id, who, action }
    }

    /// The number of its first row.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Who does it.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// What it is.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The row that tells what came of it.
    pub(crate) fn ended(self, outcome: Outcome, facts: &[Fact]) -> NewLine {
        NewLine {
            at_ms: wall_ms(),
            act_id: Some(self.id),
            who: self.who,
            address: String::new(),
            action: self.action,
            object: String::new(),
            detail: detail::json(facts),
            outcome,
        }
    }
}

/// The trail of this process.
#[derive(Clone, Debug)]
pub struct Trail {
    store: Store,
    keys: Arc<ChainKeys>,
    refusals: Arc<Refusals>,
    days: u64,
}

impl Trail {
    /// Opens the trail, or begins it. A key file that does not open it is an error: a slip must leave no mark on it.
    pub async fn open(store: &Store, seal: &Seal) -> Result<Self> {
        Self::open_with(store, seal, false).await
    }

    /// Goes on under a new key where the old one is lost: what was written before can never be verified again.
    pub async fn give_up_key(store: &Store, seal: &Seal) -> Result<Self> {
        Self::open_with(store, seal, true).await
    }

    async fn open_with(store: &Store, seal: &Seal, give_up: bool) -> Result<Self> {
        let keys = ChainKeys::new(seal.clone());
        store.begin_trail(&keys, seal, wall_ms(), give_up).await?;
        Ok(Self {
            store: store.clone(),
            keys: Arc::new(keys),
            refusals: Arc::default(),
            days: 0,
        })
    }

    /// Rows are kept for so many days; 0 keeps them for ever.
    pub fn keeping(mut self, days: u64) -> Self {
        self.days = days;
        self
    }

    /// Days that rows are kept; 0 for ever.
    pub fn keeps_days(&self) -> u64 {
        self.days
    }

    /// The chain's keys.
    pub fn keys(&self) -> &ChainKeys {
        &self.keys
    }

    /// Writes what is about to happen. Where this fails it must not happen.
    pub async fn begin(
        &self,
        who: Who,
        address: &str,
        action: Action,
        object: &str,
        facts: &[Fact],
    ) -> Result<Act> {
        let line = NewLine {
            at_ms: wall_ms(),
            act_id: None,
            who: who.clone(),
            address: shortened(address, NAME_CHARS),
            action,
            object: shortened(object, OBJECT_CHARS),
            detail: detail::json(facts),
            outcome: Outcome::Begun,
        };
        let ids = self.store.add_lines(&self.keys, line.at_ms, vec![line]).await?;
        Ok(Act {
            id: ids.first().copied().unwrap_or_default(),
            who,
            action,
        })
    }

    /// Writes what came of it. It has happened: a database that fails now does not undo it.
    pub async fn end(&self, act: Act, outcome: Outcome, facts: &[Fact]) {
        let line = act.ended(outcome, facts);
        if let Err(error) = self.store.add_lines(&self.keys, line.at_ms, vec![line]).await {
            tracing::error!(%error, "an outcome could not be added to the audit trail");
        }
    }

    /// Writes that something was refused: the first time at once, what is repeated within a minute in one row.
    pub async fn refused(&self, who: Who, address: &str, action: Action, object: &str, why: &str) {
        let chars = if who.id.is_none() {
            TYPED_CHARS
        } else {
            OBJECT_CHARS
        };
        let refusal = Refusal {
            who,
            address: shortened(address, NAME_CHARS),
            action,
            object: shortened(object, chars),
        };
        if let Some(refusal) = self.refusals.note(refusal, why, wall_ms()) {
            self.write(refusal.line(wall_ms(), &[Fact::told("why", why)]))
                .await;
        }
        self.sum_up(false).await;
    }

    /// Writes how often refusals were repeated in minutes that are over, or in all of them.
    pub async fn sum_up(&self, all: bool) {
        let now_ms = wall_ms();
        for sum in self.refusals.over(now_ms, all) {
            let facts = sum.facts();
            self.write(sum.refusal.line(now_ms, &facts)).await;
        }
    }

    async fn write(&self, line: NewLine) {
        if let Err(error) = self.store.add_lines(&self.keys, line.at_ms, vec![line]).await {
            tracing::error!(%error, "a refusal could not be added to the audit trail");
        }
    }

    /// For ever: sums up repeated refusals and removes what is old.
    pub async fn tend(self) {
        let mut summing = interval(SUM_UP);
        let mut cutting = interval(CUT);
        for turn in [&mut summing, &mut cutting] {
            turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            tokio::select! {
                _ = summing.tick() => self.sum_up(false).await,
                _ = cutting.tick() => {
                    if let Err(error) = self.cut(self.days, wall_ms()).await {
                        tracing::warn!(%error, "old rows of the audit trail could not be removed");
                    }
                }
            }
        }
    }

    /// Removes what is older than so many days, part by part; 0 keeps everything. Gives how many rows went.
    pub async fn cut(&self, days: u64, now_ms: u64) -> Result<u64> {
        let mut removed = 0;
        if days == 0 {
            return Ok(0);
        }
        let before_ms = now_ms.saturating_sub(days.saturating_mul(DAY_MS));
        loop {
            let part = self
                .store
                .cut_trail(&self.keys, now_ms, before_ms, CUT_ROWS, days)
                .await?;
            removed += part;
            if part < CUT_ROWS.unsigned_abs() {
                return Ok(removed);
            }
        }
    }

    /// The newest acts, newest first.
    pub async fn newest(&self, most: u32) -> Result<Vec<Found>> {
        let everything = AuditQuery::default();
        Ok(self.store.search_trail(&everything, most).await?.found)
    }
}
