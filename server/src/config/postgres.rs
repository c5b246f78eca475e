//! Settings of the PostgreSQL that calls are copied to.

use std::{net::IpAddr, path::PathBuf};

use anyhow::{Result, bail, ensure};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{secret_of, values::Flag};

/// A database of a PostgreSQL server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresConfig {
    /// Where it is and who we are there, as `postgres://starboard@db.example.org/starboard`.
    pub address: String,
    /// That one's password.
    pub password: Option<SecretString>,
    /// A file that holds it.
    pub password_file: Option<PathBuf>,
    /// Whether calls are looked for there, too. On one machine the own database is the faster one.
    #[serde(default)]
    pub search: Flag,
    /// Authorities to trust the server by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
}

impl PostgresConfig {
    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        let host = Url::parse(&self.address)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        // of what is not http the host is a text
        host.is_some_and(|host| {
            let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        })
    }

    pub(super) fn check(&mut self) -> Result<()> {
        let address = Url::parse(&self.address).ok();
        let is_whole = |url: &Url| {
            matches!(url.scheme(), "postgres" | "postgresql")
                && url.has_host()
                && !url.username().is_empty()
                && !url.path().trim_matches('/').is_empty()
        };
        let Some(address) = address.filter(is_whole) else {
            bail!("postgres: address is as \"postgres://starboard@db.example.org/starboard\"");
        };
        ensure!(
            address.password().is_none(),
            "postgres: the password is no part of the address: give password_file (or password)"
        );
        ensure!(
            address.query().is_none() && address.fragment().is_none(),
            "postgres: nothing follows the database in the address"
        );
        self.password = secret_of(
            self.password.take(),
            self.password_file.as_deref(),
            "postgres: password",
        )?;
        Ok(())
    }
}
