//! Transfers and pickups.

use ami::TransferResult;
use ami::event::transfer::{AttendedTransfer, BlindTransfer, Pickup};

use crate::live::channel::{ChannelSlot, Far};
use crate::switchboard::bounded;
use crate::{LegRole, MomentKind, Party, Switchboard, Timestamp};

impl Switchboard {
    pub(super) fn on_blind_transfer(&mut self, event: &BlindTransfer<'_>, at: Timestamp) {
        if event
            .result
            .as_ref()
            .is_some_and(|result| *result != TransferResult::Success)
        {
            return;
        }
        let (by, rest) = (self.seen(&event.transferer, at), self.seen(&event.transferee, at));
        let Some(slot) = by.or(rest) else { return };
        if let (Some(by), Some(rest)) = (by, rest) {
            self.unite(by, rest, at);
        }
        let Some(call) = self.channels.get(slot).map(|channel| channel.call) else {
            return;
        };
        let to = event
            .exten
            .as_ref()
            .map(|exten| bounded(exten.as_str()))
            .unwrap_or_default();
        let by_party = by.and_then(|by| self.party_of(by)).unwrap_or_default();
        self.tell(call, at, MomentKind::BlindTransfer { by: by_party, to });
        self.let_go(by);
        if let Some(live) = self.calls.get_mut(call) {
            live.transferring = true;
        }
        self.touch(call);
    }

    pub(super) fn on_attended_transfer(&mut self, event: &AttendedTransfer<'_>, at: Timestamp) {
        if event
            .result
            .as_ref()
            .is_some_and(|result| *result != TransferResult::Success)
        {
            return;
        }
        let named = [
            &event.orig_transferer,
            &event.second_transferer,
            &event.transferee,
            &event.target,
            &event.local_one,
            &event.local_two,
        ];
        let slots = named.map(|channel| {
            if channel.is_empty() {
                None
            } else {
                self.known(channel)
            }
        });
        let [by, second, transferee, target, ..] = slots;
        let mut all = slots.into_iter().flatten();
        let Some(first) = all.next() else { return };
        for other in all {
            self.unite(first, other, at);
        }
        let Some(call) = self.channels.get(first).map(|channel| channel.call) else {
            return;
        };
        let bridge = event
            .dest_bridge
            .as_ref()
            .and_then(|id| self.by_bridge.get(id.as_str()));
        let there = bridge
            .and_then(|bridge| self.bridges.get(*bridge))
            .map_or(&[][..], |bridge| &bridge.members);
        let newcomer = there
            .iter()
            .copied()
            .find(|member| ![by, second, transferee].contains(&Some(*member)));
        // A phone that asks by its second call names the first one's caller the target.
        let caller = self.calls.get(call).and_then(|live| live.caller);
        let new_side = if target.is_some() && target == caller {
            transferee
        } else {
            target
        };
        let to = new_side
            .or(newcomer)
            .and_then(|slot| self.beyond(slot))
            .unwrap_or_else(|| {
                let number = event.target.caller_number.as_deref().unwrap_or_default();
                self.party_of_number(number, event.target.caller_name.as_deref())
            });
        let by_party = by.or(second).and_then(|by| self.party_of(by)).unwrap_or_default();
        self.tell(call, at, MomentKind::AttendedTransfer { by: by_party, to });
        self.let_go(by);
        self.let_go(second);
        self.let_go(transferee);
        self.touch(call);
    }

    /// The transferrer holds nobody any more.
    fn let_go(&mut self, slot: Option<ChannelSlot>) {
        if let Some(channel) = slot.and_then(|slot| self.channels.get_mut(slot)) {
            channel.holding = None;
        }
    }

    /// The person at a channel, or beyond the Local channel it is half of.
    fn beyond(&self, slot: ChannelSlot) -> Option<Party> {
        let channel = self.channels.get(slot)?;
        if channel.far != Far::Local {
            return Some(channel.party.clone());
        }
        let half = channel.half?;
        let bridge = self.channels.get(half)?.bridge?;
        let others = self
            .bridges
            .get(bridge)?
            .members
            .iter()
            .filter(|member| **member != half);
        others
            .filter_map(|member| self.channels.get(*member))
            .find(|member| member.is_person())
            .map(|found| found.party.clone())
    }

    pub(super) fn on_pickup(&mut self, event: &Pickup<'_>, at: Timestamp) {
        let Some(by) = self.seen(&event.channel, at) else {
            return;
        };
        if let Some(target) = self.known(&event.target) {
            self.unite(target, by, at);
        }
        let Some(channel) = self.channels.get_mut(by) else {
            return;
        };
        if channel.role == LegRole::Internal && channel.is_person() {
            channel.role = LegRole::Callee;
        }
        let (call, party) = (channel.call, channel.party.clone());
        self.tell(call, at, MomentKind::PickedUp { by: party });
        self.touch(call);
    }
}
