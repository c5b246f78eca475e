//! Supervisors on calls of others. Each has a guard of its own from before the phone rings until it is free again: it
//! says who takes part, and hangs up once the right, the session or the call is gone, whether a page is open or not.

mod guard;
mod look;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::{access::Rights, model::PbxId};
use telephony::{CallId, LegId, Supervision};
use tokio_util::sync::CancellationToken;

use crate::{services::Services, session::IdHash, store::Supervised, trail::Act};
use guard::Guard;
pub(crate) use guard::free;

/// How long somebody's next supervision waits for the phone to be free of the one before.
const FREE: Duration = Duration::from_secs(2);

/// What a supervisor's phone was told to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// On which PBX.
    pub pbx: PbxId,
    /// The id of the channel that rings the phone.
    pub own: LegId,
    /// The call, as it was when it was chosen.
    pub call: CallId,
    /// The leg of it that is heard.
    pub leg: LegId,
    /// How.
    pub how: Supervision,
    /// The supervisor's extension.
    pub by: String,
    /// The supervisor.
    pub user: i64,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub rights: Rights,
    /// Where they are.
    pub address: IpAddr,
    /// In which session it was asked for: it ends with that.
    pub session: Option<IdHash>,
    /// Whether the PBX said that it took it.
    pub accepted: bool,
    /// The row in the audit trail that was written before.
    pub act: Act,
}

/// Every supervisor's phone under way.
#[derive(Clone, Debug, Default)]
pub struct Supervisions {
    under_way: Arc<Mutex<HashMap<(PbxId, LegId), UnderWay>>>,
}

#[derive(Clone, Debug)]
struct UnderWay {
    user: i64,
    stop: CancellationToken,
    over: CancellationToken,
}

impl Supervisions {
    fn under_way(&self) -> MutexGuard<'_, HashMap<(PbxId, LegId), UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends what somebody's phone takes part in, and waits a little for it to be free.
    pub async fn free(&self, user: i64) {
        let theirs: Vec<UnderWay> = {
            let under_way = self.under_way();
            let theirs = under_way.values().filter(|one| one.user == user);
            theirs.cloned().collect()
        };
        let over = theirs.iter().map(|one| {
            one.stop.cancel();
            one.over.cancelled()
        });
        if tokio::time::timeout(FREE, futures::future::join_all(over))
            .await
            .is_err()
        {
            tracing::warn!(user, "a supervisor's phone is not free yet");
        }
    }

    /// Watches over a phone that rings or will, until it is free again.
    pub fn watch(&self, services: &Services, order: Order) {
        let key = (order.pbx, order.own.clone());
        let one = UnderWay {
            user: order.user,
            stop: CancellationToken::new(),
            over: CancellationToken::new(),
        };
        self.under_way().insert(key.clone(), one.clone());
        let guard = Guard::new(services.clone(), order, one.stop.clone());
        let all = self.clone();
        tokio::spawn(async move {
            guard.run().await;
            all.under_way().remove(&key);
            one.over.cancel();
        });
    }

    /// Ends what an earlier process began and could not end.
    pub async fn end_leftovers(&self, services: &Services) {
        match services.store.supervisions().await {
            Ok(left) => {
                for one in left {
                    tokio::spawn(guard::end_leftover(services.clone(), one));
                }
            }
            Err(error) => tracing::error!(%error, "supervisors left on calls could not be looked for"),
        }
    }
}

impl Supervised {
    /// The leg of the phone.
    fn own(&self) -> LegId {
        LegId(self.channel.clone())
    }
}
