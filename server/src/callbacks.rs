//! Calls back who kept their place in a queue: hears wishes, looks at the boards, keeps what is decided and only then
//! carries it out. What is decided, and why, is in [`telephony::callback`].

mod call;
mod look;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use app::{
    access::QueueOn,
    model::{PbxId, callback::CallbackVerb},
};
use telephony::{
    Timestamp,
    callback::{Attempt, Callbacks as Machine, Not, Policy, Request, RequestId, Sent, Wish},
};
use tokio::{
    sync::{Mutex, Notify},
    time::MissedTickBehavior,
};

use crate::{
    clock::wall_ms,
    services::Services,
    store::{Result, Store},
};

/// How often the boards are looked at.
const TURN: Duration = Duration::from_millis(200);
/// How often old rows are removed.
const TIDY: Duration = Duration::from_secs(3600);
/// Wishes that wait for the database.
const MAX_PENDING: usize = 2_000;

/// Every queue's requests.
#[derive(Debug, Default)]
pub struct Callbacks {
    inner: Mutex<Inner>,
    poke: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    queues: BTreeMap<QueueOn, Machine>,
    /// The number of the next request.
    next: i64,
    /// Heard, and not kept yet.
    pending: Vec<(PbxId, Wish)>,
    /// Facts that the database did not take: nothing is decided before it has them.
    unsaved: Vec<(QueueOn, Request)>,
    /// Whose board was true at the last look.
    seeing: BTreeSet<PbxId>,
}

impl Callbacks {
    /// As they were kept.
    pub async fn load(store: &Store, now: Timestamp) -> Result<Self> {
        let mut requests: BTreeMap<QueueOn, Vec<Request>> = BTreeMap::new();
        for (queue, request) in store.open_callbacks().await? {
            requests.entry(queue).or_default().push(request);
        }
        let mut queues = BTreeMap::new();
        for (queue, policy) in store.callback_policies().await? {
            let requests = requests.remove(&queue).unwrap_or_default();
            queues.insert(queue, Machine::load(policy, requests, now));
        }
        for (queue, requests) in requests {
            queues.insert(queue, Machine::load(Policy::default(), requests, now));
        }
        let inner = Inner {
            queues,
            next: store.next_callback().await?,
            ..Inner::default()
        };
        Ok(Self {
            inner: Mutex::new(inner),
            poke: Notify::new(),
        })
    }

    /// Looks and calls, for ever.
    pub async fn run(services: Services) {
        let mut turn = tokio::time::interval(TURN);
        let mut tidy = tokio::time::interval(TIDY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = turn.tick() => {}
                () = services.callbacks.poke.notified() => {}
                _ = tidy.tick() => {
                    if let Err(error) = services.store.tidy_callbacks(wall_ms()).await {
                        tracing::warn!(%error, "old callbacks could not be removed");
                    }
                }
            }
            services.callbacks.turn(&services).await;
        }
    }

    /// One look at everything.
    async fn turn(&self, services: &Services) {
        let mut inner = self.inner.lock().await;
        inner.listen(services);
        if let Err(error) = inner.keep_unsaved(services).await {
            tracing::warn!(%error, "callbacks wait for the database");
            return;
        }
        if let Err(error) = inner.hear(services).await {
            tracing::warn!(%error, "wishes for a callback wait for the database");
            return;
        }
        let queues: Vec<QueueOn> = inner.queues.keys().cloned().collect();
        for queue in &queues {
            match inner.step(services, queue).await {
                Ok(effects) => {
                    for effect in effects {
                        call::carry_out(services.clone(), queue.clone(), effect);
                    }
                }
                Err(error) => tracing::warn!(%error, "callbacks wait for the database"),
            }
            inner.publish(services, queue);
        }
    }

    /// How a queue calls back; None for one that was never set up to.
    pub async fn policy(&self, queue: &QueueOn) -> Option<Policy> {
        let inner = self.inner.lock().await;
        inner.queues.get(queue).map(|machine| machine.policy().clone())
    }

    /// Sets how a queue calls back.
    pub async fn set_policy(&self, services: &Services, queue: &QueueOn, policy: Policy) -> Result<()> {
        let mut inner = self.inner.lock().await;
        let now = services.hub.clock().now();
        let mut next = inner.queues.get(queue).cloned().unwrap_or_default();
        services.store.save_callback_policy(queue, &policy).await?;
        next.set_policy(policy, now);
        inner.put(services, queue, next).await;
        inner.publish(services, queue);
        self.poke.notify_one();
        Ok(())
    }

    /// Does what a person asks for. The inner result is the machine's answer.
    pub async fn verb(
        &self,
        services: &Services,
        queue: &QueueOn,
        id: RequestId,
        verb: CallbackVerb,
    ) -> Result<std::result::Result<(), Not>> {
        let mut inner = self.inner.lock().await;
        let now = services.hub.clock().now();
        let Some(mut next) = inner.queues.get(queue).cloned() else {
            return Ok(Err(Not::Gone));
        };
        let done = match verb {
            CallbackVerb::CallNext => next.call_next(id, now).map(|()| None),
            CallbackVerb::GiveUp => next.give_up(id, now).map(|()| None),
            CallbackVerb::Cancel => next.cancel(id, now),
        };
        let effect = match done {
            Ok(effect) => effect,
            Err(not) => return Ok(Err(not)),
        };
        let rows = next.changed();
        services.store.keep_callbacks(queue, &rows, None, now).await?;
        inner.queues.insert(queue.clone(), next);
        inner.publish(services, queue);
        if let Some(effect) = effect {
            call::carry_out(services.clone(), queue.clone(), effect);
        }
        self.poke.notify_one();
        Ok(Ok(()))
    }

    /// Who is called back by itself: the numbers of open requests.
    pub async fn numbers(&self) -> Vec<(PbxId, String)> {
        let inner = self.inner.lock().await;
        let requests = inner.queues.iter().flat_map(|((pbx, _), machine)| {
            let open = machine.requests().iter().filter(|request| !request.is_over());
            open.map(|request| (*pbx, request.number.clone()))
        });
        requests.collect()
    }

    /// A request as it is now.
    pub async fn request(&self, queue: &QueueOn, id: RequestId) -> Option<Request> {
        let inner = self.inner.lock().await;
        let requests = inner.queues.get(queue)?.requests();
        requests.iter().find(|one| one.id == id).cloned()
    }

    /// Whether this attempt is still wanted, with the name that is called.
    async fn wanted(&self, queue: &QueueOn, attempt: Attempt) -> Option<Option<String>> {
        let request = self.request(queue, attempt.request).await?;
        request.is_wanted(attempt).then_some(request.name)
    }

    /// What came of sending a call.
    async fn sent(&self, services: &Services, queue: &QueueOn, attempt: Attempt, sent: Sent) {
        let mut inner = self.inner.lock().await;
        let Some(mut next) = inner.queues.get(queue).cloned() else {
            return;
        };
        next.sent(attempt, sent, services.hub.clock().now());
        inner.put(services, queue, next).await;
        self.poke.notify_one();
    }
}
