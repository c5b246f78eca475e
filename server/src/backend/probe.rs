//! The connection test: each step a sentence, the first that fails with the next thing to do.

use ami::{
    CloseReason,
    client::{DownReason, ProbeError, ProbeReport, probe},
};
use app::{
    AppError,
    audit::{Action, Fact, Outcome},
    model::{PbxConnection, PbxForm, StepState, TestStep, TlsMode},
};

use super::{
    CallerBackend,
    connection::{Checked, check, stored_secret},
};
use crate::{link::words, links::client_config};

const RESOLVE: &str = "Find the host";
const CONNECT: &str = "Reach it";
const ENCRYPT: &str = "Encrypt";
const SIGN_IN: &str = "Sign in";
const CALLS: &str = "See calls";
const EXTENSIONS: &str = "See extensions";
const QUEUES: &str = "See queues";
const COMMANDS: &str = "Place calls";
const STEPS: [&str; 8] = [
    RESOLVE, CONNECT, ENCRYPT, SIGN_IN, CALLS, EXTENSIONS, QUEUES, COMMANDS,
];

pub(super) async fn test(backend: &CallerBackend, form: PbxForm) -> Result<Vec<TestStep>, AppError> {
    let id = form.id;
    let Checked { connection, secret } = check(form)?;
    let secret = match (secret, id) {
        (Some(secret), _) => secret,
        (None, Some(id)) => {
            let before = backend.services.store.pbx(id).await?.ok_or(AppError::NotFound)?;
            stored_secret(backend, &before, &connection)?
        }
        (None, None) => return Err(AppError::field("secret", "Type the secret.")),
    };
    let object = format!("{}:{}", connection.host, connection.port);
    let act = backend
        .begin(backend.caller.who(), Action::TestPbx, &object, &[])
        .await?;
    let found = probe(client_config(&connection, &secret)).await;
    match &found {
        Ok(_) => backend.end(act, Outcome::Done, &[]).await,
        Err(error) => {
            let why = Fact::told("why", error.to_string());
            backend.end(act, Outcome::Failed, &[why]).await;
        }
    }
    Ok(match found {
        Ok(report) => seen(&connection, &report),
        Err(error) => failed(&connection, &error),
    })
}

fn step(name: &str, state: StepState, detail: impl Into<String>) -> TestStep {
    TestStep {
        name: name.into(),
        state,
        detail: detail.into(),
    }
}

/// The steps up to the one that failed; those after it were not reached.
fn failed(connection: &PbxConnection, error: &ProbeError) -> Vec<TestStep> {
    let host = &connection.host;
    let (at, detail) = match error {
        ProbeError::Link(reason) => (failed_step(reason), words::down(reason, host)),
        ProbeError::CredentialsRefused { .. } => (
            SIGN_IN,
            "User name or secret were refused. Compare them with manager.conf, and see that permit= allows this host."
                .to_owned(),
        ),
        ProbeError::Timeout => (SIGN_IN, format!("{host} took the connection and did not answer in time.")),
    };
    let failed_at = STEPS.iter().position(|name| *name == at).unwrap_or_default();
    let steps = STEPS
        .iter()
        .enumerate()
        .map(|(place, name)| match place.cmp(&failed_at) {
            std::cmp::Ordering::Less if *name == ENCRYPT => encryption(connection),
            std::cmp::Ordering::Less => step(name, StepState::Passed, "Good."),
            std::cmp::Ordering::Equal => step(name, StepState::Failed, detail.clone()),
            std::cmp::Ordering::Greater => step(name, StepState::Skipped, "Not reached."),
        });
    steps.collect()
}

fn failed_step(reason: &DownReason) -> &'static str {
    match reason {
        DownReason::Dns { .. } => RESOLVE,
        DownReason::Refused
        | DownReason::ConnectTimeout
        | DownReason::Unreachable { .. }
        | DownReason::Broken { .. }
        | DownReason::Overrun
        | DownReason::Requested => CONNECT,
        DownReason::TlsUntrusted { .. } | DownReason::TlsFailed { .. } => ENCRYPT,
        DownReason::Session(reason) => match reason {
            CloseReason::NotAmi { .. }
            | CloseReason::TurnedAway
            | CloseReason::NoGreeting
            | CloseReason::Garbage => CONNECT,
            CloseReason::CredentialsRefused { .. }
            | CloseReason::CredentialsUnusable(_)
            | CloseReason::LoginTimeout
            | CloseReason::HalfOpen
            | CloseReason::Shutdown { .. }
            | CloseReason::CutMidFrame
            | CloseReason::ClosedByPeer
            | CloseReason::Logoff => SIGN_IN,
        },
    }
}

fn encryption(connection: &PbxConnection) -> TestStep {
    let loopback = connection.host == "localhost"
        || connection
            .host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match connection.tls {
        TlsMode::Verify => step(ENCRYPT, StepState::Passed, "TLS, and the certificate is trusted."),
        TlsMode::Off if loopback => step(
            ENCRYPT,
            StepState::Passed,
            "Not needed: the connection stays on this host.",
        ),
        TlsMode::Off => step(
            ENCRYPT,
            StepState::Warning,
            "Not encrypted: whoever is on the wire sees every call. Use TLS, or a wire that you trust.",
        ),
    }
}

fn seen(connection: &PbxConnection, report: &ProbeReport) -> Vec<TestStep> {
    let asterisk = report.asterisk_version.as_deref().map_or_else(
        || format!("Signed in (manager interface {}).", report.version),
        |version| format!("Signed in to Asterisk {version}."),
    );
    let sign_in = if report.is_dangerous() {
        let warning = format!(
            "{asterisk} This account may do more than Starboard needs (commands or configuration). Take command, \
             system and config out of its write= line."
        );
        step(SIGN_IN, StepState::Warning, warning)
    } else {
        step(SIGN_IN, StepState::Passed, asterisk)
    };
    vec![
        step(
            RESOLVE,
            StepState::Passed,
            format!("{} has an address.", connection.host),
        ),
        step(
            CONNECT,
            StepState::Passed,
            format!(
                "Asterisk's manager interface listens on port {}.",
                connection.port
            ),
        ),
        encryption(connection),
        sign_in,
        right(
            CALLS,
            report.may("CoreShowChannels"),
            StepState::Failed,
            "Calls that are up can be listed. Live changes also need read=system,call,agent,user,dialplan.",
            "Calls that are up cannot be listed: add reporting to write= of this account.",
        ),
        right(
            EXTENSIONS,
            report.may("ExtensionStateList") && report.may("DeviceStateList"),
            StepState::Warning,
            "Extensions and their states can be listed.",
            "Extensions show up only when they call: add call,reporting to write= of this account.",
        ),
        right(
            QUEUES,
            report.may("QueueStatus"),
            StepState::Warning,
            "Queues can be listed.",
            "There are no queues to see: app_queue is not loaded, or the account may not ask.",
        ),
        right(
            COMMANDS,
            report.may("Originate") && report.may("Hangup") && report.may("Redirect"),
            StepState::Warning,
            "Calls can be placed, transferred and ended.",
            "Starboard can watch and not act: add call,originate to write= of this account if people shall place, \
             transfer and end calls.",
        ),
    ]
}

fn right(name: &str, has: bool, otherwise: StepState, good: &str, missing: &str) -> TestStep {
    if has {
        step(name, StepState::Passed, good)
    } else {
        step(name, otherwise, missing)
    }
}
