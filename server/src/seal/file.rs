//! The key file: one key of 32 bytes, or while a rotation is under way the new one and those before it. It is only ever
//! replaced as a whole.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rand::Rng;
use zeroize::Zeroizing;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
/// Keys that a file may hold: interrupted rotations add up until one is finished.
const MOST_KEYS: usize = 16;

/// A key as it lies in the file.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Tells one state of the file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    changed: (i64, i64),
    bytes: u64,
}

impl Stamp {
    /// As the file is now.
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        Ok(Self::from(&fs::metadata(path)?))
    }

    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
            bytes: metadata.len(),
        }
    }
}

/// A new key.
pub(super) fn random() -> Key {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rand::rng().fill_bytes(&mut key[..]);
    key
}

/// Every key of the file, the present one first. A file that others can read is refused.
pub(super) fn read(path: &Path) -> Result<(Stamp, Vec<Key>)> {
    let mut file =
        File::open(path).with_context(|| format!("the key file {} cannot be read", path.display()))?;
    let metadata = file.metadata()?;
    if metadata.mode() & 0o077 != 0 {
        bail!(
            "the key file {} can be read by others (mode {:o}): chmod 600 {}",
            path.display(),
            metadata.mode() & 0o777,
            path.display()
        );
    }
    let bytes = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if bytes == 0 || !bytes.is_multiple_of(KEY_BYTES) || bytes > MOST_KEYS * KEY_BYTES {
        bail!(
            "the key file {} must hold exactly {KEY_BYTES} bytes, or a multiple while its key is rotated",
            path.display()
        );
    }
    let mut keys = Vec::with_capacity(bytes / KEY_BYTES);
    for _ in 0..bytes / KEY_BYTES {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        file.read_exact(&mut key[..])?;
        keys.push(key);
    }
    Ok((Stamp::from(&metadata), keys))
}

/// Makes the file with a first key.
pub(super) fn make(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("the key file {} cannot be made", path.display()))?;
    file.write_all(&random()[..])?;
    file.sync_all()?;
    Ok(())
}

/// Replaces the file: whoever reads it, also after a power cut, finds the one before or this one.
pub(super) fn replace(path: &Path, keys: &[Key]) -> Result<()> {
    if keys.len() > MOST_KEYS {
        bail!(
            "the key file {} holds the keys of {MOST_KEYS} rotations that were not finished",
            path.display()
        );
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let beside = path.with_extension("new");
    let written = write_beside(&beside, keys).and_then(|()| fs::rename(&beside, path));
    written.with_context(|| format!("the key file {} cannot be replaced", path.display()))?;
    // the folder knows the new name only now
    File::open(&folder)?.sync_all()?;
    Ok(())
}

fn write_beside(beside: &Path, keys: &[Key]) -> std::io::Result<()> {
    // what a rotation left that was cut off
    match fs::remove_file(beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(beside)?;
    for key in keys {
        file.write_all(&key[..])?;
    }
    file.sync_all()
}
