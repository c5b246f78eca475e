//! What is there of a number: who it was on calls, and what an erasure would come to.

use app::model::erase::{Held, Preview, Tally};
use sqlx::{Row, Sqlite, Transaction};

use super::{Number, UnderWay};
use crate::store::{IN_A_MS, Result, Store, visit::count};

/// Held calls and recordings that are named.
const NAMED: i64 = 20;

/// A text without what stands between the digits of a number.
pub(super) fn bare(text: &str) -> String {
    let mut bare = text.to_owned();
    for between in ["' '", "'-'", "'.'", "'/'", "'('", "')'", "char(160)"] {
        bare = format!("replace({bare}, {between}, '')");
    }
    bare
}

/// Whether a call is held: by itself, or by a recording of it.
pub(super) fn is_held(call: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM call_hold AS h WHERE h.call_id = {call})
          OR EXISTS (SELECT 1 FROM recording AS r WHERE r.call_id = {call} AND r.held))"
    )
}

/// What the phases of an erasure look for.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// The parties that are the number, as JSON.
    pub(super) parties: String,
    /// Names of calls that are held: which PBX, and what its records have for it.
    pub(super) held: Vec<(i64, String)>,
    /// Recordings whose files are named by the number, as JSON.
    pub(super) files: String,
}

impl Look {
    /// Whether a call, or records of one, are held.
    pub(super) fn holds(&self, pbx: i64, call: &str) -> bool {
        self.held.iter().any(|(of, name)| *of == pbx && name == call)
    }
}

impl Store {
    /// The parties that are a number.
    async fn parties_with(&self, number: &Number) -> Result<Vec<(i64, bool)>> {
        let query = format!(
            "SELECT id, number, name, extension FROM party WHERE instr({}, ?1) OR instr({}, ?1)",
            bare("number"),
            bare("name")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(number.person())
            .fetch_all(&self.read)
            .await?;
        let mut parties = Vec::new();
        for row in rows {
            let is = number.stands_in(row.try_get("number")?) || number.stands_in(row.try_get("name")?);
            if is {
                parties.push((
                    row.try_get("id")?,
                    !row.try_get::<&str, _>("extension")?.is_empty(),
                ));
            }
        }
        Ok(parties)
    }

    /// Recordings whose file or folder is named by a number.
    async fn files_named(&self, number: &Number) -> Result<Vec<i64>> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT id, folder, file FROM recording WHERE instr(file, ?1) OR instr(folder, ?1)",
        )
        .bind(number.person())
        .fetch_all(&self.read)
        .await?;
        let named = rows
            .into_iter()
            .filter(|(_, folder, file)| number.names(file) || number.names(folder));
        Ok(named.map(|(id, ..)| id).collect())
    }

    pub(super) async fn look(&self, run: &UnderWay) -> Result<Look> {
        let parties = self.parties_with(&run.number).await?;
        let parties: Vec<i64> = parties
            .into_iter()
            .filter(|(_, ours)| !ours)
            .map(|(id, _)| id)
            .collect();
        let parties = serde_json::to_string(&parties).unwrap_or_default();
        let query = format!(
            "SELECT DISTINCT call.pbx_id, call.call_id, coalesce(call.linked, call.call_id) FROM call_party JOIN call ON call.id = call_party.call_id
             WHERE party_id IN (SELECT value FROM json_each(?)) AND {}",
            is_held("call.id")
        );
        let rows: Vec<(i64, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(&parties)
            .fetch_all(&self.read)
            .await?;
        let held = rows
            .into_iter()
            .flat_map(|(pbx, call, linked)| [(pbx, call), (pbx, linked)]);
        let files = self.files_named(&run.number).await?;
        Ok(Look {
            parties,
            held: held.collect(),
            files: serde_json::to_string(&files).unwrap_or_default(),
        })
    }

    /// What an erasure of this number would come to now.
    pub async fn erasure_preview(&self, number: &Number) -> Result<Preview> {
        let parties = self.parties_with(number).await?;
        let is_phone = parties.iter().any(|(_, ours)| *ours) || self.is_phone(number).await?;
        let parties: Vec<i64> = parties
            .into_iter()
            .filter(|(_, ours)| !ours)
            .map(|(id, _)| id)
            .collect();
        let parties = serde_json::to_string(&parties).unwrap_or_default();
        let files = serde_json::to_string(&self.files_named(number).await?).unwrap_or_default();
        let mut preview = Preview {
            hint: number.hint(),
            ours: is_phone,
            ..Preview::default()
        };
        let mut transaction = self.read.begin().await?;
        of_calls(&mut transaction, (&parties, &files), &mut preview).await?;
        of_others(&mut transaction, number, &mut preview).await?;
        Ok(preview)
    }

    /// Whether a phone that serves queues, or somebody's own, has this number.
    async fn is_phone(&self, number: &Number) -> Result<bool> {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT interface FROM agent_span WHERE instr(interface, ?1)
             UNION SELECT number FROM user_extension WHERE instr(number, ?1)",
        )
        .bind(number.person())
        .fetch_all(&self.read)
        .await?;
        Ok(found.iter().any(|one| number.stands_in(one)))
    }
}

async fn of_calls(
    transaction: &mut Transaction<'static, Sqlite>,
    (parties, files): (&str, &str),
    preview: &mut Preview,
) -> Result<()> {
    let theirs =
        "SELECT DISTINCT call_id FROM call_party WHERE party_id IN (SELECT value FROM json_each(?1))";
    let held = is_held("c.call_id");
    let query = format!(
        "WITH c AS ({theirs})
         SELECT count(*) - coalesce(sum({held}), 0), coalesce(sum({held}), 0),
                coalesce(sum((SELECT count(*) FROM call_note AS n WHERE n.call_id = c.call_id AND NOT {held})), 0) FROM c"
    );
    let (calls, calls_held, notes): (i64, i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(parties)
        .fetch_one(&mut **transaction)
        .await?;
    let held = is_held("recording.call_id");
    let query = format!(
        "SELECT coalesce(sum(NOT (recording.held OR {held})), 0), coalesce(sum(recording.held AND recording.call_id IS NULL), 0)
         FROM recording WHERE state <> 'deleted'
            AND (call_id IN ({theirs}) OR id IN (SELECT value FROM json_each(?2)))"
    );
    let (recordings, loose_held): (i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(parties)
        .bind(files)
        .fetch_one(&mut **transaction)
        .await?;
    let query = format!(
        "SELECT call_id, NULL FROM ({theirs}) AS c WHERE {}
         UNION ALL SELECT NULL, key FROM recording WHERE held AND call_id IS NULL AND id IN (SELECT value FROM json_each(?2))
         ORDER BY 1 DESC LIMIT ?3",
        is_held("c.call_id")
    );
    let named: Vec<(Option<i64>, Option<String>)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(parties)
        .bind(files)
        .bind(NAMED)
        .fetch_all(&mut **transaction)
        .await?;
    let named = named.into_iter().map(|(call, recording)| Held {
        call,
        began_ms: call.map_or(0, |call| count(call / IN_A_MS)),
        recording,
    });
    preview.tally = Tally {
        calls: count(calls),
        recordings: count(recordings),
        notes: count(notes),
        others: 0,
    };
    preview.held = count(calls_held + loose_held);
    preview.named = named.collect();
    Ok(())
}

async fn of_others(
    transaction: &mut Transaction<'static, Sqlite>,
    number: &Number,
    preview: &mut Preview,
) -> Result<()> {
    for (from, texts) in [
        ("visit WHERE over = 1", &["number"][..]),
        ("lost WHERE true", &["number"]),
        ("callback_request WHERE over = 1", &["number"]),
        ("cdr WHERE true", &["src", "dst", "caller_id"]),
    ] {
        preview.tally.others += counted(transaction, number, from, texts).await?;
    }
    for (from, text) in [
        ("callback_request WHERE over = 0", "number"),
        ("call_open WHERE true", "told"),
    ] {
        preview.under_way += counted(transaction, number, from, &[text]).await?;
    }
    Ok(())
}

async fn counted(
    transaction: &mut Transaction<'static, Sqlite>,
    number: &Number,
    from: &str,
    texts: &[&str],
) -> Result<u64> {
    // records are many, and Asterisk writes numbers into them without blanks
    let spelled = |text: &&str| {
        if texts.len() > 1 {
            (*text).to_owned()
        } else {
            bare(text)
        }
    };
    let any: Vec<String> = texts
        .iter()
        .map(|text| format!("instr({}, ?1)", spelled(text)))
        .collect();
    let query = format!(
        "SELECT {} FROM {from} AND ({})",
        texts.join(" || char(10) || "),
        any.join(" OR ")
    );
    let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .bind(number.person())
        .fetch_all(&mut **transaction)
        .await?;
    let is = |text: &&String| text.lines().any(|line| number.stands_in(line));
    Ok(found.iter().filter(is).count() as u64)
}
