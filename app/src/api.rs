//! What pages ask of the server: server functions of a few lines each, over [`crate::Backend`].

pub mod account;
pub mod alarms;
pub mod audit;
pub mod callback;
pub mod command;
pub mod desk;
pub mod erase;
pub mod frame;
pub mod help;
pub mod history;
pub mod home;
pub mod keeping;
pub mod line;
pub mod lost;
pub mod mailing;
pub mod pbx;
pub mod people;
pub mod push;
pub mod queues;
pub mod recording;
pub mod records;
pub mod second;
pub mod security;
pub mod token;
pub mod wallboard;

use leptos::prelude::use_context;

use crate::{AppError, BackendHandle};

/// The port of this request. Missing only where the server forgot to provide it.
fn backend() -> Result<BackendHandle, AppError> {
    use_context::<BackendHandle>().ok_or_else(|| AppError::Internal {
        id: "no-backend".into(),
    })
}
