//! Screens that show a code and wait for somebody to approve it. They are kept in memory: after a restart a screen asks
//! for another code. Strangers make these, so there are few of them, fewer from one place, and each is forgotten soon.

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rand::RngExt;
use secrecy::SecretString;

use super::token;

/// How long a code is good.
pub const GOOD_FOR: Duration = Duration::from_secs(10 * 60);
/// Codes at once, and of one place.
const MAX_PENDING: usize = 500;
const MAX_OF_SOURCE: usize = 10;
/// Letters of a code: none that looks like another one from afar.
const LETTERS: &[u8; 25] = b"ACDEFGHJKMNPQRTUVWXY34679";
/// 25^8 is more than 2^37.
const LENGTH: usize = 8;

/// The screens that wait.
#[derive(Debug, Default)]
pub struct Pairings {
    pending: Mutex<Vec<Pending>>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// SHA-256 of the token that it has got and that is worth nothing yet.
    pub token_hash: [u8; 32],
    /// Where it is.
    pub address: IpAddr,
    code: String,
    until: Instant,
}

/// A code and how long it is good.
pub type Code = (String, Duration);

impl Pairings {
    fn pending(&self, now: Instant) -> MutexGuard<'_, Vec<Pending>> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|one| one.until > now);
        pending
    }

    /// A code for a screen and the token that it keeps, or the seconds after which it may ask again.
    pub fn begin(&self, address: IpAddr, now: Instant) -> Result<(Code, SecretString), u64> {
        let mut pending = self.pending(now);
        let source = token::network(address);
        let theirs = pending.iter().filter(|one| token::network(one.address) == source);
        let theirs: Vec<Instant> = theirs.map(|one| one.until).collect();
        let first = match theirs.len() >= MAX_OF_SOURCE {
            true => theirs.into_iter().min(),
            false if pending.len() >= MAX_PENDING => pending.iter().map(|one| one.until).min(),
            false => None,
        };
        if let Some(until) = first {
            return Err(until.saturating_duration_since(now).as_secs() + 1);
        }
        let made = token::make();
        let code = loop {
            let code = code();
            if pending.iter().all(|one| one.code != code) {
                break code;
            }
        };
        pending.push(Pending {
            token_hash: made.hash,
            address,
            code: code.clone(),
            until: now + GOOD_FOR,
        });
        Ok(((code, GOOD_FOR), made.token))
    }

    /// The code of the screen that has this token.
    pub fn code_of(&self, token_hash: &[u8; 32], now: Instant) -> Option<Code> {
        let pending = self.pending(now);
        let found = pending.iter().find(|one| one.token_hash == *token_hash)?;
        Some((found.code.clone(), found.until.saturating_duration_since(now)))
    }

    /// Takes the screen that shows a code: nobody else can from then on.
    pub fn take(&self, typed: &str, now: Instant) -> Option<Pending> {
        let typed: String = typed
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric())
            .map(|letter| letter.to_ascii_uppercase())
            .take(LENGTH + 1)
            .collect();
        let mut pending = self.pending(now);
        let found = pending.iter().position(|one| one.code == typed)?;
        Some(pending.swap_remove(found))
    }

    /// It was not approved after all: its code is good as long as it was.
    pub fn give_back(&self, taken: Pending) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() < MAX_PENDING {
            pending.push(taken);
        }
    }
}

fn code() -> String {
    let mut source = rand::rng();
    let letters = std::iter::repeat_with(|| char::from(LETTERS[source.random_range(..LETTERS.len())]));
    letters.take(LENGTH).collect()
}

/// As it is shown: `ABCD-EFGH`.
pub fn shown(code: &str) -> String {
    let (first, second) = code.split_at_checked(LENGTH / 2).unwrap_or((code, ""));
    format!("{first}-{second}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HALL: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn a_code_is_taken_once_however_it_is_typed() {
        let pairings = Pairings::default();
        let now = Instant::now();
        let ((code, _), token) = pairings.begin(HALL, now).unwrap();
        let hash = token::read(&token).unwrap();
        assert_eq!(pairings.code_of(&hash, now), Some((code.clone(), GOOD_FOR)));
        let typed = format!(" {} ", shown(&code).to_lowercase());
        let taken = pairings.take(&typed, now).unwrap();
        assert_eq!((taken.token_hash, taken.address), (hash, HALL));
        assert_eq!(pairings.take(&code, now), None);
        pairings.give_back(taken);
        assert!(pairings.take(&code, now).is_some());
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_and_no_other_is() {
        let pairings = Pairings::default();
        let now = Instant::now();
        let ((code, _), _) = pairings.begin(HALL, now).unwrap();
        for wrong in ["", "AAAA", &code[..7], &format!("{code}A"), "ééééé"] {
            assert_eq!(pairings.take(wrong, now), None, "{wrong}");
        }
        assert_eq!(pairings.take(&code, now + GOOD_FOR), None);
    }

    #[test]
    fn one_place_gets_ten_codes_and_all_together_a_bounded_number() {
        let pairings = Pairings::default();
        let now = Instant::now();
        for _ in 0..MAX_OF_SOURCE {
            assert!(pairings.begin(HALL, now).is_ok());
        }
        assert_eq!(pairings.begin(HALL, now).unwrap_err(), 601);
        for other in 0..2_000_u32 {
            let source = IpAddr::V4(Ipv4Addr::from_bits(other));
            if pairings.begin(source, now).is_err() {
                break;
            }
        }
        assert_eq!(pairings.pending(now).len(), MAX_PENDING);
        assert!(pairings.begin(HALL, now + GOOD_FOR).is_ok());
    }

    #[test]
    fn a_code_has_no_letters_that_look_alike() {
        let alike = "0O1ILS5Z2B8";
        assert!(LETTERS.iter().all(|letter| !alike.contains(char::from(*letter))));
        assert_eq!(shown("ACDEFGHJ"), "ACDE-FGHJ");
    }
}
