//! Reports that are sent by mail when they are due. One that fails is tried again for a while, and then waits for its next
//! time; what was due while nothing ran is sent once, about the last time that is over.

use std::time::Duration;

use app::{AppError, model::mailing::Mailing};
use tokio::time::MissedTickBehavior;

use crate::{
    access,
    backend::CallerBackend,
    caller::Caller,
    clock::wall_ms,
    report::{times::due_after, zone},
    services::Services,
    store::{DueMailing, Result},
};

/// How often it is looked for those that are due.
const TICK: Duration = Duration::from_secs(2);
/// How long one waits after each time that it failed.
const AGAIN: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(6 * 3_600),
];
/// A day, for one whose calendar has an end.
const DAY_MS: u64 = 86_400_000;

/// Runs for ever; where no mail server is set up, nothing is due.
pub async fn run(services: Services) {
    if services.mailer.is_none() {
        return;
    }
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = look(&services).await {
            tracing::error!(%error, "mailings could not be looked at");
        }
    }
}

async fn look(services: &Services) -> Result<()> {
    let store = &services.store;
    for DueMailing { user, mailing } in store.due_mailings(wall_ms()).await? {
        let sent = match store.user(user.0).await?.filter(|user| !user.disabled) {
            Some(record) => {
                let viewer = access::viewer(&record, None);
                let caller = Caller::absent(user.0, viewer, &services.sessions);
                let backend = CallerBackend::new(services.clone(), caller);
                backend.mail_report(&mailing, mailing.due_ms).await
            }
            None => Err(AppError::Forbidden),
        };
        store.tried_mailing(&after(mailing, sent, wall_ms())).await?;
    }
    Ok(())
}

/// What becomes of one that was tried.
fn after(mailing: Mailing, sent: std::result::Result<(), AppError>, now_ms: u64) -> Mailing {
    let next = || {
        let zone = zone(&mailing.zone).ok();
        let due = zone.and_then(|zone| due_after(now_ms, mailing.every, mailing.at_minute, &zone));
        due.unwrap_or(now_ms + DAY_MS)
    };
    let Err(why) = sent else {
        let due_ms = next();
        return Mailing {
            due_ms,
            try_ms: due_ms,
            tries: 0,
            sent_ms: Some(now_ms),
            trouble: String::new(),
            ..mailing
        };
    };
    let again = matches!(
        why,
        AppError::Unavailable(_) | AppError::TooMany { .. } | AppError::Internal { .. } | AppError::Offline
    );
    let wait = usize::try_from(mailing.tries)
        .ok()
        .and_then(|tries| AGAIN.get(tries));
    let next_ms = next();
    // the next one goes before another try of this one
    let again_ms = wait
        .filter(|_| again)
        .map(|wait| now_ms + wait.as_millis() as u64)
        .filter(|again_ms| *again_ms < next_ms);
    let trouble = why.to_string();
    match again_ms {
        Some(try_ms) => Mailing {
            try_ms,
            tries: mailing.tries + 1,
            trouble,
            ..mailing
        },
        None => Mailing {
            due_ms: next_ms,
            try_ms: next_ms,
            tries: 0,
            trouble,
            ..mailing
        },
    }
}

#[cfg(test)]
mod tests {
    use app::model::mailing::Every;

    use super::*;

    fn due(at_ms: u64) -> Mailing {
        Mailing {
            id: 1,
            address: "/calls/reports".into(),
            every: Every::Day,
            at_minute: 420,
            zone: "UTC".into(),
            format: "pdf".into(),
            to: vec!["a@example.org".into()],
            due_ms: at_ms,
            try_ms: at_ms,
            tries: 0,
            sent_ms: None,
            trouble: String::new(),
        }
    }

    const DUE_MS: u64 = 1_795_000_000_000 / DAY_MS * DAY_MS + 420 * 60_000;

    #[test]
    fn one_that_fails_is_tried_again_for_a_while_and_comes_again_at_its_next_time() {
        let (mut mailing, mut now_ms) = (due(DUE_MS), DUE_MS);
        let mut waits = Vec::new();
        let down = || Err(AppError::Unavailable("the mail server does not answer".into()));
        while mailing.due_ms == DUE_MS {
            mailing = after(mailing, down(), now_ms);
            assert_eq!(mailing.trouble, "the mail server does not answer");
            waits.push((mailing.try_ms - now_ms) / 60_000);
            now_ms = mailing.try_ms;
        }
        assert_eq!(waits[..5], [1, 5, 30, 120, 360]);
        assert_eq!((mailing.due_ms, mailing.tries), (DUE_MS + DAY_MS, 0));
        let mailing = after(mailing, Ok(()), now_ms);
        assert_eq!(
            (mailing.due_ms, mailing.trouble.as_str()),
            (DUE_MS + 2 * DAY_MS, "")
        );
        assert_eq!(mailing.sent_ms, Some(now_ms));
    }

    #[test]
    fn one_that_is_refused_waits_for_its_next_time_and_what_was_due_meanwhile_comes_once() {
        for why in [AppError::Forbidden, AppError::Conflict("refused".into())] {
            let mailing = after(due(DUE_MS), Err(why), DUE_MS);
            assert_eq!(
                (mailing.due_ms, mailing.try_ms),
                (DUE_MS + DAY_MS, DUE_MS + DAY_MS)
            );
        }
        let mailing = after(due(DUE_MS), Ok(()), DUE_MS + 9 * DAY_MS + 1);
        assert_eq!(mailing.due_ms, DUE_MS + 10 * DAY_MS);
    }
}
