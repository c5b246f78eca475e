//! The simulator on a socket: logins, rights, lists, scripts, and a link that misbehaves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ami::{Decoded, Decoder, Limits, Message};
use pbx_simulator::{Habits, Options, Settings, Simulator, User, VerbError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn options(habits: Habits) -> Options {
    Options {
        control: Some(std::net::SocketAddr::from(([127, 0, 0, 1], 0))),
        settings: Settings {
            habits,
            ..Settings::default()
        },
        users: vec![
            User::full("starboard", "s3crèt;#="),
            User::cockpit("cockpit", "steer"),
            User::viewer("viewer", "look"),
        ],
        ..Options::default()
    }
}

async fn scripted() -> Simulator {
    Simulator::start(options(Habits::Scripted)).await.unwrap()
}

struct Client {
    socket: TcpStream,
    decoder: Decoder,
}

impl Client {
    async fn connect(simulator: &Simulator) -> Client {
        let socket = TcpStream::connect(simulator.bound().ami).await.unwrap();
        Client {
            socket,
            decoder: Decoder::new(Limits::default()),
        }
    }

    async fn login(simulator: &Simulator) -> Client {
        let mut client = Client::connect(simulator).await;
        let answer = client
            .ask("Action: Login\r\nUsername: starboard\r\nSecret: s3crèt;#=")
            .await;
        assert_eq!(answer.text(), "Authentication accepted");
        client.until("FullyBooted").await;
        client
    }

    async fn send(&mut self, action: &str) {
        self.socket
            .write_all(format!("{action}\r\nActionID: 7\r\n\r\n").as_bytes())
            .await
            .unwrap();
    }

    /// Sends an action and waits for its answer.
    async fn ask(&mut self, action: &str) -> Message {
        self.send(action).await;
        loop {
            let message = self.next().await.expect("an answer");
            if message.is_response() {
                return message;
            }
        }
    }

    /// The next message; `None` when the connection is closed.
    async fn next(&mut self) -> Option<Message> {
        tokio::time::timeout(PATIENCE, async {
            loop {
                match self.decoder.next() {
                    Some(Decoded::Message(message)) => return Some(message),
                    Some(_) => continue,
                    None => {}
                }
                let read = self.socket.read_buf(self.decoder.buffer_mut()).await.unwrap_or(0);
                if read == 0 {
                    return None;
                }
            }
        })
        .await
        .expect("something within the patience of this test")
    }

    async fn until(&mut self, event: &str) -> Message {
        loop {
            let message = self
                .next()
                .await
                .unwrap_or_else(|| panic!("{event} before the end"));
            if message.event_name() == Some(event) {
                return message;
            }
        }
    }
}

#[tokio::test]
async fn a_login_by_challenge() {
    let simulator = scripted().await;
    let mut client = Client::connect(&simulator).await;
    let challenge = client.ask("Action: Challenge\r\nAuthType: MD5").await;
    let challenge = challenge.get("Challenge").unwrap().into_owned();
    let key = ami_key(&challenge, "s3crèt;#=");
    let answer = client
        .ask(&format!(
            "Action: Login\r\nAuthType: MD5\r\nUsername: starboard\r\nKey: {key}"
        ))
        .await;
    assert_eq!(answer.text(), "Authentication accepted");
    assert_eq!(client.ask("Action: Ping").await.get("Ping").unwrap(), "Pong");
    assert_eq!(
        client.ask("Action: Logoff").await.get("Response").unwrap(),
        "Goodbye"
    );
    while client.next().await.is_some() {}
}

/// What a client computes.
fn ami_key(challenge: &str, secret: &str) -> String {
    use md5::Digest;
    let digest = md5::Md5::digest(format!("{challenge}{secret}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn who_is_not_known_is_told_and_cut() {
    let simulator = scripted().await;
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.ask("Action: Ping").await.text(), "Permission denied");
    let answer = client
        .ask("Action: Login\r\nUsername: starboard\r\nSecret: wrong")
        .await;
    assert_eq!(answer.text(), "Authentication failed");
    assert!(client.next().await.is_none());
}

#[tokio::test]
async fn the_list_of_commands_is_what_the_account_may() {
    let simulator = scripted().await;
    for (user, secret, may, may_not) in [
        ("cockpit", "steer", "Originate", "Command"),
        ("viewer", "look", "CoreStatus", "Originate"),
    ] {
        let mut client = Client::connect(&simulator).await;
        client
            .ask(&format!("Action: Login\r\nUsername: {user}\r\nSecret: {secret}"))
            .await;
        let list = client.ask("Action: ListCommands").await;
        assert!(list.get(may).is_some(), "{user} may {may}: {list:?}");
        assert!(list.get(may_not).is_none(), "{user} may not {may_not}: {list:?}");
        let refused = client.ask(&format!("Action: {may_not}")).await;
        assert_eq!(refused.text(), "Permission denied", "{user}: {may_not}");
    }
    // in Asterisk's own shape
    let list = Client::login(&simulator).await.ask("Action: ListCommands").await;
    for (action, classes) in [
        ("Hangup", "(Priv: system,call,all)"),
        ("Ping", "(Priv: <none>)"),
        ("Command", "(Priv: command,all)"),
    ] {
        let words = list.get(action).unwrap_or_default().into_owned();
        assert!(words.ends_with(classes), "{action}: {words}");
    }
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_touch() {
    let simulator = scripted().await;
    let mut client = Client::connect(&simulator).await;
    client
        .ask("Action: Login\r\nUsername: viewer\r\nSecret: look")
        .await;
    assert_eq!(
        client.ask("Action: QueueStatus").await.text(),
        "Queue status will follow"
    );
    for action in [
        "Hangup\r\nChannel: x",
        "Originate\r\nChannel: PJSIP/1001",
        "Command\r\nCommand: core show version",
    ] {
        let answer = client.ask(&format!("Action: {action}")).await;
        assert_eq!(answer.text(), "Permission denied", "{action}");
    }
    simulator.call("1001", "1002").await.unwrap();
    simulator.answer("1002").await.unwrap();
    let mut seen = Vec::new();
    loop {
        let message = client.next().await.unwrap();
        let privilege = message.privilege().unwrap_or_default().into_owned();
        if privilege == "dialplan,all" {
            panic!("a viewer sees {message:?}");
        }
        seen.push(message.event_name().unwrap_or_default().to_owned());
        if seen.iter().filter(|name| *name == "BridgeEnter").count() == 2 {
            break;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_in_asterisks_words() {
    let simulator = scripted().await;
    let mut client = Client::login(&simulator).await;
    for (action, expected) in [
        ("Hangup", "No channel specified"),
        ("Hangup\r\nChannel: PJSIP/1099-00000000", "No such channel"),
        (
            "Redirect\r\nChannel: PJSIP/x\r\nExten: 1\r\nContext: from-internal",
            "Channel does not exist: PJSIP/x",
        ),
        ("Park\r\nChannel: x", "Channel does not exist: x"),
        (
            "Originate\r\nChannel: PJSIP/1001\r\nContext: from-internal",
            "Extension does not exist.",
        ),
        (
            "QueueAdd\r\nQueue: nosuch\r\nInterface: PJSIP/1001",
            "Unable to add interface to queue: No such queue",
        ),
        (
            "QueueRemove\r\nQueue: sales\r\nInterface: PJSIP/1001",
            "Unable to remove interface: Not there",
        ),
        (
            "QueuePause\r\nInterface: PJSIP/9999\r\nPaused: true",
            "Interface not found",
        ),
        (
            "ConfbridgeKick\r\nConference: 900\r\nChannel: x",
            "No Conference by that name found.",
        ),
        (
            "NoSuchAction",
            "Invalid/unknown command: NoSuchAction. Use Action: ListCommands to show available commands.",
        ),
    ] {
        let answer = client.ask(&format!("Action: {action}")).await;
        assert_eq!(answer.get("Response").unwrap(), "Error", "{action}");
        assert_eq!(answer.text(), expected, "{action}");
    }
}

#[tokio::test]
async fn a_click_rings_one_phone_then_the_other() {
    let simulator = scripted().await;
    let mut client = Client::login(&simulator).await;
    let answer = client
        .ask(
            "Action: Originate\r\nChannel: PJSIP/1001\r\nContext: from-internal\r\nExten: 1002\r\nPriority: 1\r\n\
             Async: true\r\nChannelId: click-1",
        )
        .await;
    assert_eq!(answer.text(), "Originate successfully queued");
    simulator.answer("1001").await.unwrap();
    let response = client.until("OriginateResponse").await;
    assert_eq!(response.get("Reason").unwrap(), "4");
    assert_eq!(response.get("Uniqueid").unwrap(), "click-1");
    assert_eq!(
        client.until("DialBegin").await.get("Linkedid").unwrap(),
        "click-1"
    );
    simulator.answer("1002").await.unwrap();
    client.until("BridgeEnter").await;
    let away = "Action: Originate\r\nChannel: PJSIP/1023\r\nContext: from-internal\r\nExten: 1002\r\nAsync: true\r\n\
                ChannelId: click-2";
    client.ask(away).await;
    let response = client.until("OriginateResponse").await;
    assert_eq!(
        (response.get("Response").unwrap(), response.get("Reason").unwrap()),
        ("Failure".into(), "0".into())
    );
}

#[tokio::test]
async fn scripts_come_over_the_control_port() {
    let simulator = scripted().await;
    let control = TcpStream::connect(simulator.bound().control.unwrap())
        .await
        .unwrap();
    let (reader, mut writer) = control.into_split();
    let mut lines = BufReader::new(reader).lines();
    for (line, expected) in [
        ("# a comment\ncall 1001 1002", "ok"),
        ("answer 1002", "ok"),
        ("hold 1001", "ok"),
        ("unhold 1001", "ok"),
        ("park 1001", "ok 701"),
        ("call 1003 701", "ok"),
        ("queue-call +4930123 support Émile", "ok"),
        ("abandon +4930123", "ok"),
        ("answer 1030", "error 1030 cannot do that now"),
        ("answer 9999", "error not known: 9999"),
        ("dance", "error cannot read: dance"),
    ] {
        writer.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        let answer = lines.next_line().await.unwrap().unwrap();
        assert!(answer.starts_with(expected), "{line}: {answer}");
    }
    assert_eq!(
        simulator.answer("9999").await,
        Err(VerbError::Unknown("9999".to_owned()))
    );
}

#[tokio::test]
async fn a_cut_link_leaves_the_calls_alone() {
    let simulator = scripted().await;
    let mut client = Client::login(&simulator).await;
    simulator.call("1001", "1002").await.unwrap();
    simulator.answer("1002").await.unwrap();
    simulator.cut_links().await.unwrap();
    while client.next().await.is_some() {}
    let mut client = Client::login(&simulator).await;
    client.send("Action: CoreShowChannels").await;
    assert_eq!(
        client
            .until("CoreShowChannelsComplete")
            .await
            .get("ListItems")
            .unwrap(),
        "2"
    );
}

#[tokio::test]
async fn a_restart_says_good_bye_and_comes_back_empty() {
    let simulator = scripted().await;
    let mut client = Client::login(&simulator).await;
    simulator.call("1001", "1002").await.unwrap();
    simulator.restart().await.unwrap();
    client.until("Hangup").await;
    assert_eq!(client.until("Shutdown").await.get("Restart").unwrap(), "True");
    assert!(client.next().await.is_none());
    let mut client = loop {
        // Not there yet: the connection is closed before a word.
        let mut client = Client::connect(&simulator).await;
        client
            .send("Action: Login\r\nUsername: starboard\r\nSecret: s3crèt;#=")
            .await;
        if client.next().await.is_some() {
            break client;
        }
    };
    client.send("Action: CoreShowChannels").await;
    assert_eq!(
        client
            .until("CoreShowChannelsComplete")
            .await
            .get("ListItems")
            .unwrap(),
        "0"
    );
    let uniqueid = simulator.call("1001", "1002").await.unwrap();
    assert!(uniqueid.ends_with(".0"), "{uniqueid}");
}

#[tokio::test]
async fn on_a_dead_line_nothing_moves() {
    let simulator = scripted().await;
    let mut client = Client::login(&simulator).await;
    simulator.go_silent(Duration::from_millis(300)).await.unwrap();
    simulator.call("1001", "1002").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(100), client.socket.readable()).await;
    assert!(early.is_err(), "something came over a dead line");
    client.until("Newchannel").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_and_hurts_nobody() {
    let simulator = scripted().await;
    let mut idle = Client::login(&simulator).await;
    let mut other = Client::login(&simulator).await;
    // A list is some 12 kB: together more than the backlog of a connection and the buffers of two sockets.
    let action = b"Action: PJSIPShowEndpoints\r\nActionID: 7\r\n\r\n";
    let mut asked = 0;
    while asked < 4000 && idle.socket.write_all(action).await.is_ok() {
        asked += 1;
    }
    assert_eq!(other.ask("Action: Ping").await.get("Ping").unwrap(), "Pong");
    let mut answered = 0;
    while let Some(message) = idle.next().await {
        answered += usize::from(message.event_name() == Some("EndpointListComplete"));
    }
    assert!(answered < asked, "all {asked} lists came: nothing was cut");
    assert_eq!(other.ask("Action: Ping").await.get("Ping").unwrap(), "Pong");
}
