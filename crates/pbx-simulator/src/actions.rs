//! AMI actions: what each needs, does and answers, in Asterisk's own words.

use bytes::Bytes;

use crate::wire::{Class, Request, Text};
use crate::world::World;

mod calls;
mod conference;
mod lists;
mod phones;
mod queues;
mod system;

/// What a connection gets back for an action.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// Response and list items, in order.
    pub frames: Vec<Bytes>,
}

/// An answer under construction.
pub(crate) struct Answer<'a> {
    pub(crate) request: &'a Request,
    /// The classes of the user who asks.
    pub(crate) may: Class,
    frames: Vec<Bytes>,
}

impl<'a> Answer<'a> {
    fn new(request: &'a Request, may: Class) -> Self {
        Answer {
            request,
            may,
            frames: Vec::new(),
        }
    }

    fn id(&self) -> Option<&'a str> {
        self.request.action_id()
    }

    fn push(&mut self, text: Text) {
        self.frames.push(text.frame().bytes);
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.request.get(name)
    }

    fn success(&mut self, message: &str) {
        let text = Text::response("Success", self.id()).with("Message", message);
        self.push(text);
    }

    fn error(&mut self, message: &str) {
        let text = Text::response("Error", self.id()).with("Message", message);
        self.push(text);
    }

    fn begin_list(&mut self, message: &str) {
        let text = Text::response("Success", self.id())
            .with("EventList", "start")
            .with("Message", message);
        self.push(text);
    }

    fn item(&self, name: &str) -> Text {
        Text::item(name, self.id())
    }

    fn end_list(&mut self, name: &str) {
        self.end_list_with(name, |text| text);
    }

    fn end_list_with(&mut self, name: &str, more: impl FnOnce(Text) -> Text) {
        let items = self.frames.len().saturating_sub(1);
        let text = Text::item(name, self.id())
            .with("EventList", "Complete")
            .with("ListItems", items);
        self.push(more(text));
    }
}

type Handler = fn(&mut World, &mut Answer<'_>);

/// Every action, the classes of which one is needed, and what it does.
const ACTIONS: &[(&str, Class, Handler)] = &[
    ("Atxfer", Class::CALL, calls::attended_transfer),
    ("BlindTransfer", Class::CALL, calls::blind_transfer),
    ("BridgeInfo", Class::NONE, lists::bridge_info),
    ("BridgeList", Class::NONE, lists::bridges),
    ("CancelAtxfer", Class::CALL, calls::cancel_transfer),
    ("Command", Class::COMMAND, system::command),
    ("ConfbridgeKick", Class::CALL, conference::kick),
    ("ConfbridgeList", Class::REPORTING, conference::list),
    ("ConfbridgeListRooms", Class::REPORTING, conference::rooms),
    ("ConfbridgeLock", Class::CALL, conference::lock),
    ("ConfbridgeMute", Class::CALL, conference::mute),
    ("ConfbridgeStartRecord", Class::SYSTEM, conference::start_record),
    ("ConfbridgeStopRecord", Class::SYSTEM, conference::stop_record),
    ("ConfbridgeUnlock", Class::CALL, conference::unlock),
    ("ConfbridgeUnmute", Class::CALL, conference::unmute),
    (
        "CoreSettings",
        Class::SYSTEM.and(Class::REPORTING),
        system::settings,
    ),
    (
        "CoreShowChannelMap",
        Class::SYSTEM.and(Class::REPORTING),
        lists::channel_map,
    ),
    (
        "CoreShowChannels",
        Class::SYSTEM.and(Class::REPORTING),
        lists::channels,
    ),
    ("CoreStatus", Class::SYSTEM.and(Class::REPORTING), system::status),
    ("DBGet", Class::SYSTEM.and(Class::REPORTING), system::db_get),
    (
        "DeviceStateList",
        Class::CALL.and(Class::REPORTING),
        lists::devices,
    ),
    (
        "ExtensionState",
        Class::CALL.and(Class::REPORTING),
        lists::extension_state,
    ),
    (
        "ExtensionStateList",
        Class::CALL.and(Class::REPORTING),
        lists::hints,
    ),
    ("Hangup", Class::SYSTEM.and(Class::CALL), calls::hang_up),
    ("ListCommands", Class::NONE, system::list_commands),
    ("Login", Class::NONE, system::log_in_again),
    ("Logoff", Class::NONE, system::log_off),
    (
        "MailboxCount",
        Class::CALL.and(Class::REPORTING),
        phones::mailbox_count,
    ),
    ("MixMonitor", Class::SYSTEM, calls::record),
    (
        "MixMonitorMute",
        Class::SYSTEM.and(Class::CALL),
        calls::record_mute,
    ),
    ("Originate", Class::ORIGINATE, calls::originate),
    ("Park", Class::CALL, calls::park),
    ("ParkedCalls", Class::CALL, lists::parked),
    ("Parkinglots", Class::CALL, lists::lots),
    ("Ping", Class::NONE, system::ping),
    ("PJSIPShowContacts", Class::SYSTEM, phones::contacts),
    ("PJSIPShowEndpoints", Class::SYSTEM, phones::endpoints),
    (
        "PJSIPShowRegistrationsOutbound",
        Class::SYSTEM.and(Class::REPORTING),
        phones::registrations,
    ),
    ("QueueAdd", Class::AGENT, queues::add),
    ("QueueChangePriorityCaller", Class::NONE, queues::prioritise),
    ("QueuePause", Class::AGENT, queues::pause),
    ("QueuePenalty", Class::AGENT, queues::penalty),
    ("QueueRemove", Class::AGENT, queues::remove),
    ("QueueReset", Class::NONE, queues::reset),
    ("QueueStatus", Class::NONE, queues::status),
    ("QueueSummary", Class::NONE, queues::summary),
    ("QueueWithdrawCaller", Class::NONE, queues::withdraw),
    ("Redirect", Class::CALL, calls::redirect),
    (
        "Status",
        Class::SYSTEM.and(Class::CALL).and(Class::REPORTING),
        lists::channel_status,
    ),
    (
        "StopMixMonitor",
        Class::SYSTEM.and(Class::CALL),
        calls::record_stop,
    ),
    (
        "VoicemailUsersList",
        Class::CALL.and(Class::REPORTING),
        phones::voicemail_users,
    ),
];

impl World {
    /// Obeys an action of a user who may use these classes. What it causes comes out of the next
    /// [`World::step`], after the answer.
    pub fn act(&mut self, request: &Request, may: Class) -> Reply {
        let mut answer = Answer::new(request, may);
        let found = ACTIONS
            .iter()
            .find(|(name, _, _)| name.eq_ignore_ascii_case(request.action()));
        match found {
            Some((_, class, handler)) if may.allows(*class) => {
                handler(self, &mut answer);
                self.settle();
            }
            Some(_) => answer.error("Permission denied"),
            None if request.action().is_empty() => answer.error("Missing action in request"),
            None => answer.error(&format!(
                "Invalid/unknown command: {}. Use Action: ListCommands to show available commands.",
                request.action()
            )),
        }
        Reply {
            frames: answer.frames,
        }
    }
}
