//! Tokens, with which programs act for people.

use serde::{Deserialize, Serialize};

use super::{PbxId, UserId};
use crate::access::Abilities;

/// The most days a token can be good for.
pub const MAX_DAYS: u32 = 90;

/// A token's id in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub i64);

/// Whether a token can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TokenState {
    /// It can.
    Good,
    /// Its days are over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A token as its page shows it; never the token itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenRow {
    /// Id.
    pub id: TokenId,
    /// Whose.
    pub owner: UserId,
    /// Their sign-in name.
    pub username: String,
    /// Its name.
    pub name: String,
    /// How it begins.
    pub hint: String,
    /// What was ticked.
    pub abilities: Abilities,
    /// The only PBX it is for.
    pub pbx: Option<PbxId>,
    /// Where it may be used from; empty for everywhere.
    pub networks: Vec<String>,
    /// Made at, Unix milliseconds.
    pub created_ms: u64,
    /// Good until.
    pub expires_ms: u64,
    /// Whether it can be used.
    pub state: TokenState,
    /// Last used at.
    pub used_ms: Option<u64>,
    /// Last used from.
    pub used_address: String,
}

/// Tokens, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// The tokens.
    pub rows: Vec<TokenRow>,
    /// The server's clock, Unix milliseconds.
    pub now_ms: u64,
}

/// A token as asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenForm {
    /// A name to know it by.
    pub name: String,
    /// What it may do: each at most as far as the one who makes it.
    pub abilities: Abilities,
    /// The only PBX it is for; None for all.
    pub pbx: Option<PbxId>,
    /// Addresses and networks as typed, with commas or spaces between; empty for everywhere.
    pub networks: String,
    /// Good for so many days.
    pub days: u32,
}

/// A token that was just made: the only time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    /// The whole of it.
    pub token: String,
    /// Its row.
    pub row: TokenRow,
}
