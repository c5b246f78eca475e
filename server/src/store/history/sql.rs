//! Putting a search together: the pieces of its statement, each with what is bound to it.

use app::model::history::CallSearch;

use super::{
    base::Statement,
    read::Seen,
    words::{LENGTHS_S, Wanted, direction_word, length, result_word, whole},
};
use crate::store::ms;

/// Every role that a party has on a call: see `call_party`.
pub(super) const ROLES: &str = "(1, 2, 3)";

/// Parties of which each is gone through; what fits more of them is so frequent that a walk through the calls finds it.
pub(super) const MAX_PARTIES: usize = 3_000;

/// Which side of a call a party is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Caller,
    Callee,
    Either,
    /// Also who was only rung.
    Anybody,
}

/// Somebody who has to be on the call.
#[derive(Clone, Debug)]
pub(super) struct Somebody {
    pub(super) side: Side,
    /// The parties it can be; None where they are too many to be known.
    pub(super) parties: Option<Vec<i64>>,
    pub(super) wanted: Wanted,
    /// So short that it is only looked for where a number or name begins.
    pub(super) begins: bool,
    /// Calls of these parties, as far as they were counted; as many as can be where the parties are too many to go through each.
    pub(super) calls: i64,
}

/// What the viewer may see, with its parties found.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) parties: Vec<i64>,
    pub(super) seen: SeenOf,
    pub(super) calls: i64,
}

/// See [`Seen::Of`].
#[derive(Clone, Debug)]
pub(super) struct SeenOf {
    pub(super) pbxs: Vec<i64>,
    pub(super) queues: Vec<(i64, String)>,
}

impl SeenOf {
    pub(super) fn of(seen: &Seen) -> Option<Self> {
        let Seen::Of { pbxs, queues, .. } = seen else {
            return None;
        };
        Some(Self {
            pbxs: pbxs.iter().map(|pbx| pbx.0).collect(),
            queues: queues.iter().map(|(pbx, queue)| (pbx.0, queue.clone())).collect(),
        })
    }

    /// The kinds that are seen whoever was on the call.
    pub(super) fn kinds(&self, statement: &mut Statement) -> String {
        let pbxs = statement.numbers(&self.pbxs);
        let mut any = vec![statement.is_in("pbx_id", &pbxs)];
        for (pbx, queue) in &self.queues {
            let (pbx, queue) = (statement.number(*pbx), statement.text(queue));
            any.push(format!("queue <> '' AND pbx_id = {pbx} AND queue = {queue}"));
        }
        format!("SELECT id FROM call_kind WHERE {}", any.join(" OR "))
    }
}

/// The kinds that a search asks for; None where it asks for none.
pub(super) fn kinds(search: &CallSearch, statement: &mut Statement) -> Option<String> {
    let mut all = Vec::new();
    if let Some(pbx) = search.pbx {
        all.push(format!("pbx_id = {}", statement.number(pbx.0)));
    }
    if !search.queue.is_empty() {
        let queues: Vec<String> = search.queue.split(',').map(|queue| whole(queue.trim())).collect();
        let queues = statement.texts(queues);
        all.push(statement.is_in("queue", &queues));
    }
    if !search.trunk.is_empty() {
        all.push(format!("trunk = {}", statement.text(whole(&search.trunk))));
    }
    if let Some(direction) = search.direction {
        all.push(format!(
            "direction = {}",
            statement.text(direction_word(direction))
        ));
    }
    if !search.results.is_empty() {
        let words = search
            .results
            .iter()
            .map(|result| result_word(*result).to_owned());
        let words = statement.texts(words.collect());
        all.push(statement.is_in("result", &words));
    }
    if let Some(recorded) = search.recorded {
        all.push(format!("recorded = {}", i64::from(recorded)));
    }
    if let Some(longer) = search.longer_s {
        all.push(format!("length >= {}", length(u64::from(longer) * 1_000)));
    }
    if let Some(shorter) = search.shorter_s {
        let last = (u64::from(shorter) * 1_000).saturating_sub(1);
        all.push(format!("length <= {}", length(last)));
    }
    (!all.is_empty()).then(|| format!("SELECT id FROM call_kind WHERE {}", all.join(" AND ")))
}

/// What is asked of the call `c` itself: who answered, and what kinds cannot say of durations where a class is cut.
pub(super) fn of_itself(search: &CallSearch, statement: &mut Statement) -> Vec<String> {
    let cuts = |limit: u32| !LENGTHS_S.contains(&u64::from(limit));
    let mut all = Vec::new();
    if let Some(longer) = search.longer_s.filter(|limit| cuts(*limit)) {
        let limit = statement.number(i64::from(longer) * 1_000);
        all.push(format!("c.duration_ms >= {limit}"));
    }
    if let Some(shorter) = search.shorter_s.filter(|limit| cuts(*limit)) {
        let limit = statement.number(i64::from(shorter) * 1_000);
        all.push(format!("c.duration_ms < {limit}"));
    }
    if !search.answered_by.is_empty() {
        let by = statement.text(whole(&search.answered_by));
        all.push(format!("c.first_by = {by}"));
    }
    all
}

/// What has to have been said of the call `h`.
pub(super) fn said(search: &CallSearch, statement: &mut Statement) -> Vec<String> {
    let mut all = Vec::new();
    if !search.tag.is_empty() {
        let tag = statement.text(whole(&search.tag).to_lowercase());
        all.push(format!(
            "EXISTS (SELECT 1 FROM call_tag AS t WHERE t.tag = {tag} AND t.call_id = h.id)"
        ));
    }
    if !search.disposition.is_empty() {
        let word = statement.text(&search.disposition);
        all.push(format!(
            "EXISTS (SELECT 1 FROM call_disposition AS d WHERE d.word = {word} AND d.call_id = h.id)"
        ));
    }
    if !search.note.is_empty() {
        let part = statement.text(whole(&search.note).to_lowercase());
        all.push(format!(
            "EXISTS (SELECT 1 FROM call_note AS n WHERE n.call_id = h.id AND instr(n.folded, {part}) > 0)"
        ));
    } else if search.noted {
        all.push("EXISTS (SELECT 1 FROM call_note AS n WHERE n.call_id = h.id)".into());
    }
    all
}

/// Where the calls are of which the rarest of it was said, each maybe several times.
pub(super) fn calls_said(search: &CallSearch, statement: &mut Statement) -> String {
    if !search.tag.is_empty() {
        let tag = statement.text(whole(&search.tag).to_lowercase());
        return format!("call_tag WHERE tag = {tag}");
    }
    if !search.disposition.is_empty() {
        let word = statement.text(&search.disposition);
        return format!("call_disposition WHERE word = {word}");
    }
    "call_note WHERE true".into()
}

/// Whether one of these parties is among the others on the call `c`.
pub(super) fn among(statement: &Statement, listed: &str) -> String {
    if statement.is_postgres() {
        return format!("c.others && {listed}");
    }
    format!(
        "c.others IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(c.others) AS other
            WHERE {})",
        statement.is_in("other.value", listed)
    )
}

impl Somebody {
    /// Whether they are on the call `c`.
    pub(super) fn is_on(&self, statement: &mut Statement) -> String {
        let Some(parties) = &self.parties else {
            let (column, text) = self.wanted.column();
            let mut side = |id: &str| {
                let text_at = statement.text(text);
                let column = format!("p.{column}");
                let fits = if self.begins {
                    format!("substr({column}, 1, length({text_at})) = {text_at}")
                } else {
                    statement.contains(&column, &text_at)
                };
                format!("EXISTS (SELECT 1 FROM party AS p WHERE p.id = c.{id} AND {fits})")
            };
            return match self.side {
                Side::Caller => side("caller_id"),
                Side::Callee => side("callee_id"),
                Side::Either | Side::Anybody => format!("({} OR {})", side("caller_id"), side("callee_id")),
            };
        };
        let listed = statement.numbers(parties);
        let is_long = parties.len() > MAX_PARTIES;
        let one = |id: &str| match is_long {
            true => statement.is_known(&format!("c.{id}"), &listed),
            false => statement.is_in(&format!("c.{id}"), &listed),
        };
        match self.side {
            Side::Caller => one("caller_id"),
            Side::Callee => one("callee_id"),
            Side::Either => format!("({} OR {})", one("caller_id"), one("callee_id")),
            Side::Anybody => format!(
                "({} OR {} OR {})",
                one("caller_id"),
                one("callee_id"),
                among(statement, &listed)
            ),
        }
    }

    /// The roles that they may have.
    pub(super) fn roles(&self) -> &'static str {
        match self.side {
            Side::Caller => "(1)",
            Side::Callee => "(2)",
            Side::Either => "(1, 2)",
            Side::Anybody => ROLES,
        }
    }
}

/// How a text is asked of the index of parts of numbers and names.
pub(super) fn part(wanted: &Wanted) -> String {
    let (column, text) = wanted.column();
    format!("{column} : \"{}\"", text.replace('"', "\"\""))
}

/// A number for a column.
pub(super) fn id_of(at_ms: u64) -> i64 {
    ms(at_ms).min(i64::MAX / super::IN_A_MS) * super::IN_A_MS
}
