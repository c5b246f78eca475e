//! Where the records of a PBX are, and how far they were read.

use app::model::PbxId;
use sqlx::{Row, sqlite::SqliteRow};

use crate::store::{Recording, Result, Store, ms, visit::count};

/// The column the sealed password is in, for the seal's binding.
pub const CDR_PASSWORD_COLUMN: &str = "cdr_source.password_sealed";

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file that cdr_csv writes.
    Csv,
    /// A file of SQLite's.
    Sqlite,
    /// A database of MariaDB's or MySQL's.
    MySql,
    /// One of PostgreSQL's.
    Postgres,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Csv, "csv"),
    (Kind::Sqlite, "sqlite"),
    (Kind::MySql, "mysql"),
    (Kind::Postgres, "postgres"),
];

impl Kind {
    /// Its word.
    pub fn word(self) -> &'static str {
        let found = KINDS.iter().find(|(kind, _)| *kind == self);
        found.map_or("", |(_, word)| word)
    }

    fn of(word: &str) -> Self {
        let found = KINDS.iter().find(|(_, one)| *one == word);
        found.map_or(Kind::Csv, |(kind, _)| *kind)
    }
}

/// Where the records of a PBX are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdrSource {
    /// Whose.
    pub pbx: PbxId,
    /// What it is,
    pub kind: Kind,
    /// its path, or its address without the password,
    pub place: String,
    /// and the table in it.
    pub relation: String,
    /// The zone of the times in it.
    pub zone: String,
    /// The password, sealed, where there is one.
    pub password_sealed: Option<Vec<u8>>,
    /// How far it was read, as whoever read it wrote that down.
    pub cursor: Option<String>,
    /// When it was last read.
    pub read_ms: Option<u64>,
    /// How often the server reads it, in seconds; 0 for never.
    pub every_s: u32,
    /// When it does so next.
    pub next_ms: u64,
    /// Why it could not the last time; empty where it could.
    pub trouble: String,
    /// Lines or rows of the last reading that were none.
    pub damaged: u64,
}

impl Store {
    /// Every source, by PBX.
    pub async fn cdr_sources(&self) -> Result<Vec<CdrSource>> {
        let rows = sqlx::query("SELECT * FROM cdr_source ORDER BY pbx_id")
            .fetch_all(&self.read)
            .await?;
        let source = |row: &SqliteRow| -> sqlx::Result<CdrSource> {
            Ok(CdrSource {
                pbx: PbxId(row.try_get("pbx_id")?),
                kind: Kind::of(row.try_get("kind")?),
                place: row.try_get("place")?,
                relation: row.try_get("relation")?,
                zone: row.try_get("zone")?,
                password_sealed: row.try_get("password_sealed")?,
                cursor: row.try_get("cursor")?,
                read_ms: row.try_get::<Option<i64>, _>("read_ms")?.map(count),
                every_s: row.try_get("every_s")?,
                next_ms: count(row.try_get("next_ms")?),
                trouble: row.try_get("trouble")?,
                damaged: count(row.try_get("damaged")?),
            })
        };
        Ok(rows.iter().map(source).collect::<sqlx::Result<_>>()?)
    }

    /// Says where the records of a PBX are; `seal` gives the sealed password. Another place is read from its beginning; whoever
    /// reads the one before has it no more.
    pub async fn set_cdr_source(
        &self,
        source: &CdrSource,
        seal: impl FnOnce() -> anyhow::Result<Option<Vec<u8>>>,
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO cdr_source (pbx_id, kind, place, relation, zone, password_sealed, every_s, next_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET kind = excluded.kind, place = excluded.place, relation = excluded.relation,
                zone = excluded.zone, password_sealed = excluded.password_sealed, cursor = NULL,
                every_s = excluded.every_s, next_ms = excluded.next_ms, failures = 0, trouble = '', lease_ms = 0, lease_by = '',
                checked_ms = 0",
        )
        .bind(source.pbx.0)
        .bind(source.kind.word())
        .bind(&source.place)
        .bind(&source.relation)
        .bind(&source.zone)
        .bind(seal()?)
        .bind(source.every_s)
        .bind(ms(source.next_ms))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The records of a PBX are read no more. False: they were not.
    pub async fn forget_cdr_source(&self, pbx: PbxId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM cdr_source WHERE pbx_id = ?")
            .bind(pbx.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Recording {
    /// Keeps how far a source was read;
    /// so many lines or rows of this reading were none.
    pub async fn read_records(&mut self, pbx: PbxId, cursor: Option<&str>, damaged: u64) -> Result<()> {
        sqlx::query(
            "UPDATE cdr_source SET cursor = coalesce(?, cursor), read_ms = ?, damaged = ? WHERE pbx_id = ?",
        )
        .bind(cursor)
        .bind(ms(crate::clock::wall_ms()))
        .bind(ms(damaged))
        .bind(pbx.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
