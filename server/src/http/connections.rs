//! Connections: so many at once and no more, and none that dawdles over its request.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{connection::Connection, tls::Tls};

/// A request's head must be there after so long; a connection without one is closed.
const HEAD: Duration = Duration::from_secs(15);
/// The largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 32 << 10;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// What the system keeps for one slow browser, in bytes: beyond it a snapshot is better than old frames.
const SEND_BUFFER_BYTES: u32 = 128 << 10;
/// Files of ours beside connections: the database, the log, links to PBXs, files that are being served.
const OTHER_FILES: u64 = 256;
/// Nothing can be accepted, for want of files or memory: the wait before the next attempt.
const PAUSE: Duration = Duration::from_millis(500);
/// That connections are turned away is logged once in so long.
const SAY_AGAIN: Duration = Duration::from_secs(30);
/// What a connection too many is told.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 71\r\nRetry-After: 10\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n\
    Too many connections are open on this Starboard. Try again in a moment.";

/// Listens.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    // accepted sockets inherit it
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// So many of the wanted connections as there is room for in the system's limit of open files, which is
/// raised as far as it goes.
pub(crate) fn room_for(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let room = files.map_or(usize::MAX, |files| {
        usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX)
    });
    if room < wanted {
        tracing::warn!(
            connections = room,
            "the limit of open files allows fewer connections than configured"
        );
    }
    wanted.min(room).clamp(1, u32::MAX as usize)
}

/// Answers until `stop` is ready, then lets every connection finish the request it is at; returns when all
/// are closed. Live sockets are told to end elsewhere.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    tls: Option<Tls>,
    stop: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(max_connections));
    let stopping = CancellationToken::new();
    let mut said = None;
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            if said.is_none_or(|at: Instant| at.elapsed() > SAY_AGAIN) {
                said = Some(Instant::now());
                tracing::warn!(max_connections, "connections are turned away");
            }
            if tls.is_none() {
                turn_away(stream);
            }
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        let (router, stopping) = (router.clone(), stopping.clone());
        match tls.clone() {
            None => {
                tokio::spawn(answer(Connection::plain(stream, place), peer, router, stopping));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    // whoever cannot agree on a protection goes without an answer
                    if let Some(stream) = tls.shake_hands(stream).await {
                        answer(Connection::protected(stream, place), peer, router, stopping).await;
                    }
                });
            }
        }
    }
    drop(listener);
    stopping.cancel();
    // every place is free again; the semaphore is never closed
    let _ = room
        .acquire_many(u32::try_from(max_connections).unwrap_or(u32::MAX))
        .await;
}

async fn answer(connection: Connection, peer: SocketAddr, router: Router, stopping: CancellationToken) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let answering = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(connection), service)
        .with_upgrades();
    tokio::pin!(answering);
    let answered = tokio::select! {
        answered = answering.as_mut() => answered,
        () = stopping.cancelled() => {
            answering.as_mut().graceful_shutdown();
            answering.await
        }
    };
    if let Err(error) = answered {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn turn_away(stream: TcpStream) {
    // best effort: whoever floods us may not even read it
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(FULL);
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_one_too_many_is_whole() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
    }

    #[test]
    fn the_limit_of_open_files_is_kept() {
        assert_eq!(room_for(1), 1);
        assert!(room_for(usize::MAX) >= 1);
    }
}
