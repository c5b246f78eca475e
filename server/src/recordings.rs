//! Recordings of calls: found in the folders of the PBXs, taken in once they are whole, attached to their calls, heard by
//! whoever may.

pub mod bucket;
pub mod folder;
pub mod listening;
pub(crate) mod opus;
pub mod range;
pub(crate) mod sound;
pub mod storing;

mod look;
mod reap;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use app::model::{PbxId, recording::State};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior},
};

use self::look::{Found, Given, Walk};
use crate::{
    clock::wall_ms,
    store::{Growing, KnownFile, Result, SeenFile, Settled, Store},
};

pub(crate) use reap::{Reaped, sweep};

/// Between two looks at the folders.
const TICK: Duration = Duration::from_secs(1);
/// How long a folder may keep us waiting; it is gone on with when it answers.
const PATIENCE: Duration = Duration::from_secs(2);
/// Files that may not be whole yet, looked at in one go.
const MOST_GROWING: i64 = 256;
/// Looks at one folder before the next one has its turn.
const MOST_STEPS: usize = 16;

/// The task that looks for recordings.
#[derive(Debug)]
pub struct Recordings {
    store: Store,
    followed: BTreeMap<PbxId, Follower>,
    /// Calls up to here were told of the recordings that waited for them.
    attached: Option<i64>,
}

/// One folder that is followed.
#[derive(Debug)]
struct Follower {
    pbx: PbxId,
    path: String,
    /// What is known of its folders; elsewhere while they are looked at.
    walk: Option<Walk>,
    looking: Option<JoinHandle<(Walk, std::io::Result<Found>)>>,
    /// The last file that may grow and was looked at.
    after: i64,
    /// How files that may grow were seen last, and since when they are so.
    still: HashMap<i64, (SeenFile, Instant)>,
    trouble: Option<String>,
}

impl Recordings {
    /// Nothing is followed yet.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            followed: BTreeMap::new(),
            attached: None,
        }
    }

    /// Looks for ever.
    pub async fn run(mut self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "what was found of recordings could not be kept");
            }
        }
    }

    async fn look(&mut self) -> Result<()> {
        let folders = self.store.recording_folders().await?;
        self.followed.retain(|pbx, follower| {
            folders
                .iter()
                .any(|(of, path)| of == pbx && *path == follower.path)
        });
        for (pbx, path) in folders {
            let follower = self
                .followed
                .entry(pbx)
                .or_insert_with(|| Follower::new(pbx, path));
            // other folders wait meanwhile: of a large one a part is looked at at a time
            for _ in 0..MOST_STEPS {
                if !follower.step(&self.store).await? {
                    break;
                }
            }
        }
        let after = match self.attached {
            Some(after) => after,
            None => self.store.newest_recorded_call().await?,
        };
        self.attached = Some(self.store.attach_to_new_calls(after).await?);
        Ok(())
    }
}

impl Follower {
    fn new(pbx: PbxId, path: String) -> Self {
        Self {
            pbx,
            path,
            walk: Some(Walk::default()),
            looking: None,
            after: 0,
            still: HashMap::new(),
            trouble: None,
        }
    }

    /// Looks once. True: there may be more to do at once.
    async fn step(&mut self, store: &Store) -> Result<bool> {
        if self.looking.is_none() {
            let growing = store.growing(self.pbx, self.after, MOST_GROWING).await?;
            self.after = match growing.last() {
                Some(last) if growing.len() as i64 == MOST_GROWING => last.id,
                _ => 0,
            };
            self.begin(growing);
        }
        let Some(looking) = &mut self.looking else {
            return Ok(false);
        };
        let (walk, found) = match tokio::time::timeout(PATIENCE, looking).await {
            Ok(Ok(looked)) => looked,
            Ok(Err(error)) => {
                self.looking = None;
                self.walk = Some(Walk::default());
                self.complain(error.to_string());
                return Ok(false);
            }
            Err(_) => {
                self.complain("it does not answer".to_owned());
                return Ok(false);
            }
        };
        self.looking = None;
        self.walk = Some(walk);
        match found {
            Ok(found) => {
                if self.trouble.take().is_some() {
                    tracing::info!(pbx = self.pbx.0, "the folder of recordings is read again");
                }
                if let Some(why) = &found.trouble {
                    self.complain(why.clone());
                }
                let more = found.more || self.after != 0;
                let kept = self.keep(store, found).await;
                if kept.is_err()
                    && let Some(walk) = &mut self.walk
                {
                    // what could not be kept is found once more
                    walk.forget();
                }
                kept.map(|()| more)
            }
            Err(error) => {
                self.complain(error.to_string());
                Ok(false)
            }
        }
    }

    fn begin(&mut self, growing: Vec<Growing>) {
        let now = Instant::now();
        let given = growing.into_iter().map(|mut file| {
            let known = self.still.get(&file.id);
            if let Some((seen, _)) = known {
                file.seen.clone_from(seen);
            }
            let still = known.map_or(Duration::ZERO, |(_, since)| now - *since);
            Given { file, still }
        });
        let given: Vec<Given> = given.collect();
        let path = self.path.clone();
        let mut walk = self.walk.take().unwrap_or_default();
        self.looking = Some(tokio::task::spawn_blocking(move || {
            let found = walk.look(path.as_ref(), given, wall_ms());
            (walk, found)
        }));
    }

    fn complain(&mut self, why: String) {
        if self.trouble.as_ref() != Some(&why) {
            tracing::warn!(pbx = self.pbx.0, why, "recordings cannot be read");
            self.trouble = Some(why);
        }
    }

    async fn keep(&mut self, store: &Store, found: Found) -> Result<()> {
        let now_ms = wall_ms();
        for (folder, files) in &found.listed {
            self.compare(store, folder, files, now_ms).await?;
        }
        for folder in &found.lost {
            self.compare(store, folder, &[], now_ms).await?;
        }
        let now = Instant::now();
        for id in found.gone {
            self.still.remove(&id);
            store.mark_recording(id, State::Gone, "").await?;
        }
        // how much of a file there is while it grows is nobody's to keep
        let seen = found.grew.into_iter().chain(found.as_before);
        for (id, seen) in seen {
            let known = self.still.entry(id).or_insert_with(|| (seen.clone(), now));
            if known.0 != seen {
                *known = (seen, now);
            }
        }
        for (id, why) in found.unreadable {
            self.still.remove(&id);
            store.mark_recording(id, State::Damaged, &why).await?;
        }
        for (file, is) in found.settled {
            self.still.remove(&file.id);
            let is = held_against(&file, is);
            if is.state == State::Changed {
                store.mark_recording(file.id, is.state, &is.why).await?;
            } else {
                store.take_in(file.id, &is, now_ms).await?;
            }
        }
        Ok(())
    }

    /// Holds what lies in a folder against what is known of it.
    async fn compare(&self, store: &Store, folder: &str, files: &[SeenFile], now_ms: u64) -> Result<()> {
        let known = store.known_files(self.pbx, folder).await?;
        let known: HashMap<&str, &KnownFile> =
            known.iter().map(|one| (one.seen.file.as_str(), one)).collect();
        let there: HashMap<&str, &SeenFile> = files.iter().map(|one| (one.file.as_str(), one)).collect();
        let new: Vec<SeenFile> = files
            .iter()
            .filter(|one| !known.contains_key(one.file.as_str()))
            .cloned()
            .collect();
        let mut again = Vec::new();
        for (name, one) in &known {
            match there.get(name) {
                Some(seen) if is_to_be_looked_at(one, seen) => again.push(one.id),
                // it is in the bucket, and taken out of its folder by us or by somebody
                None if one.stored => left_its_folder(store, one).await?,
                Some(seen) if one.stored && !one.in_folder && one.seen == **seen => {
                    store.recording_in_folder(one.id, true).await?;
                }
                None if !matches!(one.state, State::Gone | State::Doomed) => {
                    store.mark_recording(one.id, State::Gone, "").await?;
                }
                _ => {}
            }
        }
        if new.is_empty() && again.is_empty() {
            return Ok(());
        }
        store.note_files((self.pbx, folder), &new, &again, now_ms).await
    }
}

/// Notes that only the bucket has a recording from now on.
async fn left_its_folder(store: &Store, one: &KnownFile) -> Result<()> {
    if one.in_folder && one.state != State::Doomed {
        store.recording_in_folder(one.id, false).await?;
    }
    Ok(())
}

/// Whether a file that is known is to be looked at once more: it is not as it was. One that was seen to be another stays so
/// until somebody asks.
fn is_to_be_looked_at(known: &KnownFile, seen: &SeenFile) -> bool {
    let other = known.seen != *seen;
    match known.state {
        State::Growing | State::Changed | State::Doomed | State::Deleted => false,
        State::Gone => true,
        State::Damaged => other || !known.was_read,
        State::Ready | State::Foreign | State::Empty => other,
    }
}

/// What was taken in before stays what it was: another file in its place is not it.
fn held_against(file: &Growing, is: Settled) -> Settled {
    let other = |before: &Vec<u8>| !before.is_empty() && *before != is.sha256;
    if !file.sha256.as_ref().is_some_and(other) {
        return is;
    }
    Settled {
        state: State::Changed,
        why: "Another file lies in its place.".into(),
        ..is
    }
}
