//! A PBX that logs anybody in, has no lists, and says what it is told to, byte for byte.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};

pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) listener: TcpListener,
}

/// A connection that is logged in; closed when it is dropped.
pub(crate) struct Wire(mpsc::Sender<Vec<u8>>);

impl Peer {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            listener,
        }
    }

    /// Takes the next connection and logs it in.
    pub(crate) async fn log_in(&self) -> Wire {
        let (socket, _) = self.listener.accept().await.unwrap();
        Wire::over(socket).await
    }
}

impl Wire {
    /// A wire to nobody.
    pub(crate) fn none() -> Self {
        Self(mpsc::channel(1).0)
    }

    /// Answers until every list was refused, then goes on answering pings.
    pub(crate) async fn over(socket: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (read, mut write) = tokio::io::split(socket);
        write
            .write_all(b"Asterisk Call Manager/11.0.0\r\n")
            .await
            .unwrap();
        let (say, mut said) = mpsc::channel::<Vec<u8>>(4);
        let (through, listed) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let mut lines = BufReader::new(read).lines();
            let (mut action, mut id) = (String::new(), String::new());
            let mut through = Some(through);
            loop {
                let line = tokio::select! {
                    line = lines.next_line() => line,
                    bytes = said.recv() => match bytes {
                        Some(bytes) => {
                            if write.write_all(&bytes).await.is_err() {
                                return;
                            }
                            continue;
                        }
                        None => return,
                    },
                };
                let Ok(Some(line)) = line else { return };
                if let Some(name) = line.strip_prefix("Action: ") {
                    action = name.to_owned();
                } else if let Some(value) = line.strip_prefix("ActionID: ") {
                    id = value.to_owned();
                } else if line.is_empty() {
                    if write.write_all(answer(&action, &id).as_bytes()).await.is_err() {
                        return;
                    }
                    if action == "ConfbridgeListRooms"
                        && let Some(through) = through.take()
                    {
                        let _ = through.send(());
                    }
                }
            }
        });
        listed.await.unwrap();
        Self(say)
    }

    pub(crate) async fn say(&self, bytes: impl AsRef<[u8]>) {
        self.0.send(bytes.as_ref().to_vec()).await.unwrap();
    }

    /// An extension shows itself.
    pub(crate) async fn introduce(&self, number: &str) {
        self.say(extension(number)).await;
    }
}

pub(crate) fn extension(number: &str) -> String {
    format!(
        "Event: ExtensionStatus\r\nPrivilege: call,all\r\nExten: {number}\r\nContext: from-internal\r\n\
         Hint: PJSIP/{number}\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n"
    )
}

fn answer(action: &str, id: &str) -> String {
    let rest = match action {
        "Challenge" => "Response: Success\r\nChallenge: 123\r\n",
        "Login" => "Response: Success\r\nMessage: Authentication accepted\r\n",
        "Ping" => "Response: Success\r\nPing: Pong\r\n",
        _ => "Response: Error\r\nMessage: Permission denied\r\n",
    };
    format!("{}ActionID: {id}\r\n\r\n", rest)
}
