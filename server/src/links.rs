//! The links to all PBXs: started, changed and ended as their connections are.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

use ami::{
    Action, NotSent,
    client::{ClientConfig, Handle, Tls},
};
use app::{
    live::protocol::{LinkStatus, PbxRow},
    model::{PbxConnection, PbxId, TlsMode},
};
use secrecy::{ExposeSecret, SecretString};
use telephony::{Outcome, Refusal, Settings};
use tokio::task::JoinHandle;

use crate::{backend::is_well_known, hub::Hub, link::Link};

/// The longest a link may take to log off.
const STOP: Duration = Duration::from_secs(3);

/// Every link there is.
#[derive(Clone, Debug)]
pub struct Links {
    hub: Arc<Hub>,
    handles: Arc<std::sync::Mutex<HashMap<PbxId, Handle>>>,
    /// Changes are made one after the other: at most one socket for each PBX.
    tasks: Arc<tokio::sync::Mutex<HashMap<PbxId, Running>>>,
}

#[derive(Debug)]
struct Running {
    handle: Handle,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        if tokio::time::timeout(STOP, self.handle.stop()).await.is_err() {
            tracing::warn!("a link did not log off in time");
        }
        drop(self.handle);
        self.task.abort();
    }
}

impl Links {
    /// No links yet.
    pub fn new(hub: Arc<Hub>) -> Self {
        Self {
            hub,
            handles: Arc::default(),
            tasks: Arc::default(),
        }
    }

    fn handles(&self) -> std::sync::MutexGuard<'_, HashMap<PbxId, Handle>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects to a PBX as it is now configured; an earlier link to it ends first.
    pub async fn put(&self, connection: &PbxConnection, secret: &SecretString) {
        let id = connection.id;
        let mut tasks = self.tasks.lock().await;
        self.handles().remove(&id);
        if let Some(before) = tasks.remove(&id) {
            before.stop().await;
        }
        let refused = is_well_known(secret);
        let link = match (connection.enabled, refused) {
            (false, _) => LinkStatus::Disabled,
            (true, true) => LinkStatus::Down {
                reason: "Its secret is one that everyone knows. Set another one in manager.conf and here."
                    .into(),
                since: self.hub.clock().now(),
            },
            (true, false) => LinkStatus::Connecting,
        };
        let row = PbxRow {
            id,
            name: connection.name.clone(),
            link,
            blind_spots: Vec::new(),
        };
        let settings = Settings {
            dial_context: connection.context.clone(),
            ..Settings::default()
        };
        self.hub.set_private(id, connection.supervision_private);
        self.hub.add(row, settings);
        if !connection.enabled || refused {
            return;
        }
        let config = client_config(connection, secret);
        let started =
            ami::client::start_on_thread(&format!("ami-{}", id.0), config, self.hub.clock().monotonic());
        let (handle, notices) = match started {
            Ok(started) => started,
            Err(error) => {
                tracing::error!(pbx = id.0, %error, "a link could not be started");
                let since = self.hub.clock().now();
                let reason = "Starboard could not start this link; its log says why.".to_owned();
                self.hub
                    .set_row(id, |row| row.link = LinkStatus::Down { reason, since });
                return;
            }
        };
        let link = Link::new(id, connection.host.clone(), self.hub.clone(), handle.clone());
        let task = tokio::spawn(link.run(notices));
        self.handles().insert(id, handle.clone());
        tasks.insert(id, Running { handle, task });
    }

    /// Disconnects from a PBX and takes its board away.
    pub async fn remove(&self, id: PbxId) {
        let mut tasks = self.tasks.lock().await;
        self.handles().remove(&id);
        if let Some(running) = tasks.remove(&id) {
            running.stop().await;
        }
        self.hub.remove(id);
    }

    /// Logs off everywhere.
    pub async fn stop(&self) {
        let mut tasks = self.tasks.lock().await;
        self.handles().clear();
        futures::future::join_all(tasks.drain().map(|(_, running)| running.stop())).await;
    }

    /// Sends one action, once, and tells truthfully what came of it.
    pub async fn send(&self, pbx: PbxId, action: Action) -> Outcome {
        let Some(handle) = self.handles().get(&pbx).cloned() else {
            return Outcome::Refused(Refusal::LinkDown);
        };
        match handle.send(action).await {
            ami::Outcome::Success(_) | ami::Outcome::List { .. } => Outcome::Accepted,
            ami::Outcome::Refused { message } => Outcome::Refused(Refusal::ByPbx(message)),
            ami::Outcome::Unknown(_) => Outcome::Unknown,
            ami::Outcome::NotSent(NotSent::LinkDown) => Outcome::Refused(Refusal::LinkDown),
            ami::Outcome::NotSent(reason @ (NotSent::TooManyInFlight | NotSent::Encode(_))) => {
                Outcome::Refused(Refusal::ByPbx(reason.to_string()))
            }
        }
    }

    /// Counters of a link, for tests and figures.
    pub fn counters(&self, pbx: PbxId) -> Option<ami::client::ClientCounters> {
        self.handles().get(&pbx).map(Handle::counters)
    }
}

/// The connection in the client's words.
pub(crate) fn client_config(connection: &PbxConnection, secret: &SecretString) -> ClientConfig {
    let secret = ami::Secret::new(secret.expose_secret());
    let mut config = ClientConfig::new(connection.host.clone(), connection.username.clone(), secret);
    config.port = connection.port;
    config.tls = match connection.tls {
        TlsMode::Off => Tls::Off,
        TlsMode::Verify => Tls::Verify {
            server_name: None,
            extra_ca_pem: (!connection.ca_pem.is_empty()).then(|| connection.ca_pem.clone()),
        },
    };
    // without TLS the secret itself need not cross the wire
    config.challenge = connection.tls == TlsMode::Off;
    config
}
