//! A log is read on through everything that is done to log files.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use tempfile::TempDir;

use super::{Place, read};

struct Log {
    folder: TempDir,
    place: Option<Place>,
}

impl Log {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            place: None,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("queue_log")
    }

    fn write(&self, text: &str) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path())
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Put aside, last written to so many seconds ago.
    fn aside(&self, name: &str, ago_s: u64) {
        let file = OpenOptions::new().append(true).open(self.path()).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(ago_s))
            .unwrap();
        fs::rename(self.path(), self.folder.path().join(name)).unwrap();
    }

    /// Everything that is there now, and whether it follows what was read before.
    fn read(&mut self) -> (String, bool) {
        let (mut text, mut follows) = (String::new(), true);
        loop {
            let chunk = read(&self.path(), self.place.as_ref()).unwrap();
            follows &= chunk.follows;
            text.push_str(std::str::from_utf8(&chunk.bytes).unwrap());
            let some = !chunk.bytes.is_empty();
            self.place = Some(Place {
                position: chunk.from.position + chunk.bytes.len() as u64,
                ..chunk.from
            });
            if !some && chunk.at_end {
                return (text, follows);
            }
        }
    }
}

fn told(text: &str, follows: bool) -> (String, bool) {
    (text.to_owned(), follows)
}

#[test]
fn a_file_that_grows_is_read_on() {
    let mut log = Log::new();
    log.write("one\n");
    assert_eq!(log.read(), told("one\n", false));
    assert_eq!(log.read(), told("", true));
    log.write("two\nthr");
    assert_eq!(log.read(), told("two\nthr", true));
    log.write("ee\n");
    assert_eq!(log.read(), told("ee\n", true));
}

#[test]
fn a_file_put_aside_is_read_to_its_end_before_the_new_one() {
    let mut log = Log::new();
    log.write("one\n");
    log.read();
    log.write("two\n");
    log.aside("queue_log.1", 5);
    log.write("three\n");
    assert_eq!(log.read(), told("two\nthree\n", true));
}

#[test]
fn two_files_put_aside_since_are_both_read() {
    let mut log = Log::new();
    log.write("one\n");
    log.read();
    log.write("two\n");
    log.aside("queue_log-20261125", 90);
    log.write("three\n");
    log.aside("queue_log-20261126", 60);
    log.write("four\n");
    assert_eq!(log.read(), told("two\nthree\nfour\n", true));
}

#[test]
fn while_the_new_file_is_empty_the_old_one_may_grow() {
    let mut log = Log::new();
    log.write("one\n");
    log.read();
    log.aside("queue_log.1", 5);
    log.write("");
    assert_eq!(log.read(), told("", true));
    let mut old = OpenOptions::new()
        .append(true)
        .open(log.folder.path().join("queue_log.1"))
        .unwrap();
    old.write_all(b"two\n").unwrap();
    assert_eq!(log.read(), told("two\n", true));
    log.write("three\n");
    assert_eq!(log.read(), told("three\n", true));
}

#[test]
fn a_file_that_was_cut_begins_anew_even_when_it_is_as_long_as_before() {
    let mut log = Log::new();
    log.write("1795220750|first\n");
    log.read();
    fs::write(log.path(), "1795229999|other\n1795230000|more\n").unwrap();
    assert_eq!(log.read(), told("1795229999|other\n1795230000|more\n", false));
    fs::write(log.path(), "").unwrap();
    assert_eq!(log.read().0, "");
    log.write("x\n");
    assert_eq!(log.read().0, "x\n");
}

#[test]
fn a_file_that_is_gone_or_is_none_is_an_error_and_is_found_again() {
    let mut log = Log::new();
    assert!(read(&log.path(), None).is_err());
    fs::create_dir(log.path()).unwrap();
    assert!(read(&log.path(), None).is_err());
    fs::remove_dir(log.path()).unwrap();
    log.write("one\n");
    assert_eq!(log.read().0, "one\n");
    fs::remove_file(log.path()).unwrap();
    assert!(read(&log.path(), log.place.as_ref()).is_err());
    log.write("two\n");
    assert_eq!(log.read(), told("two\n", false));
}
