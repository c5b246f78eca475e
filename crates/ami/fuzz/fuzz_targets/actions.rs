//! Whatever text a value accepts, an action with it is exactly one frame.

#![no_main]

use ami::wire::RequestDecoder;
use ami::{Action, Answer, Value};
use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: Vec<String>| {
    let Ok(id) = Value::new("id", "f-1") else { return };
    let mut action = Action::new("UserEvent", Answer::Single);
    for value in texts.into_iter().filter_map(|text| Value::new("text", text).ok()) {
        action = action.with("Header", value);
    }
    let mut out = BytesMut::new();
    if action.encode(&id, &mut out).is_err() {
        assert!(out.is_empty());
        return;
    }
    let mut decoder = RequestDecoder::new();
    decoder.push(&out);
    let Some(Ok(request)) = decoder.next() else { panic!("no action") };
    assert!(decoder.next().is_none() && decoder.buffer_mut().is_empty());
    let sent: Vec<&str> = action.headers().map(|(_, value)| value).collect();
    assert_eq!(request.get_all("Header").collect::<Vec<_>>(), sent);
});
