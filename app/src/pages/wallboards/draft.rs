//! A board while it is made: what was changed, step by step and back; put aside in this browser until it is saved.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use serde::{Deserialize, Serialize};

use crate::{
    AppError, FieldError,
    api::wallboard::SaveWallboard,
    browser,
    model::wallboard::{MAX_PAGES, MAX_TILES, Metric, Page, Place, Shown, Tile, Wallboard, WallboardId},
    packed::{pack, unpack},
    sending,
};

/// Steps that can be undone.
const MAX_STEPS: usize = 100;

/// The board on the bench.
#[derive(Clone, Copy)]
pub struct Draft {
    /// Which one.
    pub(super) id: WallboardId,
    /// As it is now.
    pub(super) board: RwSignal<Wallboard>,
    /// The page that is worked on.
    pub(super) page: RwSignal<usize>,
    /// The tile that is chosen on it.
    pub(super) chosen: RwSignal<Option<usize>>,
    /// What is read aloud.
    pub(super) said: RwSignal<String>,
    /// What is wrong with it.
    pub(super) problem: RwSignal<Option<AppError>>,
    /// It is being saved.
    pub(super) saving: RwSignal<bool>,
    /// It was found here as it was left the last time.
    pub(super) found: RwSignal<bool>,
    saved: RwSignal<Wallboard>,
    version: RwSignal<i64>,
    past: RwSignal<Vec<Wallboard>>,
    future: RwSignal<Vec<Wallboard>>,
    /// What was changed last: letters typed into one field are one step.
    last: StoredValue<String>,
}

/// What is put aside.
#[derive(Serialize, Deserialize)]
struct Aside {
    version: i64,
    board: Wallboard,
}

impl Draft {
    /// Puts a board on the bench.
    pub(super) fn new(shown: &Shown) -> Self {
        Self {
            id: shown.id,
            board: RwSignal::new(shown.board.clone()),
            page: RwSignal::new(0),
            chosen: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            problem: RwSignal::new(None),
            saving: RwSignal::new(false),
            found: RwSignal::new(false),
            saved: RwSignal::new(shown.board.clone()),
            version: RwSignal::new(shown.version),
            past: RwSignal::new(Vec::new()),
            future: RwSignal::new(Vec::new()),
            last: StoredValue::new(String::new()),
        }
    }

    /// Whether there is something to be saved; tracked.
    pub(super) fn is_dirty(self) -> bool {
        *self.board.read() != *self.saved.read()
    }

    /// Whether a step can be undone, and done again; tracked.
    pub(super) fn can(self) -> (bool, bool) {
        (!self.past.read().is_empty(), !self.future.read().is_empty())
    }

    /// Changes something. Changes of the same `what`, one after the other, are one step; empty is always a step.
    pub(super) fn change(self, what: &str, change: impl FnOnce(&mut Wallboard)) {
        let before = self.board.get_untracked();
        let mut now = before.clone();
        change(&mut now);
        if now == before {
            return;
        }
        let goes_on = !what.is_empty() && self.last.with_value(|last| last == what);
        if !goes_on {
            self.step(before);
        }
        self.last.set_value(what.to_owned());
        self.board.set(now);
    }

    /// Notes how the board was before a step.
    pub(super) fn step(self, before: Wallboard) {
        self.past.update(|past| {
            if past.len() == MAX_STEPS {
                past.remove(0);
            }
            past.push(before);
        });
        self.future.update(Vec::clear);
        self.last.set_value(String::new());
    }

    /// Changes the chosen tile.
    pub(super) fn change_tile(self, what: &str, change: impl FnOnce(&mut Tile)) {
        let (page, chosen) = (self.page.get_untracked(), self.chosen.get_untracked());
        let key = if what.is_empty() {
            String::new()
        } else {
            format!("{page}/{chosen:?}/{what}")
        };
        self.change(&key, |board| {
            let page = board.pages.get_mut(page);
            if let Some(tile) = page.zip(chosen).and_then(|(page, at)| page.tiles.get_mut(at)) {
                change(tile);
            }
        });
    }

    /// The page that is worked on; tracked.
    pub(super) fn now(self) -> Page {
        self.board
            .read()
            .pages
            .get(self.page.get())
            .cloned()
            .unwrap_or_default()
    }

    /// The chosen tile; tracked.
    pub(super) fn tile(self) -> Option<Tile> {
        let at = self.chosen.get()?;
        let board = self.board.read();
        board.pages.get(self.page.get())?.tiles.get(at).cloned()
    }

    /// Puts the chosen tile elsewhere, where that is free.
    pub(super) fn put(self, at: usize, place: Place) -> bool {
        let page = self.page.get_untracked();
        let free = self.board.with_untracked(|board| {
            board
                .pages
                .get(page)
                .is_some_and(|page| page.is_free(place, Some(at)))
        });
        if free {
            self.board.update(|board| {
                if let Some(tile) = board.pages.get_mut(page).and_then(|page| page.tiles.get_mut(at)) {
                    tile.place = place;
                }
            });
        }
        free
    }

    /// Adds a tile where there is room, and chooses it.
    pub(super) fn add(self, metric: Metric) {
        let page = untrack(|| self.now());
        let (wide, high) = metric.size();
        let sizes = [(wide, high), (3, 2), (2, 2), (2, 1), (1, 1)];
        let room = sizes
            .into_iter()
            .find_map(|(wide, high)| page.room_for(wide, high));
        let Some(place) = room.filter(|_| page.tiles.len() < MAX_TILES) else {
            self.said
                .set("There is no room on this page. Make a tile smaller, or add a page.".to_owned());
            return;
        };
        let mut tile = Tile::new(metric, place);
        if metric == Metric::Text {
            tile.text = "Text".to_owned();
        }
        let at = self.page.get_untracked();
        self.change("", |board| {
            if let Some(page) = board.pages.get_mut(at) {
                page.tiles.push(tile);
            }
        });
        self.chosen.set(Some(page.tiles.len()));
        self.said.set(format!("{} added.", metric.name()));
    }

    /// Takes the chosen tile away.
    pub(super) fn remove(self) {
        let Some(at) = self.chosen.get_untracked() else {
            return;
        };
        let Some(tile) = untrack(|| self.tile()) else {
            return;
        };
        let page = self.page.get_untracked();
        self.chosen.set(None);
        self.change("", |board| {
            if let Some(page) = board.pages.get_mut(page) {
                page.tiles.remove(at);
            }
        });
        self.said.set(format!("{} removed.", tile.heading()));
    }

    /// Goes to another page.
    pub(super) fn go_to(self, page: usize) {
        self.chosen.set(None);
        self.page.set(page);
    }

    /// Adds a page and goes to it.
    pub(super) fn add_page(self) {
        let pages = self.board.with_untracked(|board| board.pages.len());
        if pages < MAX_PAGES {
            self.change("", |board| board.pages.push(Page::default()));
            self.go_to(pages);
        }
    }

    /// Takes the page away, and goes to the one before it.
    pub(super) fn remove_page(self) {
        let at = self.page.get_untracked();
        if self.board.with_untracked(|board| board.pages.len()) < 2 {
            return;
        }
        self.go_to(at.saturating_sub(1));
        self.change("", |board| drop(board.pages.remove(at)));
        self.said.set(format!("Page {} removed.", at + 1));
    }

    /// One step back.
    pub(super) fn undo(self) {
        self.travel(self.past, self.future, "Undone.");
    }

    /// and one forward again.
    pub(super) fn redo(self) {
        self.travel(self.future, self.past, "Done again.");
    }

    fn travel(self, from: RwSignal<Vec<Wallboard>>, to: RwSignal<Vec<Wallboard>>, said: &str) {
        let Some(then) = from.try_update(Vec::pop).flatten() else {
            return;
        };
        to.update(|to| to.push(self.board.get_untracked()));
        self.last.set_value(String::new());
        if self.page.get_untracked() >= then.pages.len() {
            self.page.set(0);
        }
        let tiles = then
            .pages
            .get(self.page.get_untracked())
            .map_or(0, |page| page.tiles.len());
        if self.chosen.get_untracked().is_some_and(|at| at >= tiles) {
            self.chosen.set(None);
        }
        self.board.set(then);
        self.said.set(said.to_owned());
    }

    fn key(self) -> String {
        format!("starboard-wallboard-{}", self.id.0)
    }

    /// Puts what is not saved aside in this browser, and takes up what was put aside.
    pub(super) fn keep(self) {
        Effect::new(move |first: Option<()>| {
            if first.is_none() {
                self.take_up();
            }
            let aside = if self.is_dirty() {
                let aside = Aside {
                    version: self.version.get(),
                    board: self.board.get(),
                };
                pack(&aside).unwrap_or_default()
            } else {
                String::new()
            };
            browser::remember(&self.key(), &aside);
        });
    }

    fn take_up(self) {
        let aside: Option<Aside> = browser::recall(&self.key()).and_then(|packed| unpack(&packed).ok());
        // what belongs to an older version cannot be saved any more
        let aside = aside.filter(|aside| aside.version == self.version.get_untracked());
        if let Some(aside) = aside.filter(|aside| aside.board != self.saved.get_untracked()) {
            self.change("", |board| *board = aside.board);
            self.found.set(true);
        }
    }

    /// Goes back to what is saved.
    pub(super) fn discard(self) {
        let saved = self.saved.get_untracked();
        self.found.set(false);
        self.go_to(0);
        self.change("", |board| *board = saved);
    }

    /// Saves it.
    pub(super) fn save(self) {
        if self.saving.get_untracked() {
            return;
        }
        let board = self.board.get_untracked();
        let problems: Vec<FieldError> = board.problems();
        if !problems.is_empty() {
            self.problem.set(Some(AppError::Invalid(problems)));
            return;
        }
        self.saving.set(true);
        self.problem.set(None);
        let save = SaveWallboard {
            id: self.id,
            version: self.version.get_untracked(),
            board: board.clone(),
        };
        spawn_local(async move {
            let answer = match pack(&save) {
                Ok(arguments) => sending::ask::<i64>(SaveWallboard::PATH, &arguments).await,
                Err(_) => Err(AppError::Internal {
                    id: "wallboard".into(),
                }),
            };
            // the page may be gone
            if self.saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(version) => {
                    self.version.set(version);
                    self.saved.set(board);
                    self.found.set(false);
                    self.said.set("Saved.".to_owned());
                }
                Err(error) => self.problem.set(Some(error)),
            }
        });
    }
}
