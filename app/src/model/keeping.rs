//! For how long recordings are kept, and the removal of what was kept for long enough.

use serde::{Deserialize, Serialize};

use super::{PbxId, people::TeamId};

/// Days that can be set at most: a hundred years.
pub const MAX_DAYS: u32 = 36_500;

/// Whose recordings a policy is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Whose {
    /// Every other call of a PBX,
    Pbx(PbxId),
    /// the calls of one of its queues,
    Queue(PbxId, String),
    /// calls that somebody of a team was on.
    Team(TeamId),
}

impl Whose {
    /// Its word in forms.
    pub fn word(&self) -> String {
        match self {
            Whose::Pbx(pbx) => format!("pbx:{}", pbx.0),
            Whose::Queue(pbx, queue) => format!("queue:{}:{queue}", pbx.0),
            Whose::Team(team) => format!("team:{}", team.0),
        }
    }

    /// Reads such a word.
    pub fn of_word(word: &str) -> Option<Self> {
        let (kind, rest) = word.split_once(':')?;
        match kind {
            "pbx" => Some(Whose::Pbx(PbxId(rest.parse().ok()?))),
            "team" => Some(Whose::Team(TeamId(rest.parse().ok()?))),
            "queue" => {
                let (pbx, queue) = rest.split_once(':')?;
                let queue = Some(queue).filter(|queue| !queue.is_empty())?;
                Some(Whose::Queue(PbxId(pbx.parse().ok()?), queue.to_owned()))
            }
            _ => None,
        }
    }
}

/// Something that recordings can be kept by, with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Whose.
    pub whose: Whose,
    /// In words.
    pub name: String,
}

/// What is due at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Files that would be removed,
    pub files: u64,
    /// how large they are,
    pub bytes: u64,
    /// and how many are due and held.
    pub held: u64,
    /// The moment, in milliseconds.
    pub at_ms: u64,
}

/// When what is due is removed without anybody asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nightly {
    /// Minutes after midnight,
    pub at_minute: u16,
    /// in the zone of this IANA name.
    pub zone: String,
    /// The next time, in milliseconds.
    pub due_ms: u64,
}

/// A removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanUp {
    /// Its number.
    pub id: i64,
    /// Who had it done.
    pub by: String,
    /// When it began,
    pub began_ms: u64,
    /// and when nothing of it was left.
    pub done_ms: Option<u64>,
    /// Recordings that were marked to go,
    pub marked: u64,
    /// how large they were,
    pub bytes: u64,
    /// and how many were due and held.
    pub held: u64,
    /// Files that are gone.
    pub removed: u64,
    /// Another file lay in their place, and was left.
    pub spared: u64,
    /// What keeps it from its end.
    pub left: String,
}

/// The page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    /// For how many days, of whom.
    pub kept: Vec<(Named, u32)>,
    /// Of whom something can be set.
    pub choices: Vec<Named>,
    /// What is due now.
    pub due: Due,
    /// When it is removed by itself; None for never.
    pub nightly: Option<Nightly>,
    /// Removals, the latest first.
    pub clean_ups: Vec<CleanUp>,
}

/// Bytes, as people say them.
pub fn size(bytes: u64) -> String {
    let units = [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
    ];
    let unit = units.iter().find(|(_, unit)| bytes >= *unit);
    let Some((word, unit)) = unit else {
        return format!("{} kB", bytes.div_ceil(1_000));
    };
    let tenths = bytes / (unit / 10);
    format!("{}.{} {word}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_form_means_what_it_was_made_from_and_others_mean_nothing() {
        for whose in [
            Whose::Pbx(PbxId(3)),
            Whose::Queue(PbxId(3), "sales: east".into()),
            Whose::Team(TeamId(4)),
        ] {
            assert_eq!(Whose::of_word(&whose.word()), Some(whose));
        }
        for none in [
            "", "pbx", "pbx:", "pbx:x", "queue:1", "queue:1:", "team:1:2", "user:1",
        ] {
            assert_eq!(Whose::of_word(none), None, "{none}");
        }
    }
}
