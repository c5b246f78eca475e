//! Actions: what we ask of Asterisk, typed, and encoded so that one action is always exactly one frame.

pub mod call;
pub mod conference;
pub mod list;
pub mod queue;
pub mod recording;
pub mod system;

use std::fmt;

use bytes::BytesMut;

use crate::value::Value;

/// Longest line Asterisk reads, in bytes, line end included.
pub const MAX_ACTION_LINE_BYTES: usize = 1024;
/// Most headers Asterisk reads of one action.
pub const MAX_ACTION_HEADERS: usize = 128;

/// How Asterisk answers an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// One response.
    Single,
    /// A response, then events with the same `ActionID`, the last of which says that the list is complete.
    List,
}

/// Why an action cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Asterisk would refuse a line this long.
    #[error("{header} is too long for Asterisk")]
    LineTooLong {
        /// The header's name.
        header: &'static str,
    },
    /// Asterisk would refuse this many headers.
    #[error("more headers than Asterisk reads")]
    TooManyHeaders,
    /// A header name holds more than letters, digits, `-`, `_` and parentheses.
    #[error("{header:?} is no header name")]
    HeaderName {
        /// The header's name.
        header: &'static str,
    },
}

/// An action, ready to be encoded. Made from one of the typed actions, or by hand.
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    name: &'static str,
    answer: Answer,
    headers: Vec<(&'static str, Value)>,
}

impl Action {
    /// An action this library has no type for.
    pub fn new(name: &'static str, answer: Answer) -> Self {
        Action {
            name,
            answer,
            headers: Vec::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, header: &'static str, value: Value) -> Self {
        self.headers.push((header, value));
        self
    }

    /// The action's name on the wire.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How it is answered.
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// The headers after `Action` and `ActionID`, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The first value under this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Appends the frame. On an error nothing is appended.
    pub fn encode(&self, action_id: &Value, out: &mut BytesMut) -> Result<(), EncodeError> {
        if self.headers.len() + 2 > MAX_ACTION_HEADERS {
            return Err(EncodeError::TooManyHeaders);
        }
        let start = out.len();
        let result = line(out, "Action", self.name)
            .and_then(|()| line(out, "ActionID", action_id.as_str()))
            .and_then(|()| {
                self.headers()
                    .try_for_each(|(name, value)| line(out, name, value))
            });
        match result {
            Ok(()) => out.extend_from_slice(b"\r\n"),
            Err(_) => out.truncate(start),
        }
        result
    }
}

fn line(out: &mut BytesMut, name: &'static str, value: &str) -> Result<(), EncodeError> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'(' | b')');
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err(EncodeError::HeaderName { header: name });
    }
    if name.len() + value.len() + ": \r\n".len() > MAX_ACTION_LINE_BYTES {
        return Err(EncodeError::LineTooLong { header: name });
    }
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
    Ok(())
}

impl fmt::Debug for Action {
    /// Secrets and the keys made of them do not appear.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.name);
        for (name, value) in self.headers() {
            let secret = matches!(name, "Secret") || (self.name == "Login" && name == "Key");
            out.field(name, if secret { &"[redacted]" } else { &value });
        }
        out.finish()
    }
}

/// Typed actions. `required` fields are always sent, `optional` ones when set, `repeated` ones once each.
macro_rules! actions {
    ($($(#[$note:meta])* $name:ident = $wire:literal, $answer:ident {
        $($(#[$field_note:meta])* $rule:ident $header:literal $field:ident: $type:ty,)*
        $(; $($fixed:literal = $fixed_value:literal,)*)?
    })*) => {$(
        $(#[$note])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_note])* #[doc = concat!("`", $header, "`")] pub $field: $crate::action::field_type!($rule $type),)*
        }

        impl From<$name> for $crate::action::Action {
            fn from(typed: $name) -> Self {
                let action = $crate::action::Action::new($wire, $crate::action::Answer::$answer);
                $($(let action = action.with($fixed, $crate::value::Value::trusted($fixed_value));)*)?
                $(let action = $crate::action::field_send!($rule action, $header, typed.$field);)*
                let $name { .. } = typed;
                action
            }
        }
    )*};
}

macro_rules! field_type {
    (required $type:ty) => { $type };
    (optional $type:ty) => { Option<$type> };
    (repeated $type:ty) => { Vec<$type> };
}

macro_rules! field_send {
    (required $action:ident, $header:literal, $value:expr) => {
        $action.with($header, $crate::value::ToValue::to_value(&$value))
    };
    (optional $action:ident, $header:literal, $value:expr) => {
        match &$value {
            Some(value) => $action.with($header, $crate::value::ToValue::to_value(value)),
            None => $action,
        }
    };
    (repeated $action:ident, $header:literal, $value:expr) => {
        $value.iter().fold($action, |action, value| {
            action.with($header, $crate::value::ToValue::to_value(value))
        })
    };
}

pub(crate) use {actions, field_send, field_type};
