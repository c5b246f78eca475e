//! Addresses of our own pages.

use std::fmt::Write;

/// A part of an address: everything that could mean something else is escaped.
pub fn part(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// The address of a call's pane on a PBX; `search` is kept so that filters stay.
pub fn call(pbx: i64, id: &str, search: &str) -> String {
    with_search(&format!("/calls/{pbx}/{}", part(id)), search)
}

/// The address with the present search behind it.
pub fn with_search(path: &str, search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() {
        path.into()
    } else {
        format!("{path}?{search}")
    }
}

/// The address that offers to call a number.
pub fn dial(number: &str) -> String {
    format!("/call?to={}", part(number))
}

#[cfg(test)]
mod tests {
    use super::{call, dial};

    #[test]
    fn nothing_in_an_id_can_leave_its_place() {
        assert_eq!(call(1, "1700000000.12", ""), "/calls/1/1700000000.12");
        assert_eq!(call(1, "../?a#b", "?q=x"), "/calls/1/..%2F%3Fa%23b?q=x");
        assert_eq!(dial("+49#1"), "/call?to=%2B49%231");
    }
}
