//! A tile as it is shown: as large as its place, whatever that is.

use leptos::prelude::*;

use super::value::{Line, Reader, Reading};
use crate::{
    components::Icon,
    model::wallboard::{Level, Scope, Tile},
    words::{self, Status, duration, shortened},
};

/// Queues that are named below a figure.
const MOST_NAMED: usize = 3;
/// The most characters for which there is a size.
const MOST_CHARS: usize = 10;

/// What a tile shows, with its title above and what it is about below.
#[component]
pub fn TileFace(
    /// The tile.
    #[prop(into)]
    tile: Signal<Tile>,
    /// What reads it.
    #[prop(into)]
    reader: Signal<Reader>,
) -> impl IntoView {
    let reading = Memo::new(move |_| reader.read().read(&tile.read()));
    let age_ms = Memo::new(move |_| {
        let tile = tile.read();
        tile.metric
            .has_scope()
            .then(|| reader.read().age_ms(&tile))
            .flatten()
    });
    let level = Memo::new(move |_| match &*reading.read() {
        Reading::Figure { level, .. } => *level,
        _ => Level::Calm,
    });
    let gap = Memo::new(move |_| reader.read().has_gap(&tile.read()));
    let about = Memo::new(move |_| about(&tile.read(), &reader.read()));
    view! {
        <div class="face" data-level=move || level.get().slug() data-old=move || age_ms.get().map(|_| "")
            data-metric=move || if matches!(*reading.read(), Reading::Text(_)) { "text" } else { "other" }>
            <p class="face-title">{move || shortened(tile.read().heading(), 60)}</p>
            <div class="face-body">{move || body(reading.get(), tile.read().place.high)}</div>
            <p class="face-foot">
                {move || (level.get() > Level::Calm).then(|| view! {
                    <span class="face-level">
                        <Icon name=if level.get() == Level::Alarm { "state-alarm" } else { "circle-alert" }/>{level.get().word()}
                    </span>
                }.into_any())}
                <span class="face-about">{move || about.get()}</span>
                {move || gap.get().then(|| view! { <span class="face-gap"><Icon name="circle-alert"/>"Not the whole day"</span> }.into_any())}
                {move || age_ms.get().map(|age_ms| view! {
                    <span class="face-age"><Icon name="unplug"/>{words::age(age_ms)}" old"</span>
                }.into_any())}
            </p>
        </div>
    }
    .into_any()
}

fn about(tile: &Tile, reader: &Reader) -> String {
    if !tile.metric.has_scope() {
        return String::new();
    }
    match &tile.scope {
        Scope::Everything => String::new(),
        Scope::Queues(queues) => {
            let named = queues
                .iter()
                .take(MOST_NAMED)
                .map(|(_, name)| shortened(name, 24));
            let mut named = named.collect::<Vec<_>>().join(", ");
            if queues.len() > MOST_NAMED {
                named.push_str(&format!(" and {} more", queues.len() - MOST_NAMED));
            }
            named
        }
        Scope::Team(id) => {
            let team = reader.teams.iter().find(|team| team.id == *id);
            team.map_or_else(String::new, |team| shortened(&team.name, 40))
        }
    }
}

fn body(reading: Reading, high: u8) -> AnyView {
    match reading {
        Reading::NotSeen => view! {
            <p class="face-unseen"><Icon name="lock"/>"You do not see what this is about"</p>
        }
        .into_any(),
        Reading::Figure { text, .. } => {
            let chars = text.chars().count().min(MOST_CHARS).to_string();
            view! { <p class="face-figure" data-chars=chars>{text}</p> }.into_any()
        }
        Reading::Agents(counts) => agents(counts),
        Reading::Lines(lines, total) => list(lines, total, high),
        Reading::Text(text) => view! { <p class="face-text">{text}</p> }.into_any(),
        Reading::Clock => view! { <TimeOfDay/> }.into_any(),
    }
}

fn agents(counts: [usize; 4]) -> AnyView {
    let kinds = [
        (Status::Idle, "Ready"),
        (Status::Talking, "Busy"),
        (Status::Paused, "Paused"),
        (Status::Unreachable, "Unreachable"),
    ];
    let columns = kinds.into_iter().zip(counts).map(|((status, word), count)| {
        view! {
            <li data-state=status.slug()>
                <span class="agents-count">{count.to_string()}</span>
                <span class="agents-word"><Icon name=format!("state-{}", status.slug())/>{word}</span>
            </li>
        }
        .into_any()
    });
    view! { <ul class="face-agents">{columns.collect_view()}</ul> }.into_any()
}

/// Lines that fit: the rest is counted.
fn list(lines: Vec<Line>, total: usize, high: u8) -> AnyView {
    let room = usize::from(high) * 3 / 2;
    let shown = if total > room {
        room.saturating_sub(1)
    } else {
        room
    };
    let more = total.saturating_sub(shown.min(lines.len()));
    if total == 0 {
        return view! { <p class="face-none"><Icon name="circle-check"/>"Nobody"</p> }.into_any();
    }
    let rows = lines.into_iter().take(shown).map(|line| {
        let word = line.status.word();
        view! {
            <li data-state=line.status.slug()>
                <span class="line-state" title=word><Icon name=format!("state-{}", line.status.slug())/><span class="unseen">{word}</span></span>
                <span class="line-who">{if line.who.is_empty() { "Caller".to_owned() } else { line.who }}</span>
                <span class="line-note">{if line.note.is_empty() && line.status != Status::Waiting { word.to_owned() } else { line.note }}</span>
                <span class="line-time">{line.for_ms.map(duration::clock)}</span>
            </li>
        }
        .into_any()
    });
    let rest =
        (more > 0).then(|| view! { <li class="line-more">{format!("and {more} more")}</li> }.into_any());
    view! { <ol class="face-lines" data-room=room.to_string()>{rows.collect_view()}{rest}</ol> }.into_any()
}

/// The time where the wall hangs: the browser's own.
#[component]
fn TimeOfDay() -> impl IntoView {
    let live = expect_context::<crate::live::Live>();
    let text = RwSignal::new("–:––".to_owned());
    Effect::new(move |_| {
        let now_ms = live.clock.now_ms.get();
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds since 1970 are exact in a double"
        )]
        let date = js_sys::Date::new(&(now_ms as f64).into());
        text.set(format!("{}:{:02}", date.get_hours(), date.get_minutes()));
    });
    view! { <p class="face-figure" data-chars="5">{move || text.get()}</p> }.into_any()
}
