//! The work after a call: how long it still is, and what became of the call. The server keeps it; this only shows it.

use leptos::prelude::*;
use telephony::QueueCommand;

use super::{
    seat::{Seat, ask_queue},
    taken::SayForm,
};
use crate::{
    asking::Asking,
    components::Icon,
    live::Live,
    model::{PbxId, desk::WrapUp, queues::QueueRules},
    words::{duration, shortened, visible::NAME_CHARS},
};

/// What goes on at my extensions.
#[component]
pub fn MyWrapUp(seats: Memo<Vec<Seat>>, rules: StoredValue<Vec<QueueRules>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let mine = Memo::new(move |_| {
        let seats = seats.read();
        let mut found: Vec<(PbxId, WrapUp)> = Vec::new();
        for seat in seats.iter() {
            let notes = seat.interfaces().into_iter();
            found.extend(notes.filter_map(|interface| {
                live.note::<WrapUp>(seat.own.pbx, &interface)
                    .map(|note| (seat.own.pbx, note))
            }));
        }
        found
    });
    // one a call: what is typed stays while the rest of the page changes
    move || {
        let visits: Vec<(PbxId, WrapUp)> = mine.get();
        visits
            .into_iter()
            .map(|(pbx, wrap)| view! { <One pbx wrap rules/> }.into_any())
            .collect_view()
    }
}

#[component]
fn One(pbx: PbxId, wrap: WrapUp, rules: StoredValue<Vec<QueueRules>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let asking = expect_context::<Asking>();
    let busy = RwSignal::new(false);
    let due = wrap.due.0;
    let left = Memo::new(move |_| due.saturating_sub(live.clock.now_ms.get()));
    let total = wrap.due.since_ms(wrap.since);
    let words = rules.with_value(|rules| {
        let queue = (pbx, wrap.queue.clone());
        let found = rules.iter().find(|rules| rules.queue == queue);
        found.map(|rules| rules.dispositions.clone()).unwrap_or_default()
    });
    let who = wrap.name.clone().filter(|name| !name.trim().is_empty());
    let who = who.unwrap_or_else(|| {
        if wrap.number.is_empty() {
            "Number withheld".into()
        } else {
            wrap.number.clone()
        }
    });
    let interface = wrap.interface.clone();
    let done = Callback::new(move |()| {
        let command = QueueCommand::UnpauseMember {
            queue: None,
            interface: interface.clone(),
        };
        ask_queue(asking, busy, pbx, vec![command], "make you ready".to_owned());
    });
    view! {
        <section class="paper mywrap" aria-labelledby="wrap-title">
            <header>
                <h2 id="wrap-title"><Icon name="circle-check"/>"Wrap-up"</h2>
                <span class="mywrap-left" role="timer" aria-label="Time left">{move || duration::clock(left.get() + 999)}</span>
            </header>
            <progress class="mywrap-bar" max=total.to_string() value=move || left.get().to_string() aria-hidden="true"></progress>
            <p>{format!("The call with {}, queue {}.", shortened(&who, NAME_CHARS), shortened(&wrap.queue, NAME_CHARS))}</p>
            <SayForm visit=wrap.visit words said=None note=None done/>
        </section>
    }
    .into_any()
}
