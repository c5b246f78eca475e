//! The table as telephone systems have it: a row a call with text dates, an index a column, and the questions put to it
//! literally. Beside it our own plan shows what it is for.

use std::{path::Path, time::Instant};

use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{generator::Year, median};

pub(crate) struct Naive(SqlitePool);

/// `2025-01-01 00:00:00` of milliseconds, as such tables write it; days of 2025 only.
fn date(ms: u64) -> String {
    const MONTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let seconds = (ms - crate::generator::START_MS) / 1_000;
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut month = 0;
    while month < 11 && day >= MONTHS[month] {
        day -= MONTHS[month];
        month += 1;
    }
    format!(
        "2025-{:02}-{:02} {:02}:{:02}:{:02}",
        month + 1,
        day + 1,
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

impl Naive {
    pub(crate) async fn fill(path: &Path, calls: u64) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE cdr (calldate TEXT, clid TEXT, src TEXT, dst TEXT, dcontext TEXT, channel TEXT, dstchannel TEXT,
                lastapp TEXT, lastdata TEXT, duration INTEGER, billsec INTEGER, disposition TEXT, amaflags INTEGER,
                accountcode TEXT, uniqueid TEXT, userfield TEXT, did TEXT, recordingfile TEXT, cnum TEXT, cnam TEXT,
                linkedid TEXT, sequence INTEGER)",
        )
        .execute(&pool)
        .await
        .unwrap();
        let begun = Instant::now();
        let mut year = Year::new(calls);
        loop {
            let some: Vec<_> = year.by_ref().take(5_000).collect();
            if some.is_empty() {
                break;
            }
            let rows: Vec<_> = some
                .iter()
                .map(|(_, call)| {
                    serde_json::json!([
                        date(
                            call.started
                                .0
                                .min(crate::generator::START_MS + crate::generator::YEAR_MS - 1)
                        ),
                        call.caller.name,
                        call.caller.number,
                        call.callee.number,
                        call.duration_ms() / 1_000,
                        call.talk_ms() / 1_000,
                        format!("{:?}", call.result).to_uppercase(),
                        call.id.0,
                        call.queue,
                    ])
                })
                .collect();
            sqlx::query(
                "INSERT INTO cdr SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, 'from-internal',
                    'PJSIP/' || (value ->> 2) || '-00000001', 'PJSIP/' || (value ->> 3) || '-00000002', 'Dial', 'PJSIP/x,30,tT',
                    value ->> 4, value ->> 5, value ->> 6, 3, '', value ->> 7, '', value ->> 8, '', value ->> 2, value ->> 1,
                    value ->> 7, 1 FROM json_each(?)",
            )
            .bind(serde_json::to_string(&rows).unwrap())
            .execute(&pool)
            .await
            .unwrap();
        }
        for column in ["calldate", "src", "dst", "uniqueid", "disposition", "did"] {
            let index = format!("CREATE INDEX cdr_{column} ON cdr ({column})");
            sqlx::raw_sql(sqlx::AssertSqlSafe(index))
                .execute(&pool)
                .await
                .unwrap();
        }
        println!("naive: filled and indexed in {:.1?}", begun.elapsed());
        Self(pool)
    }

    /// Milliseconds of the median of a few runs.
    async fn time(&self, query: &str) -> f64 {
        let mut times = Vec::new();
        for _ in 0..3 {
            let begun = Instant::now();
            let rows = sqlx::query(sqlx::AssertSqlSafe(query.to_owned()))
                .fetch_all(&self.0)
                .await
                .unwrap();
            assert!(rows.iter().all(|row| !row.is_empty()));
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        median(&mut times)
    }

    pub(crate) async fn report(&self, calls: u64, number: &str) {
        let middle = calls / 2;
        for (what, query) in [
            (
                "newest page",
                "SELECT * FROM cdr ORDER BY calldate DESC LIMIT 50".to_owned(),
            ),
            (
                "page in the middle",
                format!("SELECT * FROM cdr ORDER BY calldate DESC LIMIT 50 OFFSET {middle}"),
            ),
            (
                "part of a number",
                format!(
                    "SELECT * FROM cdr WHERE src LIKE '%{number}%' OR dst LIKE '%{number}%' ORDER BY calldate DESC LIMIT 50"
                ),
            ),
            (
                "part of a name",
                "SELECT * FROM cdr WHERE cnam LIKE '%ina Quis%' ORDER BY calldate DESC LIMIT 50".to_owned(),
            ),
            (
                "queue and busy and long",
                "SELECT * FROM cdr WHERE did = 'sales' AND disposition = 'BUSY' AND duration >= 20 \
                ORDER BY calldate DESC LIMIT 50"
                    .to_owned(),
            ),
            (
                "its count",
                "SELECT count(*) FROM cdr WHERE did = 'sales' AND disposition = 'BUSY' AND duration >= 20"
                    .to_owned(),
            ),
            (
                "a month by disposition",
                "SELECT disposition, count(*) FROM cdr WHERE calldate >= '2025-06-01' AND \
                calldate < '2025-07-01' GROUP BY disposition"
                    .to_owned(),
            ),
            (
                "30 days by the hour",
                "SELECT substr(calldate, 1, 13), disposition, count(*) FROM cdr WHERE \
                calldate >= '2025-06-01' AND calldate < '2025-07-01' GROUP BY 1, 2"
                    .to_owned(),
            ),
            (
                "a year by the day",
                "SELECT substr(calldate, 1, 10), disposition, count(*), sum(billsec) FROM cdr \
                GROUP BY 1, 2"
                    .to_owned(),
            ),
        ] {
            println!("naive {what:<26} {:>10.2} ms", self.time(&query).await);
        }
    }
}
