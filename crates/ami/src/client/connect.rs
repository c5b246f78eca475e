//! Making a connection: name, TCP, TLS, each with its own way to fail.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig as TlsConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::config::{CONNECT_TIMEOUT_MS, ClientConfig, Tls};
use super::link::DownReason;

/// What a session runs over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects, within [`CONNECT_TIMEOUT_MS`].
pub(super) async fn connect(config: &ClientConfig) -> Result<Box<dyn Stream>, DownReason> {
    let attempt = async {
        let tcp = reach(&config.host, config.port).await?;
        match &config.tls {
            Tls::Off => Ok(Box::new(tcp) as Box<dyn Stream>),
            Tls::Verify {
                server_name,
                extra_ca_pem,
            } => {
                let name = server_name.as_deref().unwrap_or(&config.host);
                encrypt(tcp, name, extra_ca_pem.as_deref()).await
            }
        }
    };
    timeout(Duration::from_millis(CONNECT_TIMEOUT_MS), attempt)
        .await
        .unwrap_or(Err(DownReason::ConnectTimeout))
}

async fn reach(host: &str, port: u16) -> Result<TcpStream, DownReason> {
    let addresses = lookup_host((host, port)).await.map_err(|error| DownReason::Dns {
        message: error.to_string(),
    })?;
    let mut last = DownReason::Dns {
        message: "no address".to_owned(),
    };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Actions are small and answers are awaited.
                stream.set_nodelay(true).map_err(|error| DownReason::Broken {
                    message: error.to_string(),
                })?;
                return Ok(stream);
            }
            Err(error) => {
                last = match error.kind() {
                    io::ErrorKind::ConnectionRefused => DownReason::Refused,
                    io::ErrorKind::TimedOut => DownReason::ConnectTimeout,
                    _ => DownReason::Unreachable {
                        message: error.to_string(),
                    },
                };
            }
        }
    }
    Err(last)
}

async fn encrypt(
    tcp: TcpStream,
    name: &str,
    extra_ca_pem: Option<&str>,
) -> Result<Box<dyn Stream>, DownReason> {
    let failed = |message: String| DownReason::TlsFailed { message };
    let server_name = ServerName::try_from(name.to_owned()).map_err(|error| failed(error.to_string()))?;
    let roots = roots(extra_ca_pem).map_err(failed)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = TlsConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    match TlsConnector::from(Arc::new(config))
        .connect(server_name, tcp)
        .await
    {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(classify(&error)),
    }
}

/// The system's certificates and the given ones. Unreadable system ones are passed over: what is missing then
/// shows as an untrusted certificate.
fn roots(extra_ca_pem: Option<&str>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = extra_ca_pem {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate =
                certificate.map_err(|error| format!("the given certificate is not PEM: {error}"))?;
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        if roots.len() == before {
            return Err("the given text holds no certificate".to_owned());
        }
    }
    Ok(roots)
}

fn classify(error: &io::Error) -> DownReason {
    let cause = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(fault)) => DownReason::TlsUntrusted {
            message: fault.to_string(),
        },
        Some(other) => DownReason::TlsFailed {
            message: other.to_string(),
        },
        None => DownReason::TlsFailed {
            message: error.to_string(),
        },
    }
}
