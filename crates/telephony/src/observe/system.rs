//! The PBX itself: started, stopped, restarted.

use ami::event::system::FullyBooted;

use crate::{EndedBy, Gap, Switchboard, Timestamp};

/// Uptime is told in whole seconds: start times this close are one start.
const BOOT_SLACK_MS: u64 = 3_000;

impl Switchboard {
    /// Comes after every login. A start later than the one known is a restart: nothing survived it.
    pub(super) fn on_fully_booted(&mut self, event: &FullyBooted<'_>, at: Timestamp) {
        let Some(uptime_s) = event.uptime_s else { return };
        let booted = at.before_s(uptime_s);
        let restarted = self
            .booted
            .is_some_and(|known| booted.since_ms(known) > BOOT_SLACK_MS);
        if self.booted.is_none() || restarted {
            self.booted = Some(booted);
        }
        if restarted {
            self.pbx_stopped(at);
            if let Some(from) = self.cut.take() {
                self.gaps.push(Gap {
                    from,
                    to: at,
                    restarted: true,
                });
            }
        }
    }

    /// It says that it stops; whether it does is known when the link ends.
    pub(super) fn on_shutdown(&mut self, at: Timestamp) {
        self.prove_life(at);
        self.stopping = Some(at);
    }

    /// Every channel is gone with the PBX.
    pub(crate) fn pbx_stopped(&mut self, at: Timestamp) {
        let all: Vec<_> = self.channels.iter().map(|(slot, _)| slot).collect();
        for slot in all {
            self.remove_channel(slot, 0, at, EndedBy::PbxStopped);
        }
    }
}
