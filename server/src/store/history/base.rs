//! Where calls are read: this program's own SQLite, or a PostgreSQL that has a copy of them. Both are asked the same, and nearly in the
//! same words; what differs between them is here.

use anyhow::Context;
use sqlx::{
    ColumnIndex, Decode, PgPool, Row, SqlitePool, Type, postgres::PgArguments, query::Query,
    sqlite::SqliteArguments,
};

use crate::store::Result;

/// The database that is asked.
#[derive(Clone, Debug)]
pub(in crate::store) enum Base {
    /// This program's own.
    Sqlite(SqlitePool),
    /// A copy.
    Postgres(PgPool),
}

/// Something bound to a statement.
#[derive(Clone, Debug)]
enum Bound {
    Text(String),
    Number(i64),
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

/// A statement on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    postgres: bool,
    bound: Vec<Bound>,
}

/// A text, the least and the greatest number in it, and how many there are.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) told: String,
    pub(super) ends: Option<(i64, i64)>,
    pub(super) many: usize,
}

impl Base {
    /// A statement for it, still empty.
    pub(super) fn statement(&self) -> Statement {
        Statement {
            postgres: matches!(self, Base::Postgres(_)),
            bound: Vec::new(),
        }
    }

    /// Every number of a query for one column `id`.
    pub(super) async fn numbers(&self, statement: Statement, sql: String) -> Result<Vec<i64>> {
        // in one piece: each row by itself is handed from one thread to another
        let (list, _) = statement.json();
        let listed = statement.as_text(&format!("{list}(id)"));
        let sql = format!("SELECT {listed} FROM ({sql}) AS listed");
        let told = self.told(statement, sql).await?;
        Ok(serde_json::from_str(&told).context("a list of numbers cannot be read back")?)
    }

    /// One row of numbers, each maybe nothing.
    pub(super) async fn row<const N: usize>(
        &self,
        statement: Statement,
        sql: String,
    ) -> Result<[Option<i64>; N]> {
        fn read<R, const N: usize>(row: &R) -> sqlx::Result<[Option<i64>; N]>
        where
            R: Row,
            usize: ColumnIndex<R>,
            for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
        {
            let mut numbers = [None; N];
            for (at, number) in numbers.iter_mut().enumerate() {
                *number = row.try_get(at)?;
            }
            Ok(numbers)
        }
        Ok(match self {
            Base::Sqlite(pool) => read(&statement.sqlite(sql).fetch_one(pool).await?)?,
            Base::Postgres(pool) => read(&statement.postgres(sql).fetch_one(pool).await?)?,
        })
    }

    /// A text (JSON), the least and the greatest number in it, and how many there are.
    pub(super) async fn piece(&self, statement: Statement, sql: String) -> Result<Piece> {
        fn read<R>(row: &R) -> sqlx::Result<Piece>
        where
            R: Row,
            usize: ColumnIndex<R>,
            for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
            for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
            for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
        {
            Ok(Piece {
                told: row
                    .try_get::<Option<String>, _>(0)?
                    .unwrap_or_else(|| "[]".into()),
                ends: row
                    .try_get::<Option<i64>, _>(1)?
                    .zip(row.try_get::<Option<i64>, _>(2)?),
                many: usize::try_from(row.try_get::<i64, _>(3)?).unwrap_or_default(),
            })
        }
        Ok(match self {
            Base::Sqlite(pool) => read(&statement.sqlite(sql).fetch_one(pool).await?)?,
            Base::Postgres(pool) => read(&statement.postgres(sql).fetch_one(pool).await?)?,
        })
    }

    /// One text (JSON); nothing where there is none.
    pub(super) async fn told(&self, statement: Statement, sql: String) -> Result<String> {
        let told: Option<String> = match self {
            Base::Sqlite(pool) => statement.sqlite(sql).fetch_one(pool).await?.try_get(0)?,
            Base::Postgres(pool) => statement.postgres(sql).fetch_one(pool).await?.try_get(0)?,
        };
        Ok(told.unwrap_or_else(|| "[]".into()))
    }
}

impl Statement {
    /// Binds a text; what stands for it.
    pub(super) fn text(&mut self, text: impl Into<String>) -> String {
        self.bind(Bound::Text(text.into()), "text")
    }

    /// Binds a number; what stands for it.
    pub(super) fn number(&mut self, number: i64) -> String {
        self.bind(Bound::Number(number), "bigint")
    }

    /// Binds numbers; what stands for all of them.
    pub(super) fn numbers(&mut self, numbers: &[i64]) -> String {
        self.bind(Bound::Numbers(numbers.to_vec()), "bigint[]")
    }

    /// Binds texts; what stands for all of them.
    pub(super) fn texts(&mut self, texts: Vec<String>) -> String {
        self.bind(Bound::Texts(texts), "text[]")
    }

    /// What is bound like that as a table of this name, with one column `value`.
    pub(super) fn rows(&self, bound: &str, name: &str) -> String {
        if self.postgres {
            format!("unnest({bound}) AS {name} (value)")
        } else {
            format!("json_each({bound}) AS {name}")
        }
    }

    /// Whether something is one of what is bound like that.
    pub(super) fn is_in(&self, what: &str, bound: &str) -> String {
        if self.postgres {
            format!("{what} = ANY({bound})")
        } else {
            format!("{what} IN (SELECT value FROM json_each({bound}))")
        }
    }

    /// The same where they are very many, and what is asked is walked through: PostgreSQL looks each up in a table that it makes
    /// of them, and neither joins with it nor goes through an index once for each.
    pub(super) fn is_known(&self, what: &str, bound: &str) -> String {
        if self.postgres {
            format!("({what} IN (SELECT one.value FROM unnest({bound}) AS one (value))) IS TRUE")
        } else {
            self.is_in(what, bound)
        }
    }

    fn bind(&mut self, bound: Bound, of: &str) -> String {
        self.bound.push(bound);
        let at = self.bound.len();
        if self.postgres {
            format!("${at}::{of}")
        } else {
            format!("?{at}")
        }
    }

    /// Whether it is PostgreSQL's.
    pub(super) fn is_postgres(&self) -> bool {
        self.postgres
    }

    /// Joins in this order: SQLite keeps to it, PostgreSQL knows better.
    pub(super) fn join(&self) -> &'static str {
        if self.postgres { "JOIN" } else { "CROSS JOIN" }
    }

    /// Joins rows of a table (`on`) with every row of what stands before it, one after the other: SQLite keeps to that order, through the
    /// index that `by` says; PostgreSQL takes it for cheaper to read a table whole than to look up few rows, as it does not know how few
    /// they are, and cannot where each lookup depends on a row (`LATERAL`) and stands for itself (`OFFSET 0`).
    pub(super) fn each(&self, table: &str, name: &str, by: &str, on: &str) -> String {
        if self.postgres {
            format!(
                "CROSS JOIN LATERAL (SELECT {name}.* FROM {table} AS {name} WHERE {on} OFFSET 0) AS {name}"
            )
        } else {
            format!("CROSS JOIN {table} AS {name} {by} ON {on}")
        }
    }

    /// Whether a text has a part in it.
    pub(super) fn contains(&self, text: &str, part: &str) -> String {
        if self.postgres {
            format!("position({part} in {text}) > 0")
        } else {
            format!("instr({text}, {part}) > 0")
        }
    }

    /// A list as JSON of what stands in every row, and of several things in one.
    pub(super) fn json(&self) -> (&'static str, &'static str) {
        if self.postgres {
            ("json_agg", "json_build_array")
        } else {
            ("json_group_array", "json_array")
        }
    }

    /// Such a list as text.
    pub(super) fn as_text(&self, json: &str) -> String {
        if self.postgres {
            format!("CAST({json} AS TEXT)")
        } else {
            json.to_owned()
        }
    }

    fn sqlite(self, sql: String) -> Query<'static, sqlx::Sqlite, SqliteArguments> {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for bound in self.bound {
            query = match bound {
                Bound::Text(text) => query.bind(text),
                Bound::Number(number) => query.bind(number),
                Bound::Numbers(numbers) => query.bind(serde_json::to_string(&numbers).unwrap_or_default()),
                Bound::Texts(texts) => query.bind(serde_json::to_string(&texts).unwrap_or_default()),
            };
        }
        query
    }

    fn postgres(self, sql: String) -> Query<'static, sqlx::Postgres, PgArguments> {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for bound in self.bound {
            query = match bound {
                Bound::Text(text) => query.bind(text),
                Bound::Number(number) => query.bind(number),
                Bound::Numbers(numbers) => query.bind(numbers),
                Bound::Texts(texts) => query.bind(texts),
            };
        }
        query
    }
}
