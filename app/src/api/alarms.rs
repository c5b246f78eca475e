//! Alarms over queues.

use leptos::server;
use telephony::alarm::{Limits, Metric};

use super::backend;
use crate::{
    AppError,
    model::{
        PbxId,
        alarms::{AlarmRule, Alarms, minute_of_day},
    },
    packed::PostPacked,
};

/// What is raised, what was, and the rules.
#[server(prefix = "/api", endpoint = "alarms", output = PostPacked)]
pub async fn load_alarms() -> Result<Alarms, AppError> {
    backend()?.alarms().await
}

/// Makes or changes a rule and goes back to the list. `id` 0 makes a new one; `scope` is a PBX (`1`) or a queue of one
/// (`1/support`); times of the day are `HH:MM`, both or neither.
#[server(prefix = "/api", endpoint = "save_alarm_rule", output = PostPacked)]
pub async fn save_alarm_rule(
    id: i64,
    name: String,
    scope: String,
    metric: String,
    raise: String,
    clear: String,
    #[server(default)] hold_s: String,
    #[server(default)] window_min: String,
    #[server(default)] quiet_from: String,
    #[server(default)] quiet_to: String,
    #[server(default)] zone: String,
    #[server(default)] enabled: bool,
) -> Result<(), AppError> {
    let whole = |field: &str, text: &str| {
        let text = text.trim();
        let number = if text.is_empty() {
            Ok(0)
        } else {
            text.parse::<u32>()
        };
        number.map_err(|_| AppError::field(field, "A whole number."))
    };
    let minutes = |field: &str, text: &str| match text.trim() {
        "" => Ok(None),
        text => minute_of_day(text)
            .map(Some)
            .ok_or_else(|| AppError::field(field, "A time of the day, as 22:00.")),
    };
    let (pbx, queue) = scope.split_once('/').unwrap_or((&scope, ""));
    let pbx = pbx
        .parse()
        .map_err(|_| AppError::field("scope", "Choose from the list."))?;
    let metric =
        Metric::of_slug(&metric).ok_or_else(|| AppError::field("metric", "Choose from the list."))?;
    let quiet = match (
        minutes("quiet_from", &quiet_from)?,
        minutes("quiet_to", &quiet_to)?,
    ) {
        (Some(from), Some(to)) => Some((from, to)),
        (None, None) => None,
        (Some(_), None) => return Err(AppError::field("quiet_to", "Until when?")),
        (None, Some(_)) => return Err(AppError::field("quiet_from", "From when?")),
    };
    let rule = AlarmRule {
        id: (id != 0).then_some(id),
        version: 0,
        name: name.trim().to_owned(),
        pbx: PbxId(pbx),
        queues: (!queue.is_empty())
            .then(|| queue.to_owned())
            .into_iter()
            .collect(),
        limits: Limits {
            metric,
            raise: whole("raise", &raise)?,
            clear: whole("clear", &clear)?,
            hold_s: whole("hold_s", &hold_s)?,
        },
        window_min: whole("window_min", &window_min)?,
        quiet,
        zone: if zone.trim().is_empty() {
            "UTC".to_owned()
        } else {
            zone.trim().to_owned()
        },
        enabled,
    };
    backend()?.save_alarm_rule(rule).await?;
    leptos_axum::redirect("/alarms");
    Ok(())
}

/// Removes a rule and goes back to the list.
#[server(prefix = "/api", endpoint = "delete_alarm_rule", output = PostPacked)]
pub async fn delete_alarm_rule(id: i64) -> Result<(), AppError> {
    backend()?.delete_alarm_rule(id).await?;
    leptos_axum::redirect("/alarms");
    Ok(())
}
