//! Tokens: `sb_`, 43 random letters and digits (256 bits), and a checksum of six, so that a scanner recognises one and a
//! slip of the pen is told from a wrong one. Only the SHA-256 is kept.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// How every token begins.
pub const PREFIX: &str = "sb_";
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random letters: 62^43 is more than 2^256.
const RANDOM: usize = 43;
/// Letters of the checksum: 62^6 is more than 2^32.
const CHECK: usize = 6;
/// Letters that lists show, to recognise a token by.
const HINT: usize = PREFIX.len() + 4;

/// A token in the hand of its maker.
#[derive(Debug)]
pub struct Made {
    /// The whole of it.
    pub token: SecretString,
    /// What is kept of it.
    pub hash: [u8; 32],
    /// How it begins.
    pub hint: String,
}

/// Makes one.
pub fn make() -> Made {
    let mut source = rand::rng();
    let letters = std::iter::repeat_with(|| char::from(LETTERS[source.random_range(..LETTERS.len())]));
    let random: String = letters.take(RANDOM).collect();
    let token = format!("{PREFIX}{random}{}", checksum(&random));
    Made {
        hash: hash(&token),
        hint: token.chars().take(HINT).collect(),
        token: SecretString::from(token),
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// CRC-32 of the random part, most significant letter first.
fn checksum(random: &str) -> String {
    let mut rest = crc32fast::hash(random.as_bytes()) as usize;
    let mut letters = [LETTERS[0]; CHECK];
    for letter in letters.iter_mut().rev() {
        *letter = LETTERS[rest % LETTERS.len()];
        rest /= LETTERS.len();
    }
    letters.map(char::from).iter().collect()
}

/// The hash of what looks like a token; None for what cannot be one.
pub fn read(text: &SecretString) -> Option<[u8; 32]> {
    let text = text.expose_secret();
    let (random, check) = text.strip_prefix(PREFIX)?.split_at_checked(RANDOM)?;
    let fits = random.bytes().all(|letter| LETTERS.contains(&letter)) && check == checksum(random);
    fits.then(|| hash(text))
}

/// Whether a token with these networks may be used from an address.
pub fn may_come_from(networks: &[IpNet], address: IpAddr) -> bool {
    networks.is_empty() || networks.iter().any(|network| network.contains(&address))
}

/// What counts as one place: an IPv4 address, or the /64 that one home or office has.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_and_a_slip_of_the_pen_is_none() {
        let made = make();
        let token = made.token.expose_secret().to_owned();
        assert_eq!(token.len(), 52);
        assert!(token.starts_with(&made.hint) && made.hint.len() == 7);
        assert_eq!(read(&made.token), Some(made.hash));
        for at in 0..token.len() {
            let mut wrong = token.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = SecretString::from(String::from_utf8(wrong).unwrap());
            assert_eq!(read(&wrong), None, "{at}");
        }
        for wrong in ["", "sb_", "sb_é", &token[..51], &format!("{token}0")] {
            assert_eq!(read(&SecretString::from(wrong.to_owned())), None, "{wrong}");
        }
        assert_ne!(make().hash, made.hash);
    }

    #[test]
    fn the_checksum_is_the_documented_one() {
        // CRC-32 of "123456789" is 0xcbf43926 = 3421780262, in base 62
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn no_networks_are_everywhere_and_some_are_only_those() {
        let office: Vec<IpNet> = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        let from = |address: &str| may_come_from(&office, address.parse().unwrap());
        assert!(from("192.0.2.9") && from("2001:db8::9"));
        assert!(!from("192.0.3.9") && !from("2001:db9::9") && !from("127.0.0.1"));
        assert!(may_come_from(&[], "127.0.0.1".parse().unwrap()));
        assert_eq!(
            network("2001:db8::1:2:3:4".parse().unwrap()).to_string(),
            "2001:db8::"
        );
    }
}
