//! PBX connections.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::{PbxConnection, PbxForm, PbxId, TestStep, TlsMode},
    packed::PostPacked,
};

/// Every connection.
#[server(prefix = "/api", endpoint = "pbx_connections", output = PostPacked)]
pub async fn load_pbx_connections() -> Result<Vec<PbxConnection>, AppError> {
    backend()?.pbx_connections().await
}

/// Makes or changes one and goes back to the list. `id` 0 makes a new one.
#[server(prefix = "/api", endpoint = "save_pbx", output = PostPacked)]
pub async fn save_pbx(
    id: i64,
    name: String,
    host: String,
    port: String,
    #[server(default)] tls: bool,
    ca_pem: String,
    username: String,
    secret: String,
    context: String,
    #[server(default)] enabled: bool,
    #[server(default)] supervision_private: bool,
    #[server(default)] queue_log: String,
    #[server(default)] recordings: String,
) -> Result<(), AppError> {
    let form = PbxForm {
        id: (id != 0).then_some(PbxId(id)),
        name,
        host,
        port,
        tls: if tls { TlsMode::Verify } else { TlsMode::Off },
        ca_pem,
        username,
        secret,
        context,
        enabled,
        supervision_private,
        queue_log,
        recordings,
    };
    backend()?.save_pbx(form).await?;
    leptos_axum::redirect("/admin/pbx");
    Ok(())
}

/// Tries a connection as typed, without saving it.
#[server(prefix = "/api", endpoint = "test_pbx", output = PostPacked)]
pub async fn test_pbx(
    id: i64,
    name: String,
    host: String,
    port: String,
    #[server(default)] tls: bool,
    ca_pem: String,
    username: String,
    secret: String,
    context: String,
    #[server(default)] enabled: bool,
    #[server(default)] supervision_private: bool,
    #[server(default)] queue_log: String,
    #[server(default)] recordings: String,
) -> Result<Vec<TestStep>, AppError> {
    let form = PbxForm {
        id: (id != 0).then_some(PbxId(id)),
        name,
        host,
        port,
        tls: if tls { TlsMode::Verify } else { TlsMode::Off },
        ca_pem,
        username,
        secret,
        context,
        enabled,
        supervision_private,
        queue_log,
        recordings,
    };
    backend()?.test_pbx(form).await
}

/// Tries a connection as it is saved: the way without JavaScript.
#[server(prefix = "/api", endpoint = "test_saved_pbx", output = PostPacked)]
pub async fn test_saved_pbx(id: i64) -> Result<Vec<TestStep>, AppError> {
    let backend = backend()?;
    let connections = backend.pbx_connections().await?;
    let saved = connections
        .into_iter()
        .find(|connection| connection.id == PbxId(id))
        .ok_or(AppError::NotFound)?;
    let form = PbxForm {
        id: Some(saved.id),
        name: saved.name,
        host: saved.host,
        port: saved.port.to_string(),
        tls: saved.tls,
        ca_pem: saved.ca_pem,
        username: saved.username,
        secret: String::new(),
        context: saved.context,
        enabled: saved.enabled,
        supervision_private: saved.supervision_private,
        queue_log: saved.queue_log,
        recordings: saved.recordings,
    };
    backend.test_pbx(form).await
}

/// Removes one and goes back to the list.
#[server(prefix = "/api", endpoint = "delete_pbx", output = PostPacked)]
pub async fn delete_pbx(id: i64) -> Result<(), AppError> {
    backend()?.delete_pbx(PbxId(id)).await?;
    leptos_axum::redirect("/admin/pbx");
    Ok(())
}
