//! Settings: flag over environment over TOML file over default. An unknown key is refused by its name.

mod bucket;
mod identity;
mod mail;
mod network;
mod pbx;
mod postgres;
mod values;

pub use bucket::BucketConfig;
pub use identity::{Ldap, Mapping, Oidc, is_loopback};
pub use mail::{Mail, MailSecurity};
pub use network::{Acme, AllowedNetworks, TlsFiles};
pub use pbx::{PbxConfig, TlsConfig};
pub use postgres::PostgresConfig;
pub use values::{Count, Days, Flag, Networks, Port, ProxyHeader, Words};

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use toml::{Table, Value};

use crate::{access::second_factor::AskedOf, push::Places};

/// Every environment variable of ours begins so; `__` goes one level down (`STARBOARD_PBX__0__HOST`).
pub const PREFIX: &str = "STARBOARD_";
/// Names the configuration file and is itself no key of it.
pub const FILE_VARIABLE: &str = "STARBOARD_CONFIG";
/// The port that is used when none is given.
const DEFAULT_PORT: u16 = 3000;
/// Connections that are open at once when nothing else is said.
const DEFAULT_CONNECTIONS: usize = 10_000;
/// Requests of programs in a minute with one token when nothing else is said.
const DEFAULT_API_PER_MINUTE: usize = 600;
/// Days that rows of the audit trail are kept when nothing else is said.
const DEFAULT_AUDIT_DAYS: u64 = 365;
/// Days that channel events are kept when nothing else is said.
const DEFAULT_EVENT_DAYS: u64 = 30;
/// Days of grace before a second factor has to be there.
const DEFAULT_GRACE_DAYS: u64 = 7;
/// Seconds after which somebody is asked again who they are, and the most there can be.
const DEFAULT_CONFIRM_AGAIN_S: usize = 600;
const MAX_CONFIRM_AGAIN_S: usize = 3600;
/// The largest configuration or secret file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen. Port 0 takes a free one, which is printed.
    pub listen: SocketAddr,
    /// The address people use in their browser, as `https://board.example.org`.
    pub public_url: Option<String>,
    /// Reverse proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Networks,
    /// The header by which they say it.
    pub proxy_header: ProxyHeader,
    /// From where people of a role may come.
    pub allowed_networks: AllowedNetworks,
    /// A certificate of our own.
    pub tls: Option<TlsFiles>,
    /// Certificates of our own by ACME.
    pub acme: Option<Acme>,
    /// The most connections that are open at once, live sockets included.
    pub max_connections: Count,
    /// Requests of programs that are answered in a minute with one token; four times as many from one address.
    pub api_per_minute: Count,
    /// The SQLite file.
    pub database: PathBuf,
    /// The key that seals secrets in the database; beside the database when not given.
    pub key_file: Option<PathBuf>,
    /// Days that rows of the audit trail are kept; 0 keeps them for ever.
    pub audit_days: Days,
    /// Days that Asterisk's channel events are kept; 0 keeps none.
    pub event_days: Days,
    /// Of whom a second factor is asked.
    pub second_factor: AskedOf,
    /// Days from the first sign-in under that policy in which the password alone is enough.
    pub second_factor_grace_days: Days,
    /// Seconds for which it is believed who somebody is, before something sensitive; an hour at most.
    pub confirm_again_s: Count,
    /// Push services beside those of the browsers that there are, as `https://push.example.org`.
    pub push_services: Words,
    /// The server that takes mail; none is sent without one.
    pub mail: Option<Mail>,
    /// Where recordings are copied to; nowhere without one.
    pub bucket: Option<BucketConfig>,
    /// Where calls are copied to; nowhere without one.
    pub postgres: Option<PostgresConfig>,
    /// The folder with the browser's half.
    pub site_root: PathBuf,
    /// How to log.
    pub log: LogFormat,
    /// What to log, as `info` or `server=debug,info`.
    pub log_filter: String,
    /// OpenID Connect providers that people sign in with.
    pub oidc: Vec<Oidc>,
    /// The LDAP directory that people sign in with.
    pub ldap: Option<Ldap>,
    /// Connections to make or bring up to date at start.
    pub pbx: Vec<PbxConfig>,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            public_url: None,
            trusted_proxies: Networks::default(),
            proxy_header: ProxyHeader::XForwarded,
            allowed_networks: AllowedNetworks::default(),
            tls: None,
            acme: None,
            max_connections: Count(DEFAULT_CONNECTIONS),
            api_per_minute: Count(DEFAULT_API_PER_MINUTE),
            database: ".starboard/starboard.db".into(),
            key_file: None,
            audit_days: Days(DEFAULT_AUDIT_DAYS),
            event_days: Days(DEFAULT_EVENT_DAYS),
            second_factor: AskedOf::Privileged,
            second_factor_grace_days: Days(DEFAULT_GRACE_DAYS),
            confirm_again_s: Count(DEFAULT_CONFIRM_AGAIN_S),
            push_services: Words(Vec::new()),
            mail: None,
            bucket: None,
            postgres: None,
            site_root: "target/site".into(),
            log: LogFormat::Human,
            log_filter: "info".into(),
            oidc: Vec::new(),
            ldap: None,
            pbx: Vec::new(),
        }
    }
}

impl Config {
    /// Reads everything. `file` is the flag's; `environment` are all variables of the process;
    /// `flags` are (key, value) pairs that win over both.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self> {
        let variables: Vec<(String, String)> = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        let named = variables.iter().find(|(name, _)| name == FILE_VARIABLE);
        let file = file
            .map(Path::to_owned)
            .or_else(|| named.map(|(_, path)| path.into()));
        let mut table = match &file {
            Some(path) => {
                let text = read_small(path)?;
                text.parse::<Table>()
                    .with_context(|| format!("{} is not valid TOML", path.display()))?
            }
            None => Table::new(),
        };
        for (name, value) in &variables {
            if name == FILE_VARIABLE {
                continue;
            }
            let path: Vec<String> = name[PREFIX.len()..].split("__").map(str::to_lowercase).collect();
            put(&mut table, &path, value).with_context(|| format!("the environment variable {name}"))?;
        }
        for (key, value) in flags {
            put(&mut table, &[(*key).to_owned()], value).with_context(|| format!("--{key}"))?;
        }
        let mut config: Config = serde_path(table)?;
        config.finish()?;
        Ok(config)
    }

    /// The key file in effect.
    pub fn key_path(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.database.with_file_name("starboard.key"))
    }

    /// Where records wait that the database does not take.
    pub fn spool_path(&self) -> PathBuf {
        let mut path = self.database.clone().into_os_string();
        path.push("-spool");
        path.into()
    }

    fn finish(&mut self) -> Result<()> {
        if self.tls.is_some() && self.acme.is_some() {
            bail!("give tls (files) or acme, not both");
        }
        if let Some(acme) = &self.acme {
            acme.check()?;
            let first = acme.domains.first();
            self.public_url = self
                .public_url
                .take()
                .or(first.map(|domain| format!("https://{domain}")));
        }
        if let Some(url) = &mut self.public_url {
            while url.ends_with('/') {
                url.pop();
            }
            let rest = url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://"));
            if rest.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
                bail!("public_url must be scheme and host, as https://board.example.org, not {url:?}");
            }
        }
        if self.confirm_again_s.0 > MAX_CONFIRM_AGAIN_S {
            bail!("confirm_again_s is {MAX_CONFIRM_AGAIN_S} at most");
        }
        Places::new(&self.push_services.0)?;
        identity::check(&mut self.oidc, self.ldap.as_mut())?;
        self.mail.as_mut().map_or(Ok(()), Mail::check)?;
        self.bucket.as_mut().map_or(Ok(()), BucketConfig::check)?;
        self.postgres.as_mut().map_or(Ok(()), PostgresConfig::check)?;
        for pbx in &mut self.pbx {
            let what = format!("pbx {:?}: secret", pbx.name);
            pbx.secret = secret_of(pbx.secret.take(), pbx.secret_file.as_deref(), &what)?;
            if pbx.secret.is_none() {
                bail!("{what} or secret_file is missing");
            }
        }
        Ok(())
    }
}

/// A secret of the settings, or of the file that they name; an empty one is none.
fn secret_of(given: Option<SecretString>, file: Option<&Path>, what: &str) -> Result<Option<SecretString>> {
    let secret = match (given, file) {
        (Some(_), Some(_)) => bail!("{what}: give it or its _file, not both"),
        (None, Some(path)) => {
            let text = read_small(path)?;
            Some(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        (given, None) => given,
    };
    Ok(secret.filter(|secret| !secret.expose_secret().is_empty()))
}

fn read_small(path: &Path) -> Result<String> {
    let size_bytes = std::fs::metadata(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .len();
    if size_bytes > MAX_FILE_BYTES {
        bail!("{} is larger than {MAX_FILE_BYTES} bytes", path.display());
    }
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// The error names the key, but never repeats the text around it: there may be a secret in it.
fn serde_path(table: Table) -> Result<Config> {
    Config::deserialize(Value::Table(table))
        .map_err(|error| anyhow::anyhow!("configuration: {}", error.message()))
}

/// Puts text at `path`; a number in the path is a place in a list.
fn put(table: &mut Table, path: &[String], text: &str) -> Result<()> {
    match path {
        [] => bail!("names nothing"),
        [key] => {
            table.insert(key.clone(), Value::String(text.into()));
            Ok(())
        }
        [key, place, rest @ ..] if place.parse::<usize>().is_ok() => {
            let place: usize = place.parse()?;
            let list = table
                .entry(key.clone())
                .or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(list) = list else {
                bail!("{key} is no list")
            };
            if place > list.len() {
                bail!(
                    "{key} has {} entries: the next one is {key}__{}",
                    list.len(),
                    list.len()
                );
            }
            if place == list.len() {
                list.push(Value::Table(Table::new()));
            }
            let Some(Value::Table(inner)) = list.get_mut(place) else {
                bail!("{key} holds no tables")
            };
            put(inner, rest, text)
        }
        [key, rest @ ..] => {
            let inner = table
                .entry(key.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = inner else {
                bail!("{key} has nothing below it")
            };
            put(inner, rest, text)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
