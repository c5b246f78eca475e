//! A message that only one browser can read (RFC 8291, in one record of RFC 8188's aes128gcm).

use aes_gcm::{Aes128Gcm, KeyInit, Nonce, aead::Aead};
use anyhow::{Result, anyhow, ensure};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey};
use rand::Rng;
use sha2::Sha256;

use super::vapid;

/// An uncompressed point of P-256.
pub(super) const KEY_BYTES: usize = 65;
/// The secret that a browser adds to its key.
pub(super) const AUTH_BYTES: usize = 16;
/// One record holds everything: push services take 4096 bytes.
const RECORD_BYTES: u32 = 4096;
/// What head and seal leave of them.
const MAX_TEXT_BYTES: usize = 3_900;
const SALT_BYTES: usize = 16;
const CIPHER_KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
/// Ends the text of the last record.
const LAST_RECORD: u8 = 2;

/// Seals a text for the browser with this public key and secret.
pub(super) fn seal(text: &[u8], p256dh: &[u8], auth: &[u8]) -> Result<Vec<u8>> {
    let mut salt = [0; SALT_BYTES];
    rand::rng().fill_bytes(&mut salt);
    seal_with(text, p256dh, auth, &vapid::fresh(), &salt)
}

/// Whether these can be a browser's.
pub(super) fn is_key(p256dh: &[u8]) -> bool {
    p256dh.len() == KEY_BYTES && PublicKey::from_sec1_bytes(p256dh).is_ok()
}

fn seal_with(
    text: &[u8],
    p256dh: &[u8],
    auth: &[u8],
    own: &SecretKey,
    salt: &[u8; SALT_BYTES],
) -> Result<Vec<u8>> {
    ensure!(text.len() <= MAX_TEXT_BYTES, "a message is too long for web push");
    let theirs = PublicKey::from_sec1_bytes(p256dh).map_err(|_| anyhow!("a browser's key is none"))?;
    let public = own.public_key().to_sec1_bytes();
    let shared = own.diffie_hellman(&theirs);
    let mut secret = [0; 32];
    let about = [b"WebPush: info\0", p256dh, &public].concat();
    expand(auth, shared.raw_secret_bytes(), &about, &mut secret)?;
    let (mut key, mut nonce) = ([0; CIPHER_KEY_BYTES], [0; NONCE_BYTES]);
    expand(salt, &secret, b"Content-Encoding: aes128gcm\0", &mut key)?;
    expand(salt, &secret, b"Content-Encoding: nonce\0", &mut nonce)?;
    let cipher = Aes128Gcm::new_from_slice(&key).map_err(|_| anyhow!("a key has a wrong length"))?;
    let record = [text, &[LAST_RECORD]].concat();
    let sealed = cipher.encrypt(&Nonce::from(nonce), &record[..]);
    let sealed = sealed.map_err(|_| anyhow!("a message could not be sealed"))?;
    let key_bytes = u8::try_from(public.len())?;
    Ok([
        &salt[..],
        &RECORD_BYTES.to_be_bytes(),
        &[key_bytes],
        &public,
        &sealed,
    ]
    .concat())
}

fn expand(salt: &[u8], secret: &[u8], about: &[u8], into: &mut [u8]) -> Result<()> {
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(about, into)
        .map_err(|_| anyhow!("a key is too long"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn a_message_is_sealed_as_the_standard_shows_it() {
        let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt: [u8; SALT_BYTES] = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let sealed = seal_with(
            b"When I grow up, I want to be a watermelon",
            &bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
            &own,
            &salt,
        )
        .unwrap();
        let shown = concat!(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml",
            "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT",
            "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(sealed), shown);
    }

    #[test]
    fn no_two_messages_look_the_same_and_none_is_too_long_for_a_push_service() {
        let key = vapid::fresh().public_key().to_sec1_bytes();
        let text = [b'x'; MAX_TEXT_BYTES];
        let sealed = seal(&text, &key, &[7; AUTH_BYTES]).unwrap();
        assert!(sealed.len() <= 4096);
        assert_ne!(sealed, seal(&text, &key, &[7; AUTH_BYTES]).unwrap());
        assert!(seal(&[b'x'; MAX_TEXT_BYTES + 1], &key, &[7; AUTH_BYTES]).is_err());
        assert!(is_key(&key) && !is_key(&key[1..]) && !is_key(&[4; KEY_BYTES]));
    }
}
