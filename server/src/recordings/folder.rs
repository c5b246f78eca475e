//! The folder of a PBX's recordings: what lies below it is reached name by name, and nothing else is.

use std::{
    fs::File,
    io::{self, ErrorKind},
    os::fd::OwnedFd,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use crate::store::SeenFile;

/// Names below each other.
const MAX_DEPTH: usize = 8;
/// Bytes of a place below the folder.
const MAX_PLACE_BYTES: usize = 1_024;
/// Files and folders of one folder that are looked at.
pub(super) const MAX_ENTRIES: usize = 100_000;
/// No link is followed, and nothing that would keep whoever opens it waiting is waited for.
const AS_IT_IS: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

/// The folder, open.
#[derive(Debug)]
pub struct Folder(OwnedFd);

/// What lies in a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<SeenFile>,
    pub(super) folders: Vec<String>,
    /// There was more than is looked at.
    pub(super) cut: bool,
}

fn refused(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, why)
}

fn parts(place: &str) -> impl Iterator<Item = &str> {
    place.split('/').filter(|name| !name.is_empty())
}

/// The names of a place below the folder, if it can be one.
fn names(place: &str) -> io::Result<impl Iterator<Item = &str>> {
    let odd = |name: &str| matches!(name, "." | "..") || name.contains('\0');
    if place.len() > MAX_PLACE_BYTES || parts(place).count() > MAX_DEPTH || parts(place).any(odd) {
        return Err(refused("this is no place below a folder"));
    }
    Ok(parts(place))
}

/// How large a file is, and when it was written last.
pub(crate) fn shape(file: &File) -> io::Result<(u64, u64)> {
    let there = file.metadata()?;
    let written = there.modified()?.duration_since(UNIX_EPOCH);
    Ok((there.len(), written.unwrap_or(Duration::ZERO).as_millis() as u64))
}

impl Folder {
    /// Opens it.
    ///
    /// # Errors
    /// It is not there, may not be read, is no folder, or is a link to one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let opened = rustix::fs::open(path, AS_IT_IS | OFlags::DIRECTORY, Mode::empty())?;
        Ok(Self(opened))
    }

    fn enter(&self, folder: &str) -> io::Result<OwnedFd> {
        let mut inside = self.0.try_clone()?;
        for name in names(folder)? {
            inside = rustix::fs::openat(&inside, name, AS_IT_IS | OFlags::DIRECTORY, Mode::empty())?;
        }
        Ok(inside)
    }

    /// Opens a file below it.
    ///
    /// # Errors
    /// It is not there, may not be read, is no file, or a link is on the way to it.
    pub fn file(&self, folder: &str, file: &str) -> io::Result<File> {
        let opened = rustix::fs::openat(self.enter(folder)?, one_name(file)?, AS_IT_IS, Mode::empty())?;
        let opened = File::from(opened);
        if opened.metadata()?.is_file() {
            Ok(opened)
        } else {
            Err(refused("this is no file"))
        }
    }

    /// Removes a file below it. One that is gone already is gone.
    ///
    /// # Errors
    /// It may not be removed.
    pub fn remove(&self, folder: &str, file: &str) -> io::Result<()> {
        let inside = match self.enter(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            inside => inside?,
        };
        match rustix::fs::unlinkat(&inside, one_name(file)?, AtFlags::empty()) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
        // it is gone for good before anybody says so
        rustix::fs::fsync(&inside)?;
        Ok(())
    }

    /// When something came into a folder below it, or left it, last; in nanoseconds.
    pub(super) fn changed(&self, folder: &str) -> io::Result<i128> {
        let there = rustix::fs::fstat(self.enter(folder)?)?;
        Ok(i128::from(there.st_mtime) * 1_000_000_000 + i128::from(there.st_mtime_nsec))
    }

    /// What lies in a folder below it: plain files of a kind that recordings have, and folders.
    pub(super) fn list(&self, folder: &str, wanted: impl Fn(&str) -> bool) -> io::Result<Listing> {
        let inside = self.enter(folder)?;
        let mut listing = Listing::default();
        for (at, entry) in Dir::read_from(&inside)?.enumerate() {
            let entry = entry?;
            if at >= MAX_ENTRIES {
                listing.cut = true;
                break;
            }
            let Some(name) = entry
                .file_name()
                .to_str()
                .ok()
                .filter(|name| !matches!(*name, "." | ".."))
            else {
                continue;
            };
            match entry.file_type() {
                FileType::Directory | FileType::Unknown => {}
                _ if !wanted(name) => continue,
                _ => {}
            }
            let there = match rustix::fs::statat(&inside, name, AtFlags::SYMLINK_NOFOLLOW) {
                // gone since
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                there => there?,
            };
            match FileType::from_raw_mode(there.st_mode) {
                FileType::Directory => listing.folders.push(name.to_owned()),
                FileType::RegularFile if wanted(name) => {
                    let written_ms =
                        i128::from(there.st_mtime) * 1_000 + i128::from(there.st_mtime_nsec) / 1_000_000;
                    listing.files.push(SeenFile {
                        file: name.to_owned(),
                        bytes: u64::try_from(there.st_size).unwrap_or_default(),
                        modified_ms: u64::try_from(written_ms).unwrap_or_default(),
                    });
                }
                _ => {}
            }
        }
        Ok(listing)
    }
}

fn one_name(file: &str) -> io::Result<&str> {
    let mut names = names(file)?;
    match (names.next(), names.next()) {
        (Some(name), None) if !file.contains('/') => Ok(name),
        _ => Err(refused("this is not the name of a file")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::{fs, os::unix::fs::symlink, path::Path};

    use rustix::fs::Mode;

    use super::Folder;

    fn office() -> tempfile::TempDir {
        let office = tempfile::tempdir().unwrap();
        fs::write(office.path().join("secret.wav"), "secret").unwrap();
        fs::create_dir_all(office.path().join("monitor/2026/11")).unwrap();
        fs::write(office.path().join("monitor/2026/11/talk.wav"), "talk").unwrap();
        office
    }

    #[test]
    fn nothing_but_what_lies_below_the_folder_is_opened_or_removed() {
        let office = office();
        let monitor = office.path().join("monitor");
        symlink("../secret.wav", monitor.join("linked.wav")).unwrap();
        symlink("..", monitor.join("up")).unwrap();
        symlink("2026", monitor.join("also")).unwrap();
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            monitor.join("pipe.wav"),
            Mode::from_raw_mode(0o600),
        )
        .unwrap();
        let folder = Folder::open(&monitor).unwrap();
        assert!(folder.file("2026/11", "talk.wav").is_ok());
        for (inside, file) in [
            ("", "../secret.wav"),
            ("..", "secret.wav"),
            ("2026/../..", "secret.wav"),
            ("up", "secret.wav"),
            ("also/11", "talk.wav"),
            ("", "linked.wav"),
            ("", "pipe.wav"),
            ("", "2026"),
            ("", ""),
            ("", "."),
            ("", "2026/11/talk.wav"),
            ("2026/11", "talk.wav\0"),
            ("/etc", "passwd"),
            ("a/b/c/d/e/f/g/h/i", "talk.wav"),
        ] {
            assert!(folder.file(inside, file).is_err(), "{inside:?} {file:?}");
        }
        for (inside, file) in [("", "../secret.wav"), ("up", "secret.wav"), ("..", "secret.wav")] {
            assert!(folder.remove(inside, file).is_err(), "{inside:?} {file:?}");
        }
        assert!(office.path().join("secret.wav").exists());
        // a link itself goes, and what it leads to stays
        folder.remove("", "linked.wav").unwrap();
        assert!(office.path().join("secret.wav").exists());
    }

    #[test]
    fn a_folder_that_is_a_link_or_no_folder_is_not_opened() {
        let office = office();
        symlink("monitor", office.path().join("calls")).unwrap();
        for name in ["calls", "secret.wav", "nowhere"] {
            assert!(Folder::open(&office.path().join(name)).is_err(), "{name}");
        }
        assert!(Folder::open(Path::new("/proc/self/mem")).is_err());
    }

    #[test]
    fn a_folder_is_listed_without_links_pipes_and_what_is_no_recording() {
        let office = office();
        let monitor = office.path().join("monitor");
        symlink("../secret.wav", monitor.join("linked.wav")).unwrap();
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            monitor.join("pipe.wav"),
            Mode::from_raw_mode(0o600),
        )
        .unwrap();
        for name in ["a.wav", "b.txt"] {
            fs::write(monitor.join(name), name).unwrap();
        }
        let listing = Folder::open(&monitor)
            .unwrap()
            .list("", |name| name.ends_with(".wav"))
            .unwrap();
        let files: Vec<&str> = listing.files.iter().map(|one| one.file.as_str()).collect();
        assert_eq!((files, listing.folders), (vec!["a.wav"], vec!["2026".to_owned()]));
        assert_eq!((listing.files[0].bytes, listing.cut), (5, false));
    }

    #[test]
    fn what_is_removed_is_gone_and_gone_again_is_no_fault() {
        let office = office();
        let folder = Folder::open(&office.path().join("monitor")).unwrap();
        for _ in 0..2 {
            folder.remove("2026/11", "talk.wav").unwrap();
            assert!(folder.file("2026/11", "talk.wav").is_err());
        }
        folder.remove("2025/11", "talk.wav").unwrap();
    }
}
