//! Values we send. AMI ends a header at any line feed, so a value that holds one is a second header: such a
//! value cannot be made.

use std::fmt;

use zeroize::Zeroizing;

use crate::cause::Cause;
use crate::state::AudioDirection;

/// Why a text is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It holds a C0 or C1 control character or DEL.
    #[error("{field} holds a control character")]
    Control {
        /// What the caller called the text.
        field: &'static str,
        /// Bytes before the character.
        at: usize,
    },
    /// No header could hold it.
    #[error("{field} is longer than {MAX_VALUE_BYTES} bytes")]
    TooLong {
        /// What the caller called the text.
        field: &'static str,
    },
}

impl ValueError {
    /// What the caller called the text.
    pub fn field(&self) -> &'static str {
        match self {
            ValueError::Control { field, .. } | ValueError::TooLong { field } => field,
        }
    }
}

/// Longest value, in bytes: Asterisk refuses lines over 1,024.
pub const MAX_VALUE_BYTES: usize = 1000;

/// A header's value, free of control characters. Never stripped or escaped: refused.
///
/// ```
/// use ami::{Value, ValueError};
/// assert!(Value::new("exten", "1002").is_ok());
/// let refused = Value::new("exten", "1002\nAction: Originate").unwrap_err();
/// assert_eq!(refused, ValueError::Control { field: "exten", at: 4 });
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Value(Zeroizing<String>);

impl Value {
    /// A value; `field` names it in the refusal.
    pub fn new(field: &'static str, text: impl Into<String>) -> Result<Self, ValueError> {
        let text = Zeroizing::new(text.into());
        if let Some((at, _)) = text.char_indices().find(|(_, character)| character.is_control()) {
            return Err(ValueError::Control { field, at });
        }
        if text.len() > MAX_VALUE_BYTES {
            return Err(ValueError::TooLong { field });
        }
        Ok(Value(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Numbers and words of ours, which hold nothing to refuse.
    pub(crate) fn trusted(text: impl Into<String>) -> Self {
        Value(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a typed action's field becomes on the wire.
pub(crate) trait ToValue {
    fn to_value(&self) -> Value;
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::trusted(if *self { "true" } else { "false" })
    }
}

impl ToValue for u32 {
    fn to_value(&self) -> Value {
        Value::trusted(self.to_string())
    }
}

impl ToValue for u64 {
    fn to_value(&self) -> Value {
        Value::trusted(self.to_string())
    }
}

impl ToValue for Cause {
    fn to_value(&self) -> Value {
        Value::trusted(self.code().to_string())
    }
}

/// Which audio an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What the channel says.
    Read,
    /// What the channel hears.
    Write,
    /// Both.
    Both,
}

impl ToValue for Direction {
    fn to_value(&self) -> Value {
        let direction = match self {
            Direction::Read => AudioDirection::Read,
            Direction::Write => AudioDirection::Write,
            Direction::Both => AudioDirection::Both,
        };
        Value::trusted(direction.as_str())
    }
}

/// A channel variable to set, `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable(Value);

impl Variable {
    /// A variable; the name may hold letters, digits and `_` (leading ones make it inherited).
    pub fn new(name: &'static str, value: &Value) -> Result<Self, ValueError> {
        if let Some(at) = name
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_'))
        {
            return Err(ValueError::Control { field: name, at });
        }
        Value::new(name, format!("{name}={value}")).map(Variable)
    }
}

impl ToValue for Variable {
    fn to_value(&self) -> Value {
        self.0.clone()
    }
}
