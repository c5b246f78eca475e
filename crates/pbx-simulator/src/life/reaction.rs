//! What people do about what happens to them: answer, refuse, talk for a while, give up.

use crate::world::{Device, Doing, Habits, Key, Task, World};

use super::Plan;

/// Milliseconds until the phone of a click-to-call is picked up, where nobody else decides.
const CLICK_ANSWER_MS: u64 = 2000;

impl World {
    /// The cause a phone or the far network refuses a call with, when it does.
    pub(crate) fn phone_refuses(&mut self, leg: Key) -> Option<u16> {
        let channel = self.channels.get(&leg)?;
        let (device, doing) = (channel.device, channel.doing.clone());
        if let Device::Phone(at) = device
            && self.life.busy.contains(&at)
        {
            return Some(17);
        }
        if !self.lives() || !matches!(doing, Doing::Rung { .. }) {
            return None;
        }
        let engaged = self
            .channels
            .iter()
            .any(|(key, other)| *key != leg && other.device == device && matches!(device, Device::Phone(_)));
        let percent = if engaged { 75 } else { 4 };
        self.dice.chance(percent).then_some(17)
    }

    pub(crate) fn when_ringing(&mut self, leg: Key) {
        let Some(channel) = self.channels.get(&leg) else {
            return;
        };
        let (device, doing) = (channel.device, channel.doing.clone());
        if let Device::Phone(at) = device
            && let Some(answer_ms) = self.life.answers.get(&at).copied()
        {
            return self.after(answer_ms, Task::Answer(leg));
        }
        match self.settings.habits {
            Habits::Scripted => {
                if doing == Doing::Originated {
                    let answer_ms = self.human_ms(CLICK_ANSWER_MS);
                    self.after(answer_ms, Task::Answer(leg));
                }
            }
            Habits::Load { .. } => {
                let answer_ms = self.dice.between(500, 1500);
                self.after(answer_ms, Task::Answer(leg));
            }
            Habits::Life => {
                let answers = match doing {
                    Doing::Originated => 100,
                    Doing::QueueRung { .. } => 85,
                    _ if matches!(device, Device::Line(_)) => 80,
                    _ => 72,
                };
                let real_ms = match doing {
                    Doing::Originated => CLICK_ANSWER_MS,
                    _ => self.dice.between(1800, 12_000),
                };
                if self.dice.chance(answers) {
                    let answer_ms = self.human_ms(real_ms);
                    self.after(answer_ms, Task::Answer(leg));
                }
            }
        }
    }

    pub(crate) fn when_talking(&mut self, one: Key, other: Key) {
        let talk_ms = match self.settings.habits {
            Habits::Scripted => return,
            Habits::Load { talk_s, .. } => self.dice.interval_ms(talk_s * 1000.0 / 3.0 * 2.0) + 500,
            Habits::Life => 6_000 + self.dice.interval_ms(80_000.0).min(600_000),
        };
        let far = self.far_end(one).unwrap_or(other);
        let ends = if self.dice.chance(60) { one } else { far };
        let ends = if self
            .channels
            .get(&ends)
            .is_some_and(|channel| channel.device == Device::Local)
        {
            far
        } else {
            ends
        };
        let end_ms = self.human_ms(talk_ms);
        self.after(end_ms, Task::PutDown(ends));
        if !self.lives() {
            return;
        }
        let employee = [one, far].into_iter().find(|key| {
            self.channels
                .get(key)
                .is_some_and(|channel| matches!(channel.device, Device::Phone(_)))
        });
        let Some(key) = employee else { return };
        let middle_ms = talk_ms / 3 + self.dice.below(talk_ms / 3);
        match self.dice.below(100) {
            0..16 => self.plan(middle_ms, Plan::Hold(key)),
            16..22 => self.plan(middle_ms, Plan::Transfer(key)),
            22..27 => self.plan(middle_ms, Plan::Attend(key)),
            27..32 => self.plan(middle_ms, Plan::Park(key)),
            _ => {}
        }
    }

    pub(crate) fn when_in_service(&mut self, key: Key) {
        if self.settings.habits == Habits::Scripted {
            return;
        }
        let for_ms = self.dice.between(5_000, 25_000);
        let for_ms = self.human_ms(for_ms);
        self.after(for_ms, Task::PutDown(key));
    }

    pub(crate) fn when_in_conference(&mut self, key: Key) {
        if self.lives() {
            let for_ms = self.dice.between(90_000, 300_000);
            let for_ms = self.human_ms(for_ms);
            self.after(for_ms, Task::PutDown(key));
        }
    }

    pub(crate) fn when_queueing(&mut self, key: Key) {
        if self.lives() && self.dice.chance(14) {
            let for_ms = self.dice.between(5_000, 60_000);
            let for_ms = self.human_ms(for_ms);
            self.after(for_ms, Task::Life(Plan::Complete(key)));
        }
    }

    pub(crate) fn when_parked(&mut self, _parkee: Key, parker: Option<Key>, space: u16) {
        if !self.lives() {
            return;
        }
        if let Some(parker) = parker {
            let in_ms = self.human_ms(1_200);
            self.after(in_ms, Task::PutDown(parker));
        }
        if self.dice.chance(85) {
            let in_ms = self.dice.between(5_000, 35_000);
            self.plan(in_ms, Plan::Take(space));
        }
    }
}
