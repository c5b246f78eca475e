//! What holds for any bytes: the fuzzing targets try to break it, and `tests/corpus.rs` holds the corpus to it
//! in every test run.

use ami::session::{Output, Session, SessionConfig, State};
use ami::wire::RequestDecoder;
use ami::{Action, Answer, Decoded, Decoder, Limits, Secret, Value};
use bytes::BytesMut;

/// The first byte chooses the size of the pieces the rest comes in.
fn pieces(data: &[u8]) -> Option<(usize, &[u8])> {
    let (size, bytes) = data.split_first()?;
    Some((usize::from(*size).max(1), bytes))
}

fn decoded<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Decoded> {
    let mut decoder = Decoder::new(Limits::default());
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(decoded) = decoder.next() {
            out.push(decoded);
        }
    }
    out
}

/// Any bytes under any cut give the same frames, and no frame panics when it is read in every way.
pub(crate) fn decode(data: &[u8]) {
    let Some((size, bytes)) = pieces(data) else { return };
    let whole = decoded(std::iter::once(bytes));
    assert_eq!(decoded(bytes.chunks(size)), whole);
    for decoded in whole {
        if let Decoded::Message(message) = decoded {
            let shown = format!("{message:?} {:?}", message.event());
            assert!(!shown.contains('\x1b'), "an escape reaches a terminal");
            let _ = (
                message.get("ActionID"),
                message.output().count(),
                message.variable().map(<[u8]>::len),
            );
            let mut out = BytesMut::new();
            message.write_to(&mut out);
            assert_eq!(decoded_again(&out), [Decoded::Message(message)]);
        }
    }
}

fn decoded_again(bytes: &[u8]) -> Vec<Decoded> {
    decoded(std::iter::once(bytes))
}

/// Whatever text a value accepts, an action with it is exactly one frame. 0xff parts the texts.
pub(crate) fn actions(data: &[u8]) {
    let Ok(id) = Value::new("id", "f-1") else { return };
    let mut action = Action::new("UserEvent", Answer::Single);
    for text in data.split(|byte| *byte == 0xff) {
        if let Ok(value) = Value::new("text", String::from_utf8_lossy(text)) {
            action = action.with("Header", value);
        }
    }
    let mut out = BytesMut::new();
    if action.encode(&id, &mut out).is_err() {
        assert!(out.is_empty());
        return;
    }
    let mut decoder = RequestDecoder::new();
    decoder.push(&out);
    let request = decoder.next().and_then(Result::ok);
    let read = request
        .as_ref()
        .map(|request| request.get_all("Header").collect::<Vec<_>>());
    assert!(decoder.next().is_none() && decoder.buffer_mut().is_empty());
    let sent: Vec<_> = action.headers().map(|(_, value)| value.into()).collect();
    assert_eq!(read, Some(sent));
}

/// Whatever a server sends, a session says the same under any cut, and every action it was given comes to one end.
pub(crate) fn session(data: &[u8]) {
    let Some((size, bytes)) = pieces(data) else { return };
    let whole = conversation(bytes, bytes.len().max(1), &[]);
    assert_eq!(conversation(bytes, size, &[]), whole);
    let list = Action::new("QueueStatus", Answer::List);
    conversation(bytes, size, &[list, Action::new("Ping", Answer::Single)]);
}

/// What a session says that sends these actions once it is up.
fn conversation(bytes: &[u8], size: usize, actions: &[Action]) -> Vec<Output> {
    let config = SessionConfig {
        username: "u".to_owned(),
        secret: Secret::new("s"),
        challenge: bytes.len() % 2 == 1,
        events: true,
        action_prefix: "f-".to_owned(),
        limits: Limits::default(),
    };
    let mut session = Session::new(config, 0);
    let mut said = Vec::new();
    let mut open = std::collections::BTreeSet::new();
    for piece in bytes.chunks(size) {
        session.push(piece, 0);
        while let Some(output) = session.poll() {
            if let Output::State(State::Up) = &output {
                open.extend(actions.iter().filter_map(|action| session.send(action, 0).ok()));
            }
            if let Output::Finished { id, .. } = &output {
                assert!(open.remove(id), "an action came to two ends");
            }
            said.push(output);
        }
    }
    session.closed();
    while let Some(output) = session.poll() {
        if let Output::Finished { id, .. } = &output {
            assert!(open.remove(id), "an action came to two ends");
        }
        said.push(output);
    }
    assert!(open.is_empty(), "an action came to no end");
    assert!(matches!(session.state(), State::Closed(_)));
    said
}
