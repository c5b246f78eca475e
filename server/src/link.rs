//! One link: messages of one PBX into its switchboard, in batches; the world described again after every
//! login and each minute.

pub mod words;

use std::{sync::Arc, time::Duration};

use ami::{
    Kind,
    client::{Handle, LinkState, Notice, Notices},
};
use app::{live::protocol::LinkStatus, model::PbxId};
use telephony::{
    List, Timestamp,
    cdr::{CdrRow, Told, seen_offset},
    cel::CelEvent,
};
use tokio::{sync::mpsc, time::MissedTickBehavior};

use crate::{hub::Hub, records::What};

/// Notices taken at once under the hub's lock.
const BATCH: usize = 256;
/// How often the board is compared with the PBX's own lists.
const AUDIT: Duration = Duration::from_secs(60);
/// The board is described again no more often than this because of callers who write into the stream.
const CALM_MS: u64 = 10_000;
/// `FullyBooted` so long after the lists were asked for means that they were asked too early.
const BOOT_GRACE_MS: u64 = 500;

/// One PBX's link.
#[derive(Debug)]
pub struct Link {
    pbx: PbxId,
    host: String,
    hub: Arc<Hub>,
    handle: Handle,
    /// Logged in; with the time the lists were last asked for.
    up: Option<Timestamp>,
    /// The last message of the PBX.
    alive: Timestamp,
    catching_up: bool,
    /// Events were not believed: the lists have to be asked for.
    doubtful: bool,
    blind_spots: Vec<String>,
}

/// What came of one list.
#[derive(Debug)]
enum Listed {
    /// It was refused or did not end; with the PBX's words where it refused.
    Not(List, Option<String>),
    /// All were asked for.
    All,
}

/// Whether commands can be sent on a link in this state.
pub fn carries_commands(link: &LinkStatus) -> bool {
    match link {
        LinkStatus::Live | LinkStatus::CatchingUp => true,
        LinkStatus::Connecting
        | LinkStatus::Down { .. }
        | LinkStatus::CredentialsRefused { .. }
        | LinkStatus::Disabled => false,
    }
}

impl Link {
    /// A link that has heard nothing yet.
    pub fn new(pbx: PbxId, host: String, hub: Arc<Hub>, handle: Handle) -> Self {
        let alive = hub.clock().now();
        Self {
            pbx,
            host,
            hub,
            handle,
            up: None,
            alive,
            catching_up: false,
            doubtful: false,
            blind_spots: Vec::new(),
        }
    }

    /// Takes everything the client tells until it ends.
    pub async fn run(mut self, mut notices: Notices) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut audit = tokio::time::interval(AUDIT);
        audit.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (_, mut listed) = mpsc::channel(1);
        loop {
            let mut resync = false;
            tokio::select! {
                taken = notices.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    resync = self.take(&mut batch);
                }
                _ = audit.tick() => resync = self.up.is_some() && (self.doubtful || !self.catching_up),
                Some(result) = listed.recv() => self.listed(result),
            }
            self.caught_up();
            if let (true, Some(asked)) = (self.doubtful, self.up) {
                let waits_ms = CALM_MS.saturating_sub(self.hub.clock().now().since_ms(asked));
                resync |= waits_ms == 0;
                audit.reset_after(Duration::from_millis(waits_ms.max(1)));
            }
            if resync {
                // results of lists asked for before a cut are nobody's any more
                let (results, anew) = mpsc::channel(List::ALL.len() + 1);
                listed = anew;
                self.describe_again(results);
                audit.reset();
            }
        }
    }

    /// Folds a batch in under one lock. True: the lists are to be asked for.
    fn take(&mut self, batch: &mut Vec<Notice>) -> bool {
        let clock = self.hub.clock();
        let mut states = Vec::new();
        let mut resync = false;
        let mut not_believed = 0;
        let mut records = Vec::new();
        let mut events = Vec::new();
        let up = self.up;
        let mut alive = self.alive;
        let done = self.hub.observe(self.pbx, |switchboard, output| {
            for notice in batch.drain(..) {
                match notice {
                    Notice::Message(message, received_ms) => {
                        let at = clock.at(received_ms);
                        alive = at;
                        let booted = message.kind() == Kind::FullyBooted;
                        resync |= booted && up.is_some_and(|asked| at.since_ms(asked) > BOOT_GRACE_MS);
                        switchboard.note(&message, at);
                        records.extend(record(&message, at));
                        events.extend(CelEvent::of_event(&message, at));
                    }
                    Notice::Link(state) => {
                        if matches!(state, LinkState::Up { .. }) {
                            resync = true;
                        } else if matches!(
                            state,
                            LinkState::Down { .. } | LinkState::CredentialsRefused { .. }
                        ) {
                            resync = false;
                            switchboard.link_lost(alive, output);
                        }
                        states.push(state);
                    }
                    Notice::Distrusted { events } => {
                        not_believed += events;
                        switchboard.events_missed(alive, output);
                    }
                    Notice::Lost { messages } => tracing::warn!(messages, "messages of a PBX were lost"),
                }
            }
            switchboard.flush(output);
            switchboard.owed()
        });
        batch.clear();
        if let Some(keeping) = self.hub.records() {
            for told in records {
                keeping.put(self.pbx, What::Record(Box::new(told)));
            }
            for event in events {
                keeping.put_if_room(self.pbx, What::Event(Box::new(event)));
            }
        }
        for action in done.iter().flatten() {
            // what comes of it is told by events
            drop(self.handle.send(action.clone()));
        }
        if not_believed > 0 {
            tracing::warn!(
                pbx = self.pbx.0,
                events = not_believed,
                "a caller wrote into the events of the PBX: they are left out, and the board is described again"
            );
            self.doubtful = true;
            self.catching_up = true;
            self.hub
                .set_row(self.pbx, |row| row.link = LinkStatus::CatchingUp);
        }
        self.alive = alive;
        if done.is_none() {
            return false;
        }
        for state in states {
            self.state(state);
        }
        resync
    }

    fn state(&mut self, state: LinkState) {
        let now = self.hub.clock().now();
        let status = match state {
            // the status before says more than another attempt does
            LinkState::Connecting { .. } | LinkState::LoggingIn => return,
            LinkState::Up { version } => {
                tracing::info!(pbx = self.pbx.0, %version, "link up");
                self.up = Some(now);
                self.alive = now;
                LinkStatus::CatchingUp
            }
            LinkState::CredentialsRefused { .. } => {
                tracing::warn!(pbx = self.pbx.0, "credentials refused");
                self.up = None;
                LinkStatus::CredentialsRefused { since: self.alive }
            }
            LinkState::Down { reason, .. } => {
                tracing::warn!(pbx = self.pbx.0, %reason, "link down");
                self.up = None;
                LinkStatus::Down {
                    reason: words::down(&reason, &self.host),
                    since: self.alive,
                }
            }
            LinkState::Stopped => {
                self.up = None;
                return;
            }
        };
        self.catching_up = false;
        self.doubtful = false;
        self.hub.set_row(self.pbx, |row| row.link = status);
    }

    /// Asks for every list, one after the other, in a task of its own: their items come with the messages.
    fn describe_again(&mut self, results: mpsc::Sender<Listed>) {
        let now = self.hub.clock().now();
        let begun = self.hub.observe(self.pbx, |switchboard, output| {
            switchboard.begin_resync(now, output)
        });
        let Some(actions) = begun else { return };
        self.up = Some(now);
        self.catching_up = true;
        self.doubtful = false;
        self.blind_spots.clear();
        let handle = self.handle.clone();
        tokio::spawn(async move {
            for (list, action) in actions {
                let refused = match handle.list(action).await {
                    Ok(_) => continue,
                    Err(ami::Outcome::Refused { message }) => Some(message),
                    Err(_) => None,
                };
                if results.send(Listed::Not(list, refused)).await.is_err() {
                    return;
                }
            }
            // an error means that the link went down meanwhile
            let _ = results.send(Listed::All).await;
        });
    }

    fn listed(&mut self, result: Listed) {
        match result {
            Listed::Not(list, refused) => {
                let now = self.hub.clock().now();
                self.hub.observe(self.pbx, |switchboard, output| {
                    switchboard.list_refused(list, now, output)
                });
                let spot = match refused
                    .as_deref()
                    .and_then(|message| words::blind_spot(list, message))
                {
                    Some(spot) => spot,
                    None => return,
                };
                if !self.blind_spots.contains(&spot) {
                    self.blind_spots.push(spot);
                }
            }
            Listed::All => {
                let spots = self.blind_spots.clone();
                self.hub.set_row(self.pbx, |row| row.blind_spots = spots);
            }
        }
    }

    /// Live once every list was compared.
    fn caught_up(&mut self) {
        if !self.catching_up || self.doubtful {
            return;
        }
        let done = self
            .hub
            .look(self.pbx, |switchboard, _| !switchboard.is_resyncing());
        if done == Some(true) {
            self.catching_up = false;
            self.hub.set_row(self.pbx, |row| row.link = LinkStatus::Live);
        }
    }
}

/// Asterisk's own record that a message tells. One without the three columns that name it would be told twice when the
/// source is read, and is left to that.
fn record(message: &ami::Message, told_at: Timestamp) -> Option<Told> {
    if message.kind() != Kind::Cdr {
        return None;
    }
    let row = CdrRow::of_event(message)?;
    row.name()?;
    let offset = seen_offset(&row, told_at)?;
    let times = row.times(&offset)?;
    Some(Told { row, times })
}
