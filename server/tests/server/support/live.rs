//! A page's live socket that holds the contract to its word: a snapshot first, ranges that join.

use std::{collections::BTreeMap, net::SocketAddr};

use app::{
    live::protocol::{ClientFrame, LiveChange, LiveSnapshot, PbxRow, ServerFrame},
    model::{PbxId, Viewer},
};
use futures::{SinkExt, StreamExt};
use telephony::Board;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{Browser, PATIENCE};

pub(crate) struct Live {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) sequence: u64,
    pub(crate) boards: BTreeMap<PbxId, (PbxRow, Board)>,
    /// What Starboard adds to them, packed.
    pub(crate) notes: BTreeMap<(PbxId, String), String>,
    pub(crate) snapshots: u64,
    pub(crate) pulses: u64,
    pub(crate) build: String,
    /// Who looks, from when that has changed.
    pub(crate) viewer: Option<Viewer>,
}

/// Asks for a socket; the status where it is refused.
pub(crate) async fn connect(
    address: SocketAddr,
    cookie: Option<&str>,
    origin: Option<&str>,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, u16> {
    let mut request = format!("ws://{address}/live").into_client_request().unwrap();
    for (name, value) in [("cookie", cookie), ("origin", origin)] {
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Live {
    pub(crate) async fn open(browser: &Browser) -> Self {
        let socket = connect(
            browser.address,
            browser.cookie.as_deref(),
            browser.origin.as_deref(),
        )
        .await
        .unwrap();
        let mut live = Self {
            socket,
            sequence: 0,
            boards: BTreeMap::new(),
            notes: BTreeMap::new(),
            snapshots: 0,
            pulses: 0,
            build: String::new(),
            viewer: None,
        };
        let first = live.frame().await.unwrap();
        assert!(matches!(first, ServerFrame::Snapshot(_)), "{first:?}");
        live.fold(first);
        live
    }

    /// The next frame; None when the socket is closed.
    pub(crate) async fn frame(&mut self) -> Option<ServerFrame> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("nothing came")?;
            match message {
                Ok(Message::Binary(bytes)) => return Some(postcard::from_bytes(&bytes).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Takes a frame in as a browser does.
    pub(crate) fn fold(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Snapshot(snapshot) => self.replace(snapshot),
            ServerFrame::Changes { after, upto, changes } => {
                assert!(
                    after <= self.sequence,
                    "a hole: has {}, got {after}..={upto}",
                    self.sequence
                );
                assert!(
                    upto > self.sequence,
                    "old news: has {}, got {after}..={upto}",
                    self.sequence
                );
                self.sequence = upto;
                for change in changes {
                    self.apply(change);
                }
            }
            ServerFrame::Pulse { sequence, .. } => {
                assert_eq!(sequence, self.sequence);
                self.pulses += 1;
            }
            ServerFrame::Bye(_) => {}
            ServerFrame::You(viewer) => self.viewer = Some(*viewer),
        }
    }

    fn replace(&mut self, snapshot: LiveSnapshot) {
        assert!(snapshot.sequence >= self.sequence);
        self.snapshots += 1;
        self.build = snapshot.build;
        self.sequence = snapshot.sequence;
        self.notes.clear();
        for one in &snapshot.pbxs {
            let notes = one.notes.iter().cloned();
            self.notes
                .extend(notes.map(|(name, says)| ((one.pbx.id, name), says)));
        }
        self.boards = snapshot
            .pbxs
            .into_iter()
            .map(|one| (one.pbx.id, (one.pbx, one.board)))
            .collect();
    }

    fn apply(&mut self, change: LiveChange) {
        match change {
            LiveChange::Pbx(row) => match self.boards.get_mut(&row.id) {
                Some((known, _)) => *known = row,
                None => drop(self.boards.insert(row.id, (row, Board::default()))),
            },
            LiveChange::PbxRemoved(pbx) => drop(self.boards.remove(&pbx)),
            LiveChange::Note { pbx, name, says } => match says {
                Some(says) => drop(self.notes.insert((pbx, name), says)),
                None => drop(self.notes.remove(&(pbx, name))),
            },
            LiveChange::Row { pbx, change } => self.boards.get_mut(&pbx).unwrap().1.apply(change),
        }
    }

    /// Folds frames in until the condition holds.
    pub(crate) async fn until(&mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let started = std::time::Instant::now();
        while !condition(self) {
            assert!(started.elapsed() < PATIENCE, "never seen: {what}");
            let frame = self
                .frame()
                .await
                .unwrap_or_else(|| panic!("closed while waiting for: {what}"));
            self.fold(frame);
        }
    }

    pub(crate) async fn say(&mut self, frame: ClientFrame) {
        self.socket
            .send(Message::Binary(postcard::to_stdvec(&frame).unwrap().into()))
            .await
            .unwrap();
    }

    /// The only PBX.
    pub(crate) fn pbx(&self) -> &(PbxRow, Board) {
        self.boards.values().next().expect("no PBX")
    }
}
