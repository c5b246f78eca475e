//! The end of channels and calls, and what came of a call.

use crate::live::call::{CallSlot, LiveCall};
use crate::live::channel::{Channel, ChannelSlot, Far};
use crate::switchboard::{MAX_ROWS, bounded, fits};
use crate::{
    Call, CallResult, End, EndedBy, EndedCall, Key, LegId, LegRole, LegState, MomentKind, Recording,
    Switchboard, Timestamp, Trunk, TrunkRegistration,
};

/// Q.850 causes that say nobody answered, rather than that the call could not be put through.
pub(crate) const NOBODY_ANSWERED: [u16; 6] = [0, 16, 18, 19, 26, 127];
/// Q.850: user busy.
pub(crate) const BUSY: u16 = 17;

impl Switchboard {
    /// A channel is gone. When it was its call's last one, so is the call.
    pub(crate) fn remove_channel(&mut self, slot: ChannelSlot, cause: u16, at: Timestamp, by: EndedBy) {
        let had_company = self.callback_has_company(slot);
        self.leave_bridge(slot);
        self.leave_room(slot, at);
        self.close_visit(slot, at, by);
        self.leave_queue(slot);
        self.leave_parking(slot);
        self.count_trunk(slot, false, at);
        let Some(channel) = self.forget_channel(slot) else {
            return;
        };
        self.note_callback_end(&channel, had_company, cause, by);
        let call = channel.call;
        let Some(live) = self.calls.get_mut(call) else {
            return;
        };
        if live.caller == Some(slot) {
            live.caller = None;
            live.caller_left = true;
            live.cause = Some(cause);
        } else if live.cause.is_none() && channel.is_person() {
            live.cause = Some(cause);
        }
        if live.callee == Some(slot) {
            live.callee = None;
        }
        let last = !live
            .channels
            .iter()
            .any(|other| self.channels.get(*other).is_some_and(|other| other.is_person()));
        // A phone that only rang was told of at the end of its dial.
        let talked = channel.role == LegRole::Caller || channel.answered.is_some();
        let tell =
            channel.takes_part() && talked && (channel.hung_up.is_some() || (last && !live.told_hang_up));
        live.told_hang_up |= tell;
        let over = live.channels.is_empty();
        if tell {
            let what = MomentKind::HungUp {
                party: channel.party.clone(),
                cause,
            };
            self.tell(call, channel.hung_up.unwrap_or(at), what);
        }
        if let Some(row) = self.row_mut(call) {
            if channel.recorded {
                row.recording = Recording::Off;
            }
            if let Some(leg) = row.legs.iter_mut().find(|leg| *leg.id.0 == *channel.uid) {
                leg.state = LegState::Ended(cause);
                leg.since = at;
            }
        }
        if channel.spying_on.is_some() {
            self.end_supervision(&LegId(channel.uid.to_string()), cause, at);
        }
        if over {
            self.end_call(call, at, by);
        } else {
            if by == EndedBy::Pbx {
                self.end_talk_without_agent(call, &channel, at);
            }
            self.touch(call);
        }
    }

    /// Takes a channel out of every place that names it.
    fn forget_channel(&mut self, slot: ChannelSlot) -> Option<Channel> {
        let channel = self.channels.remove(slot)?;
        self.by_uid.remove(&channel.uid);
        self.recent.insert(&channel.uid);
        self.resync.forget_channel(&channel.uid);
        self.end_offer(&channel.uid);
        if channel.far == Far::Local
            && let Some((base, 1)) = crate::live::channel::local_half(&channel.name)
        {
            self.local_halves.remove(base);
        }
        let source = channel.dialled_by;
        if let Some(source) = source.and_then(|source| self.channels.get_mut(source)) {
            source.dials = source.dials.saturating_sub(1);
        }
        if let Some(live) = self.calls.get_mut(channel.call) {
            live.channels.retain(|other| *other != slot);
            for other in &live.channels {
                let Some(other) = self.channels.get_mut(*other) else {
                    continue;
                };
                other.half = other.half.filter(|half| *half != slot);
                other.dialled_by = other.dialled_by.filter(|by| *by != slot);
            }
        }
        Some(channel)
    }

    /// Marks the copies of a supervisor's leg on other calls as ended.
    pub(crate) fn end_supervision(&mut self, leg: &LegId, cause: u16, at: Timestamp) {
        for (id, row) in &mut self.board.calls {
            let copies = row
                .legs
                .iter_mut()
                .filter(|copy| copy.id == *leg && copy.role == LegRole::Supervisor);
            for copy in copies.filter(|copy| !matches!(copy.state, LegState::Ended(_))) {
                copy.state = LegState::Ended(cause);
                copy.since = at;
                self.dirty.insert(Key::Call(id.clone()));
            }
        }
    }

    fn end_call(&mut self, slot: CallSlot, at: Timestamp, by: EndedBy) {
        let Some(live) = self.calls.remove(slot) else {
            return;
        };
        self.touched.retain(|call| *call != slot);
        for linked in &live.linked {
            if self.by_linked.get(linked) == Some(&slot) {
                self.by_linked.remove(linked);
            }
        }
        if !live.on_board {
            self.wings.remove(&live.id);
            return;
        }
        for number in &live.engaged {
            self.disengage(number, &live.id, at);
        }
        self.mark(Key::Call(live.id.clone()));
        let Some(mut call) = self.board.calls.remove(&live.id) else {
            return;
        };
        if let Some(since) = call.held_since.take() {
            call.held_ms += at.since_ms(since);
        }
        let at = match by {
            EndedBy::Pbx => at,
            EndedBy::PbxStopped | EndedBy::LostTrack => live.proof,
        };
        match by {
            EndedBy::Pbx => {}
            EndedBy::PbxStopped => self.counters.pbx_stopped += 1,
            EndedBy::LostTrack => self.counters.lost_track += 1,
        }
        if let Some(queue) = live.left_queue.clone() {
            call.story.push(&crate::Moment {
                at,
                what: MomentKind::QueueLeft {
                    queue,
                    abandoned: false,
                },
            });
        }
        let result = match by {
            EndedBy::Pbx => result_of(&call, &live),
            EndedBy::PbxStopped | EndedBy::LostTrack => CallResult::Interrupted,
        };
        let cause = live.cause.unwrap_or(0);
        self.counters.ended += 1;
        let linked = live.linked.first().map_or_else(String::new, ToString::to_string);
        self.ended.push(EndedCall {
            call,
            linked,
            files: live.files,
            quality: live.quality,
            end: End {
                at,
                by,
                cause,
                result,
            },
        });
    }

    /// Counts a channel in or out of its trunk.
    pub(crate) fn count_trunk(&mut self, slot: ChannelSlot, begins: bool, at: Timestamp) {
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        let Some(name) = channel.trunk.clone() else { return };
        let device = crate::live::channel::device_of(&channel.name).to_owned();
        let Some(trunk) = self.trunk_mut(&name, &device, at) else {
            return;
        };
        trunk.channels = if begins {
            trunk.channels + 1
        } else {
            trunk.channels.saturating_sub(1)
        };
    }

    /// A trunk's row, made when it is new; `None` when there are too many.
    pub(crate) fn trunk_mut(&mut self, name: &str, device: &str, at: Timestamp) -> Option<&mut Trunk> {
        if !self.board.trunks.contains_key(name) {
            if self.board.trunks.len() >= MAX_ROWS || !fits(name) {
                self.counters.over_bounds += 1;
                return None;
            }
            let trunk = Trunk {
                name: name.to_owned(),
                device: bounded(device),
                device_state: crate::DeviceState::Unknown,
                registration: TrunkRegistration::None,
                registration_since: at,
                channels: 0,
            };
            self.board.trunks.insert(name.to_owned(), trunk);
        }
        self.mark(Key::Trunk(name.to_owned()));
        self.board.trunks.get_mut(name)
    }
}

/// What came of a call Asterisk ended.
fn result_of(call: &Call, live: &LiveCall) -> CallResult {
    if call.answered.is_some() {
        return CallResult::Answered;
    }
    if live.voicemail {
        return CallResult::Voicemail;
    }
    let left = call.story.iter().filter_map(|moment| match moment.what {
        MomentKind::QueueLeft { abandoned, .. } => Some(abandoned),
        _ => None,
    });
    let abandoned = left.last();
    if abandoned == Some(true) {
        return CallResult::Abandoned;
    }
    if let Some(declined) = live.declined {
        return declined;
    }
    let cause = live.cause.unwrap_or(0);
    if live.tried || abandoned.is_some() || (live.originated && !live.served) {
        return match cause {
            BUSY => CallResult::Busy,
            cause if NOBODY_ANSWERED.contains(&cause) => CallResult::Missed,
            _ => CallResult::Failed,
        };
    }
    if live.served {
        return CallResult::Service;
    }
    match cause {
        BUSY => CallResult::Busy,
        19 => CallResult::Missed,
        _ => CallResult::Failed,
    }
}
