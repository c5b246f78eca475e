//! The figures of the day where the wall hangs, asked for again while some tile shows one: when a queue changes, and now and
//! then.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use crate::{
    api::wallboard::LoadWallFigures,
    live::Live,
    model::wallboard::{Metric, Today, Wallboard},
    sending,
};

/// How often they are asked for where no queue changes: agents' time passes by itself.
const QUIET_MS: u64 = 5_000;
/// So long after an answer is asked again: with the two ways to the server no figure is more than a second old.
const PAUSE: Duration = Duration::from_millis(600);

/// What is on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// Asked, or asked not long ago.
    busy: bool,
    /// Something changed after that.
    behind: bool,
}

/// Whether a board shows something that is not on the live rows.
pub fn needs(board: &Wallboard) -> bool {
    let mut metrics = board.tiles().map(|tile| tile.metric);
    metrics.any(|metric| metric.is_of_today() || metric == Metric::ServiceLevelNow)
}

/// Asks for them while they are wanted.
pub fn follow(live: Live, wanted: Memo<bool>) -> RwSignal<Option<Today>> {
    let today = RwSignal::new(None);
    let now_ms = live.clock.now_ms.clone();
    let quiet = {
        let now_ms = now_ms.clone();
        Memo::new(move |_| now_ms.get() / QUIET_MS)
    };
    let way = StoredValue::new(Way::default());
    Effect::new(move |_| {
        if !wanted.get() {
            return;
        }
        quiet.track();
        for key in live.queues.keys() {
            live.queues.with(&key, |_| ());
        }
        let now_ms = now_ms.clone();
        soon(move || now_ms.get_untracked(), today, way);
    });
    today
}

fn soon(now_ms: impl Fn() -> u64 + Clone + 'static, today: RwSignal<Option<Today>>, way: StoredValue<Way>) {
    let was = way.try_update_value(|way| {
        std::mem::replace(
            way,
            Way {
                busy: true,
                behind: way.busy,
            },
        )
    });
    if was.is_none_or(|way| way.busy) {
        return;
    }
    let (from_ms, to_ms) = day(now_ms());
    spawn_local(async move {
        let asked = sending::ask(LoadWallFigures::PATH, &format!("from_ms={from_ms}&to_ms={to_ms}")).await;
        // what cannot be had keeps its last value, and tells its age
        if let Ok(figures) = asked {
            let _ = today.try_set(Some(figures));
        }
        let rested = move || {
            let behind = way.try_update_value(|way| std::mem::take(way).behind);
            if behind == Some(true) {
                soon(now_ms, today, way);
            }
        };
        set_timeout(rested, PAUSE);
    });
}

/// Where the day of this moment begins and ends in the browser's zone: 23, 24 or 25 hours.
fn day(now_ms: u64) -> (u64, u64) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are exact in a double"
    )]
    let now = js_sys::Date::new(&(now_ms as f64).into());
    let midnight = |days: i32| {
        let day = js_sys::Date::new_with_year_month_day(
            now.get_full_year(),
            now.get_month() as i32,
            now.get_date() as i32 + days,
        );
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time after 1970"
        )]
        let at_ms = day.get_time() as u64;
        at_ms
    };
    (midnight(0), midnight(1))
}
