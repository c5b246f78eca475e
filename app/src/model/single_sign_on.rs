//! What the sign-in page says of providers that vouch for people.

use serde::{Deserialize, Serialize};

/// Why a sign-in by a provider came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// The provider does not answer.
    Unreachable,
    /// The provider sent somebody back without a sign-in.
    Declined,
    /// It took too long, or was begun in another browser.
    Stale,
    /// What the provider said is not to be believed.
    Untrusted,
    /// None of their groups has a role here.
    NoRole,
    /// Their user name belongs to somebody else here.
    NameTaken,
    /// Their user name cannot be one here.
    NameUnfit,
    /// They are disabled here.
    Disabled,
    /// Not from this network.
    Network,
    /// Too many tries.
    TooMany,
    /// Starboard itself cannot now.
    Failed,
}

impl Trouble {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Unreachable,
        Self::Declined,
        Self::Stale,
        Self::Untrusted,
        Self::NoRole,
        Self::NameTaken,
        Self::NameUnfit,
        Self::Disabled,
        Self::Network,
        Self::TooMany,
        Self::Failed,
    ];

    /// Its word in an address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Declined => "declined",
            Self::Stale => "stale",
            Self::Untrusted => "untrusted",
            Self::NoRole => "no-role",
            Self::NameTaken => "name-taken",
            Self::NameUnfit => "name-unfit",
            Self::Disabled => "disabled",
            Self::Network => "network",
            Self::TooMany => "too-many",
            Self::Failed => "failed",
        }
    }

    /// The one with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What to say, and what to do next.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "The sign-in service does not answer. Try again soon, or sign in with a password."
            }
            Self::Declined => {
                "The sign-in service did not sign you in. Try again, or ask whoever looks after it."
            }
            Self::Stale => "This sign-in took too long, or was begun in another window. Begin it again.",
            Self::Untrusted => {
                "What the sign-in service said could not be verified, so you are not signed in. An administrator finds why in Starboard's log."
            }
            Self::NoRole => {
                "You are known, but none of your groups has a role in Starboard. Ask an administrator for one."
            }
            Self::NameTaken => {
                "Your user name belongs to another account here. An administrator can link that account to you."
            }
            Self::NameUnfit => {
                "You came without a user name that can be used here. An administrator can choose where it comes from."
            }
            Self::Disabled => "Your account here is disabled. Ask an administrator.",
            Self::Network => "You cannot sign in from this network. Ask an administrator from where you can.",
            Self::TooMany => "Too many sign-ins from here came to nothing. Try again in a minute.",
            Self::Failed => "Starboard cannot sign you in now. Try again soon.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Trouble;

    #[test]
    fn every_word_leads_back() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::of(trouble.word()), Some(trouble));
        }
        assert_eq!(Trouble::of("<script>"), None);
    }
}
