//! The one error that crosses the wire.

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::packed::Packed;

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct FieldError {
    /// The field's name in the form.
    pub field: String,
    /// What is wrong, in a sentence for the person at the form.
    pub problem: String,
}

/// What a page has to tell apart. Internal faults carry an id that stands in the log, never a library's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(expecting = "")]
pub enum AppError {
    /// No session, or it is over.
    #[error("please sign in")]
    NotSignedIn,
    /// Signed in, and has to show it again before this.
    #[error("please confirm that it is you; nothing was changed yet")]
    Reauthenticate,
    /// Signed in, and not allowed.
    #[error("you may not do this")]
    Forbidden,
    /// Not there, or not for this viewer.
    #[error("this does not exist any more")]
    NotFound,
    /// The form needs mending.
    #[error("{}", .0.iter().map(|error| error.problem.as_str()).collect::<Vec<_>>().join(" "))]
    Invalid(Vec<FieldError>),
    /// Something else changed in between, or a name is taken.
    #[error("{0}")]
    Conflict(String),
    /// Too many tries.
    #[error("too many attempts: try again in {retry_after_s} s")]
    TooMany {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// A part that is needed is down; what was not done is in the text.
    #[error("{0}")]
    Unavailable(String),
    /// The server could not be reached.
    #[error("Starboard could not be reached; nothing was changed")]
    Offline,
    /// A fault of ours.
    #[error("something went wrong here (reference {id}); nothing was changed")]
    Internal {
        /// To be found in the log.
        id: String,
    },
}

impl AppError {
    /// The id of what the other end could not read.
    pub const UNREADABLE: &str = "server-function";

    /// One field's problem.
    pub fn field(field: &str, problem: impl Into<String>) -> Self {
        AppError::Invalid(vec![FieldError {
            field: field.into(),
            problem: problem.into(),
        }])
    }
}

impl FromServerFnError for AppError {
    type Encoder = Packed;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => AppError::Offline,
            ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::ServerError(_) => AppError::Internal {
                id: Self::UNREADABLE.into(),
            },
        }
    }
}
