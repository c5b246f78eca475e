//! What the owner of a board remembers besides its rows: channels, bridges, who belongs to which call, and
//! what the PBX's names mean. None of it crosses the wire.

pub(crate) mod arena;
pub(crate) mod bridge;
pub(crate) mod call;
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod directory;
pub(crate) mod recent;
