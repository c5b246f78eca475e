//! The proof: from the sealed beginning to the sealed end every row is there, in its place and unchanged.

use app::audit::Action;

use super::{chain::ChainKey, detail, keys::ChainKeys};
use crate::store::{Head, Line, Result, Store, TrailLook};

/// Rows read at once.
const PART: u32 = 1_000;

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was changed.
    Whole {
        /// The oldest row that is kept, and when it was written.
        first: Option<(i64, u64)>,
        /// How many rows there are.
        rows: u64,
        /// The newest row.
        last_id: i64,
    },
    /// Something was: the first row that is wrong, and what about it.
    Broken {
        /// The row's number.
        row: i64,
        /// What is wrong.
        what: String,
        /// Rows before it that are as they were written.
        good: u64,
    },
}

/// Looks at every row, in one moment of the database, while others may write.
pub async fn verify(store: &Store, keys: &ChainKeys) -> Result<Verdict> {
    let mut look = store.look_at_trail().await?;
    let Some(head) = look.head.clone() else {
        return Ok(broken(1, "there is no trail: its sealed head is gone", 0));
    };
    // while the ends cannot be trusted the rows still tell where the fault is
    let ends = ends_fault(&mut look, keys, &head).await;
    let mut before = head.before_hash.clone();
    let mut expected = head.first_id;
    let mut first = None;
    let mut good = 0;
    let mut after = i64::MIN;
    loop {
        let part = look.after(after, PART).await?;
        let Some(last) = part.last() else { break };
        after = last.id;
        for line in part {
            if let Some(what) = fault(&mut look, keys, &line, &before, expected, head.last_id).await {
                let row = line.id.min(expected);
                return Ok(broken(row, &what, good));
            }
            first.get_or_insert((line.id, line.at_ms.unsigned_abs()));
            before.clone_from(&line.hash);
            expected = line.id + 1;
            good += 1;
        }
    }
    if let Some(what) = ends {
        return Ok(broken(expected, &what, good));
    }
    if expected <= head.last_id {
        let what = format!("rows {expected} to {} are missing at the end", head.last_id);
        return Ok(broken(expected, &what, good));
    }
    if before != head.last_hash {
        return Ok(broken(
            head.last_id,
            "it is not the row that the trail's end was sealed with",
            good.saturating_sub(1),
        ));
    }
    Ok(Verdict::Whole {
        first,
        rows: good,
        last_id: head.last_id,
    })
}

fn broken(row: i64, what: &str, good: u64) -> Verdict {
    Verdict::Broken {
        row,
        what: what.to_owned(),
        good,
    }
}

async fn ends_fault(look: &mut TrailLook, keys: &ChainKeys, head: &Head) -> Option<String> {
    match look.key(keys, head.key_id).await {
        Err(_) => Some("the trail's key does not open with this key file".into()),
        Ok(key) if !ChainKey::fits(&key.head(head), &head.mac) => {
            Some("the sealed ends are not what Starboard wrote: rows may be missing after this".into())
        }
        Ok(_) => None,
    }
}

/// What is wrong with a row.
async fn fault(
    look: &mut TrailLook,
    keys: &ChainKeys,
    line: &Line,
    before: &[u8],
    expected: i64,
    last_id: i64,
) -> Option<String> {
    if line.id > expected {
        let last = line.id - 1;
        return Some(if last == expected {
            "it is missing".into()
        } else {
            format!("rows {expected} to {last} are missing")
        });
    }
    if line.id < expected {
        return Some("it lies before the beginning of the trail: it was inserted".into());
    }
    let Ok(key) = look.key(keys, line.key_id).await else {
        return Some("its key does not open with this key file, so it cannot be verified".into());
    };
    if !ChainKey::fits(&key.row(before, line), &line.hash) {
        return Some("it was changed, inserted, or moved here from another place".into());
    }
    if line.id > last_id {
        return Some("it lies behind the sealed end: it was inserted".into());
    }
    if line.action == Action::TrailBroken.word() {
        let facts = detail::read(&line.detail);
        let why = facts
            .into_iter()
            .find(|fact| fact.name == "why")
            .and_then(|fact| fact.new);
        return Some(format!(
            "Starboard itself found the rows before it wrong when it wrote this one: {}",
            why.unwrap_or_default()
        ));
    }
    None
}
