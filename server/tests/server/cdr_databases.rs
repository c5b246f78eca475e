//! Call records in a real MariaDB and a real PostgreSQL, read with an account that may only read.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, mysql::MySqlConnectOptions, postgres::PgConnectOptions};

use crate::{
    cdr::{cdr, cdr_with, made, sync},
    support::{
        eventually,
        office::{Office, PBX},
        servers::{DATABASES, Running, free_port, root_of},
    },
};

pub(crate) const SECRET: &str = "quiet-harbour";
const READER: &str = "it's only reading";

/// Starts one of them in a folder.
fn started(which: &str, folder: &Path, port: u16) -> Running {
    let mut command = DATABASES.command();
    let dir = folder.join(which);
    std::fs::create_dir(&dir).unwrap();
    command.arg(which).arg(&dir).arg(port.to_string()).arg(SECRET);
    Running::start(command, &folder.join(format!("{which}.log")))
}

/// A real MariaDB in a folder, and how it is reached.
pub(crate) async fn mariadb(folder: &Path, port: u16) -> (Running, MySqlConnectOptions) {
    let running = started("mariadb", folder, port);
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(port);
    let options = options.username("root").password(SECRET);
    let connection = eventually("MariaDB lets root in", async || options.connect().await.ok()).await;
    connection.close().await.unwrap();
    (running, options)
}

/// A real PostgreSQL in a folder, and how it is reached.
pub(crate) async fn postgres(folder: &Path, port: u16) -> (Running, PgConnectOptions) {
    let running = started("postgres", folder, port);
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port);
    let options = options.username("postgres").password(SECRET).database("postgres");
    let connection = eventually("PostgreSQL lets postgres in", async || {
        options.connect().await.ok()
    })
    .await;
    connection.close().await.unwrap();
    (running, options)
}

/// The columns of FreePBX's table, and the names that records have for them.
const COLUMNS: [(&str, &str); 16] = [
    ("calldate", "start"),
    ("clid", "clid"),
    ("src", "src"),
    ("dst", "dst"),
    ("dcontext", "dcontext"),
    ("channel", "channel"),
    ("dstchannel", "dstchannel"),
    ("lastapp", "lastapp"),
    ("lastdata", "lastdata"),
    ("duration", "duration"),
    ("billsec", "billsec"),
    ("disposition", "disposition"),
    ("uniqueid", "uniqueid"),
    ("linkedid", "linkedid"),
    ("sequence", "sequence"),
    ("amaflags", "amaflags"),
];

/// A statement that writes a record, with its values in it.
fn insert(number: u64) -> String {
    let columns = made(number).columns();
    let value = |name: &str| {
        let (_, text) = columns.iter().find(|(one, _)| *one == name).unwrap();
        match name {
            "amaflags" => "3".to_owned(),
            "duration" | "billsec" | "sequence" => text.clone(),
            _ => format!("'{}'", text.replace('\'', "''")),
        }
    };
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = COLUMNS.iter().map(|(_, name)| value(name)).collect();
    format!(
        "INSERT INTO cdr ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    )
}

/// Reads everything there is, then what comes, then anew.
async fn is_read(office: &Office, place: &str, mut write: impl AsyncFnMut(String)) {
    let server = &office.server;
    for number in 0..5 {
        write(insert(number)).await;
    }
    let wrong = [
        "source",
        place,
        "--pbx",
        "Office",
        "--zone",
        "UTC",
        "--every",
        "never",
        "--password-stdin",
        "--table",
        "calls",
    ];
    let ran = cdr_with(server, &wrong, READER).await;
    assert_eq!(
        (ran.exit, ran.err.contains("there is no table calls")),
        (2, true),
        "{ran:?}"
    );
    let source = [
        "source",
        place,
        "--pbx",
        "Office",
        "--zone",
        "UTC",
        "--every",
        "never",
        "--password-stdin",
    ];
    let ran = cdr_with(server, &source, "not this one").await;
    assert_eq!(ran.exit, 2, "{ran:?}");
    cdr_with(server, &source, READER).await.good();
    let listed = cdr(server, &["sources"]).await.good().out;
    assert!(
        listed.contains("127.0.0.1") && !listed.contains(READER),
        "{listed}"
    );
    assert_eq!(sync(server, &["--dry-run"]).await, [5, 0, 0, 0]);
    assert_eq!(sync(server, &[]).await, [5, 0, 0, 0]);
    write(insert(5)).await;
    write(insert(6)).await;
    assert_eq!(sync(server, &[]).await, [2, 0, 5, 0]);
    assert_eq!(sync(server, &["--since", "2000-01-01"]).await, [0, 0, 7, 0]);
    let linked = made(3)
        .columns()
        .iter()
        .find(|(name, _)| *name == "linkedid")
        .unwrap()
        .1
        .clone();
    let rows = server.services.store.records_of(PBX, &linked).await.unwrap();
    let row = &rows[0].told.row;
    assert_eq!(
        (row.src.as_str(), row.caller_id.as_str()),
        ("1001", "\"Ann\" <1001>")
    );
    assert_eq!((row.duration_s, row.sequence), (12, Some(3)));
    // more than one piece, and all of one second
    let many = (0..4_500).map(|number| insert(7).replace(", 7, ", &format!(", {}, ", 100 + number)));
    for piece in many.collect::<Vec<_>>().chunks(500) {
        write(piece.join(";")).await;
    }
    let [new, changed, _, damaged] = sync(server, &[]).await;
    assert_eq!((new, changed, damaged), (4_500, 0, 0));
    assert_eq!(server.services.store.count_records(PBX).await.unwrap(), 4_507);
}

#[tokio::test]
async fn mariadb_is_read_as_freepbx_writes_it() {
    if root_of(DATABASES, "mariadb_is_read_as_freepbx_writes_it").is_none() {
        return;
    }
    let office = Office::open().await;
    let port = free_port();
    let (_mariadb, options) = mariadb(office.server.folder.path(), port).await;
    let mut connection = options.connect().await.unwrap();
    for statement in [
        "CREATE DATABASE asteriskcdrdb CHARACTER SET latin1",
        "USE asteriskcdrdb",
        "CREATE TABLE cdr (calldate datetime NOT NULL, clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
            dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '', channel varchar(80) NOT NULL DEFAULT '',
            dstchannel varchar(80) NOT NULL DEFAULT '', lastapp varchar(80) NOT NULL DEFAULT '',
            lastdata varchar(80) NOT NULL DEFAULT '', duration int(11) NOT NULL DEFAULT 0, billsec int(11) NOT NULL DEFAULT 0,
            disposition varchar(45) NOT NULL DEFAULT '', amaflags int(11) NOT NULL DEFAULT 0,
            accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL DEFAULT '',
            userfield varchar(255) NOT NULL DEFAULT '', did varchar(50) NOT NULL DEFAULT '',
            recordingfile varchar(255) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
            linkedid varchar(32) NOT NULL DEFAULT '', peeraccount varchar(80) NOT NULL DEFAULT '',
            sequence int(11) NOT NULL DEFAULT 0, KEY calldate (calldate))",
        "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'it''s only reading'",
        "GRANT SELECT ON asteriskcdrdb.* TO reader@'127.0.0.1'",
    ] {
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    }
    let place = format!("mysql://reader@127.0.0.1:{port}/asteriskcdrdb");
    is_read(&office, &place, async |statement: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    })
    .await;
    connection.close().await.unwrap();
}

#[tokio::test]
async fn postgresql_is_read_with_and_without_zones() {
    if root_of(DATABASES, "postgresql_is_read_with_and_without_zones").is_none() {
        return;
    }
    let office = Office::open().await;
    let port = free_port();
    let (_postgres, options) = postgres(office.server.folder.path(), port).await;
    let mut connection = options.connect().await.unwrap();
    let columns = "clid text, src text, dst text, dcontext text, channel text, dstchannel text, lastapp text, lastdata text,
         duration bigint, billsec bigint, disposition text, amaflags bigint, uniqueid text, linkedid text, sequence bigint";
    for statement in [
        format!("CREATE TABLE cdr (calldate timestamp without time zone, {columns})"),
        "CREATE SCHEMA zoned".to_owned(),
        format!("CREATE TABLE zoned.cdr (calldate timestamp with time zone, {columns})"),
        "CREATE ROLE reader LOGIN PASSWORD 'it''s only reading'".to_owned(),
        "GRANT SELECT ON cdr TO reader; GRANT USAGE ON SCHEMA zoned TO reader; GRANT SELECT ON zoned.cdr TO reader".to_owned(),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    let place = format!("postgres://reader@127.0.0.1:{port}/postgres");
    is_read(&office, &place, async |statement: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    })
    .await;
    // the same records with a zone of their own are the same, whatever zone the clocks are said to be in
    sqlx::raw_sql("SET timezone = 'GMT'; INSERT INTO zoned.cdr SELECT calldate, clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, amaflags, uniqueid, linkedid, sequence FROM cdr WHERE sequence < 5")
        .execute(&mut connection)
        .await
        .unwrap();
    let zoned = [
        "source",
        &place,
        "--pbx",
        "Office",
        "--zone",
        "Asia/Tokyo",
        "--table",
        "zoned.cdr",
        "--password-stdin",
    ];
    cdr_with(&office.server, &zoned, READER).await.good();
    let [new, changed, known, damaged] = sync(&office.server, &[]).await;
    assert_eq!((new, changed + known, damaged), (0, 5, 0));
    let linked = made(3)
        .columns()
        .iter()
        .find(|(name, _)| *name == "linkedid")
        .unwrap()
        .1
        .clone();
    let rows = office
        .server
        .services
        .store
        .records_of(PBX, &linked)
        .await
        .unwrap();
    let start = rows[0].told.times.start.0;
    assert_eq!(start, 1_790_000_300_000);
    connection.close().await.unwrap();
}
