//! Rules of alarms, and the alarms that were raised.

use app::model::{
    PbxId,
    alarms::{Alarm, AlarmRule, Over},
};
use sqlx::{Row, sqlite::SqliteRow};
use telephony::{
    Timestamp,
    alarm::{Limits, Metric},
};

use super::{Result, Store, ms};

/// How long alarms are kept.
const KEEP_MS: u64 = 90 * 24 * 3_600 * 1_000;

/// Alarms, and which of them.
macro_rules! alarms {
    ($which:literal) => {
        concat!(
            "SELECT id, rule_id, rule_version, rule_name, metric, raise_at, pbx_id, queue, value, who, raised_ms,
                cleared_ms, cleared_value, cleared_why FROM alarm ",
            $which
        )
    };
}

impl Store {
    /// Every rule, by name.
    pub async fn alarm_rules(&self) -> Result<Vec<AlarmRule>> {
        let rows = sqlx::query(
            "SELECT id, version, name, pbx_id, metric, raise_at, clear_at, hold_s, window_min, quiet_from, quiet_to, zone, enabled,
                (SELECT json_group_array(queue) FROM alarm_rule_queue WHERE rule_id = alarm_rule.id) AS queues
             FROM alarm_rule ORDER BY name COLLATE names, id",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(rule).collect()
    }

    /// Makes or changes a rule; a changed one is of another version. False when it is gone.
    pub async fn save_alarm_rule(&self, rule: &AlarmRule) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let sql = match rule.id {
            Some(_) => {
                "UPDATE alarm_rule SET version = version + 1, name = ?, pbx_id = ?, metric = ?, raise_at = ?, clear_at = ?,
                    hold_s = ?, window_min = ?, quiet_from = ?, quiet_to = ?, zone = ?, enabled = ? WHERE id = ?"
            }
            None => {
                "INSERT INTO alarm_rule (version, name, pbx_id, metric, raise_at, clear_at, hold_s, window_min, quiet_from,
                    quiet_to, zone, enabled) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            }
        };
        let query = sqlx::query(sql)
            .bind(&rule.name)
            .bind(rule.pbx.0)
            .bind(rule.limits.metric.slug())
            .bind(rule.limits.raise)
            .bind(rule.limits.clear)
            .bind(rule.limits.hold_s)
            .bind(rule.window_min)
            .bind(rule.quiet.map(|(from, _)| from))
            .bind(rule.quiet.map(|(_, to)| to))
            .bind(&rule.zone)
            .bind(rule.enabled);
        let query = match rule.id {
            Some(id) => query.bind(id),
            None => query,
        };
        let done = query.execute(&mut *transaction).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let id = rule.id.unwrap_or_else(|| done.last_insert_rowid());
        sqlx::query("DELETE FROM alarm_rule_queue WHERE rule_id = ?")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        for queue in &rule.queues {
            sqlx::query("INSERT INTO alarm_rule_queue (rule_id, queue) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .bind(id)
                .bind(queue)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes a rule. False when it is gone.
    pub async fn delete_alarm_rule(&self, id: i64) -> Result<bool> {
        let done = sqlx::query("DELETE FROM alarm_rule WHERE id = ?")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The alarms that are raised.
    pub async fn open_alarms(&self) -> Result<Vec<Alarm>> {
        let rows = sqlx::query(alarms!("WHERE cleared_ms IS NULL ORDER BY id"))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(alarm).collect()
    }

    /// The latest alarms, newest first, of those that are `wanted`.
    pub async fn latest_alarms(&self, limit: usize, wanted: impl Fn(&Alarm) -> bool) -> Result<Vec<Alarm>> {
        let rows = sqlx::query(alarms!("ORDER BY raised_ms DESC, id DESC LIMIT 5000"))
            .fetch_all(&self.read)
            .await?;
        let all = rows.iter().map(alarm);
        all.filter(|one| one.as_ref().map_or(true, &wanted))
            .take(limit)
            .collect()
    }

    /// Keeps an alarm as it is raised; its number.
    pub async fn raise_alarm(&self, alarm: &Alarm) -> Result<i64> {
        let done = sqlx::query(
            "INSERT INTO alarm (rule_id, rule_version, rule_name, metric, raise_at, pbx_id, queue, value, who, raised_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(alarm.rule)
        .bind(alarm.version)
        .bind(&alarm.name)
        .bind(alarm.metric.slug())
        .bind(alarm.raise)
        .bind(alarm.pbx.0)
        .bind(&alarm.queue)
        .bind(alarm.value)
        .bind(&alarm.who)
        .bind(ms(alarm.raised.0))
        .execute(&self.write)
        .await?;
        sqlx::query("DELETE FROM alarm WHERE cleared_ms IS NOT NULL AND raised_ms < ?")
            .bind(ms(alarm.raised.0.saturating_sub(KEEP_MS)))
            .execute(&self.write)
            .await?;
        Ok(done.last_insert_rowid())
    }

    /// Keeps that an alarm is over.
    pub async fn clear_alarm(&self, id: i64, at: Timestamp, value: Option<u32>, why: Over) -> Result<()> {
        sqlx::query("UPDATE alarm SET cleared_ms = ?, cleared_value = ?, cleared_why = ? WHERE id = ? AND cleared_ms IS NULL")
            .bind(ms(at.0))
            .bind(value)
            .bind(over_word(why))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Of the callers of a queue who joined since then and are out: how many were answered within the target, and how many
    /// count, which those do not who gave up at once.
    pub async fn level_since(
        &self,
        (pbx, queue): (PbxId, &str),
        since: Timestamp,
        (target_ms, short_ms): (u64, u64),
    ) -> Result<(u64, u64)> {
        let (in_time, of): (i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE left_how = 'answered' AND left_ms - joined_ms <= ?3),
                count(*) FILTER (WHERE NOT (left_how = 'abandoned' AND left_ms - joined_ms < ?4))
             FROM visit WHERE pbx_id = ?1 AND joined_ms >= ?5 AND queue = ?2 AND left_ms IS NOT NULL",
        )
        .bind(pbx.0)
        .bind(queue)
        .bind(ms(target_ms))
        .bind(ms(short_ms))
        .bind(ms(since.0))
        .fetch_one(&self.read)
        .await?;
        Ok((in_time.unsigned_abs(), of.unsigned_abs()))
    }
}

fn over_word(why: Over) -> &'static str {
    match why {
        Over::Calm => "calm",
        Over::Rule => "rule",
        Over::Queue => "queue",
    }
}

fn metric(row: &SqliteRow) -> Result<Metric> {
    let word: String = row.try_get("metric")?;
    Metric::of_slug(&word).ok_or_else(|| sqlx::Error::Decode(format!("metric {word}").into()).into())
}

fn rule(row: &SqliteRow) -> Result<AlarmRule> {
    let queues: String = row.try_get("queues")?;
    let quiet: (Option<u32>, Option<u32>) = (row.try_get("quiet_from")?, row.try_get("quiet_to")?);
    Ok(AlarmRule {
        id: Some(row.try_get("id")?),
        version: row.try_get("version")?,
        name: row.try_get("name")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        queues: serde_json::from_str(&queues).map_err(|error| sqlx::Error::Decode(error.into()))?,
        limits: Limits {
            metric: metric(row)?,
            raise: row.try_get("raise_at")?,
            clear: row.try_get("clear_at")?,
            hold_s: row.try_get("hold_s")?,
        },
        window_min: row.try_get("window_min")?,
        quiet: quiet.0.zip(quiet.1),
        zone: row.try_get("zone")?,
        enabled: row.try_get("enabled")?,
    })
}

fn alarm(row: &SqliteRow) -> Result<Alarm> {
    let at = |ms: i64| Timestamp(ms.unsigned_abs());
    let cleared: Option<i64> = row.try_get("cleared_ms")?;
    let value: Option<u32> = row.try_get("cleared_value")?;
    let why: Option<String> = row.try_get("cleared_why")?;
    let why = match why.as_deref() {
        Some("rule") => Over::Rule,
        Some("queue") => Over::Queue,
        Some(_) | None => Over::Calm,
    };
    Ok(Alarm {
        id: row.try_get("id")?,
        rule: row.try_get("rule_id")?,
        version: row.try_get("rule_version")?,
        name: row.try_get("rule_name")?,
        metric: metric(row)?,
        raise: row.try_get("raise_at")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        queue: row.try_get("queue")?,
        value: row.try_get("value")?,
        who: row.try_get("who")?,
        raised: at(row.try_get("raised_ms")?),
        cleared: cleared.map(|cleared| (at(cleared), value, why)),
    })
}
