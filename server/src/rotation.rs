//! The key file of a database: found, replaced while the server runs, given up when it is lost.

use std::path::Path;

use anyhow::{Context, bail};
use app::audit::{Action, Fact, Outcome};

use crate::{
    clock::wall_ms,
    seal::Seal,
    store::{Resealed, Result, Store},
    trail::{Trail, Who},
};

/// The seal and the trail of a database. A new database gets a new key file; one that was sealed with another is refused.
pub async fn open(store: &Store, key_file: &Path) -> anyhow::Result<(Seal, Trail)> {
    const NEXT: &str = "give the key file that belongs to this database (key_file), or, if it is lost for good, run \
         `starboard key lost`: the audit trail then goes on, and PBX secrets have to be typed in again";
    if !key_file.exists() && store.is_sealed().await? {
        bail!("the key file {} is not there; {NEXT}", key_file.display());
    }
    let seal = Seal::open(key_file)?;
    let trail = Trail::open(store, &seal).await;
    let trail = trail.with_context(|| {
        format!(
            "the key file {} does not open this database; {NEXT}",
            key_file.display()
        )
    })?;
    Ok((seal, trail))
}

/// Goes on without the key of everything so far. False where the key file opens it: then nothing is done.
pub async fn give_up(store: &Store, key_file: &Path, who: Who) -> anyhow::Result<bool> {
    let there = key_file.exists();
    let seal = Seal::open(key_file)?;
    if there && Trail::open(store, &seal).await.is_ok() {
        return Ok(false);
    }
    let trail = Trail::give_up_key(store, &seal).await?;
    let act = trail.begin(who, "", Action::LoseKey, "seal key", &[]).await?;
    trail.end(act, Outcome::Done, &[]).await;
    Ok(true)
}

/// Makes a new key, seals everything with it, and takes the keys before it out of the key file. Cut off at any moment,
/// it leaves a key file that opens everything; the next rotation finishes what is left.
pub async fn rotate(store: &Store, trail: &Trail, seal: &Seal, who: Who) -> Result<Resealed> {
    let act = trail.begin(who, "", Action::RotateKey, "seal key", &[]).await?;
    let done = async {
        let done = store.reseal(seal, trail.keys(), wall_ms()).await?;
        store.retire_keys(seal).await?;
        Ok(done)
    };
    match done.await {
        Ok(done) => {
            let mut facts = vec![Fact::told("secrets", done.secrets.to_string())];
            if done.lost > 0 {
                facts.push(Fact::told("do not open", done.lost.to_string()));
            }
            trail.end(act, Outcome::Done, &facts).await;
            Ok(done)
        }
        Err(error) => {
            let why = "the new key was not put to use everywhere; do it again";
            trail.end(act, Outcome::Failed, &[Fact::told("why", why)]).await;
            Err(error)
        }
    }
}
