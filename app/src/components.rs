//! Pieces of the interface that know no page.

pub mod alarm_voice;
pub mod announcer;
pub mod callbacks;
pub mod confirming;
pub mod connect;
pub mod deed_button;
pub mod field;
pub mod help;
pub mod icon;
pub mod lamp;
pub mod loading;
pub mod menu;
pub mod notices;
pub mod palette;
pub mod passkey_button;
pub mod person_verbs;
pub mod roving;
pub mod shortcuts;
pub mod state_mark;
pub mod supervise;
pub mod timer;
pub mod token_list;
pub mod transfer;
pub mod trouble;
pub mod window;

pub use icon::Icon;
pub use state_mark::StateMark;
pub use timer::Timer;
