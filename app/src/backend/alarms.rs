//! Alarms: what is raised and was, and the rules.

use async_trait::async_trait;

use crate::{
    AppError,
    model::alarms::{AlarmRule, Alarms},
};

/// Alarms.
#[async_trait]
pub trait AlarmBackend: Send + Sync {
    /// What the viewer sees of alarms.
    async fn alarms(&self) -> Result<Alarms, AppError>;
    /// Makes or changes a rule.
    async fn save_alarm_rule(&self, rule: AlarmRule) -> Result<(), AppError>;
    /// Removes a rule; what it raised is over.
    async fn delete_alarm_rule(&self, id: i64) -> Result<(), AppError>;
}
