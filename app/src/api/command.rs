//! Asking a PBX to do something.

use leptos::server;
use telephony::{Command, Outcome};

use super::backend;
use crate::{
    AppError,
    model::{CommandRequest, PbxId},
    packed::PostPacked,
    words::check_number,
};

/// Carries out one command once, however often its request id comes.
#[server(prefix = "/api", endpoint = "command", input = PostPacked, output = PostPacked)]
pub async fn send_command(request: CommandRequest) -> Result<Outcome, AppError> {
    backend()?.command(request).await
}

/// Click-to-call as a plain form: rings the viewer's own phone, then the number.
#[server(prefix = "/api", endpoint = "place_call", output = PostPacked)]
pub async fn place_call(request_id: String, to: String) -> Result<Outcome, AppError> {
    let to = check_number(&to).map_err(|problem| AppError::field("to", problem.to_string()))?;
    let backend = backend()?;
    let viewer = backend.viewer()?.ok_or(AppError::NotSignedIn)?;
    let Some(own) = viewer.own_extension().cloned() else {
        return Err(AppError::field(
            "to",
            "Choose your own extension in your profile first: it rings before the number is called.",
        ));
    };
    let request = CommandRequest {
        request_id,
        pbx: PbxId(own.pbx.0),
        command: Command::Call { from: own.number, to },
    };
    backend.command(request).await
}
