//! What a caller wrote into an event. Asterisk prints the number of a caller as it was sent, percent signs decoded, so it
//! may hold line breaks: the frame then ends early, and what stands behind it looks like frames of Asterisk's own. A number
//! has 79 bytes at most (`AST_MAX_EXTENSION`), which is less than the lines need that always follow it.

use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;

use crate::kind::Kind;
use crate::message::Message;

/// What stands behind the caller of a channel, in this order (Asterisk, `ast_manager_build_channel_state_string_prefix`).
const OF_A_CHANNEL: [&str; 10] = [
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
];
/// Behind the caller of one who waits.
const OF_A_QUEUE_ENTRY: [&str; 5] = [
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Wait",
    "Priority",
];
/// Behind the source of a call record.
const OF_A_RECORD: [&str; 8] = [
    "Destination",
    "DestinationContext",
    "CallerID",
    "Channel",
    "DestinationChannel",
    "LastApplication",
    "LastData",
    "StartTime",
];
/// Behind the caller of a channel event.
const OF_A_CHANNEL_EVENT: [&str; 8] = [
    "CallerIDname",
    "CallerIDani",
    "CallerIDrdnis",
    "CallerIDdnid",
    "Exten",
    "Context",
    "Channel",
    "Application",
];
/// Left out by some versions.
const OPTIONAL: [&str; 2] = ["Language", "AccountCode"];

static CALLER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("CallerIDNum: "));
static SOURCE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Source: "));
static CALLER_OF_CEL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("CallerIDnum: "));

impl Message {
    /// Whether somebody outside wrote into this event: then what follows it may be anybody's.
    pub fn is_doubtful(&self) -> bool {
        let (number, behind): (_, &[&str]) = match self.kind() {
            // its caller is whoever was given with the order
            Kind::Response | Kind::OriginateResponse => return false,
            Kind::Cdr => (&SOURCE, &OF_A_RECORD),
            Kind::Cel => (&CALLER_OF_CEL, &OF_A_CHANNEL_EVENT),
            Kind::QueueEntry => (&CALLER, &OF_A_QUEUE_ENTRY),
            _ => (&CALLER, &OF_A_CHANNEL),
        };
        let bytes = self.as_bytes();
        let mut from = 0;
        while let Some(at) = number.find(bytes.get(from..).unwrap_or_default()) {
            let at = from + at;
            let begin = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
            let Some(end) = follows(bytes, at, &bytes[begin..at], behind) else {
                return true;
            };
            from = end;
        }
        false
    }
}

/// Where the lines end that have to stand behind the line in which `at` is.
fn follows(bytes: &[u8], at: usize, prefix: &[u8], behind: &[&str]) -> Option<usize> {
    let mut line = next_line(bytes, at)?;
    for name in behind {
        let named = bytes
            .get(line..)
            .and_then(|rest| rest.strip_prefix(prefix)?.strip_prefix(name.as_bytes()))
            .is_some_and(|rest| rest.starts_with(b":"));
        if named {
            line = next_line(bytes, line).unwrap_or(bytes.len());
        } else if !OPTIONAL.contains(name) {
            return None;
        }
    }
    Some(line)
}

/// In a frame whose lines end with CR LF a lone LF is part of a value.
fn next_line(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let end = from + memchr(b'\n', bytes.get(from..)?)?;
        if end > 0 && bytes[end - 1] == b'\r' {
            return Some(end + 1);
        }
        from = end + 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// An event of a channel whose caller sent this as their number; the frame that the decoder would cut.
    fn first_frame(number: &str) -> Message {
        let whole = format!(
            "Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-1\r\nCallerIDNum: {number}\r\n\
             CallerIDName: <unknown>\r\nConnectedLineNum: 1003\r\nConnectedLineName: Ada\r\nLanguage: en\r\n\
             AccountCode: \r\nContext: from-trunk\r\nExten: 200\r\nPriority: 1\r\nUniqueid: lab-1.1\r\nLinkedid: lab-1.1"
        );
        let frame = whole.split("\r\n\r\n").next().unwrap_or_default();
        Message::from_frame(Bytes::from(frame.to_owned())).unwrap()
    }

    #[test]
    fn an_honest_number_is_believed() {
        for number in [
            "+493012345678",
            "",
            "<unknown>",
            "anonymous",
            "1\n2",
            "Uniqueid: 5",
        ] {
            assert!(!first_frame(number).is_doubtful(), "{number:?}");
        }
    }

    #[test]
    fn a_number_that_brings_lines_with_it_is_seen() {
        for number in [
            "1\r\n\r\nEvent: Shutdown",
            "1\r\n\r\n",
            "1\r\nCallerIDName: a\r\n\r\nEvent: Hangup",
            "1\r\nUniqueid: \r\n\r\nEvent: Shutdown\r\nPrivilege: a\r\n\r\n",
            "1\r\nUniqueid: lab-7.7",
            "1\r\nCallerIDName: a\r\nUniqueid: lab-7.7\r\nLinkedid: lab-7.7",
            "1\r\nCallerIDName: a\r\nUniqueid: lab-7.7\r\nCallerIDNum: 2",
            "1\r\nCallerIDName: a\r\nConnectedLineNum: \r\nConnectedLineName: \r\n\r\n",
            "1\r\nX: y",
        ] {
            assert!(first_frame(number).is_doubtful(), "{number:?}");
        }
    }
}
