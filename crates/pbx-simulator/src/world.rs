//! The PBX itself: a pure, deterministic core. Time is an argument, chance comes from a seed, what happens
//! comes out as frames.
//!
//! [`World::step`] runs everything that is due, [`World::act`] obeys an AMI action, and the verbs
//! ([`World::call`], [`World::answer`] and the others) do what people with phones do. Each returns or
//! leaves behind the frames Asterisk would have sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::company::{Company, SPACES};
use crate::dice::Dice;
use crate::wire::{Class, Frame, Text};

mod agenda;
mod bridge;
mod channel;
mod channels;
mod conference;
mod consult;
mod device;
mod dial;
mod hangup;
mod noise;
mod originate;
mod parking;
mod queue;
mod queue_ring;
mod record;
mod route;
mod services;
mod supervision;
mod transfer;
pub(crate) mod truth;

pub(crate) use agenda::Task;
pub(crate) use bridge::Bridge;
pub(crate) use channel::{Channel, ChannelState, Device, Doing, Key, Party};
pub(crate) use device::status_text;
pub(crate) use hangup::By;
pub(crate) use originate::Origin;
pub(crate) use queue::{Member, QueueLive};

/// How much of what a reader skips is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// No `VarSet`, `Newexten`, `CEL`.
    Quiet,
    /// `Newexten`, and the `VarSet`s that say something (`DIALSTATUS`, `QUEUESTATUS`).
    Some,
    /// All of it, as Asterisk does.
    #[default]
    Full,
}

/// Who decides what people do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Habits {
    /// Nobody: only the verbs and actions make something happen.
    Scripted,
    /// A working day.
    Life,
    /// As many calls as asked for.
    Load {
        /// New calls each second.
        calls_per_s: f64,
        /// Seconds a call lasts once answered.
        talk_s: f64,
    },
}

/// What the world is made from.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seed of everything that is left to chance.
    pub seed: u64,
    /// How many times faster than real people live.
    pub speed: f64,
    /// Who decides what people do.
    pub habits: Habits,
    /// What a reader has to skip.
    pub noise: Noise,
    /// Extensions, from 1001 on; never fewer than forty.
    pub people: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seed: 1,
            speed: 1.0,
            habits: Habits::Life,
            noise: Noise::Full,
            people: 40,
        }
    }
}

/// Channels that may be up at once; a call beyond is not begun.
pub const MAX_CHANNELS: usize = 20_000;
/// Tasks the agenda holds; one beyond is dropped.
const MAX_TASKS: usize = 200_000;

/// What changes about a person.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) registered: bool,
    pub(crate) dnd: bool,
    pub(crate) new_messages: u32,
    pub(crate) old_messages: u32,
    /// What was last told of the device and of the extension.
    pub(crate) told: device::Told,
}

/// What changes about a trunk.
#[derive(Clone, Debug)]
pub(crate) struct LineLive {
    /// As `Registry` events say it.
    pub(crate) registration: &'static str,
    pub(crate) told: device::Told,
}

/// A caller in a parking space.
#[derive(Clone, Debug)]
pub(crate) struct Parked {
    pub(crate) parkee: Key,
    pub(crate) parker: Option<Key>,
    pub(crate) parker_dial: String,
    pub(crate) since_ms: u64,
    pub(crate) until_ms: u64,
}

/// Somebody in the conference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) key: Key,
    pub(crate) admin: bool,
    pub(crate) muted: bool,
    pub(crate) since_ms: u64,
}

/// The conference, while it is open.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) bridge: u32,
    pub(crate) seats: Vec<Seat>,
    pub(crate) locked: bool,
    pub(crate) recording: bool,
}

/// The PBX.
#[derive(Debug)]
pub struct World {
    pub(crate) now_ms: u64,
    pub(crate) started_ms: u64,
    pub(crate) settings: Settings,
    pub(crate) dice: Dice,
    pub(crate) company: Company,
    pub(crate) channels: BTreeMap<Key, Channel>,
    pub(crate) bridges: BTreeMap<u32, Bridge>,
    pub(crate) phones: Vec<Phone>,
    pub(crate) lines: Vec<LineLive>,
    pub(crate) queues: Vec<QueueLive>,
    pub(crate) parking: BTreeMap<u16, Parked>,
    pub(crate) parking_bridge: Option<u32>,
    pub(crate) room: Option<Room>,
    pub(crate) calls_seen: u64,
    agenda: BTreeMap<(u64, u64), Task>,
    next_task: u64,
    next_key: u32,
    next_bridge: u32,
    next_uniqueid: u64,
    next_name: u32,
    next_local: u32,
    next_cdr: u64,
    records: Vec<Text>,
    out: Vec<Frame>,
    touched: BTreeSet<Device>,
    pub(crate) queues_touched: bool,
    told_queues: Vec<[Option<&'static str>; 2]>,
    pub(crate) life: crate::life::Plans,
}

impl World {
    /// A PBX that has just booted, at this time (milliseconds since the Unix epoch).
    #[must_use]
    pub fn new(settings: Settings, now_ms: u64) -> Self {
        let company = Company::of(settings.people);
        let mut world = World {
            now_ms,
            started_ms: now_ms,
            settings,
            dice: Dice::new(settings.seed),
            phones: company.people.iter().map(|_| Phone::default()).collect(),
            lines: company.lines.iter().map(|_| LineLive::default()).collect(),
            queues: Vec::new(),
            company,
            channels: BTreeMap::new(),
            bridges: BTreeMap::new(),
            parking: BTreeMap::new(),
            parking_bridge: None,
            room: None,
            calls_seen: 0,
            agenda: BTreeMap::new(),
            next_task: 0,
            next_key: 1,
            next_bridge: 1,
            next_uniqueid: 0,
            next_name: 0,
            next_local: 0,
            next_cdr: 0,
            records: Vec::new(),
            out: Vec::new(),
            touched: BTreeSet::new(),
            queues_touched: false,
            told_queues: Vec::new(),
            life: crate::life::Plans::default(),
        };
        world.open();
        world
    }

    /// Puts people at their phones. Says nothing: nobody is connected while Asterisk boots.
    fn open(&mut self) {
        for (at, person) in self.company.people.iter().enumerate() {
            if let Some(phone) = self.phones.get_mut(at) {
                phone.registered = person.registered_at_first;
                phone.dnd = person.dnd_at_first;
                phone.new_messages = u32::from(person.mailbox && at % 7 == 2) * 2;
                phone.old_messages = u32::from(person.mailbox) * u32::try_from(at % 4).unwrap_or(0);
            }
        }
        self.queues = self
            .company
            .queues
            .iter()
            .map(|plan| QueueLive::new(plan, &self.company, self.now_ms))
            .collect();
        self.told_queues = vec![[None; 2]; self.queues.len()];
        self.remember_devices();
        self.begin_habits();
    }

    /// Ends every call without a word and boots again: what a restart leaves behind. Registrations, queue
    /// members added at run time, DND and messages survive, as they do in AstDB and on disk.
    pub fn restart(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        self.started_ms = now_ms;
        self.channels.clear();
        self.bridges.clear();
        self.parking.clear();
        self.parking_bridge = None;
        self.room = None;
        self.agenda.clear();
        self.next_uniqueid = 0;
        self.next_name = 0;
        self.next_local = 0;
        self.calls_seen = 0;
        for queue in &mut self.queues {
            queue.reset();
        }
        self.remember_devices();
        self.out.clear();
        self.touched.clear();
        self.begin_habits();
    }

    /// Hangs everybody up and says good-bye, as an orderly shutdown does.
    pub fn shut_down(&mut self, now_ms: u64, restart: bool) -> Vec<Frame> {
        self.now_ms = now_ms.max(self.now_ms);
        let keys: Vec<Key> = self.channels.keys().copied().collect();
        for key in keys {
            self.hang_up(key, 16, By::Pbx);
        }
        self.settle();
        let farewell = Text::event("Shutdown", Class::SYSTEM)
            .with("Shutdown", "Cleanly")
            .with("Restart", if restart { "True" } else { "False" });
        self.emit(farewell);
        self.take_frames()
    }

    /// Runs what is due up to `now_ms` and returns what Asterisk says about it. A time before the last one
    /// counts as the last one.
    pub fn step(&mut self, now_ms: u64) -> Vec<Frame> {
        while let Some((&(due_ms, order), _)) = self.agenda.first_key_value() {
            if due_ms > now_ms {
                break;
            }
            let Some(task) = self.agenda.remove(&(due_ms, order)) else {
                break;
            };
            self.now_ms = due_ms.max(self.now_ms);
            self.run(task);
            self.settle();
        }
        self.now_ms = now_ms.max(self.now_ms);
        self.take_frames()
    }

    /// Nobody begins anything new; what goes on runs its course.
    pub fn calm(&mut self) {
        use crate::life::Plan;
        let begins = |task: &Task| {
            matches!(
                task,
                Task::Life(Plan::NextCall | Plan::NextChange | Plan::NextLoad | Plan::Meet(_))
            )
        };
        self.agenda.retain(|_, task| !begins(task));
    }

    /// When the next task is due.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<u64> {
        self.agenda.first_key_value().map(|(&(due_ms, _), _)| due_ms)
    }

    /// The time the world is at.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Channels that are up.
    #[must_use]
    pub fn channels_up(&self) -> usize {
        self.channels.len()
    }

    /// Does at this time what a line of the script language says (see [`crate::verb`]), and returns what it
    /// answers and what Asterisk says about it.
    pub fn script(&mut self, now_ms: u64, line: &str) -> (Result<String, crate::VerbError>, Vec<Frame>) {
        self.at(now_ms, |world| world.perform(line))
    }

    /// Runs a verb at a time and returns what came of it.
    pub(crate) fn at<T>(&mut self, now_ms: u64, verb: impl FnOnce(&mut World) -> T) -> (T, Vec<Frame>) {
        let mut frames = self.step(now_ms);
        let result = verb(self);
        self.settle();
        frames.append(&mut self.take_frames());
        (result, frames)
    }

    fn take_frames(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.out)
    }

    pub(crate) fn emit(&mut self, text: Text) {
        self.out.push(text.frame());
    }

    /// After `delay_ms`, whoever decides.
    pub(crate) fn after(&mut self, delay_ms: u64, task: Task) {
        if self.agenda.len() < MAX_TASKS {
            self.next_task += 1;
            self.agenda.insert((self.now_ms + delay_ms, self.next_task), task);
        }
    }

    /// A time people take, at the speed they live at.
    pub(crate) fn human_ms(&self, real_ms: u64) -> u64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a waiting time of minutes"
        )]
        let scaled_ms = (real_ms as f64 / self.settings.speed.max(0.01)) as u64;
        scaled_ms.max(1)
    }

    pub(crate) fn free_space(&self) -> Option<u16> {
        SPACES.into_iter().find(|space| !self.parking.contains_key(space))
    }
}
