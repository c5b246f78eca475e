//! Users, teams and roles, as their pages and forms exchange them.

use serde::{Deserialize, Serialize};

use super::{OwnExtension, PbxId, UserId};
use crate::access::{Abilities, QueueOn};

/// A team's id in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamId(pub i64);

/// A role's id in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleId(pub i64);

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UserState {
    /// They can.
    Active,
    /// They have not chosen a password yet.
    Invited,
    /// They may not any more.
    Disabled,
}

/// A user as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// Role.
    pub role: RoleId,
    /// The PBX they belong to; None for all.
    pub pbx: Option<PbxId>,
    /// Their extensions, the first one first.
    pub extensions: Vec<OwnExtension>,
    /// Their teams.
    pub teams: Vec<TeamId>,
    /// Whether they can sign in.
    pub state: UserState,
    /// What they sign in with beside a password of their own here.
    pub signs_in_with: Vec<String>,
    /// When one of their sessions was last used, Unix milliseconds; None where there is none.
    pub seen_ms: Option<u64>,
    /// Whether the one who looks may change them: their role reaches no further than the own one.
    pub may_change: bool,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// Who is in it.
    pub members: Vec<UserId>,
    /// The queues it serves.
    pub queues: Vec<QueueOn>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRow {
    /// Id.
    pub id: RoleId,
    /// Always there; it cannot be changed.
    pub built_in: bool,
    /// Name.
    pub name: String,
    /// What it may do.
    pub abilities: Abilities,
    /// How many have it.
    pub users: u32,
}

/// Everybody that the viewer may see, with teams and roles: what the pages of people are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// By name.
    pub users: Vec<User>,
    /// By name.
    pub teams: Vec<Team>,
    /// The built-in ones first.
    pub roles: Vec<RoleRow>,
    /// There are more users than are listed.
    pub more: bool,
}

impl People {
    /// The name of a role.
    pub fn role_name(&self, id: RoleId) -> &str {
        let role = self.roles.iter().find(|role| role.id == id);
        role.map_or("", |role| role.name.as_str())
    }

    /// The names of teams.
    pub fn team_names(&self, teams: &[TeamId]) -> String {
        let named = self.teams.iter().filter(|team| teams.contains(&team.id));
        named
            .map(|team| team.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A user as typed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserForm {
    /// Which one; None makes a new one, who is invited.
    pub id: Option<UserId>,
    /// Sign-in name; that of an existing user stays.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// Role.
    pub role: RoleId,
    /// PBX; None for all.
    pub pbx: Option<PbxId>,
    /// Extensions as typed: numbers with commas or spaces between, the first one first. One on another PBX than the
    /// user's (or, for a user of all, than the only one) is written `name of the PBX/number`.
    pub extensions: String,
    /// Teams.
    pub teams: Vec<TeamId>,
}

/// A one-time link by which somebody chooses a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// For whom.
    pub user: UserId,
    /// The link; only its hash is kept.
    pub link: String,
    /// Until when it can be used, Unix milliseconds.
    pub expires_ms: u64,
}

/// What the page behind such a link shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// Sign-in name.
    pub username: String,
    /// Name shown.
    pub display_name: String,
}

/// A team as typed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamForm {
    /// Which one; None makes a new one.
    pub id: Option<TeamId>,
    /// Name.
    pub name: String,
    /// Who is in it.
    pub members: Vec<UserId>,
    /// The queues it serves.
    pub queues: Vec<QueueOn>,
}

/// A role as ticked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleForm {
    /// Which one; None makes a new one.
    pub id: Option<RoleId>,
    /// Name.
    pub name: String,
    /// What it may do.
    pub abilities: Abilities,
}

/// What a line of an import comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportOutcome {
    /// Somebody new, who is invited: as what, in words.
    Add(String),
    /// Somebody known, who changes: what, in words.
    Change(String),
    /// Somebody known, who stays as they are.
    Same,
    /// It cannot be read or done: why.
    Problem(String),
}

/// A line of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLine {
    /// Its number in the file, from 1.
    pub line: u32,
    /// Sign-in name.
    pub username: String,
    /// What it comes to.
    pub outcome: ImportOutcome,
    /// The one-time link of somebody new; after it was done.
    pub link: Option<String>,
}

/// An import, tried or done. It is done whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Line by line.
    pub lines: Vec<ImportLine>,
    /// Whether it was done.
    pub done: bool,
}
