//! Of whom a second factor is asked, and from when on.

use app::{
    access::{Abilities, Ability, Reach},
    model::sign_in::Standing,
};
use serde::Deserialize;

use crate::{access::throttle::Guess, store::SignInRecord};

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Of whom it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AskedOf {
    /// Of those who manage something or somebody: administrators, supervisors, and whoever has such an ability.
    #[default]
    Privileged,
    /// Of all.
    Everyone,
    /// Of nobody; everyone may.
    Optional,
}

/// The policy.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Of whom.
    pub asked_of: AskedOf,
    /// Days from the first sign-in under it in which the password is enough.
    pub grace_days: u64,
    /// For how long it is believed who somebody is, before something sensitive, in milliseconds.
    pub confirmed_ms: u64,
}

impl Policy {
    /// Whether this person has to have one.
    pub fn asks(&self, abilities: &Abilities) -> bool {
        match self.asked_of {
            AskedOf::Privileged => abilities.administer(),
            AskedOf::Everyone => true,
            AskedOf::Optional => false,
        }
    }

    /// How somebody stands with it now.
    pub fn standing(&self, abilities: &Abilities, record: &SignInRecord, now_ms: u64) -> Standing {
        if record.has_factor() || !self.asks(abilities) {
            return Standing::Free;
        }
        let since_ms = record.required_since_ms.unwrap_or(now_ms);
        let over_ms = since_ms.saturating_add(self.grace_days.saturating_mul(DAY_MS));
        match over_ms.saturating_sub(now_ms).div_ceil(DAY_MS) {
            0 => Standing::Due,
            days => Standing::Grace {
                days: u32::try_from(days).unwrap_or(u32::MAX),
            },
        }
    }
}

/// How guesses of what comes after the password are counted for this person: strictly where they manage people.
pub fn guess(abilities: &Abilities) -> Guess {
    Guess::Second {
        strict: abilities.reach(Ability::ManageUsers) > Reach::Nothing,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use app::access::BuiltIn;

    use super::*;

    const POLICY: Policy = Policy {
        asked_of: AskedOf::Privileged,
        grace_days: 7,
        confirmed_ms: 0,
    };

    fn since(required_since_ms: Option<u64>) -> SignInRecord {
        SignInRecord {
            required_since_ms,
            ..SignInRecord::default()
        }
    }

    #[test]
    fn the_days_of_grace_count_from_the_first_sign_in_and_then_are_over() {
        let standing = |now_ms| POLICY.standing(&BuiltIn::Admin.abilities(), &since(Some(5)), now_ms);
        assert_eq!(standing(5), Standing::Grace { days: 7 });
        assert_eq!(standing(5 + DAY_MS), Standing::Grace { days: 6 });
        assert_eq!(standing(4 + 7 * DAY_MS), Standing::Grace { days: 1 });
        assert_eq!(standing(5 + 7 * DAY_MS), Standing::Due);
        // before there is a first sign-in all of them are left
        assert_eq!(
            POLICY.standing(&BuiltIn::Supervisor.abilities(), &since(None), 9 * DAY_MS),
            Standing::Grace { days: 7 }
        );
    }

    #[test]
    fn nobody_is_asked_twice_nor_out_of_turn() {
        let has = SignInRecord {
            passkeys: 1,
            ..since(Some(0))
        };
        assert_eq!(
            POLICY.standing(&BuiltIn::Admin.abilities(), &has, 99 * DAY_MS),
            Standing::Free
        );
        for role in [BuiltIn::Agent.abilities(), BuiltIn::Viewer.abilities()] {
            assert_eq!(
                POLICY.standing(&role, &since(Some(0)), 99 * DAY_MS),
                Standing::Free
            );
            let everyone = Policy {
                asked_of: AskedOf::Everyone,
                grace_days: 0,
                confirmed_ms: 0,
            };
            assert_eq!(everyone.standing(&role, &since(None), 0), Standing::Due);
        }
        let optional = Policy {
            asked_of: AskedOf::Optional,
            ..POLICY
        };
        assert_eq!(
            optional.standing(&BuiltIn::Admin.abilities(), &since(Some(0)), 99 * DAY_MS),
            Standing::Free
        );
    }
}
