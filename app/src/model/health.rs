//! How the system itself does: what is looked at, and why something is not well.

use serde::{Deserialize, Serialize};

/// How a part does. The worse is the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Sign {
    /// As it should be.
    #[default]
    Well,
    /// It goes on, and somebody should look at it.
    Strained,
    /// It does not work.
    Broken,
}

impl Sign {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Sign::Well => "Good",
            Sign::Strained => "Look at it",
            Sign::Broken => "Broken",
        }
    }

    /// For styles.
    pub const fn slug(self) -> &'static str {
        match self {
            Sign::Well => "well",
            Sign::Strained => "strained",
            Sign::Broken => "broken",
        }
    }

    /// Its shape.
    pub const fn icon(self) -> &'static str {
        match self {
            Sign::Well => "circle-check",
            Sign::Strained => "triangle-alert",
            Sign::Broken => "circle-x",
        }
    }
}

/// Something that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub name: String,
    /// How it does,
    pub sign: Sign,
    /// and what that means: a sentence, with the reason where it is not well.
    pub says: String,
    /// Where more is told or something can be done.
    pub more: Option<String>,
}

/// Everything that is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The parts, in their order.
    pub parts: Vec<Part>,
}

impl Health {
    /// The worst of all.
    pub fn sign(&self) -> Sign {
        self.parts.iter().map(|part| part.sign).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, Part, Sign};

    #[test]
    fn one_broken_part_is_what_is_said_first() {
        let part = |sign| Part {
            name: String::new(),
            sign,
            says: String::new(),
            more: None,
        };
        let health = Health {
            parts: vec![part(Sign::Well), part(Sign::Broken), part(Sign::Strained)],
        };
        assert_eq!(
            (health.sign(), Health::default().sign()),
            (Sign::Broken, Sign::Well)
        );
    }
}
