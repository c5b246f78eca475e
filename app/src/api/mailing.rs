//! Reports that are sent by mail.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::mailing::{MailingForm, Mailings},
    packed::PostPacked,
};

/// Those of the viewer.
#[server(prefix = "/api", endpoint = "mailings", output = PostPacked)]
pub async fn load_mailings() -> Result<Mailings, AppError> {
    backend()?.mailings().await
}

/// Begins one.
#[server(prefix = "/api", endpoint = "begin_mailing", output = PostPacked)]
pub async fn begin_mailing(
    #[server(default)] address: String,
    #[server(default)] every: String,
    #[server(default)] at: String,
    #[server(default)] zone: String,
    #[server(default)] format: String,
    #[server(default)] to: String,
) -> Result<(), AppError> {
    let form = MailingForm {
        address,
        every,
        at,
        zone,
        format,
        to,
    };
    backend()?.begin_mailing(form).await
}

/// Sends one now.
#[server(prefix = "/api", endpoint = "send_mailing", output = PostPacked)]
pub async fn send_mailing(id: i64) -> Result<(), AppError> {
    backend()?.send_mailing(id).await
}

/// Ends one.
#[server(prefix = "/api", endpoint = "end_mailing", output = PostPacked)]
pub async fn end_mailing(id: i64) -> Result<(), AppError> {
    backend()?.end_mailing(id).await
}
