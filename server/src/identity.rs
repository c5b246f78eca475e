//! People whom others vouch for: an OpenID Connect provider or an LDAP directory says who they are and in which groups;
//! what that comes to here is ours to say. `docs/single-sign-on.md` tells what is trusted and what not.

mod groups;
pub mod ldap;
pub mod oidc;

use std::time::Duration;

use anyhow::Result;

pub use groups::{Place, place, role_called};

use crate::{
    config::{Config, Mapping},
    identity::{ldap::Directory, oidc::Provider},
};

/// The directory's name in the table of identities; providers go by their issuer, which is an address.
pub const DIRECTORY: &str = "ldap";
/// Characters of a name or group that is taken from outside; longer ones are none.
const MAX_TEXT_CHARS: usize = 512;
/// Groups that are looked at.
const MAX_GROUPS: usize = 1_000;
/// Where there is a directory, no sign-in is refused sooner: who is there, who is here and who is nowhere looks the same.
pub const REFUSAL: Duration = Duration::from_millis(750);

/// Somebody as those who vouch for them say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who says so: the issuer, or [`DIRECTORY`].
    pub provider: String,
    /// Who it is there, for ever.
    pub subject: String,
    /// What they are called at a sign-in; it may change hands.
    pub username: String,
    /// Name shown; empty where none was told.
    pub display_name: String,
    /// Their groups.
    pub groups: Vec<String>,
}

/// Everybody who may vouch for people.
#[derive(Debug, Default)]
pub struct Vouchers {
    /// Providers, in the order of their buttons.
    pub providers: Vec<Provider>,
    /// The directory.
    pub directory: Option<Directory>,
}

impl Vouchers {
    /// Those of the settings.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            providers: config.oidc.iter().map(Provider::new).collect::<Result<_>>()?,
            directory: config.ldap.as_ref().map(Directory::new).transpose()?,
        })
    }

    /// What people call whoever is behind this name of the table of identities.
    pub fn name_of<'a>(&'a self, provider: &'a str) -> &'a str {
        if provider == DIRECTORY {
            return self.directory.as_ref().map_or("a directory", Directory::name);
        }
        let known = self.providers.iter().find(|one| one.issuer() == provider);
        known.map_or(provider, Provider::name)
    }

    /// What groups come to of whoever is behind this name.
    pub fn mapping_of(&self, provider: &str) -> Option<Mapping<'_>> {
        if provider == DIRECTORY {
            return self.directory.as_ref().map(|one| one.settings().mapping());
        }
        let known = self.providers.iter().find(|one| one.issuer() == provider);
        known.map(|one| one.settings().mapping())
    }
}

/// Text from outside, where it can be used at all.
fn usable(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty()
        && text.chars().take(MAX_TEXT_CHARS + 1).count() <= MAX_TEXT_CHARS
        && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}
