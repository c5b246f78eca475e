//! Web push (RFC 8030): alarms reach people's browsers while no page of Starboard is open. Who is told is decided when it is
//! sent, by the same rights as the bell.

mod delivery;
mod message;
mod places;
mod vapid;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use app::{
    AppError,
    model::alarms::Alarm,
    words::{alarm::says, shortened, visible::NAME_CHARS},
};
use reqwest::Client;
use serde_json::json;
use tokio::sync::mpsc;
use url::Url;

pub use delivery::Deliveries;
pub use places::Places;

use self::vapid::Vapid;
use crate::{config::Config, http::tls, seal::Seal, store::Store};

/// Alarms that wait to be told; what does not fit is not told.
const MAX_WAITING: usize = 64;
/// A connection must stand after so long, an answer be there.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);
/// What people see of an alarm that is clicked.
const ADDRESS: &str = "/alarms";

/// What everything about web push shares; cheap to clone.
#[derive(Clone, Debug)]
pub struct Push(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    vapid: Vapid,
    places: Places,
    /// None where this system trusts nobody: then nothing can be sent.
    client: Option<Client>,
}

/// A browser's subscription, checked.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Where messages for it are taken.
    pub endpoint: String,
    /// Its public key.
    pub p256dh: Vec<u8>,
    /// Its secret that goes with it.
    pub auth: Vec<u8>,
}

impl Push {
    /// Reads the key, or makes it; with where alarms are put that are to be told, and who takes them there.
    pub async fn load(
        store: &Store,
        seal: &Seal,
        config: &Config,
    ) -> Result<(Self, mpsc::Sender<Alarm>, Deliveries)> {
        let contact = config
            .public_url
            .clone()
            .filter(|url| url.starts_with("https://"));
        let key = store.push_key(seal, vapid::fresh_text()).await?;
        let places = Places::new(&config.push_services.0)?;
        let client = client(&places)
            .inspect_err(|error| tracing::warn!(error = %format!("{error:#}"), "there is no web push"))
            .ok();
        let push = Self(Arc::new(Parts {
            vapid: Vapid::read(&key, contact)?,
            places,
            client,
        }));
        let (alarms, waiting) = mpsc::channel(MAX_WAITING);
        Ok((push, alarms, Deliveries::new(waiting)))
    }

    /// The key that browsers subscribe to; None where nothing can be sent.
    pub fn public_key(&self) -> Option<&str> {
        self.0.client.is_some().then(|| self.0.vapid.public())
    }

    /// What a browser says of its subscription, if it can be one.
    pub fn subscription(&self, endpoint: &str, p256dh: &str, auth: &str) -> Result<Subscription, AppError> {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let endpoint =
            self.0.places.endpoint(endpoint).ok_or_else(|| {
                AppError::field("endpoint", "This is not a push service that Starboard knows.")
            })?;
        let p256dh = bytes(p256dh)
            .filter(|key| message::is_key(key))
            .ok_or_else(|| AppError::field("p256dh", "This is not a browser's key."))?;
        let auth = bytes(auth)
            .filter(|auth| auth.len() == message::AUTH_BYTES)
            .ok_or_else(|| AppError::field("auth", "This is not a browser's secret."))?;
        Ok(Subscription {
            endpoint: endpoint.into(),
            p256dh,
            auth,
        })
    }

    fn endpoint(&self, text: &str) -> Option<Url> {
        self.0.places.endpoint(text)
    }
}

/// What the service worker shows: rule, queue and reading. Never a caller.
fn text(alarm: &Alarm) -> String {
    json!({
        "title": shortened(&alarm.name, NAME_CHARS),
        "body": says(alarm),
        // the same that an open page uses: what both show is shown once
        "tag": format!("alarm-{}", alarm.id),
        "url": ADDRESS,
    })
    .to_string()
}

/// Goes where it is told and no further: it follows nobody who sends it elsewhere.
fn client(places: &Places) -> Result<Client> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls::client_config(None)?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .user_agent(concat!("starboard/", env!("CARGO_PKG_VERSION")));
    if places.some_are_plain() {
        builder = builder.no_proxy();
    }
    builder.build().context("no client for push services")
}
