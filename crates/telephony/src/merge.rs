//! Two calls become one.
//!
//! The survivor is the one with people on it, with the outside world on it, or else the older one. It takes
//! over the other's legs, story and places; whoever started the absorbed call is a called party from then on.
//! The absorbed call's row is removed and it never ends as a call of its own.

use crate::live::call::CallSlot;
use crate::live::channel::ChannelSlot;
use crate::{Call, CallId, Direction, Key, LegRole, Recording, Switchboard, Timestamp};

impl Switchboard {
    /// Makes the calls of two channels one.
    pub(crate) fn unite(&mut self, one: ChannelSlot, two: ChannelSlot, at: Timestamp) {
        let call = |slot| self.channels.get(slot).map(|channel| channel.call);
        if let (Some(one), Some(two)) = (call(one), call(two))
            && one != two
        {
            self.merge(one, two, at);
        }
    }

    /// The call's place in line to survive a merger: one with people before one without, one with the
    /// outside world before an internal one, then the older one.
    fn seniority(&self, call: CallSlot) -> (bool, bool, Timestamp, Option<&CallId>) {
        let on_board = self.calls.get(call).is_some_and(|live| live.on_board);
        match self.row(call) {
            Some(row) => (
                !on_board,
                row.direction == Direction::Internal,
                row.started,
                Some(&row.id),
            ),
            None => (true, true, Timestamp(u64::MAX), None),
        }
    }

    fn merge(&mut self, one: CallSlot, two: CallSlot, at: Timestamp) {
        let (kept, absorbed) = if self.seniority(one) <= self.seniority(two) {
            (one, two)
        } else {
            (two, one)
        };
        let Some(gone) = self.calls.remove(absorbed) else {
            return;
        };
        self.touched.retain(|call| *call != absorbed);
        let row = if gone.on_board {
            self.counters.merged += 1;
            self.mark(Key::Call(gone.id.clone()));
            self.board.calls.remove(&gone.id)
        } else {
            self.wings.remove(&gone.id)
        };
        for linked in &gone.linked {
            self.by_linked.insert(linked.clone(), kept);
        }
        let Some(live) = self.calls.get_mut(kept) else {
            return;
        };
        let caller_known = live.caller.is_some() || live.caller_left;
        for slot in &gone.channels {
            let Some(channel) = self.channels.get_mut(*slot) else {
                continue;
            };
            channel.call = kept;
            if caller_known && channel.role == LegRole::Caller {
                channel.role = LegRole::Callee;
            }
        }
        live.channels.extend(gone.channels);
        if !caller_known {
            live.caller = gone.caller;
            live.caller_left = gone.caller_left;
            live.originated |= gone.originated;
        }
        live.linked.extend(gone.linked);
        live.files.extend(gone.files);
        live.quality.join(gone.quality);
        live.voicemail |= gone.voicemail;
        live.served |= gone.served;
        live.tried |= gone.tried;
        live.proof = live.proof.max(gone.proof);
        live.legs_left_out += gone.legs_left_out;
        let kept_id = live.id.clone();
        for number in &gone.engaged {
            self.disengage(number, &gone.id, at);
        }
        if let Some(row) = row {
            self.rename_call(&row, &kept_id);
            self.merge_rows(kept, row, caller_known);
        }
        self.touch(kept);
    }

    fn merge_rows(&mut self, kept: CallSlot, gone: Call, caller_known: bool) {
        let Call {
            caller,
            dialled,
            answered,
            queue,
            parked_in,
            conference,
            recording,
            legs,
            story,
            ..
        } = gone;
        let Some(row) = self.row_mut(kept) else { return };
        if !caller_known {
            row.caller = caller;
            row.dialled = dialled;
        }
        row.answered = match (row.answered, answered) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        row.queue = row.queue.take().or(queue);
        row.parked_in = row.parked_in.take().or(parked_in);
        row.conference = row.conference.take().or(conference);
        if row.recording == Recording::Off {
            row.recording = recording;
        }
        row.story.edit(|moments| {
            moments.extend(story.iter());
            moments.sort_by_key(|moment| moment.at);
        });
        for mut leg in legs {
            if caller_known && leg.role == LegRole::Caller {
                leg.role = LegRole::Callee;
            }
            self.push_leg(kept, leg);
        }
    }

    /// Rows of other kinds that named the absorbed call name the kept one.
    fn rename_call(&mut self, gone: &Call, kept: &CallId) {
        if let Some(visit) = &gone.queue
            && let Some(queue) = self.board.queues.get_mut(&visit.queue)
        {
            for waiting in queue.waiting.iter_mut().filter(|waiting| waiting.call == gone.id) {
                waiting.call = kept.clone();
                self.dirty.insert(Key::Queue(visit.queue.clone()));
            }
        }
        if gone.parked_in.is_some() {
            for (key, parked) in self
                .board
                .parked
                .iter_mut()
                .filter(|(_, parked)| parked.call == gone.id)
            {
                parked.call = kept.clone();
                self.dirty.insert(Key::Parked(key.0.clone(), key.1.clone()));
            }
        }
        if let Some(room) = &gone.conference
            && let Some(conference) = self.board.conferences.get_mut(room)
        {
            for participant in conference
                .participants
                .iter_mut()
                .filter(|participant| participant.call == gone.id)
            {
                participant.call = kept.clone();
                self.dirty.insert(Key::Conference(room.clone()));
            }
        }
    }
}
