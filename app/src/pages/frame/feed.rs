//! Ties the live socket to the life of the frame.

use std::time::Duration;

use leptos::{ev, prelude::*};

use crate::{
    browser,
    live::{Live, socket::Feed},
};

/// Opens the socket once the page is awake and ends it with the frame; runs in a browser only.
pub(in crate::pages) fn run(live: Live) {
    Effect::new(move |_| {
        let feed = untrack(|| Feed::start(live.clone()));
        let ticking = {
            let feed = feed.clone();
            set_interval_with_handle(move || feed.tick(), Duration::from_secs(1)).ok()
        };
        let seen = {
            let feed = feed.clone();
            let changed = ev::Custom::<web_sys::Event>::new("visibilitychange");
            window_event_listener(changed, move |_| feed.visible(browser::page_visible()))
        };
        let feed = StoredValue::new_local(feed);
        on_cleanup(move || {
            let _ = feed.try_with_value(Feed::stop);
            if let Some(ticking) = ticking {
                ticking.clear();
            }
            seen.remove();
        });
    });
}
