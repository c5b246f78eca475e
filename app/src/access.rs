//! Who may see and do what, as one value made from a person: the server filters, scopes and permits with it, and a page
//! leaves out with it what would be refused.

mod ability;
mod queue_rules;
mod reach;
mod rights;
mod rules;
mod scope;
mod supervision;

#[cfg(test)]
#[allow(clippy::panic, reason = "a test fails by panicking")]
mod tests;

pub use ability::{ABILITIES, Ability, Group, Info};
pub use queue_rules::permits_queue;
pub use reach::{Abilities, BuiltIn, Reach};
pub use rights::{About, QueueOn, Rights};
pub use rules::{Refused, about, about_call, permits, shown};
pub use scope::Scope;
pub use supervision::{ability_to, about_agent};
pub use telephony::finished::is_supervision;
