//! Where somebody is notified of alarms: this browser, with a page open or without, and their other ones.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use web_sys::UrlSearchParams;

use crate::{
    api::push::{AddPush, LoadPush, RemovePush},
    components::Icon,
    loaded,
    model::push::{Device, Told},
    notifications, push,
    sending::{ask, ask_packed},
    words::{duration::ago, visible},
};

/// What this browser does with an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Not looked at yet, or being changed.
    Unknown,
    /// It shows no notifications, or was told not to.
    Nothing,
    /// It was not asked yet.
    Off,
    /// It notifies while a page is open.
    Open,
    /// The same, and it cannot do more.
    OpenOnly,
    /// It notifies also when none is.
    Always,
}

/// What both parts of the page share.
#[derive(Clone, Copy, Debug)]
pub struct Notified {
    does: RwSignal<Does>,
    told: RwSignal<Told>,
    problem: RwSignal<bool>,
}

impl Notified {
    /// Looks as soon as the page is in a browser.
    pub fn look() -> Self {
        let here = Self {
            does: RwSignal::new(Does::Unknown),
            told: RwSignal::default(),
            problem: RwSignal::new(false),
        };
        Effect::new(move |_| {
            spawn_local(async move { here.refresh().await });
        });
        here
    }

    async fn refresh(self) {
        let told = loaded::<Told>(&ask_packed(LoadPush::PATH, "").await).unwrap_or_default();
        let subscribed = told.devices.iter().any(|one| one.here) && push::is_subscribed().await;
        let does = match notifications::permission() {
            None => Does::Nothing,
            Some(false) => Does::Off,
            Some(true) if subscribed => Does::Always,
            Some(true) if told.key.is_none() => Does::OpenOnly,
            Some(true) => Does::Open,
        };
        // the page may be gone
        let _ = self.told.try_set(told);
        let _ = self.does.try_set(does);
    }

    fn switch_on(self) {
        self.does.set(Does::Unknown);
        self.problem.set(false);
        spawn_local(async move {
            if !notifications::ask().await {
                return self.refresh().await;
            }
            let key = self.told.try_get_untracked().and_then(|told| told.key);
            let subscribed = match key {
                Some(key) => push::subscribe(&key).await,
                None => None,
            };
            let Some(one) = subscribed else {
                self.refresh().await;
                let _ = self.does.try_set(Does::OpenOnly);
                return;
            };
            let pairs = [
                ("endpoint", &one.endpoint),
                ("p256dh", &one.p256dh),
                ("auth", &one.auth),
            ];
            let kept = ask::<()>(AddPush::PATH, &written(&pairs)).await;
            if kept.is_err() {
                push::forget().await;
                let _ = self.problem.try_set(true);
            }
            self.refresh().await;
        });
    }

    fn remove(self, id: i64, here: bool) {
        self.problem.set(false);
        spawn_local(async move {
            let removed = ask::<()>(RemovePush::PATH, &written(&[("id", &id.to_string())])).await;
            if removed.is_ok() && here {
                push::forget().await;
            }
            let _ = self.problem.try_set(removed.is_err());
            self.refresh().await;
        });
    }
}

fn written(pairs: &[(&str, &String)]) -> String {
    // making an empty list cannot fail
    let Ok(fields) = UrlSearchParams::new() else {
        return String::new();
    };
    for (name, value) in pairs {
        fields.append(name, value);
    }
    fields.to_string().into()
}

/// The button, while there is something to switch on.
#[component]
pub fn NotifyMe(notified: Notified) -> impl IntoView {
    move || match notified.does.get() {
        Does::Off => on_button(notified, "Notify me in this browser"),
        Does::Open => on_button(notified, "Notify me also when no page is open"),
        Does::Unknown | Does::Nothing | Does::OpenOnly | Does::Always => ().into_any(),
    }
}

fn on_button(notified: Notified, says: &'static str) -> AnyView {
    view! {
        <button type="button" class="button needs-js" on:click=move |_| notified.switch_on()><Icon name="bell"/>{says}</button>
    }
    .into_any()
}

/// What works here, and where else.
#[component]
pub fn WhereNotified(notified: Notified) -> impl IntoView {
    let says = move || match notified.does.get() {
        Does::Unknown => "Looking what this browser can do\u{2026}",
        Does::Nothing => {
            "This browser shows no notifications, or was told not to. Its settings for this site have the last word."
        }
        Does::Off => "This browser does not notify you yet.",
        Does::Open => "This browser notifies you while a page of Starboard is open.",
        Does::OpenOnly => {
            "This browser notifies you only while a page of Starboard is open: it has no push service here, or it cannot be reached."
        }
        Does::Always => {
            "This browser notifies you also when no page of Starboard is open, as long as you are signed in here."
        }
    };
    view! {
        <section class="needs-js" aria-label="Notifications">
            <h2>"Notifications"</h2>
            <p role="status">{says}</p>
            {move || notified.problem.get().then(|| view! {
                <p class="problem" role="alert">"That did not work. Try again in a moment."</p>
            })}
            {move || {
                let told = notified.told.get();
                (!told.devices.is_empty()).then(|| view! {
                    <ul class="things" aria-label="Browsers that are notified without a page">
                        {told.devices.into_iter().map(|one| row(notified, one, told.now_ms)).collect_view()}
                    </ul>
                })
            }}
        </section>
    }
    .into_any()
}

fn row(notified: Notified, one: Device, now_ms: u64) -> AnyView {
    let name = visible(&one.device).into_owned();
    let (id, here) = (one.id, one.here);
    let since = ago(now_ms.saturating_sub(one.created_ms));
    let told = match one.told_ms {
        Some(told_ms) => format!("last alarm sent {}", ago(now_ms.saturating_sub(told_ms))),
        None => "no alarm sent yet".to_owned(),
    };
    let (verb, label) = if here {
        ("Switch off", format!("Switch off notifications in {name}"))
    } else {
        ("Remove", format!("Remove {name}"))
    };
    view! {
        <li class="thing" data-here=here.then_some("")>
            <Icon name="bell"/>
            <div class="thing-words">
                <strong>{name}</strong>
                <p class="soft">{here.then_some("This browser \u{b7} ")} "since " {since} " \u{b7} " {told}</p>
            </div>
            <button type="button" class="button" aria-label=label on:click=move |_| notified.remove(id, here)>{verb}</button>
        </li>
    }
    .into_any()
}
