//! The part of the port that is about alarms.

use app::{
    AppError,
    access::{Ability, About, Rights},
    audit::{Action, Fact},
    backend::AlarmBackend,
    model::alarms::{
        AlarmRule, Alarms, MAX_HOLD_S, MAX_NAME_CHARS, MAX_RULES, MAX_SHOWN, MAX_VALUE, MAX_WINDOW_MIN,
    },
};
use async_trait::async_trait;
use telephony::alarm::Metric;

use super::CallerBackend;
use crate::jobs::alarms::is_zone;

/// Whether somebody may change a rule: they set up every queue that it is about, and all of the PBX where it is about all.
fn sets_up(rights: &Rights, rule: &AlarmRule) -> bool {
    let reaches = |about: &About| rights.allow(Ability::SetUpQueues, rule.pbx, about);
    if rule.queues.is_empty() {
        reaches(&About::default())
    } else {
        rule.queues.iter().all(|queue| reaches(&About::queue(queue)))
    }
}

#[async_trait]
impl AlarmBackend for CallerBackend {
    async fn alarms(&self) -> Result<Alarms, AppError> {
        let rights = &self.viewer()?.rights;
        crate::access::require(rights, Ability::SeeQueues)?;
        let store = &self.services.store;
        let seen = |alarm: &app::model::alarms::Alarm| {
            rights.allow(Ability::SeeQueues, alarm.pbx, &About::queue(&alarm.queue))
        };
        let mut rules = store.alarm_rules().await?;
        rules.retain(|rule| sets_up(rights, rule));
        Ok(Alarms {
            rules,
            log: store.latest_alarms(MAX_SHOWN, seen).await?,
        })
    }

    async fn save_alarm_rule(&self, rule: AlarmRule) -> Result<(), AppError> {
        let object = match rule.id {
            Some(id) => format!("rule {id}: {}", rule.name),
            None => format!("new rule: {}", rule.name),
        };
        self.about(Action::ChangeAlarmRule, &object);
        let rights = self.may(Ability::SetUpQueues)?.rights.clone();
        let before = self.before(&rights, rule.id).await?;
        if !sets_up(&rights, &rule) {
            return Err(AppError::field("scope", "This is not yours to set up."));
        }
        self.checked(&rule)?;
        let many = self.services.store.alarm_rules().await?.len();
        if rule.id.is_none() && many >= MAX_RULES {
            return Err(AppError::Conflict(format!(
                "There are {MAX_RULES} rules already."
            )));
        }
        let told = |rule: &AlarmRule| {
            let limits = rule.limits;
            format!(
                "{} {} / {} for {} s",
                limits.metric.slug(),
                limits.raise,
                limits.clear,
                limits.hold_s
            )
        };
        let facts = [
            Fact::told("limits", told(&rule)),
            Fact::told("before", before.as_ref().map(told).unwrap_or_default()),
        ];
        let facts = if before.is_some() { &facts[..] } else { &facts[..1] };
        self.act(Action::ChangeAlarmRule, &object, facts, async {
            if !self.services.store.save_alarm_rule(&rule).await? {
                return Err(AppError::NotFound);
            }
            self.services.rules_changed.notify_one();
            Ok(())
        })
        .await
    }

    async fn delete_alarm_rule(&self, id: i64) -> Result<(), AppError> {
        let object = format!("rule {id}");
        self.about(Action::RemoveAlarmRule, &object);
        let rights = self.may(Ability::SetUpQueues)?.rights.clone();
        self.before(&rights, Some(id)).await?;
        self.act(Action::RemoveAlarmRule, &object, &[], async {
            if !self.services.store.delete_alarm_rule(id).await? {
                return Err(AppError::NotFound);
            }
            self.services.rules_changed.notify_one();
            Ok(())
        })
        .await
    }
}

impl CallerBackend {
    /// The rule as it is. One that is not theirs is not there.
    async fn before(&self, rights: &Rights, id: Option<i64>) -> Result<Option<AlarmRule>, AppError> {
        let Some(id) = id else { return Ok(None) };
        let mut rules = self.services.store.alarm_rules().await?.into_iter();
        let rule = rules.find(|rule| rule.id == Some(id) && sets_up(rights, rule));
        rule.map(Some).ok_or(AppError::NotFound)
    }

    fn checked(&self, rule: &AlarmRule) -> Result<(), AppError> {
        let bad = |field: &str, problem: &str| Err(AppError::field(field, problem));
        let name = rule.name.chars();
        if !(1..=MAX_NAME_CHARS).contains(&name.clone().count()) || name.clone().any(char::is_control) {
            return bad("name", "1 to 60 characters.");
        }
        let known = self.services.hub.look(rule.pbx, |switchboard, _| {
            let queues = &switchboard.board().queues;
            rule.queues.iter().all(|queue| queues.contains_key(queue))
        });
        if known != Some(true) && rule.id.is_none() {
            return bad("scope", "There is no such queue.");
        }
        let limits = rule.limits;
        let most = if limits.metric == Metric::ServiceLevel {
            100
        } else {
            MAX_VALUE
        };
        if limits.raise > most {
            return bad("raise", "This is too much.");
        }
        if limits.clear > most {
            return bad("clear", "This is too much.");
        }
        if !limits.are_apart() {
            let side = if limits.metric.alarms_below() {
                "above"
            } else {
                "below"
            };
            return bad(
                "clear",
                &format!("This must be {side} the value that raises it, or the alarm would come and go."),
            );
        }
        if limits.hold_s > MAX_HOLD_S {
            return bad("hold_s", "At most an hour.");
        }
        if limits.metric == Metric::ServiceLevel && !(1..=MAX_WINDOW_MIN).contains(&rule.window_min) {
            return bad("window_min", "1 to 1440 minutes.");
        }
        if rule.quiet.is_some_and(|(from, to)| from == to) {
            return bad("quiet_to", "Another time than from when.");
        }
        if !is_zone(&rule.zone) {
            return bad("zone", "A time zone by its name, as Europe/Berlin.");
        }
        Ok(())
    }
}
