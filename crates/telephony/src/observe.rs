//! What each event says, one family a file. Handlers note facts and touch the call; rows are derived after.

mod bridge;
pub(crate) mod callback;
mod channel;
mod conference;
mod dial;
pub(crate) mod endpoint;
mod parking;
mod queue;
mod queue_member;
pub(crate) mod service;
mod supervision;
mod system;
mod talk_end;
mod transfer;
mod visit;

use ami::{Event, Message};

use crate::{Switchboard, Timestamp};

impl Switchboard {
    pub(crate) fn dispatch(&mut self, message: &Message, event: &Event<'_>, at: Timestamp) {
        match event {
            Event::Newchannel(event) => self.on_newchannel(&event.channel, at),
            Event::Newstate(event) => self.on_newstate(&event.channel, at),
            Event::NewCallerid(event) => self.on_new_caller_id(&event.channel, at),
            Event::HangupRequest(event) => self.on_hangup_request(&event.channel, at),
            Event::Hangup(event) => self.on_hangup(event, at),
            Event::Hold(event) => self.on_hold(&event.channel, at),
            Event::Unhold(event) => self.on_unhold(&event.channel, at),
            Event::VarSet(event) => self.on_variable(event, at),
            Event::DialBegin(event) => self.on_dial_begin(event, at),
            Event::DialState(event) => self.on_dial_state(event, at),
            Event::DialEnd(event) => self.on_dial_end(event, at),
            Event::OriginateResponse(event) => {
                self.on_originate_response(event);
                self.on_callback_response(event);
            }
            Event::UserEvent(event) => self.on_user_event(message, event, at),
            Event::DbGetTreeResponse(item) => self.on_left_wish(item, event.timestamp_us(), at),
            Event::BridgeEnter(event) => self.on_bridge_enter(event, at),
            Event::BridgeLeave(event) => self.on_bridge_leave(&event.channel, &event.bridge, at),
            Event::BridgeDestroy(event) => self.on_bridge_destroy(&event.bridge),
            Event::LocalBridge(event) => self.on_local_bridge(event, at),
            Event::BlindTransfer(event) => self.on_blind_transfer(event, at),
            Event::AttendedTransfer(event) => self.on_attended_transfer(event, at),
            Event::Pickup(event) => self.on_pickup(event, at),
            Event::ParkedCall(event) => self.on_parked(event, at),
            Event::ParkedCallSwap(event) => self.on_park_swap(event, at),
            Event::ParkedCallGiveUp(event) => self.on_park_give_up(&event.parkee),
            Event::ParkedCallTimeOut(event) => self.on_park_timeout(event, at),
            Event::UnParkedCall(event) => self.on_unparked(event, at),
            Event::MixMonitorStart(event) => self.on_recording(&event.channel, crate::Recording::On, at),
            Event::MixMonitorStop(event) => self.on_recording(&event.channel, crate::Recording::Off, at),
            Event::MixMonitorMute(event) => self.on_recording_muted(event, at),
            Event::ChanSpyStart(event) => self.on_spy_start(event, at),
            Event::ChanSpyStop(event) => self.on_spy_stop(event, at),
            Event::ConfbridgeJoin(event) => self.on_conference_join(event, at),
            Event::ConfbridgeLeave(event) => self.on_conference_leave(event, at),
            Event::ConfbridgeMute(event) => self.on_conference_mute(&event.conference, &event.channel, true),
            Event::ConfbridgeUnmute(event) => {
                self.on_conference_mute(&event.conference, &event.channel, false)
            }
            Event::ConfbridgeRecord(event) => self.on_conference_recording(&event.conference, true),
            Event::ConfbridgeStopRecord(event) => self.on_conference_recording(&event.conference, false),
            Event::ConfbridgeEnd(event) => self.on_conference_end(&event.conference, at),
            Event::QueueCallerJoin(event) => self.on_queue_join(event, at),
            Event::QueueCallerAbandon(event) => self.on_queue_abandon(event, at),
            Event::QueueCallerLeave(event) => self.on_queue_leave(event, at),
            Event::AgentCalled(event) => self.on_agent_called(event, at),
            Event::AgentRingNoAnswer(event) => self.on_agent_ring_no_answer(event, at),
            Event::AgentConnect(event) => self.on_agent_connect(event, at),
            Event::AgentComplete(event) => self.on_agent_complete(event, at),
            Event::QueueMemberAdded(event) => self.on_member_added(&event.member, at),
            Event::QueueMemberStatus(event) => self.on_member(&event.member, at),
            Event::QueueMemberPause(event) => self.on_member(&event.member, at),
            Event::QueueMemberPenalty(event) => self.on_member(&event.member, at),
            Event::QueueMemberRemoved(event) => self.on_member_removed(&event.member),
            Event::DeviceStateChange(event) => self.on_device_state(event, at),
            Event::ExtensionStatus(event) => self.on_hint(event, at),
            Event::MessageWaiting(event) => self.on_message_waiting(event, at),
            Event::ContactStatus(event) => self.on_contact(event, at),
            Event::PeerStatus(event) => self.on_peer(event, at),
            Event::Registry(event) => self.on_registry(event, at),
            Event::FullyBooted(event) => self.on_fully_booted(event, at),
            Event::Shutdown(_) => self.on_shutdown(at),
            Event::Other(_) if message.kind() == ami::Kind::Newexten => self.on_newexten(message, at),
            _ => self.dispatch_list(message, event, at),
        }
    }
}
