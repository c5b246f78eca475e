//! Settings of outgoing mail.

use std::{net::IpAddr, path::PathBuf};

use anyhow::{Result, bail};
use lettre::{Address, message::Mailbox};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    secret_of,
    values::{Port, Words},
};

/// How the way to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// Begins plain and goes over to TLS before anything is said (RFC 3207); port 587.
    #[default]
    StartTls,
    /// TLS from the beginning (RFC 8314); port 465.
    Tls,
    /// Not at all: only to this machine, port 25.
    None,
}

/// A server that takes mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Its name.
    pub host: String,
    /// Its port; that of the protection when not given.
    pub port: Option<Port>,
    /// How the way there is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// Authorities to trust it by, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
    /// As whom it is used; nobody in particular when not given.
    pub user: Option<String>,
    /// That one's password.
    pub password: Option<SecretString>,
    /// A file that holds it.
    pub password_file: Option<PathBuf>,
    /// From whom mail comes, as `Starboard <starboard@example.org>`.
    pub from: String,
    /// What stands behind the @ of those who may be written to; what does in `from` when not given.
    #[serde(default)]
    pub to_domains: Words,
}

impl Mail {
    /// The port.
    pub fn port(&self) -> u16 {
        let usual = match self.security {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        };
        self.port.map_or(usual, |port| port.0)
    }

    /// From whom mail comes.
    pub fn sender(&self) -> Result<Mailbox> {
        let Ok(sender) = self.from.parse::<Mailbox>() else {
            bail!("mail: from is a mail address, as \"Starboard <starboard@example.org>\"");
        };
        Ok(sender)
    }

    /// What may stand behind the @ of a recipient, in small letters.
    pub fn domains(&self) -> Vec<String> {
        if self.to_domains.0.is_empty() {
            let sender = self.sender().ok();
            let own = sender.map(|sender| sender.email.domain().to_lowercase());
            return own.into_iter().collect();
        }
        self.to_domains
            .0
            .iter()
            .map(|domain| domain.to_lowercase())
            .collect()
    }

    pub(super) fn check(&mut self) -> Result<()> {
        self.sender()?;
        let bad = self
            .domains()
            .into_iter()
            .find(|domain| Address::new("a", domain).is_err());
        if let Some(domain) = bad {
            bail!("mail: to_domains is a list of domains, as [\"example.org\"], not {domain:?}");
        }
        if self.host.is_empty() || self.host.contains(['/', ' ', '@']) {
            bail!("mail: host is the name of a mail server, not {:?}", self.host);
        }
        let address = self.host.parse::<IpAddr>();
        let is_here = self.host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        if self.security == MailSecurity::None && !is_here {
            bail!(
                "mail: without TLS only a mail server on this machine is used (security = \"starttls\" or \"tls\")"
            );
        }
        self.password = secret_of(
            self.password.take(),
            self.password_file.as_deref(),
            "mail: password",
        )?;
        if self.user.is_some() != self.password.is_some() {
            bail!("mail: give user and password (or password_file), or neither");
        }
        Ok(())
    }
}
