//! Recordings: found, attached to their calls, heard by whoever may and by nobody else, kept for as long as is set.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use app::{
    access::BuiltIn,
    audit::Action,
    model::{
        UserId,
        history::{CallPage, CallRow, CallSearch, Turn},
        keeping::Whose,
        people::TeamForm,
        recording::{CallRecording, CallRecordings, Hold, Proof, State, Troubled},
    },
};
use server::{
    store::Store,
    trail::{Act, Who},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    supervision::{somebody, talk},
    support::{
        Answer, Browser, eventually,
        office::{Office, PBX},
        program::{run, start},
    },
};

/// Letters, so that what is answered can be read; no browser has a look at an MP3 file before it plays it, and neither has
/// the server.
const SOUND: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const A_MOMENT: Duration = Duration::from_secs(10);
const LONG_AGO: Duration = Duration::from_secs(120);

/// How many are due at a moment, and how many of them are held.
async fn due(store: &Store, at_ms: u64) -> (u64, u64) {
    let due = store.recordings_due(at_ms).await.unwrap();
    (due.files + due.held, due.held)
}

/// Marks what is due at a moment; how many that were.
pub(crate) async fn mark(store: &Store, at_ms: u64) -> u64 {
    let due = store.recordings_due(at_ms).await.unwrap();
    let act = Act::begun(1, Who::itself(), Action::RemoveRecordings);
    assert!(store.begin_cleanup(&act, due, at_ms).await.unwrap().is_some());
    due.files
}

pub(crate) struct Scene {
    pub(crate) office: Office,
    pub(crate) folder: TempDir,
}

impl Scene {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let office = Office::open_with(|config| config.pbx[0].recordings = Some(path)).await;
        Self { office, folder }
    }

    fn put(&self, place: &str, bytes: &[u8], ago: Duration) -> PathBuf {
        put(self.folder.path(), place, bytes, ago)
    }

    /// Two of ours talk and are recorded to a file of this name; the call.
    async fn recorded(&mut self, from: &str, to: &str, file: &str) -> CallRow {
        let (call, _) = talk(&mut self.office, from, to).await;
        let record = format!("record {from} on {file}");
        self.office.pbx.script(&record).await.unwrap();
        self.office
            .sees("it is recorded", |board| {
                board.calls[&call].recording == telephony::Recording::On
            })
            .await;
        self.office.pbx.hang_up(to).await.unwrap();
        eventually("the call is kept", async || {
            let asked = (CallSearch::default(), Turn::Newest);
            let page: CallPage = self.office.browser.ask("/api/past_calls", &asked).await.value();
            page.rows.into_iter().find(|row| row.call == call)
        })
        .await
    }

    /// A call of 1002 with 1003 and its recording, ready to be heard.
    pub(crate) async fn heard(&mut self) -> (CallRow, CallRecording) {
        self.put("talk.mp3", SOUND.as_bytes(), A_MOMENT);
        let call = self.recorded("1002", "1003", "talk.mp3").await;
        let recording = recording_of(&mut self.office.browser, &call).await;
        assert_eq!(recording.state, State::Ready);
        (call, recording)
    }

    /// What the trail says of this word, the newest first: outcome and object.
    pub(crate) async fn trail(&self, word: &str) -> Vec<(String, String)> {
        let rows = self.office.server.services.trail.newest(200).await.unwrap();
        let rows = rows.into_iter().filter(|row| row.act.action == word);
        rows.map(|row| (row.outcome().to_owned(), row.act.object.clone()))
            .collect()
    }

    async fn troubled(&mut self) -> Vec<Troubled> {
        self.office
            .browser
            .ask("/api/troubled_recordings", &0_i64)
            .await
            .value()
    }

    pub(crate) async fn command(&self, arguments: &[&str]) -> crate::support::program::Ran {
        run(self.office.server.folder.path(), arguments, "").await
    }
}

pub(crate) fn put(folder: &Path, place: &str, bytes: &[u8], ago: Duration) -> PathBuf {
    let path = folder.join(place);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(&path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_modified(SystemTime::now() - ago).unwrap();
    path
}

async fn recordings_of(browser: &mut Browser, call: &CallRow) -> CallRecordings {
    let answer = browser.ask("/api/call_recordings", &call.id).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

/// The one recording of a call, once it is there and looked at.
async fn recording_of(browser: &mut Browser, call: &CallRow) -> CallRecording {
    eventually("the recording is there", async || {
        let mut found = recordings_of(browser, call).await.recordings;
        assert!(found.len() < 2, "{found:?}");
        found.pop().filter(|one| one.state != State::Growing)
    })
    .await
}

async fn get(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Answer {
    browser.send("GET", path, headers, "").await
}

/// A second of a tone as Asterisk writes it; `says` is how many bytes of sound its beginning promises.
pub(crate) fn wav(says: u32) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend(says.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    file.extend(says.to_le_bytes());
    file.extend((0..8_000).flat_map(|at| if at % 8 < 4 { [0, 32] } else { [0, 224] }));
    file
}

#[tokio::test]
async fn a_recording_stands_with_its_call_by_the_name_that_the_pbx_told_or_the_channel_in_its_name() {
    let mut scene = Scene::open().await;
    // the PBX's folder has another name, and one of its own below it
    scene.put("2026/11/27/talk.wav", &wav(16_000), A_MOMENT);
    scene.put("elsewhere/talk.wav", &wav(16_000), A_MOMENT);
    let told = scene.recorded("1002", "1003", "2026/11/27/talk.wav").await;
    let one = recording_of(&mut scene.office.browser, &told).await;
    assert_eq!((one.file.as_str(), one.state), ("talk.wav", State::Ready));
    assert_eq!((one.channels, one.duration_ms, one.drawn.len()), (1, 1_000, 10));
    // by the channel, although it comes long after the call
    let named = scene.recorded("1004", "1005", "somewhere-else.wav").await;
    let file = format!("exten-1005-1004-20261127-{}.wav", named.call.0);
    scene.put(&file, &wav(16_000), A_MOMENT);
    assert_eq!(recording_of(&mut scene.office.browser, &named).await.file, file);
    // what is of no call is not lost
    let loose = eventually("the other one is looked at", async || {
        let all = scene.troubled().await;
        (!all.is_empty()).then_some(all)
    })
    .await;
    let places: Vec<&str> = loose.iter().map(|one| one.place.as_str()).collect();
    assert_eq!((places, loose[0].call), (vec!["elsewhere/talk.wav"], None));
}

#[tokio::test]
async fn a_listening_is_written_down_before_the_first_byte_and_once_however_it_is_gone_through() {
    let mut scene = Scene::open().await;
    let (_, one) = scene.heard().await;
    let address = format!("/recordings/{}", one.key);
    let listening = format!("{address}?listening=first");
    let browser = &mut scene.office.browser;
    let answer = get(browser, &listening, &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, SOUND));
    for range in ["bytes=0-", "bytes=10-", "bytes=5-6"] {
        assert_eq!(get(browser, &listening, &[("Range", range)]).await.status, 206);
    }
    assert_eq!(browser.send("HEAD", &address, &[], "").await.status, 200);
    let once = vec![("done".to_owned(), "recording talk.mp3".to_owned())];
    assert_eq!(scene.trail("hear_recording").await, once);
    let browser = &mut scene.office.browser;
    assert_eq!(
        get(browser, &format!("{address}?listening=second"), &[])
            .await
            .status,
        200
    );
    assert_eq!(get(browser, &format!("{address}/copy"), &[]).await.status, 200);
    assert_eq!(scene.trail("hear_recording").await.len(), 2);
    assert_eq!(scene.trail("copy_recording").await, once);
    let store = &scene.office.server.services.store;
    let kept = store.recording(&one.key).await.unwrap().unwrap();
    let listens = store.listens(kept.id, 10).await.unwrap();
    let copies: Vec<bool> = listens.iter().map(|listen| listen.copy).collect();
    assert_eq!(copies, [true, false, false]);
}

#[tokio::test]
async fn nothing_is_heard_while_it_cannot_be_written_down() {
    let mut scene = Scene::open().await;
    let (_, one) = scene.heard().await;
    let address = format!("/recordings/{}", one.key);
    let store = scene.office.server.services.store.clone();
    store.limit_pages(Some(1)).await.unwrap();
    // fills what is left of the last page
    let answer = eventually("the disk is full", async || {
        let answer = get(&mut scene.office.browser, &format!("{address}/copy"), &[]).await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    assert!(answer.status >= 500 && !answer.body.contains(SOUND), "{answer:?}");
    let answer = get(&mut scene.office.browser, &address, &[]).await;
    assert!(answer.status >= 500 && !answer.body.contains(SOUND), "{answer:?}");
    store.limit_pages(None).await.unwrap();
    assert_eq!(get(&mut scene.office.browser, &address, &[]).await.status, 200);
}

#[tokio::test]
async fn parts_are_answered_as_browsers_ask_for_them() {
    let mut scene = Scene::open().await;
    let (_, one) = scene.heard().await;
    let address = format!("/recordings/{}", one.key);
    let browser = &mut scene.office.browser;
    let whole = get(browser, &address, &[]).await;
    let etag = whole.header("etag").unwrap().to_owned();
    for (name, value) in [
        ("content-type", "audio/mpeg"),
        ("content-length", "62"),
        ("accept-ranges", "bytes"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            "default-src 'none'; media-src 'self'; frame-ancestors 'none'",
        ),
        (
            "content-disposition",
            "inline; filename=\"talk.mp3\"; filename*=UTF-8''talk.mp3",
        ),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    let last = SOUND.len() - 1;
    for (range, status, says, body) in [
        ("bytes=0-9", 206, "bytes 0-9/62", &SOUND[..10]),
        ("bytes=10-", 206, "bytes 10-61/62", &SOUND[10..]),
        ("bytes=-2", 206, "bytes 60-61/62", &SOUND[60..]),
        ("bytes=61-1000", 206, "bytes 61-61/62", &SOUND[last..]),
        ("bytes=62-", 416, "bytes */62", ""),
        ("bytes=-0", 416, "bytes */62", ""),
        ("bytes=9-5", 200, "", SOUND),
        ("bytes=0-1,3-4", 200, "", SOUND),
        ("lines=0-1", 200, "", SOUND),
    ] {
        for marks in [vec![], vec![("If-Range", etag.as_str())]] {
            let headers = [marks, vec![("Range", range)]].concat();
            let part = get(browser, &address, &headers).await;
            assert_eq!((part.status, part.body.as_str()), (status, body), "{range}");
            assert_eq!(part.header("content-range").unwrap_or_default(), says, "{range}");
            assert_eq!(
                part.header("content-length"),
                Some(&*body.len().to_string()),
                "{range}"
            );
        }
        // of another recording the browser has the beginning: it gets all of this one
        let other = [("Range", range), ("If-Range", "\"another\"")];
        assert_eq!(get(browser, &address, &other).await.body, SOUND, "{range}");
        let head = browser.send("HEAD", &address, &[("Range", range)], "").await;
        assert_eq!((head.status, head.body.as_str()), (status, ""), "{range}");
    }
    let copy = get(
        browser,
        &format!("{address}/copy"),
        &[("Accept-Encoding", "gzip, br")],
    )
    .await;
    assert_eq!(
        (copy.body.as_str(), copy.header("content-encoding")),
        (SOUND, None)
    );
    assert!(
        copy.header("content-disposition")
            .unwrap()
            .starts_with("attachment; ")
    );
}

#[tokio::test]
async fn everybody_hears_what_they_may_and_nobody_else_does() {
    let mut scene = Scene::open().await;
    let (inside, of_inside) = scene.heard().await;
    scene.put("others.mp3", SOUND.as_bytes(), A_MOMENT);
    let others = scene.recorded("1004", "1005", "others.mp3").await;
    let of_others = recording_of(&mut scene.office.browser, &others).await;
    scene.put("loose.mp3", SOUND.as_bytes(), A_MOMENT);
    let loose = eventually("the loose one is found", async || scene.troubled().await.pop()).await;
    let server = &scene.office.server;
    let (_, mut agent) = somebody(server, "grace", BuiltIn::Agent, "1003").await;
    let (sam, mut supervisor) = somebody(server, "sam", BuiltIn::Supervisor, "1032").await;
    let (dana, _) = somebody(server, "dana", BuiltIn::Agent, "1005").await;
    let (_, mut viewer) = somebody(server, "vic", BuiltIn::Viewer, "1031").await;
    let team = TeamForm {
        id: None,
        name: "Team".into(),
        members: vec![UserId(sam), UserId(dana)],
        queues: Vec::new(),
    };
    server.services.store.save_team(&team, 1).await.unwrap();
    let mut admin = scene.office.browser.clone();
    let mut stranger = server.browser();
    let at = |one: &CallRecording| format!("/recordings/{}", one.key);
    let addresses = [
        at(&of_inside),
        at(&of_others),
        at(&loose.recording),
        "/recordings/nothing".to_owned(),
    ];
    // hearing and copying each: of 1002 with 1003, of 1004 with 1005, of no call, and what is not there
    let table: [(&mut Browser, [[u16; 2]; 4]); 5] = [
        (&mut admin, [[200, 200], [200, 200], [200, 200], [404, 404]]),
        (&mut supervisor, [[404, 404], [200, 403], [404, 404], [404, 404]]),
        (&mut agent, [[200, 403], [404, 404], [404, 404], [404, 404]]),
        (&mut viewer, [[403, 403]; 4]),
        (&mut stranger, [[303, 303]; 4]),
    ];
    for (browser, row) in table {
        for (address, wanted) in addresses.iter().zip(row) {
            let hears = get(browser, address, &[]).await;
            let copies = get(browser, &format!("{address}/copy"), &[]).await;
            assert_eq!(
                [hears.status, copies.status],
                wanted,
                "{address} {:?}",
                browser.cookie
            );
            let given = [&hears, &copies].map(|answer| answer.body.contains(SOUND));
            assert_eq!(given, wanted.map(|status| status == 200));
        }
    }
    for (browser, calls, may_copy) in [
        (&mut admin, [1, 1], true),
        (&mut supervisor, [404, 1], false),
        (&mut agent, [1, 404], false),
        (&mut viewer, [403, 403], false),
        (&mut stranger, [401, 401], false),
    ] {
        for (call, wanted) in [&inside, &others].into_iter().zip(calls) {
            let answer = browser.ask("/api/call_recordings", &call.id).await;
            if wanted < 200 {
                let found: CallRecordings = answer.value();
                assert_eq!(
                    (found.recordings.len() as u16, found.may_copy),
                    (wanted, may_copy)
                );
            } else {
                assert_eq!(answer.status, wanted, "{answer:?}");
            }
        }
    }
    for (browser, proof, troubled) in [
        (&mut supervisor, 404, Some(0)),
        (&mut agent, 200, Some(0)),
        (&mut viewer, 403, None),
        (&mut stranger, 401, None),
    ] {
        assert_eq!(
            browser.ask("/api/prove_recording", &of_inside.key).await.status,
            proof
        );
        let answer = browser.ask("/api/troubled_recordings", &0_i64).await;
        let seen = (answer.status == 200).then(|| answer.value::<Vec<Troubled>>().len());
        assert_eq!(seen, troubled, "{answer:?}");
    }
    let refused = scene.trail("hear_recording").await;
    assert!(
        refused.iter().any(|(outcome, _)| outcome == "refused"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn no_spelling_of_an_address_reaches_a_file() {
    let mut scene = Scene::open().await;
    scene.heard().await;
    for path in [
        "/recordings/talk.mp3",
        "/recordings/..%2ftalk.mp3",
        "/recordings/../talk.mp3",
        "/recordings/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/recordings/:key",
        "/recordings/{key}",
        "/recordings/*",
        "/recordings/",
        "/recordings//",
        "/recordings/%00",
        "/recordings/'%20OR%201=1%20--",
        "/recordings/1",
    ] {
        let answer = get(&mut scene.office.browser, path, &[]).await;
        assert!(
            !answer.body.contains(SOUND) && !answer.body.contains("root:"),
            "{path}: {answer:?}"
        );
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn what_is_no_sound_recording_stays_visible_with_what_is_the_matter() {
    let mut scene = Scene::open().await;
    let good = wav(16_000);
    scene.put("zero.wav", b"", LONG_AGO);
    scene.put("header.wav", &good[..30], LONG_AGO);
    scene.put("cut.wav", &good[..9_000], LONG_AGO);
    scene.put("killed.wav", &wav(0), LONG_AGO);
    scene.put("liar.wav", &wav(0xffff_fff0), LONG_AGO);
    scene.put("notes.txt", b"nothing to hear", LONG_AGO);
    let secret = scene.office.server.folder.path().join("secret.wav");
    fs::write(&secret, &good).unwrap();
    symlink(&secret, scene.folder.path().join("linked.wav")).unwrap();
    symlink(scene.office.server.folder.path(), scene.folder.path().join("up")).unwrap();
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        scene.folder.path().join("pipe.wav"),
        rustix::fs::Mode::from_raw_mode(0o600),
    )
    .unwrap();
    let all = eventually("five are looked at", async || {
        let all = scene.troubled().await;
        (all.len() >= 5).then_some(all)
    })
    .await;
    let mut found: Vec<(&str, State)> = all
        .iter()
        .map(|one| (one.recording.file.as_str(), one.recording.state))
        .collect();
    found.sort_unstable_by_key(|(file, _)| *file);
    assert_eq!(
        found,
        [
            ("cut.wav", State::Damaged),
            ("header.wav", State::Damaged),
            ("killed.wav", State::Damaged),
            ("liar.wav", State::Damaged),
            ("zero.wav", State::Empty),
        ]
    );
    assert!(
        all.iter()
            .all(|one| one.recording.state == State::Empty || !one.recording.why.is_empty())
    );
    let zero = all.iter().find(|one| one.recording.file == "zero.wav").unwrap();
    let answer = get(
        &mut scene.office.browser,
        &format!("/recordings/{}", zero.recording.key),
        &[],
    )
    .await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (409, "There is nothing in it.\n")
    );
    let told = scene.command(&["recordings", "troubled"]).await.good().out;
    for words in [
        "zero.wav",
        "Its end is missing.",
        "never finished",
        "No call is known",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("linked.wav") && !told.contains("pipe.wav") && !told.contains("secret.wav"));
}

#[tokio::test]
async fn a_file_that_grows_is_waited_for_and_taken_in_whole() {
    let mut scene = Scene::open().await;
    let good = wav(16_000);
    // as Asterisk has it while somebody talks: how much there is is not said yet
    let path = scene.put("talk.wav", &wav(0)[..9_000], Duration::ZERO);
    let call = scene.recorded("1002", "1003", "talk.wav").await;
    let growing = eventually("it is found", async || {
        let store = &scene.office.server.services.store;
        store.growing(PBX, 0, 10).await.unwrap().pop()
    })
    .await;
    assert_eq!(growing.seen.file, "talk.wav");
    let shown = recordings_of(&mut scene.office.browser, &call).await.recordings;
    assert!(shown.iter().all(|one| one.state == State::Growing), "{shown:?}");
    fs::write(&path, &good).unwrap();
    let one = recording_of(&mut scene.office.browser, &call).await;
    assert_eq!((one.state, one.bytes), (State::Ready, good.len() as u64));
}

#[tokio::test]
async fn another_file_in_its_place_is_not_played_for_it_and_a_lost_one_is_said_to_be() {
    let mut scene = Scene::open().await;
    let (call, one) = scene.heard().await;
    let (address, path) = (
        format!("/recordings/{}", one.key),
        scene.folder.path().join("talk.mp3"),
    );
    let browser = &mut scene.office.browser;
    let proof = async |browser: &mut Browser| -> Proof {
        browser.ask("/api/prove_recording", &one.key).await.value()
    };
    assert_eq!(proof(browser).await, Proof::Same);
    // as large, and as old
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, SOUND.replace('0', "1")).unwrap();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(before)
        .unwrap();
    assert_eq!(proof(browser).await, Proof::Changed);
    let answer = get(browser, &address, &[]).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (409, "What lies there is not what was recorded.\n")
    );
    // what was recorded is put back
    fs::write(&path, SOUND).unwrap();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(before)
        .unwrap();
    assert_eq!(proof(browser).await, Proof::Same);
    eventually("it is heard again", async || {
        let found = recordings_of(browser, &call).await.recordings.pop();
        found.filter(|one| one.state == State::Ready)
    })
    .await;
    // written to since: nobody hears it before it is looked at
    fs::write(&path, [SOUND, "more"].concat()).unwrap();
    let answer = get(browser, &address, &[]).await;
    assert!(answer.status == 409 && !answer.body.contains(SOUND), "{answer:?}");
    eventually("it is seen to be another one", async || {
        let found = recordings_of(browser, &call).await.recordings.pop();
        found.filter(|one| one.state == State::Changed)
    })
    .await;
    fs::remove_file(&path).unwrap();
    eventually("it is seen to be gone", async || {
        let found = recordings_of(browser, &call).await.recordings.pop();
        found.filter(|one| one.state == State::Gone)
    })
    .await;
    let answer = get(browser, &address, &[]).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (409, "The file is gone.\n")
    );
}

#[tokio::test]
async fn a_file_that_is_cut_while_it_is_sent_does_not_look_whole() {
    const LARGE: u64 = 64 << 20;
    let mut scene = Scene::open().await;
    let path = scene.put("talk.mp3", b"", A_MOMENT);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(LARGE).unwrap();
    file.set_modified(SystemTime::now() - A_MOMENT).unwrap();
    let call = scene.recorded("1002", "1003", "talk.mp3").await;
    let one = recording_of(&mut scene.office.browser, &call).await;
    let mut socket = ask_for(&scene.office.browser, &one).await;
    let mut taken = vec![0; 1 << 20];
    socket.read_exact(&mut taken).await.unwrap();
    assert!(taken.starts_with(b"HTTP/1.0 200") || taken.starts_with(b"HTTP/1.1 200"));
    file.set_len(2 << 20).unwrap();
    let mut rest = Vec::new();
    // a connection that is reset is as good an end
    let _ = socket.read_to_end(&mut rest).await;
    assert!((taken.len() + rest.len()) < LARGE as usize, "it was cut");
}

async fn ask_for(browser: &Browser, one: &CallRecording) -> TcpStream {
    let mut socket = TcpStream::connect(browser.address).await.unwrap();
    let (key, cookie) = (&one.key, browser.cookie.as_deref().unwrap_or_default());
    let request =
        format!("GET /recordings/{key} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    socket
}

#[tokio::test]
async fn one_person_is_sent_a_few_at_once_and_is_told_to_wait() {
    const LARGE: u64 = 64 << 20;
    let mut scene = Scene::open().await;
    let path = scene.put("talk.mp3", b"", A_MOMENT);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(LARGE).unwrap();
    file.set_modified(SystemTime::now() - A_MOMENT).unwrap();
    let call = scene.recorded("1002", "1003", "talk.mp3").await;
    let one = recording_of(&mut scene.office.browser, &call).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut socket = ask_for(&scene.office.browser, &one).await;
        // it is on its way
        let mut first = [0; 1];
        socket.read_exact(&mut first).await.unwrap();
        open.push(socket);
    }
    let address = format!("/recordings/{}", one.key);
    let answer = get(&mut scene.office.browser, &address, &[("Range", "bytes=0-9")]).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("5")));
    drop(open);
    eventually("a place is free", async || {
        let answer = get(&mut scene.office.browser, &address, &[("Range", "bytes=0-9")]).await;
        (answer.status == 206).then_some(())
    })
    .await;
}

/// Recordings of no call whose files were written so many days ago.
pub(crate) async fn old(scene: &mut Scene, many: usize, days: u64) {
    let ago = Duration::from_secs(days * 24 * 3_600);
    for at in 0..many {
        scene.put(&format!("{days}/old-{at}.mp3"), SOUND.as_bytes(), ago);
    }
    eventually("they are taken in", async || {
        let all = scene
            .office
            .server
            .services
            .store
            .troubled_recordings(0, 10_000)
            .await
            .unwrap();
        let mine = all.iter().filter(|one| one.folder == days.to_string());
        (mine.count() == many).then_some(())
    })
    .await;
}

pub(crate) fn files(scene: &Scene, days: u64) -> usize {
    fs::read_dir(scene.folder.path().join(days.to_string())).map_or(0, Iterator::count)
}

#[tokio::test]
async fn recordings_go_when_they_were_kept_for_as_long_as_is_set_and_held_ones_stay() {
    let mut scene = Scene::open().await;
    old(&mut scene, 5, 40).await;
    old(&mut scene, 3, 20).await;
    let none = scene
        .command(&["recordings", "cleanup", "--json"])
        .await
        .good()
        .json();
    assert_eq!(
        (&none["removed"], &none["held"]),
        (&0.into(), &0.into()),
        "without a policy nothing goes"
    );
    scene
        .command(&["recordings", "keep", "--pbx", "Office", "--days", "30"])
        .await
        .good();
    assert_eq!(
        scene.command(&["recordings", "keep"]).await.good().out,
        "Office: 30 days\n"
    );
    let held = scene
        .troubled()
        .await
        .into_iter()
        .find(|one| one.place == "40/old-3.mp3")
        .unwrap();
    scene
        .command(&["recordings", "hold", "--recording", &held.recording.key])
        .await
        .good();
    let preview = scene
        .command(&["recordings", "cleanup", "--dry-run"])
        .await
        .good()
        .out;
    assert!(preview.starts_with("would delete 4 files, 1 held\n"), "{preview}");
    assert_eq!(files(&scene, 40), 5);
    // somebody put another file into the place of one
    scene.put("40/old-4.mp3", b"another", A_MOMENT);
    let done = scene
        .command(&["recordings", "cleanup", "--json"])
        .await
        .good()
        .json();
    let removed = done["removed"].as_u64().unwrap();
    let spared = done["other_files"].as_u64().unwrap();
    // whether the server saw it first decides who says so
    assert!(removed == 3 && spared <= 1, "{done}");
    assert_eq!((files(&scene, 40), files(&scene, 20)), (2, 3));
    assert!(
        scene.folder.path().join("40/old-3.mp3").exists()
            && scene.folder.path().join("40/old-4.mp3").exists()
    );
    // let go, it goes
    scene
        .command(&[
            "recordings",
            "hold",
            "--recording",
            &held.recording.key,
            "--release",
        ])
        .await
        .good();
    let done = scene.command(&["recordings", "cleanup"]).await.good().out;
    assert_eq!(done.lines().next(), Some("deleted 1 files, 0 held"));
    for word in ["keep_recordings", "hold_recordings", "remove_recordings"] {
        let told = scene.trail(word).await;
        assert!(
            !told.is_empty() && told.iter().all(|(outcome, _)| outcome == "done"),
            "{word}: {told:?}"
        );
    }
    for (arguments, exit) in [
        (&["recordings", "keep", "--pbx", "Nowhere", "--days", "3"][..], 3),
        (&["recordings", "keep", "--pbx", "Office", "--days", "0"], 2),
        (&["recordings", "hold", "--recording", "none"], 3),
        (&["recordings", "hold", "--call", "17"], 3),
    ] {
        assert_eq!(scene.command(arguments).await.exit, exit, "{arguments:?}");
    }
}

#[tokio::test]
async fn what_is_set_for_a_queue_goes_before_what_is_set_for_its_pbx_and_a_call_is_held_with_what_comes_later()
 {
    let mut scene = Scene::open().await;
    let (call, one) = scene.heard().await;
    let store = scene.office.server.services.store.clone();
    let in_days = |days: u64| call.started.0 + days * 24 * 3_600 * 1_000;
    store
        .set_recording_policy(&Whose::Queue(PBX, "sales".into()), Some(1))
        .await
        .unwrap();
    assert_eq!(due(&store, in_days(9)).await, (0, 0), "it came through no queue");
    store
        .set_recording_policy(&Whose::Pbx(PBX), Some(7))
        .await
        .unwrap();
    assert_eq!(due(&store, in_days(6)).await, (0, 0));
    assert_eq!(due(&store, in_days(8)).await, (1, 0));
    let number = call.id.to_string();
    scene
        .command(&["recordings", "hold", "--call", &number])
        .await
        .good();
    assert_eq!(due(&store, in_days(8)).await, (1, 1));
    assert_eq!(mark(&store, in_days(8)).await, 0);
    let shown = recording_of(&mut scene.office.browser, &call).await;
    assert!(shown.held && shown.key == one.key);
    scene
        .command(&["recordings", "hold", "--call", &number, "--release"])
        .await
        .good();
    assert_eq!(due(&store, in_days(8)).await, (1, 0));
    store.set_recording_policy(&Whose::Pbx(PBX), None).await.unwrap();
    assert_eq!(due(&store, in_days(999)).await, (0, 0));
}

#[tokio::test]
async fn recordings_are_held_in_the_browser_by_whoever_may_with_why_and_stay_until_they_are_let_go() {
    let mut scene = Scene::open().await;
    let (call, _) = scene.heard().await;
    let (_, mut grace) = somebody(&scene.office.server, "grace", BuiltIn::Supervisor, "1003").await;
    let id = call.id.to_string();
    let form = |why: &str| vec![("call", id.clone()), ("why", why.to_owned())];
    // who hears them does not hold them for that, and what is no reason is none
    let answer = grace.post("/api/hold_recordings", &form("mine")).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let ada = &mut scene.office.browser;
    for why in ["", "  ", &"x".repeat(201)] {
        let answer = ada.post("/api/hold_recordings", &form(why)).await;
        assert!(answer.status != 200 && answer.body.contains("why"), "{answer:?}");
    }
    let none = ada
        .post(
            "/api/hold_recordings",
            &[("call", "99".to_owned()), ("why", "x".to_owned())],
        )
        .await;
    assert_eq!(none.status, 404, "{none:?}");
    let why = "claim 4711 \u{202e}<b>";
    let hold: Option<Hold> = ada.post("/api/hold_recordings", &form(why)).await.value();
    let hold = hold.unwrap();
    assert_eq!((hold.by.as_str(), hold.why.as_str()), ("Ada", why));
    // the first one counts
    let again: Option<Hold> = ada.post("/api/hold_recordings", &form("another")).await.value();
    assert_eq!(again, Some(hold.clone()));
    let seen = recordings_of(&mut grace, &call).await;
    assert_eq!((seen.hold, seen.may_hold), (Some(hold), false));
    assert!(seen.recordings[0].held);
    let listed = scene.command(&["recordings", "held"]).await.good().out;
    assert!(listed.contains(&id) && !listed.contains('\u{202e}'), "{listed}");
    // a day is long over, and it is there
    scene
        .command(&["recordings", "keep", "--pbx", "Office", "--days", "1"])
        .await
        .good();
    let store = &scene.office.server.services.store;
    let in_a_year = server::clock::wall_ms() + 365 * 24 * 3_600_000;
    assert_eq!(due(store, in_a_year).await, (1, 1));
    // what was marked to go and is there still, stays when somebody says so
    let ada = &mut scene.office.browser;
    ada.post("/api/release_recordings", &[("call", id.clone())]).await;
    assert_eq!(mark(store, in_a_year).await, 1);
    let _: Option<Hold> = ada.post("/api/hold_recordings", &form(why)).await.value();
    assert_eq!(recording_of(&mut grace, &call).await.state, State::Ready);
    let ada = &mut scene.office.browser;
    let gone: Option<Hold> = ada
        .post("/api/release_recordings", &[("call", id.clone())])
        .await
        .value();
    assert_eq!(gone, None);
    let twice = ada.post("/api/release_recordings", &[("call", id.clone())]).await;
    assert_eq!(twice.status, 404, "{twice:?}");
    assert_eq!(due(store, in_a_year).await, (1, 0));
    let told = scene.trail("hold_recordings").await;
    let done = told.iter().filter(|(outcome, _)| outcome == "done");
    assert_eq!(done.count(), 5, "{told:?}");
}

#[tokio::test]
async fn whoever_is_killed_between_marking_and_removing_leaves_work_that_the_next_one_ends() {
    let mut scene = Scene::open().await;
    old(&mut scene, 7, 40).await;
    let store = scene.office.server.services.store.clone();
    store
        .set_recording_policy(&Whose::Pbx(PBX), Some(30))
        .await
        .unwrap();
    // marked, and killed before any file was removed; of one the file was, and nobody said so
    let now_ms = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64;
    let key = store.troubled_recordings(0, 1).await.unwrap()[0].key.clone();
    assert_eq!(mark(&store, now_ms).await, 7);
    let marked = store.doomed_recordings(0, 10).await.unwrap();
    fs::remove_file(scene.folder.path().join("40").join(&marked[0].seen.file)).unwrap();
    let done = scene
        .command(&["recordings", "cleanup", "--json"])
        .await
        .good()
        .json();
    assert_eq!(
        (&done["removed"], &done["left"]),
        (&7.into(), &0.into()),
        "{done}"
    );
    assert_eq!(
        (
            files(&scene, 40),
            store.doomed_recordings(0, 10).await.unwrap().len()
        ),
        (0, 0)
    );
    let gone = get(&mut scene.office.browser, &format!("/recordings/{key}"), &[]).await;
    assert!(
        gone.status == 409 && gone.body.contains("was removed"),
        "{gone:?}"
    );
    // a program that is killed at any moment, again and again, comes to the same end
    old(&mut scene, 60, 50).await;
    for left in [60, 59, 45, 30, 1] {
        let mut child = start(scene.office.server.folder.path(), &["recordings", "cleanup"]);
        eventually("it removes some, or is done", async || {
            let done = child.try_wait().unwrap().is_some();
            (files(&scene, 50) <= left || done).then_some(())
        })
        .await;
        let _ = child.kill();
        child.wait().unwrap();
    }
    scene.command(&["recordings", "cleanup"]).await.good();
    assert_eq!(
        (
            files(&scene, 50),
            store.doomed_recordings(0, 10).await.unwrap().len()
        ),
        (0, 0)
    );
    assert_eq!(due(&store, now_ms).await, (0, 0));
}

#[tokio::test]
async fn the_form_takes_whole_paths_of_folders_and_none_of_the_system() {
    let mut office = Office::open().await;
    for (path, good) in [
        ("/var/spool/asterisk/monitor", true),
        ("", true),
        ("monitor", false),
        ("/", false),
        ("/var", false),
        ("/etc/asterisk", false),
        ("/proc/self", false),
        ("/var/spool/../../etc", false),
        ("//etc/asterisk", false),
        ("/var/spool\u{7}/monitor", false),
    ] {
        let form = [
            ("id", "1".to_owned()),
            ("name", "Office".to_owned()),
            ("host", "127.0.0.1".to_owned()),
            ("port", office.pbx.bound().ami.port().to_string()),
            ("ca_pem", String::new()),
            ("username", "starboard".to_owned()),
            ("secret", String::new()),
            ("context", "from-internal".to_owned()),
            ("enabled", "true".to_owned()),
            ("recordings", path.to_owned()),
        ];
        let answer = office.browser.post("/api/save_pbx", &form).await;
        assert_eq!(answer.status == 200, good, "{path:?}: {answer:?}");
        assert_eq!(answer.body.contains("recordings"), !good, "{path:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_copy_is_made_into_opus_for_whoever_may_copy_and_stands_in_the_trail_as_one() {
    let mut scene = Scene::open().await;
    scene.put("talk.wav", &wav(16_000), A_MOMENT);
    let call = scene.recorded("1002", "1003", "talk.wav").await;
    let one = recording_of(&mut scene.office.browser, &call).await;
    assert!(one.can_be_opus());
    let path = format!("/recordings/{}/opus", one.key);
    let (_, mut eve) = somebody(&scene.office.server, "eve", BuiltIn::Agent, "1005").await;
    let refused = get(&mut eve, &path, &[]).await;
    assert!(refused.status >= 400, "{refused:?}");
    assert_eq!(
        scene
            .trail("copy_recording")
            .await
            .iter()
            .filter(|(outcome, _)| outcome == "done")
            .count(),
        0
    );
    let opus = get(&mut scene.office.browser, &path, &[]).await;
    assert_eq!(opus.status, 200, "{opus:?}");
    assert!(opus.body.starts_with("OggS") && opus.body.contains("OpusHead"));
    let told = |name: &str| opus.header(name).unwrap_or_default().to_owned();
    assert_eq!(told("content-type"), "audio/ogg");
    assert!(told("content-disposition").contains("attachment; filename=\"talk.opus\""));
    let copies = scene.trail("copy_recording").await;
    assert_eq!(copies[0], ("done".into(), "recording talk.wav".into()));
    // what cannot be made into it says so, and is no copy
    scene.put("other.mp3", SOUND.as_bytes(), A_MOMENT);
    let call = scene.recorded("1004", "1005", "other.mp3").await;
    let mp3 = recording_of(&mut scene.office.browser, &call).await;
    assert!(!mp3.can_be_opus(), "{mp3:?}");
    let unfit = get(
        &mut scene.office.browser,
        &format!("/recordings/{}/opus", mp3.key),
        &[],
    )
    .await;
    assert!(
        unfit.status == 409 && unfit.body.contains("Only WAV"),
        "{unfit:?}"
    );
    assert_eq!(
        scene
            .trail("copy_recording")
            .await
            .iter()
            .filter(|(outcome, _)| outcome == "done")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_file_that_only_asterisks_own_record_names_is_a_recording_of_its_call_whichever_comes_first() {
    let mut scene = Scene::open().await;
    // named by nothing that Starboard was told, and not after a channel
    for file in ["first.wav", "later.wav", "nobodys.wav"] {
        scene.put(&format!("2026/{file}"), &wav(16_000), A_MOMENT);
    }
    let store = scene.office.server.services.store.clone();
    let tell = async |call: &CallRow, file: &str| {
        let row = telephony::cdr::CdrRow {
            src: "1001".into(),
            dst: "1002".into(),
            channel: "PJSIP/1001-1".into(),
            uniqueid: Some(call.call.0.clone()),
            linkedid: Some(call.call.0.clone()),
            sequence: Some(u64::from(file.starts_with('l'))),
            recording: Some(file.into()),
            ..Default::default()
        };
        let times = telephony::cdr::Times {
            start: call.started,
            answer: None,
            end: call.started,
            doubt: None,
        };
        let told = [telephony::cdr::Told { row, times }];
        let mut recording = store.record().await.unwrap();
        let mut siblings = server::store::Siblings::anew();
        recording
            .records(PBX, &told, server::store::ToldBy::Source, &mut siblings)
            .await
            .unwrap();
        recording
            .put_right(PBX, [call.call.0.as_str()].into_iter())
            .await
            .unwrap();
        recording.commit().await.unwrap();
    };
    let (first, _) = talk(&mut scene.office, "1001", "1002").await;
    scene.office.pbx.hang_up("1002").await.unwrap();
    let kept = eventually("the call is kept", async || {
        let asked = (CallSearch::default(), Turn::Newest);
        let page: CallPage = scene.office.browser.ask("/api/past_calls", &asked).await.value();
        page.rows.into_iter().find(|row| row.call == first)
    })
    .await;
    tell(&kept, "first.wav").await;
    let one = recording_of(&mut scene.office.browser, &kept).await;
    assert_eq!((one.file.as_str(), one.state), ("first.wav", State::Ready));
    // told again nothing changes; and a record may come before its call is kept
    tell(&kept, "first.wav").await;
    assert_eq!(
        recordings_of(&mut scene.office.browser, &kept)
            .await
            .recordings
            .len(),
        1
    );
    let mut late = crate::call_exports::call(7, "");
    late.linked = late.id.0.clone();
    let early = CallRow {
        call: late.id.clone(),
        started: late.started,
        ..kept.clone()
    };
    tell(&early, "later.wav").await;
    crate::call_exports::keep(&scene.office.server, [late.clone()]).await;
    let asked = (CallSearch::default(), Turn::Newest);
    let page: CallPage = scene.office.browser.ask("/api/past_calls", &asked).await.value();
    let kept = page.rows.into_iter().find(|row| row.call == late.id).unwrap();
    assert_eq!(
        recording_of(&mut scene.office.browser, &kept).await.file,
        "later.wav"
    );
    let loose = scene.troubled().await;
    assert_eq!(loose.len(), 1, "{loose:?}");
}
