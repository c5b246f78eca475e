//! A new key for every secret, while the server runs.

use app::audit::{Action, Fact, Outcome};

use crate::{
    clock::wall_ms,
    seal::Seal,
    store::{Resealed, Result, Store},
    trail::{Trail, Who},
};

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
