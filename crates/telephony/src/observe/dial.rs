//! Dials: who calls whom, and how that ends.

use ami::event::dial::{DialBegin, DialEnd, DialState, OriginateResponse};
use ami::{ChannelRef, DialStatus};

use crate::live::channel::{ChannelSlot, Far};
use crate::members::is_dialled;
use crate::switchboard::bounded;
use crate::{CallResult, LegRole, MomentKind, Switchboard, Timestamp};

impl Switchboard {
    /// The dialled channel, and the one that dials it, if any, as members of one call.
    fn dial_pair(
        &mut self,
        from: &ChannelRef<'_>,
        dest: &ChannelRef<'_>,
        at: Timestamp,
    ) -> Option<(Option<ChannelSlot>, ChannelSlot)> {
        let source = if from.is_empty() {
            None
        } else {
            self.seen(from, at)
        };
        let dest = self.seen(dest, at)?;
        if let Some(source) = source {
            self.unite(source, dest, at);
        }
        Some((source, dest))
    }

    pub(super) fn on_dial_begin(&mut self, event: &DialBegin<'_>, at: Timestamp) {
        let Some((source, dest)) = self.dial_pair(&event.channel, &event.dest, at) else {
            return;
        };
        self.note_dialled_number(dest, &event.dest);
        let rung_for = source.and_then(|source| self.rung_for(source, &event.channel));
        let Some(channel) = self.channels.get_mut(dest) else {
            return;
        };
        let (call, person, role) = (channel.call, channel.is_person(), channel.role);
        let new = channel.dialled_by.is_none();
        channel.rung_for = rung_for;
        channel.dial_told = false;
        channel.dialled_at = (channel.far == Far::Trunk && role == LegRole::Callee).then_some(at);
        if let Some(source) = source.filter(|_| new) {
            channel.dialled_by = Some(source);
            if let Some(source) = self.channels.get_mut(source) {
                source.dials += 1;
                source.app = None;
            }
        }
        if let Some(live) = self.calls.get_mut(call) {
            live.tried |= person && role == LegRole::Callee;
        }
        self.touch(call);
    }

    /// An outside party is known by the number dialled to reach it.
    fn note_dialled_number(&mut self, slot: ChannelSlot, dest: &ChannelRef<'_>) {
        let Some(channel) = self.channels.get_mut(slot) else {
            return;
        };
        if channel.far == Far::Trunk
            && channel.role == LegRole::Callee
            && let Some(number) = dest.caller_number.as_deref().filter(|number| is_dialled(number))
        {
            channel.party.number = bounded(number);
            if let Some(name) = dest.caller_name.as_deref() {
                channel.party.name = Some(bounded(name));
            }
        }
    }

    /// Whom a phone rings for, when a Local channel dials it on behalf of somebody who is not the caller.
    fn rung_for(&self, source: ChannelSlot, from: &ChannelRef<'_>) -> Option<crate::Party> {
        let channel = self.channels.get(source)?;
        match channel.far {
            Far::Phone | Far::Trunk => Some(channel.party.clone()),
            Far::Local | Far::Nobody => {
                let number = from.caller_number.as_deref()?;
                Some(self.party_of_number(number, from.caller_name.as_deref()))
            }
        }
    }

    pub(super) fn on_dial_state(&mut self, event: &DialState<'_>, at: Timestamp) {
        let Some((_, dest)) = self.dial_pair(&event.channel, &event.dest, at) else {
            return;
        };
        // Early media is a ringing tone, or stands for one.
        let rings = matches!(event.status, Some(DialStatus::Ringing | DialStatus::Progress));
        let Some(channel) = self.channels.get_mut(dest) else {
            return;
        };
        let call = channel.call;
        if rings && channel.takes_part() && !channel.is_up() {
            channel.state = ami::ChannelState::Ringing;
            if !channel.rang {
                self.tell_ringing(dest, at);
            }
            self.touch(call);
        }
    }

    pub(super) fn on_dial_end(&mut self, event: &DialEnd<'_>, at: Timestamp) {
        let Some((source, dest)) = self.dial_pair(&event.channel, &event.dest, at) else {
            return;
        };
        let Some(channel) = self.channels.get_mut(dest) else {
            return;
        };
        let by = channel.dialled_by.take();
        let tell = channel.takes_part() && !channel.dial_told;
        channel.dial_told = true;
        let (call, party, role) = (channel.call, channel.party.clone(), channel.role);
        if let Some(by) = by.and_then(|by| self.channels.get_mut(by)) {
            by.dials = by.dials.saturating_sub(1);
        }
        let status = event.status.as_ref().map_or("", |status| status.as_str());
        let answered = matches!(event.status, Some(DialStatus::Answer));
        if answered {
            // The answered phone shows the party it was rung for from now on by who talks.
            self.end_other_dials(source, dest);
        } else if let Some(live) = self.calls.get_mut(call)
            && role == LegRole::Callee
            && tell
        {
            live.decline(declined(event.status.as_ref()));
        }
        if tell {
            let what = if answered {
                MomentKind::Answered { party }
            } else {
                MomentKind::NotAnswered {
                    party,
                    status: bounded(status),
                }
            };
            self.tell(call, at, what);
        }
        self.touch(call);
    }

    /// After a pickup the phones that rang get no end of their dial: the answer ends theirs too.
    fn end_other_dials(&mut self, source: Option<ChannelSlot>, answered: ChannelSlot) {
        let Some(source) = source else { return };
        let Some(call) = self.channels.get(source).map(|channel| channel.call) else {
            return;
        };
        let Some(live) = self.calls.get(call) else { return };
        for slot in &live.channels {
            if let Some(other) = self.channels.get_mut(*slot)
                && *slot != answered
                && other.dialled_by == Some(source)
            {
                other.dialled_by = None;
            }
        }
        if let Some(source) = self.channels.get_mut(source) {
            source.dials = 0;
        }
    }

    /// The order behind a call somebody had placed: only now does the number show.
    pub(super) fn on_originate_response(&mut self, event: &OriginateResponse<'_>) {
        if let Some(uid) = &event.uniqueid
            && !event.is_answered()
        {
            self.end_offer(uid.as_str());
        }
        let slot = event
            .uniqueid
            .as_ref()
            .and_then(|uid| self.by_uid.get(uid.as_str()).copied());
        let Some(call) = slot
            .and_then(|slot| self.channels.get(slot))
            .map(|channel| channel.call)
        else {
            return;
        };
        let Some(number) = event.exten.as_ref().filter(|exten| is_dialled(exten.as_str())) else {
            return;
        };
        self.note_dialled(call, number.as_str());
    }

    pub(crate) fn note_dialled(&mut self, call: crate::live::call::CallSlot, number: &str) {
        if let Some(row) = self.row_mut(call)
            && row.dialled.is_empty()
        {
            row.dialled = bounded(number);
            row.story.edit(|moments| {
                if let Some(MomentKind::Started { dialled, .. }) =
                    moments.first_mut().map(|moment| &mut moment.what)
                {
                    *dialled = bounded(number);
                }
            });
        }
        self.touch(call);
    }
}

fn declined(status: Option<&DialStatus<'_>>) -> CallResult {
    match status {
        Some(DialStatus::Busy) => CallResult::Busy,
        Some(DialStatus::NoAnswer | DialStatus::Cancel) => CallResult::Missed,
        _ => CallResult::Failed,
    }
}
