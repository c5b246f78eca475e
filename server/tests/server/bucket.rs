//! Recordings in a bucket: a real store that speaks S3 and checks every signature, on this machine.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use app::model::{
    health::{Health, Sign},
    recording::{Proof, State},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use server::{
    config::{BucketConfig, Config},
    store::RecordingRecord,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    recordings::{put, wav},
    support::{
        eventually,
        office::Office,
        program::{Ran, run},
    },
};

const SECRET: &str = "a secret of the store";
const BUCKET: &str = "recordings";
const A_MOMENT: Duration = Duration::from_secs(10);
const FORTY_DAYS: Duration = Duration::from_secs(40 * 24 * 3_600);

/// A store with one bucket.
struct Store {
    folder: TempDir,
    address: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Store {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut store = Self {
            folder,
            address: ([127, 0, 0, 1], 0).into(),
            serving: None,
        };
        store.begin().await;
        store
    }

    async fn begin(&mut self) {
        let files = s3s_fs::FileSystem::new(self.folder.path()).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single("starboard", SECRET));
        let service = service.build();
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        self.serving = Some(tokio::spawn(async move {
            let mut serving = tokio::task::JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let service = service.clone();
                serving.spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        }));
    }

    async fn stop(&mut self) {
        let serving = self.serving.take().unwrap();
        serving.abort();
        let _ = serving.await;
    }

    /// What lies in the bucket, by name.
    fn files(&self) -> Vec<PathBuf> {
        let place = self.folder.path().join(BUCKET).join("starboard");
        let listed = fs::read_dir(place).into_iter().flatten();
        let mut files: Vec<PathBuf> = listed.map(|one| one.unwrap().path()).collect();
        files.retain(|one| one.is_file());
        files.sort();
        files
    }

    fn settings(&self, folder_days: Option<u64>) -> BucketConfig {
        BucketConfig {
            endpoint: format!("http://{}", self.address),
            name: BUCKET.into(),
            region: "us-east-1".into(),
            prefix: "starboard/".into(),
            access_key: "starboard".into(),
            secret_key: Some(SECRET.to_owned().into()),
            secret_key_file: None,
            ca_file: None,
            folder_days: folder_days.map(server::config::Days),
        }
    }
}

struct Scene {
    office: Office,
    folder: TempDir,
}

impl Scene {
    async fn open(bucket: BucketConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let office = Office::open_with(|config: &mut Config| {
            config.pbx[0].recordings = Some(path);
            config.bucket = Some(bucket);
        })
        .await;
        Self { office, folder }
    }

    async fn all(&self) -> Vec<RecordingRecord> {
        let store = &self.office.server.services.store;
        store.troubled_recordings(0, 1_000).await.unwrap()
    }

    /// The recording of this name, once it is so.
    async fn once(&self, file: &str, what: &str, is: impl Fn(&RecordingRecord) -> bool) -> RecordingRecord {
        eventually(what, async || {
            let all = self.all().await;
            all.into_iter().find(|one| one.is.seen.file == file && is(one))
        })
        .await
    }

    async fn health(&mut self) -> (Sign, String) {
        let answer = self.office.browser.ask("/api/health", &()).await;
        let told: Health = answer.value();
        let part = told
            .parts
            .into_iter()
            .find(|part| part.name == "Bucket of recordings");
        part.map(|part| (part.sign, part.says)).unwrap()
    }

    /// A command that knows the bucket.
    async fn command(&self, store: &Store, arguments: &[&str]) -> Ran {
        let place = self.office.server.folder.path();
        let settings = place.join("starboard.toml");
        let text = format!(
            "[bucket]\nendpoint = \"http://{}\"\nname = \"{BUCKET}\"\nprefix = \"starboard/\"\naccess_key = \"starboard\"\nsecret_key = \"{SECRET}\"\n",
            store.address
        );
        fs::write(&settings, text).unwrap();
        let settings = ["--config", settings.to_str().unwrap()];
        run(place, &[arguments, &settings].concat(), "").await
    }
}

/// Larger than one part of what is sent, and no two pieces of it are the same.
fn long_sound() -> Vec<u8> {
    let noise = (0_u32..5_000_000).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes());
    noise.take(19_000_001).collect()
}

fn is_there(folder: &Path, file: &str) -> bool {
    folder.join(file).exists()
}

#[tokio::test]
async fn a_recording_goes_to_the_bucket_leaves_its_folder_and_is_heard_from_there_whole_and_in_parts() {
    let store = Store::open().await;
    let mut scene = Scene::open(store.settings(Some(0))).await;
    let sound = long_sound();
    put(scene.folder.path(), "long.mp3", &sound, A_MOMENT);
    put(scene.folder.path(), "short.wav", &wav(16_000), A_MOMENT);
    let long = scene
        .once("long.mp3", "it is in the bucket alone", |one| one.only_there)
        .await;
    let short = scene
        .once("short.wav", "so is the other", |one| one.only_there)
        .await;
    assert!(!is_there(scene.folder.path(), "long.mp3") && !is_there(scene.folder.path(), "short.wav"));
    assert_eq!(store.files().len(), 2);
    assert_eq!((long.is.state, short.is.state), (State::Ready, State::Ready));
    // their names say nothing of who called
    assert!(
        store
            .files()
            .iter()
            .all(|one| !one.to_str().unwrap().contains("long"))
    );

    let browser = &mut scene.office.browser;
    let address = format!("/recordings/{}?listening=a", long.key);
    let whole = browser.bytes(&address, &[]).await;
    assert!(whole == sound, "{} bytes of {}", whole.len(), sound.len());
    for (range, (from, to)) in [
        ("bytes=0-9", (0, 10)),
        ("bytes=524280-524300", (524_280, 524_301)),
        ("bytes=-5", (18_999_996, 19_000_001)),
    ] {
        let part = browser.bytes(&address, &[("range", range)]).await;
        assert!(part == sound[from..to], "{range}: {part:?}");
    }
    let proof: Proof = browser.ask("/api/prove_recording", &short.key).await.value();
    assert_eq!(proof, Proof::Same);
    assert_eq!(
        scene.health().await,
        (Sign::Well, "Every recording is there.".into())
    );
}

#[tokio::test]
async fn while_the_bucket_is_away_recordings_stay_where_they_are_and_go_there_when_it_is_back() {
    let mut store = Store::open().await;
    store.stop().await;
    let mut scene = Scene::open(store.settings(Some(0))).await;
    put(scene.folder.path(), "talk.wav", &wav(16_000), A_MOMENT);
    let one = scene
        .once("talk.wav", "it is ready", |one| one.is.state == State::Ready)
        .await;
    let (_, says) = eventually("it is said", async || {
        Some(scene.health().await).filter(|(sign, _)| *sign == Sign::Broken)
    })
    .await;
    assert!(says.starts_with("1 recording waits to be copied: "), "{says}");
    assert!(is_there(scene.folder.path(), "talk.wav") && !one.stored);
    let address = format!("/recordings/{}?listening=a", one.key);
    assert_eq!(scene.office.browser.bytes(&address, &[]).await, wav(16_000));
    store.begin().await;
    scene.once("talk.wav", "it is there", |one| one.only_there).await;
    // what is in the bucket alone is not heard while it is away, and is not lost either
    store.stop().await;
    let answer = scene.office.browser.get(&address).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    store.begin().await;
    assert_eq!(scene.office.browser.bytes(&address, &[]).await, wav(16_000));
}

#[tokio::test]
async fn a_wrong_secret_takes_nothing_away_and_is_said_without_being_told() {
    let store = Store::open().await;
    let mut settings = store.settings(Some(0));
    settings.secret_key = Some("wrong and secret".to_owned().into());
    let mut scene = Scene::open(settings).await;
    put(scene.folder.path(), "talk.wav", &wav(16_000), A_MOMENT);
    let (_, says) = eventually("it is said", async || {
        Some(scene.health().await).filter(|(sign, _)| *sign == Sign::Broken)
    })
    .await;
    assert_eq!(says, "1 recording waits to be copied: SignatureDoesNotMatch.");
    assert!(is_there(scene.folder.path(), "talk.wav"));
    assert!(store.files().is_empty());
}

#[tokio::test]
async fn what_lies_in_the_bucket_and_is_not_the_recording_is_not_played_for_it() {
    let store = Store::open().await;
    let mut scene = Scene::open(store.settings(Some(0))).await;
    for file in ["changed.mp3", "cut.mp3", "lost.mp3"] {
        put(scene.folder.path(), file, file.as_bytes(), A_MOMENT);
    }
    let mut keys = Vec::new();
    for file in ["changed.mp3", "cut.mp3", "lost.mp3"] {
        keys.push(scene.once(file, "it is there", |one| one.only_there).await.key);
    }
    let there = |key: &String| store.files().into_iter().find(|one| one.ends_with(key)).unwrap();
    fs::write(there(&keys[0]), "CHANGED.MP3").unwrap();
    fs::write(there(&keys[1]), "cut").unwrap();
    fs::remove_file(there(&keys[2])).unwrap();
    let browser = &mut scene.office.browser;
    let proof: Proof = browser.ask("/api/prove_recording", &keys[0]).await.value();
    assert_eq!(proof, Proof::Changed);
    for key in &keys {
        let answer = browser.get(&format!("/recordings/{key}")).await;
        assert_eq!(answer.status, 409, "{answer:?}");
    }
    let states = scene.all().await.into_iter().map(|one| one.is.state);
    assert_eq!(
        states.collect::<Vec<_>>(),
        [State::Changed, State::Changed, State::Gone]
    );
    // somebody brings back what it was
    fs::write(there(&keys[0]), "changed.mp3").unwrap();
    let browser = &mut scene.office.browser;
    let proof: Proof = browser.ask("/api/prove_recording", &keys[0]).await.value();
    assert_eq!(proof, Proof::Same);
    assert_eq!(
        browser.get(&format!("/recordings/{}", keys[0])).await.body,
        "changed.mp3"
    );
}

#[tokio::test]
async fn what_was_kept_for_long_enough_goes_from_the_bucket_too_and_not_without_it() {
    let mut store = Store::open().await;
    let scene = Scene::open(store.settings(Some(0))).await;
    put(scene.folder.path(), "old.mp3", b"an old one", FORTY_DAYS);
    put(scene.folder.path(), "new.mp3", b"a new one", A_MOMENT);
    scene.once("old.mp3", "it is there", |one| one.only_there).await;
    scene.once("new.mp3", "it is there", |one| one.only_there).await;
    let keep = ["recordings", "keep", "--pbx", "Office", "--days", "30"];
    scene.command(&store, &keep).await.good();
    store.stop().await;
    let away = scene.command(&store, &["recordings", "cleanup"]).await.good().out;
    assert!(
        away.contains("deleted 0 files") && away.contains("1 file could not be removed"),
        "{away}"
    );
    // a command that does not know of it neither
    let place = scene.office.server.folder.path();
    let unknown = run(place, &["recordings", "cleanup"], "").await.good().out;
    assert!(unknown.contains("none is set up"), "{unknown}");
    store.begin().await;
    let done = scene.command(&store, &["recordings", "cleanup"]).await.good().out;
    assert!(done.contains("deleted 1 files"), "{done}");
    let left = store.files();
    assert_eq!(left.len(), 1);
    assert_eq!(fs::read(&left[0]).unwrap(), b"a new one");
}

#[tokio::test]
async fn without_days_a_recording_is_in_both_places_and_either_is_enough() {
    let store = Store::open().await;
    let scene = Scene::open(store.settings(None)).await;
    let path = put(scene.folder.path(), "talk.mp3", b"in both places", A_MOMENT);
    let one = scene
        .once("talk.mp3", "it is in both places", |one| one.stored)
        .await;
    assert!(path.exists() && !one.only_there);
    fs::remove_file(&path).unwrap();
    let one = scene
        .once("talk.mp3", "it is in the bucket alone", |one| one.only_there)
        .await;
    let address = format!("/recordings/{}?listening=a", one.key);
    assert_eq!(scene.office.browser.bytes(&address, &[]).await, b"in both places");
    fs::write(&path, "in both places").unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    let modified = std::time::UNIX_EPOCH + Duration::from_millis(one.is.seen.modified_ms);
    file.set_modified(modified).unwrap();
    scene
        .once("talk.mp3", "somebody brought it back", |one| !one.only_there)
        .await;
}
