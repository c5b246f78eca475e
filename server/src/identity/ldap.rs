//! An LDAP directory: somebody is searched there, then their password is tried in their name.

use std::{borrow::Cow, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use ldap3::{
    Ldap as Handle, LdapConnAsync, LdapConnSettings, Scope, SearchEntry, SearchOptions, ldap_escape,
};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::Semaphore,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

use super::{DIRECTORY, MAX_GROUPS, Person, usable};
use crate::{config::Ldap, http::tls};

/// Connections at once; each sign-in has one of its own.
const AT_ONCE: usize = 8;
/// A connection must stand after so long.
const CONNECT: Duration = Duration::from_secs(4);
/// A whole sign-in may take so long, waiting for its turn included.
const WHOLE: Duration = Duration::from_secs(10);
/// What becomes of a farewell.
const FAREWELL: Duration = Duration::from_secs(1);
/// What never changes of a person: RFC 4530's, and Active Directory's.
const ENTRY_UUID: &str = "entryUUID";
const OBJECT_GUID: &str = "objectGUID";

// result codes of RFC 4511
const SUCCESS: u32 = 0;
const SIZE_LIMIT_EXCEEDED: u32 = 4;
const NO_SUCH_OBJECT: u32 = 32;
const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
const INVALID_CREDENTIALS: u32 = 49;
const CONSTRAINT_VIOLATION: u32 = 19;
const UNWILLING_TO_PERFORM: u32 = 53;

/// The directory.
pub struct Directory {
    settings: Ldap,
    tls: Arc<ClientConfig>,
    turns: Semaphore,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Directory")
            .field(&self.settings.url)
            .finish()
    }
}

/// A connection, which ends with this.
struct Connection {
    handle: Handle,
    driving: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

impl Directory {
    /// The directory of these settings; nothing is asked of it yet.
    pub fn new(settings: &Ldap) -> Result<Self> {
        Ok(Self {
            tls: Arc::new(tls::client_config(settings.ca_file.as_deref()).context("ldap")?),
            settings: settings.clone(),
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Its settings.
    pub fn settings(&self) -> &Ldap {
        &self.settings
    }

    /// Who this is, where the password is theirs. An error means that the directory did not say.
    pub async fn prove(&self, username: &str, password: &SecretString) -> Result<Option<Person>> {
        // a bind without a password succeeds and proves nothing (RFC 4513, 5.1.2)
        if username.is_empty() || password.expose_secret().is_empty() {
            return Ok(None);
        }
        let until = Instant::now() + WHOLE;
        let turn = timeout_at(until, self.turns.acquire());
        let _turn = turn.await.context("too many sign-ins wait for the directory")??;
        let asking = timeout_at(until, self.ask(username, password));
        asking.await.context("the directory took too long")?
    }

    async fn ask(&self, username: &str, password: &SecretString) -> Result<Option<Person>> {
        let mut connection = self.connect().await?;
        self.bind_as_searcher(&mut connection.handle).await?;
        let Some(entry) = self.find(&mut connection.handle, username).await? else {
            return Ok(None);
        };
        let bound = connection
            .handle
            .simple_bind(&entry.dn, password.expose_secret())
            .await?;
        match bound.rc {
            SUCCESS => {}
            INVALID_CREDENTIALS
            | INAPPROPRIATE_AUTHENTICATION
            | CONSTRAINT_VIOLATION
            | UNWILLING_TO_PERFORM
            | NO_SUCH_OBJECT => {
                tracing::info!(code = bound.rc, "the directory refused a password");
                return Ok(None);
            }
            other => bail!("the directory answered a sign-in with {other}"),
        }
        let groups = self.groups(&mut connection.handle, &entry).await?;
        // it has said everything: what becomes of the farewell is of no matter
        let _ = timeout(FAREWELL, connection.handle.unbind()).await;
        let settings = &self.settings;
        let one = |attribute: &str| values(&entry, attribute).find_map(|value| usable(&value));
        Ok(Some(Person {
            provider: DIRECTORY.into(),
            subject: subject(&entry),
            username: one(&settings.username_attribute).unwrap_or_else(|| username.to_owned()),
            display_name: one(&settings.name_attribute).unwrap_or_default(),
            groups,
        }))
    }

    async fn connect(&self) -> Result<Connection> {
        let settings = LdapConnSettings::new()
            .set_conn_timeout(CONNECT)
            .set_config(self.tls.clone())
            .set_starttls(self.settings.goes_over_to_tls());
        let (connection, handle) = LdapConnAsync::with_settings(settings, &self.settings.url)
            .await
            .context("no connection to the directory")?;
        let driving = tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "a connection to the directory ended");
            }
        });
        Ok(Connection { handle, driving })
    }

    async fn bind_as_searcher(&self, handle: &mut Handle) -> Result<()> {
        if let (Some(dn), Some(password)) = (&self.settings.bind_dn, &self.settings.password) {
            let bound = handle.simple_bind(dn, password.expose_secret()).await?;
            bound
                .success()
                .context("the directory refused bind_dn and password")?;
        }
        Ok(())
    }

    /// The one person of this name; nobody where there are several.
    async fn find(&self, handle: &mut Handle, username: &str) -> Result<Option<SearchEntry>> {
        let settings = &self.settings;
        let escaped: Cow<'_, str> = ldap_escape(username);
        let filter = settings.filter.replace("{username}", &escaped);
        let mut wanted = vec![
            settings.username_attribute.as_str(),
            settings.name_attribute.as_str(),
            ENTRY_UUID,
            OBJECT_GUID,
        ];
        wanted.extend(settings.group_attribute.as_deref());
        let mut found = search(handle, &settings.base, &filter, &wanted, 2).await?;
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => {
                tracing::warn!(
                    "the filter finds several people of one name in the directory: none of them gets in"
                );
                Ok(None)
            }
        }
    }

    async fn groups(&self, handle: &mut Handle, person: &SearchEntry) -> Result<Vec<String>> {
        let settings = &self.settings;
        let mut groups: Vec<String> = Vec::new();
        if let Some(attribute) = &settings.group_attribute {
            groups.extend(values(person, attribute).filter_map(|value| usable(&value)));
        }
        if let Some(base) = &settings.group_base {
            // people need not be able to see groups
            self.bind_as_searcher(handle).await?;
            let filter = settings
                .group_filter
                .replace("{dn}", &ldap_escape(person.dn.as_str()));
            let most = i32::try_from(MAX_GROUPS).unwrap_or(i32::MAX);
            for group in search(handle, base, &filter, &["cn"], most).await? {
                groups.extend(values(&group, "cn").filter_map(|value| usable(&value)));
            }
        }
        groups.truncate(MAX_GROUPS);
        Ok(groups)
    }
}

async fn search(
    handle: &mut Handle,
    base: &str,
    filter: &str,
    wanted: &[&str],
    most: i32,
) -> Result<Vec<SearchEntry>> {
    handle.with_search_options(SearchOptions::new().sizelimit(most));
    let answer = handle.search(base, Scope::Subtree, filter, wanted).await?;
    match answer.1.rc {
        SUCCESS | SIZE_LIMIT_EXCEEDED => {}
        other => bail!("the directory answered a search with {other}"),
    }
    let entries = answer
        .0
        .into_iter()
        .filter(|entry| !entry.is_ref() && !entry.is_intermediate());
    Ok(entries.map(SearchEntry::construct).collect())
}

/// What an attribute holds; its name is written as the directory likes.
fn values<'a>(entry: &'a SearchEntry, attribute: &'a str) -> impl Iterator<Item = String> + 'a {
    let named = entry
        .attrs
        .iter()
        .filter(move |(name, _)| name.eq_ignore_ascii_case(attribute));
    named.flat_map(|(_, values)| values.iter().cloned())
}

/// Who it is for ever; the place in the tree only where the directory knows nothing better.
fn subject(entry: &SearchEntry) -> String {
    if let Some(uuid) = values(entry, ENTRY_UUID).find_map(|value| usable(&value)) {
        return format!("uuid:{}", uuid.to_ascii_lowercase());
    }
    let text = entry.attrs.get(OBJECT_GUID).and_then(|values| values.first());
    let bytes = entry.bin_attrs.get(OBJECT_GUID).and_then(|values| values.first());
    if let Some(guid) = bytes.map(Vec::as_slice).or(text.map(String::as_bytes)) {
        let digits: String = guid.iter().map(|byte| format!("{byte:02x}")).collect();
        return format!("guid:{digits}");
    }
    format!("dn:{}", entry.dn.to_lowercase())
}
