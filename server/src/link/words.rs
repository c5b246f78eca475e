//! What a link's troubles are called on the screen, with the next step to take.

use ami::{CloseReason, client::DownReason};
use telephony::List;

/// Why there is no connection.
pub(crate) fn down(reason: &DownReason, host: &str) -> String {
    match reason {
        DownReason::Dns { .. } => {
            format!("The host name {host} is not known. Check its spelling and the DNS.")
        }
        DownReason::Refused => format!(
            "{host} answers, but nothing listens on this port. Is Asterisk running, and AMI enabled in manager.conf?"
        ),
        DownReason::ConnectTimeout => format!("{host} does not answer. Check the address and the firewall."),
        DownReason::Unreachable { .. } => format!("There is no way to {host}. Check the network."),
        DownReason::TlsUntrusted { message } => {
            format!(
                "The certificate of {host} is not trusted ({message}). Add its authority to the connection."
            )
        }
        DownReason::TlsFailed { .. } => {
            format!("TLS with {host} failed. Is this the port of tlsbindaddr in manager.conf, usually 5039?")
        }
        DownReason::Session(reason) => closed(reason, host),
        DownReason::Broken { .. } => format!("The connection to {host} broke."),
        DownReason::Overrun => {
            "The telephone system sent faster than Starboard could follow; it starts afresh.".to_owned()
        }
        DownReason::Requested => "Connecting again.".to_owned(),
    }
}

fn closed(reason: &CloseReason, host: &str) -> String {
    match reason {
        CloseReason::NotAmi { .. } => {
            format!("What listens on this port of {host} is not Asterisk's manager interface.")
        }
        CloseReason::CredentialsRefused { .. } => "User name or secret were refused.".to_owned(),
        CloseReason::CredentialsUnusable(_) => {
            "User name or secret hold characters that cannot be sent.".to_owned()
        }
        CloseReason::TurnedAway => {
            format!("{host} turned the connection away: too many are open, or permit= forbids this host.")
        }
        CloseReason::NoGreeting | CloseReason::LoginTimeout => {
            format!(
                "{host} takes the connection and says nothing. Is Asterisk hanging, or is this another service?"
            )
        }
        CloseReason::HalfOpen => format!("{host} has gone silent."),
        CloseReason::Garbage => format!("{host} sends what is not the manager interface's language."),
        CloseReason::Shutdown { restart: true } => "The telephone system is restarting.".to_owned(),
        CloseReason::Shutdown { restart: false } => "The telephone system was shut down.".to_owned(),
        CloseReason::CutMidFrame => "The telephone system cut the connection in mid-sentence.".to_owned(),
        CloseReason::ClosedByPeer => "The telephone system closed the connection.".to_owned(),
        CloseReason::Logoff => "Logged off.".to_owned(),
    }
}

/// What stays invisible because a list was refused; None where the refusal only means that there is nothing.
pub(crate) fn blind_spot(list: List, message: &str) -> Option<String> {
    if !message.to_ascii_lowercase().contains("permission") {
        return None;
    }
    let (what, right) = match list {
        List::Hints => ("the numbers of extensions", "reporting"),
        List::Endpoints => ("phones and trunks", "system"),
        List::Registrations => ("whether trunks are registered", "reporting"),
        List::Devices => ("whether phones are busy", "reporting"),
        List::Mailboxes => ("voicemail", "reporting"),
        List::Bridges => ("who talks to whom after a reconnection", "reporting"),
        List::Channels => ("calls that were up before Starboard connected", "reporting"),
        List::Queues => ("queues", "agent"),
        List::Parked => ("parked calls", "call"),
        List::Rooms => ("conference rooms", "reporting"),
    };
    Some(format!(
        "Starboard cannot see {what}: add {right} to write= of its account in manager.conf."
    ))
}
