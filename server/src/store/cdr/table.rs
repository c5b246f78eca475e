//! Records in a table of somebody else's database: read a piece at a time by a connection that cannot write.

use std::{fmt, path::Path};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, Row, ValueRef,
    mysql::{MySqlConnectOptions, MySqlConnection},
    postgres::{PgConnectOptions, PgConnection},
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use telephony::cdr::Column;

/// Without these a row tells nothing: the time it began is asked for by either of its names.
const NEEDED: [Column; 6] = [
    Column::Start,
    Column::Channel,
    Column::Duration,
    Column::Billable,
    Column::Disposition,
    Column::UniqueId,
];

/// Why a table cannot be read, for people.
#[derive(Debug)]
pub struct TableError(String);

impl fmt::Display for TableError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for TableError {}

impl From<sqlx::Error> for TableError {
    fn from(error: sqlx::Error) -> Self {
        let said = match &error {
            sqlx::Error::Database(said) => said.message().to_owned(),
            sqlx::Error::Io(error) => format!("it cannot be reached: {error}"),
            error => error.to_string(),
        };
        TableError(said)
    }
}

/// From where on rows are read: those that began then or later, without so many of the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// As the table writes times; from the beginning when it is not given.
    pub start: Option<String>,
    /// Of those that began then so many were read.
    pub skip: u64,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Of each row what is in the columns of [`Table::columns`].
    pub rows: Vec<Vec<String>>,
    /// Where to read on; none where there is no more.
    pub next: Option<After>,
}

enum Link {
    Sqlite(SqliteConnection),
    MySql(MySqlConnection),
    Postgres(PgConnection),
}

/// An open table.
pub struct Table {
    link: Link,
    relation: String,
    /// Those that are known, with the name that they have there and the type.
    columns: Vec<(Column, String, String)>,
}

type Result<T> = std::result::Result<T, TableError>;

/// The bytes of a column of any of the three.
macro_rules! text {
    ($row:expr, $at:expr) => {{
        let value = $row.try_get_raw($at)?;
        if value.is_null() {
            String::new()
        } else {
            $row.try_get_unchecked::<Vec<u8>, _>($at)
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())?
        }
    }};
}

macro_rules! texts {
    ($connection:expr, $sql:expr, $bound:expr, $columns:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for bound in $bound {
            query = query.bind(bound);
        }
        let rows = query.fetch_all(&mut *$connection).await?;
        let mut read = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut texts = Vec::with_capacity($columns);
            for at in 0..$columns {
                texts.push(text!(row, at));
            }
            read.push(texts);
        }
        Ok(read)
    }};
}

impl Table {
    /// Opens a table in a file of SQLite's.
    pub async fn sqlite(path: &Path, relation: &str) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .create_if_missing(false)
            .disable_statement_logging();
        let link = options.connect().await?;
        Self::open(Link::Sqlite(link), relation).await
    }

    /// Opens one of MariaDB's or MySQL's.
    pub async fn mysql(address: &str, password: Option<&SecretString>, relation: &str) -> Result<Self> {
        let options: MySqlConnectOptions = address.parse().map_err(TableError::from)?;
        let options = match password {
            Some(password) => options.password(password.expose_secret()),
            None => options,
        };
        // times are as they were written, whichever zone the server is in
        let options = options.timezone(None::<String>).disable_statement_logging();
        let mut link = options.connect().await?;
        link.execute("SET SESSION TRANSACTION READ ONLY").await?;
        Self::open(Link::MySql(link), relation).await
    }

    /// Opens one of PostgreSQL's.
    pub async fn postgres(address: &str, password: Option<&SecretString>, relation: &str) -> Result<Self> {
        let options: PgConnectOptions = address.parse().map_err(TableError::from)?;
        let options = match password {
            Some(password) => options.password(password.expose_secret()),
            None => options,
        };
        // a moment is told in UTC, whichever zone the server is in
        let options = options.options([
            ("default_transaction_read_only", "on"),
            ("timezone", "GMT"),
            ("datestyle", "ISO"),
        ]);
        let link = options.disable_statement_logging().connect().await?;
        Self::open(Link::Postgres(link), relation).await
    }

    async fn open(link: Link, relation: &str) -> Result<Self> {
        let mut table = Self {
            link,
            relation: relation.to_owned(),
            columns: Vec::new(),
        };
        let there = table.there().await?;
        if there.is_empty() {
            return Err(TableError(format!("there is no table {relation}")));
        }
        for row in there {
            let [name, kind] = row.as_slice() else { continue };
            let known = Column::of_name(name);
            if let Some(column) = known.filter(|column| table.columns.iter().all(|(one, ..)| one != column)) {
                table.columns.push((column, name.clone(), kind.clone()));
            }
        }
        for column in NEEDED {
            if table.columns.iter().all(|(one, ..)| *one != column) {
                let or = if column == Column::Start {
                    ", and no calldate"
                } else {
                    ""
                };
                let message = format!("the table {relation} has no column {}{or}", column.name());
                return Err(TableError(message));
            }
        }
        Ok(table)
    }

    /// The columns that are read, in their order.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.columns.iter().map(|(column, ..)| *column)
    }

    /// Reads at most so many rows, in the order in which they began.
    pub async fn read(&mut self, from: &After, most: u64) -> Result<Batch> {
        let quoted: Vec<String> = self
            .columns
            .iter()
            .map(|(_, name, _)| self.quoted(name))
            .collect();
        let selected: Vec<String> = quoted.iter().map(|name| self.as_text(name)).collect();
        let at = self
            .columns
            .iter()
            .position(|(column, ..)| *column == Column::Start);
        let at = at.unwrap_or_default();
        let start = &quoted[at];
        let later = match &from.start {
            Some(_) => format!("{start} >= {}", self.parameter(&self.columns[at].2)),
            None => format!("{start} IS NOT NULL"),
        };
        // the rest of the order only keeps rows of one second in their place
        let order = [Column::UniqueId, Column::Sequence]
            .iter()
            .filter_map(|wanted| self.columns.iter().position(|(column, ..)| column == wanted))
            .map(|at| format!(", {}", quoted[at]));
        let query = format!(
            "SELECT {} FROM {} WHERE {later} ORDER BY {start}{} LIMIT {most} OFFSET {}",
            selected.join(", "),
            self.relation_quoted(),
            order.collect::<String>(),
            from.skip
        );
        let rows = self.texts(query, from.start.as_slice(), selected.len()).await?;
        let next = rows.last().filter(|_| rows.len() as u64 == most).map(|last| {
            let same = rows.iter().rev().take_while(|row| row[at] == last[at]).count() as u64;
            let goes_on = same == most && from.start.as_ref() == Some(&last[at]);
            After {
                start: Some(last[at].clone()),
                skip: same + if goes_on { from.skip } else { 0 },
            }
        });
        Ok(Batch { rows, next })
    }

    async fn texts(&mut self, query: String, bound: &[String], columns: usize) -> Result<Vec<Vec<String>>> {
        match &mut self.link {
            Link::Sqlite(link) => texts!(link, query, bound, columns),
            Link::MySql(link) => texts!(link, query, bound, columns),
            Link::Postgres(link) => texts!(link, query, bound, columns),
        }
    }

    /// The names and types of the table's columns, by the database's own account.
    async fn there(&mut self) -> Result<Vec<Vec<String>>> {
        let parts = self.relation.rsplit_once('.');
        let (schema, name) = parts.map_or((None, self.relation.clone()), |(schema, name)| {
            (Some(schema.to_owned()), name.to_owned())
        });
        match &mut self.link {
            Link::Sqlite(link) => {
                let query = "SELECT CAST(name AS TEXT), CAST(type AS TEXT) FROM pragma_table_info(?)";
                texts!(link, query.to_owned(), [name.as_str()], 2)
            }
            Link::MySql(link) => {
                let query = "SELECT CAST(column_name AS CHAR), CAST(data_type AS CHAR) FROM information_schema.columns
                     WHERE table_name = ? AND table_schema = coalesce(?, database()) ORDER BY ordinal_position";
                texts!(
                    link,
                    query.to_owned(),
                    [Some(name.as_str()), schema.as_deref()],
                    2
                )
            }
            Link::Postgres(link) => {
                let query = "SELECT column_name::text, data_type::text FROM information_schema.columns
                     WHERE table_name = $1 AND table_schema = coalesce($2, current_schema()) ORDER BY ordinal_position";
                texts!(
                    link,
                    query.to_owned(),
                    [Some(name.as_str()), schema.as_deref()],
                    2
                )
            }
        }
    }

    fn quoted(&self, name: &str) -> String {
        match self.link {
            Link::MySql(_) => format!("`{}`", name.replace('`', "``")),
            Link::Sqlite(_) | Link::Postgres(_) => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    fn relation_quoted(&self) -> String {
        let parts: Vec<String> = match (&self.link, self.relation.rsplit_once('.')) {
            (Link::Sqlite(_), Some((_, name))) => vec![self.quoted(name)],
            (_, Some((schema, name))) => vec![self.quoted(schema), self.quoted(name)],
            (_, None) => vec![self.quoted(&self.relation)],
        };
        parts.join(".")
    }

    /// A column as UTF-8.
    fn as_text(&self, name: &str) -> String {
        match self.link {
            Link::Sqlite(_) => format!("CAST({name} AS TEXT)"),
            Link::MySql(_) => format!("CONVERT({name} USING utf8mb4)"),
            Link::Postgres(_) => format!("{name}::text"),
        }
    }

    /// What stands for a time in a comparison.
    fn parameter(&self, kind: &str) -> String {
        match self.link {
            Link::Sqlite(_) | Link::MySql(_) => "?".to_owned(),
            // the type is the database's own word for it
            Link::Postgres(_) => format!("CAST($1::text AS {kind})"),
        }
    }

    /// Closes the connection.
    pub async fn close(self) {
        // whoever is gone already needs no farewell
        let _ = match self.link {
            Link::Sqlite(link) => link.close().await,
            Link::MySql(link) => link.close().await,
            Link::Postgres(link) => link.close().await,
        };
    }
}
