//! How the system itself does: links, what waits to be written, database, disk, and what runs by itself. Nothing here waits
//! for longer than a page may.

mod jobs;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use app::{
    live::protocol::LinkStatus,
    model::{
        PbxId,
        health::{Health, Part, Sign},
        keeping::size,
    },
    pages::history::grouped,
    words::{duration, visible::visible},
};

use crate::{
    clock::wall_ms,
    services::Services,
    store::{Result, StoreError},
};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Records are written every 150 milliseconds; from here on somebody should look at it,
const LATE_MS: u64 = 2_000;
/// and from here on nothing is written.
const STUCK_MS: u64 = 30_000;
/// What is free of a disk, in bytes: less is worth a look where it is also a small part of it,
const LITTLE: u64 = 10_000_000_000;
/// namely less than so many of a hundred;
const SMALL_SHARE: u64 = 15;
/// and less than this may end any moment.
const NEXT_TO_NOTHING: u64 = 1_000_000_000;

fn part(name: impl Into<String>, sign: Sign, says: impl Into<String>) -> Part {
    Part {
        name: name.into(),
        sign,
        says: says.into(),
        more: None,
    }
}

/// Everything that may be told to somebody of one PBX, or of all.
pub async fn of(services: &Services, only: Option<PbxId>) -> Health {
    let mut parts = links(services, only);
    if only.is_none() {
        parts.push(writing(services));
        parts.push(database(services).await);
        parts.extend(disk(services).await);
        parts.extend(jobs::of(services).await);
    }
    Health { parts }
}

fn links(services: &Services, only: Option<PbxId>) -> Vec<Part> {
    let mut parts = Vec::new();
    let now_ms = wall_ms();
    services.hub.each(|pbx, _| {
        if only.is_some_and(|only| only != pbx.id) {
            return;
        }
        let (sign, says) = of_link(&pbx.link, now_ms);
        let name = format!("PBX {}", visible(&pbx.name));
        parts.push(Part {
            more: Some(format!("/admin/pbx/{}", pbx.id.0)),
            ..part(name, sign, says)
        });
    });
    if parts.is_empty() {
        let says = "No PBX is connected yet.";
        parts.push(Part {
            more: Some("/admin/pbx".into()),
            ..part("PBX", Sign::Strained, says)
        });
    }
    parts
}

fn of_link(link: &LinkStatus, now_ms: u64) -> (Sign, String) {
    let ago = |since: u64| duration::ago(now_ms.saturating_sub(since));
    match link {
        LinkStatus::Live => (Sign::Well, "Its calls are seen as they happen.".into()),
        LinkStatus::CatchingUp => (
            Sign::Well,
            "It is connected; its lists are being compared.".into(),
        ),
        LinkStatus::Connecting => (Sign::Strained, "It is being connected.".into()),
        LinkStatus::Disabled => (Sign::Well, "It is switched off.".into()),
        LinkStatus::Down { reason, since } => {
            let reason = visible(reason);
            (
                Sign::Broken,
                format!("{reason} It was last seen {}.", ago(since.0)),
            )
        }
        LinkStatus::CredentialsRefused { since } => {
            let says = format!(
                "It refuses the user name or secret. It was last seen {}.",
                ago(since.0)
            );
            (Sign::Broken, says)
        }
    }
}

fn writing(services: &Services) -> Part {
    let behind = services.hub.records().map(|records| records.behind());
    let (waiting, age_ms) = behind.unwrap_or_default();
    let (sign, says) = of_writing(waiting, age_ms);
    part("Keeping calls", sign, says)
}

fn of_writing(waiting: u64, age_ms: u64) -> (Sign, String) {
    let sign = match age_ms {
        STUCK_MS.. => Sign::Broken,
        LATE_MS.. => Sign::Strained,
        _ => Sign::Well,
    };
    let says = match sign {
        Sign::Well => "What happens is written within a second.".to_owned(),
        Sign::Strained | Sign::Broken => format!(
            "{} records have been waiting to be written for {}.",
            grouped(waiting),
            duration::age(age_ms)
        ),
    };
    (sign, says)
}

/// An answer of the database, or that it took too long.
async fn in_time<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, asked)
        .await
        .unwrap_or(Err(StoreError::Unavailable("busy")))
}

async fn database(services: &Services) -> Part {
    let store = &services.store;
    if let Err(error) = in_time(store.ping()).await {
        return part(
            "Database",
            Sign::Broken,
            format!("It does not answer: {}.", why(&error)),
        );
    }
    if let Err(error) = in_time(store.takes()).await {
        return part(
            "Database",
            Sign::Broken,
            format!("It takes nothing: {}.", why(&error)),
        );
    }
    match in_time(store.place()).await {
        Ok((_, bytes)) => part(
            "Database",
            Sign::Well,
            format!("It takes and gives, and is {} large.", size(bytes)),
        ),
        Err(error) => part(
            "Database",
            Sign::Strained,
            format!("Its size is not known: {}.", why(&error)),
        ),
    }
}

fn why(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable(why) => (*why).to_owned(),
        StoreError::Taken(_) | StoreError::LastAdministrator | StoreError::Other(_) => {
            tracing::error!(%error, "the database could not be looked at");
            "the log says why".to_owned()
        }
    }
}

async fn disk(services: &Services) -> Vec<Part> {
    let mut places: Vec<(String, PathBuf)> = Vec::new();
    if let Ok((path, _)) = in_time(services.store.place()).await {
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        places.push(("Disk of the database".into(), folder));
    }
    let folders = in_time(services.store.recording_folders())
        .await
        .unwrap_or_default();
    for (pbx, path) in folders {
        places.push((
            format!("Disk of the recordings of {}", name(services, pbx)),
            path.into(),
        ));
    }
    // a disk on the network may take its time
    let looked = tokio::task::spawn_blocking(move || {
        let parts = places.into_iter().filter_map(|(name, path)| {
            let disk = rustix::fs::statvfs(&path).ok()?;
            let (free, whole) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
            let (sign, says) = of_disk(free, whole);
            Some(part(name, sign, says))
        });
        parts.collect()
    });
    let looked = tokio::time::timeout(PATIENCE, looked).await;
    looked
        .ok()
        .and_then(std::result::Result::ok)
        .unwrap_or_else(|| vec![part("Disk", Sign::Broken, "It does not answer.")])
}

fn of_disk(free: u64, whole: u64) -> (Sign, String) {
    let share = free.saturating_mul(100) / whole.max(1);
    let sign = match free {
        ..NEXT_TO_NOTHING => Sign::Broken,
        ..LITTLE if share < SMALL_SHARE => Sign::Strained,
        _ => Sign::Well,
    };
    (
        sign,
        format!("{} of {} are free ({share} %).", size(free), size(whole)),
    )
}

fn name(services: &Services, pbx: PbxId) -> String {
    let mut name = String::new();
    services.hub.each(|row, _| {
        if row.id == pbx {
            name = visible(&row.name).into_owned();
        }
    });
    name
}

#[cfg(test)]
mod tests {
    use app::live::protocol::LinkStatus;
    use telephony::Timestamp;

    use super::*;

    #[test]
    fn a_disk_says_how_much_is_free_and_when_that_is_little() {
        let gb = 1_000_000_000;
        assert_eq!(
            of_disk(40 * gb, 80 * gb),
            (Sign::Well, "40.0 GB of 80.0 GB are free (50 %).".into())
        );
        assert_eq!(of_disk(8 * gb, 80 * gb).0, Sign::Strained);
        assert_eq!(of_disk(8 * gb, 10 * gb).0, Sign::Well);
        assert_eq!(of_disk(gb - 1, 80 * gb).0, Sign::Broken);
        assert_eq!(of_disk(0, 0).0, Sign::Broken);
    }

    #[test]
    fn what_waits_for_long_is_said_with_how_long() {
        assert_eq!(of_writing(40, 150).0, Sign::Well);
        let (sign, says) = of_writing(1_200, 45_000);
        assert_eq!(sign, Sign::Broken);
        assert!(says.starts_with("1,200 records have been waiting"), "{says}");
    }

    #[test]
    fn a_cut_link_gives_its_reason_and_a_crafted_one_stays_text() {
        let down = LinkStatus::Down {
            reason: "Connection\u{202e} refused.".into(),
            since: Timestamp(1_000),
        };
        let (sign, says) = of_link(&down, 61_000);
        assert_eq!(sign, Sign::Broken);
        assert!(!says.contains('\u{202e}') && says.contains("refused."), "{says}");
        assert_eq!(of_link(&LinkStatus::Disabled, 0).0, Sign::Well);
    }
}
