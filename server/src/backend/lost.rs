//! Callers who were not reached: who may see them, who is on them, and calling them.

use std::collections::{BTreeSet, HashMap};

use app::{
    AppError,
    access::{Ability, About, Rights},
    audit::{Action, Fact},
    backend::LostBackend,
    model::{
        PbxId,
        lost::{LostCaller, LostPage, LostQuery, LostRow, LostTry, MAX_REASON_CHARS, MAX_TRIES, Wanted},
    },
    words::check_number,
};
use async_trait::async_trait;
use telephony::{Command, Outcome, lost::person_of};

use super::{
    CallerBackend,
    command::{self, Order, Request},
    queues::visits::few_queues,
};
use crate::{
    clock::wall_ms,
    figures::Policies,
    lost::{Fold, Sight, colleagues, on_line, reaches},
    services::Services,
    store::{Claimed, LostRecord, MAX_CLAIMS, Place, TryRecord},
};

/// The longest time one question may be about.
const MAX_RANGE_MS: u64 = 400 * 24 * 3_600 * 1_000;

/// What one viewer sees, asked once for each place.
struct Eyes<'all> {
    services: &'all Services,
    rights: &'all Rights,
    known: HashMap<(PbxId, Place), bool>,
}

impl Sight for Eyes<'_> {
    fn sees(&mut self, pbx: PbxId, place: &Place) -> bool {
        let key = (pbx, place.clone());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let hub = &self.services.hub;
        // nobody can be called over a PBX that is not there any more
        let there = hub.look(pbx, |_, _| ()).is_some();
        let sees = there && reaches(hub, self.rights, pbx, place);
        self.known.insert(key, sees);
        sees
    }

    fn name(&self, pbx: PbxId, extension: &str) -> String {
        let name = self.services.hub.look(pbx, |switchboard, _| {
            let row = switchboard.board().extensions.get(extension)?;
            row.name.clone()
        });
        name.flatten().unwrap_or_else(|| extension.to_owned())
    }
}

async fn list(backend: &CallerBackend, query: LostQuery) -> Result<LostPage, AppError> {
    let viewer = backend.viewer()?.clone();
    crate::access::require(&viewer.rights, Ability::ReturnCalls)?;
    few_queues(&query.queues)?;
    if query.to_ms <= query.from_ms || query.to_ms - query.from_ms > MAX_RANGE_MS {
        return Err(AppError::field("to_ms", "Choose a time of at most 400 days."));
    }
    let services = &backend.services;
    let policies = Policies::new(services.store.policies().await?);
    let eyes = Eyes {
        services,
        rights: &viewer.rights,
        known: HashMap::new(),
    };
    let mut fold = Fold::new(&query, &policies, viewer.id, eyes);
    let range = (query.from_ms, query.to_ms);
    let now_ms = wall_ms();
    services
        .store
        .each_lost(range, now_ms, |record, attempt| fold.attempt(record, attempt))
        .await?;
    services
        .store
        .each_withheld(range, |attempt| fold.withheld(&attempt))
        .await?;
    let mut page = fold.done(services.hub.clock().now());
    now(services, &mut page.rows).await;
    Ok(page)
}

/// What rows say of this moment.
async fn now(services: &Services, rows: &mut [LostRow]) {
    let on_line = on_line(&services.hub);
    let numbers = services.callbacks.numbers().await.into_iter();
    let called: BTreeSet<(PbxId, String)> = numbers
        .filter_map(|(pbx, number)| Some((pbx, person_of(&number)?)))
        .collect();
    for row in rows {
        let person = person_of(&row.number).map(|person| (row.pbx, person));
        row.on_line = person.as_ref().is_some_and(|person| on_line.contains(person));
        row.called_back = person.as_ref().is_some_and(|person| called.contains(person));
    }
}

/// One row with its tries and with who else could call them.
async fn caller(backend: &CallerBackend, id: i64) -> Result<LostCaller, AppError> {
    let viewer = backend.viewer()?.clone();
    let row = backend.seen_row(&viewer.rights, id).await?;
    let services = &backend.services;
    let mut eyes = Eyes {
        services,
        rights: &viewer.rights,
        known: HashMap::new(),
    };
    let mut tries = services.store.lost_tries(id, MAX_TRIES).await?;
    tries.retain(|attempt| eyes.sees(attempt.pbx, &attempt.place));
    let query = LostQuery {
        to_ms: u64::MAX,
        wanted: Wanted::All,
        short: true,
        limit: 1,
        ..LostQuery::default()
    };
    let policies = Policies::default();
    let mut fold = Fold::new(&query, &policies, viewer.id, eyes);
    for attempt in tries.iter().rev() {
        fold.attempt(&row.record, attempt.clone());
    }
    let mut rows = fold.done(services.hub.clock().now()).rows;
    now(services, &mut rows).await;
    let mut others = colleagues(&services.store, &services.hub, row.record.pbx, &row.places).await?;
    others.retain(|colleague| colleague.id != viewer.id.0);
    let told = |attempt: TryRecord| {
        let is_queue = matches!(attempt.place, Place::Queue(_));
        let (Place::Queue(place) | Place::Extension(place)) = attempt.place;
        LostTry {
            at: attempt.at,
            waited_ms: attempt.waited_ms,
            how: attempt.how,
            place,
            is_queue,
        }
    };
    Ok(LostCaller {
        row: rows.pop().ok_or(AppError::NotFound)?,
        tries: tries.into_iter().map(told).collect(),
        colleagues: others,
    })
}

/// A row that the caller may do something with, and whether also what somebody else is on.
struct Reached {
    record: LostRecord,
    places: BTreeSet<Place>,
    anybodys: bool,
}

impl Reached {
    fn facts(&self) -> [Fact; 1] {
        [Fact::told("number", &*self.record.number)]
    }
}

fn object(id: i64) -> String {
    format!("lost caller {id}")
}

impl CallerBackend {
    /// The row, where its callers are theirs to call; else it is not there.
    async fn lost_row(&self, action: Action, id: i64) -> Result<Reached, AppError> {
        self.about(action, object(id));
        let rights = &self.may(Ability::ReturnCalls)?.rights;
        self.seen_row(rights, id).await
    }

    async fn seen_row(&self, rights: &Rights, id: i64) -> Result<Reached, AppError> {
        crate::access::require(rights, Ability::ReturnCalls)?;
        let services = &self.services;
        let found = services.store.lost(id, wall_ms()).await?;
        let (record, places) = found.ok_or(AppError::NotFound)?;
        let pbx = record.pbx;
        let hub = &services.hub;
        if !places.iter().any(|place| reaches(hub, rights, pbx, place)) {
            return Err(AppError::NotFound);
        }
        let anybodys = places.iter().any(|place| match place {
            Place::Queue(name) => rights.allow(Ability::ManageCallers, pbx, &About::queue(name)),
            Place::Extension(number) => rights.allow(Ability::ManageCallers, pbx, &About::extension(number)),
        });
        Ok(Reached {
            record,
            places,
            anybodys,
        })
    }

    /// What was asked for, once it is done: everybody hears of it.
    fn settled(&self, id: i64, done: Claimed) -> Result<(), AppError> {
        match done {
            Claimed::Yes => {
                self.services.lost.touched([id]);
                Ok(())
            }
            Claimed::By(name) => Err(AppError::Conflict(format!("{name} is on it already."))),
            Claimed::TooMany => Err(AppError::Conflict(format!(
                "You are on {MAX_CLAIMS} callers already. Call them, or let some go."
            ))),
            Claimed::Over => Err(AppError::Conflict(
                "Nobody has to call them any more, or nobody is on it.".into(),
            )),
        }
    }

    async fn claim(&self, id: i64) -> Result<Reached, AppError> {
        let row = self.lost_row(Action::ClaimLost, id).await?;
        let user = self.viewer()?.id.0;
        let work = async {
            let done = self.services.store.claim_lost(id, user, wall_ms()).await?;
            self.settled(id, done)
        };
        self.act(Action::ClaimLost, &object(id), &row.facts(), work)
            .await?;
        Ok(row)
    }
}

#[async_trait]
impl LostBackend for CallerBackend {
    async fn lost_callers(&self, query: LostQuery) -> Result<LostPage, AppError> {
        list(self, query).await
    }

    async fn claim_lost(&self, id: i64) -> Result<(), AppError> {
        self.claim(id).await.map(drop)
    }

    async fn call_lost(&self, id: i64, request_id: String) -> Result<Outcome, AppError> {
        let row = self.claim(id).await?;
        let pbx = row.record.pbx;
        let rights = &self.viewer()?.rights;
        let from = rights.first_on(pbx).map(str::to_owned);
        let from = from.ok_or_else(|| {
            AppError::field(
                "extension",
                "You have no extension on this telephone system. It rings first.",
            )
        })?;
        // a caller chooses what their number says: what the PBX would take for a feature code is not called
        let digits = row.record.number.strip_prefix('+').unwrap_or(&row.record.number);
        let to = check_number(&row.record.number)
            .ok()
            .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(|| AppError::field("number", "This number cannot be dialled."))?;
        let request = Request {
            request_id,
            pbx,
            order: Order::Call(Command::Call { from, to }),
        };
        command::run(self, request).await
    }

    async fn hold_lost(&self) -> Result<u64, AppError> {
        let viewer = self.may(Ability::ReturnCalls)?.clone();
        let (user, store) = (viewer.id.0, &self.services.store);
        let mut held = 0;
        for id in store.claims_of(user, wall_ms()).await? {
            // what they may not see any more falls free by itself
            match self.seen_row(&viewer.rights, id).await {
                Ok(_) => held += store.hold_lost(id, user, wall_ms()).await?,
                Err(AppError::NotFound | AppError::Forbidden) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(held)
    }

    async fn release_lost(&self, id: i64) -> Result<(), AppError> {
        let row = self.lost_row(Action::ReleaseLost, id).await?;
        let user = self.viewer()?.id.0;
        let work = async {
            let store = &self.services.store;
            let done = store.release_lost(id, user, row.anybodys, wall_ms()).await?;
            self.settled(id, done)
        };
        self.act(Action::ReleaseLost, &object(id), &row.facts(), work)
            .await
    }

    async fn lost_caller(&self, id: i64) -> Result<LostCaller, AppError> {
        caller(self, id).await
    }

    async fn hand_over_lost(&self, id: i64, to: i64) -> Result<(), AppError> {
        let row = self.lost_row(Action::HandOverLost, id).await?;
        let user = self.viewer()?.id.0;
        let services = &self.services;
        let able = colleagues(&services.store, &services.hub, row.record.pbx, &row.places).await?;
        let Some(colleague) = able.into_iter().find(|colleague| colleague.id == to) else {
            return Err(AppError::field("to", "They cannot call this person back."));
        };
        let [number] = row.facts();
        let facts = [number, Fact::told("to", &*colleague.name)];
        let work = async {
            let store = &services.store;
            let done = store
                .hand_over_lost(id, (user, to), row.anybodys, wall_ms())
                .await?;
            self.settled(id, done)
        };
        self.act(Action::HandOverLost, &object(id), &facts, work).await
    }

    async fn give_up_lost(&self, id: i64, reason: String) -> Result<(), AppError> {
        let row = self.lost_row(Action::GiveUpLost, id).await?;
        let viewer = self.viewer()?;
        let reason = reason.trim();
        if !(1..=MAX_REASON_CHARS).contains(&reason.chars().count()) {
            let problem = format!("Say why, in at most {MAX_REASON_CHARS} characters.");
            return Err(AppError::field("reason", problem));
        }
        let [number] = row.facts();
        let facts = [number, Fact::told("reason", reason)];
        let who = (viewer.id.0, viewer.display_name.as_str());
        let work = async {
            let store = &self.services.store;
            let done = store
                .give_up_lost(id, who, reason, row.anybodys, wall_ms())
                .await?;
            self.settled(id, done)
        };
        self.act(Action::GiveUpLost, &object(id), &facts, work).await
    }
}
