//! Callers who were not reached, while the program runs: pages hear within a second of what is new, and claims of which
//! nothing is heard fall free. What makes and closes a row is in [`crate::store`].

mod fold;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::{
    access::{Ability, About, about},
    model::{PbxId, lost::LostMark},
};
use telephony::{Board, Direction, Row, lost::person_of};
use tokio::{sync::Notify, time::MissedTickBehavior};

use crate::{
    clock::wall_ms,
    hub::Hub,
    services::Services,
    store::{Place, Result, Store, Touched},
};

pub use fold::{Fold, Sight};

/// How often claims and lines are looked at.
const TURN: Duration = Duration::from_secs(1);

/// Tells of lost callers of whom something is new.
#[derive(Clone, Debug, Default)]
pub struct Lost(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    touched: Mutex<Touched>,
    poke: Notify,
}

/// What was told, and who was on the line.
#[derive(Debug, Default)]
struct Told {
    revisions: BTreeMap<(PbxId, Place), u64>,
    on_line: BTreeSet<(PbxId, String)>,
}

impl Lost {
    /// Something is new about these rows.
    pub fn touched(&self, rows: impl IntoIterator<Item = i64>) {
        self.told(Touched {
            rows: rows.into_iter().collect(),
            ..Touched::default()
        });
    }

    /// Something is new about these.
    pub fn told(&self, of: Touched) {
        let mut touched = self.0.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let before = touched.clone();
        touched.rows.extend(of.rows);
        touched.places.extend(of.places);
        if *touched != before {
            self.0.poke.notify_one();
        }
    }

    fn take(&self) -> Touched {
        std::mem::take(&mut *self.0.touched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks and tells, for ever.
    pub async fn run(services: Services) {
        let mut turn = tokio::time::interval(TURN);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = Told::default();
        loop {
            tokio::select! {
                _ = turn.tick() => {
                    if let Err(error) = services.lost.look(&services, &mut told).await {
                        tracing::warn!(%error, "claims of lost callers could not be looked at");
                    }
                }
                () = services.lost.0.poke.notified() => {}
            }
            let touched = services.lost.take();
            if let Err(error) = told.tell(&services, &touched).await {
                tracing::warn!(%error, "what is new about lost callers waits for the database");
                services.lost.told(touched);
            }
        }
    }

    /// Claims that fall free, and people who came to the line or left it.
    async fn look(&self, services: &Services, told: &mut Told) -> Result<()> {
        let on_line = on_line(&services.hub);
        let free = services.store.free_lost(wall_ms(), &on_line).await?;
        self.touched(free);
        let moved: BTreeSet<_> = on_line.symmetric_difference(&told.on_line).cloned().collect();
        if !moved.is_empty() {
            self.touched(services.store.open_lost_of(&moved).await?);
        }
        told.on_line = on_line;
        Ok(())
    }
}

impl Told {
    async fn tell(&mut self, services: &Services, touched: &Touched) -> Result<()> {
        let mut places = touched.places.clone();
        if !touched.rows.is_empty() {
            let rows: Vec<i64> = touched.rows.iter().copied().collect();
            places.extend(services.store.lost_places(&rows).await?);
        }
        for (pbx, place) in places {
            let (name, about) = match &place {
                Place::Queue(name) => (format!("queue {name}"), about_queue(&services.hub, pbx, name)),
                Place::Extension(number) => (format!("extension {number}"), About::extension(number)),
            };
            let revision = self.revisions.entry((pbx, place)).or_default();
            *revision = wall_ms().max(*revision + 1);
            let mark = LostMark {
                place: name,
                revision: *revision,
            };
            services.hub.put_note(pbx, &mark, about.by(Ability::ReturnCalls));
        }
        Ok(())
    }
}

/// A queue with who serves it.
fn about_queue(hub: &Hub, pbx: PbxId, name: &str) -> About {
    let row = hub.look(pbx, |switchboard, _| {
        let row = switchboard.board().queues.get(name);
        row.map(|row| about(&Row::Queue(Box::new(row.clone()))))
    });
    row.flatten().unwrap_or_else(|| About::queue(name))
}

/// Who calls, or is called, at this moment and talks to nobody yet.
pub fn on_line(hub: &Hub) -> BTreeSet<(PbxId, String)> {
    let mut found = BTreeSet::new();
    hub.each(|row, board: &Board| {
        for call in board.calls.values().filter(|call| call.answered.is_none()) {
            let sides = match call.direction {
                Direction::Inbound => [Some(&call.caller), None],
                Direction::Outbound => [Some(&call.callee), None],
                Direction::Internal => [Some(&call.caller), Some(&call.callee)],
            };
            for side in sides.into_iter().flatten() {
                found.extend(person_of(&side.number).map(|person| (row.id, person)));
            }
        }
    });
    found
}

/// Whether somebody may call back whom this place lost: they see the queue and its callers are theirs to call, or it is an
/// extension whose calls are.
pub fn reaches(hub: &Hub, rights: &app::access::Rights, pbx: PbxId, place: &Place) -> bool {
    match place {
        Place::Queue(name) => {
            let about = about_queue(hub, pbx, name);
            let seen = rights.see(pbx, &telephony::Key::Queue(name.clone()), &about);
            // serving a queue is one's own; that a teammate serves it as well makes it nobody's team's
            let serves = about.extensions.iter().any(|number| rights.is_own(pbx, number));
            seen && (serves && rights.has(Ability::ReturnCalls)
                || rights.allow(Ability::ReturnCalls, pbx, &About::queue(name)))
        }
        Place::Extension(number) => rights.allow(Ability::ReturnCalls, pbx, &About::extension(number)),
    }
}

/// Everybody who could call back whom these places lost, by name: who is not shut out.
pub async fn colleagues(
    store: &Store,
    hub: &Hub,
    pbx: PbxId,
    places: &BTreeSet<Place>,
) -> Result<Vec<app::model::lost::Colleague>> {
    let (users, _) = store.users(None).await?;
    let able = users.into_iter().filter(|(record, _)| {
        let rights = crate::access::rights(record, None);
        !record.disabled && places.iter().any(|place| reaches(hub, &rights, pbx, place))
    });
    let named = able.map(|(record, _)| app::model::lost::Colleague {
        id: record.id,
        name: record.display_name,
    });
    Ok(named.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
