//! Where messages may be sent: to the push services of the browsers that there are, and to those that the settings name. An
//! endpoint comes from a browser, and must never make this server knock at a place of somebody's choice.

use anyhow::{Result, bail};
use url::{Host, Url};

use crate::config::is_loopback;

/// Push services of browsers: hosts, and domains whose every host is one.
const HOSTS: [&str; 2] = ["fcm.googleapis.com", "updates.push.services.mozilla.com"];
const DOMAINS: [&str; 3] = [
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
];
/// The longest endpoint.
const MAX_BYTES: usize = 1_024;

/// The places.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<Url>);

impl Places {
    /// Those of browsers, and `more`, each as `https://push.example.org`; plain http only on this very host.
    pub fn new(more: &[String]) -> Result<Self> {
        let mut places = Vec::new();
        for text in more {
            let Ok(url) = Url::parse(text) else {
                bail!("push_services: {text:?} is no address as https://push.example.org");
            };
            let plain_here = url.scheme() == "http" && is_loopback(&url);
            if url.scheme() != "https" && !plain_here || !is_bare(&url) || url.path() != "/" {
                bail!("push_services: {text:?} must be https:// and a host, and nothing more");
            }
            places.push(url);
        }
        Ok(Self(places))
    }

    /// Whether some of them are on this very host, without TLS.
    pub fn some_are_plain(&self) -> bool {
        self.0.iter().any(|place| place.scheme() == "http")
    }

    /// The endpoint, where it is at one of these places.
    pub fn endpoint(&self, text: &str) -> Option<Url> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let url = Url::parse(text).ok()?;
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let named = self.0.iter().any(|place| place.origin() == url.origin());
        (named || is_of_a_browser(&url)).then_some(url)
    }
}

fn is_bare(url: &Url) -> bool {
    let alone = url.username().is_empty() && url.password().is_none();
    alone && url.query().is_none() && url.fragment().is_none()
}

fn is_of_a_browser(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    let known = HOSTS.contains(&host) || DOMAINS.iter().any(|domain| host.ends_with(domain));
    // the url crate leaves the usual port out
    url.scheme() == "https" && url.port().is_none() && known
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn messages_go_to_push_services_and_nowhere_else() {
        let more = [
            "https://push.example.org".to_owned(),
            "http://127.0.0.1:4040".to_owned(),
        ];
        let places = Places::new(&more).unwrap();
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://wns2-par02p.notify.windows.com/w/?token=abc",
            "https://push.example.org/abc",
            "http://127.0.0.1:4040/abc",
        ] {
            assert!(places.endpoint(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "x",
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:8443/fcm/send/abc",
            "https://someone@fcm.googleapis.com/abc",
            "https://fcm.googleapis.com.example.org/abc",
            "https://push.apple.com.example.org/abc",
            "https://evilpush.apple.com.example.org/abc",
            "https://notpush.apple.com@example.org/abc",
            "https://127.0.0.1:4040/abc",
            "http://127.0.0.1:4041/abc",
            "http://localhost:4040/abc",
            "http://169.254.169.254/latest/meta-data",
            "https://[::1]/abc",
            "file:///etc/passwd",
        ] {
            assert!(places.endpoint(bad).is_none(), "{bad}");
        }
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(MAX_BYTES));
        assert!(places.endpoint(&long).is_none());
    }

    #[test]
    fn a_push_service_of_the_settings_is_https_or_on_this_host() {
        for bad in [
            "push.example.org",
            "http://push.example.org",
            "https://push.example.org/path",
            "https://a@push.example.org",
        ] {
            let refused = Places::new(&[bad.to_owned()]).unwrap_err().to_string();
            assert!(refused.contains("push_services"), "{refused}");
        }
    }
}
