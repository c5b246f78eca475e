//! A bucket of an S3-compatible store: recordings that were taken in are copied there, so that the disk of a PBX need not hold
//! them for ever. A copy is read back and compared before the file in the folder goes.

use std::{
    fs::File,
    io::{self, ErrorKind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use futures::Stream;
use object_store::{
    Attribute, Attributes, Certificate, ClientOptions, Error, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, RetryConfig, WriteMultipart,
    aws::{AmazonS3Builder, Checksum},
    path::Path,
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::{config::BucketConfig, places::Place};

/// Read from there at once.
const PIECE: u64 = 512 << 10;
/// What is larger is sent in parts of so many bytes.
const PART: usize = 8 << 20;
/// Parts on their way at once.
const PARTS: usize = 2;
/// How long the store may take to take a connection,
const CONNECT: Duration = Duration::from_secs(5);
/// and to answer one question, all tries together.
const ANSWER: Duration = Duration::from_secs(60);
const TRIES: usize = 2;

/// The bucket.
#[derive(Clone, Debug)]
pub struct Bucket(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    folder_days: Option<u64>,
    /// Why the last thing that was tried there failed.
    trouble: Mutex<Option<String>>,
}

fn failed(error: Error) -> io::Error {
    match error {
        Error::NotFound { .. } => io::Error::from(ErrorKind::NotFound),
        error => io::Error::other(error),
    }
}

/// The innermost reason: what lies around it repeats it. Of a refusal its code (Amazon S3 API, Error Responses).
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let whole = innermost.to_string();
    let code = whole
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    let (told, _) = code.or(whole.split_once('<')).unwrap_or((&whole, ""));
    told.chars().take(200).collect()
}

impl Bucket {
    /// The bucket of the settings; nothing is asked there yet.
    ///
    /// # Errors
    /// A setting is none.
    pub fn new(config: &BucketConfig) -> anyhow::Result<Self> {
        // whoever comes second finds the same one
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            .with_timeout(ANSWER)
            .with_allow_http(config.endpoint.starts_with("http://"));
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            for one in Certificate::from_pem_bundle(&pem).context("bucket: ca_file")? {
                client = client.with_root_certificate(one);
            }
        }
        let secret = config
            .secret_key
            .as_ref()
            .map_or("", |secret| secret.expose_secret());
        let store = AmazonS3Builder::new()
            .with_endpoint(&config.endpoint)
            .with_region(&config.region)
            .with_bucket_name(&config.name)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(secret)
            .with_checksum_algorithm(Checksum::SHA256)
            .with_retry(RetryConfig {
                max_retries: TRIES,
                retry_timeout: ANSWER,
                ..RetryConfig::default()
            })
            .with_client_options(client)
            .build()
            .context("bucket")?;
        Ok(Self(Arc::new(Inner {
            store: Arc::new(store),
            prefix: config.prefix.clone(),
            folder_days: config.folder_days.map(|days| days.0),
            trouble: Mutex::new(None),
        })))
    }

    /// Days for which recordings stay in their folder, too; None for ever.
    pub(super) fn folder_days(&self) -> Option<u64> {
        self.0.folder_days
    }

    /// Why the last thing that was tried there failed.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone()
    }

    /// What is not there is an answer, too.
    fn noted<T>(&self, answer: io::Result<T>) -> io::Result<T> {
        let trouble = match &answer {
            Err(error) if error.kind() != ErrorKind::NotFound => Some(reason(error)),
            _ => None,
        };
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        answer
    }

    fn place(&self, key: &str) -> Path {
        Path::from(format!("{}{key}", self.0.prefix))
    }

    /// Copies a file there; SHA-256 of what was sent.
    pub(super) async fn put(&self, key: &str, content_type: &'static str, file: File) -> io::Result<Vec<u8>> {
        let told = Attributes::from_iter([(Attribute::ContentType, content_type)]);
        let sent = self.send(self.place(key), told, file).await;
        self.noted(sent)
    }

    async fn send(&self, place: Path, attributes: Attributes, file: File) -> io::Result<Vec<u8>> {
        let store = &self.0.store;
        let mut file = tokio::fs::File::from_std(file);
        file.rewind().await?;
        let mut digest = Sha256::new();
        let first = part(&mut file, &mut digest).await?;
        if first.len() < PART {
            let options = PutOptions {
                attributes,
                ..PutOptions::default()
            };
            store
                .put_opts(&place, first.into(), options)
                .await
                .map_err(failed)?;
            return Ok(digest.finalize().to_vec());
        }
        let options = PutMultipartOptions {
            attributes,
            ..PutMultipartOptions::default()
        };
        let upload = store.put_multipart_opts(&place, options).await.map_err(failed)?;
        let mut parts = WriteMultipart::new_with_chunk_size(upload, PART);
        if let Err(error) = send_parts(&mut parts, first, &mut file, &mut digest).await {
            // where it fails, too, the store throws parts away in its time
            let _ = parts.abort().await;
            return Err(error);
        }
        parts.finish().await.map_err(failed)?;
        Ok(digest.finalize().to_vec())
    }

    /// How large it is there.
    pub(crate) async fn bytes(&self, key: &str) -> io::Result<u64> {
        let found = self.0.store.head(&self.place(key)).await;
        self.noted(found.map(|found| found.size).map_err(failed))
    }

    /// SHA-256 of every byte that lies there.
    pub(crate) async fn sum(&self, key: &str) -> io::Result<Vec<u8>> {
        let bytes = self.bytes(key).await?;
        let mut digest = Sha256::new();
        let mut at = 0;
        while at < bytes {
            let piece = self.piece(key, at, (bytes - at).min(PIECE)).await?;
            at += piece.len() as u64;
            digest.update(&piece);
        }
        Ok(digest.finalize().to_vec())
    }

    /// So many bytes from here on, and none less.
    async fn piece(&self, key: &str, at: u64, bytes: u64) -> io::Result<Bytes> {
        let piece = self.0.store.get_range(&self.place(key), at..at + bytes).await;
        let piece = self.noted(piece.map_err(failed))?;
        if piece.len() as u64 == bytes {
            Ok(piece)
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }

    /// So many bytes from here on, piece by piece as they are taken. What is cut short breaks off.
    pub(crate) fn stream(
        &self,
        key: String,
        (first, length): (u64, u64),
        place: Place,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let bucket = self.clone();
        let end = first + length;
        futures::stream::unfold(
            (bucket, key, first, place),
            move |(bucket, key, at, place)| async move {
                if at >= end {
                    return None;
                }
                match bucket.piece(&key, at, (end - at).min(PIECE)).await {
                    Ok(piece) => {
                        let at = at + piece.len() as u64;
                        Some((Ok(piece), (bucket, key, at, place)))
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a recording in the bucket was broken off");
                        Some((Err(error), (bucket, key, end, place)))
                    }
                }
            },
        )
    }

    /// Removes it there. What is gone already is gone.
    pub(super) async fn remove(&self, key: &str) -> io::Result<()> {
        let removed = self.0.store.delete(&self.place(key)).await.map_err(failed);
        match self.noted(removed) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

/// The next part of a file; what is shorter than a part is the last one.
async fn part(file: &mut tokio::fs::File, digest: &mut Sha256) -> io::Result<Bytes> {
    let mut part = BytesMut::with_capacity(PART);
    while part.len() < PART {
        let left = PART - part.len();
        if (&mut *file).take(left as u64).read_buf(&mut part).await? == 0 {
            break;
        }
    }
    digest.update(&part);
    Ok(part.freeze())
}

async fn send_parts(
    parts: &mut WriteMultipart,
    mut next: Bytes,
    file: &mut tokio::fs::File,
    digest: &mut Sha256,
) -> io::Result<()> {
    while !next.is_empty() {
        parts.wait_for_capacity(PARTS).await.map_err(failed)?;
        parts.put(next);
        next = part(file, digest).await?;
    }
    Ok(())
}
