//! Where the bytes of a recording are: in its folder, or in the bucket.

use std::{fs::File, io, time::Duration};

use app::{
    AppError,
    model::recording::{Proof, State},
};

use super::{CallerBackend, recording::conflict};
use crate::{
    clock::wall_ms,
    error::internal,
    places::Place,
    recordings::{
        bucket::Bucket,
        folder::{Folder, shape},
        sound::{content_type, sum},
    },
    store::RecordingRecord,
};

/// How long a folder may take to give a file out, and the bucket to say what is there.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a whole recording may take to be read.
const READ_WITHIN: Duration = Duration::from_secs(25);

/// Where the bytes of a recording are.
#[derive(Debug)]
pub(crate) enum Source {
    /// In a file.
    File(File),
    /// In the bucket, by this name.
    Object(Bucket, String),
}

/// The bucket that a recording lies in.
fn bucket<'a>(backend: &'a CallerBackend, record: &RecordingRecord) -> Result<Option<&'a Bucket>, AppError> {
    if !record.stored {
        return Ok(None);
    }
    match &backend.services.bucket {
        Some(bucket) => Ok(Some(bucket)),
        None if record.only_there => Err(AppError::Unavailable(
            "It lies in a bucket, and none is set up any more.".into(),
        )),
        None => Ok(None),
    }
}

/// Opens a recording where it is, if it is as it was when it was taken in.
pub(super) async fn open(backend: &CallerBackend, record: &RecordingRecord) -> Result<Source, AppError> {
    let bucket = bucket(backend, record)?;
    match bucket {
        Some(bucket) if record.only_there => open_there(backend, bucket, record).await,
        bucket => match open_file(backend, record).await? {
            Some(file) => Ok(Source::File(file)),
            None => match bucket {
                Some(bucket) => open_there(backend, bucket, record).await,
                None => {
                    backend
                        .services
                        .store
                        .mark_recording(record.id, State::Gone, "")
                        .await?;
                    Err(conflict(State::Gone))
                }
            },
        },
    }
}

async fn open_there(
    backend: &CallerBackend,
    bucket: &Bucket,
    record: &RecordingRecord,
) -> Result<Source, AppError> {
    let store = &backend.services.store;
    let found = tokio::time::timeout(PATIENCE, bucket.bytes(&record.key)).await;
    match found {
        Ok(Ok(bytes)) if bytes == record.is.seen.bytes => {
            Ok(Source::Object(bucket.clone(), record.key.clone()))
        }
        Ok(Ok(_)) => {
            store
                .mark_recording(record.id, State::Changed, "What lies in the bucket is not it.")
                .await?;
            Err(conflict(State::Changed))
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            store
                .mark_recording(record.id, State::Gone, "It was in the bucket.")
                .await?;
            Err(conflict(State::Gone))
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "a recording in the bucket cannot be opened");
            Err(AppError::Unavailable("The bucket does not give it out.".into()))
        }
        Err(_) => Err(AppError::Unavailable("The bucket does not answer.".into())),
    }
}

/// The file of a recording; None where it is gone.
async fn open_file(backend: &CallerBackend, record: &RecordingRecord) -> Result<Option<File>, AppError> {
    let store = &backend.services.store;
    let path = store.recording_folder(record.pbx).await?;
    let (inside, name) = (record.folder.clone(), record.is.seen.file.clone());
    let opening = tokio::task::spawn_blocking(move || {
        let file = Folder::open(path.as_ref())?.file(&inside, &name)?;
        let shape = shape(&file)?;
        Ok::<_, io::Error>((file, shape))
    });
    let opened = tokio::time::timeout(PATIENCE, opening)
        .await
        .map_err(|_| AppError::Unavailable("The folder of recordings does not answer.".into()))?
        .map_err(internal)?;
    let seen = &record.is.seen;
    match opened {
        Ok((file, shape)) if shape == (seen.bytes, seen.modified_ms) => Ok(Some(file)),
        Ok(_) => {
            // whether it is still the same is for the one to say who reads it
            store
                .note_files((record.pbx, &record.folder), &[], &[record.id], wall_ms())
                .await?;
            Err(AppError::Conflict(
                "The file was written to since it was taken in. It is being looked at once more.".into(),
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            tracing::warn!(pbx = record.pbx.0, %error, "a recording cannot be opened");
            Err(AppError::Conflict(
                "The file cannot be opened. Why not is in Starboard's log.".into(),
            ))
        }
    }
}

/// Reads all of it and compares.
pub(super) async fn prove(
    backend: &CallerBackend,
    record: &RecordingRecord,
    place: Place,
) -> Result<Proof, AppError> {
    let store = &backend.services.store;
    let bucket = bucket(backend, record)?;
    let read = tokio::time::timeout(READ_WITHIN, read(backend, bucket, record, place))
        .await
        .map_err(|_| AppError::Unavailable("Reading it takes too long for now.".into()))??;
    match read {
        Ok(sum) if sum == record.is.sha256 => {
            if !matches!(record.is.state, State::Ready | State::Foreign | State::Empty) {
                // it is back
                if record.only_there {
                    let is = as_named(&record.is.seen.file);
                    store.mark_recording(record.id, is, "").await?;
                } else {
                    store
                        .note_files((record.pbx, &record.folder), &[], &[record.id], wall_ms())
                        .await?;
                }
            }
            Ok(Proof::Same)
        }
        Ok(_) => {
            store
                .mark_recording(record.id, State::Changed, "Another file lies in its place.")
                .await?;
            Ok(Proof::Changed)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            store.mark_recording(record.id, State::Gone, "").await?;
            Ok(Proof::Gone)
        }
        Err(error) => {
            tracing::warn!(pbx = record.pbx.0, %error, "a recording cannot be read");
            Err(AppError::Unavailable("The file cannot be read now.".into()))
        }
    }
}

/// What a whole recording of this name is.
fn as_named(name: &str) -> State {
    if content_type(name) == "application/octet-stream" {
        State::Foreign
    } else {
        State::Ready
    }
}

/// SHA-256 of what is in its folder, else of what is in the bucket.
async fn read(
    backend: &CallerBackend,
    bucket: Option<&Bucket>,
    record: &RecordingRecord,
    place: Place,
) -> Result<io::Result<Vec<u8>>, AppError> {
    if !record.only_there {
        let path = backend.services.store.recording_folder(record.pbx).await?;
        let (inside, name) = (record.folder.clone(), record.is.seen.file.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let _place = place;
            sum(&Folder::open(path.as_ref())?.file(&inside, &name)?)
        });
        let sum = reading.await.map_err(internal)?;
        let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        if bucket.is_none() || !sum.as_ref().is_err_and(is_gone) {
            return Ok(sum);
        }
    }
    match bucket {
        Some(bucket) => Ok(bucket.sum(&record.key).await),
        None => Ok(Err(io::ErrorKind::NotFound.into())),
    }
}
