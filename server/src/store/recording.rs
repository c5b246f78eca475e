//! Recordings: the files that were found, what is known of each, and which call it is of.

mod bucket;
mod cleanup;
mod comment;
mod keep;
mod link;
mod matching;

use app::model::{
    PbxId,
    recording::{Silence, State},
};
use sqlx::{Row, sqlite::SqliteRow};
use telephony::recording::id_in;

pub use keep::{NewHold, Policy, Reap};
pub use link::{LinkRecord, NewLink};
pub(super) use matching::{names_of, note_files};

use super::{Result, Store, ms, visit::count};

/// Recordings of one call that are shown.
const MAX_OF_CALL: i64 = 64;

const STATES: [(State, &str); 9] = [
    (State::Growing, "growing"),
    (State::Ready, "ready"),
    (State::Foreign, "foreign"),
    (State::Empty, "empty"),
    (State::Damaged, "damaged"),
    (State::Changed, "changed"),
    (State::Gone, "gone"),
    (State::Doomed, "doomed"),
    (State::Deleted, "deleted"),
];

/// The word of a state.
pub fn state_word(state: State) -> &'static str {
    let found = STATES.iter().find(|(one, _)| *one == state);
    found.map_or("damaged", |(_, word)| word)
}

fn state(word: &str) -> State {
    let found = STATES.iter().find(|(_, one)| *one == word);
    found.map_or(State::Damaged, |(state, _)| *state)
}

/// A file as it lies in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Its name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub modified_ms: u64,
}

/// A file that is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its number.
    pub id: i64,
    /// As it was seen last.
    pub seen: SeenFile,
    /// What is known of it.
    pub state: State,
    /// It could be read.
    pub was_read: bool,
    /// A copy lies in the bucket.
    pub stored: bool,
    /// It is known to be in its folder.
    pub in_folder: bool,
}

/// A file that may not be whole yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growing {
    /// Its number.
    pub id: i64,
    /// The folder that it is in.
    pub folder: String,
    /// As it was seen last.
    pub seen: SeenFile,
    /// What it was when it was taken in before.
    pub sha256: Option<Vec<u8>>,
}

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// As it was read.
    pub seen: SeenFile,
    /// What it is.
    pub state: State,
    /// Why, for people.
    pub why: String,
    /// Of what was read.
    pub sha256: Vec<u8>,
    /// How many channels it has; 0 where that is not known.
    pub channels: u8,
    /// How long it is.
    pub duration_ms: u64,
    /// How loud it is, a byte for each channel and piece.
    pub drawn: Vec<u8>,
    /// Where nobody speaks.
    pub silences: Vec<Silence>,
}

/// A recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRecord {
    /// Its number.
    pub id: i64,
    /// The name that addresses have for it.
    pub key: String,
    /// Of which PBX.
    pub pbx: PbxId,
    /// The folder that it is in, below that of the PBX.
    pub folder: String,
    /// The call that it is of.
    pub call: Option<i64>,
    /// When it was taken in.
    pub taken_ms: Option<u64>,
    /// Kept whatever the policy says.
    pub held: bool,
    /// A copy lies in the bucket,
    pub stored: bool,
    /// and there alone.
    pub only_there: bool,
    /// What it is.
    pub is: Settled,
}

/// Somebody heard a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenRecord {
    /// Which.
    pub recording: i64,
    /// Who.
    pub user: i64,
    /// The row of the audit trail.
    pub act: i64,
    /// When.
    pub at_ms: u64,
    /// They took a copy.
    pub copy: bool,
}

fn seen(row: &SqliteRow) -> sqlx::Result<SeenFile> {
    Ok(SeenFile {
        file: row.try_get("file")?,
        bytes: count(row.try_get("bytes")?),
        modified_ms: count(row.try_get("modified_ms")?),
    })
}

fn record(row: &SqliteRow) -> sqlx::Result<RecordingRecord> {
    let taken_ms: Option<i64> = row.try_get("taken_ms")?;
    let silences: &str = row.try_get("silences")?;
    let stored = row.try_get::<Option<i64>, _>("stored_ms")?.is_some();
    Ok(RecordingRecord {
        stored,
        only_there: stored && !row.try_get::<bool, _>("in_folder")?,
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        pbx: PbxId(row.try_get("pbx_id")?),
        folder: row.try_get("folder")?,
        call: row.try_get("call_id")?,
        taken_ms: taken_ms.map(count),
        held: row.try_get("is_held")?,
        is: Settled {
            seen: seen(row)?,
            state: state(row.try_get("state")?),
            why: row.try_get("why")?,
            sha256: row.try_get::<Option<Vec<u8>>, _>("sha256")?.unwrap_or_default(),
            channels: u8::try_from(row.try_get::<i64, _>("channels")?).unwrap_or_default(),
            duration_ms: count(row.try_get("duration_ms")?),
            drawn: row.try_get("drawn")?,
            // what an earlier version wrote otherwise is no silence
            silences: serde_json::from_str(silences).unwrap_or_default(),
        },
    })
}

const WHOLE: &str = "SELECT recording.*, held OR EXISTS (SELECT 1 FROM call_hold WHERE call_hold.call_id = recording.call_id) AS is_held
     FROM recording";

impl Store {
    /// Where the recordings of each PBX lie on this host.
    pub async fn recording_folders(&self) -> Result<Vec<(PbxId, String)>> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, recordings FROM pbx WHERE recordings <> '' ORDER BY id")
                .fetch_all(&self.read)
                .await?;
        Ok(rows.into_iter().map(|(pbx, path)| (PbxId(pbx), path)).collect())
    }

    /// Where those of one PBX do; empty where they are not read.
    pub async fn recording_folder(&self, pbx: PbxId) -> Result<String> {
        let path: Option<String> = sqlx::query_scalar("SELECT recordings FROM pbx WHERE id = ?")
            .bind(pbx.0)
            .fetch_optional(&self.read)
            .await?;
        Ok(path.unwrap_or_default())
    }

    /// Files of one folder that are known.
    pub async fn known_files(&self, pbx: PbxId, folder: &str) -> Result<Vec<KnownFile>> {
        let rows = sqlx::query(
            "SELECT id, file, bytes, modified_ms, state, sha256 IS NOT NULL AS was_read,
                    stored_ms IS NOT NULL AS stored, in_folder FROM recording
             WHERE pbx_id = ? AND folder = ? AND state <> 'deleted'",
        )
        .bind(pbx.0)
        .bind(folder)
        .fetch_all(&self.read)
        .await?;
        let known = |row: &SqliteRow| -> sqlx::Result<KnownFile> {
            Ok(KnownFile {
                id: row.try_get("id")?,
                seen: seen(row)?,
                state: state(row.try_get("state")?),
                was_read: row.try_get("was_read")?,
                stored: row.try_get("stored")?,
                in_folder: row.try_get("in_folder")?,
            })
        };
        Ok(rows.iter().map(known).collect::<sqlx::Result<_>>()?)
    }

    /// Files of a folder that are new, and files of it that are looked at again.
    pub async fn note_files(
        &self,
        (pbx, folder): (PbxId, &str),
        new: &[SeenFile],
        again: &[i64],
        now_ms: u64,
    ) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for one in new {
            sqlx::query(
                "INSERT INTO recording (key, pbx_id, folder, file, unique_id, bytes, modified_ms, found_ms, state)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'growing') ON CONFLICT DO NOTHING",
            )
            .bind(uuid::Uuid::new_v4().simple().to_string())
            .bind(pbx.0)
            .bind(folder)
            .bind(&one.file)
            .bind(id_in(&one.file))
            .bind(ms(one.bytes))
            .bind(ms(one.modified_ms))
            .bind(ms(now_ms))
            .execute(&mut *transaction)
            .await?;
        }
        for id in again {
            sqlx::query("UPDATE recording SET state = 'growing', why = '' WHERE id = ? AND state NOT IN ('doomed', 'deleted')")
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Files that may not be whole yet, after one of them; the oldest first.
    pub async fn growing(&self, pbx: PbxId, after: i64, most: i64) -> Result<Vec<Growing>> {
        let rows = sqlx::query(
            "SELECT id, folder, file, bytes, modified_ms, sha256 FROM recording
             WHERE pbx_id = ? AND state = 'growing' AND id > ? ORDER BY id LIMIT ?",
        )
        .bind(pbx.0)
        .bind(after)
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        let growing = |row: &SqliteRow| -> sqlx::Result<Growing> {
            Ok(Growing {
                id: row.try_get("id")?,
                folder: row.try_get("folder")?,
                seen: seen(row)?,
                sha256: row.try_get("sha256")?,
            })
        };
        Ok(rows.iter().map(growing).collect::<sqlx::Result<_>>()?)
    }

    /// What a recording is from now on, and why; what retention has in its hands stays there.
    pub async fn mark_recording(&self, id: i64, is: State, why: &str) -> Result<()> {
        sqlx::query(
            "UPDATE recording SET state = ?, why = ? WHERE id = ? AND state NOT IN ('doomed', 'deleted')",
        )
        .bind(state_word(is))
        .bind(why)
        .bind(id)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// What a file turned out to be; the call that it is of is looked for.
    pub async fn take_in(&self, id: i64, is: &Settled, now_ms: u64) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE recording SET bytes = ?, modified_ms = ?, taken_ms = ?, state = ?, why = ?, sha256 = ?, channels = ?,
                                  duration_ms = ?, drawn = ?, silences = ? WHERE id = ? AND state = 'growing'",
        )
        .bind(ms(is.seen.bytes))
        .bind(ms(is.seen.modified_ms))
        .bind(ms(now_ms))
        .bind(state_word(is.state))
        .bind(&is.why)
        .bind(&is.sha256)
        .bind(is.channels)
        .bind(ms(is.duration_ms))
        .bind(&is.drawn)
        .bind(serde_json::to_string(&is.silences).unwrap_or_default())
        .bind(id)
        .execute(&mut *transaction)
        .await?;
        matching::of_recording(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The recordings of a call, in the order in which they were found.
    pub async fn recordings_of_call(&self, call: i64) -> Result<Vec<RecordingRecord>> {
        let query = format!("{WHOLE} WHERE call_id = ? ORDER BY id LIMIT ?");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(call)
            .bind(MAX_OF_CALL)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(record).collect::<sqlx::Result<_>>()?)
    }

    /// The recording of an address.
    pub async fn recording(&self, key: &str) -> Result<Option<RecordingRecord>> {
        let query = format!("{WHOLE} WHERE key = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(key)
            .fetch_optional(&self.read)
            .await?;
        Ok(row.as_ref().map(record).transpose()?)
    }

    /// Recordings that are of no call, or that cannot be heard, after one of them.
    pub async fn troubled_recordings(&self, after: i64, most: i64) -> Result<Vec<RecordingRecord>> {
        let query = format!(
            "{WHOLE} WHERE id > ? AND state NOT IN ('growing', 'doomed', 'deleted')
             AND (call_id IS NULL OR state NOT IN ('ready', 'foreign')) ORDER BY id LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(after)
            .bind(most)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.iter().map(record).collect::<sqlx::Result<_>>()?)
    }

    /// Notes that somebody hears a recording.
    pub async fn add_listen(&self, listen: ListenRecord) -> Result<()> {
        sqlx::query("INSERT INTO recording_listen (recording_id, user_id, act_id, at_ms, copy) VALUES (?, ?, ?, ?, ?)")
            .bind(listen.recording)
            .bind(listen.user)
            .bind(listen.act)
            .bind(ms(listen.at_ms))
            .bind(listen.copy)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Who heard a recording, the latest first.
    pub async fn listens(&self, recording: i64, most: i64) -> Result<Vec<ListenRecord>> {
        let rows: Vec<(i64, i64, i64, i64, bool)> = sqlx::query_as(
            "SELECT recording_id, user_id, act_id, at_ms, copy FROM recording_listen WHERE recording_id = ?
             ORDER BY at_ms DESC, id DESC LIMIT ?",
        )
        .bind(recording)
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        let listen = |(recording, user, act, at_ms, copy)| ListenRecord {
            recording,
            user,
            act,
            at_ms: count(at_ms),
            copy,
        };
        Ok(rows.into_iter().map(listen).collect())
    }
}
