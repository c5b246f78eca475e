//! What a request is about, noted while it is dealt with: so that the door can say what was refused.

use std::sync::{Arc, Mutex, PoisonError};

use app::audit::Action;

/// Shared by the door and whoever deals with the request.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<Noted>>);

/// What was noted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// What is asked for, and on what.
    pub about: Option<(Action, String)>,
    /// The trail has a row of it already, which tells its outcome.
    pub written: bool,
}

impl Record {
    /// Notes what is asked for; the last word counts.
    pub fn about(&self, action: Action, object: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).about = Some((action, object.into()));
    }

    /// Notes that the trail has a row.
    pub fn written(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).written = true;
    }

    /// What was noted so far.
    pub fn noted(&self) -> Noted {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
