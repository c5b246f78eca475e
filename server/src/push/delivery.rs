//! Takes alarms to push services: few at once, each again for a while where the service is busy, and never to whoever may not
//! see them at that moment.

use std::{sync::Arc, time::Duration};

use app::model::alarms::Alarm;
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::Instant,
};

use super::{Push, message, text};
use crate::{access::current, clock::wall_ms, jobs::alarms::about, services::Services, store::PushDevice};

/// Deliveries under way at most, those that wait for another try included.
const MAX_UNDER_WAY: usize = 1_000;
/// Of them talking to a push service at once.
const AT_ONCE: usize = 8;
/// How long a push service keeps a message for a browser that is away, and how long it is tried to give it one.
const GOOD: Duration = Duration::from_secs(600);
/// Waits before another try, where the push service names none.
const BACK_OFF: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(180),
];

/// Who takes alarms there.
#[derive(Debug)]
pub struct Deliveries {
    waiting: mpsc::Receiver<Alarm>,
}

/// What came of a try.
enum Came {
    Taken,
    /// The browser is there no more.
    Gone,
    /// Not now; with how long to wait, where that was said.
    Busy(Option<Duration>),
    Refused(StatusCode),
}

impl Deliveries {
    pub(super) fn new(waiting: mpsc::Receiver<Alarm>) -> Self {
        Self { waiting }
    }

    /// Runs until nobody raises alarms any more.
    pub async fn run(mut self, services: Services) {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut under_way = JoinSet::new();
        loop {
            let alarm = tokio::select! {
                alarm = self.waiting.recv() => alarm,
                Some(_) = under_way.join_next() => continue,
            };
            let Some(alarm) = alarm.map(Arc::new) else { return };
            let devices = match services.store.push_devices(None, wall_ms()).await {
                Ok(devices) => devices,
                Err(error) => {
                    tracing::warn!(%error, "whom to tell of an alarm could not be read");
                    continue;
                }
            };
            for device in devices {
                if under_way.len() >= MAX_UNDER_WAY {
                    tracing::warn!("too many alarms wait for push services; some are not told");
                    break;
                }
                let (services, turns, alarm) = (services.clone(), turns.clone(), alarm.clone());
                under_way.spawn(async move { deliver(&services, &turns, device.id, &alarm).await });
            }
        }
    }
}

async fn deliver(services: &Services, turns: &Semaphore, id: i64, alarm: &Alarm) {
    let until = Instant::now() + GOOD;
    let mut waits = BACK_OFF.into_iter();
    loop {
        let came = {
            // the semaphore is never closed
            let Ok(_turn) = turns.acquire().await else { return };
            let Some(device) = allowed(services, id, alarm).await else {
                return;
            };
            services.push.send(&device, alarm, wall_ms()).await
        };
        let noted = match came {
            Came::Taken => services.store.push_told(id, wall_ms()).await,
            Came::Gone => services.store.remove_push_device(id, None).await.map(|_| ()),
            Came::Refused(status) => {
                tracing::warn!(device = id, %status, "a push service refuses an alarm");
                Ok(())
            }
            Came::Busy(said) => {
                let Some(wait) = waits.next().map(|wait| said.unwrap_or(wait)) else {
                    return tracing::warn!(device = id, "a push service did not take an alarm");
                };
                if wait >= until.saturating_duration_since(Instant::now()) {
                    return tracing::warn!(device = id, "a push service takes an alarm too late");
                }
                tokio::time::sleep(wait).await;
                continue;
            }
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what came of a delivery could not be kept");
        }
        return;
    }
}

/// The browser, where its person may see the alarm now.
async fn allowed(services: &Services, id: i64, alarm: &Alarm) -> Option<PushDevice> {
    let look = async {
        let Some(device) = services.store.push_device(id, wall_ms()).await? else {
            return Ok(None);
        };
        let whence = services.whence(device.address);
        let viewer = current::viewer(&services.store, whence, device.user, None).await?;
        let sees = viewer.is_some_and(|viewer| viewer.rights.see_note(alarm.pbx, &about(alarm)));
        crate::store::Result::Ok(sees.then_some(device))
    };
    look.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "whether somebody may be told of an alarm could not be read");
        None
    })
}

impl Push {
    async fn send(&self, device: &PushDevice, alarm: &Alarm, now_ms: u64) -> Came {
        // a place that the settings name no more is gone for us
        let (Some(client), Some(endpoint)) = (&self.0.client, self.endpoint(&device.endpoint)) else {
            return Came::Gone;
        };
        let sealed = match message::seal(text(alarm).as_bytes(), &device.p256dh, &device.auth) {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::warn!(%error, device = device.id, "an alarm could not be sealed for a browser");
                return Came::Gone;
            }
        };
        let authorization = self.0.vapid.authorization(&endpoint, now_ms / 1_000);
        let asked = client
            .post(endpoint)
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", GOOD.as_secs().to_string())
            .header("Urgency", "high")
            .header("Topic", format!("alarm-{}", alarm.id))
            .body(sealed)
            .send();
        // of the answer its head is read and nothing else
        match asked.await {
            Ok(answer) => came(answer.status(), answer.headers()),
            Err(error) => {
                tracing::info!(error = %error.without_url(), device = device.id, "a push service does not answer");
                Came::Busy(None)
            }
        }
    }
}

fn came(status: StatusCode, headers: &HeaderMap) -> Came {
    match status {
        status if status.is_success() => Came::Taken,
        StatusCode::NOT_FOUND | StatusCode::GONE => Came::Gone,
        StatusCode::TOO_MANY_REQUESTS => Came::Busy(retry_after(headers)),
        status if status.is_server_error() => Came::Busy(retry_after(headers)),
        status => Came::Refused(status),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?;
    said.trim().parse().ok().map(Duration::from_secs)
}
