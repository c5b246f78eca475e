//! A log file that grows, is cut, and is put aside for a new one: read on from where it was read to, never written.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

/// Read at once.
const CHUNK: usize = 1 << 20;
/// Of a file's beginning so much is remembered: another file has another one.
const HEAD: usize = 64;
/// Files beside the log that are looked at.
const MAX_FILES: usize = 4_096;

/// A place in a file that may meanwhile have another name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file's device
    pub device: u64,
    /// and number there.
    pub inode: u64,
    /// Bytes from its beginning.
    pub position: u64,
    /// How it begins: the number of bytes that were looked at, and their SHA-256. Whatever file was named here by mistake, none
    /// of it is kept.
    pub head: Vec<u8>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes,
    pub bytes: Vec<u8>,
    /// from here on.
    pub from: Place,
    /// They follow those before without a hole.
    pub follows: bool,
    /// There is no more for now.
    pub at_end: bool,
}

/// Reads on after `place`, or from the beginning of the file.
pub fn read(path: &Path, place: Option<&Place>) -> io::Result<Chunk> {
    let Some(place) = place else {
        return begin(&open(path)?, false);
    };
    let current = open(path);
    let Some(file) = of(path, current.as_ref().ok(), place)? else {
        // cut, or put aside under a name nobody knows: what was not read is lost
        return begin(&current?, false);
    };
    let chunk = read_at(&file, place.position)?;
    if !chunk.bytes.is_empty() {
        return Ok(chunk);
    }
    // a file that was put aside is left when a later one has something in it: until then Asterisk may write on here
    match next(path, &file.metadata()?)? {
        Some(later) => {
            let rest = read_at(&file, place.position)?;
            if rest.bytes.is_empty() {
                begin(&later, true)
            } else {
                Ok(rest)
            }
        }
        None => Ok(chunk),
    }
}

/// Opens it, if it is a file and nothing that would hold up whoever reads it.
fn open(path: &Path) -> io::Result<File> {
    let no_waiting = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(no_waiting)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "this is no file"));
    }
    Ok(file)
}

fn head(file: &File, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = [0; HEAD];
    let some = &mut bytes[..most.min(HEAD)];
    let read = file.read_at(some, 0)?;
    let mut head = vec![read.try_into().unwrap_or(u8::MAX)];
    head.extend(Sha256::digest(&some[..read]));
    Ok(head)
}

fn begin(file: &File, follows: bool) -> io::Result<Chunk> {
    Ok(Chunk {
        follows,
        ..read_at(file, 0)?
    })
}

fn read_at(file: &File, position: u64) -> io::Result<Chunk> {
    let there = file.metadata()?;
    let mut bytes = vec![0; CHUNK];
    let read = file.read_at(&mut bytes, position)?;
    bytes.truncate(read);
    Ok(Chunk {
        at_end: read < CHUNK,
        bytes,
        follows: true,
        from: Place {
            device: there.dev(),
            inode: there.ino(),
            position,
            head: head(file, HEAD)?,
        },
    })
}

/// Whether it is the file that the place is in.
fn is_of(file: &File, there: &Metadata, place: &Place) -> io::Result<bool> {
    let same = there.dev() == place.device && there.ino() == place.inode && there.len() >= place.position;
    let looked_at = place.head.first().copied().unwrap_or_default();
    Ok(same && head(file, looked_at.into())? == place.head)
}

/// The file of the place, whatever its name is now.
fn of(path: &Path, current: Option<&File>, place: &Place) -> io::Result<Option<File>> {
    if let Some(file) = current
        && is_of(file, &file.metadata()?, place)?
    {
        return Ok(Some(file.try_clone()?));
    }
    for (other, there) in beside(path)? {
        if there.ino() == place.inode && there.dev() == place.device {
            let file = open(&other)?;
            return Ok(is_of(&file, &there, place)?.then_some(file));
        }
    }
    Ok(None)
}

/// The file that was begun after this one, if there is something in it.
fn next(path: &Path, this: &Metadata) -> io::Result<Option<File>> {
    let is_this = |there: &Metadata| (there.dev(), there.ino()) == (this.dev(), this.ino());
    let written = |there: &Metadata| (there.mtime(), there.mtime_nsec());
    let current = fs::metadata(path).ok();
    if current.as_ref().is_some_and(is_this) {
        return Ok(None);
    }
    let mut later = beside(path)?;
    later.retain(|(_, there)| there.len() > 0 && written(there) > written(this));
    match later.into_iter().min_by_key(|(_, there)| written(there)) {
        Some((path, _)) => open(&path).map(Some),
        None if current.is_some_and(|there| there.len() > 0) => open(path).map(Some),
        None => Ok(None),
    }
}

/// Files beside the log that have its name and more: `queue_log.1`, `queue_log-20261126`.
fn beside(path: &Path) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(Vec::new());
    };
    let name = name.as_encoded_bytes();
    let packed = |other: &[u8]| {
        [&b".gz"[..], b".bz2", b".xz", b".zst", b".Z"]
            .iter()
            .any(|end| other.ends_with(end))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(MAX_FILES) {
        let entry = entry?;
        let other = entry.file_name();
        let other = other.as_encoded_bytes();
        if !other.starts_with(name) || other == name || packed(other) {
            continue;
        }
        // it may be gone by now
        if let Ok(there) = fs::metadata(entry.path())
            && there.is_file()
        {
            found.push((entry.path(), there));
        }
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests;
