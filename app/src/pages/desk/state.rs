//! What I do, in big letters, and what I can do instead.

use leptos::prelude::*;
use telephony::{Doing, QueueCommand};

use super::seat::{Seat, ask_queue};
use crate::{
    asking::Asking,
    components::{Icon, Timer},
    live::Live,
    look::look,
    model::queues::PauseReason,
    words::{duration, shortened},
};

/// Letters of a reason shown.
const REASON_CHARS: usize = 40;

fn word(doing: &Doing) -> (&'static str, &'static str, &'static str) {
    match doing {
        Doing::Available => ("Ready", "idle", "state-idle"),
        Doing::Ringing => ("Ringing", "ringing", "state-ringing"),
        Doing::Talking => ("On a call", "talking", "state-talking"),
        Doing::OnHold => ("On hold", "hold", "state-hold"),
        Doing::WrapUp => ("Wrap-up", "wrap-up", "circle-check"),
        Doing::Paused(_) => ("Paused", "paused", "state-paused"),
        Doing::Unreachable => ("Phone unreachable", "unreachable", "state-unreachable"),
    }
}

/// The state of each of my extensions that serves a queue.
#[component]
pub fn MyState(seats: Memo<Vec<Seat>>, reasons: Vec<PauseReason>) -> impl IntoView {
    let reasons = StoredValue::new(reasons);
    let count = Memo::new(move |_| {
        seats
            .read()
            .iter()
            .filter(|seat| !seat.members.is_empty())
            .count()
    });
    view! {
        <section class="paper mystate" aria-labelledby="state-title">
            <h2 id="state-title" class="unseen">"My state"</h2>
            {move || (0..count.get()).map(|at| view! { <OneState seats reasons at/> }.into_any()).collect_view()}
            {move || (count.get() == 0).then(|| view! {
                <p class="mystate-word" data-doing="out"><Icon name="log-out"/>"In no queue"</p>
                <p class="soft">"Log in to a queue and its calls ring at your phone."</p>
            }.into_any())}
        </section>
    }
    .into_any()
}

#[component]
fn OneState(seats: Memo<Vec<Seat>>, reasons: StoredValue<Vec<PauseReason>>, at: usize) -> impl IntoView {
    let asking = expect_context::<Asking>();
    let live = expect_context::<Live>();
    let busy = RwSignal::new(false);
    let seat = Memo::new(move |_| seats.read().get(at).cloned());
    let doing = Memo::new(move |_| seat.read().as_ref().and_then(Seat::doing));
    let since = Memo::new(move |_| seat.read().as_ref().and_then(Seat::since_ms));
    let pbx = seat.get_untracked().map(|seat| seat.own.pbx).unwrap_or_default();
    let number = move || {
        seat.read()
            .as_ref()
            .map(|seat| seat.own.number.clone())
            .unwrap_or_default()
    };
    let old = {
        let live = live.clone();
        Memo::new(move |_| live.freshness(pbx).is_old())
    };
    let reason = move || match doing.get() {
        Some(Doing::Paused(reason)) if !reason.is_empty() => Some(reason),
        _ => None,
    };
    // longer than this reason may be
    let over = Memo::new(move |_| {
        let most_s = reasons.with_value(|reasons| {
            let reason = reason()?;
            reasons.iter().find(|one| one.name == reason)?.most_s
        });
        let (most_s, since) = (most_s?, since.get()?);
        let elapsed_ms = live.as_of_ms(pbx).saturating_sub(since);
        (elapsed_ms > u64::from(most_s) * 1_000).then(|| duration::age(u64::from(most_s) * 1_000))
    });
    let ask = move |make: fn(String, String) -> QueueCommand, reason: String, what: String| {
        let interfaces = seat
            .read_untracked()
            .as_ref()
            .map(Seat::interfaces)
            .unwrap_or_default();
        let commands = interfaces
            .into_iter()
            .map(|interface| make(interface, reason.clone()));
        ask_queue(asking, busy, pbx, commands.collect(), what);
    };
    let pause = move |reason: String| {
        let what = if reason.is_empty() {
            "pause you".to_owned()
        } else {
            format!("pause you: {reason}")
        };
        let command = |interface, reason| QueueCommand::PauseMember {
            queue: None,
            interface,
            reason,
        };
        ask(command, reason, what);
    };
    let ready = move |_| {
        let command = |interface, _| QueueCommand::UnpauseMember {
            queue: None,
            interface,
        };
        ask(command, String::new(), "make you ready".to_owned());
    };
    let is_paused = Memo::new(move |_| matches!(doing.get(), Some(Doing::Paused(_) | Doing::WrapUp)));
    let shown = move || doing.get().unwrap_or(Doing::Unreachable);
    let buttons = reasons.with_value(|reasons| {
        let mut words: Vec<(String, &'static str, String)> = reasons
            .iter()
            .map(|one| {
                let most = one
                    .most_s
                    .map(|most| format!("at most {}", duration::age(u64::from(most) * 1_000)));
                (one.name.clone(), one.colour.slug(), most.unwrap_or_default())
            })
            .collect();
        if words.is_empty() {
            words.push((String::new(), "ochre", String::new()));
        }
        words
    });
    let buttons = buttons.into_iter().map(|(name, colour, most)| {
        let label = if name.is_empty() {
            "Pause".to_owned()
        } else {
            name.clone()
        };
        let current = {
            let name = name.clone();
            Memo::new(move |_| matches!(doing.get(), Some(Doing::Paused(reason)) if reason == name))
        };
        view! {
            <button type="button" class="button reason" data-colour=colour title=most
                aria-pressed=move || current.get().to_string() disabled=move || busy.get()
                on:click=move |_| pause(name.clone())>
                <span class="reason-dot" aria-hidden="true"></span>{label}
            </button>
        }
        .into_any()
    });
    view! {
        <div class="onestate" class:old=move || old.get()>
            <p class="mystate-word" data-doing=move || word(&shown()).1 role="status">
                {move || view! { <Icon name=word(&shown()).2/> }.into_any()}
                <span>{move || word(&shown()).0}</span>
                {move || reason().map(|reason| view! { <span class="mystate-reason">{shortened(&reason, REASON_CHARS)}</span> }.into_any())}
                {move || since.get().is_some().then(|| view! {
                    <Timer pbx since_ms=look(move || since.get().unwrap_or_default())/>
                }.into_any())}
                <span class="mystate-number" title="Extension">{number}</span>
            </p>
            {move || over.get().map(|most| view! {
                <p class="mystate-over" role="alert"><Icon name="triangle-alert"/>{format!("Longer than the {most} of this pause.")}</p>
            }.into_any())}
            <div class="reasons needs-js" role="group" aria-label="Change my state">
                <button type="button" class="button primary" disabled=move || busy.get() || !is_paused.get() on:click=ready>
                    <Icon name="play"/>"Ready"
                </button>
                {buttons.collect_view()}
            </div>
        </div>
    }
    .into_any()
}
