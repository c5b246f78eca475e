//! Codes of an authenticator app, RFC 6238: six digits, 30 seconds, the present step alone, each step once.

use anyhow::{Result, anyhow};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Seconds of a step.
const STEP_S: u64 = 30;
/// Bytes of a secret: as many as SHA-1 gives.
const SECRET_BYTES: usize = 20;
/// The name under which an app keeps it.
const ISSUER: &str = "Starboard";
/// White around the picture, in its dots; scanners need four.
const QUIET_DOTS: i32 = 4;

/// What a typed code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The code of this step, which is now.
    Now(u64),
    /// It was good until a moment ago.
    JustOver,
    /// None.
    Wrong,
}

/// What is shown to somebody who sets an app up.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The secret, to be typed, in groups of four.
    pub text: String,
    /// The address that apps read.
    pub url: String,
    /// The address as a picture: its dots as the path of an SVG, and how many there are a side.
    pub picture: (String, i32),
}

/// A new secret, in base 32.
pub fn new_secret() -> SecretString {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    rand::rng().fill_bytes(&mut bytes[..]);
    SecretString::from(Secret::from(*bytes).to_base32())
}

/// What `code` is for this secret now.
pub fn check(secret: &SecretString, code: &str, now_ms: u64) -> Result<Code> {
    let totp = of(secret, "")?;
    let now_s = now_ms / 1000;
    if let Some(step) = totp.check(code, now_s) {
        return Ok(Code::Now(step));
    }
    let before = now_s
        .checked_sub(STEP_S)
        .and_then(|before_s| totp.check(code, before_s));
    Ok(if before.is_some() {
        Code::JustOver
    } else {
        Code::Wrong
    })
}

/// The secret as it is shown to its owner, once.
pub fn offer(secret: &SecretString, username: &str) -> Result<Offer> {
    let totp = of(secret, username)?;
    let url = totp.to_url().map_err(|error| anyhow!("{error}"))?;
    let text = secret.expose_secret().as_bytes().chunks(4);
    let text: Vec<String> = text
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    Ok(Offer {
        text: text.join(" "),
        picture: picture(&url)?,
        url,
    })
}

fn of(secret: &SecretString, username: &str) -> Result<Totp> {
    let secret = Secret::try_from_base32(secret.expose_secret()).map_err(|error| anyhow!("{error}"))?;
    Builder::new()
        .with_skew(0)
        .with_step_duration(STEP_S)
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(username)
        .build()
        .map_err(|error| anyhow!("{error}"))
}

/// A text as a QR code: the path of its dots, and how wide and high it is. Dots side by side are one bar.
pub fn picture(text: &str) -> Result<(String, i32)> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium)
        .map_err(|error| anyhow!("no picture of an address: {error}"))?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let begin = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                let (left, top, wide) = (begin + QUIET_DOTS, y + QUIET_DOTS, x - begin);
                path.push_str(&format!("M{left} {top}h{wide}v1h-{wide}z"));
            }
            x += 1;
        }
    }
    Ok((path, size + 2 * QUIET_DOTS))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// The secret of RFC 6238's examples: "12345678901234567890".
    fn example() -> SecretString {
        SecretString::from("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned())
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(
                check(&example(), code, second * 1000).unwrap(),
                Code::Now(second / 30)
            );
        }
    }

    #[test]
    fn a_code_is_good_for_its_own_half_minute_alone() {
        let code = "287082"; // of the seconds 30 to 59
        assert_eq!(check(&example(), code, 29_999).unwrap(), Code::Wrong);
        assert_eq!(check(&example(), code, 30_000).unwrap(), Code::Now(1));
        assert_eq!(check(&example(), code, 59_999).unwrap(), Code::Now(1));
        assert_eq!(check(&example(), code, 60_000).unwrap(), Code::JustOver);
        assert_eq!(check(&example(), code, 90_000).unwrap(), Code::Wrong);
        for odd in ["", "28708", "2870822", "28708x", "２８７０８２", "-87082"] {
            assert_eq!(check(&example(), odd, 59_000).unwrap(), Code::Wrong, "{odd}");
        }
    }

    #[test]
    fn a_new_secret_is_shown_as_text_address_and_picture() {
        let secret = new_secret();
        assert_ne!(secret.expose_secret(), new_secret().expose_secret());
        let offer = offer(&secret, "ada.b-c_1").unwrap();
        assert_eq!(offer.text.replace(' ', ""), secret.expose_secret());
        assert!(offer.url.starts_with("otpauth://totp/"), "{}", offer.url);
        assert!(offer.url.contains(secret.expose_secret()) && offer.url.contains("issuer=Starboard"));
        let (path, size) = offer.picture;
        assert!(
            size > 30 && path.starts_with('M') && path.len() < 20_000,
            "{}",
            path.len()
        );
    }
}
