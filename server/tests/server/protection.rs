//! TLS of our own, and who may come from where.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use app::live::protocol::ServerFrame;
use futures::StreamExt;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use server::config::{Config, TlsFiles};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName},
    },
};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::support::{PASSWORD, TestServer, config, eventually, setup_form};

/// A certificate for `localhost`, written to the two files.
fn certificate(files: &TlsFiles) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    fs::write(&files.key, signing_key.serialize_pem()).unwrap();
    fs::write(&files.certificate, cert.pem()).unwrap();
    cert.der().clone()
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    }
}

/// A connection that trusts this certificate and no other.
async fn shake_hands(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn ask(stream: &mut TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // a peer that closes without a farewell has answered all the same
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn pages_and_the_live_socket_come_over_our_own_tls() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let trusted = certificate(&files);
    let settings = Config {
        tls: Some(files),
        ..config(&folder)
    };
    let server = TestServer::start_with(folder, settings).await;
    let (address, port) = (server.address, server.address.port());
    assert!(
        server
            .setup_link
            .as_ref()
            .unwrap()
            .starts_with("https://127.0.0.1:")
    );

    let form = setup_form(&server.setup_token(), "ada");
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
        .collect();
    let body = body.join("&");
    let request = format!(
        "POST /api/set_up HTTP/1.0\r\nHost: localhost:{port}\r\nOrigin: https://localhost:{port}\r\nAccept: */*\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(&mut shake_hands(address, &trusted).await.unwrap(), &request).await;
    assert!(answer.contains(" 200 "), "{answer}");
    assert!(
        answer
            .to_lowercase()
            .contains("strict-transport-security: max-age=31536000"),
        "{answer}"
    );
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();

    let page =
        format!("GET / HTTP/1.0\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n");
    let answer = ask(&mut shake_hands(address, &trusted).await.unwrap(), &page).await;
    assert!(answer.contains("Switchboard"), "{answer}");

    let stream = shake_hands(address, &trusted).await.unwrap();
    let mut request = format!("wss://localhost:{port}/live")
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("origin", format!("https://localhost:{port}").parse().unwrap());
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    let (mut live, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let Some(Ok(Message::Binary(first))) = live.next().await else {
        panic!("no first message")
    };
    assert!(matches!(
        postcard::from_bytes::<ServerFrame>(&first),
        Ok(ServerFrame::Snapshot(_))
    ));
    // more than a protected stream keeps for itself, to a page that reads late
    for round in 0..400 {
        server.services.hub.add(
            crate::live::row(round, &"name ".repeat(200)),
            telephony::Settings::default(),
        );
    }
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 400 {
        let Some(Ok(Message::Binary(bytes))) = live.next().await else {
            panic!("the socket ended")
        };
        match postcard::from_bytes::<ServerFrame>(&bytes).unwrap() {
            ServerFrame::Changes { changes, .. } => {
                for change in changes {
                    if let app::live::protocol::LiveChange::Pbx(row) = change {
                        seen.insert(row.id.0);
                    }
                }
            }
            ServerFrame::Snapshot(snapshot) => seen.extend(snapshot.pbxs.iter().map(|one| one.pbx.id.0)),
            ServerFrame::Pulse { .. } | ServerFrame::Bye(_) | ServerFrame::You(_) => {}
        }
    }

    // whoever speaks plainly to it gets nothing
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(page.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"), "{answer:?}");
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_its_key_stops_the_start_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    certificate(&files);
    let other = generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    fs::write(&files.key, other.signing_key.serialize_pem()).unwrap();
    let settings = Config {
        tls: Some(files.clone()),
        ..config(&folder)
    };
    let error = server::Server::build(settings.clone()).await.unwrap_err();
    assert!(
        format!("{error:#}").contains("do not belong together"),
        "{error:#}"
    );
    fs::remove_file(&files.key).unwrap();
    let error = server::Server::build(settings).await.unwrap_err();
    assert!(
        format!("{error:#}").contains("key.pem cannot be read"),
        "{error:#}"
    );
}

#[tokio::test]
async fn people_of_a_role_come_from_its_networks_only() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Config {
        allowed_networks: toml::from_str(
            "administrator = [\"127.0.0.1\", \"10.1.0.0/16\"]\nagent = [\"10.2.0.0/16\"]",
        )
        .unwrap(),
        trusted_proxies: server::config::Networks(vec!["127.0.0.1/32".parse().unwrap()]),
        ..config(&folder)
    };
    let server = TestServer::start_with(folder, settings).await;
    let mut ada = server.set_up().await;
    assert_eq!(ada.get("/").await.status, 200);
    let elsewhere = |address: &'static str| [("Accept", "text/html"), ("X-Forwarded-For", address)];
    assert_eq!(ada.send("GET", "/", &elsewhere("10.1.2.3"), "").await.status, 200);
    let answer = ada.send("GET", "/", &elsewhere("192.0.2.7"), "").await;
    assert_eq!(
        answer.status, 303,
        "her session is worth nothing from there: {answer:?}"
    );

    let services = &server.services;
    let user = server::store::UserRecord {
        password_hash: services.passwords.hash(PASSWORD).await.unwrap(),
        ..server::store::UserRecord::new("grace", "Grace", app::access::BuiltIn::Agent, 1)
    };
    services.store.add_user(&user).await.unwrap();
    let mut grace = server.browser();
    let form = [
        ("username", "grace".to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    let answer = eventually("an answer", async || {
        Some(grace.post("/api/sign_in", &form).await)
    })
    .await;
    assert_ne!(answer.status, 200, "{answer:?}");
    let error: app::AppError = answer.value();
    assert!(
        error.to_string().contains("cannot sign in from this network"),
        "{error}"
    );
}
