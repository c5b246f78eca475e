//! Walking through what is found, from one end of a range on, in windows that grow until there is enough: a page, or part by
//! part everything.

use app::model::history::{CallRow, CallSearch};

use super::{
    Kept,
    plan::{Driver, Plan},
    read::Seen,
    sql::id_of,
};
use crate::store::{Result, Store};

/// How much longer each window is than the one before it.
const GROWTH: i64 = 16;

/// Where what is asked for can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// From this id on,
    pub(super) low: i64,
    /// before this one.
    pub(super) high: i64,
    /// From the first call there is to the last.
    pub(super) span: i64,
}

/// Everything that is asked for and seen, the newest first, part by part. What ends after it began is not in it.
#[derive(Debug)]
pub struct CallWalk {
    /// None where nothing is left.
    plan: Option<Plan>,
    range: Range,
    /// Everything from here on was given.
    at: i64,
}

impl CallWalk {
    /// The next so many; none at the end.
    pub async fn next(&mut self, store: &Store, most: usize) -> Result<Vec<CallRow>> {
        let Some(plan) = &self.plan else {
            return Ok(Vec::new());
        };
        let Range { low, span, .. } = self.range;
        let (kept, range) = (store.kept(&plan.search).await?, (low, self.at));
        let rows = match kept.walk(plan, range, span, true, most).await {
            Err(error) if kept.is_copy_that_failed(&error) => {
                store.own().walk(plan, range, span, true, most).await?
            }
            rows => rows?,
        };
        match rows.last() {
            Some(last) if rows.len() == most => self.at = last.id,
            _ => (self.at, self.plan) = (low, None),
        }
        Ok(rows)
    }

    /// Those before this id alone.
    pub fn before(mut self, id: Option<i64>) -> Self {
        self.at = id.map_or(self.at, |id| self.at.min(id));
        self
    }

    /// How much of its time it went through, of 1,000 parts.
    pub fn per_mille(&self) -> u16 {
        let Range { low, high, .. } = self.range;
        let (done, whole) = (i128::from(high - self.at), i128::from(high - low).max(1));
        u16::try_from(done * 1_000 / whole).unwrap_or(1_000)
    }
}

impl Store {
    /// Begins to walk through all calls that are asked for and seen.
    pub async fn call_walk(&self, search: &CallSearch, seen: &Seen) -> Result<CallWalk> {
        let own = self.own();
        let plan = own.plan(search, seen).await?;
        let range = own.range(search).await?;
        let nothing = Range {
            low: 0,
            high: 0,
            span: 0,
        };
        Ok(CallWalk {
            plan: plan.filter(|_| range.is_some()),
            range: range.unwrap_or(nothing),
            at: range.map_or(0, |range| range.high),
        })
    }
}

impl Kept {
    /// None where there are no calls at all.
    pub(super) async fn range(&self, search: &CallSearch) -> Result<Option<Range>> {
        let sql = "SELECT (SELECT min(id) FROM call), (SELECT max(id) FROM call)".to_owned();
        let [first, last] = self.base.row(self.base.statement(), sql).await?;
        let Some((first, last)) = first.zip(last) else {
            return Ok(None);
        };
        Ok(Some(Range {
            low: search.from_ms.map_or(first, |from| id_of(from).max(first)),
            high: search.to_ms.map_or(last + 1, |to| id_of(to).min(last + 1)),
            span: last - first,
        }))
    }

    /// So many calls, from one end of a range on.
    pub(super) async fn walk(
        &self,
        plan: &Plan,
        (from, to): (i64, i64),
        span: i64,
        newest_first: bool,
        wanted: usize,
    ) -> Result<Vec<CallRow>> {
        let mut rows: Vec<CallRow> = Vec::new();
        let (mut from, mut to) = (from, to);
        let mut window = match plan.driver {
            Driver::Time => i64::MAX,
            // as much of the time as should hold a few times what is wanted
            _ => span.max(1) / plan.calls.max(1).saturating_div(wanted as i64 * 4).max(1),
        };
        while from < to && rows.len() < wanted {
            let (low, high) = if newest_first {
                (from.max(to.saturating_sub(window)), to)
            } else {
                (from, to.min(from.saturating_add(window)))
            };
            let mut statement = self.base.statement();
            let found = plan.found(&mut statement, (low, high), None);
            let order = if newest_first { "DESC" } else { "ASC" };
            let most = statement.number((wanted - rows.len()) as i64);
            let asked = format!("({found} ORDER BY h.id {order} LIMIT {most})");
            let mut some = self.calls_of(statement, &asked).await?;
            if newest_first {
                some.reverse();
            }
            rows.append(&mut some);
            if newest_first {
                to = low;
            } else {
                from = high;
            }
            window = window.saturating_mul(GROWTH).max(1);
        }
        Ok(rows)
    }
}
