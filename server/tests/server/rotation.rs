//! A new key for every secret: the server goes on, a cut leaves everything open, and a copied database opens nothing.

use std::path::Path;

use app::live::protocol::LinkStatus;
use secrecy::ExposeSecret;
use server::{
    seal::Seal,
    store::{SEALED, Store},
    trail::{
        Trail,
        verify::{Verdict, verify},
    },
};

use crate::support::{
    self, TestServer,
    office::Office,
    program::{run, start},
};

const SECRET: &str = "quiet harbour";

/// Whether the secret of the one connection opens, in a process that has just started.
async fn opens(folder: &Path) -> bool {
    opens_with(folder, &folder.join("starboard.key")).await
}

/// The secret of the one connection.
async fn secret_of(folder: &Path) -> String {
    let store = Store::open(&folder.join("starboard.db")).await.unwrap();
    let seal = Seal::open(&folder.join("starboard.key")).unwrap();
    let record = store.pbxs().await.unwrap().remove(0);
    let opened = seal.unseal("pbx.secret_sealed", record.shown.id.0, &record.secret_sealed);
    store.close().await;
    opened.unwrap().expose_secret().to_owned()
}

async fn opens_with(folder: &Path, key: &Path) -> bool {
    let store = Store::open(&folder.join("starboard.db")).await.unwrap();
    let seal = Seal::open(key).unwrap();
    let record = store.pbxs().await.unwrap().remove(0);
    let opened = seal.unseal("pbx.secret_sealed", record.shown.id.0, &record.secret_sealed);
    store.close().await;
    opened.is_ok_and(|secret| secret.expose_secret() == SECRET)
}

async fn trail_is_whole(folder: &Path) {
    let store = Store::open(&folder.join("starboard.db")).await.unwrap();
    let seal = Seal::open(&folder.join("starboard.key")).unwrap();
    let trail = Trail::open(&store, &seal).await.unwrap();
    let verdict = verify(&store, trail.keys()).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
    store.close().await;
}

fn key_bytes(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("starboard.key")).unwrap().len()
}

/// Nothing listens there: what matters is what is stored.
async fn with_a_secret() -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let mut config = support::config(&folder);
    config.pbx = vec![support::pbx(([127, 0, 0, 1], 1).into(), "starboard", SECRET)];
    TestServer::start_with(folder, config).await
}

#[tokio::test]
async fn a_running_server_connects_with_secrets_of_the_new_key_and_goes_on_with_its_trail() {
    let mut office = Office::open().await;
    let folder = office.server.folder.path().to_owned();
    let old = std::fs::read(folder.join("starboard.key")).unwrap();
    for turn in 1..=2 {
        let rotated = run(&folder, &["key", "rotate"], "").await.good();
        assert!(rotated.out.contains("secrets have the new key"), "{rotated:?}");
        assert_eq!(key_bytes(&folder), 32);
        // the stored secret is used: the link ends and comes again with another name
        let name = format!("Office {turn}");
        let form = [
            ("id", "1".to_owned()),
            ("name", name.clone()),
            ("host", "127.0.0.1".to_owned()),
            ("port", office.pbx.bound().ami.port().to_string()),
            ("ca_pem", String::new()),
            ("username", "starboard".to_owned()),
            ("secret", String::new()),
            ("context", "from-internal".to_owned()),
            ("enabled", "true".to_owned()),
        ];
        let answer = office.browser.post("/api/save_pbx", &form).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        office
            .live
            .until("the link is live again", |live| {
                let mut rows = live.boards.values().map(|(row, _)| row);
                rows.any(|row| row.name == name && row.link == LinkStatus::Live)
            })
            .await;
    }
    let services = &office.server.services;
    let verdict = verify(&services.store, services.trail.keys()).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
    trail_is_whole(&folder).await;
    let rows = services.trail.newest(100).await.unwrap();
    let rotations = rows
        .iter()
        .filter(|row| row.act.action == "rotate_key" && row.outcome() == "done");
    assert_eq!(rotations.count(), 2);
    let stolen = folder.join("stolen.key");
    std::fs::write(&stolen, &old).unwrap();
    std::fs::set_permissions(&stolen, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(opens(&folder).await);
    assert!(
        !opens_with(&folder, &stolen).await,
        "the old key opens nothing any more"
    );
}

#[tokio::test]
async fn a_copied_database_without_its_key_opens_nothing() {
    let server = with_a_secret().await;
    let folder = server.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if name.to_string_lossy().starts_with("starboard.db") {
            std::fs::copy(path, elsewhere.path().join(name)).unwrap();
        }
    }
    assert!(opens(folder.path()).await);
    assert!(!opens(elsewhere.path()).await);
    let file = std::fs::read(elsewhere.path().join("starboard.db")).unwrap();
    assert!(!file.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes()));
}

#[tokio::test]
async fn a_rotation_that_is_cut_off_before_or_after_the_secrets_are_sealed_leaves_everything_open() {
    let server = with_a_secret().await;
    let folder = server.folder.path().to_owned();
    let store = Store::open(&folder.join("starboard.db")).await.unwrap();
    let seal = Seal::open(&folder.join("starboard.key")).unwrap();
    let trail = Trail::open(&store, &seal).await.unwrap();
    // the key file has the new key, and then nothing more happens
    seal.add_key().unwrap();
    assert_eq!(key_bytes(&folder), 64);
    assert!(opens(&folder).await);
    trail_is_whole(&folder).await;
    // everything is sealed with it, and then nothing more happens
    store.reseal(&seal, trail.keys(), 0).await.unwrap();
    assert_eq!(key_bytes(&folder), 96);
    assert!(opens(&folder).await);
    trail_is_whole(&folder).await;
    // the next rotation finishes what they left
    store.close().await;
    run(&folder, &["key", "rotate"], "").await.good();
    assert_eq!(key_bytes(&folder), 32);
    assert!(opens(&folder).await);
    trail_is_whole(&folder).await;
}

#[tokio::test]
async fn a_rotation_that_is_killed_at_any_moment_leaves_everything_open() {
    let server = with_a_secret().await;
    let folder = server.folder.path().to_owned();
    let mut cut = 0;
    for _ in 0..8 {
        let before = key_bytes(&folder);
        let mut rotating = start(&folder, &["key", "rotate"]);
        while key_bytes(&folder) <= before && rotating.try_wait().unwrap().is_none() {
            tokio::task::yield_now().await;
        }
        rotating.kill().unwrap();
        let ended = rotating.wait().unwrap();
        cut += u32::from(!ended.success());
        assert!(opens(&folder).await);
        trail_is_whole(&folder).await;
    }
    assert!(cut > 0, "none was caught in the act");
    run(&folder, &["key", "rotate"], "").await.good();
    assert_eq!(key_bytes(&folder), 32);
    assert!(opens(&folder).await);
}

#[tokio::test]
async fn a_secret_whose_key_is_lost_stops_no_rotation() {
    let server = with_a_secret().await;
    let folder = server.folder.path().to_owned();
    crate::trail::forge(
        &folder.join("starboard.db"),
        &["UPDATE pbx SET secret_sealed = zeroblob(60)"],
    )
    .await;
    let rotated = run(&folder, &["key", "rotate"], "").await.good();
    assert!(rotated.out.contains("1 do not open"), "{rotated:?}");
    assert_eq!(key_bytes(&folder), 32);
}

#[tokio::test]
async fn every_sealed_column_of_the_schema_is_rotated() {
    let server = TestServer::start().await;
    let found = server.services.store.sealed_columns().await.unwrap();
    let mut known: Vec<(String, String)> = SEALED
        .iter()
        .map(|(table, column)| ((*table).to_owned(), (*column).to_owned()))
        .collect();
    known.sort();
    assert_eq!(
        found, known,
        "a column named _sealed belongs into store/sealed.rs"
    );
}

#[tokio::test]
async fn a_database_is_opened_with_its_own_key_file_or_not_at_all_until_the_key_is_given_up() {
    let server = with_a_secret().await;
    let folder = server.stop().await;
    let (path, key) = (folder.path().to_owned(), folder.path().join("starboard.key"));
    assert_eq!(
        run(&path, &["key", "lost"], "").await.exit,
        2,
        "it is there and opens everything"
    );
    let kept = folder.path().join("kept.key");
    std::fs::rename(&key, &kept).unwrap();
    let missing = run(&path, &["audit", "verify"], "").await;
    assert_eq!(missing.exit, 1, "{missing:?}");
    assert!(missing.err.contains("is not there"), "{missing:?}");
    assert!(!key.exists(), "no new one is made in its place");
    let refused = server::Server::build(support::config(&folder)).await.unwrap_err();
    assert!(refused.to_string().contains("starboard.key"), "{refused:#}");
    std::fs::rename(&kept, &key).unwrap();
    run(&path, &["audit", "verify"], "").await.good();

    std::fs::remove_file(&key).unwrap();
    let lost = run(&path, &["key", "lost"], "").await.good();
    assert!(lost.out.contains("Type PBX secrets in again"), "{lost:?}");
    let broken = run(&path, &["audit", "verify"], "").await;
    assert_eq!(broken.exit, 5, "{broken:?}");
    let server = TestServer::start_with(folder, {
        let mut config = support::config(&tempfile::tempdir().unwrap());
        config.database = path.join("starboard.db");
        config
    })
    .await;
    let told = server.services.trail.newest(2).await.unwrap();
    assert_eq!(
        (told[0].act.action.as_str(), told[1].act.action.as_str()),
        ("lose_key", "trail_broken")
    );
}

#[tokio::test]
async fn a_secret_that_is_saved_while_the_key_is_rotated_opens_afterwards() {
    let server = with_a_secret().await;
    let mut browser = server.set_up().await;
    let folder = server.folder.path().to_owned();
    let form = |secret: String| {
        [
            ("id", "1".to_owned()),
            ("name", "Office".to_owned()),
            ("host", "127.0.0.1".to_owned()),
            ("port", "1".to_owned()),
            ("ca_pem", String::new()),
            ("username", "starboard".to_owned()),
            ("secret", secret),
            ("context", "from-internal".to_owned()),
        ]
    };
    let rotating = async {
        for _ in 0..4 {
            run(&folder, &["key", "rotate"], "").await.good();
        }
    };
    tokio::pin!(rotating);
    let mut saved = 0;
    loop {
        let next = form(format!("secret number {saved}"));
        let saving = browser.post("/api/save_pbx", &next);
        tokio::pin!(saving);
        let answer = tokio::select! {
            answer = &mut saving => answer,
            () = &mut rotating => {
                assert_eq!(saving.await.status, 200);
                break;
            }
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        saved += 1;
    }
    assert!(saved > 0, "something was saved meanwhile");
    assert_eq!(secret_of(&folder).await, format!("secret number {saved}"));
    trail_is_whole(&folder).await;
}
