//! What can be wrong with a board, by field: `name`, `pages`, `page.1.seconds`, `page.1.tile.2.scope`. Numbers count from 1.

use super::{
    MAX_PAGES, MAX_QUEUES, MAX_SECONDS, MAX_TILES, MIN_SECONDS, Metric, NAME_CHARS, Page, Scope, TEXT_CHARS,
    Tile, Unit, Wallboard,
};
use crate::FieldError;

fn problem(field: String, problem: impl Into<String>) -> FieldError {
    FieldError {
        field,
        problem: problem.into(),
    }
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

impl Wallboard {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> Vec<FieldError> {
        let mut found = Vec::new();
        if self.name.trim().is_empty() || !is_line(&self.name, NAME_CHARS) {
            let said = format!("Give the board a name of 1 to {NAME_CHARS} characters.");
            found.push(problem("name".into(), said));
        }
        if !(1..=MAX_PAGES).contains(&self.pages.len()) {
            let said = format!("A board has 1 to {MAX_PAGES} pages.");
            found.push(problem("pages".into(), said));
        }
        for (at, page) in self.pages.iter().enumerate().take(MAX_PAGES) {
            page.add_problems(at + 1, &mut found);
        }
        found
    }
}

impl Page {
    fn add_problems(&self, number: usize, found: &mut Vec<FieldError>) {
        let field = |name: &str| format!("page.{number}.{name}");
        if !(MIN_SECONDS..=MAX_SECONDS).contains(&self.seconds) {
            let said = format!("Page {number} stays {MIN_SECONDS} to {MAX_SECONDS} seconds.");
            found.push(problem(field("seconds"), said));
        }
        if self.tiles.len() > MAX_TILES {
            let said = format!("Page {number} has more than {MAX_TILES} tiles.");
            found.push(problem(field("tiles"), said));
            return;
        }
        for (at, tile) in self.tiles.iter().enumerate() {
            tile.add_problems(number, at + 1, found);
            if tile.place.fits() && !self.is_free(tile.place, Some(at)) {
                let said = format!("“{}” on page {number} lies on another tile.", tile.heading());
                found.push(problem(field(&format!("tile.{}.place", at + 1)), said));
            }
        }
    }
}

impl Tile {
    fn add_problems(&self, page: usize, number: usize, found: &mut Vec<FieldError>) {
        let heading = self.heading();
        let mut add = |name: &str, said: String| {
            found.push(problem(format!("page.{page}.tile.{number}.{name}"), said));
        };
        if !self.place.fits() {
            add("place", format!("“{heading}” does not lie on page {page}."));
        }
        if !is_line(&self.title, NAME_CHARS) {
            add("title", format!("A title has at most {NAME_CHARS} characters."));
        }
        if !is_line(&self.text, TEXT_CHARS) || (self.metric == Metric::Text && self.text.trim().is_empty()) {
            add(
                "text",
                format!("Type a text of 1 to {TEXT_CHARS} characters for “{heading}”."),
            );
        }
        match &self.scope {
            Scope::Everything => {}
            Scope::Queues(queues) if !(1..=MAX_QUEUES).contains(&queues.len()) => {
                add(
                    "scope",
                    format!("Choose 1 to {MAX_QUEUES} queues for “{heading}”."),
                );
            }
            Scope::Queues(queues)
                if queues
                    .iter()
                    .any(|(_, name)| name.is_empty() || !is_line(name, 80)) =>
            {
                add("scope", "Choose queues from the list.".to_owned());
            }
            Scope::Team(_) if !self.metric.is_of_agents() => {
                add("scope", format!("“{heading}” is about queues, not about a team."));
            }
            Scope::Queues(_) | Scope::Team(_) => {}
        }
        let limits = [self.limits.warn, self.limits.alarm];
        match self.metric.unit() {
            Unit::Percent if limits.iter().flatten().any(|limit| *limit > 100) => {
                add(
                    "limits",
                    format!("The limits of “{heading}” are per cent: 0 to 100."),
                );
            }
            Unit::Percent | Unit::Count | Unit::Seconds => {}
            Unit::None if limits != [None, None] => {
                add(
                    "limits",
                    format!("“{heading}” has no figure that could have limits."),
                );
            }
            Unit::None => {}
        }
        if let [Some(warn), Some(alarm)] = limits {
            let in_order = if self.limits.below {
                alarm <= warn
            } else {
                warn <= alarm
            };
            if !in_order {
                add(
                    "limits",
                    format!("“{heading}” would alarm before it warns. Swap the two limits."),
                );
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::super::{Limits, Place};
    use super::*;
    use crate::model::PbxId;

    fn with(change: impl FnOnce(&mut Tile)) -> Vec<String> {
        let mut board = Wallboard::first("Support");
        change(&mut board.pages[0].tiles[0]);
        board
            .problems()
            .into_iter()
            .map(|problem| problem.field)
            .collect()
    }

    #[test]
    fn each_problem_names_its_field() {
        let limits = |below, warn, alarm| Limits {
            below,
            warn: Some(warn),
            alarm: Some(alarm),
        };
        let place = Place {
            x: 0,
            y: 8,
            wide: 4,
            high: 1,
        };
        let tile = "page.1.tile.1";
        assert_eq!(with(|tile| tile.place = place), [format!("{tile}.place")]);
        assert_eq!(
            with(|tile| tile.title = "x".repeat(61)),
            [format!("{tile}.title")]
        );
        assert_eq!(
            with(|tile| tile.title = "two\nlines".into()),
            [format!("{tile}.title")]
        );
        assert_eq!(
            with(|tile| tile.scope = Scope::Queues(Vec::new())),
            [format!("{tile}.scope")]
        );
        assert_eq!(
            with(|tile| tile.scope = Scope::Queues(vec![(PbxId(1), "q".into()); 101])),
            [format!("{tile}.scope")]
        );
        assert_eq!(
            with(|tile| tile.scope = Scope::Team(crate::model::people::TeamId(1))),
            [format!("{tile}.scope")]
        );
        assert_eq!(
            with(|tile| tile.limits = limits(false, 6, 3)),
            [format!("{tile}.limits")]
        );
        assert_eq!(
            with(|tile| tile.limits = limits(true, 3, 6)),
            [format!("{tile}.limits")]
        );
        let clock = |tile: &mut Tile| (tile.metric, tile.limits) = (Metric::Clock, limits(false, 1, 2));
        assert_eq!(with(clock), [format!("{tile}.limits")]);
        let level =
            |tile: &mut Tile| (tile.metric, tile.limits) = (Metric::ServiceLevelNow, limits(true, 101, 60));
        assert_eq!(with(level), [format!("{tile}.limits")]);
        let text = |tile: &mut Tile| tile.metric = Metric::Text;
        assert_eq!(with(text), [format!("{tile}.text"), format!("{tile}.limits")]);
    }

    #[test]
    fn two_tiles_never_lie_on_one_another() {
        let fields = with(|tile| tile.place.x = 1);
        assert_eq!(fields, ["page.1.tile.1.place", "page.1.tile.2.place"]);
    }

    #[test]
    fn names_pages_and_seconds_have_bounds() {
        let mut board = Wallboard::first(" ");
        board.pages[0].seconds = 4;
        let fields: Vec<String> = board
            .problems()
            .into_iter()
            .map(|problem| problem.field)
            .collect();
        assert_eq!(fields, ["name", "page.1.seconds"]);
        board = Wallboard::first("Support");
        board.pages = vec![Page::default(); MAX_PAGES + 1];
        assert_eq!(board.problems()[0].field, "pages");
        board.pages.clear();
        assert_eq!(board.problems()[0].field, "pages");
        board = Wallboard::first("Support");
        let tile = board.pages[0].tiles[0].clone();
        board.pages[0].tiles = vec![tile; MAX_TILES + 1];
        assert_eq!(board.problems()[0].field, "page.1.tiles");
    }
}
