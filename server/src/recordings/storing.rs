//! Copies recordings to the bucket, and takes them out of their folders when they have been there for long enough.

use std::{io::ErrorKind, path::Path, time::Duration};

use tokio::time::MissedTickBehavior;

use super::{
    bucket::Bucket,
    folder::{Folder, shape},
    reap::remove,
    sound::content_type,
};
use crate::{
    clock::wall_ms,
    store::{Reap, Result, Store},
};

/// Between two looks for what is new.
const TICK: Duration = Duration::from_secs(2);
/// A bucket that does not answer is asked again after a tick, then after twice as long, up to this.
const LONGEST: Duration = Duration::from_secs(60);
/// Recordings looked at in one go.
const BATCH: i64 = 100;
const DAY_MS: u64 = 24 * 3_600_000;

/// What became of one.
enum Came {
    /// It is done, or is another one by now: its folder is looked at by others.
    On,
    /// The bucket does not do its part.
    Stuck(std::io::Error),
}

/// Copies for ever.
pub async fn run(store: Store, bucket: Bucket) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut wait = TICK;
    loop {
        tick.tick().await;
        match once(&store, &bucket).await {
            Ok(None) => wait = TICK,
            Ok(Some(error)) => {
                tracing::warn!(%error, "recordings are not copied to the bucket");
                tokio::time::sleep(wait).await;
                wait = LONGEST.min(wait * 2);
            }
            Err(error) => tracing::warn!(%error, "what lies in the bucket could not be kept"),
        }
    }
}

/// Everything that is to be copied, and to be taken out of its folder; why it was given up, where the bucket does not answer.
async fn once(store: &Store, bucket: &Bucket) -> Result<Option<std::io::Error>> {
    let mut after = 0;
    loop {
        let some = store.recordings_to_store(after, BATCH).await?;
        let Some(last) = some.last() else { break };
        after = last.id;
        for one in &some {
            if let Came::Stuck(error) = copy(store, bucket, one).await? {
                return Ok(Some(error));
            }
        }
    }
    let Some(days) = bucket.folder_days() else {
        return Ok(None);
    };
    let before_ms = wall_ms().saturating_sub(days * DAY_MS);
    let mut after = 0;
    loop {
        let some = store.recordings_to_lighten(before_ms, after, BATCH).await?;
        let Some(last) = some.last() else { return Ok(None) };
        after = last.id;
        for one in &some {
            if let Came::Stuck(error) = lighten(store, bucket, one).await? {
                return Ok(Some(error));
            }
        }
    }
}

async fn copy(store: &Store, bucket: &Bucket, one: &Reap) -> Result<Came> {
    let path = store.recording_folder(one.pbx).await?;
    let (folder, seen) = (one.folder.clone(), one.seen.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let file = Folder::open(Path::new(&path))?.file(&folder, &seen.file)?;
        let is_it = shape(&file)? == (seen.bytes, seen.modified_ms);
        Ok::<_, std::io::Error>(is_it.then_some(file))
    });
    // what is not there, or not as it was, is found by who looks at folders
    let Ok(Some(file)) = opened.await.map_err(anyhow::Error::from)? else {
        return Ok(Came::On);
    };
    let sum = match bucket.put(&one.key, content_type(&one.seen.file), file).await {
        Ok(sum) => sum,
        Err(error) => return Ok(Came::Stuck(error)),
    };
    if sum == one.sha256 && store.recording_stored(one, wall_ms()).await? {
        return Ok(Came::On);
    }
    // it was written to meanwhile
    store
        .note_files((one.pbx, &one.folder), &[], &[one.id], wall_ms())
        .await?;
    Ok(match bucket.remove(&one.key).await {
        Ok(()) => Came::On,
        Err(error) => Came::Stuck(error),
    })
}

/// Takes a file out of its folder, once what lies in the bucket was read and is the same, byte for byte.
async fn lighten(store: &Store, bucket: &Bucket, one: &Reap) -> Result<Came> {
    match bucket.sum(&one.key).await {
        Ok(sum) if sum == one.sha256 => {}
        Ok(_) => return put_again(store, one).await,
        Err(error) if error.kind() == ErrorKind::NotFound => return put_again(store, one).await,
        Err(error) => return Ok(Came::Stuck(error)),
    }
    let path = store.recording_folder(one.pbx).await?;
    let gone = one.clone();
    let fate = tokio::task::spawn_blocking(move || remove(&path, &gone)).await;
    match fate.map_err(anyhow::Error::from)? {
        super::reap::Fate::Removed => store.recording_in_folder(one.id, false).await?,
        super::reap::Fate::Other => {
            store
                .note_files((one.pbx, &one.folder), &[], &[one.id], wall_ms())
                .await?;
        }
        super::reap::Fate::Left(why) => {
            tracing::warn!(
                recording = one.key,
                why,
                "a recording in the bucket stays in its folder, too"
            );
        }
    }
    Ok(Came::On)
}

/// What lies in the bucket is not it: it is copied once more.
async fn put_again(store: &Store, one: &Reap) -> Result<Came> {
    tracing::warn!(
        recording = one.key,
        "what lies in the bucket is not the recording; it is copied once more"
    );
    store.recording_not_stored(one.id).await?;
    Ok(Came::On)
}
