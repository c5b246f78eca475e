//! What has to be known of calls before they are written: asked in one statement, however many they are.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use anyhow::Context;
use app::model::PbxId;
use serde::Deserialize;
use serde_json::{Value, json};
use telephony::FinishedCall;

use super::{
    words::{IN_A_MS, direction_word, keys, length, result_word, whole},
    write::{Numbered, everybody, first_id, text},
};
use crate::store::{Result, ms, visit::Recording};
use telephony::{Marks, Party};

/// Files that records name, looked at once.
const MOST_FILES: i64 = 1_000;

/// A party as it is kept.
pub(super) type PartyKey = (i64, String, String, String);
/// What a call has in common with others: see `call_kind`.
pub(super) type KindKey = (i64, &'static str, &'static str, String, String, bool, usize);

pub(super) fn party_key(pbx: PbxId, party: &Party) -> PartyKey {
    let name = party.name.as_deref().unwrap_or_default();
    let extension = party.extension.as_deref().unwrap_or_default();
    (pbx.0, whole(&party.number), whole(name), whole(extension))
}

pub(super) fn kind_key(pbx: PbxId, call: &FinishedCall) -> KindKey {
    (
        pbx.0,
        direction_word(call.direction),
        result_word(call.result),
        call.queue.clone().unwrap_or_default(),
        call.trunk.clone().unwrap_or_default(),
        call.marks.has(Marks::RECORDED),
        length(call.duration_ms()),
    )
}

/// A file that one of Asterisk's own records names.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct NamedFile {
    /// The PBX of the record,
    pub(super) pbx: i64,
    /// its linked id,
    pub(super) linked: String,
    /// the file,
    pub(super) told: String,
    /// and when the record begins.
    pub(super) start_ms: i64,
}

/// What is known of calls that are about to be written.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Those that are kept already, by their places.
    pub(super) kept: HashSet<i64>,
    /// The last id of the milliseconds that have calls already, by the first.
    pub(super) taken: HashMap<i64, i64>,
    /// The numbers of everybody on them.
    pub(super) parties: HashMap<PartyKey, i64>,
    /// The numbers of what they have in common with others.
    pub(super) kinds: HashMap<KindKey, i64>,
    /// Files that records name.
    pub(super) files: Vec<NamedFile>,
}

/// The same as the database tells it: places in what was asked, and numbers.
#[derive(Debug, Deserialize)]
struct Told {
    kept: Vec<i64>,
    taken: Vec<(i64, i64)>,
    parties: Vec<(usize, i64)>,
    kinds: Vec<(usize, i64)>,
    files: Vec<NamedFile>,
}

/// Who and what was never seen before is made by what is inserted into this view.
pub(super) const MEET: &str = "CREATE TEMP VIEW on_calls AS SELECT NULL AS parties, NULL AS kinds;
CREATE TEMP TRIGGER meet_on_calls INSTEAD OF INSERT ON on_calls BEGIN
    INSERT INTO party (number, name, extension, pbx_id, digits, folded)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        FROM json_each(new.parties) WHERE true ON CONFLICT DO NOTHING;
    INSERT INTO call_kind (pbx_id, direction, result, queue, trunk, recorded, length, calls)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, 0
        FROM json_each(new.kinds) WHERE true ON CONFLICT DO NOTHING;
END;";

/// Whoever and whatever was never seen before is made ([`MEET`]), then everything is looked up, all in one go. Lists are bound by their
/// names (`$3`), as in several statements at once anything else is counted through all of them. Where calls
/// are compared with something bound, SQLite plans the statement anew each time: their partial index may fit or not. So the
/// steps of a millisecond are written out.
static LOOK: LazyLock<String> = LazyLock::new(|| {
    format!("INSERT INTO on_calls (parties, kinds) VALUES ($3, $4);
SELECT json_object(
    'kept', (SELECT json_group_array(told.key) FROM json_each($1) AS told CROSS JOIN call
        ON call.call_id = told.value ->> 0 AND call.pbx_id = told.value ->> 1 WHERE call.id / {IN_A_MS} = told.value ->> 2),
    'taken', (SELECT json_group_array(json_array(first, last)) FROM (
        SELECT told.value AS first, max(call.id) AS last FROM json_each($2) AS told CROSS JOIN call
            ON call.id >= told.value AND call.id < told.value + {IN_A_MS} GROUP BY told.value)),
    'parties', (SELECT json_group_array(json_array(told.key, party.id)) FROM json_each($3) AS told CROSS JOIN party
        ON party.number = told.value ->> 0 AND party.name = told.value ->> 1
        AND party.extension = told.value ->> 2 AND party.pbx_id = told.value ->> 3),
    'kinds', (SELECT json_group_array(json_array(told.key, kind.id)) FROM json_each($4) AS told CROSS JOIN call_kind AS kind
        ON kind.pbx_id = told.value ->> 0 AND kind.direction = told.value ->> 1 AND kind.result = told.value ->> 2
        AND kind.queue = told.value ->> 3 AND kind.trunk = told.value ->> 4 AND kind.recorded = told.value ->> 5
        AND kind.length = told.value ->> 6),
    'files', (SELECT json_group_array(json_object('pbx', pbx_id, 'linked', linked, 'told', recording, 'start_ms', start_ms)) FROM (
        SELECT cdr.pbx_id, cdr.linked, cdr.recording, cdr.start_ms FROM json_each($5) AS told
            CROSS JOIN cdr INDEXED BY cdr_recorded
            ON cdr.linked = told.value ->> 0 AND cdr.pbx_id = told.value ->> 1 AND cdr.recording <> '' LIMIT {MOST_FILES})))")
});

impl Recording {
    /// What is known of calls that somebody tells of.
    pub(super) async fn known_of(&mut self, told: &[(PbxId, FinishedCall)]) -> Result<Known> {
        let named: Vec<Value> = told
            .iter()
            .map(|(pbx, call)| json!([call.id.0, pbx.0, ms(call.started.0)]))
            .collect();
        let firsts: Vec<i64> = told.iter().map(|(_, call)| first_id(call)).collect();
        let calls: Vec<(PbxId, &FinishedCall)> = told.iter().map(|(pbx, call)| (*pbx, call)).collect();
        self.look(&calls, &named, &firsts).await
    }

    /// What is known of calls that have their numbers.
    pub(super) async fn known_of_numbered(&mut self, calls: &[Numbered<'_>]) -> Result<Known> {
        let calls: Vec<(PbxId, &FinishedCall)> = calls.iter().map(|(_, pbx, call)| (*pbx, *call)).collect();
        self.look(&calls, &[], &[]).await
    }

    async fn look(
        &mut self,
        calls: &[(PbxId, &FinishedCall)],
        named: &[Value],
        firsts: &[i64],
    ) -> Result<Known> {
        let mut parties: HashMap<PartyKey, (String, String)> = HashMap::new();
        let mut kinds: HashSet<KindKey> = HashSet::new();
        let mut linked: HashSet<(&str, i64)> = HashSet::new();
        for (pbx, call) in calls {
            for party in everybody(call) {
                parties.entry(party_key(*pbx, party)).or_insert_with(|| {
                    let (digits, folded) = keys(party);
                    (whole(&digits), whole(&folded))
                });
            }
            kinds.insert(kind_key(*pbx, call));
            linked.extend((!call.linked.is_empty()).then_some((call.linked.as_str(), pbx.0)));
        }
        let parties: Vec<(PartyKey, (String, String))> = parties.into_iter().collect();
        let kinds: Vec<KindKey> = kinds.into_iter().collect();
        let told_parties = parties
            .iter()
            .map(|((pbx, number, name, extension), (digits, folded))| {
                json!([number, name, extension, pbx, digits, folded])
            });
        let told_kinds = kinds
            .iter()
            .map(|(pbx, direction, result, queue, trunk, recorded, length)| {
                let (queue, trunk) = (whole(queue), whole(trunk));
                json!([pbx, direction, result, queue, trunk, i64::from(*recorded), length])
            });
        let lists = [
            text(named),
            json!(firsts).to_string(),
            text(&told_parties.collect::<Vec<_>>()),
            text(&told_kinds.collect::<Vec<_>>()),
            json!(linked).to_string(),
        ];
        let told = self.ask(&lists).await?;
        Ok(Known {
            kept: told.kept.into_iter().collect(),
            taken: told.taken.into_iter().collect(),
            parties: told
                .parties
                .into_iter()
                .filter_map(|(at, id)| Some((parties.get(at)?.0.clone(), id)))
                .collect(),
            kinds: told
                .kinds
                .into_iter()
                .filter_map(|(at, id)| Some((kinds.get(at)?.clone(), id)))
                .collect(),
            files: told.files,
        })
    }

    async fn ask(&mut self, lists: &[String]) -> Result<Told> {
        let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(LOOK.as_str()));
        for list in lists {
            query = query.bind(list);
        }
        let told: String = query.fetch_one(&mut *self.transaction).await?;
        Ok(serde_json::from_str(&told).context("what is known of calls cannot be read back")?)
    }
}
