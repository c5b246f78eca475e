//! `/recordings/KEY`: a recording, whole or in parts, for whoever may hear it; `/recordings/KEY/copy` as a file to take along,
//! `/recordings/KEY/opus` as a much smaller one.

use std::{collections::HashMap, io, time::Duration};

use app::{
    AppError,
    model::recording::{COPY, OPUS, PATH},
};
use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
    sync::{Semaphore, SemaphorePermit, mpsc},
};

use super::gate::status;
use crate::{
    backend::{CallerBackend, Sound, Source, Want},
    caller::Caller,
    error::internal,
    places::Place,
    recordings::{
        opus::{Opus, Piped},
        range::{Wanted, wanted},
    },
    services::Services,
};

/// Read and sent at once.
const CHUNK: usize = 64 << 10;
/// Recordings that are made into Opus at once: it takes a core each,
static ENCODING: Semaphore = Semaphore::const_new(2);
/// and the next one waits for so long.
const TURN: Duration = Duration::from_secs(20);
/// Pieces that wait to be taken.
const PIECES: usize = 4;
/// What is sent starts nothing and is shown in nothing; opened by itself, it is heard.
const POLICY: &str = "default-src 'none'; media-src 'self'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route(&format!("{PATH}/{{key}}"), get(hear))
        .route(&format!("{PATH}/{{key}}/{COPY}"), get(copy))
        .route(&format!("{PATH}/{{key}}/{OPUS}"), get(opus))
}

async fn hear(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Path(key): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let want = if method == Method::HEAD {
        Want::Head
    } else {
        Want::Hear(parameters.get("listening").cloned().unwrap_or_default())
    };
    answer(services, caller, &key, want, &headers).await
}

async fn copy(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(services, caller, &key, Want::Copy, &headers).await
}

/// Made into Opus while it is sent: how long it will be is not known.
async fn opus(
    State(services): State<Services>,
    Extension(caller): Extension<Caller>,
    Path(key): Path<String>,
    method: Method,
) -> Response {
    if method == Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let backend = CallerBackend::new(services, caller);
    // whoever is refused waits for nobody
    if let Err(error) = backend.may_copy() {
        return refused(error);
    }
    let turn = match tokio::time::timeout(TURN, ENCODING.acquire()).await {
        Ok(Ok(turn)) => turn,
        _ => {
            let retry_after_s = TURN.as_secs();
            return refused(AppError::TooMany { retry_after_s });
        }
    };
    match backend.open_recording(&key, Want::Opus).await {
        Ok(sound) => encoded(sound, turn).await.unwrap_or_else(refused),
        Err(error) => refused(error),
    }
}

async fn encoded(sound: Sound, turn: SemaphorePermit<'static>) -> Result<Response, AppError> {
    let Sound {
        source,
        name,
        bytes: length,
        place,
        ..
    } = sound;
    let (sender, receiver) = mpsc::channel(PIECES);
    let piped = match source {
        Source::File(file) => Err((file, place)),
        Source::Object(bucket, key) => {
            let (feed, pieces) = mpsc::channel(PIECES);
            tokio::spawn(async move {
                let mut stream = std::pin::pin!(bucket.stream(key, (0, length), place));
                while let Some(piece) = stream.next().await {
                    if feed.send(piece).await.is_err() {
                        break;
                    }
                }
            });
            Ok(Piped::new(pieces))
        }
    };
    let (begun, fits) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let (opened, _place) = match piped {
            Ok(piped) => (Opus::of_bytes(piped), None),
            Err((file, place)) => (Opus::of_file(file), Some(place)),
        };
        let (opus, unfit) = match opened {
            Ok(opus) => (Some(opus), None),
            Err(unfit) => (None, Some(unfit)),
        };
        // nobody waits for it any more
        if begun.send(unfit).is_err() {
            return;
        }
        let Some(opus) = opus else { return };
        let mut out = Pieces {
            sender: sender.clone(),
            waiting: BytesMut::with_capacity(CHUNK),
        };
        if let Err(error) = opus.write(&mut out)
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::warn!(%error, "a recording was broken off while it was made into Opus");
            // what is cut short must not look whole
            let _ = sender.blocking_send(Err(error));
        }
    });
    if let Some(unfit) = fits.await.map_err(internal)? {
        return Err(AppError::Conflict(unfit.to_string()));
    }
    let name = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let told = [
        (header::CONTENT_TYPE, "audio/ogg".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            disposition(&format!("{name}.opus"), true),
        ),
    ];
    let pieces = futures::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let mut response = Body::from_stream(pieces).into_response();
    for (name, value) in told {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Bytes on their way to whoever takes them: whoever is slow is waited for, whoever is gone ends it.
struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    waiting: BytesMut,
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = self.waiting.split().freeze();
        let sent = self.sender.blocking_send(Ok(piece));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

async fn answer(services: Services, caller: Caller, key: &str, want: Want, headers: &HeaderMap) -> Response {
    let (is_copy, is_head) = (want == Want::Copy, want == Want::Head);
    match CallerBackend::new(services, caller)
        .open_recording(key, want)
        .await
    {
        Ok(sound) => match send(sound, is_copy, is_head, headers).await {
            Ok(response) => response,
            Err(error) => refused(internal(error)),
        },
        Err(error) => refused(error),
    }
}

pub(super) fn refused(error: AppError) -> Response {
    let mut refused = (status(&error), format!("{error}\n")).into_response();
    if let AppError::TooMany { retry_after_s } = error {
        refused
            .headers_mut()
            .insert(header::RETRY_AFTER, retry_after_s.into());
    }
    // the door tells the trail
    refused.extensions_mut().insert(error);
    refused
}

/// What of it is asked for. A part is of the recording that the browser has the beginning of, or of none.
fn part(sound: &Sound, etag: &str, headers: &HeaderMap) -> Wanted {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(header::RANGE) else {
        return Wanted::Whole;
    };
    match headers.get(header::IF_RANGE) {
        Some(mark) if mark != etag => Wanted::Whole,
        Some(_) | None => wanted(range, sound.bytes),
    }
}

pub(super) async fn send(
    sound: Sound,
    is_copy: bool,
    is_head: bool,
    headers: &HeaderMap,
) -> io::Result<Response> {
    let etag = format!("\"{}\"", sound.sum);
    let wanted = part(&sound, &etag, headers);
    let (status, first, length, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, sound.bytes, None),
        Wanted::Part(first, last) => {
            let range = format!("bytes {first}-{last}/{}", sound.bytes);
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1, Some(range))
        }
        Wanted::Nothing => {
            let range = format!("bytes */{}", sound.bytes);
            (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0, Some(range))
        }
    };
    let told = [
        (header::CONTENT_TYPE, Some(sound.content_type.to_owned())),
        (header::CONTENT_LENGTH, Some(length.to_string())),
        (header::ACCEPT_RANGES, Some("bytes".to_owned())),
        (header::CACHE_CONTROL, Some("no-store".to_owned())),
        (header::CONTENT_SECURITY_POLICY, Some(POLICY.to_owned())),
        (header::ETAG, Some(etag)),
        (header::CONTENT_RANGE, range),
        (
            header::CONTENT_DISPOSITION,
            Some(disposition(&sound.name, is_copy)),
        ),
    ];
    let body = if is_head || length == 0 {
        Body::empty()
    } else {
        match sound.source {
            Source::File(file) => {
                let mut file = File::from_std(file);
                file.seek(io::SeekFrom::Start(first)).await?;
                Body::from_stream(bytes(file, length, sound.place))
            }
            Source::Object(bucket, key) => {
                Body::from_stream(bucket.stream(key, (first, length), sound.place).fuse())
            }
        }
    };
    let mut response = (status, body).into_response();
    for (name, value) in told {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// So many bytes of a file, piece by piece as they are taken. One that turns out to be shorter is broken off: what is cut
/// short must not look whole.
fn bytes(file: File, length: u64, place: Place) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let pieces = futures::stream::unfold((file, length, place), async |(mut file, left, place)| {
        if left == 0 {
            return None;
        }
        let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let mut piece = BytesMut::with_capacity(most);
        let read = (&mut file).take(most as u64).read_buf(&mut piece).await;
        let read = match read {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file was cut while it was sent",
            )),
            read => read,
        };
        match read {
            Ok(read) => Some((Ok(piece.freeze()), (file, left - read as u64, place))),
            Err(error) => {
                tracing::warn!(%error, "a recording was broken off");
                Some((Err(error), (file, 0, place)))
            }
        }
    });
    pieces.fuse()
}

/// What a browser calls the file: plain letters for old ones, every letter for others.
fn disposition(name: &str, is_copy: bool) -> String {
    let way = if is_copy { "attachment" } else { "inline" };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let plain: String = name
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect();
    let escaped = name.bytes().map(|byte| {
        if is_plain(char::from(byte)) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    let escaped: String = escaped.collect();
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{escaped}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_file_name_ends_no_header() {
        assert_eq!(
            disposition("ä \"x\"\r\n;.wav", true),
            "attachment; filename=\"___x____.wav\"; filename*=UTF-8''%C3%A4%20%22x%22%0D%0A%3B.wav"
        );
    }
}
