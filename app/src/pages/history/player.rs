//! Plays a recording: drawn by how loud it is, with a place in it that pointer and keys move.

use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::comments::Comments;
use crate::{
    browser,
    components::Icon,
    model::recording::{CallRecording, RecordingComment, Silence},
    words::clock,
};

/// How wide the drawing is, in its own units, and how high for each channel.
const WIDTH: usize = 1_000;
const LANE: usize = 100;
/// The loudest there is is so high above the middle of its lane.
const HIGHEST: usize = 46;
/// Arrows go so far, and the keys for pages.
const STEP_MS: u64 = 5_000;
const PAGE_MS: u64 = 30_000;
/// How fast it can be played.
const SPEEDS: [(&str, f64); 6] = [
    ("0.75", 0.75),
    ("1", 1.0),
    ("1.25", 1.25),
    ("1.5", 1.5),
    ("1.75", 1.75),
    ("2", 2.0),
];

/// The outline of one channel.
pub fn outline(drawn: &[u8], channels: usize, channel: usize) -> String {
    let loud: Vec<usize> = drawn
        .chunks_exact(channels.max(1))
        .map(|piece| usize::from(piece[channel]))
        .collect();
    let middle = LANE * channel + LANE / 2;
    let last = loud.len().saturating_sub(1).max(1);
    // what is half as loud is seen as more than half as high: speech is mostly quiet
    let high = |loud: usize| (loud * 255).isqrt() * HIGHEST / 255 + 1;
    let point = |at: usize, height: usize| format!("{} {height}", at * WIDTH / last);
    let above = loud
        .iter()
        .enumerate()
        .map(|(at, loud)| point(at, middle - high(*loud)));
    let below = loud
        .iter()
        .enumerate()
        .rev()
        .map(|(at, loud)| point(at, middle + high(*loud)));
    let points: Vec<String> = above.chain(below).collect();
    if points.is_empty() {
        String::new()
    } else {
        format!("M{}Z", points.join("L"))
    }
}

/// Where a key moves the place to; None for a key that does not.
pub fn moved(key: &str, at_ms: u64, length_ms: u64) -> Option<u64> {
    let to = match key {
        "ArrowLeft" | "ArrowDown" => at_ms.saturating_sub(STEP_MS),
        "ArrowRight" | "ArrowUp" => at_ms + STEP_MS,
        "PageDown" => at_ms.saturating_sub(PAGE_MS),
        "PageUp" => at_ms + PAGE_MS,
        "Home" => 0,
        "End" => length_ms,
        _ => return None,
    };
    Some(to.min(length_ms))
}

/// The end of the silence that a moment is in.
pub fn end_of_silence(silences: &[Silence], at_ms: u64) -> Option<u64> {
    let inside = |one: &&Silence| u64::from(one.from_ms) <= at_ms && at_ms < u64::from(one.to_ms);
    silences.iter().find(inside).map(|one| one.to_ms.into())
}

/// What the parts of a player share.
#[derive(Clone, Copy)]
struct Deck {
    audio: NodeRef<html::Audio>,
    at_ms: RwSignal<u64>,
    length_ms: RwSignal<u64>,
    playing: RwSignal<bool>,
    speed: RwSignal<f64>,
    skips: RwSignal<bool>,
    trouble: RwSignal<bool>,
    address: StoredValue<String>,
    silences: StoredValue<Vec<Silence>>,
    key: StoredValue<String>,
    comments: RwSignal<Vec<RecordingComment>>,
}

impl Deck {
    fn toggle(self) {
        let Some(audio) = self.audio.get_untracked() else {
            return;
        };
        if !audio.paused() {
            // never fails
            let _ = audio.pause();
            return;
        }
        self.trouble.set(false);
        if audio.src().is_empty() {
            // each time that a page begins to play is one listening, however often it is gone back and forth in it
            audio.set_src(&format!(
                "{}?listening={}",
                self.address.get_value(),
                browser::request_id()
            ));
            audio.set_current_time(seconds(self.at_ms.get_untracked()));
        }
        if self.at_ms.get_untracked() >= self.length_ms.get_untracked() {
            self.go_to(0);
        }
        audio.set_default_playback_rate(self.speed.get_untracked());
        audio.set_playback_rate(self.speed.get_untracked());
        // whether it plays is told by its events
        if let Ok(begins) = audio.play() {
            spawn_local(async move { drop(JsFuture::from(begins).await) });
        }
    }

    fn go_to(self, at_ms: u64) {
        self.at_ms.set(at_ms);
        if let Some(audio) = self.audio.get_untracked().filter(|audio| !audio.src().is_empty()) {
            audio.set_current_time(seconds(at_ms));
        }
    }

    /// The place that plays, told by the browser.
    fn plays_at(self) {
        let Some(audio) = self.audio.get_untracked() else {
            return;
        };
        let at_ms = (audio.current_time() * 1_000.0) as u64;
        let skipped = (self.skips.get_untracked() && !audio.paused())
            .then(|| {
                self.silences
                    .with_value(|silences| end_of_silence(silences, at_ms))
            })
            .flatten();
        match skipped {
            Some(to_ms) => self.go_to(to_ms),
            None => self.at_ms.set(at_ms),
        }
    }

    /// What the browser found its length to be, where nobody knew it.
    fn is_known(self) {
        let length = self.audio.get_untracked().map_or(0.0, |audio| audio.duration());
        if self.length_ms.get_untracked() == 0 && length.is_finite() {
            self.length_ms.set((length * 1_000.0) as u64);
        }
    }

    fn fails(self) {
        let used = self
            .audio
            .get_untracked()
            .is_some_and(|audio| !audio.src().is_empty());
        self.trouble.set(used);
        self.playing.set(false);
    }

    fn pointed_at(self, event: &PointerEvent) {
        let Some(slider) = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        else {
            return;
        };
        let place = slider.get_bounding_client_rect();
        let share = ((f64::from(event.client_x()) - place.left()) / place.width().max(1.0)).clamp(0.0, 1.0);
        self.go_to((share * self.length_ms.get_untracked() as f64) as u64);
        if event.type_() == "pointerdown" {
            // a pointer that is gone is followed no further
            let _ = slider.set_pointer_capture(event.pointer_id());
        }
    }

    fn key(self, event: &KeyboardEvent) {
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        match moved(&key, self.at_ms.get_untracked(), self.length_ms.get_untracked()) {
            Some(at_ms) => self.go_to(at_ms),
            None if key == " " => self.toggle(),
            None if key == "c" => drop(browser::focus(&format!("#comment-{}", self.key.get_value()))),
            None => return,
        }
        // no list moves, and no page
        event.prevent_default();
        event.stop_propagation();
    }
}

/// How far to the right of the drawing a moment is.
fn across(at_ms: u64, length_ms: u64) -> u64 {
    let length_ms = length_ms.max(1);
    // two factors that are small enough
    at_ms.min(length_ms) * WIDTH as u64 / length_ms
}

fn seconds(at_ms: u64) -> f64 {
    at_ms as f64 / 1_000.0
}

/// Plays one recording.
#[component]
pub fn Player(one: CallRecording, address: String) -> impl IntoView {
    let has_silence = !one.silences.is_empty();
    let deck = Deck {
        audio: NodeRef::new(),
        at_ms: RwSignal::new(0),
        length_ms: RwSignal::new(one.duration_ms),
        playing: RwSignal::new(false),
        speed: RwSignal::new(1.0),
        skips: RwSignal::new(false),
        trouble: RwSignal::new(false),
        address: StoredValue::new(address),
        silences: StoredValue::new(one.silences.clone()),
        key: StoredValue::new(one.key.clone()),
        comments: RwSignal::new(one.comments),
    };
    let times = move || format!("{} of {}", clock(deck.at_ms.get()), clock(deck.length_ms.get()));
    let fast = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        if let Some((_, speed)) = SPEEDS.iter().find(|(word, _)| *word == chosen) {
            deck.speed.set(*speed);
            if let Some(audio) = deck.audio.get_untracked() {
                audio.set_playback_rate(*speed);
            }
        }
    };
    view! {
        <div class="player needs-js">
            <audio preload="none" node_ref=deck.audio
                on:play=move |_| deck.playing.set(true)
                on:pause=move |_| deck.playing.set(false)
                on:ended=move |_| deck.playing.set(false)
                on:timeupdate=move |_| deck.plays_at()
                on:durationchange=move |_| deck.is_known()
                on:error=move |_| deck.fails()></audio>
            <div class="player-row">
                <button type="button" class="button primary player-play" on:click=move |_| deck.toggle()
                    on:keydown=move |event: KeyboardEvent| if event.key() != " " && event.key() != "Enter" { deck.key(&event) }>
                    {move || if deck.playing.get() {
                        view! { <Icon name="pause"/>"Pause" }.into_any()
                    } else {
                        view! { <Icon name="play"/>"Play" }.into_any()
                    }}
                </button>
                <Drawing deck key=one.key.clone() drawn=one.drawn channels=usize::from(one.channels)/>
            </div>
            <div class="player-row player-more">
                <span class="player-time">{times}</span>
                <label class="player-speed"><span class="soft">"Speed"</span>
                    <select on:change=fast>
                        {SPEEDS.into_iter().map(|(word, _)| view! {
                            <option value=word selected={word == "1"}>{word}" ×"</option>
                        }.into_any()).collect_view()}
                    </select>
                </label>
                {has_silence.then(|| view! {
                    <label class="choice"><input type="checkbox" on:change=move |event| deck.skips.set(event_target_checked(&event))/>"Skip silence"</label>
                }.into_any())}
            </div>
            <Comments key=one.key file=one.file at_ms=deck.at_ms length_ms=deck.length_ms comments=deck.comments
                go=Callback::new(move |at_ms| deck.go_to(at_ms))/>
            <p class="recording-trouble" data-state="wrong" role="alert">
                {move || deck.trouble.get().then(|| view! {
                    <Icon name="circle-alert"/>"It cannot be played now. The file may have changed, or the connection is gone."
                })}
            </p>
        </div>
    }
    .into_any()
}

/// The recording drawn, as a slider.
#[component]
fn Drawing(deck: Deck, key: String, drawn: Vec<u8>, channels: usize) -> impl IntoView {
    let lanes = channels.max(1);
    let shapes: Vec<String> = (0..channels)
        .map(|channel| outline(&drawn, channels, channel))
        .collect();
    let played = format!("played-{key}");
    let clip = format!("url(#{played})");
    let reached = Memo::new(move |_| across(deck.at_ms.get(), deck.length_ms.get()));
    let paths = |class: &'static str, shapes: &[String]| {
        let paths = shapes
            .iter()
            .map(|shape| view! { <path class=class d=shape.clone()></path> }.into_any());
        paths.collect_view()
    };
    view! {
        <div class="player-drawn" role="slider" tabindex="0" aria-label="Place in the recording" aria-orientation="horizontal"
            aria-valuemin="0" aria-valuemax=move || (deck.length_ms.get() / 1_000).to_string()
            aria-valuenow=move || (deck.at_ms.get() / 1_000).to_string()
            aria-valuetext=move || format!("{} of {}", clock(deck.at_ms.get()), clock(deck.length_ms.get()))
            on:keydown=move |event| deck.key(&event)
            on:pointerdown=move |event| deck.pointed_at(&event)
            on:pointermove=move |event: PointerEvent| if event.buttons() & 1 == 1 { deck.pointed_at(&event) }>
            <svg viewBox=format!("0 0 {WIDTH} {}", LANE * lanes) preserveAspectRatio="none" aria-hidden="true" data-lanes=lanes.to_string()>
                <clipPath id=played><rect x="0" y="0" width=move || reached.get().to_string() height=(LANE * lanes).to_string()></rect></clipPath>
                {paths("player-rest", &shapes)}
                <g clip-path=clip>{paths("player-played", &shapes)}</g>
                {move || deck.comments.get().into_iter().map(|comment| view! {
                    <rect class="player-mark" x=across(u64::from(comment.at_s) * 1_000, deck.length_ms.get()).to_string()
                        y="0" width="4" height=(LANE * lanes).to_string()></rect>
                }.into_any()).collect_view()}
                <rect class="player-place" x=move || reached.get().to_string() y="0" width="3" height=(LANE * lanes).to_string()></rect>
            </svg>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{end_of_silence, moved, outline};
    use crate::model::recording::Silence;

    #[test]
    fn keys_move_the_place_and_never_out_of_the_recording() {
        for (key, at, to) in [
            ("ArrowRight", 10_000, Some(15_000)),
            ("ArrowLeft", 3_000, Some(0)),
            ("ArrowUp", 58_000, Some(60_000)),
            ("PageUp", 10_000, Some(40_000)),
            ("PageDown", 10_000, Some(0)),
            ("Home", 10_000, Some(0)),
            ("End", 10_000, Some(60_000)),
            ("Enter", 10_000, None),
            ("a", 10_000, None),
        ] {
            assert_eq!(moved(key, at, 60_000), to, "{key}");
        }
    }

    #[test]
    fn silence_is_left_at_its_end_and_what_is_said_is_heard() {
        let silences = [
            Silence {
                from_ms: 2_000,
                to_ms: 5_000,
            },
            Silence {
                from_ms: 9_000,
                to_ms: 12_000,
            },
        ];
        for (at, to) in [
            (1_999, None),
            (2_000, Some(5_000)),
            (4_999, Some(5_000)),
            (5_000, None),
            (10_000, Some(12_000)),
        ] {
            assert_eq!(end_of_silence(&silences, at), to, "{at}");
        }
    }

    #[test]
    fn each_channel_is_drawn_in_its_own_lane() {
        assert_eq!(outline(&[0, 255], 1, 0), "M0 49L1000 3L1000 97L0 51Z");
        assert_eq!(
            outline(&[0, 255, 0, 255], 2, 1),
            "M0 103L1000 103L1000 197L0 197Z"
        );
        assert_eq!(outline(&[], 2, 1), "");
    }
}
