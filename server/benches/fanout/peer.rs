//! The PBX of the measurement: logs anybody in, has no lists, and says what it is told to.

use std::{net::SocketAddr, os::fd::AsFd};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
};

use crate::process::now_us;

/// Extensions whose states change in turn.
const EXTENSIONS: u32 = 500;

pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    listener: Option<TcpListener>,
    out: Option<OwnedWriteHalf>,
    changes: u32,
}

impl Peer {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            listener: Some(listener),
            out: None,
            changes: 0,
        }
    }

    /// Answers until the lists are through, names the extensions, then leaves the socket to [`Peer::change`].
    pub(crate) async fn log_in(&mut self) {
        let (socket, _): (TcpStream, _) = self.listener.take().unwrap().accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (read, mut write) = socket.into_split();
        write
            .write_all(b"Asterisk Call Manager/11.0.0\r\n")
            .await
            .unwrap();
        let (lines_out, mut answers) = tokio::sync::mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            let mut lines = BufReader::new(read).lines();
            let (mut action, mut id) = (String::new(), String::new());
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(name) = line.strip_prefix("Action: ") {
                    action = name.to_owned();
                } else if let Some(value) = line.strip_prefix("ActionID: ") {
                    id = value.to_owned();
                } else if line.is_empty() {
                    let answer = match action.as_str() {
                        "Challenge" => {
                            format!("Response: Success\r\nActionID: {id}\r\nChallenge: 123\r\n\r\n")
                        }
                        "Login" => format!(
                            "Response: Success\r\nActionID: {id}\r\nMessage: Authentication accepted\r\n\r\n"
                        ),
                        "Ping" => format!("Response: Success\r\nActionID: {id}\r\nPing: Pong\r\n\r\n"),
                        _ => {
                            format!("Response: Error\r\nActionID: {id}\r\nMessage: Permission denied\r\n\r\n")
                        }
                    };
                    let last = action == "ConfbridgeListRooms";
                    lines_out.send(answer).unwrap_or_default();
                    if last {
                        lines_out.send(String::new()).unwrap_or_default();
                    }
                }
            }
        });
        while let Some(answer) = answers.recv().await {
            if answer.is_empty() {
                break;
            }
            write.write_all(answer.as_bytes()).await.unwrap();
        }
        self.out = Some(write);
        for number in 0..EXTENSIONS {
            self.introduce(1000 + number).await;
        }
        // pings are not answered any more: the measurement is shorter than the silence they guard against,
        // and every change is a sign of life
    }

    /// An extension that is there from now on.
    async fn introduce(&mut self, number: u32) {
        let event = format!(
            "Event: ExtensionStatus\r\nPrivilege: call,all\r\nExten: {number}\r\nContext: from-internal\r\n\
             Hint: PJSIP/{number}\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n"
        );
        self.out
            .as_mut()
            .unwrap()
            .write_all(event.as_bytes())
            .await
            .unwrap();
    }

    /// One phone changes; the time at which it was said.
    pub(crate) async fn change(&mut self) -> u64 {
        let event = self.next_change();
        let at_us = now_us();
        self.out
            .as_mut()
            .unwrap()
            .write_all(event.as_bytes())
            .await
            .unwrap();
        at_us
    }

    /// What is said when one phone changes.
    pub(crate) fn next_change(&mut self) -> String {
        let number = 1000 + self.changes % EXTENSIONS;
        let state = if (self.changes / EXTENSIONS).is_multiple_of(2) {
            "INUSE"
        } else {
            "NOT_INUSE"
        };
        self.changes += 1;
        format!(
            "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: PJSIP/{number}\r\nState: {state}\r\n\r\n"
        )
    }

    /// The socket, for one who writes from a thread.
    pub(crate) fn socket(&self) -> std::net::TcpStream {
        let out: &TcpStream = self.out.as_ref().unwrap().as_ref();
        out.as_fd().try_clone_to_owned().unwrap().into()
    }
}

/// An event that changes nothing on the board, as most do.
pub(crate) const NO_CHANGE: &[u8] =
    b"Event: VarSet\r\nPrivilege: dialplan,all\r\nVariable: GLOBAL_TURN\r\nValue: 1\r\n\r\n";
