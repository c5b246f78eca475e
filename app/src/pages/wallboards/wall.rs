//! A board on a wall: nothing but its tiles, one page after the other.

use std::time::Duration;

use leptos::{ev, prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_meta::Title;

use super::{tile::TileFace, today, value::Reader};
use crate::{
    AppError,
    api::wallboard::{LoadWallboard, load_wallboard},
    browser,
    components::{
        Icon,
        loading::{Bones, NotLoaded},
    },
    live::Live,
    load, loaded,
    model::wallboard::{Shown, Tile},
    pages::screens::part_of_address,
    sending,
    words::shortened,
};

/// How often it is looked whether the board was changed.
const LOOK: Duration = Duration::from_secs(15);
/// Words and the pointer are hidden when nobody has moved for so long.
const QUIET: Duration = Duration::from_secs(3);
/// The picture moves a little once in so many seconds, so that no screen burns in.
const DRIFT_S: u64 = 60;
/// The places it moves between.
const DRIFTS: u64 = 8;
/// A wall of another build loads itself anew after a moment.
const BEFORE_RELOAD: Duration = Duration::from_secs(5);

/// The page of one board, for whoever is signed in.
#[component]
pub fn WallPage() -> impl IntoView {
    let id = part_of_address(1);
    let id = id
        .get_untracked()
        .and_then(|id| id.parse::<i64>().ok())
        .unwrap_or_default();
    let found = load(LoadWallboard::PATH, format!("id={id}"), move || {
        load_wallboard(id)
    });
    view! {
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Shown>(&found.await) {
                    Ok(shown) => {
                        let again = move || async move { sending::ask::<Shown>(LoadWallboard::PATH, &format!("id={id}")).await };
                        view! { <Wall shown again=Callback::new(move |found: RwSignal<Shown>| keep_up(found, again)) leave="/wallboards"/> }.into_any()
                    }
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// Takes a board over when it was changed.
fn keep_up<Asked>(found: RwSignal<Shown>, ask: impl Fn() -> Asked + 'static)
where
    Asked: Future<Output = Result<Shown, AppError>> + 'static,
{
    let asked = ask();
    spawn_local(async move {
        match asked.await {
            Ok(now) => {
                // the page may be gone
                let known = found.try_with_untracked(|shown| *shown == now);
                if known == Some(false) {
                    found.set(now);
                }
            }
            Err(AppError::NotFound | AppError::Forbidden) => browser::reload(),
            // it is told by the age of what is shown
            Err(_) => {}
        }
    });
}

/// The board itself.
#[component]
pub fn Wall(
    /// What it shows at first.
    shown: Shown,
    /// Looks whether it was changed.
    again: Callback<RwSignal<Shown>>,
    /// Where one goes back to; none for a screen that has nothing else.
    #[prop(optional)]
    leave: Option<&'static str>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let name = shortened(&shown.board.name, 60);
    let shown = RwSignal::new(shown);
    let wanted = Memo::new(move |_| today::needs(&shown.read().board));
    let today = today::follow(live.clone(), wanted);
    let reader = {
        let live = live.clone();
        Memo::new_owning(move |_| {
            let shown = shown.read();
            let reader = Reader {
                live: live.clone(),
                teams: shown.teams.clone(),
                masked: shown.masked,
                today,
            };
            (reader, true)
        })
    };
    let pages = Memo::new(move |_| shown.read().board.pages.len());
    let turning = Turning::new(pages, shown);
    let page = turning.page;
    let tiles = Memo::new(move |_| {
        let shown = shown.read();
        shown
            .board
            .pages
            .get(page.get())
            .map(|page| page.tiles.clone())
            .unwrap_or_default()
    });
    let seen = RwSignal::new(false);
    let drift = {
        let clock = live.clock.clone();
        Memo::new(move |_| clock.now_ms.get() / 1_000 / DRIFT_S % DRIFTS)
    };
    attend(live, again, shown);
    turning.run();
    wake_on_movement(seen);
    let (title, label) = (name.clone(), name.clone());
    view! {
        <Title text=title/>
        <section class="wall" aria-label=label data-light=move || shown.read().board.light.then_some("")
            data-quiet=move || (!seen.get()).then_some("") data-drift=move || drift.get().to_string()>
            <h1 class="unseen">{name}</h1>
            {move || {
                // a page is drawn anew, so that it fades in
                let at = page.get();
                view! {
                    <div class="wall-page">
                        <For each=move || 0..tiles.read().len() key=move |index| (at, *index) let:index>
                            <Cell tile=Signal::derive(move || tile_at(tiles, index)) reader/>
                        </For>
                        {move || tiles.read().is_empty().then(|| view! {
                            <p class="wall-empty">"There is nothing on this page yet."</p>
                        }.into_any())}
                    </div>
                }
                .into_any()
            }}
            {move || (pages.get() > 1).then(|| view! {
                <ol class="wall-dots" aria-hidden="true">
                    {(0..pages.get()).map(|at| view! { <li data-here=move || (page.get() == at).then_some("")></li> }).collect_view()}
                </ol>
            }.into_any())}
            <div class="wall-verbs">
                {move || (pages.get() > 1).then(|| view! {
                    <button type="button" class="button" on:click=move |_| turning.step(-1)>"Page before"</button>
                    <button type="button" class="button" aria-pressed=move || turning.held.get().to_string() on:click=move |_| turning.hold()>
                        <Icon name="pause"/>{move || if turning.held.get() { "Go on" } else { "Hold" }}
                    </button>
                    <button type="button" class="button" on:click=move |_| turning.step(1)>"Next page"</button>
                }.into_any())}
                <button type="button" class="button" on:click=|_| browser::full_screen()><Icon name="maximize"/>"Full screen"</button>
                {leave.map(|to| view! { <a class="button" href=to><Icon name="x"/>"Leave"</a> })}
            </div>
            <p class="unseen" aria-live="polite">{move || turning.said.get()}</p>
        </section>
    }
    .into_any()
}

fn tile_at(tiles: Memo<Vec<Tile>>, index: usize) -> Tile {
    let found = tiles.read().get(index).cloned();
    found.unwrap_or_else(|| Tile::new(crate::model::wallboard::Metric::Text, super::CORNER))
}

/// A tile in its place.
#[component]
fn Cell(tile: Signal<Tile>, reader: Memo<Reader>) -> impl IntoView {
    let place = move || tile.read().place;
    view! {
        <div class="cell" data-x=move || place().x.to_string() data-y=move || place().y.to_string()
            data-w=move || place().wide.to_string() data-h=move || place().high.to_string()>
            <TileFace tile reader/>
        </div>
    }
    .into_any()
}

/// Which page is shown.
#[derive(Clone, Copy)]
struct Turning {
    page: RwSignal<usize>,
    held: RwSignal<bool>,
    said: RwSignal<String>,
    left_s: StoredValue<u16>,
    pages: Memo<usize>,
    shown: RwSignal<Shown>,
}

impl Turning {
    fn new(pages: Memo<usize>, shown: RwSignal<Shown>) -> Self {
        let turning = Self {
            page: RwSignal::new(0),
            held: RwSignal::new(false),
            said: RwSignal::new(String::new()),
            left_s: StoredValue::new(0),
            pages,
            shown,
        };
        turning.stay(0);
        turning
    }

    fn stay(self, page: usize) {
        let seconds = self
            .shown
            .with_untracked(|shown| shown.board.pages.get(page).map(|page| page.seconds));
        self.left_s.set_value(seconds.unwrap_or(20));
        self.page.set(page);
    }

    fn step(self, by: isize) {
        let pages = self.pages.get_untracked().max(1);
        let next = self
            .page
            .get_untracked()
            .saturating_add_signed(by + pages.cast_signed())
            % pages;
        self.stay(next);
        self.said.set(format!("Page {} of {pages}", next + 1));
    }

    fn hold(self) {
        self.held.update(|held| *held = !*held);
        self.said.set(
            if self.held.get_untracked() {
                "The page stays."
            } else {
                "Pages change again."
            }
            .to_owned(),
        );
    }

    /// Turns pages, and hears keys.
    fn run(self) {
        Effect::new(move |_| {
            // a page that was taken away
            if self.page.get() >= self.pages.get().max(1) {
                self.stay(0);
            }
        });
        Effect::new(move |_| {
            let ticking = set_interval_with_handle(move || self.tick(), Duration::from_secs(1)).ok();
            let keys = window_event_listener(ev::keydown, move |event| match event.key().as_str() {
                "ArrowRight" | "PageDown" => self.step(1),
                "ArrowLeft" | "PageUp" => self.step(-1),
                " " if !browser::is_button(&event) => {
                    event.prevent_default();
                    self.hold();
                }
                _ => {}
            });
            on_cleanup(move || {
                if let Some(ticking) = ticking {
                    ticking.clear();
                }
                keys.remove();
            });
        });
    }

    fn tick(self) {
        if self.held.get_untracked() || self.pages.get_untracked() < 2 {
            return;
        }
        self.left_s.update_value(|left| *left = left.saturating_sub(1));
        if self.left_s.get_value() == 0 {
            let next = (self.page.get_untracked() + 1) % self.pages.get_untracked();
            self.stay(next);
        }
    }
}

/// Looks after a wall that nobody attends to: it stays awake, takes changes over and comes back in another build.
fn attend(live: Live, again: Callback<RwSignal<Shown>>, shown: RwSignal<Shown>) {
    Effect::new(move |_| {
        let looking = set_interval_with_handle(move || again.run(shown), LOOK).ok();
        browser::stay_awake();
        let changed = ev::Custom::<web_sys::Event>::new("visibilitychange");
        let seen = window_event_listener(changed, move |_| browser::stay_awake());
        on_cleanup(move || {
            if let Some(looking) = looking {
                looking.clear();
            }
            seen.remove();
        });
    });
    let newer = live.newer_build.clone();
    Effect::new(move |_| {
        if newer.get() {
            set_timeout(browser::reload, BEFORE_RELOAD);
        }
    });
}

/// Shows the pointer and what can be done while somebody moves or types.
fn wake_on_movement(seen: RwSignal<bool>) {
    Effect::new(move |_| {
        let moves = StoredValue::new(0_u32);
        let awake = move || {
            let _ = moves.try_update_value(|moves| *moves = moves.wrapping_add(1));
            let now = moves.try_get_value();
            let _ = seen.try_set(true);
            set_timeout(
                move || {
                    if moves.try_get_value() == now {
                        let _ = seen.try_set(false);
                    }
                },
                QUIET,
            );
        };
        let moved = window_event_listener(ev::pointermove, move |_| awake());
        let typed = window_event_listener(ev::keydown, move |_| awake());
        on_cleanup(move || {
            moved.remove();
            typed.remove();
        });
    });
}
