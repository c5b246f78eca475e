//! Tokens, by their hash; and where each was used from.

use app::{access::Scope, model::PbxId};
use ipnet::IpNet;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, Store, ms, role::written, user::abilities};

/// Tokens that one person may have at once.
const MAX_PER_USER: i64 = 50;
/// Tokens that are listed at most.
const MAX_LISTED: i64 = 5_000;
/// Tokens that ended are shown for so long, and then forgotten.
const KEEP_ENDED_MS: u64 = 30 * 24 * 3600 * 1000;
/// Networks that are remembered of one token; the oldest give way.
const MAX_NETWORKS: i64 = 64;
/// The use of a token is written once in so many milliseconds.
const TOUCH_MS: u64 = 60 * 1000;

/// A token as stored.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    /// Id; ignored when inserting.
    pub id: i64,
    /// Whose.
    pub user: i64,
    /// Their sign-in name; ignored when inserting.
    pub username: String,
    /// How it begins, to recognise it by.
    pub hint: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub scope: Scope,
    /// Where it may be used from; empty for everywhere.
    pub networks: Vec<IpNet>,
    /// Made at.
    pub created_ms: u64,
    /// Good until.
    pub expires_ms: u64,
    /// Revoked at.
    pub revoked_ms: Option<u64>,
    /// Last used at.
    pub used_ms: Option<u64>,
    /// Last used from.
    pub used_address: String,
}

impl TokenRecord {
    /// Whether it is good at this time.
    pub fn is_good(&self, now_ms: u64) -> bool {
        self.revoked_ms.is_none() && now_ms < self.expires_ms
    }
}

const TOKEN: &str = "SELECT token.*, user.username FROM token JOIN user ON user.id = token.user_id ";

fn record(row: &SqliteRow) -> Result<TokenRecord> {
    let time = |column| -> Result<Option<u64>> {
        let time: Option<i64> = row.try_get(column)?;
        Ok(time.map(i64::unsigned_abs))
    };
    let networks: &str = row.try_get("networks")?;
    Ok(TokenRecord {
        id: row.try_get("id")?,
        user: row.try_get("user_id")?,
        username: row.try_get("username")?,
        hint: row.try_get("hint")?,
        name: row.try_get("name")?,
        scope: Scope {
            abilities: abilities(None, row.try_get("abilities")?)?,
            pbx: row.try_get::<Option<i64>, _>("pbx_id")?.map(PbxId),
        },
        networks: read_networks(networks)?,
        created_ms: time("created_ms")?.unwrap_or_default(),
        expires_ms: time("expires_ms")?.unwrap_or_default(),
        revoked_ms: time("revoked_ms")?,
        used_ms: time("used_ms")?,
        used_address: row.try_get("used_address")?,
    })
}

/// One that cannot be read would let everybody in.
fn read_networks(json: &str) -> Result<Vec<IpNet>> {
    let networks: Vec<String> = serde_json::from_str(json).map_err(anyhow::Error::from)?;
    let read = networks
        .iter()
        .map(|network| Ok(network.parse().map_err(anyhow::Error::from)?));
    read.collect()
}

impl Store {
    /// Keeps a token. None where this person has too many.
    pub async fn add_token(&self, token: &TokenRecord, hash: &[u8; 32], now_ms: u64) -> Result<Option<i64>> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM token WHERE min(expires_ms, coalesce(revoked_ms, expires_ms)) < ?")
            .bind(ms(now_ms.saturating_sub(KEEP_ENDED_MS)))
            .execute(&mut *transaction)
            .await?;
        let networks: Vec<String> = token.networks.iter().map(IpNet::to_string).collect();
        let networks = serde_json::to_string(&networks).map_err(anyhow::Error::from)?;
        let made = sqlx::query(
            "INSERT INTO token (user_id, hash, hint, name, abilities, pbx_id, networks, created_ms, expires_ms)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE ?10 >
                 (SELECT count(*) FROM token WHERE user_id = ?1 AND revoked_ms IS NULL AND expires_ms > ?8)",
        )
        .bind(token.user)
        .bind(&hash[..])
        .bind(&token.hint)
        .bind(&token.name)
        .bind(written(&token.scope.abilities))
        .bind(token.scope.pbx.map(|pbx| pbx.0))
        .bind(networks)
        .bind(ms(now_ms))
        .bind(ms(token.expires_ms))
        .bind(MAX_PER_USER)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok((made.rows_affected() == 1).then(|| made.last_insert_rowid()))
    }

    /// The token of this hash, also one that has ended.
    pub async fn token_of(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>> {
        let query = sqlx::AssertSqlSafe(format!("{TOKEN}WHERE token.hash = ?"));
        let row = sqlx::query(query)
            .bind(&hash[..])
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// A token by its id.
    pub async fn token(&self, id: i64) -> Result<Option<TokenRecord>> {
        let query = sqlx::AssertSqlSafe(format!("{TOKEN}WHERE token.id = ?"));
        let row = sqlx::query(query).bind(id).fetch_optional(&self.read).await?;
        row.as_ref().map(record).transpose()
    }

    /// The tokens of a person, or of everybody; newest first.
    pub async fn tokens(&self, user: Option<i64>) -> Result<Vec<TokenRecord>> {
        let query = format!(
            "{TOKEN}WHERE ?1 IS NULL OR token.user_id = ?1 ORDER BY token.created_ms DESC, token.id DESC LIMIT ?2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(user)
            .bind(MAX_LISTED)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(record).collect()
    }

    /// Ends every session, every token and every screen of a person.
    pub async fn cut_off(&self, user: i64, now_ms: u64) -> Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(super::session::END_ALL)
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE token SET revoked_ms = ?2 WHERE user_id = ?1 AND revoked_ms IS NULL")
            .bind(user)
            .bind(ms(now_ms))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM screen WHERE user_id = ?")
            .bind(user)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends a token. False where it had ended, or is not there.
    pub async fn revoke_token(&self, id: i64, now_ms: u64) -> Result<bool> {
        let query =
            "UPDATE token SET revoked_ms = ?1 WHERE id = ?2 AND revoked_ms IS NULL AND expires_ms > ?1";
        let done = sqlx::query(query)
            .bind(ms(now_ms))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that a token is in use, unless that was noted within a minute.
    pub async fn touch_token(&self, token: &TokenRecord, address: &str, now_ms: u64) -> Result<()> {
        if token.used_ms.is_some_and(|used_ms| now_ms < used_ms + TOUCH_MS) {
            return Ok(());
        }
        sqlx::query(
            "UPDATE token SET used_ms = ?1, used_address = ?2 WHERE id = ?3 AND coalesce(used_ms, 0) <= ?4",
        )
        .bind(ms(now_ms))
        .bind(address)
        .bind(token.id)
        .bind(ms(now_ms.saturating_sub(TOUCH_MS)))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Whether a token was never used from this network before; from now on it was.
    pub async fn token_at(&self, token: i64, network: &str, now_ms: u64) -> Result<bool> {
        let known: Option<i64> =
            sqlx::query_scalar("SELECT first_ms FROM token_network WHERE token_id = ? AND network = ?")
                .bind(token)
                .bind(network)
                .fetch_optional(&self.read)
                .await?;
        if known.is_some() {
            return Ok(false);
        }
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let made =
            sqlx::query("INSERT OR IGNORE INTO token_network (token_id, network, first_ms) VALUES (?, ?, ?)")
                .bind(token)
                .bind(network)
                .bind(ms(now_ms))
                .execute(&mut *transaction)
                .await?;
        sqlx::query(
            "DELETE FROM token_network WHERE token_id = ?1 AND network IN
                 (SELECT network FROM token_network WHERE token_id = ?1 ORDER BY first_ms DESC, network LIMIT -1 OFFSET ?2)",
        )
        .bind(token)
        .bind(MAX_NETWORKS)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(made.rows_affected() == 1)
    }
}
