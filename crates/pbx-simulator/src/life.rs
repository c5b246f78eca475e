//! What people decide to do: pick up, talk, hold, transfer, pause, go to a meeting. In a scripted world they
//! decide nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::company::{FROM_TRUNK, INTERNAL};
use crate::day;
use crate::world::{By, Device, Habits, Key, Party, Task, World};

mod reaction;

/// Something a person decided to do.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// Somebody calls somebody.
    NextCall,
    /// Somebody changes something else: a pause, a meeting, do not disturb.
    NextChange,
    /// One more call of the load.
    NextLoad,
    /// Puts the other side on hold.
    Hold(Key),
    /// Takes it back.
    Unhold(Key),
    /// Sends the other side elsewhere.
    Transfer(Key),
    /// Consults a colleague first.
    Attend(Key),
    /// Has consulted enough.
    Complete(Key),
    /// Parks the other side.
    Park(Key),
    /// Takes a call from a space.
    Take(u16),
    /// Joins the meeting.
    Meet(usize),
    /// Comes back from a pause.
    Unpause(usize, String),
    /// Ends do not disturb.
    Disturb(usize),
    /// A phone comes back.
    Reregister(usize),
}

/// What people have been told to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans {
    /// Phones that pick up by themselves after so many milliseconds.
    pub(crate) answers: BTreeMap<usize, u64>,
    /// Phones that refuse calls.
    pub(crate) busy: BTreeSet<usize>,
    begun: bool,
}

impl World {
    pub(crate) fn lives(&self) -> bool {
        self.settings.habits == Habits::Life
    }

    pub(crate) fn plan(&mut self, real_ms: u64, plan: Plan) {
        let delay_ms = self.human_ms(real_ms);
        self.after(delay_ms, Task::Life(plan));
    }

    pub(crate) fn begin_habits(&mut self) {
        match self.settings.habits {
            Habits::Scripted => {}
            Habits::Life => {
                // A board with nothing on it for the first seconds would look broken.
                let first = if self.life.begun { 1 } else { 5 };
                for at in 0..first {
                    self.plan(200 + 700 * at, Plan::NextCall);
                }
                self.plan(4000, Plan::NextChange);
            }
            Habits::Load { .. } => self.after(1, Task::Life(Plan::NextLoad)),
        }
        self.life.begun = true;
    }

    pub(crate) fn live(&mut self, plan: Plan) {
        match plan {
            Plan::NextCall => self.next_call(),
            Plan::NextChange => self.next_change(),
            Plan::NextLoad => self.next_load(),
            Plan::Hold(key) => {
                if self.talks(key) && self.hold(key) {
                    let for_ms = self.dice.between(4_000, 30_000);
                    self.plan(for_ms, Plan::Unhold(key));
                }
            }
            Plan::Unhold(key) => {
                self.unhold(key);
            }
            Plan::Transfer(key) => self.decide_transfer(key),
            Plan::Attend(key) => {
                if self.talks(key)
                    && let Some(number) = self.free_colleague()
                    && self.attended_transfer(key, &number)
                {
                    let for_ms = self.dice.between(9_000, 25_000);
                    self.plan(for_ms, Plan::Complete(key));
                }
            }
            Plan::Complete(key) => self.hang_up(key, 16, By::Phone),
            Plan::Park(key) => {
                if self.talks(key)
                    && let Some(peer) = self.peer(key)
                {
                    self.park(peer, Some(key), None);
                }
            }
            Plan::Take(space) => {
                if self.parking.contains_key(&space)
                    && let Some(at) = self.free_person()
                {
                    self.phone_calls(at, &space.to_string());
                }
            }
            Plan::Meet(at) => {
                if self.is_free(at) {
                    self.phone_calls(at, crate::company::ROOM);
                }
            }
            Plan::Unpause(queue, interface) => {
                self.set_paused(queue, &interface, None);
            }
            Plan::Disturb(at) => self.set_dnd(at, false),
            Plan::Reregister(at) => self.set_registered(at, true),
        }
    }

    fn talks(&self, key: Key) -> bool {
        self.is_up(key)
            && self.peer(key).is_some()
            && self.channels.get(&key).is_some_and(|channel| {
                channel.consultation.is_none() && matches!(channel.device, Device::Phone(_))
            })
    }

    fn decide_transfer(&mut self, key: Key) {
        if !self.talks(key) {
            return;
        }
        if let Some(number) = self.free_colleague() {
            self.blind_transfer(key, INTERNAL, &number);
        }
    }

    /// A phone is taken up and dials.
    pub(crate) fn phone_calls(&mut self, at: usize, number: &str) -> Option<Key> {
        let person = self.company.people.get(at)?;
        let caller = Party::new(&person.number, person.name);
        self.start_call(Device::Phone(at), caller, INTERNAL, number)
    }

    /// A call comes in from outside. `None` when no trunk works or the PBX is full.
    pub(crate) fn world_calls(&mut self, caller: Party, number: &str) -> Option<Key> {
        let line = self
            .lines
            .iter()
            .position(|line| line.registration == "Registered")?;
        self.start_call(Device::Line(line), caller, FROM_TRUNK, number)
    }

    pub(crate) fn is_free(&self, at: usize) -> bool {
        self.phones
            .get(at)
            .is_some_and(|phone| phone.registered && !phone.dnd)
            && !self
                .channels
                .values()
                .any(|channel| channel.device == Device::Phone(at))
    }

    fn free_person(&mut self) -> Option<usize> {
        let free: Vec<usize> = (0..self.phones.len()).filter(|at| self.is_free(*at)).collect();
        self.dice.pick(&free)
    }

    fn free_colleague(&mut self) -> Option<String> {
        let at = self.free_person()?;
        self.company.people.get(at).map(|person| person.number.clone())
    }

    fn next_call(&mut self) {
        let wait_ms = day::mean_gap_ms(self.now_ms.saturating_sub(self.started_ms), self.settings.speed);
        let next_ms = self.dice.interval_ms(wait_ms);
        self.plan(next_ms, Plan::NextCall);
        match self.dice.below(100) {
            0..48 => self.customer_calls(),
            48..78 => {
                if let (Some(from), Some(to)) = (self.free_person(), self.any_colleague()) {
                    self.phone_calls(from, &to);
                }
            }
            78..95 => {
                if let Some(from) = self.free_person() {
                    let to = day::customer(&mut self.dice).number;
                    self.phone_calls(from, &to);
                }
            }
            95..98 => {
                if let Some(at) = self.free_person() {
                    self.phone_calls(at, "*97");
                    self.hear_messages(at);
                }
            }
            _ => {
                if let Some(at) = self.free_person() {
                    self.phone_calls(at, "*43");
                }
            }
        }
    }

    fn any_colleague(&mut self) -> Option<String> {
        let at = usize::try_from(self.dice.below(self.company.people.len() as u64)).ok()?;
        self.company.people.get(at).map(|person| person.number.clone())
    }

    fn customer_calls(&mut self) {
        let caller = day::customer(&mut self.dice);
        let number = match self.dice.below(10) {
            0..3 => "800".to_owned(),
            3..5 => "801".to_owned(),
            5..6 => "802".to_owned(),
            _ => self.any_colleague().unwrap_or_default(),
        };
        self.world_calls(caller, &format!("+4930555{number}"));
    }

    fn next_change(&mut self) {
        let next_ms = self.dice.interval_ms(25_000.0).max(2_000);
        self.plan(next_ms, Plan::NextChange);
        match self.dice.below(100) {
            0..45 => self.somebody_pauses(),
            45..60 => {
                if let Some(at) = self.free_person() {
                    self.phone_calls(at, "*78");
                    let for_ms = self.dice.between(120_000, 900_000);
                    self.plan(for_ms, Plan::Disturb(at));
                }
            }
            60..72 if self.room.is_none() => {
                for _ in 0..self.dice.between(3, 6) {
                    if let Some(at) = self.free_person() {
                        let in_ms = self.dice.between(500, 40_000);
                        self.plan(in_ms, Plan::Meet(at));
                    }
                }
            }
            72..80 => {
                if let Some(at) = self.free_person() {
                    self.set_registered(at, false);
                    let for_ms = self.dice.between(20_000, 120_000);
                    self.plan(for_ms, Plan::Reregister(at));
                }
            }
            80..84 => {
                if let Some(at) = self.company.lines.iter().position(|line| line.flaps) {
                    self.set_registration(at, "Unregistered");
                    let for_ms = self.dice.between(5_000, 45_000);
                    let back_ms = self.human_ms(for_ms);
                    self.after(back_ms, Task::Register(at));
                }
            }
            _ => {}
        }
    }

    fn somebody_pauses(&mut self) {
        let queue = usize::try_from(self.dice.below(self.queues.len() as u64)).unwrap_or(0);
        let Some(live) = self.queues.get(queue) else {
            return;
        };
        let working: Vec<usize> = live
            .members
            .iter()
            .enumerate()
            .filter(|(_, member)| member.paused.is_none() && !member.in_call)
            .map(|(index, _)| index)
            .collect();
        if working.len() < 2 {
            return;
        }
        let interface = self.dice.pick(&working).and_then(|index| {
            self.queues
                .get(queue)?
                .members
                .get(index)
                .map(|member| member.interface.clone())
        });
        let Some(interface) = interface else { return };
        let reason = self.dice.pick(&day::PAUSES).unwrap_or("Break");
        self.set_paused(queue, &interface, Some(reason));
        let for_ms = self.dice.between(60_000, 600_000);
        self.plan(for_ms, Plan::Unpause(queue, interface));
    }

    fn next_load(&mut self) {
        let Habits::Load { calls_per_s, .. } = self.settings.habits else {
            return;
        };
        let next_ms = self.dice.interval_ms(1000.0 / calls_per_s.max(0.001));
        self.after(next_ms, Task::Life(Plan::NextLoad));
        let registered: Vec<usize> = (0..self.phones.len())
            .filter(|at| {
                self.phones
                    .get(*at)
                    .is_some_and(|phone| phone.registered && !phone.dnd)
            })
            .collect();
        let number = self
            .dice
            .pick(&registered)
            .and_then(|at| self.company.people.get(at))
            .map(|person| format!("+4930555{}", person.number));
        if let Some(number) = number {
            let caller = day::customer(&mut self.dice);
            self.world_calls(caller, &number);
        }
    }
}
