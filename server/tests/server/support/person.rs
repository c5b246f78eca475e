//! People beside the first administrator, and what they sign in with.

use app::{access::BuiltIn, model::sign_in::SettingUp};
use secrecy::SecretString;
use server::{session, store::UserRecord};
use totp_rs::{Builder, Secret};

use super::{Browser, PASSWORD, TestServer, eventually, http::Answer};

/// Milliseconds of a half minute of which enough has to be left for a code to arrive.
const STEP_MS: u64 = 30_000;
const ENOUGH_MS: u64 = 6_000;

/// The name and password of a person.
pub(crate) fn credentials(username: &str, password: &str) -> Vec<(&'static str, String)> {
    vec![
        ("username", username.to_owned()),
        ("password", password.to_owned()),
    ]
}

impl TestServer {
    /// Adds a person whose password is [`PASSWORD`]; gives the id.
    pub(crate) async fn add(&self, username: &str, role: BuiltIn) -> i64 {
        let password_hash = self.services.passwords.hash(PASSWORD).await.unwrap();
        let user = UserRecord {
            password_hash,
            ..UserRecord::new(username, username, role, 0)
        };
        self.services.store.add_user(&user).await.unwrap()
    }

    /// A browser in which the password was typed; the answer says what comes next.
    pub(crate) async fn password(&self, username: &str) -> (Browser, Answer) {
        let mut browser = self.browser();
        let answer = browser
            .post("/api/sign_in", &credentials(username, PASSWORD))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (browser, answer)
    }

    /// A browser of somebody who needs no more than a password.
    pub(crate) async fn signed_in(&self, username: &str) -> Browser {
        let (mut browser, answer) = self.password(username).await;
        assert_eq!(leads_to(&answer), "/");
        assert_eq!(browser.get("/").await.status, 200);
        browser
    }

    /// No code was taken from this person's app yet: the present one is good once more.
    pub(crate) async fn forget_codes_taken(&self, user: i64) {
        let record = self.services.store.sign_in_of(user).await.unwrap();
        let (sealed, since_ms) = record.totp.unwrap();
        self.services
            .store
            .set_totp(user, [0; 16], || Ok(sealed), 0, since_ms)
            .await
            .unwrap();
    }

    /// This browser's person did nothing since then.
    pub(crate) async fn seen_at(&self, browser: &Browser, seen_ms: u64) {
        let id = browser.cookie.as_ref().unwrap().split_once('=').unwrap().1;
        let hash = session::hash(id.parse().unwrap());
        let store = &self.services.store;
        let record = store
            .session(&hash, server::clock::wall_ms())
            .await
            .unwrap()
            .unwrap();
        store.update_session(&record, seen_ms).await.unwrap();
    }

    /// They did nothing for almost as long as a session lives; since when.
    pub(crate) async fn seen_long_ago(&self, browser: &Browser) -> u64 {
        let seen_ms = server::clock::wall_ms() - 29 * 60_000;
        self.seen_at(browser, seen_ms).await;
        seen_ms
    }

    /// It is more than ten minutes ago that this browser's person showed who they are.
    pub(crate) async fn long_ago(&self, browser: &Browser) {
        let id = browser.cookie.as_ref().unwrap().split_once('=').unwrap().1;
        let hash = session::hash(id.parse().unwrap());
        let now_ms = server::clock::wall_ms();
        let store = &self.services.store;
        let mut record = store.session(&hash, now_ms).await.unwrap().unwrap();
        let mut data: serde_json::Value = serde_json::from_str(&record.data).unwrap();
        data["confirmed_ms"] = (now_ms - 600_000).into();
        record.data = data.to_string();
        store.update_session(&record, now_ms).await.unwrap();
    }
}

/// Where an answer sends the browser.
pub(crate) fn leads_to(answer: &Answer) -> &str {
    answer.header("location").unwrap_or("nowhere")
}

/// An authenticator app.
pub(crate) struct Phone {
    pub(crate) secret: SecretString,
    /// The code that it was set up with.
    pub(crate) first_code: String,
}

impl Phone {
    /// Sets the app up, and gives it with the recovery codes that came.
    pub(crate) async fn set_up(browser: &mut Browser) -> (Self, Vec<String>) {
        let begun = browser.post("/api/begin_app", &[]).await;
        assert_eq!(begun.status, 200, "{begun:?}");
        let setting_up: SettingUp = browser.post("/api/setting_up", &[]).await.value();
        let secret = setting_up.app.unwrap().secret.replace(' ', "");
        let mut phone = Self {
            secret: SecretString::from(secret),
            first_code: String::new(),
        };
        phone.first_code = phone.code().await;
        let added = browser
            .post("/api/add_app", &[("code", phone.first_code.clone())])
            .await;
        assert_eq!(added.status, 200, "{added:?}");
        (phone, browser.post("/api/codes", &[]).await.value())
    }

    /// The code of now, with some seconds left to type it.
    pub(crate) async fn code(&self) -> String {
        let now_ms = eventually("enough of the half minute is left", async || {
            let now_ms = server::clock::wall_ms();
            (STEP_MS - now_ms % STEP_MS > ENOUGH_MS).then_some(now_ms)
        })
        .await;
        self.code_at(now_ms)
    }

    /// The code of a moment.
    pub(crate) fn code_at(&self, at_ms: u64) -> String {
        use secrecy::ExposeSecret;
        let secret = Secret::try_from_base32(self.secret.expose_secret()).unwrap();
        let totp = Builder::new().with_secret(secret).build_noncompliant();
        totp.generate(at_ms / 1000).to_string()
    }
}
