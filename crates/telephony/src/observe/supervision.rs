//! Recording a call, and listening in on one.

use ami::ChannelRef;
use ami::event::recording::{ChanSpyStart, ChanSpyStop, MixMonitorMute};

use crate::live::channel::ChannelSlot;
use crate::recording::MAX_FILES;
use crate::{Leg, LegId, LegRole, LegState, MomentKind, Recording, Switchboard, Timestamp};

/// Bytes of the path of one.
const MAX_FILE_BYTES: usize = 512;

impl Switchboard {
    pub(super) fn on_recording(&mut self, channel: &ChannelRef<'_>, state: Recording, at: Timestamp) {
        let Some(slot) = self.seen(channel, at) else {
            return;
        };
        let Some(found) = self.channels.get_mut(slot) else {
            return;
        };
        found.recorded = state != Recording::Off;
        let call = found.call;
        self.set_recording(call, state, at);
    }

    /// The PBX tells the name before it says that it records.
    pub(super) fn on_recorded_to(&mut self, slot: ChannelSlot, file: &str) {
        let call = self.channels.get(slot).map(|channel| channel.call);
        let Some(live) = call.and_then(|call| self.calls.get_mut(call)) else {
            return;
        };
        if file.is_empty() || live.files.iter().any(|known| known == file) {
            return;
        }
        if live.files.len() < MAX_FILES && file.len() <= MAX_FILE_BYTES {
            live.files.push(file.to_owned());
        } else {
            self.counters.over_bounds += 1;
        }
    }

    pub(super) fn on_recording_muted(&mut self, event: &MixMonitorMute<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.channel, at) else {
            return;
        };
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        let state = if event.muted == Some(true) {
            Recording::Paused
        } else {
            Recording::On
        };
        self.set_recording(call, state, at);
    }

    fn set_recording(&mut self, call: crate::live::call::CallSlot, state: Recording, at: Timestamp) {
        let Some(row) = self.row_mut(call) else { return };
        if row.recording != state {
            row.recording = state;
            self.tell(call, at, MomentKind::Recording { state });
        }
    }

    /// The supervisor's own call stays a row of its own: it may hop from call to call. The call listened to
    /// gets a leg that shows it, and never another caller, callee or state.
    pub(super) fn on_spy_start(&mut self, event: &ChanSpyStart<'_>, at: Timestamp) {
        let (Some(spyer), Some(spyee)) = (self.seen(&event.spyer, at), self.seen(&event.spyee, at)) else {
            return;
        };
        let Some(watched) = self.channels.get(spyee) else {
            return;
        };
        let (watched_call, watched_party) = (watched.call, watched.party.clone());
        let Some(channel) = self.channels.get_mut(spyer).filter(|channel| channel.is_person()) else {
            return;
        };
        channel.role = LegRole::Supervisor;
        channel.spying_on = Some(watched_party.clone());
        channel.app = Some("ChanSpy".into());
        let (own_call, by, uid) = (channel.call, channel.party.clone(), channel.uid.to_string());
        let leg = Leg {
            id: LegId(uid),
            channel: channel.name.to_string(),
            party: by.clone(),
            role: LegRole::Supervisor,
            state: LegState::Up,
            since: at,
            answered: channel.answered,
            trunk: channel.trunk.clone(),
        };
        if own_call != watched_call {
            if let Some(row) = self.row_mut(own_call) {
                row.callee = watched_party;
            }
            self.end_supervision(&leg.id, 0, at);
            if let Some(row) = self.row_mut(watched_call) {
                row.legs.retain(|known| known.id != leg.id);
            }
            self.push_leg(watched_call, leg);
        }
        self.tell(watched_call, at, MomentKind::Supervised { by });
        self.touch(own_call);
        self.touch(watched_call);
    }

    pub(super) fn on_spy_stop(&mut self, event: &ChanSpyStop<'_>, at: Timestamp) {
        let Some(spyer) = self.known(&event.spyer) else {
            return;
        };
        let Some(channel) = self.channels.get_mut(spyer) else {
            return;
        };
        channel.spying_on = None;
        let (own_call, id) = (channel.call, LegId(channel.uid.to_string()));
        let watched = self
            .known(&event.spyee)
            .and_then(|slot| self.channels.get(slot))
            .map(|found| found.call);
        if watched != Some(own_call) {
            self.end_supervision(&id, 0, at);
        }
        self.touch(own_call);
    }
}
