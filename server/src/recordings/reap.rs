//! Removes recordings that were kept for as long as is set: marked first, then their files, then their rows say so. Killed
//! anywhere, it is gone on with from the marks.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::PathBuf,
};

use app::model::PbxId;

use super::{
    bucket::Bucket,
    folder::{Folder, shape},
    sound::sum,
};
use crate::store::{Reap, Result, Store};

/// Marked, and removed, at once: a server that runs beside waits no longer than for these.
const BATCH: i64 = 200;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reaped {
    /// Files that are gone now.
    pub(crate) removed: u64,
    /// What lay there was another file, and was left.
    pub(crate) spared: u64,
    /// Files that could not be removed; they are tried again.
    pub(crate) left: u64,
    /// Why the first of them could not.
    pub(crate) why: Option<String>,
}

/// What became of one file.
pub(super) enum Fate {
    Removed,
    Other,
    Left(String),
}

/// Removes what is marked. What cannot be removed stays marked, and is not tried twice.
pub(crate) async fn sweep(store: &Store, bucket: Option<&Bucket>, reaped: &mut Reaped) -> Result<()> {
    let mut after = 0;
    reaped.left = 0;
    loop {
        let doomed = store.doomed_recordings(after, BATCH).await?;
        let Some(last) = doomed.last() else { return Ok(()) };
        after = last.id;
        let mut folders: HashMap<PbxId, String> = HashMap::new();
        for one in &doomed {
            if let Entry::Vacant(unknown) = folders.entry(one.pbx) {
                unknown.insert(store.recording_folder(one.pbx).await?);
            }
        }
        let fates = tokio::task::spawn_blocking(move || {
            let fate = |one: Reap| {
                let folder = folders.get(&one.pbx).map_or("", String::as_str);
                let fate = if one.only_there {
                    Fate::Removed
                } else {
                    remove(folder, &one)
                };
                (one, fate)
            };
            doomed.into_iter().map(fate).collect::<Vec<_>>()
        });
        let fates = fates.await.map_err(anyhow::Error::from)?;
        let mut gone = Vec::new();
        for (one, fate) in fates {
            let id = one.id;
            let fate = match fate {
                Fate::Removed if one.stored => out_of(bucket, &one.key).await,
                fate => fate,
            };
            match fate {
                Fate::Removed => gone.push(id),
                Fate::Other => {
                    reaped.spared += 1;
                    store
                        .spare_recording(id, "Another file lies in its place.")
                        .await?;
                }
                Fate::Left(why) => {
                    reaped.left += 1;
                    reaped.why.get_or_insert(why);
                }
            }
        }
        store.recordings_deleted(&gone).await?;
        reaped.removed += gone.len() as u64;
    }
}

/// Removes what lies in the bucket.
async fn out_of(bucket: Option<&Bucket>, key: &str) -> Fate {
    let Some(bucket) = bucket else {
        return Fate::Left("it lies in a bucket, and none is set up any more".into());
    };
    match bucket.remove(key).await {
        Ok(()) => Fate::Removed,
        Err(_) => Fate::Left(format!(
            "the bucket does not give it up: {}",
            bucket.trouble().unwrap_or_default()
        )),
    }
}

pub(super) fn remove(folder: &str, one: &Reap) -> Fate {
    let left = |error: std::io::Error| Fate::Left(error.to_string());
    if folder.is_empty() {
        return Fate::Left("its PBX has no folder of recordings any more".into());
    }
    let folder = match Folder::open(&PathBuf::from(folder)) {
        Ok(folder) => folder,
        Err(error) => return left(error),
    };
    match folder.file(&one.folder, &one.seen.file) {
        Ok(file) => match shape(&file) {
            Ok((bytes, modified_ms)) if (bytes, modified_ms) == (one.seen.bytes, one.seen.modified_ms) => {}
            // touched since; the same bytes are the same recording
            Ok(_) if !one.sha256.is_empty() && sum(&file).is_ok_and(|sum| sum == one.sha256) => {}
            Ok(_) => return Fate::Other,
            Err(error) => return left(error),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Fate::Removed,
        Err(error) => return left(error),
    }
    match folder.remove(&one.folder, &one.seen.file) {
        Ok(()) => Fate::Removed,
        Err(error) => left(error),
    }
}
