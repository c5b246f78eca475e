//! Links to recordings: what whoever has one hears, and what nobody does.

use std::{fs, time::Duration};

use app::{
    access::BuiltIn,
    model::{
        history::{CallPage, CallSearch, Turn},
        recording::{CallRecordings, MAX_LINK_DAYS, MAX_LINKS, MadeLink, RecordingLink, State},
    },
};
use server::access::throttle::Guess;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use crate::{
    call_exports::{call, keep, party},
    recordings::wav,
    supervision::somebody,
    support::{Browser, eventually, http::Answer, office::Office, program::run},
};

const NUMBER: &str = "0405550123";

struct Scene {
    office: Office,
    _folder: tempfile::TempDir,
    key: String,
}

impl Scene {
    /// A call to 1003 with a recording of a second.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let mut office = Office::open_with(|config| config.pbx[0].recordings = Some(path)).await;
        let file = folder.path().join("a.wav");
        fs::write(&file, wav(16_000)).unwrap();
        let then = std::time::SystemTime::now() - Duration::from_secs(10);
        fs::File::options()
            .write(true)
            .open(file)
            .unwrap()
            .set_modified(then)
            .unwrap();
        let recorded = telephony::FinishedCall {
            caller: party(NUMBER, "Ann Anders", None),
            marks: telephony::Marks::RECORDED,
            files: vec!["/far/a.wav".into()],
            ..call(0, "")
        };
        keep(&office.server, [recorded]).await;
        let asked = (CallSearch::default(), Turn::Newest);
        let page: CallPage = office.browser.ask("/api/past_calls", &asked).await.value();
        let key = eventually("the recording is ready", async || {
            let found: CallRecordings = office
                .browser
                .ask("/api/call_recordings", &page.rows[0].id)
                .await
                .value();
            let ready = found.recordings.into_iter().find(|one| one.state == State::Ready);
            ready.map(|one| one.key)
        })
        .await;
        Self {
            office,
            _folder: folder,
            key,
        }
    }

    async fn share(&mut self, purpose: &str, days: &str, listens: &str) -> Answer {
        share(&mut self.office.browser, &self.key, purpose, days, listens).await
    }

    /// A link; the path of its page.
    async fn link(&mut self, listens: &str) -> String {
        let answer = self.share("For the insurance", "7", listens).await;
        assert!(answer.status < 400, "{answer:?}");
        let made: MadeLink = answer.value();
        let (_, path) = made.address.split_once("/heard").unwrap();
        format!("/heard{path}")
    }

    async fn links(&mut self) -> Vec<RecordingLink> {
        self.office
            .browser
            .ask("/api/recording_links", &self.key)
            .await
            .value()
    }

    fn forget_guesses(&self) {
        let from = "127.0.0.1".parse().unwrap();
        self.office
            .server
            .services
            .throttle
            .passed("link:", Guess::Password, from);
    }

    fn stranger(&self) -> Browser {
        self.office.server.browser()
    }

    async fn sql(&self, statement: &str) {
        let file = self.office.server.folder.path().join("starboard.db");
        let mut database = SqliteConnectOptions::new()
            .filename(file)
            .connect()
            .await
            .unwrap();
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&mut database)
            .await
            .unwrap();
    }

    /// What the trail says of this word, the newest first: who, outcome, what was told.
    async fn trail(&self, word: &str) -> Vec<(String, String, String)> {
        let rows = self.office.server.services.trail.newest(200).await.unwrap();
        let rows = rows.into_iter().filter(|row| row.act.action == word);
        rows.map(|row| {
            (
                row.act.actor.clone(),
                row.outcome().to_owned(),
                row.act.detail.clone(),
            )
        })
        .collect()
    }
}

async fn share(browser: &mut Browser, key: &str, purpose: &str, days: &str, listens: &str) -> Answer {
    let form = [
        ("key", key),
        ("purpose", purpose),
        ("days", days),
        ("listens", listens),
    ];
    let form: Vec<(&str, String)> = form
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    browser.post("/api/share_recording", &form).await
}

fn sound(page: &str, listening: &str) -> String {
    format!(
        "{}&listening={listening}",
        page.replace("/heard?", "/heard/sound?")
    )
}

#[tokio::test]
async fn whoever_has_the_link_hears_that_recording_and_each_listening_is_told_with_its_purpose() {
    let mut scene = Scene::open().await;
    let page = scene.link("2").await;
    let token = page.split_once("link=").unwrap().1.to_owned();
    let mut stranger = scene.stranger();
    let shown = stranger.get(&page).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(
        shown.body.contains("For the insurance") && shown.body.contains("<audio"),
        "{}",
        shown.body
    );
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex, nofollow, noarchive"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(shown.header(name), Some(value), "{name}");
    }
    let policy = shown.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert!(shown.header("set-cookie").is_none());
    assert_eq!(
        scene.links().await[0].heard,
        0,
        "to look at the page is no listening"
    );
    for range in ["bytes=0-", "bytes=100-200", "bytes=5-6"] {
        let part = stranger
            .send("GET", &sound(&page, "first"), &[("Range", range)], "")
            .await;
        assert_eq!(part.status, 206, "{range}");
    }
    assert_eq!(scene.links().await[0].heard, 1);
    assert_eq!(stranger.get(&sound(&page, "second")).await.status, 200);
    // as often as it could be: another one is not, and what goes on is
    assert_eq!(stranger.get(&sound(&page, "third")).await.status, 404);
    assert_eq!(stranger.get(&page).await.status, 404);
    assert_eq!(stranger.get(&sound(&page, "second")).await.status, 200);
    let told = scene.trail("hear_by_link").await;
    // the third one was refused
    let outcomes: Vec<&str> = told.iter().map(|(_, outcome, _)| outcome.as_str()).collect();
    assert_eq!(outcomes, ["refused", "done", "done"]);
    for (actor, _, detail) in told {
        assert_eq!(actor, "link:1");
        assert!(
            detail.contains("For the insurance") && !detail.contains(&token),
            "{detail}"
        );
    }
    // the token opens nothing else, and is nowhere
    for path in ["/", "/calls/history", &format!("/recordings/{}", scene.key)] {
        let path = format!("{path}?link={token}");
        assert_ne!(stranger.get(&path).await.status, 200, "{path}");
    }
    let folder = scene.office.server.folder.path();
    for file in ["starboard.db", "starboard.db-wal"] {
        let bytes = fs::read(folder.join(file)).unwrap_or_default();
        assert!(
            !bytes.windows(token.len()).any(|part| part == token.as_bytes()),
            "{file}"
        );
    }
}

#[tokio::test]
async fn what_is_guessed_run_out_revoked_or_erased_gets_one_answer() {
    let mut scene = Scene::open().await;
    let (good, run_out, revoked) = (scene.link("").await, scene.link("").await, scene.link("").await);
    scene
        .sql("UPDATE recording_link SET expires_ms = 1 WHERE id = 2")
        .await;
    let answer = scene
        .office
        .browser
        .post("/api/revoke_link", &[("id", "3".to_owned())])
        .await;
    let links: Vec<RecordingLink> = answer.value();
    assert_eq!(
        links.iter().map(|link| (link.id, link.over)).collect::<Vec<_>>(),
        [(3, true), (2, true), (1, false)]
    );
    let mut guessed = good.clone();
    let last = guessed.pop().unwrap();
    guessed.push(if last == 'a' { 'b' } else { 'a' });
    let never = "/heard?link=sb_0000000000000000000000000000000000000000000000000".to_owned();
    let mut answers = Vec::new();
    for page in [&run_out, &revoked, &guessed, &never, &"/heard?link=".to_owned()] {
        for path in [page.clone(), sound(page, "x")] {
            // each from somewhere that has not guessed before: slowing down has its own test
            scene.forget_guesses();
            let answer = scene.stranger().get(&path).await;
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
            answers.push((path.contains("sound"), answer.body));
        }
    }
    answers.sort();
    answers.dedup();
    assert_eq!(
        answers.len(),
        2,
        "one answer of the page and one of the sound: {answers:?}"
    );
    assert_eq!(scene.stranger().get(&good).await.status, 200);
    assert_eq!(scene.trail("hear_by_link").await, []);
    // guessing is slowed down
    let slowed = eventually("it is told to wait", async || {
        let answer = scene.stranger().get("/heard?link=guess").await;
        (answer.status == 429).then_some(answer)
    })
    .await;
    assert!(!slowed.body.contains("audio"));
    scene.forget_guesses();
    // held, it is heard as before; erased, the link is gone with it
    let folder = scene.office.server.folder.path().to_owned();
    run(&folder, &["recordings", "hold", "--recording", &scene.key], "")
        .await
        .good();
    run(&folder, &["erase", "--number", NUMBER], "").await.good();
    assert_eq!(scene.stranger().get(&sound(&good, "y")).await.status, 200);
    run(
        &folder,
        &["recordings", "hold", "--recording", &scene.key, "--release"],
        "",
    )
    .await
    .good();
    run(&folder, &["erase", "--number", NUMBER], "").await.good();
    for path in [good.clone(), sound(&good, "y"), sound(&good, "z")] {
        scene.forget_guesses();
        assert_eq!(scene.stranger().get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn nobody_passes_on_what_they_may_not_copy_and_a_link_ends_with_its_makers_right() {
    let mut scene = Scene::open().await;
    for (name, role, status) in [
        ("alan", BuiltIn::Agent, 403),
        ("sam", BuiltIn::Supervisor, 403),
        ("vera", BuiltIn::Viewer, 403),
    ] {
        let (_, mut other) = somebody(&scene.office.server, name, role, "1003").await;
        let answer = share(&mut other, &scene.key, "x", "1", "").await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert_eq!(
            other.ask("/api/recording_links", &scene.key).await.status,
            status,
            "{name}"
        );
        assert_eq!(
            other
                .post("/api/revoke_link", &[("id", "1".to_owned())])
                .await
                .status,
            403,
            "{name}"
        );
    }
    let over = (MAX_LINK_DAYS + 1).to_string();
    for (purpose, days, listens) in [
        ("", "1", ""),
        (" ", "1", ""),
        (&"x".repeat(201), "1", ""),
        ("x", "0", ""),
        ("x", over.as_str(), ""),
        ("x", "4294967295", ""),
        ("x", "1", "0"),
        ("x", "1", "101"),
        ("x", "1", "-1"),
    ] {
        let answer = scene.share(purpose, days, listens).await;
        assert!(answer.status >= 400, "{purpose} {days} {listens}: {answer:?}");
    }
    let hostile = "<script>alert(1)</script>\"'\u{202e}";
    let made: MadeLink = scene.share(hostile, "1", "").await.value();
    let page = format!("/heard{}", made.address.split_once("/heard").unwrap().1);
    let shown = scene.stranger().get(&page).await;
    assert!(
        shown.status == 200 && !shown.body.contains("<script") && !shown.body.contains('\u{202e}'),
        "{}",
        shown.body
    );
    for _ in 1..MAX_LINKS {
        scene.link("").await;
    }
    assert!(scene.share("one more", "1", "").await.status >= 400);
    // somebody else administers, and whoever made it does not any more
    let (_, _other) = somebody(&scene.office.server, "bea", BuiltIn::Admin, "1009").await;
    scene
        .sql("UPDATE user SET role_id = (SELECT id FROM role WHERE slug = 'agent') WHERE username = 'ada'")
        .await;
    for path in [page.clone(), sound(&page, "x")] {
        scene.forget_guesses();
        assert_eq!(scene.stranger().get(&path).await.status, 404, "{path}");
    }
}
