//! How the system does: told to whoever manages connections, with the reason where something is not well.

use app::{
    access::BuiltIn,
    model::health::{Health, Part, Sign},
};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    supervision::somebody,
    support::{Browser, office::Office},
};

async fn part(browser: &mut Browser, name: &str) -> Part {
    let health: Health = browser.ask("/api/health", &()).await.value();
    let found = health.parts.iter().find(|part| part.name.starts_with(name));
    found.cloned().unwrap_or_else(|| panic!("{name}: {health:?}"))
}

#[tokio::test]
async fn a_database_that_takes_nothing_is_broken_until_it_does_again() {
    let office = Office::open().await;
    let mut ada = office.browser.clone();
    assert_eq!(part(&mut ada, "Database").await.sign, Sign::Well);
    let path = office.server.folder.path().join("starboard.db");
    let mut other: SqliteConnection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let told = part(&mut ada, "Database").await;
    assert_eq!(told.sign, Sign::Broken);
    assert!(told.says.starts_with("It takes nothing: "), "{told:?}");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(part(&mut ada, "Database").await.sign, Sign::Well);
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_says_so_and_a_link_says_that_it_is_live() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let office = Office::open_with(|config| config.pbx[0].recordings = Some(gone.clone())).await;
    let mut ada = office.browser.clone();
    let told = part(&mut ada, "Recordings of").await;
    assert_eq!(told.sign, Sign::Broken);
    assert!(told.says.contains("cannot be read"), "{told:?}");
    std::fs::create_dir(&gone).unwrap();
    assert_eq!(part(&mut ada, "Recordings of").await.sign, Sign::Well);
    let link = part(&mut ada, "PBX ").await;
    assert_eq!(
        (link.sign, link.says.as_str()),
        (Sign::Well, "Its calls are seen as they happen.")
    );
    let (_, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    assert_eq!(grace.ask("/api/health", &()).await.status, 403);
}
