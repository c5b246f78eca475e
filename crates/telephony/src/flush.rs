//! What changed is given out: whole rows, each once however often it changed.

use crate::{Change, Output, Row, Switchboard};

impl Switchboard {
    /// Gives out what came of everything [noted](Self::note) since the last time.
    pub fn flush(&mut self, out: &mut Output) {
        out.ended.append(&mut self.ended);
        out.gaps.append(&mut self.gaps);
        out.visits.append(&mut self.visits);
        while let Some(slot) = self.dirty_calls.pop() {
            // The call may have ended since, and another one live in its place.
            let Some(live) = self.calls.get_mut(slot).filter(|live| live.changed) else {
                continue;
            };
            live.changed = false;
            if let Some(row) = self.board.calls.get(&live.id) {
                self.counters.changes += 1;
                out.changes.push(Change::Upsert(Row::Call(Box::new(row.clone()))));
            }
        }
        while let Some(key) = self.dirty.pop_first() {
            self.counters.changes += 1;
            out.changes.push(match self.board.row(&key) {
                Some(row) => Change::Upsert(row),
                None => Change::Remove(key),
            });
        }
    }
}
