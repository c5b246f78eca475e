//! How values travel between server and page: the socket's encoding, written as text. The browser needs one
//! decoder for everything, the names in it still compress as text, and it can stand inside a page.

use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};

/// What is no plain letter stands this far away, where nothing has to be escaped in any script or page.
const ASIDE: u32 = 0x100;

/// The encoding of server functions.
pub struct Packed;

/// Packed arguments or answers in the body of a POST.
pub type PostPacked = Post<Packed>;

/// Writes a value.
pub fn pack<T: Serialize>(value: &T) -> Result<String, postcard::Error> {
    let bytes = postcard::to_stdvec(value)?;
    Ok(bytes.into_iter().map(character).collect())
}

/// Reads a value back.
pub fn unpack<T: DeserializeOwned>(text: &str) -> Result<T, postcard::Error> {
    let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
    postcard::from_bytes(&bytes.ok_or(postcard::Error::DeserializeBadEncoding)?)
}

fn character(byte: u8) -> char {
    let plain =
        matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'&' | b'\'' | b'<' | b'>' | b'\\' | b'`');
    if plain {
        char::from(byte)
    } else {
        char::from_u32(ASIDE + u32::from(byte)).unwrap_or_default()
    }
}

fn byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    u8::try_from(code.checked_sub(ASIDE).unwrap_or(code)).ok()
}

impl ContentType for Packed {
    const CONTENT_TYPE: &'static str = "text/plain; charset=utf-8";
}

impl FormatType for Packed {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Packed {
    type Error = postcard::Error;

    fn encode(value: &T) -> Result<leptos::server_fn::Bytes, Self::Error> {
        pack(value).map(Into::into)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Packed {
    type Error = postcard::Error;

    fn decode(bytes: leptos::server_fn::Bytes) -> Result<T, Self::Error> {
        let text = std::str::from_utf8(&bytes).map_err(|_| postcard::Error::DeserializeBadUtf8)?;
        unpack(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{pack, unpack};

    proptest! {
        #[test]
        fn whatever_is_packed_comes_back_and_needs_no_escape(text in any::<String>(), number in any::<u64>(), some in any::<Option<bool>>()) {
            let value = (text, number, some);
            let packed = pack(&value).unwrap_or_default();
            prop_assert!(!packed.contains(|letter: char| letter.is_control() || "\"&'<>\\`".contains(letter)));
            prop_assert_eq!(unpack(&packed).ok(), Some(value));
        }

        #[test]
        fn nothing_that_comes_breaks_the_reader(text in any::<String>()) {
            let _ = unpack::<(String, Vec<u64>)>(&text);
        }
    }
}
