//! The work after a call: a pause of its own, begun when a talk of a queue ends and ended when it is due, by this program
//! and no page. The pause itself is Asterisk's, so that whatever ends it there ends it here.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ami::{Value, action::queue::QueuePause};
use app::{
    access::{Ability, About},
    live::protocol::LinkStatus,
    model::{PbxId, desk::WrapUp},
};
use telephony::{Outcome, Timestamp, agent::WRAP_UP};
use tokio::{sync::mpsc, time::MissedTickBehavior};

use crate::{
    hub::Hub,
    link,
    links::Links,
    store::{OpenWrapUp, Result, Store},
};

/// Talks that ended, on their way here.
const MAX_WAITING: usize = 4_096;
/// How often open ones are looked at.
const TICK: Duration = Duration::from_millis(250);
/// How long the PBX may take to show a pause that it accepted.
const SHOWN_WITHIN_MS: u64 = 5_000;

/// A talk with a caller of a queue is over.
#[derive(Clone, Debug)]
pub struct TalkOver {
    /// On which PBX.
    pub pbx: PbxId,
    /// The visit it belongs to.
    pub visit: i64,
    /// The queue.
    pub queue: String,
    /// The agent's interface.
    pub interface: String,
    /// The extension behind it.
    pub extension: Option<String>,
    /// The caller.
    pub number: String,
    /// The caller's name.
    pub name: Option<String>,
    /// When it ended.
    pub at: Timestamp,
}

/// Where they are told.
pub type Tell = mpsc::Sender<TalkOver>;

/// The task.
#[derive(Debug)]
pub struct WrapUps {
    store: Store,
    hub: Arc<Hub>,
    links: Links,
    incoming: mpsc::Receiver<TalkOver>,
    open: BTreeMap<(PbxId, String), Open>,
}

#[derive(Debug)]
struct Open {
    row: OpenWrapUp,
    /// The pause was on the board.
    shown: bool,
}

/// How a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// In no queue.
    Gone,
    /// Ready in at least one.
    Ready,
    /// Paused for the work after a call.
    WrapsUp,
    /// Paused for something else.
    Paused,
}

impl WrapUps {
    /// The task, and where talks that ended are told.
    pub fn new(store: Store, hub: Arc<Hub>, links: Links) -> (Self, Tell) {
        let (tell, incoming) = mpsc::channel(MAX_WAITING);
        let wrap_ups = Self {
            store,
            hub,
            links,
            incoming,
            open: BTreeMap::new(),
        };
        (wrap_ups, tell)
    }

    /// Runs for ever.
    pub async fn run(mut self) {
        match self.store.open_wrap_ups().await {
            Ok(rows) => {
                for row in rows {
                    // it was accepted before; how it stands is seen when the board is true
                    let key = (row.pbx, row.shown.interface.clone());
                    self.open.insert(key, Open { row, shown: true });
                }
            }
            Err(error) => tracing::error!(%error, "open wrap-ups could not be read"),
        }
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                over = self.incoming.recv() => {
                    let Some(over) = over else { return };
                    if let Err(error) = self.begin(over).await {
                        tracing::error!(%error, "a wrap-up could not begin");
                    }
                }
                _ = tick.tick(), if !self.open.is_empty() => self.look().await,
            }
        }
    }

    /// How a member stands, on a board in a state that tells.
    fn stands(&self, pbx: PbxId, interface: &str, tells: fn(&LinkStatus) -> bool) -> Option<Stands> {
        let stands = self.hub.look(pbx, |switchboard, status| {
            if !tells(status) {
                return None;
            }
            let queues = switchboard.board().queues.values();
            let members: Vec<_> = queues
                .flat_map(|queue| &queue.members)
                .filter(|member| member.interface == interface)
                .collect();
            let wraps = |member: &&telephony::Member| {
                member.paused_since.is_some() && member.pause_reason.as_deref() == Some(WRAP_UP)
            };
            Some(if members.is_empty() {
                Stands::Gone
            } else if members.iter().any(wraps) {
                Stands::WrapsUp
            } else if members.iter().all(|member| member.paused_since.is_some()) {
                Stands::Paused
            } else {
                Stands::Ready
            })
        });
        stands.flatten()
    }

    async fn begin(&mut self, over: TalkOver) -> Result<()> {
        let rules = self.store.rules_of(&(over.pbx, over.queue.clone())).await?;
        let wrap_up_s = rules.map_or(0, |rules| rules.wrap_up_s);
        let due = Timestamp(over.at.0 + u64::from(wrap_up_s) * 1_000);
        let now = self.hub.clock().now();
        // who went on a break meanwhile, or left, has nothing to wrap up
        if wrap_up_s == 0
            || due <= now
            || self.stands(over.pbx, &over.interface, link::carries_commands) != Some(Stands::Ready)
        {
            return Ok(());
        }
        let shown = WrapUp {
            interface: over.interface.clone(),
            extension: over.extension.clone(),
            queue: over.queue.clone(),
            visit: over.visit,
            number: over.number.clone(),
            name: over.name.clone(),
            since: over.at,
            due,
        };
        let Some(id) = self.store.begin_wrap_up(over.pbx, &shown).await? else {
            return Ok(());
        };
        let row = OpenWrapUp {
            id,
            pbx: over.pbx,
            shown,
        };
        if self.pause(over.pbx, &over.interface, true).await != Outcome::Accepted {
            tracing::warn!(
                pbx = over.pbx.0,
                "the PBX took no pause for the work after a call"
            );
            return self.store.end_wrap_up(&row, over.at).await;
        }
        self.show(&row);
        let key = (over.pbx, over.interface);
        self.open.insert(key, Open { row, shown: false });
        Ok(())
    }

    async fn pause(&self, pbx: PbxId, interface: &str, paused: bool) -> Outcome {
        let (Ok(interface), Ok(reason)) = (Value::new("interface", interface), Value::new("reason", WRAP_UP))
        else {
            return Outcome::Unknown;
        };
        let action = QueuePause {
            queue: None,
            interface,
            paused,
            reason: paused.then_some(reason),
        };
        self.links.send(pbx, action.into()).await
    }

    fn show(&self, row: &OpenWrapUp) {
        let about = About {
            extensions: row.shown.extension.clone().into_iter().collect(),
            queues: vec![row.shown.queue.clone()],
            ability: Some(Ability::SeeQueues),
        };
        self.hub.put_note(row.pbx, &row.shown, about);
    }

    /// Ends what is due, or was ended on the PBX.
    async fn look(&mut self) {
        let now = self.hub.clock().now();
        let mut over = Vec::new();
        let keys: Vec<(PbxId, String)> = self.open.keys().cloned().collect();
        for key in keys {
            // until everything was asked for again, members are missing
            let whole = |status: &LinkStatus| *status == LinkStatus::Live;
            let Some(stands) = self.stands(key.0, &key.1, whole) else {
                continue;
            };
            let Some(open) = self.open.get_mut(&key) else {
                continue;
            };
            if stands == Stands::WrapsUp {
                open.shown = true;
            }
            let waits = !open.shown && now.since_ms(open.row.shown.since) < SHOWN_WITHIN_MS;
            match stands {
                Stands::WrapsUp if now >= open.row.shown.due => over.push((key.0, key.1, true)),
                Stands::WrapsUp => {}
                Stands::Gone | Stands::Ready | Stands::Paused if waits => {}
                Stands::Gone | Stands::Ready | Stands::Paused => over.push((key.0, key.1, false)),
            }
        }
        // after a start, or when the connection was changed, the board has no notes yet
        for open in self.open.values() {
            self.show(&open.row);
        }
        for (pbx, interface, ends) in over {
            if ends && self.pause(pbx, &interface, false).await != Outcome::Accepted {
                // looked at again
                continue;
            }
            let Some(open) = self.open.remove(&(pbx, interface.clone())) else {
                continue;
            };
            self.hub.remove_note::<WrapUp>(pbx, &interface);
            if let Err(error) = self.store.end_wrap_up(&open.row, now).await {
                tracing::error!(%error, "a wrap-up could not be ended");
                self.open.insert((pbx, interface), open);
            }
        }
    }
}
