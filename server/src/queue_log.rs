//! Follows Asterisk's own logs of its queues where they can be read, and puts right by them what was kept of visits and agents.

pub mod file;
pub(crate) mod reader;

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc, time::Duration};

use app::{live::protocol::LinkStatus, model::PbxId};
use telephony::{AgentId, Timestamp};
use tokio::{task::JoinHandle, time::MissedTickBehavior};

use self::{
    file::{Chunk, Place},
    reader::{Ended, Reader},
};
use crate::{
    hub::Hub,
    lost::Lost,
    store::{LogAgents, LogOf, LogPlace, LogTally, Result, Store, Verdict},
};

/// Between two looks at the logs.
const TICK: Duration = Duration::from_secs(1);
/// How long a file may keep us waiting; it is read on when it answers.
const PATIENCE: Duration = Duration::from_secs(2);
/// Visits held against what was kept in one transaction.
const BATCH: usize = 500;
/// Visits that wait for that. With so many the file is read no further.
const MAX_WAITING: usize = 20_000;
/// What the PBX said of a visit is kept by then.
/// Pieces of one log that are read before the next log has its turn.
const MOST_STEPS: usize = 32;
const SETTLED_MS: u64 = 3_000;
/// Looks that a visit may be open here while the log has its end.
const MAX_TRIES: u32 = 600;
/// Differences that are told one by one, of one batch.
const MOST_TOLD: usize = 5;

/// The task that follows them.
#[derive(Debug)]
pub struct QueueLogs {
    store: Store,
    hub: Arc<Hub>,
    /// Hears of callers who were lost or reached.
    lost: Lost,
    followed: BTreeMap<PbxId, Follower>,
}

/// One log that is followed.
#[derive(Debug)]
struct Follower {
    log: LogOf,
    reader: Reader,
    reading: Option<JoinHandle<io::Result<Chunk>>>,
    /// Nothing is left to read for now.
    at_end: bool,
    /// For so many looks the link was true.
    live: u32,
    trouble: Option<String>,
}

impl QueueLogs {
    /// Nothing is followed yet.
    pub fn new(store: Store, hub: Arc<Hub>, lost: Lost) -> Self {
        Self {
            store,
            hub,
            lost,
            followed: BTreeMap::new(),
        }
    }

    /// Follows for ever.
    pub async fn run(mut self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "queue logs could not be made use of");
            }
        }
    }

    async fn look(&mut self) -> Result<()> {
        let logs = self.store.logs().await?;
        self.followed.retain(|pbx, follower| {
            logs.iter()
                .any(|log| log.pbx == *pbx && log.path == follower.log.path)
        });
        for log in logs {
            let pbx = log.pbx;
            let follower = self.followed.entry(pbx).or_insert_with(|| Follower::new(log));
            follower.step(&self.store, &self.hub, &self.lost).await?;
        }
        Ok(())
    }
}

impl Follower {
    fn new(log: LogOf) -> Self {
        let place = log.place.as_ref().map(|place| Place {
            device: place.device,
            inode: place.inode,
            position: place.position,
            head: place.head.clone(),
        });
        let since = log.place.as_ref().and_then(|place| place.since);
        Self {
            log,
            reader: Reader::new(place, since),
            reading: None,
            at_end: false,
            live: 0,
            trouble: None,
        }
    }

    async fn step(&mut self, store: &Store, hub: &Hub, lost: &Lost) -> Result<()> {
        let live = hub.look(self.log.pbx, |_, link| *link == LinkStatus::Live) == Some(true);
        self.live = if live { self.live.saturating_add(1) } else { 0 };
        // other logs wait meanwhile: of one that has no end a part is read at a time
        for _ in 0..MOST_STEPS {
            let room = self.reader.waiting() < MAX_WAITING;
            self.at_end &= room;
            let read = room && self.read().await;
            // whoever waits for the PBX may be told of again when it is seen
            let used = self.live > 1 && self.make_use(store, hub, lost).await?;
            if (!read || self.at_end) && !used {
                break;
            }
        }
        Ok(())
    }

    /// Reads a piece of the file. False: there is none for now.
    async fn read(&mut self) -> bool {
        let path = PathBuf::from(&self.log.path);
        let place = self.reader.place().cloned();
        let mut reading = self
            .reading
            .take()
            .unwrap_or_else(|| tokio::task::spawn_blocking(move || file::read(&path, place.as_ref())));
        let read = match tokio::time::timeout(PATIENCE, &mut reading).await {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => return false,
            Err(_) => {
                self.reading = Some(reading);
                self.complain("it does not answer".to_owned());
                return false;
            }
        };
        match read {
            Ok(chunk) => {
                if self.trouble.take().is_some() {
                    tracing::info!(pbx = self.log.pbx.0, "the queue log is read again");
                }
                self.at_end = chunk.at_end;
                let some = !chunk.bytes.is_empty();
                self.reader.take(chunk);
                some
            }
            Err(error) => {
                self.complain(error.to_string());
                false
            }
        }
    }

    fn complain(&mut self, why: String) {
        self.at_end = false;
        if self.trouble.as_ref() != Some(&why) {
            tracing::warn!(pbx = self.log.pbx.0, why, "the queue log cannot be read");
            self.trouble = Some(why);
        }
    }

    /// Holds visits of the log against what was kept. True: there may be more.
    async fn make_use(&mut self, store: &Store, hub: &Hub, lost: &Lost) -> Result<bool> {
        let pbx = self.log.pbx;
        let settled = Timestamp(hub.clock().now().0.saturating_sub(SETTLED_MS));
        let ready = self.reader.ready(settled, BATCH);
        let full = ready.len() == BATCH;
        let until = if self.at_end { settled } else { self.reader.last() };
        let log = LogOf {
            place: self.reader.needed(&[]).map(|place| self.kept(place)),
            ..self.log.clone()
        };
        let since = log.place.as_ref().and_then(|place| place.since);
        let first_gap = match since {
            Some(since) => store.first_gap(pbx, since).await?,
            None => None,
        };
        let told = self.reader.told_until(until, &[]);
        let gap = first_gap.is_some_and(|(_, to)| to.is_some_and(|to| to <= told));
        self.reader.forget_steps(until, first_gap.map(|(from, _)| from));
        if ready.is_empty() && !gap && log.place == self.log.place {
            return Ok(false);
        }
        let mut agents = agents(hub, pbx);
        let kept = async {
            let mut recording = store.record().await?;
            let mut verdicts = Vec::with_capacity(ready.len());
            for one in &ready {
                verdicts.push(recording.logged(pbx, &one.logged, &mut agents).await?);
            }
            let open: Vec<Ended> = open(&ready, &verdicts);
            let log = LogOf {
                place: self.reader.needed(&open).map(|place| self.kept(place)),
                ..self.log.clone()
            };
            let tally = LogTally::of(&verdicts);
            let told = self.reader.told_until(until, &open);
            if let Some(since) = since.filter(|_| gap) {
                recording
                    .fill_agents(pbx, (since, told), self.reader.steps(), &mut agents)
                    .await?;
            }
            let filled = recording.read_log(&log, told, &tally).await?;
            let touched = recording.take_touched();
            recording.commit().await?;
            lost.told(touched);
            Ok((verdicts, open, log, tally, filled))
        };
        match kept.await {
            Ok((verdicts, open, log, tally, filled)) => {
                self.log = log;
                self.reader.put_back(open);
                self.reader.tidy();
                tell(pbx, &ready, &verdicts, &tally, filled);
                Ok(full)
            }
            Err(error) => {
                self.reader.put_back(ready);
                Err(error)
            }
        }
    }

    fn kept(&self, place: Place) -> LogPlace {
        LogPlace {
            device: place.device,
            inode: place.inode,
            position: place.position,
            head: place.head,
            since: self.reader.since(),
        }
    }
}

/// Those of which nothing is known better yet.
fn open(ready: &[Ended], verdicts: &[Verdict]) -> Vec<Ended> {
    let open = ready.iter().zip(verdicts);
    open.filter(|(_, verdict)| **verdict == Verdict::Open)
        .map(|(one, _)| Ended {
            tries: one.tries + 1,
            ..one.clone()
        })
        .filter(|one| one.tries < MAX_TRIES)
        .collect()
}

fn tell(pbx: PbxId, ready: &[Ended], verdicts: &[Verdict], tally: &LogTally, filled: u64) {
    let LogTally {
        added,
        healed,
        differed,
        only_there,
    } = *tally;
    if added + healed + differed + only_there + filled > 0 {
        tracing::info!(
            pbx = pbx.0,
            added,
            healed,
            differed,
            only_there,
            gaps = filled,
            "visits were put right by the queue log"
        );
    }
    let differ = ready
        .iter()
        .zip(verdicts)
        .filter_map(|(one, verdict)| match verdict {
            Verdict::Differs(what) => Some((one, what)),
            Verdict::Open
            | Verdict::Added
            | Verdict::Healed
            | Verdict::OnlyThere
            | Verdict::Same
            | Verdict::Known => None,
        });
    for (one, what) in differ.take(MOST_TOLD) {
        let (call, queue) = (&one.logged.visit.channel, &one.logged.visit.queue);
        tracing::warn!(
            pbx = pbx.0,
            call,
            queue,
            ?what,
            "the queue log tells a visit otherwise; it stays as it was seen"
        );
    }
}

/// Who serves queues now, by the names that the log has for them.
fn agents(hub: &Hub, pbx: PbxId) -> LogAgents {
    let members = hub.look(pbx, |switchboard, _| {
        let members = switchboard
            .board()
            .queues
            .values()
            .flat_map(|queue| &queue.members);
        let agents = members.map(|member| AgentId {
            interface: member.interface.clone(),
            name: member.name.clone(),
            extension: member.extension.clone(),
        });
        agents.collect::<Vec<_>>()
    });
    LogAgents::of(members.unwrap_or_default())
}
