//! The chain: what the hash of a row covers, and with which key it is made.
//!
//! A hash is HMAC-SHA-256 under a key of the trail's own, over the hash of the row before and every column of this one.
//! A plain SHA-256 would prove less: whoever can write the database file could change a row and compute the rest of the
//! chain anew. The trail's key is random and lies in the database sealed by the key file, so that the file alone is not
//! enough to continue the chain; and because it is no key of the seal itself, rotating the seal's key leaves the old
//! rows verifiable. The price is that verifying needs the key file as well.

use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::store::{Head, Line};

/// Bytes of a hash and of a key.
pub const HASH_BYTES: usize = 32;
/// What the first row is chained to.
pub const NOTHING_BEFORE: Hash = [0; HASH_BYTES];

/// A link of the chain.
pub type Hash = [u8; HASH_BYTES];

/// A key of the chain.
#[derive(Clone)]
pub struct ChainKey(Zeroizing<[u8; HASH_BYTES]>);

impl std::fmt::Debug for ChainKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ChainKey")
    }
}

impl ChainKey {
    /// A new one.
    pub fn random() -> Self {
        let mut key = Zeroizing::new([0; HASH_BYTES]);
        rand::rng().fill_bytes(&mut key[..]);
        Self(key)
    }

    /// As it is sealed.
    pub fn secret(&self) -> SecretString {
        SecretString::from(app::browser::hex(&self.0[..]))
    }

    /// From what was sealed.
    pub fn read(secret: &SecretString) -> Option<Self> {
        let digits = secret.expose_secret().as_bytes();
        if digits.len() != 2 * HASH_BYTES {
            return None;
        }
        let mut key = Zeroizing::new([0; HASH_BYTES]);
        for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(key))
    }

    /// The hash of a row.
    pub fn row(&self, before: &[u8], line: &Line) -> Hash {
        self.hash("starboard audit row", &[before, &encode(line)])
    }

    /// What seals both ends of the trail.
    pub fn head(&self, head: &Head) -> Hash {
        let first_id = head.first_id.to_be_bytes();
        let last_id = head.last_id.to_be_bytes();
        let key_id = head.key_id.to_be_bytes();
        self.hash(
            "starboard audit head",
            &[&first_id, &head.before_hash, &last_id, &head.last_hash, &key_id],
        )
    }

    /// Whether a hash is the one that it should be, in constant time.
    pub fn fits(wanted: &Hash, found: &[u8]) -> bool {
        bool::from(wanted[..].ct_eq(found))
    }

    /// Every part with its length before it, and what they are for.
    fn hash(&self, purpose: &str, parts: &[&[u8]]) -> Hash {
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0[..]) else {
            // HMAC takes a key of any length
            return NOTHING_BEFORE;
        };
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Every column of a row but its hash, so that no two different rows look the same: numbers have eight bytes, texts their
/// length before them, and what may be missing a byte that says whether it is there. The first byte is the version of
/// this encoding.
pub fn encode(line: &Line) -> Vec<u8> {
    let Line {
        id,
        at_ms,
        act_id,
        actor_id,
        actor,
        address,
        action,
        object,
        detail,
        outcome,
        key_id,
        hash: _,
    } = line;
    let texts = [actor, address, action, object, detail, outcome];
    let mut bytes = Vec::with_capacity(64 + texts.iter().map(|text| text.len() + 8).sum::<usize>());
    bytes.push(1);
    for number in [id, at_ms, key_id] {
        bytes.extend(number.to_be_bytes());
    }
    for number in [act_id, actor_id] {
        bytes.push(u8::from(number.is_some()));
        bytes.extend(number.unwrap_or_default().to_be_bytes());
    }
    for text in texts {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes apart what [`encode`] put together: what can be read back in one way only is no other row's encoding.
    fn decode(bytes: &[u8]) -> Line {
        let mut rest = bytes;
        let mut take = |count: usize| {
            let (part, after) = rest.split_at(count);
            rest = after;
            part.to_vec()
        };
        assert_eq!(take(1), [1]);
        let number = |bytes: Vec<u8>| i64::from_be_bytes(bytes.try_into().unwrap());
        let [id, at_ms, key_id] = std::array::from_fn(|_| number(take(8)));
        let [act_id, actor_id] = std::array::from_fn(|_| {
            let there = take(1) == [1];
            let number = number(take(8));
            there.then_some(number)
        });
        let [actor, address, action, object, detail, outcome] = std::array::from_fn(|_| {
            let length = number(take(8));
            String::from_utf8(take(usize::try_from(length).unwrap())).unwrap()
        });
        assert!(rest.is_empty());
        Line {
            id,
            at_ms,
            act_id,
            actor_id,
            actor,
            address,
            action,
            object,
            detail,
            outcome,
            key_id,
            hash: Vec::new(),
        }
    }

    prop_compose! {
        fn lines()(
            numbers in any::<[i64; 3]>(),
            missing in any::<[Option<i64>; 2]>(),
            // few letters and many empty texts: what one column loses another may win
            texts in prop::array::uniform6("[ab\u{0}\u{1}]{0,3}|.{0,20}"),
        ) -> Line {
            let [actor, address, action, object, detail, outcome] = texts;
            Line {
                id: numbers[0], at_ms: numbers[1], act_id: missing[0], actor_id: missing[1], actor, address, action, object,
                detail, outcome, key_id: numbers[2], hash: Vec::new(),
            }
        }
    }

    proptest! {
        #[test]
        fn a_row_can_be_read_back_from_its_encoding_so_no_two_rows_share_one(line in lines()) {
            prop_assert_eq!(decode(&encode(&line)), line);
        }

        #[test]
        fn different_rows_have_different_encodings(one in lines(), other in lines()) {
            prop_assert_eq!(encode(&one) == encode(&other), one == other);
        }
    }

    #[test]
    fn a_key_comes_back_from_its_secret_and_another_key_makes_another_hash() {
        let line = decode(&encode(&Line::default()));
        let (key, other) = (ChainKey::random(), ChainKey::random());
        let again = ChainKey::read(&key.secret()).unwrap();
        let hash = key.row(&NOTHING_BEFORE, &line);
        assert_eq!(again.row(&NOTHING_BEFORE, &line), hash);
        assert_ne!(other.row(&NOTHING_BEFORE, &line), hash);
        assert_ne!(key.row(&hash, &line), hash);
        assert!(ChainKey::read(&SecretString::from("00".to_owned())).is_none());
    }
}
