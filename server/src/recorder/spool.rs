//! What the database did not take yet, on the disk beside it: who is killed before it does loses nothing of it. Room for some of it is
//! there before it is needed, for a disk that is full takes nothing more.
//!
//! The file is pieces one after the other, each with the name of this filling, its length and a checksum; where one does not
//! fit, what was kept ends. What is in them are lines of JSON, which a later version reads, too.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::PathBuf,
    sync::Arc,
};

use app::model::PbxId;
use rustix::{fs::FallocateFlags, io::Errno};
use serde::{Deserialize, Serialize};
use telephony::Timestamp;

use super::There;
use crate::{records::What, store::Spooled};

/// Bytes that are the file's even while it is empty.
const RESERVED: u64 = 8 << 20;
/// Bytes it has at most; what does not fit waits in memory alone.
const MOST: u64 = 256 << 20;
/// Bytes of it that wait to be written while the disk takes nothing.
const MOST_OF_A_PIECE: usize = 16 << 20;
/// The name, the length and the checksum of a piece.
const HEAD: usize = 16;

/// A line.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// Something to be kept.
    Record(PbxId, What),
    /// These were seen at this moment.
    Seen(Vec<PbxId>, Timestamp),
    /// The channels of boards that are true, where calls or visits of an earlier program may be on them.
    There(There),
}

/// The same, on its way out.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Told<'a> {
    Record(PbxId, &'a What),
    Seen(&'a [PbxId], Timestamp),
    There(BTreeMap<PbxId, &'a HashSet<String>>),
}

/// What was found in it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: i64,
    /// None for one that cannot be read: it counts.
    pub(super) lines: Vec<Option<Line>>,
}

/// The file.
#[derive(Debug, Default)]
pub(super) struct Spool {
    /// Nothing is kept on the disk without one.
    path: Option<PathBuf>,
    filling: Option<Filling>,
    /// It was told that it takes nothing.
    is_told: bool,
}

#[derive(Debug)]
struct Filling {
    file: Arc<File>,
    name: i64,
    lines: i64,
    /// Where the next piece is written,
    at: u64,
    /// and what is in it.
    piece: Vec<u8>,
    /// Up to where anything may have been written.
    reach: u64,
}

impl Spool {
    pub(super) fn at(path: PathBuf) -> Self {
        Self {
            path: Some(path),
            ..Self::default()
        }
    }

    /// Empties it, and takes the room that it will need.
    pub(super) fn reserve(&mut self) {
        let reserve = |file: File| {
            let length = file.metadata()?.len();
            let mut head = [0; HEAD];
            let head = &mut head[..usize::try_from(length).unwrap_or(HEAD).min(HEAD)];
            file.read_exact_at(head, 0)?;
            let is_filled = head.iter().any(|byte| *byte != 0);
            empty(&file, if is_filled { length } else { 0 })
        };
        if let Some(Err(error)) = self.open().map(|file| file.and_then(reserve)) {
            tracing::warn!(%error, "no room could be reserved for records that the database does not take");
        }
    }

    fn open(&self) -> Option<io::Result<File>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600);
        Some(options.open(self.path.as_ref()?))
    }

    /// What a program left that was killed.
    pub(super) fn found(&self) -> io::Result<Option<Found>> {
        let Some(path) = self.path.as_ref().filter(|path| path.exists()) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        File::open(path)?.take(MOST).read_to_end(&mut bytes)?;
        let mut found: Option<Found> = None;
        let mut rest = bytes.as_slice();
        while let Some((name, text)) = piece(&mut rest) {
            let found = found.get_or_insert(Found {
                name,
                lines: Vec::new(),
            });
            if found.name != name {
                break;
            }
            for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                found.lines.push(serde_json::from_slice(line).ok());
            }
        }
        Ok(found)
    }

    /// Whether something is, or is to be, in it.
    pub(super) fn is_filling(&self) -> bool {
        self.filling.is_some()
    }

    /// All that was told it until now.
    pub(super) fn told(&self) -> Option<Spooled> {
        self.filling.as_ref().map(|filling| Spooled {
            name: filling.name,
            lines: filling.lines,
        })
    }

    /// Begins to fill it.
    pub(super) fn begin(&mut self) {
        let file = match self.open() {
            None => return,
            Some(Ok(file)) => file,
            Some(Err(error)) => return self.fails(&error),
        };
        self.filling = Some(Filling {
            file: Arc::new(file),
            name: i64::from(rand::random::<u32>()) + 1,
            lines: 0,
            at: 0,
            piece: Vec::new(),
            reach: 0,
        });
    }

    /// Tells it something to be kept, where it is being filled.
    pub(super) fn tell(&mut self, pbx: PbxId, what: &What) {
        // what only explains is not worth it
        if !matches!(what, What::Event(_)) {
            self.line(&Told::Record(pbx, what));
        }
    }

    /// Tells it which PBXs are seen.
    pub(super) fn tell_seen(&mut self, pbxs: &[PbxId], at: Timestamp) {
        self.line(&Told::Seen(pbxs, at));
    }

    /// Tells it who is there, where something was left open before this program began.
    pub(super) fn tell_there(&mut self, there: &There, left: &BTreeSet<PbxId>) {
        let there = there.iter().filter(|(pbx, _)| left.contains(pbx));
        let there: BTreeMap<PbxId, &HashSet<String>> =
            there.map(|(pbx, channels)| (*pbx, channels)).collect();
        if !there.is_empty() {
            self.line(&Told::There(there));
        }
    }

    fn line(&mut self, line: &Told<'_>) {
        let Some(filling) = &mut self.filling else { return };
        if filling.piece.len() < MOST_OF_A_PIECE
            && filling.at < MOST - 2 * MOST_OF_A_PIECE as u64
            && let Ok(line) = serde_json::to_vec(line)
        {
            filling.piece.extend_from_slice(&line);
            filling.piece.push(b'\n');
            filling.lines += 1;
        }
    }

    /// Puts on the disk what was told.
    pub(super) async fn flush(&mut self) {
        let Some(filling) = self.filling.as_mut().filter(|filling| !filling.piece.is_empty()) else {
            return;
        };
        let text = std::mem::take(&mut filling.piece);
        let mut bytes = Vec::with_capacity(HEAD + text.len());
        bytes.extend_from_slice(&filling.name.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&checksum(filling.name, &text).to_le_bytes());
        bytes.extend_from_slice(&text);
        let (file, at, many) = (filling.file.clone(), filling.at, bytes.len() as u64);
        filling.reach = filling.reach.max(at + many);
        let written = on_disk(move || file.write_all_at(&bytes, at).and_then(|()| file.sync_data())).await;
        match written {
            Ok(()) => filling.at += many,
            Err(error) => {
                // the next piece has it, too
                filling.piece = text;
                self.fails(&error);
            }
        }
    }

    /// Everything in it is in the database: nothing of it stays on the disk.
    pub(super) async fn clear(&mut self) {
        let Some(Filling { file, reach, .. }) = self.filling.take() else {
            return;
        };
        if let Err(error) = on_disk(move || empty(&file, reach)).await {
            self.fails(&error);
        }
        self.is_told = false;
    }

    fn fails(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.is_told, true) {
            tracing::error!(%error, "records wait in memory alone: they cannot be kept on the disk");
        }
    }
}

async fn on_disk(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

/// Writes over what was kept, from its end to its beginning: whoever is killed meanwhile leaves something that says so. Then room
/// is promised to it.
fn empty(file: &File, written: u64) -> io::Result<()> {
    let zeros = [0; 1 << 16];
    let length = file.metadata()?.len();
    let over = |from: u64, to: u64| -> io::Result<()> {
        let mut end = to;
        while end > from {
            let at = end.saturating_sub(zeros.len() as u64).max(from);
            file.write_all_at(&zeros[..usize::try_from(end - at).unwrap_or_default()], at)?;
            end = at;
        }
        Ok(())
    };
    over(0, written.min(length))?;
    if length > RESERVED {
        file.set_len(RESERVED)?;
    }
    if length < RESERVED {
        match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, RESERVED) {
            // a file system that cannot promise room is given something to keep
            Err(Errno::OPNOTSUPP) => over(length, RESERVED)?,
            done => done?,
        }
    }
    if written > 0 { file.sync_all() } else { Ok(()) }
}

fn checksum(name: i64, text: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&name.to_le_bytes());
    hasher.update(text);
    hasher.finalize()
}

/// Takes the next piece off the front: which filling it is of, and what is in it.
fn piece<'b>(rest: &mut &'b [u8]) -> Option<(i64, &'b [u8])> {
    let (head, after) = rest.split_at_checked(HEAD)?;
    let name = i64::from_le_bytes(head[..8].try_into().ok()?);
    let length = u32::from_le_bytes(head[8..12].try_into().ok()?);
    let sum = u32::from_le_bytes(head[12..].try_into().ok()?);
    let (text, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    if name <= 0 || checksum(name, text) != sum {
        return None;
    }
    *rest = after;
    Some((name, text))
}
