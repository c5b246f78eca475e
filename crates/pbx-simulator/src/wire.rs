//! Frames as Asterisk sends them, and the permission class each event belongs to.

use std::fmt::{self, Display, Write as _};

use bytes::Bytes;

/// A set of AMI permission classes (`manager.conf`, `read` and `write`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(u32);

impl Class {
    /// No class: every user may.
    pub const NONE: Class = Class(0);
    /// `system`
    pub const SYSTEM: Class = Class(1);
    /// `call`
    pub const CALL: Class = Class(1 << 1);
    /// `agent`
    pub const AGENT: Class = Class(1 << 2);
    /// `user`
    pub const USER: Class = Class(1 << 3);
    /// `dialplan`
    pub const DIALPLAN: Class = Class(1 << 4);
    /// `reporting`
    pub const REPORTING: Class = Class(1 << 5);
    /// `cdr`
    pub const CDR: Class = Class(1 << 6);
    /// `dtmf`
    pub const DTMF: Class = Class(1 << 7);
    /// `security`
    pub const SECURITY: Class = Class(1 << 8);
    /// `command`
    pub const COMMAND: Class = Class(1 << 9);
    /// `originate`
    pub const ORIGINATE: Class = Class(1 << 10);
    /// `config`
    pub const CONFIG: Class = Class(1 << 11);
    /// Every class.
    pub const ALL: Class = Class((1 << 12) - 1);

    const NAMES: [(&'static str, Class); 12] = [
        ("system", Class::SYSTEM),
        ("call", Class::CALL),
        ("agent", Class::AGENT),
        ("user", Class::USER),
        ("dialplan", Class::DIALPLAN),
        ("reporting", Class::REPORTING),
        ("cdr", Class::CDR),
        ("dtmf", Class::DTMF),
        ("security", Class::SECURITY),
        ("command", Class::COMMAND),
        ("originate", Class::ORIGINATE),
        ("config", Class::CONFIG),
    ];

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Class) -> Class {
        Class(self.0 | other.0)
    }

    /// Whether the sets share a class; the empty `other` is always allowed.
    #[must_use]
    pub const fn allows(self, other: Class) -> bool {
        other.0 == 0 || self.0 & other.0 != 0
    }

    /// The set an `EventMask` names: `on`, `off` or a list of class names (unknown names say nothing).
    #[must_use]
    pub fn of_mask(mask: &str) -> Class {
        match mask.trim().to_ascii_lowercase().as_str() {
            "on" | "all" | "yes" | "true" | "1" => Class::ALL,
            "off" | "no" | "false" | "0" | "" => Class::NONE,
            list => list.split(',').fold(Class::NONE, |set, name| {
                let found = Class::NAMES.iter().find(|(known, _)| *known == name.trim());
                found.map_or(set, |(_, class)| set.and(*class))
            }),
        }
    }

    /// As `ListCommands` and the `Privilege` of an event write it: `system,call,all`.
    pub(crate) fn privilege(self) -> String {
        if self == Class::NONE {
            return "<none>".to_owned();
        }
        let named = Class::NAMES.iter().filter(|(_, class)| self.allows(*class));
        named.map(|(name, _)| format!("{name},")).collect::<String>() + "all"
    }

    fn name(self) -> &'static str {
        Class::NAMES
            .iter()
            .find(|(_, class)| *class == self)
            .map_or("system", |(name, _)| name)
    }
}

/// One event on its way to every connection that may see its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Who may see it.
    pub class: Class,
    /// The whole frame, blank line included.
    pub bytes: Bytes,
}

/// A frame being written.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    class: Class,
    bytes: Vec<u8>,
}

/// Bytes an ordinary channel event takes.
const ROOM_BYTES: usize = 512;

impl Text {
    /// A live event.
    pub(crate) fn event(name: &str, class: Class) -> Self {
        let text = Text {
            class,
            bytes: Vec::with_capacity(ROOM_BYTES),
        };
        text.with("Event", name)
            .with("Privilege", format_args!("{},all", class.name()))
    }

    /// An item of a list.
    pub(crate) fn item(name: &str, action_id: Option<&str>) -> Self {
        let text = Text {
            class: Class::NONE,
            bytes: Vec::with_capacity(ROOM_BYTES),
        };
        text.with("Event", name).with_action_id(action_id)
    }

    /// An answer.
    pub(crate) fn response(word: &str, action_id: Option<&str>) -> Self {
        let text = Text {
            class: Class::NONE,
            bytes: Vec::with_capacity(ROOM_BYTES),
        };
        text.with("Response", word).with_action_id(action_id)
    }

    pub(crate) fn with_action_id(self, action_id: Option<&str>) -> Self {
        match action_id {
            Some(id) => self.with("ActionID", id),
            None => self,
        }
    }

    /// Adds a header. Line ends inside the value become spaces: a frame has one shape only.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b": ");
        // Writing into memory cannot fail.
        let _ = write!(OneLine(&mut self.bytes), "{value}");
        self.bytes.extend_from_slice(b"\r\n");
        self
    }

    /// Adds a header whose value ends in a line feed, as a few of Asterisk's own answers do.
    pub(crate) fn with_line_feed(mut self, name: &str, value: &str) -> Self {
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b": ");
        self.bytes.extend_from_slice(value.as_bytes());
        self.bytes.extend_from_slice(b"\n\r\n");
        self
    }

    pub(crate) fn frame(mut self) -> Frame {
        self.bytes.extend_from_slice(b"\r\n");
        Frame {
            class: self.class,
            bytes: Bytes::from(self.bytes),
        }
    }
}

struct OneLine<'a>(&'a mut Vec<u8>);

impl fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(
            text.bytes()
                .map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }),
        );
        Ok(())
    }
}

/// An action as it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Headers in the order they came.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// Makes one, as tests and the scripted control do.
    #[must_use]
    pub fn new(action: &str) -> Self {
        Request {
            headers: vec![("Action".to_owned(), action.to_owned())],
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first value under this name, which is compared without regard to case; `None` when empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The name of the action.
    #[must_use]
    pub fn action(&self) -> &str {
        self.get("Action").unwrap_or_default()
    }

    /// Its id.
    #[must_use]
    pub fn action_id(&self) -> Option<&str> {
        self.get("ActionID")
    }
}
