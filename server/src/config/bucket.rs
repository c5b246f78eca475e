//! Settings of the bucket that recordings are copied to.

use std::{net::IpAddr, path::PathBuf};

use anyhow::{Result, bail};
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::{secret_of, values::Days};

/// A bucket of an S3-compatible store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketConfig {
    /// Where the store is, as `https://s3.example.org`.
    pub endpoint: String,
    /// The bucket's name; it has to be there.
    pub name: String,
    /// Its region.
    #[serde(default = "usual_region")]
    pub region: String,
    /// What the names of all that is put there begin with.
    #[serde(default)]
    pub prefix: String,
    /// Who we are there,
    pub access_key: String,
    /// and the secret of that.
    pub secret_key: Option<SecretString>,
    /// A file that holds it.
    pub secret_key_file: Option<PathBuf>,
    /// Authorities to trust the store by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
    /// Days for which a recording stays in its folder, too, once it is in the bucket; for ever when not given.
    pub folder_days: Option<Days>,
}

fn usual_region() -> String {
    "us-east-1".into()
}

impl BucketConfig {
    pub(super) fn check(&mut self) -> Result<()> {
        let endpoint = Url::parse(&self.endpoint).ok();
        let is_plain = |url: &Url| {
            url.has_host() && url.username().is_empty() && url.query().is_none() && url.fragment().is_none()
        };
        let Some(endpoint) = endpoint.filter(is_plain) else {
            bail!("bucket: endpoint is an address, as \"https://s3.example.org\"");
        };
        let is_here = match endpoint.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        };
        if endpoint.scheme() != "https" && !(endpoint.scheme() == "http" && is_here) {
            bail!("bucket: without TLS only a store on this machine is used (endpoint = \"https://...\")");
        }
        let is_letter = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || ".-".contains(one);
        if !(3..=63).contains(&self.name.len()) || !self.name.chars().all(is_letter) {
            bail!(
                "bucket: name is 3 to 63 small letters, digits, dots and dashes, not {:?}",
                self.name
            );
        }
        let is_safe = |one: char| one.is_ascii_alphanumeric() || "/._-".contains(one);
        let steps = self.prefix.split('/').any(|part| matches!(part, "." | ".."));
        if self.prefix.len() > 200
            || !self.prefix.chars().all(is_safe)
            || steps
            || self.prefix.starts_with('/')
        {
            bail!("bucket: prefix is letters, digits, dots, dashes and slashes, as \"starboard/\"");
        }
        self.secret_key = secret_of(
            self.secret_key.take(),
            self.secret_key_file.as_deref(),
            "bucket: secret_key",
        )?;
        if self.access_key.is_empty() || self.secret_key.is_none() {
            bail!("bucket: give access_key and secret_key (or secret_key_file)");
        }
        Ok(())
    }
}
