//! Settings of the PostgreSQL that calls are copied to.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::{Host, Url};

use super::secret_of;

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
    /// Authorities to trust the server by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
}

impl PostgresConfig {
    /// How it is reached.
    ///
    /// # Errors
    /// The address is none.
    pub fn options(&self) -> Result<PgConnectOptions> {
        let address = Url::parse(&self.address).ok();
        let is_whole = |url: &Url| {
            matches!(url.scheme(), "postgres" | "postgresql")
                && url.has_host()
                && !url.username().is_empty()
                && url.path().trim_matches('/').len() > 1
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
        let is_here = match address.host() {
            Some(Host::Domain(name)) => name == "localhost",
            // what is not http is not read as an address
            _ => false,
        } || address
            .host_str()
            .and_then(|host| host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().ok())
            .is_some_and(|address| address.is_loopback());
        let options: PgConnectOptions = self
            .address
            .parse()
            .ok()
            .context("postgres: the address cannot be read")?;
        let options = options
            .application_name("starboard")
            // over a network only to whom we know; on this machine as the server likes it
            .ssl_mode(if is_here {
                PgSslMode::Prefer
            } else {
                PgSslMode::VerifyFull
            });
        let options = match &self.ca_file {
            Some(file) => options.ssl_root_cert(file),
            None => options,
        };
        Ok(match &self.password {
            Some(password) => options.password(password.expose_secret()),
            None => options,
        })
    }

    pub(super) fn check(&mut self) -> Result<()> {
        self.password = secret_of(
            self.password.take(),
            self.password_file.as_deref(),
            "postgres: password",
        )?;
        self.options().map(drop)
    }
}
