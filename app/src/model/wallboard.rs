//! Wallboards: pages of tiles on a grid, and the screens that show them.

mod metric;
mod problems;
mod shown;

use serde::{Deserialize, Serialize};

use super::people::TeamId;
use crate::access::QueueOn;

pub use metric::{Metric, Unit};
pub use shown::{PairForm, QueueToday, ScreenRow, Shown, TeamOf, Today, Tv, WallboardRow, Wallboards};

/// The grid of a page.
pub const COLUMNS: u8 = 12;
/// Its rows.
pub const ROWS: u8 = 8;
/// Boards that one person may have.
pub const MAX_BOARDS: usize = 50;
/// Pages of one board.
pub const MAX_PAGES: usize = 20;
/// Tiles of one page.
pub const MAX_TILES: usize = 60;
/// Queues that one tile names.
pub const MAX_QUEUES: usize = 100;
/// Characters of a name or a title.
pub const NAME_CHARS: usize = 60;
/// Characters of a text on a tile.
pub const TEXT_CHARS: usize = 200;
/// A page stays so many seconds at least
pub const MIN_SECONDS: u16 = 5;
/// and at most.
pub const MAX_SECONDS: u16 = 600;
/// Screens that one person may have.
pub const MAX_SCREENS: usize = 50;

/// A board's id in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallboardId(pub i64);

/// A screen's id in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScreenId(pub i64);

/// What somebody makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallboard {
    /// Its name.
    pub name: String,
    /// Others may open it, too; their own rights say what it shows them.
    pub shared: bool,
    /// No screen shows a name.
    pub masked: bool,
    /// Dark on light.
    pub light: bool,
    /// Shown one after the other.
    pub pages: Vec<Page>,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// How long it stays where there are several.
    pub seconds: u16,
    /// What is on it.
    pub tiles: Vec<Tile>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            seconds: 20,
            tiles: Vec::new(),
        }
    }
}

/// Cells of the grid, from the top left corner: columns and rows count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// First column.
    pub x: u8,
    /// First row.
    pub y: u8,
    /// Columns.
    pub wide: u8,
    /// Rows.
    pub high: u8,
}

impl Place {
    /// Whether it lies on the grid.
    pub fn fits(self) -> bool {
        let within =
            |from: u8, many: u8, all: u8| many > 0 && from.checked_add(many).is_some_and(|end| end <= all);
        within(self.x, self.wide, COLUMNS) && within(self.y, self.high, ROWS)
    }

    /// Whether two have a cell in common.
    pub fn meets(self, other: Place) -> bool {
        let apart = |a: u8, a_many: u8, b: u8, b_many: u8| {
            u16::from(a) + u16::from(a_many) <= u16::from(b)
                || u16::from(b) + u16::from(b_many) <= u16::from(a)
        };
        !apart(self.x, self.wide, other.x, other.wide) && !apart(self.y, self.high, other.y, other.high)
    }
}

/// What a tile is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every queue that whoever looks sees.
    #[default]
    Everything,
    /// These queues.
    Queues(Vec<QueueOn>),
    /// The agents of a team.
    Team(TeamId),
}

/// When a figure wants to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limits {
    /// Little is bad, not much.
    pub below: bool,
    /// From here on it is to be watched,
    pub warn: Option<u32>,
    /// and from here on it is bad. In the figure's own unit: calls, seconds, per cent.
    pub alarm: Option<u32>,
}

/// How a figure stands to its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Fine, or without limits.
    #[default]
    Calm,
    /// To be watched.
    Warn,
    /// Bad.
    Alarm,
}

impl Level {
    /// In `data-level`.
    pub fn slug(self) -> &'static str {
        match self {
            Level::Calm => "calm",
            Level::Warn => "warn",
            Level::Alarm => "alarm",
        }
    }

    /// What people read: colour never speaks alone.
    pub fn word(self) -> &'static str {
        match self {
            Level::Calm => "",
            Level::Warn => "Watch",
            Level::Alarm => "Alarm",
        }
    }
}

impl Limits {
    /// How a figure stands to them.
    pub fn level(self, figure: u64) -> Level {
        let passed = |limit: Option<u32>| {
            limit.is_some_and(|limit| {
                let limit = u64::from(limit);
                if self.below {
                    figure <= limit
                } else {
                    figure >= limit
                }
            })
        };
        if passed(self.alarm) {
            Level::Alarm
        } else if passed(self.warn) {
            Level::Warn
        } else {
            Level::Calm
        }
    }
}

/// A tile.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tile {
    /// Where.
    pub place: Place,
    /// What it shows.
    pub metric: Metric,
    /// Of what.
    pub scope: Scope,
    /// What stands above it; empty for what the metric is called.
    pub title: String,
    /// What a tile of text says.
    pub text: String,
    /// When it wants to be looked at.
    pub limits: Limits,
    /// A list shows no names.
    pub masked: bool,
}

impl Tile {
    /// A tile with nothing chosen yet.
    pub fn new(metric: Metric, place: Place) -> Self {
        Self {
            place,
            metric,
            scope: Scope::Everything,
            title: String::new(),
            text: String::new(),
            limits: Limits::default(),
            masked: false,
        }
    }

    /// What stands above it.
    pub fn heading(&self) -> &str {
        if self.title.is_empty() {
            self.metric.name()
        } else {
            &self.title
        }
    }
}

impl Page {
    /// Whether a tile may be there; `but` is the one that is about to be.
    pub fn is_free(&self, place: Place, but: Option<usize>) -> bool {
        let mut others = self.tiles.iter().enumerate().filter(|(at, _)| Some(*at) != but);
        place.fits() && others.all(|(_, tile)| !tile.place.meets(place))
    }

    /// The first free place of this size, by rows.
    pub fn room_for(&self, wide: u8, high: u8) -> Option<Place> {
        let places = (0..ROWS).flat_map(|y| (0..COLUMNS).map(move |x| Place { x, y, wide, high }));
        places.into_iter().find(|place| self.is_free(*place, None))
    }
}

impl Wallboard {
    /// What somebody begins with.
    pub fn first(name: &str) -> Self {
        let tile = |metric, x, y, wide, high| Tile::new(metric, Place { x, y, wide, high });
        let limited = |tile: Tile, below, warn, alarm| Tile {
            limits: Limits {
                below,
                warn: Some(warn),
                alarm: Some(alarm),
            },
            ..tile
        };
        let tiles = vec![
            limited(tile(Metric::Waiting, 0, 0, 4, 4), false, 3, 6),
            limited(tile(Metric::LongestWait, 4, 0, 4, 4), false, 60, 180),
            limited(tile(Metric::ServiceLevelNow, 8, 0, 4, 4), true, 80, 60),
            limited(tile(Metric::AgentsReady, 0, 4, 3, 2), true, 1, 0),
            tile(Metric::AgentsBusy, 3, 4, 3, 2),
            tile(Metric::AgentsPaused, 0, 6, 3, 2),
            tile(Metric::Clock, 3, 6, 3, 2),
            tile(Metric::WaitingList, 6, 4, 6, 4),
        ];
        Self {
            name: name.to_owned(),
            pages: vec![Page {
                tiles,
                ..Page::default()
            }],
            ..Self::default()
        }
    }

    /// Every tile.
    pub fn tiles(&self) -> impl Iterator<Item = &Tile> {
        self.pages.iter().flat_map(|page| &page.tiles)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn limits_count_from_the_very_figure_on_in_their_direction() {
        let much = Limits {
            below: false,
            warn: Some(3),
            alarm: Some(6),
        };
        assert_eq!(
            [2, 3, 5, 6, 99].map(|figure| much.level(figure)),
            [Level::Calm, Level::Warn, Level::Warn, Level::Alarm, Level::Alarm]
        );
        let little = Limits {
            below: true,
            warn: Some(80),
            alarm: Some(60),
        };
        assert_eq!(
            [100, 81, 80, 61, 60, 0].map(|figure| little.level(figure)),
            [
                Level::Calm,
                Level::Calm,
                Level::Warn,
                Level::Warn,
                Level::Alarm,
                Level::Alarm
            ]
        );
        assert_eq!(Limits::default().level(u64::MAX), Level::Calm);
    }

    #[test]
    fn places_meet_where_they_have_a_cell_in_common() {
        let at = |x, y, wide, high| Place { x, y, wide, high };
        assert!(at(0, 0, 2, 2).meets(at(1, 1, 2, 2)));
        assert!(!at(0, 0, 2, 2).meets(at(2, 0, 2, 2)) && !at(0, 0, 2, 2).meets(at(0, 2, 2, 2)));
        assert!(
            at(11, 7, 1, 1).fits()
                && !at(11, 7, 2, 1).fits()
                && !at(0, 0, 0, 1).fits()
                && !at(255, 0, 255, 1).fits()
        );
    }

    #[test]
    fn a_board_to_begin_with_has_nothing_wrong_and_fills_its_page() {
        let board = Wallboard::first("Support");
        assert_eq!(board.problems(), []);
        let cells: usize = board
            .tiles()
            .map(|tile| usize::from(tile.place.wide) * usize::from(tile.place.high))
            .sum();
        assert_eq!(cells, usize::from(COLUMNS) * usize::from(ROWS));
        assert_eq!(board.pages[0].room_for(1, 1), None);
    }
}
