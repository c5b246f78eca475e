//! Every state that callers who keep their place can get into, on small worlds: whatever order things happen in, and
//! whatever is lost, repeated or forgotten, nobody is called twice, out of turn or without a free agent, and nobody is
//! forgotten.
//!
//! The world below is the truth (a PBX, its agents, customers' phones); the machine only sees what the link shows of it.
//! States are walked breadth first, each once, times counted from now and places by their order.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test says what it saw, and one that cannot go on has failed"
)]

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use telephony::Timestamp;
use telephony::callback::{
    Ask, Asked, Attempt, Callbacks, Effect, Live, Miss, Open, Phase, Policy, Request, RequestId, Sent, Sight,
    State, World,
};

/// How much may happen.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    customers: u8,
    agents: u8,
    attempts: u8,
    /// Live callers who join, strangers
    strangers: u8,
    /// and customers who call again by themselves.
    returns: u8,
    /// Customers who ask again.
    repeats: u8,
    cuts: u8,
    /// Starts of the server anew, right where it is.
    restarts: u8,
    /// Crashes of the PBX.
    crashes: u8,
    /// What a person does: call next, give up, cancel.
    verbs: u8,
    /// Agents who go away, or come back.
    shifts: u8,
    /// How a call can fail.
    misses: &'static [Miss],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Ringing,
    Back,
    Talking(u8),
}

/// A call on the PBX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Call {
    attempt: Attempt,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Agent {
    Free,
    Busy,
    Away,
}

/// A live caller: a stranger, or a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Caller {
    who: Option<u8>,
    joined: u64,
    with: Option<u8>,
}

#[derive(Clone, Debug)]
struct Scene {
    now: u64,
    left: Bounds,
    /// Who asked already.
    asked: u8,
    /// What the database holds.
    stored: Vec<Request>,
    machine: Callbacks,
    /// Decided and stored, not sent yet.
    orders: VecDeque<Effect>,
    link: bool,
    calls: Vec<Call>,
    /// What the server's memory holds of calls it saw: None while they are up.
    seen: HashMap<Attempt, Option<Sight>>,
    agents: Vec<Agent>,
    callers: Vec<Caller>,
    /// The last serial that was dialled, by request.
    dialled: HashMap<RequestId, u32>,
    /// Talked to an agent since somebody last asked for a call.
    reached: Vec<bool>,
    /// Somebody wants them called next.
    urged: Vec<bool>,
}

fn number(customer: u8) -> String {
    format!("04{customer}")
}

fn customer_of(number: &str) -> usize {
    usize::from(number.as_bytes()[2] - b'0')
}

const NEVER: u64 = u64::MAX / 4;

impl Scene {
    fn new(bounds: Bounds) -> Self {
        let policy = Policy {
            on: true,
            attempts: bounds.attempts,
            pause_ms: 1,
            prefixes: vec!["04".into()],
            unseen_ms: 1,
            unsure_ms: 1,
            // nothing ends here because it is old
            keep_ms: NEVER,
        };
        Scene {
            now: 1,
            left: bounds,
            asked: 0,
            stored: Vec::new(),
            machine: Callbacks::load(policy, Vec::new(), Timestamp(1)),
            orders: VecDeque::new(),
            link: true,
            calls: Vec::new(),
            seen: HashMap::new(),
            agents: vec![Agent::Free; usize::from(bounds.agents)],
            callers: Vec::new(),
            dialled: HashMap::new(),
            reached: vec![false; usize::from(bounds.customers)],
            urged: vec![false; usize::from(bounds.customers)],
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn free(&self) -> usize {
        self.agents.iter().filter(|agent| **agent == Agent::Free).count()
    }

    fn dialled(&self, id: RequestId) -> u32 {
        self.dialled.get(&id).copied().unwrap_or(0)
    }

    fn customer(&self, id: RequestId) -> usize {
        let row = self
            .stored
            .iter()
            .find(|row| row.id == id)
            .expect("a request that is stored");
        customer_of(&row.number)
    }

    /// The database, after whatever the machine did.
    fn store(&mut self) {
        for row in self.machine.changed() {
            self.stored.retain(|known| known.id != row.id);
            self.stored.push(row);
        }
        self.stored.sort_by_key(|row| row.id);
    }

    fn live(&self, talking: bool) -> Vec<Live> {
        let callers = self
            .callers
            .iter()
            .filter(|caller| caller.with.is_some() == talking);
        let live = callers.map(|caller| Live {
            number: caller.who.map_or("099".into(), number),
            joined: Timestamp(caller.joined),
        });
        live.collect()
    }

    /// The server looks, stores what it decides, and is about to carry it out.
    fn step(&mut self) {
        let (seen, calls, link) = (self.seen.clone(), self.calls.clone(), self.link);
        let sight = move |attempt: Attempt| match seen.get(&attempt) {
            None => Sight::Nothing,
            Some(Some(ended)) => *ended,
            Some(None) => match calls
                .iter()
                .find(|call| call.attempt == attempt)
                .map(|call| call.stage)
            {
                Some(Stage::Ringing) => Sight::Ringing,
                Some(Stage::Back) => Sight::Back,
                Some(Stage::Talking(_)) => Sight::Connected,
                None => unreachable!("its end was noted"),
            },
        };
        let (waiting, talking) = (self.live(false), self.live(true));
        let world = World {
            seeing: link,
            free: self.free(),
            waiting: &waiting,
            talking: &talking,
            sight: &sight,
        };
        let effects = self.machine.step(&world, Timestamp(self.now));
        self.store();
        self.check_decisions(&effects);
        self.orders.extend(effects);
    }

    fn check_decisions(&self, effects: &[Effect]) {
        let placed: Vec<&Attempt> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Call { attempt, .. } => Some(attempt),
                Effect::HangUp(_) => None,
            })
            .collect();
        if placed.is_empty() {
            return;
        }
        assert!(self.link, "a call is placed blindly");
        // the truth, not what the machine thinks
        let up = self
            .calls
            .iter()
            .filter(|call| !matches!(call.stage, Stage::Talking(_)))
            .count();
        let ordered = self
            .orders
            .iter()
            .filter(|order| matches!(order, Effect::Call { .. }))
            .count();
        assert!(
            up + ordered + placed.len() <= self.free(),
            "more calls than free agents: {self:#?}"
        );
        let waiting: Vec<&Caller> = self
            .callers
            .iter()
            .filter(|caller| caller.with.is_none())
            .collect();
        let wants =
            |row: &Request| matches!(row.state, State::Waiting { not_before, .. } if not_before <= self.at());
        for attempt in placed {
            let row = self
                .stored
                .iter()
                .find(|row| row.id == attempt.request)
                .expect("stored before it is sent");
            let customer = self.customer(row.id);
            assert!(matches!(
                row.state,
                State::Calling {
                    phase: Phase::Decided,
                    ..
                }
            ));
            assert_eq!(
                row.serial, attempt.serial,
                "what is carried out is not what was stored"
            );
            assert!(row.serial > self.dialled(row.id), "one decision dials twice");
            let before = waiting
                .iter()
                .filter(|caller| caller.joined <= row.joined.0)
                .count();
            // whoever wanted it did not know more than the machine
            let urged = self.urged[customer];
            assert!(
                urged || !self.reached[customer],
                "who was reached is called again: {self:#?}"
            );
            assert!(
                urged || up + ordered + before < self.free(),
                "past a live caller: {self:#?}"
            );
            let passed = self.stored.iter().find(|other| {
                let here = waiting.iter().any(|caller| {
                    caller.who.is_some_and(|who| number(who) == other.number) && caller.joined > other.asked.0
                });
                wants(other) && !here && other.joined < row.joined
            });
            assert!(urged || passed.is_none(), "past another who waits: {self:#?}");
        }
    }

    /// What is true at any time.
    fn check(&self) {
        for customer in 0..self.left.customers {
            let legs = self
                .calls
                .iter()
                .filter(|call| self.customer(call.attempt.request) == usize::from(customer));
            assert!(legs.count() <= 1, "two calls to one customer: {self:#?}");
        }
        let open = |row: &&Request| !row.is_over();
        let kept: Vec<&Request> = self.stored.iter().filter(open).collect();
        let mut held: Vec<&Request> = self.machine.requests().iter().collect();
        held.sort_by_key(|row| row.id);
        assert_eq!(held.len(), kept.len(), "a request is lost: {self:#?}");
        assert!(
            held.iter()
                .zip(&kept)
                .all(|(held, kept)| held.id == kept.id && held.number == kept.number)
        );
        for (at, row) in kept.iter().enumerate() {
            assert!(
                kept[..at].iter().all(|other| other.number != row.number),
                "two requests of one number"
            );
        }
        for customer in 0..self.asked {
            let asked = self
                .stored
                .iter()
                .any(|row| customer_of(&row.number) == usize::from(customer));
            assert!(asked, "somebody was promised a call and is forgotten");
        }
    }

    fn is_settled(&self) -> bool {
        self.machine.requests().is_empty() && self.calls.is_empty() && self.orders.is_empty()
    }

    /// A call is on the PBX, or gone from it.
    fn notice(&mut self) {
        if self.link {
            for call in &self.calls {
                self.seen.entry(call.attempt).or_insert(None);
            }
        }
    }

    fn end_call(&mut self, at: usize, ended: Sight) {
        let call = self.calls.remove(at);
        if let Stage::Talking(agent) = call.stage {
            self.agents[usize::from(agent)] = Agent::Free;
        }
        // what ends in the dark is missing when there is light again
        let told = if self.link { ended } else { Sight::Lost };
        if let Some(known) = self.seen.get_mut(&call.attempt)
            && known.is_none()
        {
            *known = Some(told);
        }
    }

    /// Everything that can happen now.
    fn successors(&self) -> Vec<(&'static str, Scene)> {
        let mut next = Vec::new();
        let mut then = |what: &'static str, change: &dyn Fn(&mut Scene)| {
            let mut scene = self.clone();
            change(&mut scene);
            scene.notice();
            scene.store();
            next.push((what, scene));
        };
        then("the server looks", &|scene| scene.step());
        self.customers_act(&mut then);
        self.orders_go(&mut then);
        self.calls_go_on(&mut then);
        self.people_act(&mut then);
        self.things_break(&mut then);
        then("time passes", &|scene| scene.now += 1);
        next
    }

    fn ask(&mut self, customer: u8) {
        let id = RequestId(self.stored.len() as i64 + 1);
        self.now += 1;
        let ask = Ask {
            number: number(customer),
            name: None,
            joined: Timestamp(self.now - 1),
        };
        let asked = self.machine.ask(id, ask, Timestamp(self.now));
        assert!(matches!(asked, Asked::New | Asked::Known(_)));
        self.reached[usize::from(customer)] = false;
    }

    fn customers_act(&self, then: &mut Then<'_>) {
        if self.asked < self.left.customers {
            then("a caller keeps the place and hangs up", &|scene| {
                let customer = scene.asked;
                scene.asked += 1;
                scene.ask(customer);
            });
        }
        for customer in 0..self.asked {
            let calls = self
                .calls
                .iter()
                .any(|call| self.customer(call.attempt.request) == usize::from(customer));
            let here = self.callers.iter().any(|caller| caller.who == Some(customer));
            if self.left.repeats > 0 && !calls && !here {
                then("a customer asks again", &|scene| {
                    scene.left.repeats -= 1;
                    scene.ask(customer);
                });
            }
            if self.left.returns > 0 && !calls && !here {
                then("a customer calls again", &|scene| {
                    scene.left.returns -= 1;
                    scene.join(Some(customer));
                });
            }
        }
        if self.left.strangers > 0 {
            then("a live caller joins", &|scene| {
                scene.left.strangers -= 1;
                scene.join(None);
            });
        }
        for at in 0..self.callers.len() {
            then("a live caller goes", &|scene| {
                let caller = scene.callers.remove(at);
                if let Some(agent) = caller.with {
                    scene.agents[usize::from(agent)] = Agent::Free;
                }
            });
        }
    }

    fn join(&mut self, who: Option<u8>) {
        self.now += 1;
        let joined = self.now;
        self.callers.push(Caller {
            who,
            joined,
            with: None,
        });
    }

    fn orders_go(&self, then: &mut Then<'_>) {
        match self.orders.front() {
            None => {}
            Some(Effect::HangUp(attempt)) => {
                let attempt = *attempt;
                then("a call is ended by order, or the order is too late", &|scene| {
                    scene.orders.pop_front();
                    let up = scene.calls.iter().position(|call| call.attempt == attempt);
                    if let Some(at) = up.filter(|_| scene.link)
                        && !matches!(scene.calls[at].stage, Stage::Talking(_))
                    {
                        scene.end_call(at, Sight::Over(Miss::Failed));
                    }
                });
            }
            Some(Effect::Call { attempt, .. }) => {
                let attempt = *attempt;
                if self.link {
                    then("a call is sent", &|scene| scene.dial(attempt));
                    then("the PBX refuses a call", &|scene| {
                        scene.orders.pop_front();
                        scene.machine.sent(attempt, Sent::Refused, scene.at());
                    });
                } else {
                    then("a call cannot be sent", &|scene| {
                        scene.orders.pop_front();
                        scene.machine.sent(attempt, Sent::NotSent, scene.at());
                    });
                }
                if self.link && self.left.cuts > 0 {
                    then("the link is cut and the call went through", &|scene| {
                        scene.cut();
                        scene.dial(attempt);
                    });
                    then("the link is cut and the call did not go through", &|scene| {
                        scene.cut();
                        scene.orders.pop_front();
                        scene.machine.sent(attempt, Sent::Perhaps, scene.at());
                    });
                }
            }
        }
    }

    fn dial(&mut self, attempt: Attempt) {
        self.orders.pop_front();
        assert!(
            attempt.serial > self.dialled(attempt.request),
            "one decision dials twice"
        );
        self.dialled.insert(attempt.request, attempt.serial);
        let customer = self.customer(attempt.request);
        self.urged[customer] = false;
        self.calls.push(Call {
            attempt,
            stage: Stage::Ringing,
        });
        self.machine.sent(attempt, Sent::Perhaps, self.at());
    }

    fn calls_go_on(&self, then: &mut Then<'_>) {
        for (at, call) in self.calls.iter().enumerate() {
            match call.stage {
                Stage::Ringing => {
                    then("a customer answers", &|scene| scene.calls[at].stage = Stage::Back);
                    for miss in self.left.misses {
                        then("a customer is not reached", &|scene| {
                            scene.end_call(at, Sight::Over(*miss))
                        });
                    }
                }
                Stage::Back => {
                    let free = self.agents.iter().position(|agent| *agent == Agent::Free);
                    if let Some(agent) = free {
                        then("a customer talks to an agent", &|scene| {
                            scene.agents[agent] = Agent::Busy;
                            scene.calls[at].stage = Stage::Talking(agent as u8);
                            let customer = scene.customer(scene.calls[at].attempt.request);
                            scene.reached[customer] = true;
                        });
                    }
                    then("a customer hangs up", &|scene| {
                        scene.end_call(at, Sight::Over(Miss::HungUp))
                    });
                }
                Stage::Talking(_) => then("a talk ends", &|scene| scene.end_call(at, Sight::Connected)),
            }
        }
        let free = self.agents.iter().position(|agent| *agent == Agent::Free);
        let waits = self.callers.iter().position(|caller| caller.with.is_none());
        if let (Some(agent), Some(at)) = (free, waits) {
            then("an agent takes a live caller", &|scene| {
                scene.agents[agent] = Agent::Busy;
                scene.callers[at].with = Some(agent as u8);
            });
        }
    }

    fn people_act(&self, then: &mut Then<'_>) {
        for row in self.machine.requests() {
            let id = row.id;
            // a person can always settle what only a person can
            let must = matches!(row.state, State::Open(_));
            if self.left.verbs == 0 && !must {
                continue;
            }
            then("somebody gives up", &|scene| {
                scene.left.verbs = scene.left.verbs.saturating_sub(1);
                scene.machine.give_up(id, scene.at()).expect("an open request");
            });
            if self.left.verbs == 0 {
                continue;
            }
            let customer = self.customer(id);
            then("somebody calls next", &|scene| {
                scene.left.verbs -= 1;
                if scene.machine.call_next(id, scene.at()).is_ok() {
                    scene.urged[customer] = true;
                    scene.reached[customer] = false;
                }
            });
            then("somebody cancels", &|scene| {
                scene.left.verbs -= 1;
                let order = scene.machine.cancel(id, scene.at()).expect("an open request");
                scene.orders.extend(order);
            });
        }
        let shifts = self.left.shifts;
        for at in 0..self.agents.len() {
            let now = match self.agents[at] {
                Agent::Away => Agent::Free,
                Agent::Free if shifts > 0 => Agent::Away,
                Agent::Free | Agent::Busy => continue,
            };
            then("an agent comes or goes", &|scene| {
                if now == Agent::Away {
                    scene.left.shifts -= 1;
                }
                scene.agents[at] = now;
            });
        }
    }

    fn cut(&mut self) {
        self.left.cuts -= 1;
        self.link = false;
    }

    fn things_break(&self, then: &mut Then<'_>) {
        if self.link && self.left.cuts > 0 {
            then("the link is cut", &|scene| scene.cut());
        }
        if !self.link {
            then("the link is back", &|scene| scene.link = true);
        }
        if self.left.restarts > 0 {
            then("the server is killed and starts again", &|scene| {
                scene.left.restarts -= 1;
                // what was decided and not sent dies with it
                scene.orders.clear();
                scene.seen.clear();
                let policy = scene.machine.policy().clone();
                scene.machine = Callbacks::load(policy, scene.stored.clone(), scene.at());
            });
        }
        if self.left.crashes > 0 {
            then("the PBX crashes", &|scene| {
                scene.left.crashes -= 1;
                scene.link = false;
                scene.callers.clear();
                while !scene.calls.is_empty() {
                    scene.end_call(0, Sight::Lost);
                }
                for agent in &mut scene.agents {
                    *agent = Agent::Free;
                }
            });
        }
    }

    /// The same for states that differ in nothing that matters.
    fn fingerprint(&self) -> u128 {
        let mut places: Vec<u64> = self.stored.iter().map(|row| row.joined.0).collect();
        places.extend(self.stored.iter().map(|row| row.asked.0));
        places.extend(self.callers.iter().map(|caller| caller.joined));
        places.sort_unstable();
        places.dedup();
        let place = |at: u64| places.binary_search(&at).expect("one of them");
        let age = |at: Timestamp| self.now.saturating_sub(at.0).min(1);
        let row = |row: &Request| {
            let state = match row.state {
                State::Waiting { not_before, next } => (0, u8::from(not_before > self.at()), next, None, 0),
                State::Calling { phase, unsure, last } => {
                    let fresh = (phase == Phase::Ordered).then(|| age(row.since));
                    (
                        1,
                        phase as u8,
                        unsure.is_some(),
                        last,
                        fresh.or(unsure.map(age)).unwrap_or(9),
                    )
                }
                State::Open(Open::Unknown) => (2, 0, false, None, 0),
                State::Open(Open::Unseen) => (5, 0, false, None, 0),
                State::Open(Open::NotAllowed) => (3, 0, false, None, 0),
                State::Ended(end) => (4, 0, false, Some(end), 0),
            };
            let ahead = row.serial - self.dialled(row.id);
            let known = self.seen.get(&row.attempt()).copied();
            (
                row.id,
                place(row.joined.0),
                place(row.asked.0),
                state,
                row.attempts,
                ahead,
                known,
            )
        };
        let calls: Vec<_> = self
            .calls
            .iter()
            .map(|call| {
                let row = self.stored.iter().find(|row| row.id == call.attempt.request);
                (
                    call.attempt.request,
                    row.map(|row| row.serial - call.attempt.serial),
                    call.stage,
                )
            })
            .collect();
        let orders: Vec<_> = self
            .orders
            .iter()
            .map(|order| match order {
                Effect::Call { attempt, .. } => (0, attempt.request),
                Effect::HangUp(attempt) => (1, attempt.request),
            })
            .collect();
        let held: Vec<_> = self.machine.requests().iter().map(row).collect();
        let stored: Vec<_> = self.stored.iter().map(row).collect();
        let callers: Vec<_> = self
            .callers
            .iter()
            .map(|caller| (caller.who, place(caller.joined), caller.with))
            .collect();
        let left = &self.left;
        let budget = (
            (left.strangers, left.returns, left.repeats, left.cuts),
            (left.restarts, left.crashes, left.verbs, left.shifts),
        );
        let all = (self.asked, held, stored, calls, orders, self.link);
        let rest = (&self.agents, callers, &self.reached, &self.urged, budget);
        let half = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            (salt, &all, &rest).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(1) << 64 | half(2)
    }
}

type Then<'a> = dyn FnMut(&'static str, &dyn Fn(&mut Scene)) + 'a;

/// Walks every state; gives how many there are, and how many ways lead between them.
fn explore(bounds: Bounds) -> (usize, usize) {
    let mut known: HashMap<u128, u32> = HashMap::new();
    let mut ways: Vec<(u32, u32)> = Vec::new();
    let mut settled: Vec<u32> = Vec::new();
    let mut ahead = VecDeque::new();
    let first = Scene::new(bounds);
    known.insert(first.fingerprint(), 0);
    ahead.push_back((0, first));
    while let Some((at, scene)) = ahead.pop_front() {
        scene.check();
        if scene.is_settled() {
            settled.push(at);
        }
        for (_, next) in scene.successors() {
            let new = known.len() as u32;
            let to = *known.entry(next.fingerprint()).or_insert_with(|| {
                ahead.push_back((new, next));
                new
            });
            ways.push((to, at));
        }
    }
    // from everywhere there is a way to where every request has ended
    ways.sort_unstable();
    let mut can = vec![false; known.len()];
    let mut open = settled;
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut can[at as usize], true) {
            continue;
        }
        let from = ways.partition_point(|(to, _)| *to < at);
        open.extend(
            ways[from..]
                .iter()
                .take_while(|(to, _)| *to == at)
                .map(|(_, from)| *from),
        );
    }
    let stuck = can.iter().filter(|can| !**can).count();
    assert_eq!(stuck, 0, "requests that can never end");
    (known.len(), ways.len())
}

const QUIET: Bounds = Bounds {
    customers: 3,
    agents: 2,
    attempts: 2,
    strangers: 0,
    returns: 0,
    repeats: 0,
    cuts: 0,
    restarts: 0,
    crashes: 0,
    verbs: 0,
    shifts: 0,
    misses: &[Miss::NoAnswer],
};

fn walk(name: &str, bounds: Bounds) {
    let (states, ways) = explore(bounds);
    println!("{name}: {states} states, {ways} ways");
}

#[test]
fn three_customers_share_two_agents() {
    let bounds = Bounds { attempts: 1, ..QUIET };
    walk("three customers", bounds);
}

#[test]
fn live_callers_and_customers_keep_their_order() {
    let bounds = Bounds {
        customers: 2,
        attempts: 1,
        strangers: 1,
        returns: 1,
        shifts: 1,
        misses: &[],
        ..QUIET
    };
    walk("live callers", bounds);
}

#[test]
fn nobody_is_called_twice_whatever_breaks() {
    let bounds = Bounds {
        customers: 2,
        agents: 1,
        cuts: 1,
        restarts: 1,
        ..QUIET
    };
    walk("faults", bounds);
}

#[test]
fn one_customer_and_everything_at_once() {
    let bounds = Bounds {
        customers: 1,
        agents: 1,
        repeats: 1,
        cuts: 1,
        restarts: 1,
        verbs: 1,
        ..QUIET
    };
    walk("one customer", bounds);
}

#[test]
#[ignore = "minutes: cargo test --release -p telephony --test callback_model -- --ignored"]
fn larger_worlds() {
    let crowd = Bounds { shifts: 1, ..QUIET };
    walk("three customers, two attempts", crowd);
    let mixed = Bounds {
        customers: 2,
        strangers: 2,
        returns: 1,
        ..QUIET
    };
    walk("two customers among live callers", mixed);
    let broken = Bounds {
        customers: 2,
        cuts: 1,
        restarts: 1,
        ..QUIET
    };
    walk("two customers, two agents, faults", broken);
    let everything = Bounds {
        customers: 1,
        agents: 1,
        strangers: 1,
        returns: 1,
        repeats: 1,
        cuts: 1,
        restarts: 1,
        crashes: 1,
        verbs: 1,
        shifts: 1,
        misses: &[Miss::NoAnswer, Miss::Busy],
        ..QUIET
    };
    walk("one customer and everything", everything);
}
