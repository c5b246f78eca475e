//! What people say of moments of recordings.

use std::collections::BTreeMap;

use app::model::{
    UserId,
    recording::{MAX_COMMENTS, RecordingComment},
};

use crate::store::{Result, Store, ms};

impl Store {
    /// Keeps a comment; false where there are as many as may be.
    pub async fn add_comment(
        &self,
        recording: i64,
        at_s: u32,
        (by, name): (UserId, &str),
        said: &str,
        now_ms: u64,
    ) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO recording_comment (recording_id, at_s, user_id, by, said, made_ms)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT count(*) FROM recording_comment WHERE recording_id = ?1) < ?7",
        )
        .bind(recording)
        .bind(at_s)
        .bind(by.0)
        .bind(name)
        // the database ends a text where a zero byte is
        .bind(said.replace('\0', "\u{2400}"))
        .bind(ms(now_ms))
        .bind(ms(MAX_COMMENTS as u64))
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The name in addresses of the recording that a comment of this writer is on.
    pub async fn commented(&self, id: i64, by: UserId) -> Result<Option<String>> {
        let key = sqlx::query_scalar(
            "SELECT key FROM recording_comment JOIN recording ON recording.id = recording_id
             WHERE recording_comment.id = ? AND user_id = ?",
        )
        .bind(id)
        .bind(by.0)
        .fetch_optional(&self.read)
        .await?;
        Ok(key)
    }

    /// Removes a comment of this writer; false where there is none.
    pub async fn remove_comment(&self, id: i64, by: UserId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM recording_comment WHERE id = ? AND user_id = ?")
            .bind(id)
            .bind(by.0)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The comments on these recordings, in the order of the moments.
    pub async fn comments_on(&self, recordings: &[i64]) -> Result<BTreeMap<i64, Vec<RecordingComment>>> {
        let rows: Vec<(i64, i64, u32, i64, String, String)> = sqlx::query_as(
            "SELECT recording_id, id, at_s, user_id, by, said FROM recording_comment
             WHERE recording_id IN (SELECT value FROM json_each(?)) ORDER BY recording_id, at_s, id",
        )
        .bind(serde_json::to_string(recordings).unwrap_or_default())
        .fetch_all(&self.read)
        .await?;
        let mut comments: BTreeMap<i64, Vec<RecordingComment>> = BTreeMap::new();
        for (recording, id, at_s, by, name, said) in rows {
            comments.entry(recording).or_default().push(RecordingComment {
                id,
                at_s,
                by: UserId(by),
                name,
                said,
            });
        }
        Ok(comments)
    }
}
