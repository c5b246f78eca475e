//! Settings of the network: protection of our own, and who may come from where.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use anyhow::{Result, bail};
use app::{access::BuiltIn, model::people::RoleRow};
use serde::Deserialize;

use super::values::Networks;

/// A certificate and its key as files; they are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The certificate and those between it and its authority, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// Certificates by ACME (RFC 8555).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acme {
    /// The names to have a certificate for; the authority connects to port 443 of each.
    pub domains: Vec<String>,
    /// Mail addresses that the authority may write to.
    #[serde(default)]
    pub contact: Vec<String>,
    /// The authority's directory.
    #[serde(default = "lets_encrypt")]
    pub directory: String,
    /// Authorities to trust the directory by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
}

fn lets_encrypt() -> String {
    "https://acme-v02.api.letsencrypt.org/directory".into()
}

impl Acme {
    pub(super) fn check(&self) -> Result<()> {
        if self.domains.is_empty()
            || self
                .domains
                .iter()
                .any(|domain| domain.is_empty() || domain.contains(['/', ':', ' ']))
        {
            bail!("acme: domains is a list of names, as [\"board.example.org\"]");
        }
        if !self.directory.starts_with("https://") {
            bail!(
                "acme: directory must begin with https://, not {:?}",
                self.directory
            );
        }
        Ok(())
    }
}

/// The name that stands for every role.
const EVERYBODY: &str = "everybody";

/// From which networks people of a role may come. A role that is not named may come from anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct AllowedNetworks(BTreeMap<String, Networks>);

impl AllowedNetworks {
    /// Whether people of this role may come from this address.
    pub fn lets_in(&self, role: &str, address: IpAddr) -> bool {
        let named = self
            .0
            .iter()
            .filter(|(name, _)| is_called(role, name) || *name == EVERYBODY);
        let address = address.to_canonical();
        named
            .into_iter()
            .all(|(_, networks)| networks.0.iter().any(|network| network.contains(&address)))
    }
}

impl AllowedNetworks {
    /// Whether people of this role are kept to networks by its name.
    pub fn names(&self, role: &str) -> bool {
        self.0.keys().any(|name| is_called(role, name))
    }

    /// A name here that is no role's: it would keep nobody away.
    pub fn of_nobody<'a>(&'a self, roles: &[RoleRow]) -> Option<&'a str> {
        let unknown =
            |name: &&String| *name != EVERYBODY && !roles.iter().any(|role| is_called(&role.name, name));
        self.0.keys().find(unknown).map(String::as_str)
    }
}

/// Whether a role goes by a name: its own, a built-in one by its short one as well.
fn is_called(role: &str, name: &str) -> bool {
    let short = BuiltIn::EVERY.into_iter().find(|known| known.name() == role);
    role.to_lowercase() == name.to_lowercase()
        || short.is_some_and(|short| short.slug() == name.to_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_role_comes_from_its_networks_and_everybody_from_those_of_everybody() {
        let allowed: AllowedNetworks = toml::from_str(
            "administrator = [\"10.1.0.0/16\", \"127.0.0.1\"]\n\"front desk\" = [\"10.2.0.0/16\"]\neverybody = [\"10.0.0.0/8\", \"127.0.0.1\"]",
        )
        .unwrap();
        let from = |role: &str, address: &str| allowed.lets_in(role, address.parse().unwrap());
        assert!(from("Administrator", "10.1.2.3") && from("Administrator", "127.0.0.1"));
        assert!(
            from("Administrator", "::ffff:10.1.2.3"),
            "an IPv4 address in IPv6 clothes"
        );
        assert!(!from("Administrator", "10.2.2.3") && from("Front Desk", "10.2.2.3"));
        assert!(from("Agent", "10.9.9.9") && !from("Agent", "192.0.2.1"));
        let short: AllowedNetworks = toml::from_str("admin = [\"10.1.0.0/16\"]").unwrap();
        assert!(!short.lets_in("Administrator", "192.0.2.1".parse().unwrap()));
        assert!(short.names("Administrator") && !short.names("Agent"));
        assert_eq!(short.of_nobody(&[]), Some("admin"));
        assert!(AllowedNetworks::default().lets_in("Administrator", "192.0.2.1".parse().unwrap()));
    }
}
