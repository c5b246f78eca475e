//! A server that is killed again and again among fifty calls a second keeps each of them once, and says of none what is not so.

mod sender;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use app::model::PbxId;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use server::store::{CheckTally, Store};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use telephony::{CallResult, Marks, Timestamp};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, program::run};
use sender::{Sender, Sent};

const PBX: PbxId = PbxId(1);
/// A record has whole seconds, and a message takes its time.
const NEAR_MS: u64 = 2_000;
/// A call whose end was seen ended then, to so much.
const SEEN_MS: u64 = 500;

/// The server; killed when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The installation.
struct Place {
    folder: TempDir,
    settings: PathBuf,
}

impl Place {
    fn of(sender: &Sender) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("starboard.toml");
        let text = format!(
            "listen = \"127.0.0.1:0\"\nlog_filter = \"warn,server=info\"\n[[pbx]]\nname = \"Office\"\nhost = \"127.0.0.1\"\nport = {}\n\
             username = \"starboard\"\nsecret = \"quiet harbour\"\n",
            sender.address().port()
        );
        fs::write(&settings, text).unwrap();
        Self { folder, settings }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server, as it comes up.
    fn serve(&self) -> Server {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_starboard"))
            .args(["serve", "--config"])
            .arg(&self.settings)
            .env_clear()
            .env("STARBOARD_DATABASE", self.path().join("starboard.db"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        Server(child)
    }

    fn log(&self) -> PathBuf {
        self.path().join("server.log")
    }

    async fn look(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.path().join("starboard.db"))
            .read_only(true);
        options.connect().await.unwrap()
    }

    /// Whether calls are written.
    async fn is_keeping(&self) -> bool {
        let calls: sqlx::Result<i64> = sqlx::query_scalar("SELECT count(*) FROM call")
            .fetch_one(&mut self.look().await)
            .await;
        calls.is_ok_and(|calls| calls >= 20)
    }

    /// Until the server has seen that every call is over.
    async fn settled(&self) {
        let mut connection = self.look().await;
        let begun = Instant::now();
        loop {
            let open: (i64, String) = sqlx::query_as(
                "SELECT (SELECT count(*) FROM gap WHERE to_ms IS NULL), (SELECT json_group_array(told) FROM call_open)",
            )
            .fetch_one(&mut connection)
            .await
            .unwrap();
            if open == (0, "[]".to_owned()) {
                return;
            }
            let log = fs::read_to_string(self.log()).unwrap();
            assert!(begun.elapsed() < PATIENCE, "never written: {open:?}\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn sync(&self) -> [u64; 5] {
        let told = run(self.path(), &["cdr", "sync", "--json"], "")
            .await
            .good()
            .json();
        ["new", "changed", "known", "damaged", "put_right"].map(|name| told[name].as_u64().unwrap())
    }

    /// Holds every record against the calls, an hour after the last of them, as it were.
    async fn check(&self) -> CheckTally {
        let store = Store::open(&self.path().join("starboard.db")).await.unwrap();
        let now = Timestamp(u64::MAX / 8);
        let coverage = store.record_coverage(PBX).await.unwrap().unwrap();
        let mut recording = store.record().await.unwrap();
        let tally = recording
            .hold_records(PBX, (Timestamp(0), now), &mut coverage.settled_until(now))
            .await
            .unwrap();
        recording.commit().await.unwrap();
        store.close().await;
        tally
    }

    /// Every call that is kept, by the name that Asterisk gave it.
    async fn kept(&self) -> Vec<Kept> {
        type Columns = (String, String, i64, Option<i64>, i64, i64);
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT coalesce(call.linked, call.call_id), kind.result, call.id / 4096, call.answered_ms, call.duration_ms, call.marks
             FROM call CROSS JOIN call_kind AS kind ON kind.id = call.kind_id",
        )
        .fetch_all(&mut self.look().await)
        .await
        .unwrap();
        let kept = rows
            .into_iter()
            .map(|(name, result, began, answered, duration, marks)| Kept {
                name,
                result,
                began_ms: u64::try_from(began).unwrap(),
                ended_ms: u64::try_from(began + duration).unwrap(),
                answered: answered.is_some(),
                marks: Marks(u32::try_from(marks).unwrap()),
            });
        kept.collect()
    }
}

/// A call as it is kept.
#[derive(Debug)]
struct Kept {
    name: String,
    result: String,
    began_ms: u64,
    ended_ms: u64,
    answered: bool,
    marks: Marks,
}

/// How much of what was seen.
#[derive(Debug, Default)]
struct Tally {
    whole: usize,
    found_under_way: usize,
    put_right: usize,
    told_by_records: usize,
    /// What is said and is not so.
    untrue: Vec<String>,
}

impl Tally {
    /// Holds one call against what it was.
    fn hold(&mut self, kept: &Kept, sent: &Sent) {
        let mut claim = |what: &str, holds: bool| {
            if !holds {
                self.untrue.push(format!("{what}: {kept:?} {sent:?}"));
            }
        };
        let near = |one: u64, other: u64, by: u64| one.abs_diff(other) <= by;
        let result = match sent.result {
            CallResult::Answered => "answered",
            CallResult::Busy => "busy",
            _ => "missed",
        };
        let is = |mark| kept.marks.has(mark);
        claim("so long", kept.ended_ms <= sent.ended_ms + SEEN_MS);
        if is(Marks::LOST_TRACK) {
            // each has its records
            claim("interrupted", false);
            return;
        }
        claim("the result", kept.result == result);
        claim("talked", kept.answered == (sent.result == CallResult::Answered));
        let (began, ended, of) = if is(Marks::TOLD) {
            (NEAR_MS, NEAR_MS, &mut self.told_by_records)
        } else if is(Marks::HEALED) {
            (NEAR_MS, NEAR_MS, &mut self.put_right)
        } else if kept.marks.is_partial() {
            // how long it had been up then, in the PBX's whole seconds
            (NEAR_MS, SEEN_MS, &mut self.found_under_way)
        } else {
            (SEEN_MS, SEEN_MS, &mut self.whole)
        };
        *of += 1;
        let mut claim = |what: &str, holds: bool| {
            if !holds {
                self.untrue.push(format!("{what}: {kept:?} {sent:?}"));
            }
        };
        // of one that was found under way it is said that it began earlier than is known
        let found = is(Marks::DISCOVERED) && kept.began_ms + began >= sent.began_ms;
        claim("began", found || near(kept.began_ms, sent.began_ms, began));
        claim("ended", near(kept.ended_ms, sent.ended_ms, ended));
    }
}

/// When the next one is killed, from its start on: while it comes up, while it compares, some time later; and some live long
/// enough to say that they see.
fn moment(dice: &mut StdRng, longest: Duration) -> Duration {
    let ms = match dice.random_range(0..10) {
        0..2 => dice.random_range(20..300),
        2..8 => dice.random_range(300..2_500),
        _ => dice.random_range(2_500..7_000),
    };
    Duration::from_millis(ms).min(longest)
}

/// Sends, kills so often, and compares.
async fn kill_again_and_again(kills: u32, seed: u64, longest: Duration) {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut sender = Sender::start(seed).await;
    let place = Place::of(&sender);
    let begun = Instant::now();
    for _ in 0..kills {
        let server = place.serve();
        tokio::time::sleep(moment(&mut dice, longest)).await;
        drop(server);
    }
    let mut server = place.serve();
    let mut said = String::new();
    // it says more, and wants to be heard
    let mut out = BufReader::new(server.0.stdout.take().unwrap());
    out.read_line(&mut said).unwrap();
    assert!(said.contains("listens"), "{said}");
    let took = begun.elapsed();
    let (sent, records) = sender.finish().await;
    place.settled().await;
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&server.0),
        rustix::process::Signal::TERM,
    )
    .unwrap();
    assert!(server.0.wait().unwrap().success());
    let before = place.kept().await.len();
    let file = place.path().join("Master.csv");
    fs::write(&file, &records).unwrap();
    let file = file.to_str().unwrap();
    let arguments = [
        "cdr", "source", file, "--pbx", "Office", "--zone", "UTC", "--every", "never",
    ];
    run(place.path(), &arguments, "").await.good();
    let [_, _, _, damaged, _] = place.sync().await;
    assert_eq!(damaged, 0);
    assert_eq!(place.sync().await, [0; 5], "read again, nothing is new");
    let held = place.check().await;
    let again = place.check().await;
    assert_eq!(
        (again.entered, again.put_right, again.open),
        (0, 0, 0),
        "{again:?}"
    );
    assert_eq!((held.only_there, held.only_here), (0, 0), "{held:?}");
    assert_eq!(place.sync().await, [0; 5]);

    let kept = place.kept().await;
    let mut by_name: BTreeMap<&str, &Kept> = BTreeMap::new();
    for one in &kept {
        let twice = by_name.insert(&one.name, one);
        assert!(twice.is_none(), "kept twice: {one:#?} {twice:#?}");
    }
    let missing: Vec<_> = sent
        .iter()
        .filter(|(name, _)| !by_name.contains_key(name.as_str()))
        .collect();
    let surplus: Vec<_> = kept.iter().filter(|one| !sent.contains_key(&one.name)).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "missing: {missing:#?}, sent by nobody: {surplus:#?}, {held:?}"
    );
    let mut tally = Tally::default();
    for (name, sent) in &sent {
        tally.hold(by_name[name.as_str()], sent);
    }
    let gaps: Vec<(i64, i64)> = sqlx::query_as("SELECT from_ms, to_ms FROM gap ORDER BY from_ms")
        .fetch_all(&mut place.look().await)
        .await
        .unwrap();
    assert!(
        tally.untrue.is_empty(),
        "not so: {:#?}, unseen from, to: {gaps:?}",
        tally.untrue
    );
    let Tally {
        whole,
        found_under_way,
        put_right,
        told_by_records,
        ..
    } = tally;
    eprintln!(
        "{kills} kills in {took:.0?}, seed {seed}: {} calls sent, {:.0} a second; {before} kept when the last server stopped. Seen as a \
         whole {whole}, found under way {found_under_way}, put right from records {put_right}, told by records alone \
         {told_by_records}; none missing, none twice, none untrue.",
        sent.len(),
        sent.len() as f64 / took.as_secs_f64(),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_eight_times_among_fifty_calls_a_second_each_is_kept_once_and_none_is_false() {
    kill_again_and_again(8, 1, Duration::from_millis(700)).await;
}

/// Calls of which it is on the disk that they are over, by name.
fn over_in(spool: &Path) -> Vec<String> {
    let bytes = fs::read(spool).unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    let over = lines.filter_map(|line| {
        let begins = line.iter().position(|byte| *byte == b'{')?;
        let line: serde_json::Value = serde_json::from_slice(&line[begins..]).ok()?;
        let whole = line.pointer("/record/1/call_over/whole/id")?;
        Some(whole.as_str()?.to_owned())
    });
    over.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_database_takes_nothing_what_was_seen_is_kept() {
    let mut sender = Sender::start(2).await;
    let place = Place::of(&sender);
    let server = place.serve();
    eventually("calls are kept", async || {
        let kept = fs::exists(place.path().join("starboard.db")).unwrap() && place.is_keeping().await;
        kept.then_some(())
    })
    .await;
    let options = SqliteConnectOptions::new().filename(place.path().join("starboard.db"));
    let mut locking = options.connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut locking)
        .await
        .unwrap();
    let before = place.kept().await.len();
    let over = eventually("calls that are over are on the disk", async || {
        let over = over_in(&place.path().join("starboard.db-spool"));
        (over.len() >= 100).then_some(over)
    })
    .await;
    drop(server);
    assert_eq!(place.kept().await.len(), before, "the database took none");
    sqlx::query("ROLLBACK").execute(&mut locking).await.unwrap();
    drop(locking);
    let _server = place.serve();
    let (sent, _) = sender.finish().await;
    place.settled().await;
    let kept = place.kept().await;
    for name in &over {
        let of_it: Vec<_> = kept.iter().filter(|kept| kept.name == *name).collect();
        let [one] = of_it.as_slice() else {
            panic!("{name}: {of_it:?}")
        };
        let mut tally = Tally::default();
        tally.hold(one, &sent[name]);
        assert_eq!((tally.whole, &tally.untrue), (1, &Vec::new()), "{one:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/bench kills"]
async fn at_length() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let kills = u32::try_from(number("STARBOARD_KILLS", 200)).unwrap();
    kill_again_and_again(kills, number("STARBOARD_SEED", 1), Duration::from_secs(7)).await;
}
