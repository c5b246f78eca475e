//! The one clock of the screen: ticks once a second for everybody, on the server's time.

use leptos::prelude::*;

/// How old what a row shows is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As it is.
    Live,
    /// Connected, and being compared with the PBX.
    CatchingUp,
    /// Not connected yet.
    Connecting,
    /// The link is cut; the rows are from `since_ms`.
    Old {
        /// Last sign of life, Unix milliseconds.
        since_ms: u64,
        /// Why, for people; empty when it is our own connection to Starboard.
        reason: String,
    },
    /// The PBX refuses the user name or secret.
    Refused {
        /// Last sign of life, Unix milliseconds.
        since_ms: u64,
    },
    /// Switched off by an administrator.
    Disabled,
}

impl Freshness {
    /// Whether what is shown may no longer be true.
    pub fn is_old(&self) -> bool {
        match self {
            Freshness::Old { .. } | Freshness::Refused { .. } | Freshness::Disabled => true,
            Freshness::Live | Freshness::CatchingUp | Freshness::Connecting => false,
        }
    }

    /// Which of two is the worse news: the lamp of the whole page shows the worst.
    pub fn severity(&self) -> u8 {
        match self {
            Freshness::Live => 0,
            Freshness::Disabled => 1,
            Freshness::CatchingUp => 2,
            Freshness::Connecting => 3,
            Freshness::Old { .. } => 4,
            Freshness::Refused { .. } => 5,
        }
    }
}

/// The link between this page and Starboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketState {
    /// The page is as the server sent it; no socket yet.
    Opening,
    /// Open, the first snapshot or a missing range is on its way.
    CatchingUp,
    /// Everything up to now.
    Live,
    /// Cut.
    Offline {
        /// Last sign of life, Unix milliseconds of the server's clock.
        since_ms: u64,
    },
}

/// The server's time as this page knows it.
#[derive(Clone)]
pub struct Clock {
    /// Unix milliseconds, moved once a second.
    pub now_ms: ArcRwSignal<u64>,
    offset_ms: ArcStoredValue<i64>,
}

impl Clock {
    /// A clock that stands at `now_ms` until it is told the browser's time.
    pub fn at(now_ms: u64) -> Self {
        Self {
            now_ms: ArcRwSignal::new(now_ms),
            offset_ms: ArcStoredValue::new(0),
        }
    }

    /// The server said that it is `server_ms` when the browser's clock showed `local_ms`.
    pub fn set_by(&self, server_ms: u64, local_ms: u64) {
        let offset_ms = i64::try_from(server_ms).unwrap_or(0) - i64::try_from(local_ms).unwrap_or(0);
        self.offset_ms.set_value(offset_ms);
    }

    /// The server's time at the browser's `local_ms`.
    pub fn server_ms(&self, local_ms: u64) -> u64 {
        local_ms.saturating_add_signed(self.offset_ms.get_value())
    }

    /// Moves everybody's timers.
    pub fn tick(&self, local_ms: u64) {
        self.now_ms.set(self.server_ms(local_ms));
    }
}
