//! One look at the boards: what was heard, what is seen of each queue, what is decided and kept.

use std::collections::HashMap;

use app::{
    access::{Ability, About, QueueOn},
    live::protocol::LinkStatus,
    model::{
        PbxId,
        callback::{MAX_SHOWN, QueueCallbacks},
    },
};
use telephony::{
    Switchboard, Timestamp,
    callback::{Asked, Attempt, Callbacks as Machine, Effect, Hall, Request, RequestId, Sight, World},
};

use super::{Inner, MAX_PENDING};
use crate::{
    records::{KeptPlace, What},
    services::Services,
    store::{HeardWish, Result},
};

/// What is seen of one queue.
#[derive(Debug)]
struct Look {
    seeing: bool,
    hall: Hall,
    sights: HashMap<Attempt, Sight>,
}

impl Look {
    fn step(&self, machine: &mut Machine, free: usize, now: Timestamp) -> Vec<Effect> {
        let sight = |attempt: Attempt| self.sights.get(&attempt).copied().unwrap_or(Sight::Nothing);
        let world = World {
            seeing: self.seeing,
            free,
            waiting: &self.hall.waiting,
            talking: &self.hall.talking,
            sight: &sight,
        };
        machine.step(&world, now)
    }
}

impl Inner {
    /// Takes what the boards heard; asks a board that is true again for what nobody heard.
    pub(super) fn listen(&mut self, services: &Services) {
        let mut pbxs = Vec::new();
        services
            .hub
            .each(|row, _| pbxs.push((row.id, row.link == LinkStatus::Live)));
        for (pbx, live) in pbxs {
            let wishes = services
                .hub
                .observe(pbx, |switchboard, _| switchboard.take_wishes());
            for wish in wishes.unwrap_or_default() {
                if self.pending.len() < MAX_PENDING {
                    self.pending.push((pbx, wish));
                } else {
                    tracing::error!(pbx = pbx.0, "too many wishes for a callback: one is lost");
                }
            }
            if !live {
                self.seeing.remove(&pbx);
            } else if self.seeing.insert(pbx)
                && let Some(action) = Switchboard::left_wishes()
            {
                let links = services.links.clone();
                tokio::spawn(async move {
                    // a PBX that refuses has nothing to tell: its list is empty, or the account may not read it
                    let _ = links.send(pbx, action).await;
                });
            }
        }
    }

    pub(super) async fn keep_unsaved(&mut self, services: &Services) -> Result<()> {
        let now = services.hub.clock().now();
        while let Some((queue, row)) = self.unsaved.first() {
            let rows = std::slice::from_ref(row);
            services.store.keep_callbacks(queue, rows, None, now).await?;
            self.unsaved.remove(0);
        }
        Ok(())
    }

    /// Makes requests of wishes.
    pub(super) async fn hear(&mut self, services: &Services) -> Result<()> {
        let now = services.hub.clock().now();
        while let Some((pbx, wish)) = self.pending.first().cloned() {
            let queue = (pbx, wish.queue.clone());
            let known = services.hub.look(pbx, |switchboard, _| {
                switchboard.board().queues.contains_key(&wish.queue)
            });
            let mut next = self.queues.get(&queue).cloned().unwrap_or_default();
            let old = now.since_ms(wish.at) >= next.policy().keep_ms;
            if old || known != Some(true) {
                if !old {
                    tracing::warn!(pbx = pbx.0, "a wish for a callback names no queue that there is");
                }
                self.pending.remove(0);
                continue;
            }
            let asked = next.ask(RequestId(self.next), wish.ask.clone(), now);
            match asked {
                Asked::New | Asked::Known(_) => {
                    if let Some(records) = services.hub.records() {
                        let kept = KeptPlace {
                            queue: wish.queue.clone(),
                            channel: wish.channel.clone(),
                            number: wish.ask.number.clone(),
                            at: wish.at,
                        };
                        records.put(pbx, What::KeptPlace(kept));
                    }
                    let heard = HeardWish {
                        queue: &queue,
                        number: &wish.ask.number,
                        stamp: wish.stamp,
                    };
                    let rows = next.changed();
                    let new = services
                        .store
                        .keep_callbacks(&queue, &rows, Some(heard), now)
                        .await?;
                    if new {
                        self.next += i64::from(asked == Asked::New);
                        self.queues.insert(queue, next);
                    }
                }
                Asked::BadNumber => tracing::warn!(pbx = pbx.0, "a wish for a callback has no number"),
                Asked::Full => tracing::error!(pbx = pbx.0, "a queue has as many callbacks as it takes"),
            }
            self.pending.remove(0);
        }
        Ok(())
    }

    /// Looks at one queue, decides, and keeps that. What cannot be kept was not decided.
    pub(super) async fn step(&mut self, services: &Services, queue: &QueueOn) -> Result<Vec<Effect>> {
        let Some(machine) = self.queues.get(queue) else {
            return Ok(Vec::new());
        };
        if machine.requests().is_empty() {
            return Ok(Vec::new());
        }
        let now = services.hub.clock().now();
        let look = look(services, queue, machine);
        let free = look
            .hall
            .free
            .len()
            .saturating_sub(self.promised(services, queue, &look.hall));
        let mut next = machine.clone();
        let effects = look.step(&mut next, free, now);
        let rows = next.changed();
        if !rows.is_empty() {
            services.store.keep_callbacks(queue, &rows, None, now).await?;
        }
        watch(services, queue.0, &effects, &rows);
        self.queues.insert(queue.clone(), next);
        Ok(effects)
    }

    /// Agents of this queue that calls back of other queues may be meant for.
    fn promised(&self, services: &Services, queue: &QueueOn, hall: &Hall) -> usize {
        let others = self
            .queues
            .iter()
            .filter(|(other, _)| other.0 == queue.0 && *other != queue);
        let shares = others.filter_map(|(other, machine)| {
            let in_flight = machine.in_flight();
            if in_flight == 0 {
                return None;
            }
            let theirs = services
                .hub
                .look(other.0, |switchboard, _| switchboard.hall(&other.1));
            let shared = theirs.flatten()?.free.intersection(&hall.free).count();
            Some(shared.min(in_flight))
        });
        shares.sum()
    }

    /// Facts: they hold whether or not the database takes them now.
    pub(super) async fn put(&mut self, services: &Services, queue: &QueueOn, mut next: Machine) {
        let now = services.hub.clock().now();
        let rows = next.changed();
        watch(services, queue.0, &[], &rows);
        self.queues.insert(queue.clone(), next);
        if let Err(error) = services.store.keep_callbacks(queue, &rows, None, now).await {
            tracing::warn!(%error, "callbacks wait for the database");
            self.unsaved
                .extend(rows.into_iter().map(|row| (queue.clone(), row)));
        }
    }

    /// Shows the requests on the board.
    pub(super) fn publish(&self, services: &Services, queue: &QueueOn) {
        let Some(machine) = self.queues.get(queue) else {
            return;
        };
        let (pbx, name) = queue;
        let requests = machine.requests();
        if requests.is_empty() && !machine.policy().on {
            services.hub.remove_note::<QueueCallbacks>(*pbx, name);
            return;
        }
        let more = requests.len().saturating_sub(MAX_SHOWN);
        let note = QueueCallbacks {
            queue: name.clone(),
            on: machine.policy().on,
            requests: requests.iter().take(MAX_SHOWN).cloned().collect(),
            more: u32::try_from(more).unwrap_or(u32::MAX),
        };
        let about = About::queue(name).by(Ability::ManageCallers);
        services.hub.put_note(*pbx, &note, about);
    }
}

/// Looks at a queue and at every call back of it, at one moment.
fn look(services: &Services, queue: &QueueOn, machine: &Machine) -> Look {
    let called = machine.requests().iter().filter(|request| request.serial > 0);
    let attempts: Vec<Attempt> = called.map(Request::attempt).collect();
    if !attempts.is_empty() {
        services.hub.observe(queue.0, |switchboard, _| {
            for attempt in &attempts {
                // those of this program are watched already
                switchboard.watch_callback(*attempt, true);
            }
        });
    }
    let seen = services.hub.look(queue.0, |switchboard, link| Look {
        seeing: *link == LinkStatus::Live,
        hall: switchboard.hall(&queue.1).unwrap_or_default(),
        sights: attempts
            .iter()
            .map(|attempt| (*attempt, switchboard.callback_sight(*attempt)))
            .collect(),
    });
    seen.unwrap_or(Look {
        seeing: false,
        hall: Hall::default(),
        sights: HashMap::new(),
    })
}

/// Watches calls before they are sent, and forgets those whose end is kept.
fn watch(services: &Services, pbx: PbxId, effects: &[Effect], rows: &[Request]) {
    if effects.is_empty() && rows.is_empty() {
        return;
    }
    services.hub.observe(pbx, |switchboard, _| {
        for row in rows.iter().filter(|row| row.serial > 0) {
            let attempt = row.attempt();
            if row.is_over() {
                switchboard.forget_callback(attempt);
            }
            if attempt.serial > 1 {
                switchboard.forget_callback(Attempt {
                    serial: attempt.serial - 1,
                    ..attempt
                });
            }
        }
        for effect in effects {
            if let Effect::Call { attempt, .. } = effect {
                switchboard.watch_callback(*attempt, false);
            }
        }
    });
}
