//! Real servers of other makers, from `end2end/servers`: each is started on free ports for one test and ended with it.

use std::{
    env,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::TcpStream;

use super::eventually;

/// A program that ends with its test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts it; what it says goes to a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self(child)
    }
}

/// Programs that are fetched together.
#[derive(Clone, Copy)]
pub(crate) struct Kit {
    folder: &'static str,
    script: &'static str,
    what: &'static str,
}

const SERVERS: Kit = Kit {
    folder: "servers",
    script: "debian",
    what: "slapd and Pebble",
};
pub(crate) const DATABASES: Kit = Kit {
    folder: "databases",
    script: "debian",
    what: "MariaDB and PostgreSQL",
};
pub(crate) const ASTERISK: Kit = Kit {
    folder: "asterisk",
    script: "pbx",
    what: "a private Asterisk",
};

impl Kit {
    fn script(self) -> PathBuf {
        let kits = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end");
        kits.join(self.folder).join(self.script)
    }

    pub(crate) fn command(self) -> Command {
        Command::new(self.script())
    }
}

/// Where slapd and Pebble are. None on a host without apt: the test that asks says so and proves nothing there.
pub(crate) fn root(test: &str) -> Option<PathBuf> {
    root_of(SERVERS, test)
}

/// The same of any kit.
pub(crate) fn root_of(kit: Kit, test: &str) -> Option<PathBuf> {
    let what = kit.what;
    let said = kit.command().arg("root").output().unwrap();
    let root = PathBuf::from(String::from_utf8(said.stdout).unwrap().trim());
    if root.join(".complete").exists() {
        return Some(root);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let apt = env::split_paths(&path).any(|folder| folder.join("apt-get").exists());
    assert!(!apt, "{what} are not installed; run: scripts/setup test");
    eprintln!("skipped: {test}: this host has no apt, so {what} cannot be had");
    None
}

/// A command that runs one of the programs.
pub(crate) fn command(program: &str) -> Command {
    let mut command = SERVERS.command();
    command.arg("run").arg(program);
    command
}

/// A port of loopback that nobody has.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) async fn listens(port: u16) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    eventually("a server listens", async || {
        TcpStream::connect(address).await.ok()
    })
    .await;
}

/// A certificate for loopback and its key, as PEM files in the folder.
pub(crate) fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let paths = [format!("{name}.pem"), format!("{name}.key")].map(|file| folder.join(file));
    std::fs::write(&paths[0], cert.pem()).unwrap();
    std::fs::write(&paths[1], signing_key.serialize_pem()).unwrap();
    let [certificate, key] = paths;
    (certificate, key)
}
