//! Members of queues.

use ami::event::queue::MemberRef;
use ami::{DeviceState, Membership};

use crate::live::directory::Owner;
use crate::switchboard::{MAX_IN_ROW, MAX_ROWS, bounded, fits};
use crate::{Key, Member, MemberState, Switchboard, Timestamp};

impl Switchboard {
    pub(crate) fn on_member(&mut self, member: &MemberRef<'_>, at: Timestamp) {
        self.take_member(member, at, false);
    }

    /// Who was added just now is in that state since then.
    pub(super) fn on_member_added(&mut self, member: &MemberRef<'_>, at: Timestamp) {
        self.take_member(member, at, true);
    }

    fn take_member(&mut self, member: &MemberRef<'_>, at: Timestamp, live: bool) {
        let Some(interface) = member
            .interface
            .as_ref()
            .map(|interface| bounded(interface.as_str()))
        else {
            self.counters.incomplete_events += 1;
            return;
        };
        let state_interface = member
            .state_interface
            .as_ref()
            .map_or("", |interface| interface.as_str());
        let extension = self.member_extension(&interface, state_interface);
        self.learn_state_interface(&interface, state_interface);
        // a list tells again what is known: then there is nothing to give out
        let key = member
            .queue
            .as_ref()
            .map(|name| Key::Queue(name.as_str().to_owned()));
        let was_dirty = key.as_ref().is_some_and(|key| self.dirty.contains(key));
        let Some(queue) = self.queue_mut(member.queue.as_ref()) else {
            return;
        };
        let mut known = true;
        let index = match queue
            .members
            .iter()
            .position(|known| known.interface == interface)
        {
            Some(index) => index,
            None if queue.members.len() >= MAX_IN_ROW => {
                self.counters.over_bounds += 1;
                return;
            }
            None => {
                queue.members.push(new_member(interface.clone()));
                known = false;
                queue.members.len() - 1
            }
        };
        let row = &mut queue.members[index];
        let as_it_was = known.then(|| row.clone());
        row.extension = extension;
        if let Some(name) = member.name.as_deref() {
            row.name = bounded(name);
        }
        if let Some(penalty) = member.penalty {
            row.penalty = penalty;
        }
        if let Some(taken) = member.calls_taken {
            row.calls_taken = u32::try_from(taken).unwrap_or(u32::MAX);
        }
        if let Some(membership) = &member.membership {
            row.dynamic = matches!(membership, Membership::Dynamic);
        }
        if let Some(last) = member.last_call_s.filter(|seconds| *seconds > 0) {
            row.last_call = Some(Timestamp(0).after_s(last));
        }
        let before = (row.state, row.device_state);
        if let Some(state) = member.status {
            row.device_state = state.into();
        }
        if let Some(paused) = member.paused {
            pause(row, paused, member, at);
        }
        row.state = state_of(row);
        let known_since = known && (row.state, row.device_state) != before || !known && live;
        if known_since {
            row.since = Some(at);
        }
        if as_it_was.as_ref() == Some(row) {
            if let Some(key) = key.filter(|_| !was_dirty) {
                self.dirty.remove(&key);
            }
            return;
        }
        sort_members(&mut queue.members);
    }

    fn learn_state_interface(&mut self, interface: &str, state: &str) {
        let room = self.state_interfaces.len() < MAX_ROWS;
        if state.is_empty() || state == interface || !fits(state) {
            self.state_interfaces.remove(interface);
        } else if self
            .state_interfaces
            .get(interface)
            .is_some_and(|known| known != state)
            || room && !self.state_interfaces.contains_key(interface)
        {
            self.state_interfaces
                .insert(interface.to_owned(), state.to_owned());
        }
    }

    pub(crate) fn on_member_removed(&mut self, member: &MemberRef<'_>) {
        let Some(interface) = &member.interface else {
            return;
        };
        if let Some(queue) = self.queue_mut(member.queue.as_ref()) {
            queue
                .members
                .retain(|known| known.interface != interface.as_str());
        }
    }

    /// The extension behind a member: by its device, its hint (`hint:1003@ext-local`), or the number its
    /// Local channel dials (`Local/1003@from-queue/n`).
    pub(crate) fn member_extension(&mut self, interface: &str, state_interface: &str) -> Option<String> {
        for name in [interface, state_interface] {
            if let Owner::Extension(number) = self.directory.owner(&self.settings, name) {
                return Some(number);
            }
            let local = name.strip_prefix("Local/").or_else(|| name.strip_prefix("hint:"));
            if let Some((number, _)) = local.and_then(|rest| rest.split_once('@'))
                && (self.board.extensions.contains_key(number)
                    || crate::live::directory::is_short_number(number))
            {
                return Some(bounded(number));
            }
        }
        None
    }
}

fn new_member(interface: String) -> Member {
    Member {
        name: interface.clone(),
        interface,
        extension: None,
        state: MemberState::Ready,
        device_state: crate::DeviceState::Unknown,
        pause_reason: None,
        paused_since: None,
        since: None,
        last_call: None,
        penalty: 0,
        calls_taken: 0,
        dynamic: false,
    }
}

fn pause(row: &mut Member, paused: bool, member: &MemberRef<'_>, at: Timestamp) {
    if !paused {
        row.paused_since = None;
        row.pause_reason = None;
        return;
    }
    let stamp = member.last_pause_s.filter(|seconds| *seconds > 0);
    let stamp = stamp
        .map(|seconds| Timestamp(0).after_s(seconds))
        .filter(|stamp| *stamp <= at);
    let reason = member.paused_reason.as_deref().map(bounded);
    // who pauses anew for another reason begins another pause
    if row.paused_since.is_none() || row.pause_reason != reason {
        row.paused_since = Some(stamp.unwrap_or(at));
    }
    row.pause_reason = reason;
}

fn state_of(row: &Member) -> MemberState {
    use crate::DeviceState as State;
    if row.paused_since.is_some() {
        return MemberState::Paused;
    }
    match row.device_state {
        State::NotInUse | State::Unknown => MemberState::Ready,
        State::Ringing | State::RingInUse => MemberState::Ringing,
        State::InUse | State::Busy | State::OnHold => MemberState::Busy,
        State::Invalid | State::Unavailable => MemberState::Unavailable,
    }
}

pub(crate) fn sort_members(members: &mut [Member]) {
    fn place(member: &Member) -> (u32, &str, &str) {
        (member.penalty, &member.name, &member.interface)
    }
    // Nearly always they are: a status is told at every call, a penalty changes once a day.
    if !members.is_sorted_by(|one, two| place(one) <= place(two)) {
        members.sort_by(|one, two| place(one).cmp(&place(two)));
    }
}

impl From<DeviceState> for crate::DeviceState {
    fn from(state: DeviceState) -> Self {
        match state {
            DeviceState::Unknown => crate::DeviceState::Unknown,
            DeviceState::NotInUse => crate::DeviceState::NotInUse,
            DeviceState::InUse => crate::DeviceState::InUse,
            DeviceState::Busy => crate::DeviceState::Busy,
            DeviceState::Invalid => crate::DeviceState::Invalid,
            DeviceState::Unavailable => crate::DeviceState::Unavailable,
            DeviceState::Ringing => crate::DeviceState::Ringing,
            DeviceState::RingInUse => crate::DeviceState::RingInUse,
            DeviceState::OnHold => crate::DeviceState::OnHold,
        }
    }
}
