//! Walking through what is found, from one end of a range on, in windows that grow until there is enough: a page, or part by
//! part everything.

use app::model::history::{CallRow, CallSearch};

use super::{
    Kept,
    plan::{Driver, Plan},
    read::{Calls, Seen, calls_in},
    sql::id_of,
};
use crate::store::{Result, Store};

/// How many times as long as the one before it a window is at most.
const GROWTH: i64 = 16;

const WEEK_MS: u64 = 7 * 86_400_000;

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

/// Calls that were walked through. They are read by whoever needs them, while the next ones are asked for.
#[derive(Clone, Debug, Default)]
pub struct CallPart {
    /// One window after the other.
    calls: Vec<Calls>,
    newest_first: bool,
}

impl CallPart {
    /// Calls of one window.
    pub(super) fn of(calls: Calls, newest_first: bool) -> Self {
        Self {
            calls: vec![calls],
            newest_first,
        }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.calls.iter().map(|calls| calls.many).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The calls, in the order in which they were walked through.
    ///
    /// # Errors
    /// The database told something else than calls.
    pub fn read(self) -> Result<Vec<CallRow>> {
        let mut all = Vec::with_capacity(self.len());
        for calls in self.calls {
            let mut rows = calls.read()?;
            if self.newest_first {
                rows.reverse();
            }
            all.append(&mut rows);
        }
        Ok(all)
    }
}

impl CallWalk {
    /// The next so many; none at the end.
    pub async fn next(&mut self, store: &Store, most: usize) -> Result<CallPart> {
        let Some(plan) = &self.plan else {
            return Ok(CallPart::default());
        };
        let Range { low, span, .. } = self.range;
        let (kept, range) = (store.kept(&plan.search).await?, (low, self.at));
        let part = match kept.walk(plan, range, span, true, most).await {
            Err(error) if kept.is_copy_that_failed(&error) => {
                store.own().walk(plan, range, span, true, most).await?
            }
            part => part?,
        };
        let earliest = part
            .calls
            .iter()
            .filter_map(|calls| calls.ends)
            .map(|ends| ends.0)
            .min();
        match earliest {
            Some(earliest) if part.len() == most => self.at = earliest,
            _ => (self.at, self.plan) = (low, None),
        }
        Ok(part)
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
        let [first, last] = self.own.row(self.own.statement(), sql).await?;
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
    ) -> Result<CallPart> {
        let mut part = CallPart {
            calls: Vec::new(),
            newest_first,
        };
        let (mut from, mut to) = (from, to);
        let mut window = match plan.driver {
            // in a copy each month is a table
            Driver::Time if self.copy.is_some() => id_of(WEEK_MS),
            Driver::Time => i64::MAX,
            // as much of the time as should hold a few times what is wanted
            _ => span.max(1) / plan.calls.max(1).saturating_div(wanted as i64 * 4).max(1),
        };
        while from < to && part.len() < wanted {
            let (low, high) = if newest_first {
                (from.max(to.saturating_sub(window)), to)
            } else {
                (from, to.min(from.saturating_add(window)))
            };
            let mut statement = self.base.statement();
            let order = if newest_first { "DESC" } else { "ASC" };
            let most = statement.number((wanted - part.len()) as i64);
            part.calls.push(if plan.is_time_alone() {
                let (low, high) = (statement.number(low), statement.number(high));
                let from = format!(
                    "(SELECT * FROM call WHERE id >= {low} AND id < {high} ORDER BY id {order} LIMIT {most}) AS call"
                );
                self.for_pages().calls_of(statement, &from, "").await?
            } else {
                let found = plan.found(&mut statement, (low, high), None);
                let asked = format!("{found} ORDER BY h.id {order} LIMIT {most}");
                match self.copy {
                    None => {
                        let from = calls_in(&format!("({asked})"));
                        self.calls_of(statement, &from, "").await?
                    }
                    // known numbers are looked for in their own months alone
                    Some(_) => self.calls_by(&self.base.numbers(statement, asked).await?).await?,
                }
            });
            if newest_first {
                to = low;
            } else {
                from = high;
            }
            let found = part.calls.last().map_or(0, |calls| calls.many);
            window = window
                .saturating_mul(growth(found, wanted - part.len().min(wanted)))
                .max(1);
        }
        Ok(part)
    }
}

/// How much longer the next window is, where so many were found in one and so many are still wanted: nearly as many as that takes, for
/// what is beyond them is looked at in vain.
fn growth(found: usize, wanted: usize) -> i64 {
    let twice = (2 * wanted)
        .checked_div(found)
        .map_or(GROWTH, |times| times as i64);
    twice.clamp(1, GROWTH)
}
