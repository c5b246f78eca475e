//! Web push: alarms at a push service of this test's own, opened with the keys of the browser that subscribed. What opens and
//! verifies here is another implementation than what sealed and signed.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use app::{AppError, access::BuiltIn, model::push::Told};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use p256::{PublicKey, SecretKey};
use ring::{aead, hkdf, signature};
use server::config::Words;
use tokio::net::TcpListener;

use crate::{
    supervision::somebody,
    support::{Browser, PASSWORD, eventually, office::Office},
};

/// What came in for one browser.
#[derive(Clone, Debug)]
struct Pushed {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug, Default)]
struct Kept {
    pushed: Vec<Pushed>,
    /// What is answered next; afterwards everything is taken.
    answers: VecDeque<(StatusCode, &'static [(&'static str, &'static str)])>,
}

/// A push service.
#[derive(Clone, Debug)]
struct PushService {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

async fn take(
    State(kept): State<Arc<Mutex<Kept>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    let mut kept = kept.lock().unwrap();
    let path = uri.path().to_owned();
    kept.pushed.push(Pushed { path, headers, body });
    let (status, lines) = kept.answers.pop_front().unwrap_or((StatusCode::CREATED, &[]));
    let mut answer = HeaderMap::new();
    for (name, value) in lines {
        answer.insert(*name, value.parse().unwrap());
    }
    (status, answer)
}

impl PushService {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::<Mutex<Kept>>::default();
        let router = Router::new().fallback(take).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, kept }
    }

    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn pushed(&self, path: &str) -> Vec<Pushed> {
        let kept = self.kept.lock().unwrap();
        kept.pushed
            .iter()
            .filter(|one| one.path == path)
            .cloned()
            .collect()
    }

    fn answers_next(&self, status: StatusCode, headers: &'static [(&'static str, &'static str)]) {
        self.kept.lock().unwrap().answers.push_back((status, headers));
    }

    async fn until(&self, path: &str, count: usize) -> Vec<Pushed> {
        eventually(&format!("{count} messages for {path}"), async || {
            Some(self.pushed(path)).filter(|pushed| pushed.len() >= count)
        })
        .await
    }
}

/// A browser's half of a subscription.
struct Subscriber {
    path: &'static str,
    key: SecretKey,
    auth: [u8; 16],
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derived(salt: &[u8], secret: &[u8], about: &[u8], bytes: usize) -> Vec<u8> {
    let key = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let mut derived = vec![0; bytes];
    let about = [about];
    let filled = key.expand(&about, Length(bytes)).unwrap();
    filled.fill(&mut derived).unwrap();
    derived
}

impl Subscriber {
    fn new(path: &'static str, seed: u8) -> Self {
        Self {
            path,
            key: SecretKey::from_slice(&[seed; 32]).unwrap(),
            auth: [seed; 16],
        }
    }

    fn form(&self, service: &PushService) -> [(&'static str, String); 3] {
        [
            ("endpoint", format!("{}{}", service.origin(), self.path)),
            (
                "p256dh",
                BASE64_URL_SAFE_NO_PAD.encode(self.key.public_key().to_sec1_bytes()),
            ),
            ("auth", BASE64_URL_SAFE_NO_PAD.encode(self.auth)),
        ]
    }

    async fn subscribe(&self, browser: &mut Browser, service: &PushService) {
        let answer = browser.post("/api/add_push", &self.form(service)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Opens a message as RFC 8291 says.
    fn open(&self, pushed: &Pushed) -> serde_json::Value {
        assert_eq!(pushed.headers["content-encoding"], "aes128gcm");
        let body = &pushed.body[..];
        let (salt, rest) = body.split_at(16);
        let (record, rest) = rest.split_at(4);
        assert_eq!(record, 4096_u32.to_be_bytes());
        let (theirs, sealed) = rest[1..].split_at(usize::from(rest[0]));
        let own = self.key.public_key().to_sec1_bytes();
        let shared = self
            .key
            .diffie_hellman(&PublicKey::from_sec1_bytes(theirs).unwrap());
        let about = [b"WebPush: info\0", &own[..], theirs].concat();
        let secret = derived(&self.auth, shared.raw_secret_bytes(), &about, 32);
        let key = derived(salt, &secret, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = derived(salt, &secret, b"Content-Encoding: nonce\0", 12);
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap());
        let nonce = aead::Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let mut text = sealed.to_vec();
        let text = key.open_in_place(nonce, aead::Aad::empty(), &mut text).unwrap();
        let (last, text) = text.split_last().unwrap();
        assert_eq!(*last, 2, "the last record");
        serde_json::from_slice(text).unwrap()
    }
}

/// The claims of a message's token, whose signature is right.
fn claims(pushed: &Pushed, public_key: &str) -> serde_json::Value {
    let line = pushed.headers["authorization"].to_str().unwrap();
    let (token, key) = line.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(key, public_key);
    let (said, signed) = token.rsplit_once('.').unwrap();
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, bytes(key))
        .verify(said.as_bytes(), &bytes(signed))
        .unwrap();
    let (head, claims) = said.split_once('.').unwrap();
    let head: serde_json::Value = serde_json::from_slice(&bytes(head)).unwrap();
    assert_eq!(head["alg"], "ES256");
    serde_json::from_slice(&bytes(claims)).unwrap()
}

async fn told(browser: &mut Browser) -> Told {
    let answer = browser.post("/api/push", &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

async fn office(service: &PushService) -> Office {
    let origin = service.origin();
    let mut office = Office::open_with(|config| {
        config.public_url = Some("https://board.example.org".into());
        config.push_services = Words(vec![origin]);
    })
    .await;
    let rule = [
        ("id", "0"),
        ("name", "Too many"),
        ("scope", "1/support"),
        ("metric", "waiting"),
        ("raise", "1"),
        ("clear", "0"),
        ("hold_s", "0"),
        ("zone", "Europe/Berlin"),
        ("enabled", "true"),
    ];
    let rule: Vec<_> = rule
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let answer = office.browser.post("/api/save_alarm_rule", &rule).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    office
}

/// A caller waits until the alarm was raised, and then gives up.
async fn one_alarm(office: &mut Office, number: &str, raised: impl AsyncFnOnce()) {
    office.pbx.queue_call(number, "support").await.unwrap();
    office
        .live
        .until("it is raised", |live| {
            live.notes.keys().any(|(_, name)| name.starts_with("alarm"))
        })
        .await;
    raised().await;
    office.pbx.script(&format!("abandon {number}")).await.unwrap();
    office
        .live
        .until("it is over", |live| {
            live.notes.keys().all(|(_, name)| !name.starts_with("alarm"))
        })
        .await;
}

#[tokio::test]
async fn an_alarm_reaches_a_browser_that_subscribed_and_only_that_browser_can_read_it() {
    let service = PushService::start().await;
    let mut office = office(&service).await;
    let ada = Subscriber::new("/ada", 3);
    ada.subscribe(&mut office.browser, &service).await;
    office.pbx.queue_call("0301", "support").await.unwrap();
    let pushed = service.until("/ada", 1).await.remove(0);
    let text = ada.open(&pushed);
    assert_eq!(text["title"], "Too many");
    assert_eq!(text["body"], "1 caller waits in support");
    assert_eq!(text["url"], "/alarms");
    assert!(!text.to_string().contains("0301"), "no caller is told: {text}");
    assert_eq!(pushed.headers["ttl"], "600");
    assert_eq!(pushed.headers["urgency"], "high");
    let told_at = eventually("that it was sent is shown", async || {
        told(&mut office.browser).await.devices[0].told_ms
    })
    .await;
    let mine = told(&mut office.browser).await;
    assert!(mine.devices[0].here && told_at >= mine.devices[0].created_ms);
    let claims = claims(&pushed, &mine.key.unwrap());
    assert_eq!(claims["aud"], service.origin());
    assert_eq!(claims["sub"], "https://board.example.org");
    let good_s = claims["exp"].as_u64().unwrap() - told_at / 1000;
    assert!((1..=24 * 3600).contains(&good_s), "{good_s}");
    let acts = office.server.services.trail.newest(30).await.unwrap();
    assert!(acts.iter().any(|found| found.act.action == "add_push"));
}

#[tokio::test]
async fn a_busy_push_service_is_asked_again_and_a_browser_that_is_gone_is_forgotten() {
    let service = PushService::start().await;
    let mut office = office(&service).await;
    let ada = Subscriber::new("/ada", 3);
    ada.subscribe(&mut office.browser, &service).await;
    service.answers_next(StatusCode::TOO_MANY_REQUESTS, &[("retry-after", "0")]);
    service.answers_next(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "0")]);
    let watched = service.clone();
    one_alarm(&mut office, "0301", async || {
        watched.until("/ada", 3).await;
    })
    .await;
    let sent = service.pushed("/ada");
    assert_eq!(ada.open(&sent[0]), ada.open(&sent[2]), "the same alarm");
    assert_ne!(sent[0].body, sent[2].body, "sealed anew");

    // it is not led elsewhere
    let elsewhere = &[("location", "/elsewhere")];
    service.answers_next(StatusCode::TEMPORARY_REDIRECT, elsewhere);
    let watched = service.clone();
    one_alarm(&mut office, "0302", async || {
        watched.until("/ada", 4).await;
    })
    .await;
    service.answers_next(StatusCode::GONE, &[]);
    let watched = service.clone();
    one_alarm(&mut office, "0303", async || {
        watched.until("/ada", 5).await;
    })
    .await;
    eventually("the browser is forgotten", async || {
        told(&mut office.browser).await.devices.is_empty().then_some(())
    })
    .await;
    assert!(service.pushed("/elsewhere").is_empty());
    assert_eq!(service.pushed("/ada").len(), 5);
}

#[tokio::test]
async fn whoever_may_not_see_the_queue_any_more_is_not_told() {
    let service = PushService::start().await;
    let mut office = office(&service).await;
    let (sam_id, mut sam) = somebody(&office.server, "sam", BuiltIn::Supervisor, "1005").await;
    // a supervisor of a team sees the team's queues
    let team = |id: &str| {
        vec![
            ("id", id.to_owned()),
            ("name", "Front desk".to_owned()),
            ("members[0]", sam_id.to_string()),
        ]
    };
    let mut serving = team("0");
    serving.push(("queues[0]", "1/support".to_owned()));
    assert_eq!(office.browser.post("/api/save_team", &serving).await.status, 200);
    Subscriber::new("/ada", 3)
        .subscribe(&mut office.browser, &service)
        .await;
    Subscriber::new("/sam", 5).subscribe(&mut sam, &service).await;
    let watched = service.clone();
    one_alarm(&mut office, "0301", async || {
        watched.until("/ada", 1).await;
        watched.until("/sam", 1).await;
    })
    .await;
    // and this one serves none any more
    let answer = office.browser.post("/api/save_team", &team("1")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for (count, number) in [(2, "0302"), (3, "0303")] {
        let watched = service.clone();
        one_alarm(&mut office, number, async || {
            watched.until("/ada", count).await;
        })
        .await;
    }
    assert_eq!(service.pushed("/sam").len(), 1);
    assert_eq!(
        told(&mut sam).await.devices.len(),
        1,
        "it comes back with the right"
    );
}

#[tokio::test]
async fn a_browser_is_told_as_long_as_its_session_lasts() {
    let service = PushService::start().await;
    let mut office = office(&service).await;
    let store = office.server.services.store.clone();
    let kept = async |user: i64| {
        let devices = store
            .push_devices(Some(user), server::clock::wall_ms())
            .await
            .unwrap();
        devices.len()
    };
    let (sam_id, mut sam) = somebody(&office.server, "sam", BuiltIn::Viewer, "1005").await;
    let phone = Subscriber::new("/sam", 5);
    phone.subscribe(&mut sam, &service).await;
    phone.subscribe(&mut sam, &service).await;
    assert_eq!(kept(sam_id).await, 1, "the same browser again is the same one");
    let proof = [("proof", PASSWORD.to_owned())];
    assert_eq!(sam.post("/api/confirm", &proof).await.status, 200);
    assert_eq!(
        kept(sam_id).await,
        1,
        "a session that gets a new id is the same session"
    );

    // somebody else signs in there
    let (grace_id, mut grace) = somebody(&office.server, "grace", BuiltIn::Viewer, "1003").await;
    phone.subscribe(&mut grace, &service).await;
    assert_eq!((kept(sam_id).await, kept(grace_id).await), (0, 1));
    let id = told(&mut grace).await.devices[0].id.to_string();
    let theirs = office
        .browser
        .post("/api/remove_push", &[("id", id.clone())])
        .await;
    assert_eq!(theirs.status, 404, "nobody removes another one's");
    assert_eq!(grace.post("/api/remove_push", &[("id", id)]).await.status, 200);
    assert_eq!(kept(grace_id).await, 0);

    phone.subscribe(&mut grace, &service).await;
    assert_eq!(grace.post("/api/sign_out", &[]).await.status, 200);
    assert_eq!(kept(grace_id).await, 0);

    let mut sam = office.server.signed_in("sam").await;
    phone.subscribe(&mut sam, &service).await;
    store.delete_sessions_of(sam_id).await.unwrap();
    assert_eq!(kept(sam_id).await, 0, "a session that was ended");
    let mut sam = office.server.signed_in("sam").await;
    phone.subscribe(&mut sam, &service).await;
    assert!(store.set_disabled(sam_id, true).await.unwrap());
    assert_eq!(kept(sam_id).await, 0, "somebody who was disabled");
}

#[tokio::test]
async fn an_endpoint_that_is_no_push_service_is_refused_by_name() {
    let service = PushService::start().await;
    let mut office = office(&service).await;
    let good = Subscriber::new("/ada", 3).form(&service);
    for (place, value) in [
        (0, "https://board.example.org/hook"),
        (0, "http://127.0.0.1:1/ada"),
        (0, "http://169.254.169.254/latest/meta-data"),
        (1, "AAAA"),
        (2, "AAAA"),
    ] {
        let mut form = good.clone();
        form[place].1 = value.to_owned();
        let answer = office.browser.post("/api/add_push", &form).await;
        assert_eq!(answer.status, 422, "{value}");
        let AppError::Invalid(problems) = answer.value() else {
            panic!("{answer:?}");
        };
        assert_eq!(problems[0].field, form[place].0);
    }
    assert!(told(&mut office.browser).await.devices.is_empty());
    assert!(service.pushed("/ada").is_empty());
}
