//! The script port: one verb a line, one answer a line.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::engine::Wish;

/// Bytes of the longest line.
const MAX_LINE_BYTES: u64 = 1024;

pub(crate) async fn serve(listener: TcpListener, wishes: mpsc::Sender<Wish>) {
    let mut scripts = JoinSet::new();
    loop {
        while scripts.try_join_next().is_some() {}
        if let Ok((socket, _)) = listener.accept().await {
            scripts.spawn(obey(socket, wishes.clone()));
        }
    }
}

async fn obey(socket: TcpStream, wishes: mpsc::Sender<Wish>) {
    let (read_half, mut write_half) = socket.into_split();
    let mut reader = BufReader::new(read_half);
    loop {
        let mut line = String::new();
        match (&mut reader).take(MAX_LINE_BYTES).read_line(&mut line).await {
            Ok(read) if read > 0 && line.ends_with('\n') => {}
            Ok(_) | Err(_) => return,
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (answer, answered) = oneshot::channel();
        if wishes
            .send(Wish::Script {
                line: line.to_owned(),
                answer,
            })
            .await
            .is_err()
        {
            return;
        }
        let text = match answered.await {
            Ok(Ok(value)) if value.is_empty() => "ok\n".to_owned(),
            Ok(Ok(value)) => format!("ok {value}\n"),
            Ok(Err(error)) => format!("error {error}\n"),
            Err(_) => return,
        };
        if write_half.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}
