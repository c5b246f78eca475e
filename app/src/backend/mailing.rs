//! The part of the port that is about reports sent by mail.

use async_trait::async_trait;

use crate::{
    AppError,
    model::mailing::{MailingForm, Mailings},
};

/// Reports by mail.
#[async_trait]
pub trait MailingBackend: Send + Sync {
    /// Those of the viewer.
    async fn mailings(&self) -> Result<Mailings, AppError>;
    /// Begins one.
    async fn begin_mailing(&self, form: MailingForm) -> Result<(), AppError>;
    /// Sends one now, about the last day, week or month that is over.
    async fn send_mailing(&self, id: i64) -> Result<(), AppError>;
    /// Ends one.
    async fn end_mailing(&self, id: i64) -> Result<(), AppError>;
}
