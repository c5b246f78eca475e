//! The part of the port that is about queues.

use app::{AppError, LineBackend, model::line::QueueRequest};
use async_trait::async_trait;
use telephony::Outcome;

use super::{CallerBackend, Order, Request, command};

#[async_trait]
impl LineBackend for CallerBackend {
    async fn queue_command(&self, request: QueueRequest) -> Result<Outcome, AppError> {
        let request = Request {
            request_id: request.request_id,
            pbx: request.pbx,
            order: Order::Queue(request.command),
        };
        command::run(self, request).await
    }
}
