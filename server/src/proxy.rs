//! Who really asks: the peer of the connection, or whom a proxy names that the configuration trusts.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, header},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::config::ProxyHeader;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// The most proxies a request can have come through.
const MAX_HOPS: usize = 32;

/// The one who asks, as far as it can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Where from.
    pub address: IpAddr,
    /// The scheme and host that the browser used, where a trusted proxy says so.
    pub origin: Option<String>,
}

/// The proxies that are believed.
#[derive(Clone, Debug)]
pub struct Proxies {
    trusted: Arc<[IpNet]>,
    header: ProxyHeader,
}

/// What one proxy said of the one before it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop {
    address: Option<IpAddr>,
    scheme: Option<String>,
    host: Option<String>,
}

impl Proxies {
    /// Believes these, by this header and no other.
    pub fn new(trusted: &[IpNet], header: ProxyHeader) -> Self {
        Self {
            trusted: trusted.into(),
            header,
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// Who asks. Hops are read from the near end: the first that is no trusted proxy is the client, and
    /// whatever stands before it is the client's own word.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut address = peer.to_canonical();
        let mut origin = None;
        if !self.trusts(address) {
            return Client { address, origin };
        }
        let hops = match self.header {
            ProxyHeader::XForwarded => x_forwarded(headers),
            ProxyHeader::Forwarded => forwarded(headers),
        };
        let nearest = hops.last();
        if let Some((scheme, host)) = nearest.and_then(|hop| hop.scheme.as_ref().zip(hop.host.as_ref())) {
            origin = Some(format!("{scheme}://{host}"));
        }
        for hop in hops.iter().rev().take(MAX_HOPS) {
            let Some(before) = hop.address else { break };
            address = before;
            if !self.trusts(before) {
                break;
            }
        }
        Client { address, origin }
    }
}

/// Finds the [`Client`] of a request and hands it on.
pub async fn find_client(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

/// Every value of a list header, in order, over all its lines.
fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter();
    // a line that is no text counts as one value that says nothing
    lines.flat_map(|line| line.to_str().unwrap_or_default().split(',').map(str::trim))
}

fn x_forwarded(headers: &HeaderMap) -> Vec<Hop> {
    let mut hops: Vec<Hop> = values(headers, &X_FORWARDED_FOR)
        .map(|value| Hop {
            address: node(value),
            ..Hop::default()
        })
        .collect();
    if hops.is_empty() {
        hops.push(Hop::default());
    }
    if let Some(nearest) = hops.last_mut() {
        nearest.scheme = values(headers, &X_FORWARDED_PROTO).last().and_then(scheme);
        nearest.host = values(headers, &X_FORWARDED_HOST).last().and_then(host);
    }
    hops
}

/// RFC 7239. A quoted comma or semicolon has no place in what is read here and ends the pair it is in.
fn forwarded(headers: &HeaderMap) -> Vec<Hop> {
    let element = |element: &str| {
        let mut hop = Hop::default();
        for pair in element.split(';') {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.address = node(value),
                "proto" => hop.scheme = scheme(value),
                "host" => hop.host = host(value),
                _ => {}
            }
        }
        hop
    };
    values(headers, &header::FORWARDED).map(element).collect()
}

/// An address, with or without brackets and port.
fn node(text: &str) -> Option<IpAddr> {
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse());
    address.ok().map(|address| address.to_canonical())
}

fn scheme(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    matches!(text.as_str(), "http" | "https").then_some(text)
}

fn host(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let fits = !text.is_empty() && text.len() <= 255 && text.bytes().all(allowed);
    fits.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(header: ProxyHeader, peer: &str, lines: &[(&str, &str)]) -> Client {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "2001:db8:1::/48"]
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        Proxies::new(&trusted, header).client(peer.parse().unwrap(), &headers)
    }

    fn address(peer: &str, forwarded_for: &[&str]) -> String {
        let lines: Vec<(&str, &str)> = forwarded_for
            .iter()
            .map(|line| ("x-forwarded-for", *line))
            .collect();
        client(ProxyHeader::XForwarded, peer, &lines).address.to_string()
    }

    #[test]
    fn a_foreign_peer_speaks_for_itself_alone() {
        let lines = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "board.example.org"),
        ];
        let found = client(ProxyHeader::XForwarded, "198.51.100.7", &lines);
        assert_eq!(
            (found.address.to_string().as_str(), found.origin),
            ("198.51.100.7", None)
        );
    }

    #[test]
    fn the_first_address_that_is_no_proxy_is_the_client() {
        assert_eq!(address(PROXY, &[]), PROXY);
        assert_eq!(address(PROXY, &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(
            address(PROXY, &["1.1.1.1, 192.0.2.1"]),
            "192.0.2.1",
            "the client made the first up"
        );
        assert_eq!(address(PROXY, &["1.1.1.1, 192.0.2.1, 10.9.9.9"]), "192.0.2.1");
        assert_eq!(
            address(PROXY, &["1.1.1.1", "192.0.2.1, 10.9.9.9"]),
            "192.0.2.1",
            "lines are one list"
        );
        assert_eq!(
            address(PROXY, &["192.0.2.1, nonsense"]),
            PROXY,
            "nothing behind nonsense is read"
        );
        assert_eq!(address(PROXY, &["192.0.2.1:4711"]), "192.0.2.1");
        assert_eq!(address("::ffff:10.0.0.1", &["[2001:db8::7]:80"]), "2001:db8::7");
        assert_eq!(address("2001:db8:1::1", &["2001:db8::7"]), "2001:db8::7");
        let long = format!("192.0.2.1{}", ", 10.1.1.1".repeat(100));
        assert_eq!(address(PROXY, &[&long]), "10.1.1.1", "hops are bounded");
    }

    #[test]
    fn only_the_header_that_the_proxy_writes_is_read() {
        let lines = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.2")];
        let read = |header| client(header, PROXY, &lines).address.to_string();
        assert_eq!(read(ProxyHeader::XForwarded), "192.0.2.1");
        assert_eq!(read(ProxyHeader::Forwarded), "192.0.2.2");
        let lines = [(
            "forwarded",
            "for=1.1.1.1, For=\"[2001:db8::7]:4711\";proto=https;host=board.example.org",
        )];
        let found = client(ProxyHeader::Forwarded, PROXY, &lines);
        assert_eq!(found.address.to_string(), "2001:db8::7");
        assert_eq!(found.origin.as_deref(), Some("https://board.example.org"));
    }

    #[test]
    fn the_origin_is_what_the_nearest_proxy_says_and_never_odd() {
        let origin = |proto, host| {
            let lines = [("x-forwarded-proto", proto), ("x-forwarded-host", host)];
            client(ProxyHeader::XForwarded, PROXY, &lines).origin
        };
        assert_eq!(
            origin("https", "Board.example.org").as_deref(),
            Some("https://board.example.org")
        );
        assert_eq!(
            origin("http, https", "evil.example, b.example").as_deref(),
            Some("https://b.example")
        );
        for (proto, host) in [
            ("javascript", "b.example"),
            ("https", "b.example/x"),
            ("https", ""),
            ("", "b"),
        ] {
            assert_eq!(origin(proto, host), None, "{proto} {host}");
        }
    }
}
