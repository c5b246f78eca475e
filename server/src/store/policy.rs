//! How visits of queues are counted, what follows a call, and why agents pause.

use app::{
    access::QueueOn,
    model::{
        PbxId,
        figures::PolicyOf,
        queues::{Colour, PauseReason, QueueRules},
    },
};
use telephony::{Timestamp, figures::Policy};

use super::{Result, Store, ms, visit::count};

const SECOND_MS: u64 = 1_000;

impl Store {
    /// Every version of every policy, the oldest of a queue first.
    pub async fn policies(&self) -> Result<Vec<PolicyOf>> {
        let rows: Vec<(i64, String, i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT pbx_id, queue, version, since_ms, target_s, short_abandon_s FROM queue_policy
             ORDER BY pbx_id, queue, version",
        )
        .fetch_all(&self.read)
        .await?;
        let policies = rows
            .into_iter()
            .map(|(pbx, queue, version, since_ms, target_s, short_s)| PolicyOf {
                queue: (PbxId(pbx), queue),
                since: Timestamp(count(since_ms)),
                policy: Policy {
                    version: u32::try_from(version).unwrap_or(u32::MAX),
                    target_ms: count(target_s) * SECOND_MS,
                    short_abandon_ms: count(short_s) * SECOND_MS,
                },
            });
        Ok(policies.collect())
    }

    /// The rules of every queue that has any.
    pub async fn queue_rules(&self) -> Result<Vec<QueueRules>> {
        type Columns = (i64, String, i64, i64, i64, Option<i64>, Option<String>);
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT policy.pbx_id, policy.queue, policy.version, policy.target_s, policy.short_abandon_s,
                    wrap.wrap_up_s, wrap.dispositions
             FROM queue_policy AS policy
             LEFT JOIN queue_wrap_up AS wrap ON wrap.pbx_id = policy.pbx_id AND wrap.queue = policy.queue
             WHERE policy.version = (SELECT max(version) FROM queue_policy AS other
                                     WHERE other.pbx_id = policy.pbx_id AND other.queue = policy.queue)
             ORDER BY policy.pbx_id, policy.queue",
        )
        .fetch_all(&self.read)
        .await?;
        let small = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        let rules =
            rows.into_iter().map(
                |(pbx, queue, version, target_s, short_s, wrap_s, words)| QueueRules {
                    queue: (PbxId(pbx), queue),
                    version: small(version),
                    target_s: small(target_s),
                    short_abandon_s: small(short_s),
                    wrap_up_s: wrap_s.map_or(0, small),
                    // our own JSON; what cannot be read asks for no word
                    dispositions: words
                        .and_then(|words| serde_json::from_str(&words).ok())
                        .unwrap_or_default(),
                },
            );
        Ok(rules.collect())
    }

    /// Sets the rules of a queue: how it is counted becomes a new version where that changes.
    pub async fn save_queue_rules(&self, rules: &QueueRules, user: i64, now_ms: u64) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let (pbx, queue) = &rules.queue;
        let last: Option<(i64, i64, i64)> = sqlx::query_as(
            "SELECT version, target_s, short_abandon_s FROM queue_policy WHERE pbx_id = ? AND queue = ?
             ORDER BY version DESC LIMIT 1",
        )
        .bind(pbx.0)
        .bind(queue)
        .fetch_optional(&mut *transaction)
        .await?;
        let (target, short) = (i64::from(rules.target_s), i64::from(rules.short_abandon_s));
        if last.is_none_or(|(_, before, short_before)| (before, short_before) != (target, short)) {
            let since_ms = if last.is_some() { ms(now_ms) } else { 0 };
            sqlx::query(
                "INSERT INTO queue_policy (pbx_id, queue, version, since_ms, target_s, short_abandon_s, by_user)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(pbx.0)
            .bind(queue)
            .bind(last.map_or(1, |(version, ..)| version + 1))
            .bind(since_ms)
            .bind(target)
            .bind(short)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        }
        let words = serde_json::to_string(&rules.dispositions).unwrap_or_default();
        sqlx::query(
            "INSERT INTO queue_wrap_up (pbx_id, queue, wrap_up_s, dispositions) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET wrap_up_s = excluded.wrap_up_s, dispositions = excluded.dispositions",
        )
        .bind(pbx.0)
        .bind(queue)
        .bind(rules.wrap_up_s)
        .bind(words)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Why agents pause, those that are retired last.
    pub async fn pause_reasons(&self) -> Result<Vec<PauseReason>> {
        let rows: Vec<(i64, String, String, bool, Option<i64>, bool)> = sqlx::query_as(
            "SELECT id, name, colour, paid, most_s, retired FROM pause_reason
             ORDER BY retired, name COLLATE names",
        )
        .fetch_all(&self.read)
        .await?;
        let reasons = rows
            .into_iter()
            .map(|(id, name, colour, paid, most_s, retired)| PauseReason {
                id: Some(id),
                name,
                colour: Colour::of_slug(&colour).unwrap_or_default(),
                paid,
                most_s: most_s.and_then(|most| u32::try_from(most).ok()),
                retired,
            });
        Ok(reasons.collect())
    }

    /// Makes or changes a reason. False when it is not there.
    pub async fn save_pause_reason(&self, reason: &PauseReason) -> Result<bool> {
        let most_s = reason.most_s.map(i64::from);
        let done = match reason.id {
            Some(id) => {
                sqlx::query(
                    "UPDATE pause_reason SET name = ?, colour = ?, paid = ?, most_s = ?, retired = ? WHERE id = ?",
                )
                .bind(&reason.name)
                .bind(reason.colour.slug())
                .bind(reason.paid)
                .bind(most_s)
                .bind(reason.retired)
                .bind(id)
                .execute(&self.write)
                .await?
            }
            None => {
                sqlx::query("INSERT INTO pause_reason (name, colour, paid, most_s, retired) VALUES (?, ?, ?, ?, ?)")
                    .bind(&reason.name)
                    .bind(reason.colour.slug())
                    .bind(reason.paid)
                    .bind(most_s)
                    .bind(reason.retired)
                    .execute(&self.write)
                    .await?
            }
        };
        Ok(done.rows_affected() == 1)
    }

    /// The queue's rules, where it has any.
    pub async fn rules_of(&self, queue: &QueueOn) -> Result<Option<QueueRules>> {
        let rules = self.queue_rules().await?;
        Ok(rules.into_iter().find(|rules| rules.queue == *queue))
    }
}
