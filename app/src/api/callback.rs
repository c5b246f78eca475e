//! Callers who keep their place in a queue and hang up.

use leptos::server;
use telephony::callback::RequestId;

use super::backend;
use crate::{
    AppError,
    model::{
        PbxId,
        callback::{CallbackRules, CallbackVerb},
    },
    packed::PostPacked,
};

/// How the queues call back that the viewer may set up.
#[server(prefix = "/api", endpoint = "callback_rules", output = PostPacked)]
pub async fn load_callback_rules() -> Result<Vec<CallbackRules>, AppError> {
    backend()?.callback_rules().await
}

/// Sets how a queue calls back. `prefixes` are words with spaces or commas between.
#[server(prefix = "/api", endpoint = "save_callback_rules", output = PostPacked)]
pub async fn save_callback_rules(
    pbx: i64,
    queue: String,
    #[server(default)] on: bool,
    attempts: u8,
    pause_min: u32,
    #[server(default)] prefixes: String,
) -> Result<(), AppError> {
    let words = prefixes.split(|letter: char| letter.is_whitespace() || letter == ',');
    let rules = CallbackRules {
        queue: (PbxId(pbx), queue),
        on,
        attempts,
        pause_min,
        prefixes: words.filter(|word| !word.is_empty()).map(str::to_owned).collect(),
    };
    backend()?.save_callback_rules(rules).await
}

/// Does something with a request: `call_next`, `give_up` or `cancel`.
#[server(prefix = "/api", endpoint = "callback", output = PostPacked)]
pub async fn do_callback(pbx: i64, queue: String, request: i64, verb: String) -> Result<(), AppError> {
    let verb = CallbackVerb::of_slug(&verb)
        .ok_or_else(|| AppError::field("verb", "Call next, give up or cancel."))?;
    backend()?
        .callback((PbxId(pbx), queue), RequestId(request), verb)
        .await
}
