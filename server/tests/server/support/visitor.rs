//! A browser that goes from one server to another: cookies for each, redirects one by one.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{Answer, Browser};

#[derive(Clone, Debug, Default)]
pub(crate) struct Visitor {
    /// By server and name.
    pub(crate) cookies: BTreeMap<(SocketAddr, String), String>,
}

/// The server of an address and what is asked of it.
pub(crate) fn parts(url: &str) -> (SocketAddr, String) {
    let rest = url
        .strip_prefix("http://")
        .unwrap_or_else(|| panic!("no address: {url}"));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    (host.parse().unwrap(), format!("/{path}"))
}

/// A parameter in the query of an address.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

impl Visitor {
    pub(crate) async fn get(&mut self, url: &str) -> Answer {
        self.ask("GET", url, "").await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &str) -> Answer {
        self.ask("POST", url, form).await
    }

    async fn ask(&mut self, method: &str, url: &str, form: &str) -> Answer {
        let (server, path) = parts(url);
        let mut browser = Browser::new(server);
        let mine = self.cookies.iter().filter(|((of, _), _)| *of == server);
        let pairs: Vec<String> = mine.map(|((_, name), value)| format!("{name}={value}")).collect();
        browser.cookie = (!pairs.is_empty()).then(|| pairs.join("; "));
        let headers = [
            ("Accept", "text/html"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let answer = browser.send(method, &path, &headers, form).await;
        let set = answer
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        for (_, value) in set {
            let pair = value.split(';').next().unwrap_or_default();
            let (name, kept) = pair.split_once('=').unwrap_or((pair, ""));
            let key = (server, name.to_owned());
            let gone =
                kept.is_empty() || value.to_lowercase().contains("max-age=0") || value.contains("1970");
            if gone {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, kept.to_owned());
            }
        }
        answer
    }

    /// Where an answer leads.
    pub(crate) fn next(server: SocketAddr, answer: &Answer) -> String {
        let to = answer
            .header("location")
            .unwrap_or_else(|| panic!("leads nowhere: {answer:?}"));
        if to.starts_with('/') {
            format!("http://{server}{to}")
        } else {
            to.to_owned()
        }
    }
}
