//! The figures of the day where the wall hangs, asked for again and again while some tile shows one.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use crate::{
    api::wallboard::LoadWallFigures,
    live::Live,
    model::wallboard::{Metric, Today, Wallboard},
    sending,
};

/// How often they are asked for.
const EVERY: Duration = Duration::from_secs(5);

/// Whether a board shows something that is not on the live rows.
pub fn needs(board: &Wallboard) -> bool {
    let mut metrics = board.tiles().map(|tile| tile.metric);
    metrics.any(|metric| metric.is_of_today() || metric == Metric::ServiceLevelNow)
}

/// Asks for them while they are wanted.
pub fn follow(live: Live, wanted: Memo<bool>) -> RwSignal<Option<Today>> {
    let today = RwSignal::new(None);
    Effect::new(move |_| {
        if !wanted.get() {
            return;
        }
        let now_ms = live.clock.now_ms.clone();
        let ask = move || ask(now_ms.get_untracked(), today);
        ask();
        let asking = set_interval_with_handle(ask, EVERY).ok();
        on_cleanup(move || {
            if let Some(asking) = asking {
                asking.clear();
            }
        });
    });
    today
}

fn ask(now_ms: u64, today: RwSignal<Option<Today>>) {
    let (from_ms, to_ms) = day(now_ms);
    spawn_local(async move {
        let asked = sending::ask(LoadWallFigures::PATH, &format!("from_ms={from_ms}&to_ms={to_ms}")).await;
        // what cannot be had keeps its last value, and tells its age
        if let Ok(figures) = asked {
            let _ = today.try_set(Some(figures));
        }
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
