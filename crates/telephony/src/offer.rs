//! Callers who are being given to somebody: a phone rings for them while they keep their place in line.

use ami::Action;

use crate::live::channel::{ChannelSlot, device_of};
use crate::switchboard::{MAX_EXPECTED, bounded};
use crate::{Key, Left, MomentKind, Output, QueueCommand, QueueVisit, Switchboard, Timestamp};

/// One caller who is being given to somebody.
#[derive(Debug)]
pub(crate) struct Offer {
    /// The id of the channel to the phone that rings.
    phone: Box<str>,
    /// The id of the caller's channel.
    caller: Box<str>,
    queue: String,
    /// The extension.
    pub(crate) to: String,
}

impl Switchboard {
    /// Tells that a command is about to be sent, as [`lower_queue`](Self::lower_queue) made it under this id: what another
    /// asks about the same caller meanwhile is refused.
    pub fn begin_queue(&mut self, command: &QueueCommand, id: &str, out: &mut Output) {
        match command {
            QueueCommand::WithdrawCaller { queue, call } => self.set_withdrawn(queue, call, true),
            QueueCommand::GiveCaller { queue, call, to } => {
                let caller = self
                    .waiting_channel(queue, call)
                    .map(|channel| channel.uid.clone());
                let Some(caller) = caller.filter(|_| self.offers.len() < MAX_EXPECTED) else {
                    return;
                };
                self.show_given(queue, &caller, Some(to));
                // the row of the call that rings says with whom
                let number = self.by_uid.get(&caller).and_then(|slot| self.channels.get(*slot));
                if let Some(number) = number.map(|channel| channel.party.number.clone()) {
                    self.expect_call(id, &number);
                }
                self.offers.push(Offer {
                    phone: id.into(),
                    caller,
                    queue: queue.clone(),
                    to: to.clone(),
                });
            }
            QueueCommand::MoveCallerUp { .. }
            | QueueCommand::ChangePriority { .. }
            | QueueCommand::AddMember { .. }
            | QueueCommand::RemoveMember { .. }
            | QueueCommand::PauseMember { .. }
            | QueueCommand::UnpauseMember { .. }
            | QueueCommand::SetPenalty { .. } => {}
        }
        self.flush(out);
    }

    /// Tells that it was not done.
    pub fn queue_refused(&mut self, command: &QueueCommand, id: &str, out: &mut Output) {
        if let QueueCommand::WithdrawCaller { queue, call } = command {
            self.set_withdrawn(queue, call, false);
        }
        self.end_offer(id);
        self.flush(out);
    }

    /// What the PBX has to be told because of what happened: phones that ring for callers who do not wait any more.
    pub fn owed(&mut self) -> Vec<Action> {
        let mut owed = Vec::new();
        let waits = |switchboard: &Self, offer: &Offer| {
            let caller = switchboard.by_uid.get(&offer.caller);
            let caller = caller.and_then(|slot| switchboard.channels.get(*slot));
            caller.is_some_and(|caller| caller.queued.as_ref() == Some(&offer.queue))
        };
        for offer in std::mem::take(&mut self.offers) {
            let phone = self.by_uid.get(&offer.phone);
            let phone = phone.and_then(|slot| self.channels.get(*slot));
            match phone {
                // its channel comes later, or was never born: that is told
                None => self.offers.push(offer),
                Some(_) if waits(self, &offer) => self.offers.push(offer),
                Some(phone) => owed.extend(self.hang_up(phone)),
            }
        }
        owed
    }

    /// The phone rings no more.
    pub(crate) fn end_offer(&mut self, phone: &str) {
        if let Some(at) = self.offers.iter().position(|offer| *offer.phone == *phone) {
            let offer = self.offers.remove(at);
            self.show_given(&offer.queue, &offer.caller, None);
        }
    }

    /// After a cut: phones of which nothing is left.
    pub(crate) fn sweep_offers(&mut self) {
        let gone = |offer: &Offer| !self.by_uid.contains_key(&offer.phone);
        let gone: Vec<Box<str>> = self
            .offers
            .iter()
            .filter(|offer| gone(offer))
            .map(|offer| offer.phone.clone())
            .collect();
        gone.iter().for_each(|phone| self.end_offer(phone));
    }

    /// Somebody who waits is in a bridge where people talk: not through the queue, which says nothing then.
    pub(crate) fn taken_out_of_line(&mut self, slot: ChannelSlot, at: Timestamp) {
        let Some(channel) = self.channels.get(slot) else {
            return;
        };
        let (call, uid) = (channel.call, channel.uid.clone());
        let answered = |offer: &Offer| {
            let phone = self.by_uid.get(&offer.phone);
            let phone = phone.and_then(|phone| self.channels.get(*phone));
            phone
                .filter(|phone| phone.is_up())
                .map(|phone| bounded(device_of(&phone.name)))
        };
        let taker = self
            .offers
            .iter()
            .enumerate()
            .filter(|(_, offer)| offer.caller == uid);
        let taker = taker
            .filter_map(|(index, offer)| Some((index, answered(offer)?)))
            .next();
        let Some(queue) = self.leave_queue(slot) else {
            return;
        };
        let Some((index, interface)) = taker else {
            self.visit_left(slot, at, Left::Unexplained);
            let abandoned = false;
            self.tell(call, at, MomentKind::QueueLeft { queue, abandoned });
            return;
        };
        let number = self.offers.remove(index).to;
        self.visit_given(slot, &interface, &number, at);
        if let Some(row) = self.row_mut(call) {
            let visit = row.queue.get_or_insert_with(|| QueueVisit {
                queue: queue.clone(),
                joined: at,
                position: 0,
                connected: None,
                agent: None,
            });
            visit.connected = Some(at);
            visit.agent = Some(interface);
        }
        let agent = self.party_of_extension(&number);
        self.tell(call, at, MomentKind::QueueConnected { queue, agent });
    }

    fn set_withdrawn(&mut self, queue: &str, call: &crate::CallId, withdrawn: bool) {
        let uid = self
            .waiting_channel(queue, call)
            .map(|channel| channel.uid.clone());
        let slot = uid.and_then(|uid| self.by_uid.get(&uid).copied());
        if let Some(channel) = slot.and_then(|slot| self.channels.get_mut(slot)) {
            channel.withdrawn = withdrawn;
        }
    }

    fn show_given(&mut self, queue: &str, caller: &str, to: Option<&str>) {
        let slot = self.by_uid.get(caller).copied();
        let call = slot
            .and_then(|slot| self.channels.get(slot))
            .map(|channel| channel.call);
        let Some(id) = call
            .and_then(|call| self.calls.get(call))
            .map(|live| live.id.clone())
        else {
            return;
        };
        if let Some(row) = self.board.queues.get_mut(queue)
            && let Some(waiting) = row.waiting.iter_mut().find(|waiting| waiting.call == id)
        {
            waiting.given_to = to.map(str::to_owned);
            self.mark(Key::Queue(queue.to_owned()));
        }
    }
}
