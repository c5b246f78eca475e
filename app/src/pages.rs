//! One module a screen.

pub mod account;
pub mod alarms;
pub mod audit;
pub mod callbacks;
pub mod desk;
pub mod erase;
pub mod extensions;
pub mod figures;
pub mod frame;
pub mod history;
pub mod lost;
pub mod not_found;
pub mod pbx;
pub mod people;
pub mod place_call;
pub mod profile;
pub mod queue_set_up;
pub mod queues;
pub mod recordings;
pub mod records;
pub mod reports;
pub mod screens;
pub mod span;
pub mod span_form;
pub mod switchboard;
pub mod wallboards;
mod zone;
