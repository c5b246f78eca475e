//! The same calls copied to a real PostgreSQL, and the same questions asked there.

use std::{path::Path, process::Command, time::Instant};

use server::{
    config::{Flag, PostgresConfig},
    store::{CallCopy, Carried, Store},
};

const PASSWORD: &str = "only-measured";

/// PostgreSQL in a folder of its own, stopped when this goes.
pub(crate) struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        // the script waits for its end, and stops what it started
        let _ = Command::new("kill")
            .arg("-INT")
            .arg(self.0.id().to_string())
            .status();
        let _ = self.0.wait();
    }
}

/// Starts it and copies everything; none where there are no packages of it.
pub(crate) async fn copied(store: &Store, folder: &Path) -> Option<(Store, Running)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/databases/debian");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let dir = folder.join("postgres");
    std::fs::create_dir(&dir).unwrap();
    let log = std::fs::File::create(folder.join("postgres.log")).unwrap();
    let running = Command::new(script)
        .arg("postgres")
        .arg(&dir)
        .arg(port.to_string())
        .arg(PASSWORD)
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut running = Running(running);
    let copy = CallCopy::patient(&PostgresConfig {
        address: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        password: Some(PASSWORD.into()),
        password_file: None,
        search: Flag(true),
        ca_file: None,
    })
    .unwrap();
    store.note_changes(true).await.unwrap();
    while copy.begin(store).await.is_err() {
        if running.0.try_wait().unwrap().is_some() {
            println!("PostgreSQL is not here: {}", dir.display());
            return None;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let begun = Instant::now();
    while copy.carry(store).await.unwrap() == Carried::Some {}
    println!("copied to PostgreSQL in {:.0?}", begun.elapsed());
    Some((store.clone().with_copy(copy), running))
}
