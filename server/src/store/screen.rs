//! Screens that show wallboards, by the hash of their token.

use app::model::wallboard::{MAX_SCREENS, ScreenId, WallboardId};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store, ms};

/// A screen that was not seen for so long is forgotten.
const FORGET_MS: u64 = 90 * 24 * 3600 * 1000;
/// The use of a screen is written once in so many milliseconds.
const TOUCH_MS: u64 = 30 * 1000;

/// A screen as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenRecord {
    /// Id; ignored when inserting.
    pub id: ScreenId,
    /// SHA-256 of its token.
    pub token_hash: [u8; 32],
    /// Who paired it: it shows what they see.
    pub user: i64,
    /// The board that it shows.
    pub board: WallboardId,
    /// That board's name; ignored when inserting.
    pub board_name: String,
    /// What it is called.
    pub name: String,
    /// Whether it gets no names.
    pub masked: bool,
    /// Paired at.
    pub created_ms: u64,
    /// Last seen at
    pub seen_ms: u64,
    /// from there.
    pub address: String,
}

const SCREEN: &str = "SELECT screen.*, wallboard.name AS board_name FROM screen JOIN wallboard ON wallboard.id = screen.wallboard_id ";

fn record(row: &SqliteRow) -> Result<ScreenRecord> {
    let hash: Vec<u8> = row.try_get("token_hash")?;
    let time = |column| -> Result<u64> { Ok(row.try_get::<i64, _>(column)?.unsigned_abs()) };
    Ok(ScreenRecord {
        id: ScreenId(row.try_get("id")?),
        token_hash: hash
            .try_into()
            .map_err(|_| anyhow::anyhow!("a screen's hash has another length"))?,
        user: row.try_get("user_id")?,
        board: WallboardId(row.try_get("wallboard_id")?),
        board_name: row.try_get("board_name")?,
        name: row.try_get("name")?,
        masked: row.try_get("masked")?,
        created_ms: time("created_ms")?,
        seen_ms: time("seen_ms")?,
        address: row.try_get("address")?,
    })
}

impl Store {
    /// Keeps a screen. False where this person has too many.
    pub async fn add_screen(&self, screen: &ScreenRecord) -> Result<bool> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM screen WHERE seen_ms < ?")
            .bind(ms(screen.created_ms.saturating_sub(FORGET_MS)))
            .execute(&mut *transaction)
            .await?;
        let made = sqlx::query(
            "INSERT INTO screen (token_hash, user_id, wallboard_id, name, masked, created_ms, seen_ms, address)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
             WHERE ?9 > (SELECT count(*) FROM screen WHERE user_id = ?2)",
        )
        .bind(&screen.token_hash[..])
        .bind(screen.user)
        .bind(screen.board.0)
        .bind(&screen.name)
        .bind(screen.masked)
        .bind(ms(screen.created_ms))
        .bind(ms(screen.seen_ms))
        .bind(&screen.address)
        .bind(i64::try_from(MAX_SCREENS).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(made.rows_affected() == 1)
    }

    /// The screen of this token.
    pub async fn screen(&self, token_hash: &[u8; 32], now_ms: u64) -> Result<Option<ScreenRecord>> {
        let query = format!("{SCREEN}WHERE screen.token_hash = ? AND screen.seen_ms >= ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(&token_hash[..])
            .bind(ms(now_ms.saturating_sub(FORGET_MS)))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// The screens of a person, newest first.
    pub async fn screens_of(&self, user: i64) -> Result<Vec<ScreenRecord>> {
        let query =
            format!("{SCREEN}WHERE screen.user_id = ? ORDER BY screen.created_ms DESC, screen.id DESC");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(user)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(record).collect()
    }

    /// Ends a screen.
    pub async fn remove_screen(&self, id: ScreenId) -> Result<bool> {
        let gone = sqlx::query("DELETE FROM screen WHERE id = ?")
            .bind(id.0)
            .execute(&self.write)
            .await?;
        Ok(gone.rows_affected() == 1)
    }

    /// Notes that a screen is there, unless that was noted a moment ago.
    pub async fn touch_screen(&self, screen: &ScreenRecord, address: &str, now_ms: u64) -> Result<()> {
        if now_ms < screen.seen_ms + TOUCH_MS && screen.address == address {
            return Ok(());
        }
        sqlx::query("UPDATE screen SET seen_ms = ?, address = ? WHERE id = ?")
            .bind(ms(now_ms))
            .bind(address)
            .bind(screen.id.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
