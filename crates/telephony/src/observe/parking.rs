//! Parking: rows of occupied spaces, and the calls in them.

use ami::ChannelRef;
use ami::event::parking::{ParkedCall, ParkedCallSwap, ParkedCallTimeOut, ParkingSlot, UnParkedCall};

use crate::live::channel::ChannelSlot;
use crate::live::directory::Owner;
use crate::switchboard::{MAX_ROWS, bounded};
use crate::{Key, MomentKind, Party, Switchboard, Timestamp};

impl Switchboard {
    /// A call was parked, or a list says that it is.
    pub(super) fn on_parked(&mut self, event: &ParkedCall<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.parkee, at) else {
            return;
        };
        self.park(slot, &event.slot, at);
    }

    pub(super) fn on_park_swap(&mut self, event: &ParkedCallSwap<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.parkee, at) else {
            return;
        };
        self.park(slot, &event.slot, at);
    }

    fn park(&mut self, slot: ChannelSlot, place: &ParkingSlot<'_>, at: Timestamp) {
        let (Some(lot), Some(space)) = (&place.lot, place.space) else {
            self.counters.incomplete_events += 1;
            return;
        };
        let key = (bounded(lot.as_str()), space.to_string());
        self.resync.saw_parked(&key);
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        let (call, caller) = (channel.call, channel.party.clone());
        let new = channel.parked.as_ref() != Some(&key);
        if !new && self.board.parked.contains_key(&key) {
            return;
        }
        channel.parked = Some(key.clone());
        channel.holding = None;
        let parked_by = self.parker(place.parker_dial_string.as_deref(), &caller);
        let Some(row) = self.row_mut(call) else { return };
        row.parked_in = Some(key.1.clone());
        let id = row.id.clone();
        if new {
            self.tell(
                call,
                at,
                MomentKind::Parked {
                    space: key.1.clone(),
                    by: parked_by.clone(),
                },
            );
        }
        let since = at.before_s(place.duration_s.unwrap_or(0));
        let until = place.timeout_s.filter(|timeout_s| *timeout_s > 0);
        let row = crate::ParkedCall {
            lot: key.0.clone(),
            space: key.1.clone(),
            call: id,
            caller,
            parked_by,
            since,
            until: until.map(|timeout_s| at.after_s(timeout_s)),
        };
        if self.board.parked.len() < MAX_ROWS || self.board.parked.contains_key(&key) {
            self.mark(Key::Parked(key.0.clone(), key.1.clone()));
            self.board.parked.insert(key, row);
        } else {
            self.counters.over_bounds += 1;
        }
        self.touch(call);
    }

    /// Who parked it, by the device the call would go back to; nobody when that is the caller's own.
    fn parker(&mut self, dial_string: Option<&str>, caller: &Party) -> Option<Party> {
        let device = dial_string?;
        match self.directory.owner(&self.settings, device) {
            Owner::Extension(number) if caller.extension.as_ref() != Some(&number) => {
                Some(self.party_of_extension(&number))
            }
            Owner::Extension(_) | Owner::Trunk(_) | Owner::Local | Owner::Nobody => None,
        }
    }

    /// The channel is no longer in its parking space.
    pub(crate) fn leave_parking(&mut self, slot: ChannelSlot) -> Option<(String, String)> {
        let channel = self.channels.get_mut(slot)?;
        let call = channel.call;
        let key = channel.parked.take()?;
        if let Some(row) = self.row_mut(call) {
            row.parked_in = None;
        }
        if let Some(row) = self.board.parked.remove(&key) {
            self.mark(Key::Parked(row.lot, row.space));
        }
        self.touch(call);
        Some(key)
    }

    pub(super) fn on_park_give_up(&mut self, parkee: &ChannelRef<'_>) {
        if let Some(slot) = self.known(parkee) {
            self.leave_parking(slot);
        }
    }

    pub(super) fn on_park_timeout(&mut self, event: &ParkedCallTimeOut<'_>, at: Timestamp) {
        let Some(slot) = self.known(&event.parkee) else {
            return;
        };
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        if let Some((_, space)) = self.leave_parking(slot) {
            self.tell(call, at, MomentKind::ParkTimedOut { space });
            if let Some(live) = self.calls.get_mut(call) {
                live.transferring = true;
            }
        }
    }

    pub(super) fn on_unparked(&mut self, event: &UnParkedCall<'_>, at: Timestamp) {
        let Some(slot) = self.seen(&event.parkee, at) else {
            return;
        };
        let retriever = if event.retriever.is_empty() {
            None
        } else {
            self.seen(&event.retriever, at)
        };
        if let Some(retriever) = retriever {
            self.unite(slot, retriever, at);
        }
        let by = retriever.and_then(|retriever| self.party_of(retriever));
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        let space = self.leave_parking(slot).map(|(_, space)| space);
        let space = space
            .or_else(|| event.slot.space.map(|space| space.to_string()))
            .unwrap_or_default();
        self.tell(call, at, MomentKind::Unparked { space, by });
        self.touch(call);
    }
}
