//! One look at a folder: what came into it, and what of that is whole by now. It reads files and waits for them, so that it is
//! done beside the runtime.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    path::Path,
    time::{Duration, Instant},
};

use app::model::recording::State;

use super::{
    folder::{Folder, MAX_ENTRIES, shape},
    sound::{Verdict, hear, is_recording, sum},
};
use crate::store::{Growing, SeenFile, Settled};

/// A file that is as it was for so long is whole, if it says so itself.
const SETTLED: Duration = Duration::from_secs(2);
/// For so long one that does not is waited for: while nobody is heard on a call nothing is written, and how much there is
/// is written at its end.
const ABANDONED: Duration = Duration::from_secs(60);
/// Folders that are known.
const MAX_FOLDERS: usize = 20_000;
/// Of them so many are listed in one look,
const MOST_LISTED: usize = 64;
/// which takes no longer than this, but for the file that is read at the moment.
const LONGEST: Duration = Duration::from_secs(1);
/// A folder that changed less than this before it was listed may have changed since, at the same moment of its clock.
const RACE_NS: i128 = 3_000_000_000;

/// What is known of the folders.
#[derive(Debug, Default)]
pub(super) struct Walk {
    folders: HashMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    /// When it changed last, as it was listed; None: it has to be listed.
    changed: Option<i128>,
    /// Folders in it.
    inside: Vec<String>,
}

/// A file that may not be whole yet, and for how long it is as it is.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) file: Growing,
    pub(super) still: Duration,
}

/// What came of a look.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Folders, and every file in them.
    pub(super) listed: Vec<(String, Vec<SeenFile>)>,
    /// Folders that are there no more.
    pub(super) lost: Vec<String>,
    pub(super) gone: Vec<i64>,
    pub(super) grew: Vec<(i64, SeenFile)>,
    pub(super) as_before: Vec<(i64, SeenFile)>,
    pub(super) settled: Vec<(Growing, Settled)>,
    /// Why they cannot be read.
    pub(super) unreadable: Vec<(i64, String)>,
    /// Something was left for the next look.
    pub(super) more: bool,
    pub(super) trouble: Option<String>,
}

impl Walk {
    /// Everything is listed once more.
    pub(super) fn forget(&mut self) {
        for known in self.folders.values_mut() {
            known.changed = None;
        }
    }

    pub(super) fn look(&mut self, path: &Path, given: Vec<Given>, now_ms: u64) -> io::Result<Found> {
        let began = Instant::now();
        let folder = Folder::open(path)?;
        let mut found = Found::default();
        self.list(&folder, now_ms, &mut found)?;
        for one in given {
            if began.elapsed() > LONGEST {
                found.more = true;
                break;
            }
            look_at(&folder, one, now_ms, &mut found);
        }
        Ok(found)
    }

    /// Lists folders that changed, the last in the order of names first: of folders by the day it is the newest.
    fn list(&mut self, folder: &Folder, now_ms: u64, found: &mut Found) -> io::Result<()> {
        let mut to_see = vec![String::new()];
        let mut listed = 0;
        while let Some(place) = to_see.pop() {
            let changed = match folder.changed(&place) {
                Ok(changed) => changed,
                Err(error) if place.is_empty() => return Err(error),
                Err(error) => {
                    self.lose(&place, &error, found);
                    continue;
                }
            };
            let as_listed = self
                .folders
                .get(&place)
                .is_some_and(|known| known.changed == Some(changed));
            if !as_listed {
                if listed >= MOST_LISTED {
                    found.more = true;
                    continue;
                }
                listed += 1;
                self.list_one(folder, &place, changed, now_ms, found)?;
            }
            let inside = self.folders.get(&place).map(|known| known.inside.as_slice());
            to_see.extend(inside.unwrap_or_default().iter().map(|name| below(&place, name)));
        }
        Ok(())
    }

    fn list_one(
        &mut self,
        folder: &Folder,
        place: &str,
        changed: i128,
        now_ms: u64,
        found: &mut Found,
    ) -> io::Result<()> {
        let mut listing = match folder.list(place, is_recording) {
            Ok(listing) => listing,
            Err(error) if place.is_empty() => return Err(error),
            Err(error) => {
                self.lose(place, &error, found);
                return Ok(());
            }
        };
        listing.folders.sort_unstable();
        if listing.cut {
            found.trouble = Some(format!(
                "{place:?} holds more than {MAX_ENTRIES} files: those beyond are left out"
            ));
        }
        if self.folders.len() >= MAX_FOLDERS && !self.folders.contains_key(place) {
            found.trouble = Some(format!(
                "there are more than {MAX_FOLDERS} folders: those beyond are left out"
            ));
            return Ok(());
        }
        let raced = (i128::from(now_ms) * 1_000_000 - changed).abs() < RACE_NS;
        let known = Known {
            changed: (!raced).then_some(changed),
            inside: listing.folders,
        };
        let before = self.folders.insert(place.to_owned(), known);
        let now = self
            .folders
            .get(place)
            .map(|known| known.inside.as_slice())
            .unwrap_or_default();
        let lost = before.into_iter().flat_map(|before| before.inside);
        let lost: Vec<String> = lost
            .filter(|name| !now.contains(name))
            .map(|name| below(place, &name))
            .collect();
        for place in lost {
            self.forget_below(&place, found);
        }
        found.listed.push((place.to_owned(), listing.files));
        Ok(())
    }

    /// A folder cannot be read. Where it is gone, what was in it is, too.
    fn lose(&mut self, place: &str, error: &io::Error, found: &mut Found) {
        if error.kind() == ErrorKind::NotFound {
            self.forget_below(place, found);
        } else {
            found.trouble = Some(format!("{place:?}: {error}"));
        }
    }

    fn forget_below(&mut self, place: &str, found: &mut Found) {
        let inside = format!("{place}/");
        let lost = self
            .folders
            .extract_if(|known, _| known == place || known.starts_with(&inside));
        found.lost.extend(lost.map(|(known, _)| known));
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}/{name}")
    }
}

/// Looks at a file that may not be whole yet.
fn look_at(folder: &Folder, given: Given, now_ms: u64, found: &mut Found) {
    let Given { file, still } = given;
    match read(folder, &file, still, now_ms) {
        Ok(Seen::Grew(seen)) => found.grew.push((file.id, seen)),
        Ok(Seen::AsBefore) => found.as_before.push((file.id, file.seen)),
        Ok(Seen::Settled(is)) => found.settled.push((file, is)),
        Err(error) if error.kind() == ErrorKind::NotFound => found.gone.push(file.id),
        Err(error) => found
            .unreadable
            .push((file.id, format!("It cannot be read: {error}."))),
    }
}

enum Seen {
    Grew(SeenFile),
    AsBefore,
    Settled(Settled),
}

fn read(folder: &Folder, file: &Growing, still: Duration, now_ms: u64) -> io::Result<Seen> {
    let open = folder.file(&file.folder, &file.seen.file)?;
    let seen = |(bytes, modified_ms)| SeenFile {
        file: file.seen.file.clone(),
        bytes,
        modified_ms,
    };
    let before = seen(shape(&open)?);
    if before != file.seen {
        return Ok(Seen::Grew(before));
    }
    let age = Duration::from_millis(now_ms.saturating_sub(before.modified_ms)).max(still);
    if age < SETTLED {
        return Ok(Seen::AsBefore);
    }
    let (state, why, heard): Verdict = hear(&open, &before.file)?;
    let may_end = matches!(state, State::Ready | State::Foreign) || age >= ABANDONED;
    if !may_end {
        return Ok(Seen::AsBefore);
    }
    let sha256 = sum(&open)?;
    let after = seen(shape(&open)?);
    if after != before {
        return Ok(Seen::Grew(after));
    }
    Ok(Seen::Settled(Settled {
        seen: before,
        state,
        why,
        sha256,
        channels: heard.channels,
        duration_ms: heard.duration_ms,
        drawn: heard.drawn,
        silences: heard.silences,
    }))
}
