//! The live socket's head start: the document opens it and keeps what it hears until the page is awake.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, WebSocket};

use super::protocol;

/// The window's name for it: an array of the socket and the messages heard, empty once it is taken or given up.
const NAME: &str = "early";
/// A page that sleeps through so many messages, or for so long, has no use for them.
const MOST_MESSAGES: u32 = 300;
const LONGEST_MS: u32 = 30_000;

/// What the document runs at its head.
pub fn script() -> String {
    format!(
        "(()=>{{const s=new WebSocket(location.origin.replace('http','ws')+'{path}'),e=window.{NAME}=[s],\
        end=()=>{{if(e.length){{e.length=0;s.onmessage=null;s.close()}}}};s.binaryType='arraybuffer';\
        s.onmessage=m=>{{if(e.push(m)>{MOST_MESSAGES})end()}};setTimeout(end,{LONGEST_MS})}})();",
        path = protocol::PATH
    )
}

/// Takes the socket over, once, with what it has heard so far; nothing when it is closed.
pub fn take() -> Option<(WebSocket, Vec<MessageEvent>)> {
    let kept: Array = window().get(NAME)?.dyn_into().ok()?;
    let socket: WebSocket = kept.shift().dyn_into().ok()?;
    let heard = kept.iter().filter_map(|event| event.dyn_into().ok()).collect();
    kept.set_length(0);
    matches!(socket.ready_state(), WebSocket::CONNECTING | WebSocket::OPEN).then_some((socket, heard))
}
