//! A connection test: everything that can be learnt about an account without changing anything.

use std::time::Duration;

use tokio::time::timeout;

use super::config::ClientConfig;
use super::link::{DownReason, LinkState};
use super::queue::Notice;
use super::{Clock, new};
use crate::action::system::{CoreSettings, ListCommands};
use crate::message::Message;
use crate::session::{LOGIN_DEADLINE_MS, Outcome};

/// Time a whole test may take.
const PROBE_TIMEOUT_MS: u64 = super::CONNECT_TIMEOUT_MS + LOGIN_DEADLINE_MS + 10_000;

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// The manager interface's version, `11.0.0`.
    pub version: String,
    /// Asterisk's version; `None` when the account may not ask.
    pub asterisk_version: Option<String>,
    /// The system name; `None` when there is none or the account may not ask.
    pub system_name: Option<String>,
    /// The actions this account may use, as Asterisk lists them.
    pub actions: Vec<String>,
    /// The write classes the account must have to be allowed these actions. Read classes cannot be seen.
    pub write_classes: Vec<String>,
}

impl ProbeReport {
    /// Whether the account may use this action.
    pub fn may(&self, action: &str) -> bool {
        self.actions.iter().any(|name| name.eq_ignore_ascii_case(action))
    }

    /// Whether the account may do what can harm the host or the configuration: run commands, write files,
    /// or reach every class.
    pub fn is_dangerous(&self) -> bool {
        ["Command", "UpdateConfig", "DBPut", "ModuleLoad"]
            .iter()
            .any(|action| self.may(action))
    }
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// No session came to be.
    #[error(transparent)]
    Link(#[from] DownReason),
    /// The account was refused.
    #[error("the credentials were refused: {message}")]
    CredentialsRefused {
        /// What Asterisk said.
        message: String,
    },
    /// The session was there and did not answer.
    #[error("no answer came in time")]
    Timeout,
}

/// Connects, logs in without events, looks around and logs off.
///
/// # Errors
/// Each way to fail is its own error.
pub async fn probe(config: ClientConfig) -> Result<ProbeReport, ProbeError> {
    let config = ClientConfig {
        events: false,
        ..config
    };
    let (handle, mut notices, driver) = new(config, Clock::start());
    let look = async {
        let version = loop {
            match notices.recv().await {
                Some(Notice::Link(LinkState::Up { version })) => break version,
                Some(Notice::Link(LinkState::Down { reason, .. })) => return Err(ProbeError::Link(reason)),
                Some(Notice::Link(LinkState::CredentialsRefused { message, .. })) => {
                    return Err(ProbeError::CredentialsRefused { message });
                }
                Some(Notice::Link(LinkState::Stopped)) | None => return Err(ProbeError::Timeout),
                Some(Notice::Link(LinkState::Connecting { .. } | LinkState::LoggingIn))
                | Some(Notice::Message(..) | Notice::Lost { .. } | Notice::Distrusted { .. }) => {}
            }
        };
        let settings = answer(handle.send(CoreSettings {}).await)?;
        let commands = answer(handle.send(ListCommands {}).await)?;
        Ok(report(version, settings.as_ref(), commands.as_ref()))
    };
    let result = tokio::select! {
        result = timeout(Duration::from_millis(PROBE_TIMEOUT_MS), look) => result.unwrap_or(Err(ProbeError::Timeout)),
        () = driver.run() => Err(ProbeError::Timeout),
    };
    result
}

/// The response, `None` when the account may not ask.
fn answer(outcome: Outcome) -> Result<Option<Message>, ProbeError> {
    match outcome {
        Outcome::Success(message) => Ok(Some(message)),
        Outcome::Refused { .. } => Ok(None),
        Outcome::List { .. } | Outcome::Unknown(_) | Outcome::NotSent(_) => Err(ProbeError::Timeout),
    }
}

fn report(version: String, settings: Option<&Message>, commands: Option<&Message>) -> ProbeReport {
    let setting = |name| {
        let value = settings.and_then(|message| message.get(name))?;
        (!value.is_empty()).then(|| value.into_owned())
    };
    let mut actions = Vec::new();
    let mut write_classes: Vec<String> = Vec::new();
    for (name, words) in commands.into_iter().flat_map(Message::headers) {
        // `Hangup: Hangup channel.  (Priv: system,call,all)`
        let Some((_, classes)) = words.rsplit_once("(Priv: ") else {
            continue;
        };
        actions.push(name.into_owned());
        // An action that several classes allow tells nothing about which of them the account has.
        let mut named = classes
            .trim_end_matches(')')
            .split(',')
            .filter(|class| !matches!(*class, "all" | "<none>"));
        if let (Some(class), None) = (named.next(), named.next())
            && !write_classes.iter().any(|known| known == class)
        {
            write_classes.push(class.to_owned());
        }
    }
    ProbeReport {
        version,
        asterisk_version: setting("AsteriskVersion"),
        system_name: setting("SystemName"),
        actions,
        write_classes,
    }
}
