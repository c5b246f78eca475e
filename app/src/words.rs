//! Plain functions from facts to the words on the screen: no signal, no browser, no clock.

pub mod address;
pub mod alarm;
pub mod cause;
pub mod duration;
pub mod evidence;
pub mod moment;
pub mod number;
pub mod party;
pub mod status;
pub mod story;
pub mod visible;

pub use duration::{age, clock};
pub use number::{NumberProblem, check_number};
pub use party::{between, called, party_name, party_text, with_whom};
pub use status::Status;
pub use visible::{isolated, shortened, visible};
