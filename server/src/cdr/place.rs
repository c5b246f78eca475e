//! Where records are, as somebody types it: a file, or the address of a database.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use secrecy::SecretString;
use url::Url;

use crate::store::{CdrSource, Kind, Table};

/// How a file of SQLite's begins.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// The longest address or path.
const MAX_BYTES: usize = 1_024;
/// Parameters of an address that say where and how, and nothing more.
const PARAMETERS: [&str; 8] = [
    "socket",
    "host",
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-ca",
    "charset",
    "application_name",
];

/// What a place is, and the place as it is kept.
pub fn read(text: &str) -> Result<(Kind, String)> {
    ensure!(
        !text.is_empty() && text.len() <= MAX_BYTES && !text.chars().any(char::is_control),
        "a place is a path, or an address of at most {MAX_BYTES} bytes"
    );
    let kind = match text.split_once("://").map(|(scheme, _)| scheme) {
        Some("mysql" | "mariadb") => Kind::MySql,
        Some("postgres" | "postgresql") => Kind::Postgres,
        Some("sqlite" | "file") | None => return file(text),
        Some(other) => bail!("{other} is no kind of place: give a path, mysql://... or postgres://..."),
    };
    let Ok(address) = Url::parse(text) else {
        bail!(
            "this is no address: write it as {}://user@host/database",
            kind.word()
        );
    };
    ensure!(
        address.password().is_none(),
        "an address has no password in it, which everybody on this machine could read: it is asked for"
    );
    ensure!(
        !address.username().is_empty(),
        "the address says no user: write it as {}://user@host/database",
        kind.word()
    );
    ensure!(
        !address.path().trim_matches('/').is_empty(),
        "the address says no database: write it as {}://user@host/database",
        kind.word()
    );
    for (name, _) in address.query_pairs() {
        ensure!(
            PARAMETERS.contains(&&*name),
            "the address may have {} in it, and not {name}",
            PARAMETERS.join(", ")
        );
    }
    Ok((kind, text.to_owned()))
}

fn file(text: &str) -> Result<(Kind, String)> {
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("file://"))
        .unwrap_or(text);
    ensure!(
        path.starts_with('/'),
        "give the whole path, as /var/log/asterisk/cdr-csv/Master.csv"
    );
    let mut begins = vec![0; SQLITE.len()];
    let there = std::fs::metadata(path);
    let there = there.map_err(|error| anyhow::anyhow!("{path} cannot be read: {error}"))?;
    ensure!(there.is_file(), "{path} is no file");
    let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut begins));
    let read = read.map_err(|error| anyhow::anyhow!("{path} cannot be read: {error}"))?;
    let kind = if begins[..read] == *SQLITE {
        Kind::Sqlite
    } else {
        Kind::Csv
    };
    Ok((kind, path.to_owned()))
}

/// Whether a table can have this name.
pub fn is_table(name: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '$');
    !name.is_empty() && name.len() <= 128 && name.chars().all(plain)
}

/// Opens the table of a source; `None` for a file of lines.
pub async fn open(source: &CdrSource, password: Option<&SecretString>) -> Result<Option<Table>> {
    let relation = source.relation.as_str();
    Ok(Some(match source.kind {
        Kind::Csv => return Ok(None),
        Kind::Sqlite => Table::sqlite(Path::new(&source.place), relation).await?,
        Kind::MySql => Table::mysql(&source.place, password, relation).await?,
        Kind::Postgres => Table::postgres(&source.place, password, relation).await?,
    }))
}
