//! What every answer carries and every request must have: headers, the nonce, the Origin.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{proxy::Client, session::COOKIE};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The content security policy; with the nonce of the page's own inline scripts, where it has any.
pub fn policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval'; connect-src 'self'; \
         img-src 'self' data:; media-src 'self' blob:; style-src 'self'; font-src 'self'; worker-src 'self'; \
         manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )
}

/// What every answer says.
const EVERYWHERE: [(HeaderName, &str); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];
/// What browsers heed on documents alone.
const ON_DOCUMENTS: [(HeaderName, &str); 4] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(self)",
    ),
];
/// The policy of what is no document and starts nothing: files named by their content, fonts. There are a dozen of
/// them in a first visit, and the rest would say nothing more.
const FILE_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const FILE_FOLDERS: [&str; 5] = ["/pkg/", "/fonts/", "/icon", "/favicon", "/manifest"];

/// The origins that may talk to us.
#[derive(Clone, Debug)]
pub struct Origins {
    allowed: Arc<[String]>,
    https: bool,
}

impl Origins {
    /// The public address and the one we listen on; for loopback under each of its names.
    pub fn new(public_url: Option<&str>, listen: SocketAddr, tls: bool) -> Self {
        let scheme = if tls { "https" } else { "http" };
        let port = listen.port();
        let mut allowed: Vec<String> = public_url.map(str::to_lowercase).into_iter().collect();
        if listen.ip().is_loopback() || listen.ip().is_unspecified() {
            for host in ["127.0.0.1", "localhost", "[::1]"] {
                allowed.push(format!("{scheme}://{host}:{port}"));
            }
        }
        if !listen.ip().is_unspecified() {
            allowed.push(format!("{scheme}://{listen}"));
        }
        // browsers leave the default port out
        let short: Vec<String> = allowed
            .iter()
            .filter_map(|origin| origin.strip_suffix(":80").or_else(|| origin.strip_suffix(":443")))
            .map(str::to_owned)
            .collect();
        allowed.extend(short);
        let https = tls || public_url.is_some_and(|url| url.starts_with("https://"));
        Self {
            allowed: allowed.into(),
            https,
        }
    }

    /// The address to give to people: the public one, else the one we listen on.
    pub fn base(&self) -> &str {
        self.allowed.first().map_or("", String::as_str)
    }

    /// Whether the request's Origin is there and one of ours; ours is also what a trusted proxy says that
    /// the browser asked for.
    pub fn allows(&self, headers: &HeaderMap, client: Option<&Client>) -> bool {
        let asked_for = client.and_then(|client| client.origin.as_deref());
        let ours = |origin: &HeaderValue| {
            asked_for.is_some_and(|asked_for| origin == asked_for)
                || self.allowed.iter().any(|allowed| origin == allowed.as_str())
        };
        // a browser sends one; of several, each has to be ours
        headers.contains_key(header::ORIGIN) && headers.get_all(header::ORIGIN).iter().all(ours)
    }

    /// Whether a request that changes something comes from a page of ours. Without any Origin only a
    /// program that carries no cookie may come: it signs nothing in anybody's name.
    fn allows_change(&self, headers: &HeaderMap, client: Option<&Client>) -> bool {
        let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
        if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
            return false;
        }
        if headers.contains_key(header::ORIGIN) {
            return self.allows(headers, client);
        }
        let carries_session = headers
            .get_all(header::COOKIE)
            .iter()
            .any(|cookie| cookie.to_str().is_ok_and(|cookie| cookie.contains(COOKIE)));
        !carries_session || site == Some(b"same-origin")
    }
}

/// Refuses requests that change something and come from elsewhere.
pub async fn check_origin(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || origins.allows_change(request.headers(), request.extensions().get()) {
        return next.run(request).await;
    }
    tracing::warn!(
        path = request.uri().path(),
        "a request from a foreign origin was refused"
    );
    (
        StatusCode::FORBIDDEN,
        "This request comes from another site. Open Starboard itself and try again.\n",
    )
        .into_response()
}

/// Puts the headers on every answer; what the handler set itself stays.
pub async fn headers(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let asked_for = request
        .extensions()
        .get::<Client>()
        .and_then(|client| client.origin.as_deref());
    let https = origins.https || asked_for.is_some_and(|origin| origin.starts_with("https:"));
    let path = request.uri().path();
    let of_files = FILE_FOLDERS.iter().any(|folder| path.starts_with(folder));
    let mut response = next.run(request).await;
    let is_file = of_files && matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    let headers = response.headers_mut();
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = if is_file {
            Ok(FILE_POLICY)
        } else {
            HeaderValue::from_str(&policy(None))
        };
        if let Ok(policy) = policy {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    for (name, value) in EVERYWHERE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_file {
        // what its tag says already, and ranges that nobody asks for
        for name in [header::LAST_MODIFIED, header::ACCEPT_RANGES] {
            headers.remove(name);
        }
    } else {
        for (name, value) in ON_DOCUMENTS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn request(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        headers
    }

    #[test]
    fn only_exact_origins_are_ours() {
        let origins = Origins::new(
            Some("https://board.example.org"),
            "127.0.0.1:3000".parse().unwrap(),
            false,
        );
        for good in [
            "https://board.example.org",
            "http://localhost:3000",
            "http://127.0.0.1:3000",
        ] {
            assert!(origins.allows(&request(&[("origin", good)]), None), "{good}");
        }
        for bad in [
            "http://board.example.org",
            "https://board.example.org.evil.example",
            "https://board.example.org:8443",
            "http://localhost:3001",
            "null",
            "",
        ] {
            assert!(!origins.allows(&request(&[("origin", bad)]), None), "{bad}");
        }
        assert!(!origins.allows(&request(&[]), None));
        let two = [
            ("origin", "http://localhost:3000"),
            ("origin", "https://evil.example"),
        ];
        assert!(!origins.allows(&request(&two), None));
    }

    #[test]
    fn a_change_needs_a_page_of_ours() {
        let origins = Origins::new(None, "127.0.0.1:3000".parse().unwrap(), false);
        let ours = ("origin", "http://127.0.0.1:3000");
        let cookie = ("cookie", "__Host-sid=x");
        assert!(origins.allows_change(&request(&[ours, cookie]), None));
        assert!(!origins.allows_change(&request(&[("origin", "http://127.0.0.1:4000"), cookie]), None));
        assert!(!origins.allows_change(&request(&[ours, ("sec-fetch-site", "cross-site")]), None));
        assert!(!origins.allows_change(&request(&[ours, ("sec-fetch-site", "same-site")]), None));
        assert!(!origins.allows_change(&request(&[cookie]), None));
        assert!(origins.allows_change(&request(&[("sec-fetch-site", "same-origin"), cookie]), None));
        assert!(origins.allows_change(&request(&[]), None));
        // behind a trusted proxy the page's own address is ours
        let proxied = Client {
            address: [192, 0, 2, 1].into(),
            origin: Some("https://board.example.org".into()),
        };
        let theirs = ("origin", "https://board.example.org");
        assert!(origins.allows_change(&request(&[theirs, cookie]), Some(&proxied)));
        assert!(!origins.allows_change(
            &request(&[("origin", "https://evil.example"), cookie]),
            Some(&proxied)
        ));
    }

    #[test]
    fn the_policy_has_no_unsafe_inline() {
        let policy = policy(Some("abc"));
        assert!(policy.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
