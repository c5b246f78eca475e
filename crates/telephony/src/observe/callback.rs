//! What is seen of callers who ask to be called back, and of the calls back.

use std::collections::{BTreeSet, HashMap, VecDeque};

use ami::Message;
use ami::event::channel::UserEvent;
use ami::event::dial::OriginateResponse;
use ami::event::list::DbGetTreeResponse;

use crate::callback::{Ask, Attempt, Live, Miss, Sight};
use crate::ending::{BUSY, NOBODY_ANSWERED};
use crate::live::channel::Channel;
use crate::switchboard::{bounded, fits};
use crate::{CallId, EndedBy, Left, MemberState, Switchboard, Timestamp, Visit};

/// The event that the dialplan sends.
pub(crate) const EVENT: &str = "StarboardCallback";
/// The family of Asterisk's database in which the dialplan leaves the same: what is sent while nobody listens is found there.
pub const FAMILY: &str = "starboard-callback";
/// Attempts watched at once.
const MAX_WATCHED: usize = 1_024;
/// Wishes kept until they are taken.
const MAX_WISHES: usize = 512;
/// Nobody waited longer.
const MAX_WAITED_S: u64 = 24 * 3600;
/// `Reason` of an `OriginateResponse`: the line was busy, nobody answered in time.
const REASON_BUSY: u32 = 5;
const REASON_NO_ANSWER: u32 = 3;

/// A caller's wish to be called back, as the dialplan tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The queue they left.
    pub queue: String,
    /// When they pressed the key, on the clock of the PBX in seconds: the same wish, heard twice, is one.
    pub stamp: u64,
    /// The same on our clock.
    pub at: Timestamp,
    /// What they ask for.
    pub ask: Ask,
    /// The caller's channel, where it was seen to wait in that queue.
    pub channel: Option<String>,
}

/// An attempt whose end is to be known.
#[derive(Debug)]
struct Watched {
    /// Not seen all the time.
    partly: bool,
    end: Option<Sight>,
}

/// What is kept for callbacks.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    attempts: HashMap<String, Watched>,
    wishes: VecDeque<Wish>,
}

impl Watch {
    /// The link is cut.
    pub(crate) fn blink(&mut self) {
        for watched in self.attempts.values_mut() {
            watched.partly = true;
        }
    }
}

/// Who waits in a queue and who could take them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hall {
    /// Agents without a call, by their interfaces.
    pub free: BTreeSet<String>,
    /// Callers who wait, without those called back.
    pub waiting: Vec<Live>,
    /// Callers who talk to an agent, without those called back.
    pub talking: Vec<Live>,
}

impl Switchboard {
    /// Watches this attempt from now on. `partly`: it may have been under way before.
    pub fn watch_callback(&mut self, attempt: Attempt, partly: bool) {
        if self.watch.attempts.len() < MAX_WATCHED {
            let watched = Watched { partly, end: None };
            self.watch.attempts.entry(attempt.channel()).or_insert(watched);
        } else {
            self.counters.over_bounds += 1;
        }
    }

    /// Forgets an attempt whose end is known.
    pub fn forget_callback(&mut self, attempt: Attempt) {
        self.watch.attempts.remove(&attempt.channel());
    }

    /// What is seen of an attempt.
    pub fn callback_sight(&self, attempt: Attempt) -> Sight {
        let id = attempt.channel();
        if let Some(end) = self.watch.attempts.get(&id).and_then(|watched| watched.end) {
            return end;
        }
        let channel = self
            .by_uid
            .get(id.as_str())
            .and_then(|slot| self.channels.get(*slot));
        match channel {
            None => Sight::Nothing,
            Some(channel) if self.has_company(channel) => Sight::Connected,
            Some(channel) if channel.answered.is_some() => Sight::Back,
            Some(_) => Sight::Ringing,
        }
    }

    /// The wishes that were heard since this was last asked.
    pub fn take_wishes(&mut self) -> Vec<Wish> {
        self.watch.wishes.drain(..).collect()
    }

    /// Who waits in a queue and who could take them; None when there is no such queue.
    pub fn hall(&self, queue: &str) -> Option<Hall> {
        let row = self.board.queues.get(queue)?;
        let ours = self.calls_back();
        let free = row
            .members
            .iter()
            .filter(|member| member.state == MemberState::Ready);
        let waiting = row.waiting.iter().filter(|caller| !ours.contains(&caller.call));
        let talking = self.board.calls.values().filter_map(|call| {
            let visit = call.queue.as_ref().filter(|visit| visit.queue == queue)?;
            visit.connected?;
            (!ours.contains(&call.id)).then(|| Live {
                number: call.caller.number.clone(),
                joined: visit.joined,
            })
        });
        Some(Hall {
            free: free.map(|member| member.interface.clone()).collect(),
            waiting: waiting
                .map(|caller| Live {
                    number: caller.number.clone(),
                    joined: caller.joined,
                })
                .collect(),
            talking: talking.collect(),
        })
    }

    fn calls_back(&self) -> BTreeSet<CallId> {
        let slots = self
            .watch
            .attempts
            .keys()
            .filter_map(|id| self.by_uid.get(id.as_str()));
        let calls = slots.filter_map(|slot| self.calls.get(self.channels.get(*slot)?.call));
        calls.map(|call| call.id.clone()).collect()
    }

    /// An agent has taken them: the queue said so, or somebody is with them in a bridge.
    fn has_company(&self, channel: &Channel) -> bool {
        let taken = channel.visit.as_ref().is_some_and(|visit| visit.talk.is_some());
        let bridge = channel.bridge.and_then(|slot| self.bridges.get(slot));
        taken || bridge.is_some_and(|bridge| bridge.members.len() > 1)
    }

    /// A channel goes: when it is a call back, what came of it is kept.
    pub(crate) fn note_callback_end(
        &mut self,
        channel: &Channel,
        had_company: bool,
        cause: u16,
        by: EndedBy,
    ) {
        let Some(watched) = self.watch.attempts.get_mut(&*channel.uid) else {
            return;
        };
        let left = channel
            .visit
            .as_ref()
            .and_then(|visit| visit.left)
            .map(|(_, how)| how);
        let seen = by == EndedBy::Pbx;
        let sight = match left {
            _ if had_company => Sight::Connected,
            _ if !seen => Sight::Lost,
            Some(Left::Answered) => Sight::Connected,
            Some(Left::Abandoned) => Sight::Over(Miss::HungUp),
            Some(Left::Unexplained | Left::PbxStopped) if watched.partly => Sight::Lost,
            Some(_) => Sight::Over(Miss::NoAgent),
            None if channel.answered.is_some() && watched.partly => Sight::Lost,
            None if channel.answered.is_some() => Sight::Over(Miss::HungUp),
            None if cause == BUSY => Sight::Over(Miss::Busy),
            None if NOBODY_ANSWERED.contains(&cause) => Sight::Over(Miss::NoAnswer),
            None => Sight::Over(Miss::Failed),
        };
        watched.end.get_or_insert(sight);
    }

    /// Whether the channel of this slot is in company, before it is taken apart.
    pub(crate) fn callback_has_company(&self, slot: crate::live::channel::ChannelSlot) -> bool {
        self.channels.get(slot).is_some_and(|channel| {
            self.watch.attempts.contains_key(&*channel.uid) && self.has_company(channel)
        })
    }

    /// An order that made no channel has no other end.
    pub(crate) fn on_callback_response(&mut self, event: &OriginateResponse<'_>) {
        let Some(id) = event.uniqueid.as_ref() else { return };
        if event.is_answered() || self.by_uid.contains_key(id.as_str()) {
            return;
        }
        let miss = match event.reason {
            Some(REASON_BUSY) => Miss::Busy,
            Some(REASON_NO_ANSWER) => Miss::NoAnswer,
            Some(_) | None => Miss::Failed,
        };
        if let Some(watched) = self.watch.attempts.get_mut(id.as_str()) {
            watched.end.get_or_insert(Sight::Over(miss));
        }
    }

    pub(crate) fn on_user_event(&mut self, message: &Message, event: &UserEvent<'_>, at: Timestamp) {
        if event.name.as_deref() != Some(EVENT) {
            return;
        }
        let header = |name: &str| message.get(name).unwrap_or_default().into_owned();
        let stamp = |name: &str| header(name).trim().parse::<u64>().unwrap_or(0);
        let (queue, number) = (header("Queue"), header("Number"));
        let pressed = stamp("Asked");
        let seen = self.visit_seen(event, &queue);
        let joined = seen.map(|visit| visit.joined);
        let channel = seen.map(|visit| visit.channel.clone());
        let ask = Ask {
            joined: joined.unwrap_or_else(|| self.joined(at, pressed, stamp("Joined"))),
            name: event.channel.caller_name.as_deref().map(bounded),
            number,
        };
        self.wish(&queue, (pressed, at), ask, channel);
    }

    /// What the dialplan left in the database: `/family/queue/number` is `asked:joined`.
    pub(crate) fn on_left_wish(&mut self, item: &DbGetTreeResponse<'_>, now_us: Option<u64>, at: Timestamp) {
        let (Some(key), Some(value)) = (item.key.as_deref(), item.value.as_deref()) else {
            return;
        };
        let rest = key.strip_prefix('/').and_then(|key| key.strip_prefix(FAMILY));
        let place = rest
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|rest| rest.rsplit_once('/'));
        let stamps = value.split_once(':').and_then(|(asked, joined)| {
            Some((
                asked.trim().parse::<u64>().ok()?,
                joined.trim().parse::<u64>().ok()?,
            ))
        });
        if let (Some((queue, number)), Some((pressed, joined))) = (place, stamps) {
            let now_s = now_us.map_or(at.0 / 1_000, |us| us / 1_000_000);
            let heard = at.before_s(now_s.saturating_sub(pressed).min(MAX_WAITED_S));
            let joined = self.joined(heard, pressed, joined);
            let ask = Ask {
                number: number.to_owned(),
                name: None,
                joined,
            };
            self.wish(queue, (pressed, heard), ask, None);
        }
    }

    /// The caller's visit of this queue, where it was seen.
    fn visit_seen(&self, event: &UserEvent<'_>, queue: &str) -> Option<&Visit> {
        let slot = self.by_uid.get(event.channel.uniqueid.as_ref()?.as_str())?;
        let visit = self.channels.get(*slot)?.visit.as_deref()?;
        (visit.queue == queue).then_some(visit)
    }

    /// When somebody who asked at `at` joined the queue, by the clock of the PBX.
    fn joined(&self, at: Timestamp, pressed_s: u64, joined_s: u64) -> Timestamp {
        let waited_s = pressed_s.saturating_sub(joined_s);
        let known = joined_s > 0 && waited_s <= MAX_WAITED_S;
        if known { at.before_s(waited_s) } else { at }
    }

    fn wish(&mut self, queue: &str, (stamp, at): (u64, Timestamp), ask: Ask, channel: Option<String>) {
        let room = self.watch.wishes.len() < MAX_WISHES;
        if !room || queue.is_empty() || !fits(queue) || !fits(&ask.number) {
            self.counters.over_bounds += 1;
            return;
        }
        self.watch.wishes.push_back(Wish {
            queue: queue.to_owned(),
            stamp,
            at,
            ask: Ask {
                name: ask.name.filter(|name| !name.is_empty() && name != "<unknown>"),
                ..ask
            },
            channel,
        });
    }

    /// The channel of an attempt, to be ended.
    pub(crate) fn callback_channel(&self, attempt: Attempt) -> Option<&Channel> {
        self.channels.get(*self.by_uid.get(attempt.channel().as_str())?)
    }
}
