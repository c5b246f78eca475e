//! Of which time the records of a PBX tell, and what was seen of it then.

use std::collections::HashSet;

use app::model::PbxId;
use telephony::{Marks, Timestamp, cdr::Known, cdr::NEAR_MS};

use crate::store::{IN_A_MS, Result, Store, visit::count};

/// Asterisk may write its records together, so late.
const LATE_MS: u64 = 10 * 60_000;
/// What ended later than this before now may be on its way into the database.
const SETTLED_MS: u64 = 60_000;

/// The trunks that calls ran over.
pub(super) const TRUNKS: &str = "SELECT DISTINCT trunk FROM call_kind WHERE pbx_id = ? AND trunk <> ''";

/// The time of which the records of a PBX tell, and what was seen of it then.
#[derive(Debug, Default)]
pub struct Coverage {
    /// From the first record,
    pub from: Timestamp,
    /// until everything that ended is told.
    pub until: Timestamp,
    /// Since when Starboard knows the PBX.
    first_seen: Option<Timestamp>,
    /// Times in which it did not see it, and does again.
    gaps: Vec<(Timestamp, Timestamp)>,
    /// What ended until then is in the database, if it was seen.
    pub(super) settled: Timestamp,
    /// Channels of calls that it takes for being up.
    pub(super) open: HashSet<String>,
    /// What its names mean.
    pub(super) known: Known,
}

impl Coverage {
    /// Whether nobody can have seen what was then.
    pub(super) fn is_unseen(&self, began: Timestamp, ended: Timestamp) -> bool {
        let before = self.first_seen.is_none_or(|first| ended < first);
        // records have whole seconds, each cut off for itself
        let near = |one: Timestamp, other: Timestamp| one.0 <= other.0.saturating_add(NEAR_MS);
        let mut gaps = self.gaps.iter();
        before || gaps.any(|(from, to)| near(*from, ended) && near(began, *to))
    }

    /// The same where everything that ended until then is known to be in the database.
    pub fn settled_until(self, settled: Timestamp) -> Self {
        Self { settled, ..self }
    }
}

impl Store {
    /// The time of which records of a PBX tell; `None` where there is none.
    pub async fn record_coverage(&self, pbx: PbxId) -> Result<Option<Coverage>> {
        let found: (Option<i64>, Option<i64>) =
            sqlx::query_as("SELECT min(start_ms), max(end_ms) FROM cdr WHERE pbx_id = ?")
                .bind(pbx.0)
                .fetch_one(&self.read)
                .await?;
        let (Some(from), Some(last)) = found else {
            return Ok(None);
        };
        let read: Option<i64> = sqlx::query_scalar("SELECT read_ms FROM cdr_source WHERE pbx_id = ?")
            .bind(pbx.0)
            .fetch_optional(&self.read)
            .await?
            .flatten();
        let first: Option<i64> = sqlx::query_scalar(
            "SELECT min(at) FROM (
                SELECT (SELECT id FROM call WHERE pbx_id = ?1 AND marks & ?2 = 0 ORDER BY id LIMIT 1) / ?3 AS at
                UNION ALL SELECT min(joined_ms) FROM visit WHERE pbx_id = ?1 AND source = 'ami'
                UNION ALL SELECT min(from_ms) FROM gap WHERE pbx_id = ?1)",
        )
        .bind(pbx.0)
        .bind(Marks::TOLD.0)
        .bind(IN_A_MS)
        .fetch_one(&self.read)
        .await?;
        let gaps: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT from_ms, to_ms FROM gap WHERE pbx_id = ? AND to_ms IS NOT NULL ORDER BY from_ms",
        )
        .bind(pbx.0)
        .fetch_all(&self.read)
        .await?;
        let trunks: Vec<String> = sqlx::query_scalar(TRUNKS)
            .bind(pbx.0)
            .fetch_all(&self.read)
            .await?;
        let open = self.calls_left_open(Some(pbx)).await?;
        let channels = open.iter().flat_map(|open| {
            let legs = open.call.legs.iter().map(|leg| leg.id.0.clone());
            legs.chain([open.call.id.0.clone()])
        });
        let time = |at: i64| Timestamp(count(at));
        let read = read.map_or(0, |read| count(read).saturating_sub(LATE_MS));
        Ok(Some(Coverage {
            from: time(from),
            until: Timestamp(count(last).max(read)),
            first_seen: first.map(time),
            settled: Timestamp(crate::clock::wall_ms().saturating_sub(SETTLED_MS)),
            gaps: gaps
                .into_iter()
                .map(|(from, to)| (time(from), time(to)))
                .collect(),
            open: channels.collect(),
            known: Known::of_trunks(trunks),
        }))
    }
}
