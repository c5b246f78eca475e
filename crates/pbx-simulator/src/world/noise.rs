//! What Asterisk says besides: variables, dialplan steps, channel event logging. Most of a stream is this,
//! and a reader has to skip it fast.

use crate::wire::{Class, Text};

use super::{Key, Noise, World};

/// The variables `Dial` clears before it begins.
const DIAL_CLEARS: [&str; 11] = [
    "DIALSTATUS",
    "DIALEDPEERNUMBER",
    "DIALEDPEERNAME",
    "ANSWEREDTIME",
    "ANSWEREDTIME_MS",
    "DIALEDTIME",
    "DIALEDTIME_MS",
    "RINGTIME",
    "RINGTIME_MS",
    "PROGRESSTIME",
    "PROGRESSTIME_MS",
];

/// The variables a finished media stream leaves.
const QUALITY: [(&str, &str); 5] = [
    (
        "RTPAUDIOQOS",
        "ssrc=2019077281;themssrc=3390111744;lp=0;rxjitter=0.000312;rxcount=1500;txjitter=0.000125;txcount=1502;rlp=0;rtt=0.000900;rxmes=88.087887;txmes=88.087887",
    ),
    (
        "RTPAUDIOQOSJITTER",
        "minrxjitter=000.000000;maxrxjitter=000.003000;avgrxjitter=000.000312;stdevrxjitter=000.000250;mintxjitter=000.000000;maxtxjitter=000.000250;avgtxjitter=000.000125;stdevtxjitter=000.000100;",
    ),
    (
        "RTPAUDIOQOSLOSS",
        "  minrxlost=000.000000;  maxrxlost=000.000000;  avgrxlost=000.000000;  stdevrxlost=000.000000;  mintxlost=000.000000;  maxtxlost=000.000000;  avgtxlost=000.000000;  stdevtxlost=000.000000;",
    ),
    (
        "RTPAUDIOQOSRTT",
        "     minrtt=000.000800;     maxrtt=000.001100;     avgrtt=000.000900;     stdevrtt=000.000100;",
    ),
    (
        "RTPAUDIOQOSMES",
        "   minrxmes=088.087887;   maxrxmes=088.087887;   avgrxmes=088.087887;   stdevrxmes=000.000000;   mintxmes=088.087887;   maxtxmes=088.087887;   avgtxmes=088.087887;   stdevtxmes=000.000000;",
    ),
];

/// Priority, application, its data, and the variable it sets.
type Step<'a> = (u32, &'a str, String, Option<(&'a str, String)>);

impl World {
    fn loud(&self) -> bool {
        self.settings.noise == Noise::Full
    }

    /// A variable that says something, unless all is quiet.
    pub(crate) fn noise_variable(&mut self, key: Key, name: &str, value: &str) {
        if self.settings.noise != Noise::Quiet {
            self.variable(key, name, value);
        }
    }

    fn variable(&mut self, key: Key, name: &str, value: &str) {
        self.say_with("VarSet", Class::DIALPLAN, key, |text| {
            text.with("Variable", name).with("Value", value)
        });
    }

    /// The dialplan runs an application.
    pub(crate) fn noise_application(&mut self, key: Key, application: &str, data: &str) {
        if let Some(channel) = self.channel_mut(key) {
            channel.application = (application.to_owned(), data.to_owned());
            let exten = channel.exten.clone();
            if self.settings.noise != Noise::Quiet {
                self.say_with("Newexten", Class::DIALPLAN, key, |text| {
                    text.with("Extension", exten)
                        .with("Application", application)
                        .with("AppData", data)
                });
            }
        }
    }

    fn log(&mut self, key: Key, name: &str) {
        if !self.loud() {
            return;
        }
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        let text = Text::event("CEL", Class::CALL)
            .with("EventName", name)
            .with("AccountCode", "")
            .with("CallerIDnum", &channel.caller.number)
            .with("CallerIDname", &channel.caller.name)
            .with("CallerIDani", &channel.caller.number)
            .with("CallerIDrdnis", "")
            .with(
                "CallerIDdnid",
                channel.variables.get("DNID").map_or("", String::as_str),
            )
            .with("Exten", &channel.exten)
            .with("Context", &channel.context)
            .with("Channel", &channel.name)
            .with("Application", &channel.application.0)
            .with("AppData", &channel.application.1)
            .with("EventTime", crate::clock::date_time(self.now_ms))
            .with("AMAFlags", "DOCUMENTATION")
            .with("UniqueID", &channel.uniqueid)
            .with("LinkedID", &channel.linkedid)
            .with("Userfield", "")
            .with("Peer", "")
            .with("PeerAccount", "")
            .with("Extra", "");
        self.emit(text);
    }

    /// A phone's call comes in.
    pub(crate) fn noise_sip(&mut self, key: Key) {
        self.log(key, "CHAN_START");
        if self.loud() {
            self.variable(key, "SIPDOMAIN", "192.0.2.1");
        }
    }

    /// The steps of the sub-routine every call to a person runs through.
    pub(crate) fn noise_sub_dial(&mut self, key: Key, number: &str, uri: &str, dnd: bool, registered: bool) {
        if self.settings.noise == Noise::Quiet {
            return;
        }
        let Some(channel) = self.channels.get(&key) else {
            return;
        };
        let shown = format!(
            "call from \"{}\" <{}> to {number}",
            channel.caller.name, channel.caller.number
        );
        let string = if registered {
            format!("PJSIP/{number}/{uri}")
        } else {
            String::new()
        };
        self.noise_application(key, "NoOp", &shown);
        self.step_to(
            key,
            "from-internal",
            number,
            2,
            "Gosub",
            &format!("sub-dial,s,1({number})"),
        );
        let steps: [Step<'_>; 8] = [
            (
                1,
                "Set",
                format!("EXT={number}"),
                Some(("EXT", number.to_owned())),
            ),
            (
                2,
                "Set",
                format!("__PICKUPMARK={number}"),
                Some(("__PICKUPMARK", number.to_owned())),
            ),
            (3, "GotoIf", format!("{}?dnd", u8::from(dnd)), None),
            (4, "Set", "FWD=".to_owned(), Some(("FWD", String::new()))),
            (5, "GotoIf", "0?forward".to_owned(), None),
            (6, "Set", format!("DSTR={string}"), Some(("DSTR", string.clone()))),
            (7, "GotoIf", format!("{}?unavail", u8::from(!registered)), None),
            (8, "Set", "DIALRC=".to_owned(), Some(("DIALRC", String::new()))),
        ];
        let taken = if dnd { 3 } else { 8 };
        for (priority, application, data, variable) in steps.into_iter().take(taken) {
            self.step_to(key, "sub-dial", "s", priority, application, &data);
            if let Some((name, value)) = variable
                && self.loud()
            {
                self.variable(key, name, &value);
            }
        }
        if dnd || !registered {
            return;
        }
        self.step_to(key, "sub-dial", "s", 9, "Dial", &format!("{string},20,tTkK"));
        if self.loud() {
            for name in DIAL_CLEARS {
                self.variable(key, name, "");
            }
        }
    }

    fn step_to(
        &mut self,
        key: Key,
        context: &str,
        exten: &str,
        priority: u32,
        application: &str,
        data: &str,
    ) {
        if let Some(channel) = self.channel_mut(key) {
            channel.go_to(context, exten, priority);
        }
        self.noise_application(key, application, data);
    }

    /// A leg made by `Dial` or a queue.
    pub(crate) fn noise_dialled(&mut self, leg: Key, dial_string: &str) {
        self.log(leg, "CHAN_START");
        if self.loud() {
            self.variable(leg, "DIALEDPEERNUMBER", dial_string);
        }
        self.noise_outgoing_line(leg);
    }

    /// `AppDial`, the application of a channel that has none.
    pub(crate) fn noise_outgoing_line(&mut self, leg: Key) {
        if self.channels.get(&leg).is_some_and(|channel| channel.outgoing) {
            self.noise_application(leg, "AppDial", "(Outgoing Line)");
        }
    }

    pub(crate) fn noise_ringing(&mut self, caller: Key) {
        if self.loud() {
            self.variable(caller, "RINGTIME", "0");
            self.variable(caller, "RINGTIME_MS", "4");
        }
    }

    pub(crate) fn noise_dial_status(&mut self, caller: Key, leg: Key, status: &str) {
        self.noise_variable(caller, "DIALSTATUS", status);
        if self.loud()
            && let Some(name) = self.channels.get(&leg).map(|channel| channel.name.clone())
        {
            self.variable(caller, "DIALEDPEERNAME", &name);
            self.variable(caller, "DIALEDPEERNUMBER", &name);
        }
    }

    pub(crate) fn noise_bridged(&mut self, callee: Key, caller: Key) {
        if !self.loud() {
            return;
        }
        for (one, other) in [(callee, caller), (caller, callee)] {
            if let Some(name) = self.channels.get(&other).map(|channel| channel.name.clone()) {
                self.variable(one, "BRIDGEPEER", &name);
                self.variable(one, "BRIDGEPVTCALLID", "1-14621@192.0.2.1");
            }
        }
        for name in ["ANSWER", "BRIDGE_ENTER"] {
            self.log(callee, name);
            self.log(caller, name);
        }
    }

    /// The figures of the media stream, for the one who hangs up and the other side.
    pub(crate) fn noise_quality(&mut self, key: Key) {
        if !self.loud() {
            return;
        }
        let peer = self.peer(key);
        for (name, value) in QUALITY {
            self.variable(key, name, value);
            if let Some(peer) = peer {
                self.variable(peer, &format!("{name}BRIDGED"), value);
            }
        }
    }

    pub(crate) fn noise_unbridged(&mut self, first: Key, peer: Option<Key>) {
        if !self.loud() {
            return;
        }
        for key in std::iter::once(first).chain(peer) {
            self.variable(key, "BRIDGEPEER", "");
            self.variable(key, "BRIDGEPVTCALLID", "");
            self.log(key, "BRIDGE_EXIT");
        }
        if let Some(peer) = peer {
            for (name, value) in QUALITY {
                self.variable(peer, name, value);
            }
            let caller = if self.channels.get(&first).is_some_and(|channel| channel.outgoing) {
                peer
            } else {
                first
            };
            for (name, value) in [
                ("ANSWEREDTIME", "3"),
                ("ANSWEREDTIME_MS", "3008"),
                ("DIALEDTIME", "4"),
                ("DIALEDTIME_MS", "4018"),
                ("DIALSTATUS", "ANSWER"),
            ] {
                self.variable(caller, name, value);
            }
        }
    }

    pub(crate) fn noise_ended(&mut self, key: Key) {
        self.log(key, "HANGUP");
        self.log(key, "CHAN_END");
    }
}
