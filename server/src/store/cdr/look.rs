//! What came of holding records against calls, read for a page.

use std::collections::HashMap;

use app::model::{
    PbxId,
    history::CallRow,
    records::{Class, PAGE, RecordShown, RecordsPage, RecordsQuery, RecordsRow, RecordsSource, RecordsTold},
};
use serde_json::json;
use sqlx::Row;
use telephony::{Timestamp, cdr::Column};

use super::rows::{RecordRow, record};
use crate::store::{Result, Store, ms, visit::count};

/// What somebody may see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordsSight {
    /// PBXs that are seen whole; every one when not given.
    pub pbxs: Option<Vec<PbxId>>,
    /// Those of which is not shown who listened to calls.
    pub discreet: Vec<PbxId>,
}

/// What is looked for, in the order in which it is bound.
const WHERE: &str = "(?1 IS NULL OR pbx_id IN (SELECT value FROM json_each(?1)))
     AND (spied = 0 OR pbx_id NOT IN (SELECT value FROM json_each(?2)))
     AND (?3 IS NULL OR pbx_id = ?3) AND (?4 IS NULL OR began_ms >= ?4) AND (?5 IS NULL OR began_ms < ?5)";

type Line = (i64, i64, String, i64, String, Option<i64>, i64);
const LINE: &str = "id, pbx_id, class, began_ms, linked, call_row, rows";

fn ids(pbxs: &[PbxId]) -> String {
    let ids: Vec<i64> = pbxs.iter().map(|pbx| pbx.0).collect();
    serde_json::to_string(&ids).unwrap_or_default()
}

fn shown(row: RecordRow) -> RecordShown {
    let (told, times) = (row.told.row, row.told.times);
    RecordShown {
        start: times.start,
        answer: times.answer,
        end: times.end,
        doubtful: times.doubt.is_some(),
        duration_s: told.duration_s,
        billable_s: told.billable_s,
        disposition: told.get(Column::Disposition).into_owned(),
        uniqueid: told.uniqueid.unwrap_or_default(),
        sequence: told.sequence,
        user_field: told.user_field.unwrap_or_default(),
        recording: told.recording.unwrap_or_default(),
        by_manager: row.by_manager,
        by_source: row.by_source,
        src: told.src,
        dst: told.dst,
        context: told.context,
        caller_id: told.caller_id,
        channel: told.channel,
        dest_channel: told.dest_channel,
        application: told.application,
        data: told.data,
    }
}

impl Store {
    /// A page of what is asked for.
    pub async fn checked_records(&self, query: &RecordsQuery, sight: &RecordsSight) -> Result<RecordsPage> {
        let pbxs = sight.pbxs.as_deref().map(ids);
        let discreet = ids(&sight.discreet);
        macro_rules! asked {
            ($query:expr) => {
                sqlx::query_as(sqlx::AssertSqlSafe($query))
                    .bind(pbxs.as_deref())
                    .bind(&discreet)
                    .bind(query.pbx.map(|pbx| pbx.0))
                    .bind(query.from_ms.map(ms))
                    .bind(query.to_ms.map(ms))
            };
        }
        let counted: Vec<(String, i64)> = asked!(format!(
            "SELECT class, count(*) FROM cdr_check WHERE {WHERE} GROUP BY class"
        ))
        .fetch_all(&self.read)
        .await?;
        let mut counts = [0; 4];
        for (word, of_class) in counted {
            let at = Class::ALL.iter().position(|class| class.word() == word);
            if let Some(at) = at {
                counts[at] = count(of_class);
            }
        }
        let mut lines: Vec<Line> = asked!(format!(
            "SELECT {LINE} FROM cdr_check WHERE {WHERE} AND (?6 IS NULL OR class = ?6)
                AND (?7 IS NULL OR (began_ms, id) < (SELECT began_ms, id FROM cdr_check WHERE id = ?7))
             ORDER BY began_ms DESC, id DESC LIMIT ?8"
        ))
        .bind(query.class.map(Class::word))
        .bind(query.older_than)
        .bind(ms(PAGE as u64 + 1))
        .fetch_all(&self.read)
        .await?;
        let older = lines.len() > PAGE;
        lines.truncate(PAGE);
        Ok(RecordsPage {
            rows: self.told(lines).await?,
            older,
            counts,
            sources: self.sources_shown(sight).await?,
        })
    }

    async fn sources_shown(&self, sight: &RecordsSight) -> Result<Vec<RecordsSource>> {
        let sources = self.cdr_sources().await?.into_iter();
        let seen = sources.filter(|source| sight.pbxs.as_ref().is_none_or(|pbxs| pbxs.contains(&source.pbx)));
        let shown = seen.map(|source| RecordsSource {
            pbx: source.pbx,
            zone: source.zone,
            read: source.read_ms.map(Timestamp),
            damaged: source.damaged,
            every_s: source.every_s,
            trouble: source.trouble,
        });
        Ok(shown.collect())
    }

    /// Where a call is held against its records; `None` where it is not, or that may not be seen.
    pub async fn records_of_call(&self, call: i64, sight: &RecordsSight) -> Result<Option<i64>> {
        let id: Option<i64> = sqlx::query_scalar(
            "SELECT id FROM cdr_check WHERE call_row = ?1 AND (?2 IS NULL OR pbx_id IN (SELECT value FROM json_each(?2)))
                AND NOT (spied AND pbx_id IN (SELECT value FROM json_each(?3))) AND class <> 'only_here' ORDER BY id DESC LIMIT 1",
        )
        .bind(call)
        .bind(sight.pbxs.as_deref().map(ids))
        .bind(ids(&sight.discreet))
        .fetch_optional(&self.read)
        .await?;
        Ok(id)
    }

    /// One of them with every record; `None` where there is none that may be seen.
    pub async fn checked_record(&self, id: i64, sight: &RecordsSight) -> Result<Option<RecordsTold>> {
        let line: Option<Line> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {LINE} FROM cdr_check WHERE id = ?3 AND (?1 IS NULL OR pbx_id IN (SELECT value FROM json_each(?1)))
                AND (spied = 0 OR pbx_id NOT IN (SELECT value FROM json_each(?2)))"
        )))
        .bind(sight.pbxs.as_deref().map(ids))
        .bind(ids(&sight.discreet))
        .bind(id)
        .fetch_optional(&self.read)
        .await?;
        let Some(line) = line else { return Ok(None) };
        let Some(row) = self.told(vec![line]).await?.pop() else {
            return Ok(None);
        };
        let records = self.records_of(row.pbx, &row.linked).await?;
        Ok(Some(RecordsTold {
            records: records.into_iter().map(shown).collect(),
            row,
        }))
    }

    /// Lines with the first record and the call of each.
    async fn told(&self, lines: Vec<Line>) -> Result<Vec<RecordsRow>> {
        let linked: Vec<_> = lines.iter().map(|line| json!([&line.4, line.1])).collect();
        let rows = sqlx::query(
            "SELECT told.key AS place, cdr.* FROM json_each(?) AS told CROSS JOIN cdr ON cdr.id = (
                SELECT id FROM cdr AS one WHERE one.linked = told.value ->> 0 AND one.linked <> ''
                    AND one.pbx_id = told.value ->> 1 ORDER BY one.start_ms, one.sequence, one.id LIMIT 1)",
        )
        .bind(serde_json::to_string(&linked).unwrap_or_default())
        .fetch_all(&self.read)
        .await?;
        let mut firsts = HashMap::new();
        for row in &rows {
            firsts.insert(row.try_get::<i64, _>("place")?, shown(record(row)?));
        }
        let calls: Vec<i64> = lines.iter().filter_map(|line| line.5).collect();
        let calls = self.call_rows(&calls).await?;
        let calls: HashMap<i64, CallRow> = calls.into_iter().map(|call| (call.id, call)).collect();
        let told = (0..).zip(lines);
        let told = told.map(
            |(place, (id, pbx, class, began, linked, call, records))| RecordsRow {
                id,
                pbx: PbxId(pbx),
                class: Class::of(&class).unwrap_or(Class::OnlyThere),
                began: Timestamp(count(began)),
                linked,
                records: count(records),
                first: firsts.remove(&place),
                call: call.and_then(|id| calls.get(&id).cloned()),
            },
        );
        Ok(told.collect())
    }
}
