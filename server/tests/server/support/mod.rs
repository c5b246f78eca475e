//! Starts the real server on a free port with a folder of its own, and talks to it as a browser would.

pub(crate) mod authenticator;
pub(crate) mod http;
pub(crate) mod live;
pub(crate) mod office;
pub(crate) mod peer;
pub(crate) mod person;
pub(crate) mod program;
pub(crate) mod rest;
pub(crate) mod servers;
pub(crate) mod visitor;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use secrecy::SecretString;
use server::{
    Server,
    config::{Config, PbxConfig, Port, TlsConfig},
    services::Services,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

pub(crate) use http::{Answer, Browser};

/// The longest any condition may take to come true.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const PASSWORD: &str = "seven purple herons";

/// A running server.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) services: Services,
    pub(crate) setup_link: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<anyhow::Result<()>>,
    pub(crate) folder: TempDir,
}

/// Settings for a server in `folder`.
pub(crate) fn config(folder: &TempDir) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: folder.path().join("starboard.db"),
        site_root: folder.path().join("site"),
        ..Config::default()
    }
}

/// A connection to an AMI server on this host.
pub(crate) fn pbx(address: SocketAddr, username: &str, secret: &str) -> PbxConfig {
    PbxConfig {
        name: "Office".into(),
        host: address.ip().to_string(),
        port: Some(Port(address.port())),
        tls: TlsConfig::Off,
        username: username.into(),
        secret: Some(SecretString::from(secret.to_owned())),
        secret_file: None,
        context: "from-internal".into(),
        queue_log: None,
        recordings: None,
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder);
        Self::start_with(folder, config).await
    }

    pub(crate) async fn start_with(folder: TempDir, config: Config) -> Self {
        let server = Server::build(config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let (address, services) = (server.addr(), server.services().clone());
        let setup_link = server.setup_link().map(str::to_owned);
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self {
            address,
            services,
            setup_link,
            stop: Some(stop),
            running,
            folder,
        }
    }

    /// Stops as SIGTERM does and gives the folder back.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.ask_to_stop();
        tokio::time::timeout(PATIENCE, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        self.folder
    }

    pub(crate) fn ask_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
        }
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    pub(crate) fn setup_token(&self) -> String {
        self.setup_link
            .as_ref()
            .unwrap()
            .split_once("token=")
            .unwrap()
            .1
            .to_owned()
    }

    /// Makes the first administrator, `ada`, and gives the browser it was done with.
    pub(crate) async fn set_up(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser
            .post("/api/set_up", &setup_form(&self.setup_token(), "ada"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        browser
    }
}

pub(crate) fn setup_form(token: &str, username: &str) -> Vec<(&'static str, String)> {
    vec![
        ("token", token.to_owned()),
        ("username", username.to_owned()),
        ("display_name", "Ada".to_owned()),
        ("password", PASSWORD.to_owned()),
        ("password_again", PASSWORD.to_owned()),
    ]
}

/// Waits until the condition holds.
pub(crate) async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(started.elapsed() < PATIENCE, "never happened: {what}");
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Begins a download and reads no more than how it begins: what is larger than lies between the two ends waits there.
pub(crate) async fn begun(server: &TestServer, browser: &Browser, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut socket = socket.connect(server.address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
        server.address,
        browser.cookie.as_deref().unwrap()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 16];
    socket.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK\r");
    socket
}
