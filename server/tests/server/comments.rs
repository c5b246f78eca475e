//! What people say of moments of a recording: for those who hear it, taken back by whoever said it, and gone with it.

use std::fs;

use app::{
    AppError,
    access::BuiltIn,
    model::{
        history::{CallPage, CallSearch, Turn},
        recording::{
            CallRecording, CallRecordings, MAX_COMMENT_CHARS, MAX_COMMENTS, RecordingComment, State,
        },
    },
};

use crate::{
    call_exports::{call, keep},
    recordings::mark,
    recordings::wav,
    supervision::somebody,
    support::{Browser, eventually, http::Answer, office::Office, program::run},
};

struct Scene {
    office: Office,
    folder: tempfile::TempDir,
    call: i64,
    one: CallRecording,
}

async fn recordings(browser: &mut Browser, call: i64) -> Vec<CallRecording> {
    let found: CallRecordings = browser.ask("/api/call_recordings", &call).await.value();
    found.recordings
}

async fn say(browser: &mut Browser, key: &str, at_s: &str, said: &str) -> Answer {
    let form = [
        ("key", key.to_owned()),
        ("at_s", at_s.to_owned()),
        ("said", said.to_owned()),
    ];
    browser.post("/api/comment_recording", &form).await
}

async fn take_back(browser: &mut Browser, id: i64) -> Answer {
    browser
        .post("/api/uncomment_recording", &[("id", id.to_string())])
        .await
}

impl Scene {
    /// A call to 1003 with a recording of a second.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let mut office = Office::open_with(|config| config.pbx[0].recordings = Some(path)).await;
        let file = folder.path().join("a.wav");
        fs::write(&file, wav(16_000)).unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(10);
        fs::File::options()
            .write(true)
            .open(file)
            .unwrap()
            .set_modified(then)
            .unwrap();
        let recorded = telephony::FinishedCall {
            marks: telephony::Marks::RECORDED,
            files: vec!["/far/a.wav".into()],
            ..call(0, "")
        };
        keep(&office.server, [recorded]).await;
        let asked = (CallSearch::default(), Turn::Newest);
        let page: CallPage = office.browser.ask("/api/past_calls", &asked).await.value();
        let call = page.rows[0].id;
        let one = eventually("the recording is ready", async || {
            let found = recordings(&mut office.browser, call).await;
            found.into_iter().find(|one| one.state == State::Ready)
        })
        .await;
        Self {
            office,
            folder,
            call,
            one,
        }
    }
}

#[tokio::test]
async fn who_hears_a_recording_comments_on_a_second_of_it_and_the_others_who_hear_it_read_that() {
    let mut scene = Scene::open().await;
    let key = scene.one.key.clone();
    let (_, mut agent) = somebody(&scene.office.server, "grace", BuiltIn::Agent, "1003").await;
    let hostile = "<b>\u{202e}'); DROP TABLE recording_comment; -- é";
    assert!(say(&mut scene.office.browser, &key, "1", hostile).await.status < 400);
    let now: Vec<RecordingComment> = say(&mut agent, &key, "0", "  She says hello here ").await.value();
    assert_eq!(
        now.iter()
            .map(|one| (one.at_s, one.said.as_str()))
            .collect::<Vec<_>>(),
        [(0, "She says hello here"), (1, hostile)]
    );
    let seen = recordings(&mut scene.office.browser, scene.call).await;
    assert_eq!(seen[0].comments, now);
    // its writer alone takes it back
    for (browser, id) in [(&mut scene.office.browser, now[0].id), (&mut agent, now[1].id)] {
        assert_eq!(take_back(browser, id).await.status, 404);
    }
    let left: Vec<RecordingComment> = take_back(&mut agent, now[0].id).await.value();
    assert_eq!(left, now[1..]);
    assert_eq!(take_back(&mut agent, now[0].id).await.status, 404);
    let rows = scene.office.server.services.trail.newest(50).await.unwrap();
    let told: Vec<_> = rows
        .iter()
        .filter(|row| row.act.action == "comment_recording" && row.outcome() == "done")
        .collect();
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|row| row.act.object == format!("recording {key}") && !row.act.detail.contains("hello"))
    );
}

#[tokio::test]
async fn nobody_comments_on_what_they_do_not_hear_nor_longer_or_more_than_there_may_be() {
    let mut scene = Scene::open().await;
    let key = scene.one.key.clone();
    for (name, role, number, status) in [
        ("vera", BuiltIn::Viewer, "1003", 403),
        ("alan", BuiltIn::Agent, "1009", 404),
        ("sam", BuiltIn::Supervisor, "1009", 404),
    ] {
        let (_, mut browser) = somebody(&scene.office.server, name, role, number).await;
        assert_eq!(say(&mut browser, &key, "0", "x").await.status, status, "{name}");
    }
    let ada = &mut scene.office.browser;
    let long = "é".repeat(MAX_COMMENT_CHARS + 1);
    for (key, at_s, said) in [
        (key.as_str(), "0", ""),
        (&key, "0", "  "),
        (&key, "0", long.as_str()),
        (&key, "2", "behind its end"),
        (&key, "-1", "before its beginning"),
        (&key, "4294967296", "nowhere"),
        ("none", "0", "of nothing"),
        ("../../etc/passwd", "0", "of nothing"),
    ] {
        assert!(say(ada, key, at_s, said).await.status >= 400, "{key} {at_s}");
    }
    for _ in 0..MAX_COMMENTS {
        assert!(say(ada, &key, "0", "again").await.status < 400);
    }
    let full = say(ada, &key, "0", "once more").await;
    assert!(
        matches!(full.value::<AppError>(), AppError::Invalid(_)),
        "{full:?}"
    );
    assert_eq!(recordings(ada, scene.call).await[0].comments.len(), MAX_COMMENTS);
}

#[tokio::test]
async fn comments_go_with_their_recording() {
    let mut scene = Scene::open().await;
    let key = scene.one.key.clone();
    assert!(say(&mut scene.office.browser, &key, "0", "Hello").await.status < 400);
    let folder = scene.office.server.folder.path().to_owned();
    run(
        &folder,
        &["recordings", "keep", "--pbx", "Office", "--days", "1"],
        "",
    )
    .await
    .good();
    // the call is of some day in the past, or of one to come
    let store = &scene.office.server.services.store;
    let in_a_year = server::clock::wall_ms() + 400 * 24 * 3_600 * 1_000;
    assert_eq!(mark(store, in_a_year).await, 1);
    run(&folder, &["recordings", "cleanup"], "").await.good();
    assert!(!scene.folder.path().join("a.wav").exists());
    assert_eq!(
        recordings(&mut scene.office.browser, scene.call).await[0].comments,
        []
    );
}
