//! How far an ability reaches, and how far each ability of a role does.

use serde::{Deserialize, Serialize};

use super::ability::{ABILITIES, Ability};

/// Number of abilities.
pub(super) const COUNT: usize = 37;

/// How far an ability reaches. Each includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reach {
    /// Not at all.
    #[default]
    Nothing,
    /// The person's own: their extensions and the calls on them, the queues they serve, their own account.
    Own,
    /// Their teams': the members' extensions, and the teams' queues.
    Teams,
    /// Everything of the PBX the person belongs to.
    Pbx,
    /// Everything.
    All,
}

impl Reach {
    /// From the least to the most.
    pub const EVERY: [Reach; 5] = [Reach::Nothing, Reach::Own, Reach::Teams, Reach::Pbx, Reach::All];

    /// The word in forms, files and the database.
    pub fn slug(self) -> &'static str {
        match self {
            Reach::Nothing => "nothing",
            Reach::Own => "own",
            Reach::Teams => "teams",
            Reach::Pbx => "pbx",
            Reach::All => "all",
        }
    }

    /// The reach of a word.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|reach| reach.slug() == slug)
    }

    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Reach::Nothing => "No",
            Reach::Own => "Own",
            Reach::Teams => "Teams",
            Reach::Pbx => "PBX",
            Reach::All => "All",
        }
    }
}

/// The roles that are always there. Others are made from their abilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// Everything.
    Admin,
    /// Runs teams and their queues.
    Supervisor,
    /// Answers calls.
    Agent,
    /// Looks and touches nothing.
    Viewer,
}

impl BuiltIn {
    /// From the most to the least.
    pub const EVERY: [BuiltIn; 4] = [
        BuiltIn::Admin,
        BuiltIn::Supervisor,
        BuiltIn::Agent,
        BuiltIn::Viewer,
    ];

    /// The word in the database and on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            BuiltIn::Admin => "admin",
            BuiltIn::Supervisor => "supervisor",
            BuiltIn::Agent => "agent",
            BuiltIn::Viewer => "viewer",
        }
    }

    /// The name people read.
    pub fn name(self) -> &'static str {
        match self {
            BuiltIn::Admin => "Administrator",
            BuiltIn::Supervisor => "Supervisor",
            BuiltIn::Agent => "Agent",
            BuiltIn::Viewer => "Viewer",
        }
    }

    /// What it may do, by the table.
    pub fn abilities(self) -> Abilities {
        let mut abilities = Abilities::none();
        for info in &ABILITIES {
            abilities.set(info.ability, info.built_in[self as usize]);
        }
        abilities
    }
}

/// How far each ability of a role reaches: half a byte for each, so that a page has little to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
// as text: reading an array of bytes would be a function of its own in what the browser loads first
#[serde(from = "String", into = "String")]
pub struct Abilities([u8; COUNT.div_ceil(2)]);

impl Abilities {
    /// Nothing at all.
    pub fn none() -> Self {
        Self([0; COUNT.div_ceil(2)])
    }

    /// How far one reaches.
    pub fn reach(&self, ability: Ability) -> Reach {
        let (at, shift) = place(ability);
        let half = self.0[at] >> shift & 0b1111;
        // what no reach stands for reaches nothing
        Reach::EVERY.get(usize::from(half)).copied().unwrap_or_default()
    }

    /// Changes one.
    pub fn set(&mut self, ability: Ability, reach: Reach) {
        let (at, shift) = place(ability);
        self.0[at] = self.0[at] & !(0b1111 << shift) | (reach as u8) << shift;
    }

    /// Whether nothing in `other` reaches further: who has these may give those.
    pub fn cover(&self, other: &Abilities) -> bool {
        ABILITIES
            .iter()
            .all(|info| self.reach(info.ability) >= other.reach(info.ability))
    }

    /// Whether somebody with them administers anything: shorter sessions, a second factor.
    pub fn administer(&self) -> bool {
        ABILITIES
            .iter()
            .any(|info| info.group == super::Group::Administration && self.reach(info.ability) > Reach::Own)
    }
}

/// From a digit for each; what is missing reaches nothing.
impl From<String> for Abilities {
    fn from(digits: String) -> Self {
        let mut abilities = Self::none();
        for (at, digit) in digits.bytes().take(COUNT).enumerate() {
            abilities.0[at / 2] |= (digit & 0b1111) << (at % 2 * 4);
        }
        abilities
    }
}

impl From<Abilities> for String {
    fn from(Abilities(halves): Abilities) -> Self {
        let half = |at: usize| halves[at / 2] >> (at % 2 * 4) & 0b1111;
        (0..COUNT).map(|at| char::from(b'0' + half(at))).collect()
    }
}

/// The byte of an ability and the half of it.
fn place(ability: Ability) -> (usize, u8) {
    (ability as usize / 2, ability as u8 % 2 * 4)
}
