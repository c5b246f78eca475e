//! The zone that times are shown in: the browser's once the page is awake, UTC in what the server sends; named either way.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::words::moment;

/// Shows moments; everything that is read from it changes once the browser's zone is known.
#[derive(Clone, Copy)]
pub(crate) struct Zone(RwSignal<bool>);

impl Zone {
    /// UTC until the page is awake.
    pub(crate) fn of_the_browser() -> Self {
        let local = RwSignal::new(false);
        Effect::new(move |_| local.set(true));
        Self(local)
    }

    // what is drawn may be looked at once more while the page is left
    fn is_local(self) -> bool {
        self.0.try_get().unwrap_or_default()
    }

    /// `Europe/Berlin`, or `UTC`.
    pub(crate) fn name(self) -> String {
        if !self.is_local() {
            return "UTC".into();
        }
        let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
        let name = Reflect::get(&options, &"timeZone".into()).ok();
        name.and_then(|name| name.as_string())
            .unwrap_or_else(|| "your time zone".into())
    }

    /// `Thursday, 26 November 2026`, as the browser's language has it.
    pub(crate) fn day(self, at_ms: u64) -> String {
        if !self.is_local() {
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
    pub(crate) fn day_and_clock(self, at_ms: u64) -> String {
        if !self.is_local() {
            return moment::field(at_ms).replace('T', " ");
        }
        date(at_ms)
            .to_locale_string(&language(), &JsValue::UNDEFINED)
            .into()
    }

    /// `Thu 26 Nov`, as the browser's language has it.
    pub(crate) fn short_day(self, at_ms: u64) -> String {
        if !self.is_local() {
            return moment::short_day(at_ms);
        }
        let options = Object::new();
        for (name, value) in [("weekday", "short"), ("day", "numeric"), ("month", "short")] {
            // setting a property of an object of our own cannot fail
            let _ = Reflect::set(&options, &name.into(), &value.into());
        }
        date(at_ms).to_locale_date_string(&language(), &options).into()
    }

    /// The day since 1970 that a moment is in.
    pub(crate) fn day_of(self, at_ms: u64) -> u64 {
        if !self.is_local() {
            return moment::day_of(at_ms);
        }
        let date = date(at_ms);
        let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
        moment::day_number(year.into(), month.into(), day.into()).unwrap_or_default()
    }

    /// When a day since 1970 begins: days of 23 and of 25 hours end when the next one begins.
    pub(crate) fn midnight(self, day: u64) -> u64 {
        if !self.is_local() {
            return moment::midnight(day);
        }
        let (year, month, day) = moment::date_of(day);
        let small = |value: u64| u32::try_from(value).unwrap_or_default();
        let (month, day) = (small(month).cast_signed(), small(day).cast_signed());
        let at_ms = Date::new_with_year_month_day(small(year), month - 1, day).get_time();
        at_ms.max(0.0) as u64
    }

    /// How far clocks are from UTC then: `UTC+2`.
    pub(crate) fn offset(self, at_ms: u64) -> String {
        if !self.is_local() {
            return "UTC".into();
        }
        // minutes by which UTC is ahead
        let behind = date(at_ms).get_timezone_offset() as i64;
        let sign = if behind > 0 { '−' } else { '+' };
        match (behind.abs() / 60, behind.abs() % 60) {
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// `08:00:05`.
    pub(crate) fn clock(self, at_ms: u64) -> String {
        if !self.is_local() {
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
    pub(crate) fn field(self, at_ms: u64) -> String {
        if !self.is_local() {
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
    pub(crate) fn read(self, text: &str) -> Option<u64> {
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
