//! The zone that times are shown in: the browser's once the page is awake, UTC in what the server sends; named either way.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::words::moment;

/// Shows moments; everything that is read from it changes once the browser's zone is known.
#[derive(Clone, Copy)]
pub(in crate::pages) struct Zone(RwSignal<bool>);

impl Zone {
    /// UTC until the page is awake.
    pub(in crate::pages) fn of_the_browser() -> Self {
        let local = RwSignal::new(false);
        Effect::new(move |_| local.set(true));
        Self(local)
    }

    /// `Europe/Berlin`, or `UTC`.
    pub(in crate::pages) fn name(self) -> String {
        if !self.0.get() {
            return "UTC".into();
        }
        let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
        let name = Reflect::get(&options, &"timeZone".into()).ok();
        name.and_then(|name| name.as_string())
            .unwrap_or_else(|| "your time zone".into())
    }

    /// `Thursday, 26 November 2026`, as the browser's language has it.
    pub(in crate::pages) fn day(self, at_ms: u64) -> String {
        if !self.0.get() {
            return moment::day(at_ms);
        }
        let options = Object::new();
        for (name, value) in [
            ("weekday", "long"),
            ("day", "numeric"),
            ("month", "long"),
            ("year", "numeric"),
        ] {
            // setting a property of an object of our own cannot fail
            let _ = Reflect::set(&options, &name.into(), &value.into());
        }
        date(at_ms).to_locale_date_string(&language(), &options).into()
    }

    /// `26/11/2026, 08:00:05`, as the browser's language has it.
    pub(in crate::pages) fn day_and_clock(self, at_ms: u64) -> String {
        if !self.0.get() {
            return moment::field(at_ms).replace('T', " ");
        }
        date(at_ms)
            .to_locale_string(&language(), &JsValue::UNDEFINED)
            .into()
    }

    /// `08:00:05`.
    pub(in crate::pages) fn clock(self, at_ms: u64) -> String {
        if !self.0.get() {
            return moment::clock(at_ms);
        }
        let date = date(at_ms);
        format!(
            "{:02}:{:02}:{:02}",
            date.get_hours(),
            date.get_minutes(),
            date.get_seconds()
        )
    }

    /// What a field for a moment takes: `2026-11-26T08:00`.
    pub(in crate::pages) fn field(self, at_ms: u64) -> String {
        if !self.0.get() {
            return moment::field(at_ms);
        }
        let date = date(at_ms);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}",
            date.get_full_year(),
            date.get_month() + 1,
            date.get_date(),
            date.get_hours(),
            date.get_minutes()
        )
    }

    /// What was typed into such a field.
    pub(in crate::pages) fn read(self, text: &str) -> Option<u64> {
        if !self.0.get_untracked() {
            return moment::read_utc(text);
        }
        let at_ms = Date::parse(text);
        (at_ms >= 0.0).then_some(at_ms as u64)
    }
}

fn date(at_ms: u64) -> Date {
    Date::new(&JsValue::from_f64(at_ms as f64))
}

fn language() -> String {
    window().navigator().language().unwrap_or_else(|| "en".into())
}
