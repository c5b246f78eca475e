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

/// Whether an address is that of a call's pane: the list of calls that are over has no second part.
pub fn is_call(path: &str) -> bool {
    path.strip_prefix("/calls/")
        .is_some_and(|rest| rest.contains('/'))
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

/// The longest address that is remembered across a sign-in.
const MAX_WAY_BACK_BYTES: usize = 512;
/// Addresses that are no place to come back to.
const NO_PLACES: [&str; 5] = ["/sign-in", "/setup", "/live", "/api", "/oidc"];

/// Where to go after a sign-in: a page of ours, and no text that any browser or proxy takes for another
/// site.
pub fn way_back(wanted: &str) -> Option<&str> {
    let path = wanted.split(['?', '#']).next()?;
    let first = path.strip_prefix('/')?.to_ascii_lowercase();
    let odd = |byte: u8| !byte.is_ascii_graphic() || byte == b'\\';
    let foreign = ["/", ".", "%2f", "%5c", "%2e", "%0", "%1"]
        .iter()
        .any(|start| first.starts_with(start));
    let nowhere = NO_PLACES.iter().any(|place| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let stays = !first.is_empty() || path.len() < wanted.len();
    let good = stays && !foreign && !nowhere && !path.contains("//");
    (good && wanted.len() <= MAX_WAY_BACK_BYTES && !wanted.bytes().any(odd)).then_some(wanted)
}

/// The sign-in, which leads back to `wanted` where that is a page of ours.
pub fn sign_in(wanted: &str) -> String {
    match way_back(wanted) {
        Some(wanted) => format!("/sign-in?next={}", part(wanted)),
        None => "/sign-in".into(),
    }
}

/// Where a sign-in leads: to `wanted` where that is a page of ours, else to the switchboard.
pub fn way_in(wanted: &str) -> &str {
    way_back(wanted).unwrap_or("/")
}

/// A step of the sign-in, which leads to `wanted` in the end.
pub fn step(name: &str, wanted: &str) -> String {
    match way_back(wanted) {
        Some(wanted) => format!("/sign-in?step={name}&next={}", part(wanted)),
        None => format!("/sign-in?step={name}"),
    }
}

/// The way to a provider, by its place among them, which leads to `wanted` in the end.
pub fn provider(place: usize, wanted: &str) -> String {
    match way_back(wanted) {
        Some(wanted) => format!("/oidc/start?provider={place}&next={}", part(wanted)),
        None => format!("/oidc/start?provider={place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{call, dial, sign_in, way_back};

    #[test]
    fn the_way_back_is_a_page_of_ours() {
        for good in [
            "/me",
            "/extensions?q=a%20b",
            "/calls/1/17.1?state=ringing",
            "/?q=x",
            "/call?to=//x",
            "/a/..%2Fb",
        ] {
            assert_eq!(way_back(good), Some(good));
        }
        assert_eq!(sign_in("/extensions?q=a"), "/sign-in?next=%2Fextensions%3Fq%3Da");
    }

    #[test]
    fn the_way_back_never_leaves_this_site() {
        let long = format!("/{}", "x".repeat(512));
        for bad in [
            "",
            "/",
            "me",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%09/evil.example",
            "/.//evil.example",
            "/x//evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/me\r\nSet-Cookie: a=b",
            " /evil",
            "https://evil.example",
            "javascript:alert(1)",
            "/sign-in?next=/me",
            "/setup",
            "/api/sign_out",
            "/live",
            "/\u{202e}",
            &long,
        ] {
            assert_eq!(way_back(bad), None, "{bad:?}");
            assert_eq!(sign_in(bad), "/sign-in", "{bad:?}");
        }
    }

    #[test]
    fn nothing_in_an_id_can_leave_its_place() {
        assert_eq!(call(1, "1700000000.12", ""), "/calls/1/1700000000.12");
        assert_eq!(call(1, "../?a#b", "?q=x"), "/calls/1/..%2F%3Fa%23b?q=x");
        assert_eq!(dial("+49#1"), "/call?to=%2B49%231");
    }
}
