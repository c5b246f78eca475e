//! Brings a call's row in line with the facts: who hears whom, and from that the state of the call, of its
//! legs and of the extensions on it.
//!
//! State is always derived, never stepped: the same facts give the same row whichever way they became known,
//! so a description of the world after a gap heals a row as well as the missed events would have.

use crate::live::call::CallSlot;
use crate::live::channel::ChannelSlot;
use crate::scene::Scene;
use crate::switchboard::mark_call;
use crate::{Board, LegRole, Moment, MomentKind, Switchboard, Timestamp};

impl Switchboard {
    /// See the file's first line.
    pub(crate) fn settle(&mut self, call: CallSlot, at: Timestamp) {
        if !self.enter_stage(call, at) {
            return;
        }
        let mut company = std::mem::take(&mut self.company);
        self.gather(call, &mut company);
        let Board {
            calls,
            extensions,
            conferences,
            ..
        } = &mut self.board;
        if let Some(live) = self.calls.get_mut(call)
            && let Some(row) = calls.get_mut(&live.id)
        {
            let mut scene = Scene {
                live,
                row,
                company: &company,
                channels: &self.channels,
                conferences,
                extensions,
                dirty: &mut self.dirty,
                at,
                changed: false,
            };
            scene.settle();
            if scene.changed {
                mark_call(&mut self.dirty_calls, scene.live, call);
            }
        }
        self.company = company;
    }

    /// Puts the row on the board as soon as a person is on the call. Says whether it is there.
    fn enter_stage(&mut self, call: CallSlot, at: Timestamp) -> bool {
        let Some(live) = self.calls.get_mut(call) else {
            return false;
        };
        live.proof = live.proof.max(at);
        let people = live
            .channels
            .iter()
            .filter_map(|slot| Some((*slot, self.channels.get(*slot)?)));
        if live.caller.is_none() && !live.caller_left {
            // Found, not seen born: the oldest is taken for the caller until one turns out to be.
            let oldest = people
                .filter(|(_, channel)| channel.takes_part())
                .min_by_key(|(_, channel)| age(&channel.uid));
            if let Some((slot, _)) = oldest {
                live.caller = Some(slot);
                self.make_caller(call, slot);
            }
        }
        let Some(live) = self.calls.get_mut(call) else {
            return false;
        };
        if live.on_board {
            return true;
        }
        if live.caller.is_none() && !live.caller_left {
            return false;
        }
        let Some(row) = self.wings.remove(&live.id) else {
            return false;
        };
        live.on_board = true;
        mark_call(&mut self.dirty_calls, live, call);
        self.counters.calls += 1;
        let first = if row.discovered {
            self.counters.discovered += 1;
            MomentKind::Discovered
        } else {
            MomentKind::Started {
                caller: row.caller.clone(),
                dialled: row.dialled.clone(),
            }
        };
        let mut row = row;
        let first = Moment {
            at: row.started,
            what: first,
        };
        row.story.edit(|moments| moments.insert(0, first));
        self.board.calls.insert(row.id.clone(), row);
        true
    }

    /// `slot` is the party that started the call.
    pub(crate) fn make_caller(&mut self, call: CallSlot, slot: ChannelSlot) {
        let Some(live) = self.calls.get_mut(call) else {
            return;
        };
        let before = live.caller.replace(slot).filter(|before| *before != slot);
        if live.callee == Some(slot) {
            live.callee = None;
        }
        for (slot, role) in before
            .map(|slot| (slot, LegRole::Callee))
            .into_iter()
            .chain([(slot, LegRole::Caller)])
        {
            let Some(channel) = self.channels.get_mut(slot) else {
                continue;
            };
            channel.role = role;
            let (uid, party) = (channel.uid.clone(), channel.party.clone());
            let Some(row) = self.row_mut(call) else { continue };
            if role == LegRole::Caller {
                row.caller = party;
            }
            if let Some(leg) = row.legs.iter_mut().find(|leg| *leg.id.0 == *uid) {
                leg.role = role;
            }
        }
    }
}

/// Orders unique ids by age: the counter after the last dot, longer being later.
fn age(uid: &str) -> (usize, &str) {
    (uid.len(), uid)
}
