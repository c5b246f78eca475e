//! Settings of sign-ins that others vouch for: OpenID Connect providers and an LDAP directory.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use anyhow::{Result, bail, ensure};
use openidconnect::url::{Host, Url};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    secret_of,
    values::{Flag, Words},
};

/// The most providers.
const MAX_PROVIDERS: usize = 8;
/// Characters of a provider's name, which is on a button.
const MAX_NAME_CHARS: usize = 40;

/// An OpenID Connect provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// What people call it: "Sign in with NAME".
    pub name: String,
    /// Its issuer, exactly as the provider writes it.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// What proves there that it is us; without one the code's proof (PKCE) has to do.
    pub client_secret: Option<SecretString>,
    /// A file that holds it.
    pub client_secret_file: Option<PathBuf>,
    /// Authorities to trust the provider by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
    /// What is asked for beside `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Words,
    /// The claim that becomes the user name of somebody new.
    #[serde(default = "usual_username_claim")]
    pub username_claim: String,
    /// The claim that becomes the name shown.
    #[serde(default = "usual_name_claim")]
    pub name_claim: String,
    /// The claim that holds the groups; a dot goes one level down.
    #[serde(default = "usual_groups_claim")]
    pub groups_claim: String,
    /// Group to role.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// Group to team.
    #[serde(default)]
    pub teams: BTreeMap<String, String>,
    /// The role of people of none of these groups; without one they do not get in.
    pub default_role: Option<String>,
    /// Whether its word stands for a second factor as well. When not said: where its `amr` claim says `mfa`.
    pub second_factor: Option<Flag>,
}

/// An LDAP directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ldap {
    /// What people call it.
    #[serde(default = "usual_directory_name")]
    pub name: String,
    /// `ldaps://host`, or `ldap://host`, which goes over to TLS before anything is said.
    pub url: String,
    /// Only `false` on loopback leaves an `ldap://` connection plain.
    pub starttls: Option<Flag>,
    /// Authorities to trust the directory by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
    /// Who searches; nobody in particular when not given.
    pub bind_dn: Option<String>,
    /// That one's password.
    pub password: Option<SecretString>,
    /// A file that holds it.
    pub password_file: Option<PathBuf>,
    /// Below what people are.
    pub base: String,
    /// Which of them signs in; `{username}` stands for what was typed.
    #[serde(default = "usual_filter")]
    pub filter: String,
    /// The attribute that becomes the user name of somebody new.
    #[serde(default = "usual_username_attribute")]
    pub username_attribute: String,
    /// The attribute that becomes the name shown.
    #[serde(default = "usual_name_attribute")]
    pub name_attribute: String,
    /// Below what groups are searched, each called by its `cn`.
    pub group_base: Option<String>,
    /// Which of them somebody is in; `{dn}` stands for the person.
    #[serde(default = "usual_group_filter")]
    pub group_filter: String,
    /// The attribute of a person that lists the groups, each called by its whole name (DN).
    pub group_attribute: Option<String>,
    /// Group to role.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// Group to team.
    #[serde(default)]
    pub teams: BTreeMap<String, String>,
    /// The role of people of none of these groups; without one they do not get in.
    pub default_role: Option<String>,
}

/// What groups come to.
#[derive(Clone, Copy, Debug)]
pub struct Mapping<'a> {
    /// Group to role.
    pub roles: &'a BTreeMap<String, String>,
    /// Group to team.
    pub teams: &'a BTreeMap<String, String>,
    /// The role of people of none of these groups.
    pub default_role: Option<&'a str>,
}

fn usual_scopes() -> Words {
    Words(["profile", "email"].map(str::to_owned).into())
}
fn usual_username_claim() -> String {
    "preferred_username".into()
}
fn usual_name_claim() -> String {
    "name".into()
}
fn usual_groups_claim() -> String {
    "groups".into()
}
fn usual_directory_name() -> String {
    "the directory".into()
}
fn usual_filter() -> String {
    "(&(objectClass=person)(uid={username}))".into()
}
fn usual_username_attribute() -> String {
    "uid".into()
}
fn usual_name_attribute() -> String {
    "cn".into()
}
fn usual_group_filter() -> String {
    "(|(member={dn})(uniqueMember={dn}))".into()
}

/// Whether this is an address of this very host.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // the url crate reads addresses only in schemes that it knows
        None => false,
    }
}

impl Oidc {
    /// What its groups come to.
    pub fn mapping(&self) -> Mapping<'_> {
        Mapping {
            roles: &self.roles,
            teams: &self.teams,
            default_role: self.default_role.as_deref(),
        }
    }

    fn check(&mut self) -> Result<()> {
        let chars = self.name.chars().count();
        ensure!(
            (1..=MAX_NAME_CHARS).contains(&chars),
            "oidc: a name has 1 to {MAX_NAME_CHARS} characters"
        );
        let name = &self.name;
        let issuer = Url::parse(&self.issuer).ok();
        let good = issuer.is_some_and(|url| {
            let plain_here = url.scheme() == "http" && is_loopback(&url);
            (url.scheme() == "https" || plain_here) && url.query().is_none() && url.fragment().is_none()
        });
        ensure!(good, "oidc {name:?}: issuer must begin with https://");
        ensure!(!self.client_id.is_empty(), "oidc {name:?}: client_id is missing");
        self.client_secret = secret_of(
            self.client_secret.take(),
            self.client_secret_file.as_deref(),
            &format!("oidc {name:?}: client_secret"),
        )?;
        Ok(())
    }
}

impl Ldap {
    /// What its groups come to.
    pub fn mapping(&self) -> Mapping<'_> {
        Mapping {
            roles: &self.roles,
            teams: &self.teams,
            default_role: self.default_role.as_deref(),
        }
    }

    /// Whether a connection goes over to TLS after its beginning.
    pub fn goes_over_to_tls(&self) -> bool {
        self.url.starts_with("ldap://") && self.starttls != Some(Flag(false))
    }

    fn check(&mut self) -> Result<()> {
        let url = Url::parse(&self.url).ok();
        let Some(url) = url.filter(|url| matches!(url.scheme(), "ldap" | "ldaps") && url.host().is_some())
        else {
            bail!("ldap: url must begin with ldaps:// or ldap://");
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        ensure!(
            url.scheme() == "ldaps" || self.goes_over_to_tls() || here,
            "ldap: starttls = false would send passwords in the clear; only a directory on this host may do so"
        );
        ensure!(
            self.filter.contains("{username}"),
            "ldap: filter has no {{username}} in it"
        );
        ensure!(
            self.group_base.is_none() || self.group_filter.contains("{dn}"),
            "ldap: group_filter has no {{dn}} in it"
        );
        self.password = secret_of(
            self.password.take(),
            self.password_file.as_deref(),
            "ldap: password",
        )?;
        ensure!(
            self.bind_dn.is_some() == self.password.is_some(),
            "ldap: bind_dn and password belong together"
        );
        Ok(())
    }
}

/// Holds these settings against each other and reads their secrets.
pub(super) fn check(providers: &mut [Oidc], directory: Option<&mut Ldap>) -> Result<()> {
    ensure!(
        providers.len() <= MAX_PROVIDERS,
        "oidc: at most {MAX_PROVIDERS} providers"
    );
    for at in 0..providers.len() {
        let (before, rest) = providers.split_at_mut(at);
        if let Some(one) = rest.first_mut() {
            one.check()?;
            if before
                .iter()
                .any(|other| other.issuer == one.issuer || other.name == one.name)
            {
                bail!("oidc {:?}: its name or issuer is there twice", one.name);
            }
        }
    }
    directory.map_or(Ok(()), Ldap::check)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn provider(issuer: &str) -> Result<()> {
        let text = format!("name = \"Office\"\nissuer = \"{issuer}\"\nclient_id = \"starboard\"");
        check(&mut [toml::from_str(&text).unwrap()], None)
    }

    fn directory(url: &str, more: &str) -> Result<()> {
        let mut directory: Ldap =
            toml::from_str(&format!("url = \"{url}\"\nbase = \"dc=example\"\n{more}")).unwrap();
        check(&mut [], Some(&mut directory))
    }

    #[test]
    fn a_provider_is_reached_by_https_or_is_on_this_very_host() {
        for good in [
            "https://login.example.org/realms/office",
            "http://127.0.0.1:1",
            "http://localhost:1/",
            "http://[::1]:1",
        ] {
            assert!(provider(good).is_ok(), "{good}");
        }
        for bad in [
            "http://login.example.org",
            "http://127.0.0.1.example.org",
            "file:///etc/passwd",
            "login",
            "https://x/?a=b",
        ] {
            assert!(provider(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_go_to_a_directory_under_tls_or_stay_on_this_host() {
        assert!(directory("ldaps://directory.example.org", "").is_ok());
        assert!(directory("ldap://directory.example.org", "").is_ok());
        assert!(directory("ldap://directory.example.org", "starttls = false").is_err());
        assert!(directory("ldap://127.0.0.1:389", "starttls = false").is_ok());
        assert!(directory("ldap://[::1]:389", "starttls = false").is_ok());
        assert!(directory("ldapi:///run/slapd", "").is_err());
        assert!(directory("ldaps://x", "filter = \"(uid=ada)\"").is_err());
        assert!(directory("ldaps://x", "bind_dn = \"cn=x\"").is_err());
    }
}
