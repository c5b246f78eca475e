//! Callers of one queue who hung up and keep their place: whom to call back, when, and what came of it.
//!
//! The customer is called first, and only when an agent is free for them; who answers comes back to the head of the
//! queue. So no agent's phone rings for somebody who does not answer, the queue's own strategy chooses the agent, and
//! one channel, whose id is known beforehand, tells the whole story. The price: while the customer's phone rings,
//! somebody who came later can get that agent, and the customer then waits for the next one, before everybody else.
//!
//! Nothing here reads a clock, does IO or waits. [`Callbacks::step`] folds in what is seen of the PBX and decides;
//! what is to be done comes back as [`Effect`]s, and what changed is to be [stored](Callbacks::changed) **before** they
//! are carried out. From there these hold, and `tests/callback_model.rs` walks every state to see it:
//!
//! * A call is placed only while calls under way, and live callers whose place is before, are fewer than free agents.
//! * A customer has at most one call at a time, and each decision dials at most once, whatever is lost or repeated.
//! * Who joined first is called first. A failed attempt keeps its place and lets others pass only during its pause.
//! * No request is forgotten: each ends, or waits for a person who is told what nobody knows.

mod order;
mod policy;
mod request;
mod world;

pub use self::order::{CONTEXT, DIAL_CONTEXT};
pub use self::policy::{MAX_ATTEMPTS, MAX_PREFIXES, Policy};
pub use self::request::{Attempt, End, Miss, Open, Phase, Request, RequestId, State};
pub use self::world::{Ask, Asked, Effect, Live, Not, Sent, Sight, World};
pub use crate::observe::callback::{FAMILY, Hall, Wish};
use crate::{Timestamp, lower};

/// Open requests of one queue.
pub const MAX_REQUESTS: usize = 500;
/// The requests of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Callbacks {
    policy: Policy,
    /// Open ones in the order of their places, and those that ended and were not stored yet.
    requests: Vec<Request>,
    changed: Vec<RequestId>,
}

impl Callbacks {
    /// As they were stored. What was under way then is out of sight until it is seen.
    pub fn load(policy: Policy, requests: Vec<Request>, now: Timestamp) -> Self {
        let mut callbacks = Self {
            policy,
            requests,
            changed: Vec::new(),
        };
        callbacks.requests.retain(|request| !request.is_over());
        for request in &mut callbacks.requests {
            if let State::Calling { unsure, .. } = &mut request.state {
                unsure.get_or_insert(now);
            }
        }
        callbacks.sort();
        callbacks
    }

    /// The requests in the order of their places.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// How it calls back.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Calls that may be up.
    pub fn in_flight(&self) -> usize {
        self.requests.iter().filter(|one| one.is_in_flight()).count()
    }

    /// What is to be stored now. Those that ended are forgotten here.
    pub fn changed(&mut self) -> Vec<Request> {
        let changed = std::mem::take(&mut self.changed);
        let rows = self
            .requests
            .iter()
            .filter(|request| changed.contains(&request.id))
            .cloned()
            .collect();
        self.requests.retain(|request| !request.is_over());
        rows
    }

    /// Calls back in another way from now on; requests that were not allowed may be now.
    pub fn set_policy(&mut self, policy: Policy, now: Timestamp) {
        self.policy = policy;
        for at in 0..self.requests.len() {
            let request = &self.requests[at];
            let allowed = self.policy.allows(&request.number);
            match request.state {
                State::Open(Open::NotAllowed) if allowed => self.wait(at, now, false, now),
                State::Waiting { .. } if !allowed => self.enter(at, State::Open(Open::NotAllowed), now),
                State::Waiting { .. } | State::Calling { .. } | State::Open(_) | State::Ended(_) => {}
            }
        }
    }

    /// A caller asks to be called back. `id` is used when this makes a new request.
    pub fn ask(&mut self, id: RequestId, ask: Ask, now: Timestamp) -> Asked {
        if lower::number("number", &ask.number).is_err() {
            return Asked::BadNumber;
        }
        let joined = ask.joined.min(now);
        let open = |one: &Request| one.number == ask.number && !one.is_over();
        if let Some(at) = self.requests.iter().position(open) {
            let request = &mut self.requests[at];
            let (id, state) = (request.id, request.state);
            request.joined = request.joined.min(joined);
            // they hung up a moment ago: whatever became of the last call, it is over
            if matches!(state, State::Open(Open::Unknown | Open::Unseen)) && self.policy.allows(&ask.number) {
                self.again(at, now, false);
            }
            self.touch(id);
            self.sort();
            return Asked::Known(id);
        }
        if self.requests.len() >= MAX_REQUESTS {
            return Asked::Full;
        }
        let state = if self.policy.allows(&ask.number) {
            State::Waiting {
                not_before: now,
                next: false,
            }
        } else {
            State::Open(Open::NotAllowed)
        };
        self.requests.push(Request {
            id,
            number: ask.number,
            name: ask.name,
            joined,
            asked: now,
            state,
            since: now,
            serial: 0,
            attempts: 0,
            miss: None,
        });
        self.touch(id);
        self.sort();
        Asked::New
    }

    /// Folds in what is seen, and decides.
    pub fn step(&mut self, world: &World<'_>, now: Timestamp) -> Vec<Effect> {
        for at in 0..self.requests.len() {
            self.look(at, world, now);
            self.pass_time(at, now);
            self.came_back(at, world, now);
        }
        if world.seeing {
            self.place(world, now)
        } else {
            Vec::new()
        }
    }

    /// What came of sending a call.
    pub fn sent(&mut self, attempt: Attempt, sent: Sent, now: Timestamp) {
        let Some(at) = self.position(attempt.request) else {
            return;
        };
        let request = &mut self.requests[at];
        let State::Calling { phase, unsure, last } = request.state else {
            return;
        };
        if request.serial != attempt.serial || phase != Phase::Decided {
            return;
        }
        match (sent, last) {
            (Sent::Perhaps, _) => {
                let phase = Phase::Ordered;
                self.enter(at, State::Calling { phase, unsure, last }, now);
            }
            (Sent::Refused, _) => self.missed(at, Miss::Refused, now),
            (Sent::NotSent, Some(end)) => self.enter(at, State::Ended(end), now),
            (Sent::NotSent, None) => {
                request.attempts = request.attempts.saturating_sub(1);
                let not_before = Timestamp(now.0.saturating_add(self.policy.unseen_ms));
                self.wait(at, not_before, false, now);
            }
        }
    }

    /// Somebody wants it called next: by the next free agent, before everybody and without a pause.
    pub fn call_next(&mut self, id: RequestId, now: Timestamp) -> Result<(), Not> {
        let at = self.position(id).ok_or(Not::Gone)?;
        let request = &self.requests[at];
        if !self.policy.allows(&request.number) {
            return Err(Not::NotAllowed);
        }
        match request.state {
            State::Calling { .. } => Err(Not::UnderWay),
            State::Waiting { .. } | State::Open(_) => {
                self.again(at, now, true);
                Ok(())
            }
            State::Ended(_) => Err(Not::Gone),
        }
    }

    /// Tries no more. A call under way is the last.
    pub fn give_up(&mut self, id: RequestId, now: Timestamp) -> Result<(), Not> {
        self.end(id, End::GivenUp, now).map(drop)
    }

    /// Takes the request back. A call under way is to be ended.
    pub fn cancel(&mut self, id: RequestId, now: Timestamp) -> Result<Option<Effect>, Not> {
        let under_way = self.end(id, End::Cancelled, now)?;
        Ok(under_way.map(Effect::HangUp))
    }

    /// Ends it at once, or after the call that is under way.
    fn end(&mut self, id: RequestId, how: End, now: Timestamp) -> Result<Option<Attempt>, Not> {
        let at = self.position(id).ok_or(Not::Gone)?;
        match &mut self.requests[at].state {
            State::Calling { last, .. } => {
                *last = Some(how);
                self.touch(id);
                Ok(Some(self.requests[at].attempt()))
            }
            // it may still be up: what is seen of it ends the request
            State::Open(Open::Unseen) => {
                let calling = State::Calling {
                    phase: Phase::Ordered,
                    unsure: Some(now),
                    last: Some(how),
                };
                self.enter(at, calling, now);
                Ok(Some(self.requests[at].attempt()))
            }
            State::Waiting { .. } | State::Open(_) => {
                self.enter(at, State::Ended(how), now);
                Ok(None)
            }
            State::Ended(_) => Err(Not::Gone),
        }
    }

    /// What is seen of its call: the one under way, one that nobody saw the end of, or one that was thought to be over.
    fn look(&mut self, at: usize, world: &World<'_>, now: Timestamp) {
        let request = &self.requests[at];
        let sight = world.seeing.then(|| (world.sight)(request.attempt()));
        let state = match request.state {
            State::Calling { phase, unsure, last } => {
                let calling = |phase, unsure| State::Calling { phase, unsure, last };
                let lost = last.map_or(State::Open(Open::Unknown), State::Ended);
                match (sight, unsure) {
                    (Some(Sight::Ringing), _) => calling(Phase::Ringing, None),
                    (Some(Sight::Back), _) => calling(Phase::Back, None),
                    (Some(Sight::Connected), _) => State::Ended(End::Reached),
                    (Some(Sight::Over(miss)), _) => return self.missed(at, miss, now),
                    (Some(Sight::Lost), _) | (Some(Sight::Nothing), Some(_)) => lost,
                    // whoever is about to send it will say what came of that
                    (_, None) if phase == Phase::Decided => return,
                    (Some(Sight::Nothing), None) if self.is_late(request, now) => lost,
                    (None, Some(since)) if last.is_none() && now.since_ms(since) >= self.policy.unsure_ms => {
                        State::Open(Open::Unseen)
                    }
                    (None, None) => calling(phase, Some(now)),
                    (Some(Sight::Nothing) | None, _) => return,
                }
            }
            State::Open(Open::Unseen) if matches!(sight, Some(Sight::Nothing | Sight::Lost)) => {
                State::Open(Open::Unknown)
            }
            State::Waiting { .. } | State::Open(_) if request.serial > 0 => match sight {
                Some(Sight::Over(miss)) if request.state == State::Open(Open::Unseen) => {
                    return self.missed(at, miss, now);
                }
                Some(Sight::Ringing) => State::calling(Phase::Ringing),
                Some(Sight::Back) => State::calling(Phase::Back),
                Some(Sight::Connected) => State::Ended(End::Reached),
                Some(Sight::Over(_) | Sight::Nothing | Sight::Lost) | None => return,
            },
            State::Waiting { .. } | State::Open(_) | State::Ended(_) => return,
        };
        if state != request.state {
            self.enter(at, state, now);
        }
    }

    /// It was ordered so long ago that it would have been seen.
    fn is_late(&self, request: &Request, now: Timestamp) -> bool {
        now.since_ms(request.since) >= self.policy.unseen_ms
    }

    fn pass_time(&mut self, at: usize, now: Timestamp) {
        let request = &self.requests[at];
        let old = now.since_ms(request.asked) >= self.policy.keep_ms;
        if old && matches!(request.state, State::Waiting { .. } | State::Open(_)) {
            self.enter(at, State::Ended(End::Expired), now);
        }
    }

    /// They called again meanwhile, and were taken.
    fn came_back(&mut self, at: usize, world: &World<'_>, now: Timestamp) {
        let request = &self.requests[at];
        let rests = matches!(request.state, State::Waiting { .. } | State::Open(_));
        if world.seeing && rests && world.talking.iter().any(|caller| is_them(request, caller)) {
            self.enter(at, State::Ended(End::CameBack), now);
        }
    }

    fn place(&mut self, world: &World<'_>, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut in_flight = self.in_flight();
        let mut order: Vec<(bool, usize)> = (0..self.requests.len())
            .filter_map(|at| match self.requests[at].state {
                State::Waiting { not_before, next } if not_before <= now => Some((!next, at)),
                _ => None,
            })
            .collect();
        // within each half by place, as the list is
        order.sort_unstable();
        for (in_turn, at) in order {
            let request = &self.requests[at];
            // they wait in person
            if world.waiting.iter().any(|caller| is_them(request, caller)) {
                continue;
            }
            let before = |caller: &&Live| caller.joined <= request.joined;
            let ahead = if in_turn {
                world.waiting.iter().filter(before).count()
            } else {
                0
            };
            if in_flight + ahead >= world.free {
                break;
            }
            in_flight += 1;
            let request = &mut self.requests[at];
            request.serial += 1;
            request.attempts = request.attempts.saturating_add(1);
            effects.push(Effect::Call {
                attempt: request.attempt(),
                number: request.number.clone(),
            });
            self.enter(at, State::calling(Phase::Decided), now);
        }
        effects
    }

    fn missed(&mut self, at: usize, miss: Miss, now: Timestamp) {
        let request = &mut self.requests[at];
        request.miss = Some(miss);
        let last = match request.state {
            State::Calling { last, .. } => last,
            State::Waiting { .. } | State::Open(_) | State::Ended(_) => None,
        };
        let end = last.or((request.attempts >= self.policy.attempts).then_some(End::NotReached));
        match end {
            Some(end) => self.enter(at, State::Ended(end), now),
            None if self.policy.allows(&request.number) => {
                let not_before = Timestamp(now.0.saturating_add(self.policy.pause_ms));
                self.wait(at, not_before, false, now);
            }
            None => self.enter(at, State::Open(Open::NotAllowed), now),
        }
    }

    /// At least once more.
    fn again(&mut self, at: usize, now: Timestamp, next: bool) {
        let request = &mut self.requests[at];
        request.attempts = request.attempts.min(self.policy.attempts.saturating_sub(1));
        self.wait(at, now, next, now);
    }

    fn wait(&mut self, at: usize, not_before: Timestamp, next: bool, now: Timestamp) {
        self.enter(at, State::Waiting { not_before, next }, now);
    }

    fn enter(&mut self, at: usize, state: State, now: Timestamp) {
        self.requests[at].enter(state, now);
        self.touch(self.requests[at].id);
    }

    fn touch(&mut self, id: RequestId) {
        if !self.changed.contains(&id) {
            self.changed.push(id);
        }
    }

    fn position(&self, id: RequestId) -> Option<usize> {
        self.requests.iter().position(|request| request.id == id)
    }

    fn sort(&mut self) {
        self.requests.sort_by_key(|request| (request.joined, request.id));
    }
}

/// Whether this live caller is who asked, calling again.
fn is_them(request: &Request, caller: &Live) -> bool {
    caller.number == request.number && caller.joined > request.asked
}
