//! Where the records of a PBX are, and how far they were read.

use app::model::PbxId;

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
}

type Columns = (
    i64,
    String,
    String,
    String,
    String,
    Option<Vec<u8>>,
    Option<String>,
    Option<i64>,
);

impl Store {
    /// Every source, by PBX.
    pub async fn cdr_sources(&self) -> Result<Vec<CdrSource>> {
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT pbx_id, kind, place, relation, zone, password_sealed, cursor, read_ms FROM cdr_source ORDER BY pbx_id",
        )
        .fetch_all(&self.read)
        .await?;
        let sources = rows.into_iter().map(
            |(pbx, kind, place, relation, zone, password_sealed, cursor, read_ms)| CdrSource {
                pbx: PbxId(pbx),
                kind: Kind::of(&kind),
                place,
                relation,
                zone,
                password_sealed,
                cursor,
                read_ms: read_ms.map(count),
            },
        );
        Ok(sources.collect())
    }

    /// Says where the records of a PBX are; `seal` gives the sealed password. Another place is read from its beginning.
    pub async fn set_cdr_source(
        &self,
        source: &CdrSource,
        seal: impl FnOnce() -> anyhow::Result<Option<Vec<u8>>>,
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO cdr_source (pbx_id, kind, place, relation, zone, password_sealed) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET kind = excluded.kind, place = excluded.place, relation = excluded.relation,
                zone = excluded.zone, password_sealed = excluded.password_sealed, cursor = NULL",
        )
        .bind(source.pbx.0)
        .bind(source.kind.word())
        .bind(&source.place)
        .bind(&source.relation)
        .bind(&source.zone)
        .bind(seal()?)
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
