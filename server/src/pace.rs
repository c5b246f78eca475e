//! Long work with the database leaves it to others now and then.

use std::time::{Duration, Instant};

/// For how long one works on,
const WORK: Duration = Duration::from_millis(400);
/// and for how long others have their turn then. Another process that waits for the lock asks for it every 100 ms at last
/// (`sqliteDefaultBusyCallback` in <https://sqlite.org/src/file/src/main.c>): leaving it for less than that, again and again,
/// is leaving it for nobody.
const OTHERS: Duration = Duration::from_millis(120);

/// When others had their turn.
#[derive(Debug)]
pub struct Pace(Instant);

impl Pace {
    /// Work that begins now.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// To be called between two pieces of the work, with nothing of the database held.
    pub async fn breathe(&mut self) {
        if self.0.elapsed() >= WORK {
            tokio::time::sleep(OTHERS).await;
            self.0 = Instant::now();
        }
    }
}
