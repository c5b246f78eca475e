//! Finding calls. A search is driven by what is rarest of what it asks for: certain parties, certain kinds, what the viewer
//! may see; everything else is looked up for the few that are left. Every way goes through an index in the order of time, in
//! windows that grow until a page is full, so that a page costs the same wherever it is.

use std::collections::BTreeMap;

use app::model::{
    PbxId,
    history::{CallPage, CallSearch, MOST_COUNTED, PAGE, Turn},
};

use super::{
    Kept,
    base::Statement,
    plan::{Driver, Plan},
    read::Seen,
    sql::{MAX_PARTIES, ROLES, SeenOf, Side, Sight, Somebody, calls_said, kinds, of_itself, part},
    walk::{CallPart, Range},
    words::{Wanted, whole},
};
use crate::store::{Result, Store};

/// Where they are more than are gone through one by one, but not more than these, all of them are known beforehand: that is faster than
/// to look at who was on each call.
const MAX_KNOWN: i64 = if cfg!(test) { 3_500 } else { 50_000 };
/// Calls counted to know how rare something is, and looked at to count what was found.
const MAX_LOOKED_AT: i64 = 5_000;
/// Calls looked at to count what was found, where each has to be looked up.
const MAX_LOOKED_UP: i64 = 1_000;
/// Letters from which on a part may stand anywhere.
const ANYWHERE: usize = 3;

impl Store {
    /// A page of the calls that are asked for and seen.
    pub async fn calls(&self, search: &CallSearch, seen: &Seen, turn: Turn) -> Result<CallPage> {
        let kept = self.kept(search).await?;
        let mut page = match kept.page(search, seen, turn).await {
            Err(error) if kept.is_copy_that_failed(&error) => self.own().page(search, seen, turn).await?,
            page => page?,
        };
        let ids: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
        page.said = self.said_of(&ids).await?;
        Ok(page)
    }
}

impl Kept {
    async fn page(&self, search: &CallSearch, seen: &Seen, turn: Turn) -> Result<CallPage> {
        let Some(plan) = self.plan(search, seen).await? else {
            return Ok(CallPage::default());
        };
        let Some(Range { low, high, span }) = self.range(search).await? else {
            return Ok(CallPage::default());
        };
        let (from, to, newest_first) = match turn {
            Turn::Newest => (low, high, true),
            Turn::Older(id) => (low, high.min(id), true),
            Turn::Newer(id) => (low.max(id.saturating_add(1)), high, false),
        };
        let (part, all) = match self.few(&plan, (low, high)).await? {
            Some(all) => {
                let mut page: Vec<i64> = all.iter().copied().filter(|id| (from..to).contains(id)).collect();
                if !newest_first {
                    page.reverse();
                }
                page.truncate(PAGE + 1);
                let part = CallPart::of(self.calls_by(&page).await?, newest_first);
                (part, Some(all.len() as u64))
            }
            None => {
                let part = self.walk(&plan, (from, to), span, newest_first, PAGE + 1).await?;
                (part, None)
            }
        };
        let mut rows = part.read()?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        if !newest_first {
            rows.reverse();
        }
        let (found, counted_all) = match (all, turn) {
            (Some(all), _) => (all, true),
            // all of them are here
            (None, Turn::Newest) if !more => (rows.len() as u64, true),
            (None, Turn::Newest) => {
                let first = rows.last().map_or(high, |row| row.id);
                self.count(&plan, (low, high), first).await?
            }
            (None, Turn::Older(_) | Turn::Newer(_)) => self.count(&plan, (low, high), high).await?,
        };
        // not all were looked at: those that are here are there
        let found = found.max(rows.len() as u64 + u64::from(more));
        let (older, newer) = match turn {
            Turn::Newest => (more, false),
            Turn::Older(_) => (more, true),
            Turn::Newer(_) => (true, more),
        };
        Ok(CallPage {
            rows,
            said: BTreeMap::new(),
            older,
            newer,
            found: found.min(MOST_COUNTED),
            more: found > MOST_COUNTED || !counted_all,
        })
    }

    /// Every call that is found, the newest first, where they are few: to go through them once is faster than window by window, and
    /// then for their count.
    async fn few(&self, plan: &Plan, range: (i64, i64)) -> Result<Option<Vec<i64>>> {
        if plan.driver == Driver::Time || plan.calls > MAX_LOOKED_AT {
            return Ok(None);
        }
        let mut statement = self.base.statement();
        let found = plan.found(&mut statement, range, None);
        let sql = format!("{found} ORDER BY h.id DESC");
        Ok(Some(self.base.numbers(statement, sql).await?))
    }

    /// How it is gone about; None where nothing can be found. Who somebody is, and how rare, is looked up in the own database
    /// wherever the calls are.
    pub(super) async fn plan(&self, search: &CallSearch, seen: &Seen) -> Result<Option<Plan>> {
        let mut people = Vec::new();
        for (side, text) in [
            (Side::Caller, &search.caller),
            (Side::Callee, &search.callee),
            (Side::Either, &search.anyone),
            (Side::Anybody, &search.extension),
            // whoever answered was on it: that finds them
            (Side::Anybody, &search.answered_by),
        ] {
            let Some(wanted) = Wanted::of(text) else { continue };
            match self.somebody(side, text.trim(), wanted).await? {
                Some(one) => people.push(one),
                None => return Ok(None),
            }
        }
        if let Some(phones) = &search.phones {
            match self.phones(phones).await? {
                Some(one) => people.push(one),
                None => return Ok(None),
            }
        }
        let sight = match self.sight(seen).await? {
            Err(()) => return Ok(None),
            Ok(sight) => sight,
        };
        let mut best = (Driver::Time, i64::MAX);
        let mut consider = |driver, calls: i64, weight: i64| {
            if calls.saturating_mul(weight) < best.1 {
                best = (driver, calls.saturating_mul(weight));
            }
        };
        // where not everything is seen, whether one call is costs a look at it
        let weight = if sight.is_some() { 2 } else { 1 };
        for (at, one) in people.iter().enumerate() {
            consider(Driver::Somebody(at), one.calls, weight);
        }
        if let Some(sight) = &sight {
            consider(Driver::Sight, sight.calls, 1);
        }
        if let Some(calls) = self.calls_of_kinds(search).await? {
            consider(Driver::Kinds, calls, weight);
        }
        if search.is_of_what_was_said() {
            consider(
                Driver::Said,
                self.calls_with_something_said(search).await?,
                weight,
            );
        }
        let calls = match best.0 {
            Driver::Time => MAX_LOOKED_AT,
            Driver::Kinds | Driver::Said => best.1 / weight,
            Driver::Somebody(at) => people[at].calls,
            Driver::Sight => sight.as_ref().map_or(0, |sight| sight.calls),
        };
        Ok(Some(Plan {
            search: search.clone(),
            people,
            sight,
            driver: best.0,
            calls,
        }))
    }

    /// The parties that a text can stand for; None where nobody fits.
    async fn somebody(&self, side: Side, text: &str, wanted: Wanted) -> Result<Option<Somebody>> {
        let mut statement = self.own.statement();
        let (column, part_of) = wanted.column();
        let begins = part_of.chars().count() < ANYWHERE;
        let which = if side == Side::Anybody {
            let extension = statement.text(whole(text));
            format!("SELECT id FROM party WHERE extension = {extension} AND extension <> ''")
        } else if begins {
            let from = statement.text(part_of);
            let to = statement.text(format!("{part_of}\u{10ffff}"));
            format!("SELECT id FROM party WHERE {column} >= {from} AND {column} < {to}")
        } else {
            let asked = statement.text(part(&wanted));
            format!("SELECT rowid AS id FROM party_text WHERE party_text MATCH {asked}")
        };
        let most = statement.number(MAX_KNOWN + 1);
        let sql = format!("{which} LIMIT {most}");
        let fitting = self.own.numbers(statement, sql).await?;
        if fitting.is_empty() {
            return Ok(None);
        }
        let parties = (fitting.len() as i64 <= MAX_KNOWN).then_some(fitting);
        let mut one = Somebody {
            side,
            parties,
            wanted,
            begins,
            calls: i64::MAX,
        };
        if let Some(parties) = &one.parties
            && parties.len() <= MAX_PARTIES
        {
            one.calls = self.calls_of_parties(parties, one.roles()).await?;
        }
        Ok(Some(one))
    }

    /// The parties that these extensions were.
    async fn parties_of(&self, extensions: &[(PbxId, String)]) -> Result<Vec<i64>> {
        let mut of: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (pbx, number) in extensions.iter().filter(|(_, number)| !number.is_empty()) {
            of.entry(pbx.0).or_default().push(number.clone());
        }
        let mut parties = Vec::new();
        for (pbx, numbers) in of {
            let mut statement = self.own.statement();
            let (pbx, numbers) = (statement.number(pbx), statement.texts(numbers));
            let (join, numbers) = (statement.join(), statement.rows(&numbers, "one"));
            let sql = format!(
                "SELECT party.id FROM {numbers} {join} party
                    ON party.extension = one.value AND party.pbx_id = {pbx} AND party.extension <> ''"
            );
            parties.extend(self.own.numbers(statement, sql).await?);
        }
        Ok(parties)
    }

    /// Somebody at one of these phones; None where none of them was ever on a call.
    async fn phones(&self, phones: &[(PbxId, String)]) -> Result<Option<Somebody>> {
        let parties = self.parties_of(phones).await?;
        let calls = self.calls_of_parties(&parties, ROLES).await?;
        Ok((calls > 0).then_some(Somebody {
            side: Side::Anybody,
            parties: Some(parties),
            // they are known by their phones
            wanted: Wanted::Number(String::new()),
            begins: false,
            calls,
        }))
    }

    async fn calls_of_parties(&self, parties: &[i64], roles: &str) -> Result<i64> {
        let mut statement = self.own.statement();
        let parties = statement.numbers(parties);
        let (join, parties) = (statement.join(), statement.rows(&parties, "one"));
        let most = statement.number(MAX_LOOKED_AT + 1);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {parties} {join} call_party
                ON party_id = one.value AND role IN {roles} LIMIT {most}) AS counted"
        );
        self.one(statement, sql).await
    }

    /// One number; 0 where there is none.
    async fn one(&self, statement: Statement, sql: String) -> Result<i64> {
        let [number] = self.own.row(statement, sql).await?;
        Ok(number.unwrap_or_default())
    }

    /// How many calls are of the kinds that are asked for; None where none are.
    async fn calls_of_kinds(&self, search: &CallSearch) -> Result<Option<i64>> {
        let mut statement = self.own.statement();
        let Some(kinds) = kinds(search, &mut statement) else {
            return Ok(None);
        };
        let sql = format!("SELECT coalesce(sum(calls), 0) FROM call_kind WHERE id IN ({kinds})");
        Ok(Some(self.one(statement, sql).await?))
    }

    /// How many calls have the tag, the disposition, or notes, as far as they are counted.
    async fn calls_with_something_said(&self, search: &CallSearch) -> Result<i64> {
        let mut statement = self.own.statement();
        let calls = calls_said(search, &mut statement);
        let most = statement.number(MAX_LOOKED_AT + 1);
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {calls} LIMIT {most})");
        self.one(statement, sql).await
    }

    /// What the viewer sees; Ok(None) for everything, Err for nothing.
    async fn sight(&self, seen: &Seen) -> Result<std::result::Result<Option<Sight>, ()>> {
        let Seen::Of { extensions, .. } = seen else {
            return Ok(Ok(None));
        };
        let Some(of) = SeenOf::of(seen) else {
            return Ok(Err(()));
        };
        let parties = self.parties_of(extensions).await?;
        let mut statement = self.own.statement();
        let kinds = of.kinds(&mut statement);
        let sql = format!("SELECT coalesce(sum(calls), 0) FROM call_kind WHERE id IN ({kinds})");
        let of_kinds = self.one(statement, sql).await?;
        let calls = of_kinds.saturating_add(self.calls_of_parties(&parties, ROLES).await?);
        if calls == 0 {
            return Ok(Err(()));
        }
        Ok(Ok(Some(Sight {
            parties,
            seen: of,
            calls,
        })))
    }

    /// How many there are, and whether all were looked at. Who asks has those from `first` on.
    async fn count(&self, plan: &Plan, range: (i64, i64), first: i64) -> Result<(u64, bool)> {
        let search = &plan.search;
        let whole = search.from_ms.is_none() && search.to_ms.is_none();
        if whole
            && plan.people.is_empty()
            && plan.sight.is_none()
            && !search.is_of_what_was_said()
            && of_itself(search, &mut Statement::default()).is_empty()
        {
            let calls = match plan.driver {
                Driver::Kinds => plan.calls,
                _ => {
                    let sql = "SELECT coalesce(sum(calls), 0) FROM call_kind".to_owned();
                    self.one(self.own.statement(), sql).await?
                }
            };
            return Ok((u64::try_from(calls).unwrap_or_default(), true));
        }
        // a call in which two of them talk is counted twice at most
        if whole && plan.is_somebody_alone() && plan.calls > 2 * MOST_COUNTED.cast_signed() {
            return Ok((MOST_COUNTED + 1, true));
        }
        if plan.driver == Driver::Time && self.goes_beyond(first, range.1).await? {
            return Ok((0, false));
        }
        let mut statement = self.base.statement();
        let most = if plan.driver == Driver::Time || plan.looks_calls_up() {
            MAX_LOOKED_UP
        } else {
            MAX_LOOKED_AT
        };
        let found = plan.found(&mut statement, range, Some(most + 1));
        let [found, looked_at] = self.base.row(statement, found).await?;
        let found = u64::try_from(found.unwrap_or_default()).unwrap_or_default();
        Ok((found, looked_at.unwrap_or_default() <= most))
    }

    /// Whether between two calls there are more than are looked at to count what was found: no more would be found than is there.
    async fn goes_beyond(&self, first: i64, end: i64) -> Result<bool> {
        let mut statement = self.base.statement();
        let (first, end) = (statement.number(first), statement.number(end));
        let most = statement.number(MAX_LOOKED_UP);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM call WHERE id >= {first} AND id < {end} LIMIT {most}) AS walked"
        );
        let [walked] = self.base.row(statement, sql).await?;
        Ok(walked.unwrap_or_default() >= MAX_LOOKED_UP)
    }
}
