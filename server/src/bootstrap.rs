//! What happens at a start: the site is looked at, connections come from the configuration, and while there
//! is no administrator a one-time link is made.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

use anyhow::{Context, Result};
use app::{
    audit::{Action, Fact, Outcome},
    model::{PbxConnection, PbxId, TlsMode},
};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    backend::{
        LOG_PATH, RECORDINGS_PATH, changes, is_folder_of_recordings, is_log_path, is_well_known, token_hash,
    },
    clock::wall_ms,
    config::{PbxConfig, TlsConfig},
    services::Services,
    store::SECRET_COLUMN,
    trail::{Act, Who},
};

/// Where the names of the hashed files are.
pub(crate) const HASH_FILE: &str = "hash.txt";
/// Where the build's id is.
const BUILD_FILE: &str = "build_id.txt";
/// Characters of a build id.
const BUILD_CHARS: usize = 64;

/// The browser's half as it lies on disk.
#[derive(Debug)]
pub(crate) struct Site {
    /// Which build; a page of another one reloads.
    pub(crate) build: String,
    /// Its files carry hashes in their names.
    pub(crate) hashed: bool,
}

impl Site {
    pub(crate) fn read(root: &Path) -> Self {
        let hashes = std::fs::read(root.join(HASH_FILE)).ok();
        let id = std::fs::read_to_string(root.join(BUILD_FILE)).ok();
        let id = id
            .map(|id| id.trim().chars().take(BUILD_CHARS).collect::<String>())
            .filter(|id| !id.is_empty());
        if hashes.is_none() {
            tracing::warn!(site = %root.display(), "there is no built site: pages come without their scripts");
        }
        let build = id.unwrap_or_else(|| {
            let mut digest = Sha256::new();
            digest.update(env!("CARGO_PKG_VERSION"));
            digest.update(hashes.as_deref().unwrap_or_default());
            hex(&digest.finalize()[..8])
        });
        Self {
            build,
            hashed: hashes.is_some(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a new link while there is no administrator. Only its hash is kept.
pub(crate) async fn setup_link(
    services: &Services,
    public_url: Option<&str>,
    address: SocketAddr,
    tls: bool,
) -> Result<Option<String>> {
    if !services.store.setup_open().await? {
        return Ok(None);
    }
    let mut token = [0; 32];
    rand::rng().fill_bytes(&mut token);
    let token = hex(&token);
    services
        .store
        .set_setup_token(&token_hash(&token), wall_ms())
        .await?;
    let base = public_url.map_or_else(|| local_url(address, tls), str::to_owned);
    Ok(Some(format!("{base}/setup?token={token}")))
}

/// The address to open on this very host.
pub(crate) fn local_url(address: SocketAddr, tls: bool) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() || ip == IpAddr::from([127, 0, 0, 1]) => "127.0.0.1".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{host}:{}", address.port())
}

/// Brings the connections of the configuration into the database, then starts every link.
pub(crate) async fn connections(services: &Services, configured: &[PbxConfig]) -> Result<()> {
    for pbx in configured {
        bring_in(services, pbx)
            .await
            .with_context(|| format!("the connection {:?} of the configuration", pbx.name))?;
    }
    for record in services.store.pbxs().await? {
        let id = record.shown.id;
        match services.seal.unseal(SECRET_COLUMN, id.0, &record.secret_sealed) {
            Ok(secret) => services.links.put(&record.shown, &secret).await,
            Err(error) => {
                // shown as a connection that is off, so that its secret can be typed in again
                tracing::error!(pbx = id.0, error = %format!("{error:#}"), "a link cannot start");
                let disabled = PbxConnection {
                    enabled: false,
                    ..record.shown
                };
                services.links.put(&disabled, &SecretString::default()).await;
            }
        }
    }
    Ok(())
}

async fn bring_in(services: &Services, pbx: &PbxConfig) -> Result<()> {
    let secret = pbx.secret.clone().unwrap_or_default();
    anyhow::ensure!(
        !is_well_known(&secret),
        "its secret is one that everyone knows; set another one in manager.conf and here"
    );
    if let Some(path) = &pbx.queue_log {
        anyhow::ensure!(is_log_path(&path.display().to_string()), "queue_log: {LOG_PATH}");
    }
    if let Some(path) = &pbx.recordings {
        let good = is_folder_of_recordings(&path.display().to_string());
        anyhow::ensure!(good, "recordings: {RECORDINGS_PATH}");
    }
    let tls = match pbx.tls {
        TlsConfig::Off => TlsMode::Off,
        TlsConfig::Verify => TlsMode::Verify,
    };
    let usual = match tls {
        TlsMode::Off => 5038,
        TlsMode::Verify => 5039,
    };
    let existing = services
        .store
        .pbxs()
        .await?
        .into_iter()
        .find(|record| record.shown.name == pbx.name);
    let shown = PbxConnection {
        id: existing
            .as_ref()
            .map_or(PbxId::default(), |record| record.shown.id),
        name: pbx.name.clone(),
        host: pbx.host.clone(),
        port: pbx.port.map_or(usual, |port| port.0),
        tls,
        ca_pem: existing
            .as_ref()
            .map(|record| record.shown.ca_pem.clone())
            .unwrap_or_default(),
        username: pbx.username.clone(),
        context: pbx.context.clone(),
        enabled: existing.as_ref().is_none_or(|record| record.shown.enabled),
        supervision_private: existing
            .as_ref()
            .is_some_and(|record| record.shown.supervision_private),
        queue_log: path_or(pbx.queue_log.as_deref(), || {
            Some(&existing.as_ref()?.shown.queue_log)
        }),
        recordings: path_or(pbx.recordings.as_deref(), || {
            Some(&existing.as_ref()?.shown.recordings)
        }),
    };
    let sealing = |id: PbxId| services.seal.seal(SECRET_COLUMN, id.0, &secret);
    let Some(existing) = existing else {
        let act = begin(
            services,
            Action::AddPbx,
            &shown.name,
            &changes(None, &shown, true),
        )
        .await?;
        services.store.add_pbx(&shown, sealing).await?;
        services.trail.end(act, Outcome::Done, &[]).await;
        return Ok(());
    };
    let opened = services
        .seal
        .unseal(SECRET_COLUMN, shown.id.0, &existing.secret_sealed);
    let unchanged = opened.is_ok_and(|stored| stored.expose_secret() == secret.expose_secret());
    if unchanged && existing.shown == shown {
        return Ok(());
    }
    let facts = changes(Some(&existing.shown), &shown, !unchanged);
    let act = begin(services, Action::ChangePbx, &shown.name, &facts).await?;
    let sealing = |id: PbxId| sealing(id).map(Some);
    services.store.save_pbx(&shown, sealing).await?;
    services.trail.end(act, Outcome::Done, &[]).await;
    Ok(())
}

/// The path of the configuration, else what was there.
fn path_or<'a>(path: Option<&Path>, before: impl FnOnce() -> Option<&'a String>) -> String {
    match path {
        Some(path) => path.display().to_string(),
        None => before().cloned().unwrap_or_default(),
    }
}

/// What the configuration changes is told like everything else.
async fn begin(services: &Services, action: Action, name: &str, facts: &[Fact]) -> Result<Act> {
    let object = format!("pbx {name}, by the configuration");
    Ok(services
        .trail
        .begin(Who::itself(), "", action, &object, facts)
        .await?)
}
