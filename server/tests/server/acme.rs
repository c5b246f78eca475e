//! Certificates by ACME, from a real authority: Pebble, which checks us by TLS-ALPN as Let's Encrypt would.

use std::{net::Ipv4Addr, path::Path, sync::Arc};

use serde_json::json;
use server::config::{Acme, Config};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::ring,
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};

use crate::support::{
    TestServer, config, eventually,
    servers::{Running, certificate, command, free_port, listens, root},
};

const DOMAIN: &str = "board.example.org";

/// Pebble, and a name server that knows one address for every name.
struct Authority {
    directory: String,
    ca_file: std::path::PathBuf,
    _running: [Running; 2],
}

impl Authority {
    /// It looks for whoever asks for a certificate at this port of loopback.
    async fn start(folder: &Path, checked_port: u16) -> Self {
        let [names, management, directory] = [free_port(), free_port(), free_port()];
        let (ca_file, key) = certificate(folder, "pebble");
        let settings = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{directory}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": ca_file, "privateKey": key,
            "httpPort": 1, "tlsPort": checked_port,
            "ocspResponderURL": "", "externalAccountBindingRequired": false,
            "retryAfter": { "authz": 1, "order": 1 },
        }});
        let file = folder.join("pebble.json");
        std::fs::write(&file, settings.to_string()).unwrap();
        let mut resolver = command("usr/bin/pebble-challtestsrv");
        resolver.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]);
        resolver.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""]);
        resolver.args(["-dnsserver", &format!("127.0.0.1:{names}")]);
        resolver.args(["-management", &format!("127.0.0.1:{}", free_port())]);
        let resolver = Running::start(resolver, &folder.join("names.log"));
        listens(names).await;
        let mut pebble = command("usr/bin/pebble");
        pebble.arg("-config").arg(&file);
        pebble.args(["-strict", "-dnsserver", &format!("127.0.0.1:{names}")]);
        pebble
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "0");
        let pebble = Running::start(pebble, &folder.join("pebble.log"));
        listens(directory).await;
        Self {
            directory: format!("https://localhost:{directory}/dir"),
            ca_file,
            _running: [resolver, pebble],
        }
    }
}

/// Takes any certificate: what is looked at is which one it is.
#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The certificates served at this port, the own one first; None while there is none.
async fn served(port: u16) -> Option<Vec<CertificateDer<'static>>> {
    let settings = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything))
        .with_no_client_auth();
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    let name = ServerName::try_from(DOMAIN).unwrap();
    let stream = TlsConnector::from(Arc::new(settings))
        .connect(name, stream)
        .await
        .ok()?;
    let chain = stream.get_ref().1.peer_certificates()?;
    Some(chain.iter().map(|one| one.clone().into_owned()).collect())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

fn settings(folder: &TempDir, port: u16, authority: &Authority) -> Config {
    Config {
        listen: (Ipv4Addr::LOCALHOST, port).into(),
        acme: Some(Acme {
            domains: vec![DOMAIN.into()],
            contact: vec!["admin@example.org".into()],
            directory: authority.directory.clone(),
            ca_file: Some(authority.ca_file.clone()),
        }),
        ..config(folder)
    }
}

#[tokio::test]
async fn a_certificate_comes_by_acme_and_a_restart_goes_on_with_it() {
    if root("a_certificate_comes_by_acme_and_a_restart_goes_on_with_it").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let authority = Authority::start(folder.path(), port).await;
    let settings = settings(&folder, port, &authority);
    let server = TestServer::start_with(folder, settings.clone()).await;
    let chain = eventually("a certificate is served", async || served(port).await).await;
    let (own, issuer) = (&chain[0], &chain[1]);
    assert!(contains(own, DOMAIN) && contains(own, "Pebble Intermediate CA"));
    assert!(contains(issuer, "Pebble Root CA"));

    let kept = server.folder.path().join("acme");
    eventually("the certificate is kept", async || {
        let mut files = std::fs::read_dir(&kept).ok()?.filter_map(Result::ok);
        files.find(|file| file.file_name().to_string_lossy().starts_with("cached_cert_"))
    })
    .await;

    // the authority is gone: what is served now can only be what was kept
    drop(authority);
    let folder = server.stop().await;
    let server = TestServer::start_with(folder, settings).await;
    let again = eventually("a certificate is served again", async || served(port).await).await;
    assert_eq!(again, chain);
    server.stop().await;
}
