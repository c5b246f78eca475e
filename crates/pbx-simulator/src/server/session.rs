//! One AMI connection: banner, login, actions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ami::wire::RequestDecoder;
use md5::{Digest, Md5};
use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::play::Recording;
use crate::wire::{Class, Request, Text};

use super::engine::{Connection, Wish};
use super::outbox::{Outbox, outbox};
use super::{Line, MAX_CONNECTIONS, User};

/// Seconds a connection may take to log in.
const LOGIN_S: u64 = 30;
/// Seconds the last words of a connection may take.
const FLUSH_S: u64 = 5;
/// Bytes read at once.
const READ_BYTES: usize = 16 * 1024;

/// Accepts connections for ever.
pub(crate) async fn serve(
    listener: TcpListener,
    users: Arc<[User]>,
    recording: Option<Arc<Recording>>,
    wishes: mpsc::Sender<Wish>,
    line: watch::Receiver<Line>,
) {
    let mut sessions = JoinSet::new();
    let next_id = AtomicU64::new(1);
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        while sessions.try_join_next().is_some() {}
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        if *line.borrow() == Line::Down || open.load(Ordering::Relaxed) >= MAX_CONNECTIONS {
            continue;
        }
        let session = Session {
            id: next_id.fetch_add(1, Ordering::Relaxed),
            users: Arc::clone(&users),
            recording: recording.clone(),
            wishes: wishes.clone(),
            line: line.clone(),
        };
        let open = Arc::clone(&open);
        sessions.spawn(async move {
            open.fetch_add(1, Ordering::Relaxed);
            session.run(socket).await;
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

struct Session {
    id: u64,
    users: Arc<[User]>,
    recording: Option<Arc<Recording>>,
    wishes: mpsc::Sender<Wish>,
    line: watch::Receiver<Line>,
}

/// Reads actions off a socket.
struct Reader {
    socket: OwnedReadHalf,
    decoder: RequestDecoder,
    line: watch::Receiver<Line>,
    cut: watch::Receiver<bool>,
}

impl Reader {
    /// The next action; `None` when the connection is over.
    async fn next(&mut self) -> Option<Request> {
        loop {
            match self.decoder.next() {
                Some(Ok(request)) => {
                    let headers = request
                        .headers()
                        .map(|(name, value)| (name.into_owned(), value.into_owned()));
                    return Some(Request {
                        headers: headers.collect(),
                    });
                }
                Some(Err(fault)) => {
                    tracing::debug!(%fault, "an action cannot be read");
                    return None;
                }
                None => {}
            }
            self.line.wait_for(|line| *line != Line::Silent).await.ok()?;
            let buffer = self.decoder.buffer_mut();
            buffer.reserve(READ_BYTES);
            let read = tokio::select! {
                read = self.socket.read_buf(buffer) => read.ok()?,
                _ = self.cut.wait_for(|cut| *cut) => return None,
            };
            if read == 0 {
                return None;
            }
        }
    }
}

impl Session {
    async fn run(mut self, socket: TcpStream) {
        if self.line.wait_for(|line| *line != Line::Silent).await.is_err() {
            return;
        }
        // Small events must not wait for more.
        let _ = socket.set_nodelay(true);
        let (read_half, write_half) = socket.into_split();
        let (outbox, waiting) = outbox();
        let (cut, cut_seen) = watch::channel(false);
        let mut reader = Reader {
            socket: read_half,
            decoder: RequestDecoder::new(),
            line: self.line.clone(),
            cut: cut_seen.clone(),
        };
        let mut writer = JoinSet::new();
        writer.spawn(waiting.write(write_half, self.line.clone(), cut_seen));
        outbox.send(bytes::Bytes::from_static(ami::wire::BANNER));
        let login = tokio::time::timeout(Duration::from_secs(LOGIN_S), self.login(&mut reader, &outbox));
        if let Ok(Some(user)) = login.await {
            self.serve_user(&mut reader, outbox, cut, &user).await;
        } else {
            drop(outbox);
        }
        // The writer ends by itself once the last outbox is gone and everything is written.
        let _ = tokio::time::timeout(Duration::from_secs(FLUSH_S), writer.join_next()).await;
    }

    /// Until somebody is known. `None` when the connection is over before.
    async fn login(&self, reader: &mut Reader, outbox: &Outbox) -> Option<User> {
        let challenge = (self.id.wrapping_mul(2_654_435_761) % 900_000_000 + 100_000_000).to_string();
        let mut challenged = false;
        loop {
            let request = reader.next().await?;
            let id = request.action_id();
            match request.action().to_ascii_lowercase().as_str() {
                "challenge"
                    if request
                        .get("AuthType")
                        .is_some_and(|kind| kind.eq_ignore_ascii_case("md5")) =>
                {
                    challenged = true;
                    let text = Text::response("Success", id).with("Challenge", &challenge);
                    outbox.send(text.frame().bytes);
                }
                "challenge" => say(outbox, "Error", id, "Must specify AuthType"),
                "login" => {
                    let user = self
                        .users
                        .iter()
                        .find(|user| Some(user.name.as_str()) == request.get("Username"));
                    let known =
                        user.filter(|user| is_known(user, &request, challenged.then_some(&challenge)));
                    let Some(user) = known else {
                        say(outbox, "Error", id, "Authentication failed");
                        return None;
                    };
                    say(outbox, "Success", id, "Authentication accepted");
                    return Some(user.clone());
                }
                "logoff" => {
                    say(outbox, "Goodbye", id, "Thanks for all the fish.");
                    return None;
                }
                _ => say(outbox, "Error", id, "Permission denied"),
            }
        }
    }

    async fn serve_user(&self, reader: &mut Reader, outbox: Outbox, cut: watch::Sender<bool>, user: &User) {
        let player = self.recording.clone().map(|recording| {
            let outbox = outbox.clone();
            tokio::spawn(async move { recording.play(|bytes| outbox.send(bytes)).await })
        });
        let connection = Connection {
            outbox: outbox.clone(),
            cut,
            read: user.read,
            write: user.write,
            mask: Class::ALL,
            plays: player.is_some(),
        };
        if self
            .wishes
            .send(Wish::Join {
                id: self.id,
                connection,
            })
            .await
            .is_err()
        {
            return;
        }
        // A weak hold: when the engine lets go of the connection, the writer finishes and closes it.
        drop(outbox);
        let farewell = loop {
            let Some(request) = reader.next().await else {
                break None;
            };
            if request.action().eq_ignore_ascii_case("Logoff") {
                break Some(request);
            }
            if self
                .wishes
                .send(Wish::Act { id: self.id, request })
                .await
                .is_err()
            {
                break None;
            }
        };
        if let Some(request) = farewell {
            let _ = self.wishes.send(Wish::Act { id: self.id, request }).await;
        }
        let _ = self.wishes.send(Wish::Leave { id: self.id }).await;
        if let Some(player) = player {
            player.abort();
        }
    }
}

fn say(outbox: &Outbox, word: &str, id: Option<&str>, message: &str) {
    outbox.send(Text::response(word, id).with("Message", message).frame().bytes);
}

fn is_known(user: &User, request: &Request, challenge: Option<&String>) -> bool {
    match (request.get("Key"), challenge) {
        (Some(key), Some(challenge)) => {
            let digest = Md5::digest(format!("{challenge}{}", user.secret));
            let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            key.eq_ignore_ascii_case(&expected)
        }
        (Some(_), None) => false,
        (None, _) => request.get("Secret") == Some(user.secret.as_str()),
    }
}
