//! A real Asterisk that writes its records to a file, to SQLite, to PostgreSQL and to MariaDB at once: read from wherever, they are the
//! same records.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use sqlx::{ConnectOptions, Executor};

use crate::{
    cdr::{cdr_with, sync},
    cdr_databases::{SECRET, mariadb, postgres},
    support::{
        eventually,
        office::{Office, PBX},
        servers::{ASTERISK, DATABASES, free_port, root_of},
    },
};

/// As Asterisk itself makes the table (its `contrib/ast-db-manage`), but for what stands for a time.
fn table(time: &str, end: &str) -> String {
    format!(
        "CREATE TABLE cdr (accountcode VARCHAR(80), src VARCHAR(80), dst VARCHAR(80), dcontext VARCHAR(80), clid VARCHAR(80),
            channel VARCHAR(80), dstchannel VARCHAR(80), lastapp VARCHAR(80), lastdata VARCHAR(80), start {time} NULL,
            answer {time} NULL, {end} {time} NULL, duration INTEGER, billsec INTEGER, disposition VARCHAR(45),
            amaflags VARCHAR(45), userfield VARCHAR(256), uniqueid VARCHAR(150), linkedid VARCHAR(150),
            peeraccount VARCHAR(80), sequence INTEGER)"
    )
}

const SQLITE: &str = "[master]
table => cdr
columns => accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, end, duration, billsec, disposition, amaflags, userfield, uniqueid, linkedid, peeraccount, sequence
values => '${CDR(accountcode)}','${CDR(src)}','${CDR(dst)}','${CDR(dcontext)}','${CDR(clid)}','${CDR(channel)}','${CDR(dstchannel)}','${CDR(lastapp)}','${CDR(lastdata)}','${CDR(start)}','${CDR(answer)}','${CDR(end)}','${CDR(duration)}','${CDR(billsec)}','${CDR(disposition)}','${CDR(amaflags)}','${CDR(userfield)}','${CDR(uniqueid)}','${CDR(linkedid)}','${CDR(peeraccount)}','${CDR(sequence)}'
";

/// A private Asterisk, stopped with its test.
struct Asterisk(PathBuf);

impl Drop for Asterisk {
    fn drop(&mut self) {
        // it may have stopped by itself
        let _ = command(&["stop", &self.0.display().to_string()]).output();
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = ASTERISK.command();
    command
        .args(words)
        .env("TZ", "UTC")
        .env("SHOWN", "Zoë O'Neill, Harbour")
        .stdin(Stdio::null());
    command
}

impl Asterisk {
    fn made(folder: &Path) -> Self {
        let this = Self(folder.join("asterisk"));
        this.done(&["make"], &[]);
        this
    }

    fn words<'a>(&'a self, verb: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        [verb, &[self.0.to_str().unwrap()], more].concat()
    }

    fn done(&self, verb: &[&str], more: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = command(&self.words(verb, more)).output().unwrap();
        let said = String::from_utf8(stdout).unwrap();
        assert!(
            status.success(),
            "{more:?}: {said}{}",
            String::from_utf8_lossy(&stderr)
        );
        said
    }

    fn set_up(&self, file: &str, text: &str) {
        fs::write(self.0.join("etc").join(file), text).unwrap();
    }

    /// A phone that does one thing once.
    fn phone(&self, scenario: &str, phone: &str, port: &str, more: &[&str]) -> Child {
        let all = [&[scenario, phone, port, "-m", "1", "-timeout", "60"], more].concat();
        command(&self.words(&["sipp"], &all)).spawn().unwrap()
    }

    /// Somebody calls a phone, which does that.
    fn call(
        &self,
        (caller, calls, to): (&str, &str, &str),
        (phone, answers): (&str, &str),
        ports: [&str; 2],
    ) {
        self.done(&["register"], &[phone, ports[0]]);
        let mut called = self.phone(answers, phone, ports[0], &["-d", "700"]);
        let mut caller = self.phone(calls, caller, ports[1], &["-s", to, "-d", "1200"]);
        caller.wait().unwrap();
        called.wait().unwrap();
    }

    fn records(&self) -> String {
        fs::read_to_string(self.0.join("log/cdr-csv/Master.csv")).unwrap_or_default()
    }
}

/// Starts Asterisk, which writes to all of them, and has three calls in it.
fn three_calls(folder: &Path, (mariadb, postgres): (u16, u16), driver: &Path) -> Asterisk {
    let asterisk = Asterisk::made(folder);
    asterisk.set_up("cdr_sqlite3_custom.conf", SQLITE);
    asterisk.set_up(
        "cdr_pgsql.conf",
        &format!("[global]\nhostname=127.0.0.1\nport={postgres}\ndbname=postgres\nuser=postgres\npassword={SECRET}\ntable=cdr\nencoding=UTF8\n"),
    );
    let odbc = asterisk.0.join("etc/odbc.ini");
    fs::write(
        &odbc,
        format!(
            "[records]\nDriver = {}\nServer = 127.0.0.1\nPort = {mariadb}\nDatabase = records\nCharset = utf8mb4\n",
            driver.display()
        ),
    )
    .unwrap();
    asterisk.set_up(
        "res_odbc.conf",
        &format!(
            "[ENV]\nODBCINI => {}\n[records]\nenabled => yes\ndsn => records\nusername => root\npassword => {SECRET}\npre-connect => yes\n",
            odbc.display()
        ),
    );
    asterisk.set_up(
        "cdr_adaptive_odbc.conf",
        "[records]\nconnection=records\ntable=cdr\n",
    );
    let modules = asterisk.0.join("etc/modules.conf");
    let mut left_out = fs::read_to_string(&modules).unwrap();
    for module in [
        "res_odbc",
        "res_odbc_transaction",
        "cdr_adaptive_odbc",
        "cdr_pgsql",
        "cdr_sqlite3_custom",
    ] {
        left_out = left_out.replace(&format!("noload = {module}.so\n"), "");
    }
    fs::write(modules, left_out).unwrap();
    asterisk.done(&["start"], &[]);
    asterisk.call(("1001", "call", "1002"), ("1002", "answer"), ["7001", "7002"]);
    asterisk.call(("1001", "call", "1002"), ("1002", "busy"), ["7003", "7004"]);
    asterisk.call(
        ("provider", "provider-call", "0405550102"),
        ("1008", "answer"),
        ["7005", "7006"],
    );
    asterisk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_asterisk_writes_to_four_places_are_read_as_the_same_from_each() {
    let test = "records_that_asterisk_writes_to_four_places_are_read_as_the_same_from_each";
    let (Some(_), Some(root)) = (root_of(DATABASES, test), root_of(ASTERISK, test)) else {
        return;
    };
    let libraries = fs::read_dir(root.join("usr/lib")).unwrap();
    let drivers = libraries.map(|entry| entry.unwrap().path().join("odbc/libmaodbc.so"));
    let driver = drivers.into_iter().find(|driver| driver.exists()).unwrap();
    let office = Office::open().await;
    let (server, folder) = (&office.server, office.server.folder.path());
    let (mariadb_port, postgres_port) = (free_port(), free_port());
    let (_mariadb, options) = mariadb(folder, mariadb_port).await;
    let made = format!(
        "CREATE DATABASE records; USE records; {}",
        table("DATETIME", "`end`")
    );
    let mut connection = options.connect().await.unwrap();
    connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(made)))
        .await
        .unwrap();
    let (_postgres, options) = postgres(folder, postgres_port).await;
    let made = table("TIMESTAMP", "\"end\"");
    let mut connection = options.connect().await.unwrap();
    connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(made)))
        .await
        .unwrap();

    let in_folder = folder.to_owned();
    let calls = move || three_calls(&in_folder, (mariadb_port, postgres_port), &driver);
    let asterisk = tokio::task::spawn_blocking(calls).await.unwrap();
    let written = eventually("all three are told", async || {
        let records = asterisk.records();
        ["PJSIP/1001-00000000", "BUSY", "O'Neill"]
            .iter()
            .all(|told| records.contains(told))
            .then(|| records.lines().count() as u64)
    })
    .await;

    let log = asterisk.0.join("log");
    let places = [
        log.join("cdr-csv/Master.csv").display().to_string(),
        log.join("master.db").display().to_string(),
        format!("postgres://postgres@127.0.0.1:{postgres_port}/postgres"),
        format!("mysql://root@127.0.0.1:{mariadb_port}/records"),
    ];
    for (sources, place) in (0_u64..).zip(places) {
        let mut source = vec![
            "source", &place, "--pbx", "Office", "--zone", "UTC", "--every", "never",
        ];
        if place.contains('@') {
            source.push("--password-stdin");
        }
        cdr_with(server, &source, SECRET).await.good();
        // Asterisk writes to one after the other
        let told = eventually(&format!("all of them are in {place}"), async || {
            let told = sync(server, &[]).await;
            (told[0] + told[2] >= written || told[1] + told[3] > 0).then_some(told)
        })
        .await;
        // the first one tells of them, all others of the same ones
        let expected = if sources == 0 {
            [written, 0, 0, 0]
        } else {
            [0, 0, written, 0]
        };
        assert_eq!(told, expected, "{place}");
    }
    assert_eq!(server.services.store.count_records(PBX).await.unwrap(), written);
}
