//! TLS of our own: certificate files, which are read again when they change, or certificates by ACME (RFC 8555, proved
//! by TLS-ALPN-01, RFC 8737).

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_acme::{AcmeConfig, caches::DirCache, is_tls_alpn_challenge};
use tokio::net::TcpStream;
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use crate::config::{Acme, TlsFiles};

/// A handshake must be through after so long.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often certificate files are looked at.
const LOOK_AT_FILES: Duration = Duration::from_secs(30);
/// The largest certificate or key file, in bytes.
const MAX_PEM_BYTES: u64 = 256 << 10;
/// What we speak inside.
const HTTP_1_1: &[u8] = b"http/1.1";

/// How connections are protected.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    /// For people.
    config: Arc<ServerConfig>,
    /// For an authority that checks whose name it is.
    challenge: Option<Arc<ServerConfig>>,
}

impl Tls {
    /// By certificate files.
    pub(crate) fn of_files(files: &TlsFiles) -> Result<Self> {
        let held = Arc::new(Held::read(files)?);
        let looking = held.clone();
        tokio::spawn(async move { looking.keep_up().await });
        let mut config = server_config()?.with_cert_resolver(held);
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Self {
            config: Arc::new(config),
            challenge: None,
        })
    }

    /// By certificates that an authority gives, renewed in time. They are kept in `folder`.
    pub(crate) fn of_acme(acme: &Acme, folder: PathBuf) -> Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        let contacts = acme.contact.iter().map(|address| format!("mailto:{address}"));
        let mut state = AcmeConfig::new_with_client_config(
            acme.domains.iter(),
            Arc::new(client_config(acme.ca_file.as_deref())?),
        )
        .contact(contacts)
        .directory(&acme.directory)
        .cache(DirCache::new(folder))
        .state();
        let mut config = server_config()?.with_cert_resolver(state.resolver());
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        let challenge = state.challenge_rustls_config_with_provider(Arc::new(ring::default_provider()));
        tokio::spawn(async move {
            while let Some(event) = state.next().await {
                match event {
                    Ok(event) => tracing::info!(?event, "certificate"),
                    Err(error) => {
                        tracing::error!(%error, "a certificate could not be had; it is tried again")
                    }
                }
            }
        });
        Ok(Self {
            config: Arc::new(config),
            challenge: Some(challenge),
        })
    }

    /// The connection with its protection; nothing where there is none to be had, or an authority was answered.
    pub(crate) async fn shake_hands(&self, stream: TcpStream) -> Option<Box<TlsStream<TcpStream>>> {
        let shaking = async {
            let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
            match &self.challenge {
                Some(challenge) if is_tls_alpn_challenge(&start.client_hello()) => {
                    let mut stream = start.into_stream(challenge.clone()).await?;
                    tokio::io::AsyncWriteExt::shutdown(&mut stream).await?;
                    Ok(None)
                }
                Some(_) | None => start.into_stream(self.config.clone()).await.map(Some),
            }
        };
        match tokio::time::timeout(HANDSHAKE, shaking).await {
            Ok(Ok(stream)) => stream.map(Box::new),
            Ok(Err(error)) => {
                let error: std::io::Error = error;
                tracing::debug!(%error, "a handshake failed");
                None
            }
            Err(_) => None,
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn server_config() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>> {
    let versions = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(versions.with_no_client_auth())
}

/// How we trust a server that we connect to: by these authorities, or by the system's.
pub(crate) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => {
            for certificate in certificates(path)? {
                roots
                    .add(certificate)
                    .with_context(|| format!("{} holds no authority", path.display()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            ensure!(
                !roots.is_empty(),
                "this system has no certificate authorities: install ca-certificates"
            );
        }
    }
    let versions = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

fn pem(path: &Path) -> Result<Vec<u8>> {
    let read = || -> std::io::Result<Vec<u8>> {
        let size_bytes = fs::metadata(path)?.len();
        if size_bytes > MAX_PEM_BYTES {
            return Err(std::io::Error::other("it is too large"));
        }
        fs::read(path)
    };
    read().with_context(|| format!("{} cannot be read", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem(path)?).collect();
    let found = found.with_context(|| format!("{} is no PEM file", path.display()))?;
    ensure!(!found.is_empty(), "{} holds no certificate", path.display());
    Ok(found)
}

/// The certificate of files, as it was read last.
#[derive(Debug)]
struct Held {
    files: TlsFiles,
    now: RwLock<(Arc<CertifiedKey>, [Option<SystemTime>; 2])>,
}

impl Held {
    fn read(files: &TlsFiles) -> Result<Self> {
        let now = RwLock::new((load(files)?, changed(files)));
        Ok(Self {
            files: files.clone(),
            now,
        })
    }

    /// Reads the files again whenever they change, for ever. Files that do not fit leave the certificate as it was.
    async fn keep_up(&self) {
        let mut turn = tokio::time::interval(LOOK_AT_FILES);
        loop {
            turn.tick().await;
            let changed = changed(&self.files);
            if self.now.read().unwrap_or_else(PoisonError::into_inner).1 == changed {
                continue;
            }
            match load(&self.files) {
                Ok(key) => {
                    *self.now.write().unwrap_or_else(PoisonError::into_inner) = (key, changed);
                    tracing::info!("the certificate was read again");
                }
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "the changed certificate cannot be used; the one before stays");
                }
            }
        }
    }
}

impl ResolvesServerCert for Held {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        Some(now.0.clone())
    }
}

fn changed(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|path| fs::metadata(path).and_then(|found| found.modified()).ok())
}

fn load(files: &TlsFiles) -> Result<Arc<CertifiedKey>> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&pem(&files.key)?)
        .with_context(|| format!("{} holds no private key in PEM form", files.key.display()))?;
    let key = CertifiedKey::from_der(chain, key, &ring::default_provider()).with_context(|| {
        format!(
            "{} and {} do not belong together",
            files.certificate.display(),
            files.key.display()
        )
    })?;
    Ok(Arc::new(key))
}
