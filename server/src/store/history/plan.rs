//! How a search is gone about, and its statement: the calls of what drives it, and what else has to be true of them.

use app::model::history::CallSearch;

use super::{
    base::Statement,
    sql::{Sight, Somebody, among, calls_said, kinds, of_itself, said},
};

/// What drives a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driver {
    /// Time alone.
    Time,
    Kinds,
    Somebody(usize),
    Sight,
    /// A tag, a disposition, or notes.
    Said,
}

/// A search with everything that had to be found first.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) search: CallSearch,
    pub(super) people: Vec<Somebody>,
    pub(super) sight: Option<Sight>,
    pub(super) driver: Driver,
    /// Calls of the driver, as far as they were counted.
    pub(super) calls: i64,
}

impl Plan {
    /// Whether nothing is asked for but one text, of which the parties are known.
    pub(super) fn is_somebody_alone(&self) -> bool {
        // nothing of it is asked
        let mut statement = Statement::default();
        matches!(self.driver, Driver::Somebody(_))
            && self.people.len() == 1
            && self.sight.is_none()
            && !self.search.is_of_what_was_said()
            && kinds(&self.search, &mut statement).is_none()
    }

    /// Whether nothing is asked for but a time.
    pub(super) fn is_time_alone(&self) -> bool {
        // nothing of it is asked
        let mut statement = Statement::default();
        self.people.is_empty()
            && self.sight.is_none()
            && !self.search.is_of_what_was_said()
            && kinds(&self.search, &mut statement).is_none()
            && of_itself(&self.search, &mut statement).is_empty()
    }

    /// Whether an index does not say enough of a call.
    pub(super) fn looks_calls_up(&self) -> bool {
        let others = self.people.len() - usize::from(matches!(self.driver, Driver::Somebody(_)));
        others > 0
            || (self.sight.is_some() && self.driver != Driver::Sight)
            || !of_itself(&self.search, &mut Statement::default()).is_empty()
    }

    /// A statement for the ids in a range; or, `counting` so many of the driver's calls, for how many they are.
    pub(super) fn found(
        &self,
        statement: &mut Statement,
        (low, high): (i64, i64),
        counting: Option<i64>,
    ) -> String {
        let (low, high) = (statement.number(low), statement.number(high));
        let mut all = Vec::new();
        let mut of_call = of_itself(&self.search, statement);
        let of_kind = statement.each(
            "call",
            "call",
            "INDEXED BY call_kind_id",
            &format!("call.kind_id = k.id AND call.id >= {low} AND call.id < {high}"),
        );
        let of_party = statement.each(
            "call_party",
            "cp",
            "",
            &format!("cp.party_id = one.value AND cp.call_id >= {low} AND cp.call_id < {high}"),
        );
        let source = match self.driver {
            Driver::Time => {
                let newest = counting.map_or("", |_| "ORDER BY id DESC");
                format!("SELECT id, kind_id FROM call WHERE id >= {low} AND id < {high} {newest}")
            }
            Driver::Kinds => {
                let kinds = kinds(&self.search, statement).unwrap_or_default();
                format!("SELECT call.id, call.kind_id FROM ({kinds}) AS k {of_kind}")
            }
            Driver::Somebody(at) => {
                let one = &self.people[at];
                let parties = statement.numbers(one.parties.as_deref().unwrap_or_default());
                let parties = statement.rows(&parties, "one");
                format!(
                    "SELECT cp.call_id AS id, cp.kind_id FROM {parties} {of_party} WHERE cp.role IN {}",
                    one.roles()
                )
            }
            Driver::Said => {
                let calls = calls_said(&self.search, statement);
                let one = statement.each("call", "call", "", "call.id = s.call_id");
                format!(
                    "SELECT call.id, call.kind_id FROM (SELECT DISTINCT call_id FROM {calls} AND call_id >= {low} AND call_id < {high}) AS s {one}"
                )
            }
            Driver::Sight => self.sight.as_ref().map_or_else(String::new, |sight| {
                let parties = statement.numbers(&sight.parties);
                let parties = statement.rows(&parties, "one");
                let kinds = sight.seen.kinds(statement);
                format!(
                    "SELECT cp.call_id AS id, cp.kind_id FROM {parties} {of_party}
                     UNION ALL
                     SELECT call.id, call.kind_id FROM ({kinds}) AS k {of_kind}"
                )
            }),
        };
        all.extend(said(&self.search, statement));
        if self.driver != Driver::Kinds
            && let Some(kinds) = kinds(&self.search, statement)
        {
            all.push(format!("h.kind_id IN ({kinds})"));
        }
        if let (Some(sight), false) = (&self.sight, self.driver == Driver::Sight) {
            let kinds = sight.seen.kinds(statement);
            let parties = statement.numbers(&sight.parties);
            let one = |id: &str| statement.is_in(&format!("c.{id}"), &parties);
            of_call.push(format!(
                "(h.kind_id IN ({kinds}) OR {} OR {} OR {})",
                one("caller_id"),
                one("callee_id"),
                among(statement, &parties)
            ));
        }
        for (at, one) in self.people.iter().enumerate() {
            if self.driver != Driver::Somebody(at) {
                of_call.push(one.is_on(statement));
            }
        }
        let call = match self.driver {
            _ if of_call.is_empty() => String::new(),
            // the same row, which PostgreSQL reads once
            Driver::Time => format!("{} call AS c ON c.id = h.id", statement.join()),
            _ => statement.each("call", "c", "", "c.id = h.id"),
        };
        all.append(&mut of_call);
        let all = if all.is_empty() {
            "true".to_owned()
        } else {
            all.join(" AND ")
        };
        match (counting, self.driver) {
            (Some(most), _) => {
                let most = statement.number(most);
                format!(
                    "SELECT count(DISTINCT CASE WHEN {all} THEN h.id END), count(*)
                     FROM (SELECT * FROM ({source}) LIMIT {most}) AS h {call}"
                )
            }
            // a call is there once
            (None, Driver::Time | Driver::Kinds | Driver::Said) => {
                format!("SELECT h.id FROM ({source}) AS h {call} WHERE {all}")
            }
            (None, Driver::Somebody(_) | Driver::Sight) => {
                format!("SELECT DISTINCT h.id FROM ({source}) AS h {call} WHERE {all}")
            }
        }
    }
}
