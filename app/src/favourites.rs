//! The people a viewer wants first; remembered in this browser.

use leptos::prelude::*;

use crate::{browser, live::ExtensionKey, model::PbxId};

/// Where the browser keeps them: one `<pbx>:<number>` a line.
const KEY: &str = "starboard-favourites";
/// Favourites at most.
const MAX_FAVOURITES: usize = 200;

/// The favourites of this browser.
#[derive(Clone, Copy)]
pub struct Favourites(RwSignal<Vec<ExtensionKey>>);

impl Default for Favourites {
    fn default() -> Self {
        Self::new()
    }
}

impl Favourites {
    /// None yet; those of the browser come once the page is awake.
    pub fn new() -> Self {
        let favourites = Self(RwSignal::new(Vec::new()));
        Effect::new(move |_| {
            if let Some(text) = browser::recall(KEY) {
                favourites.0.set(parse(&text));
            }
        });
        favourites
    }

    /// Whether somebody is one; tracked.
    pub fn has(self, key: &ExtensionKey) -> bool {
        self.0.read().contains(key)
    }

    /// All of them; tracked.
    pub fn all(self) -> Vec<ExtensionKey> {
        self.0.get()
    }

    /// Puts somebody in, or takes them out.
    pub fn toggle(self, key: &ExtensionKey) {
        self.0.update(|all| {
            if let Some(place) = all.iter().position(|one| one == key) {
                all.remove(place);
            } else if all.len() < MAX_FAVOURITES {
                all.push(key.clone());
            }
        });
        browser::remember(KEY, &write(&self.0.read_untracked()));
    }
}

fn parse(text: &str) -> Vec<ExtensionKey> {
    text.lines()
        .filter_map(|line| {
            let (pbx, number) = line.split_once(':')?;
            Some((PbxId(pbx.parse().ok()?), number.to_owned()))
        })
        .take(MAX_FAVOURITES)
        .collect()
}

fn write(all: &[ExtensionKey]) -> String {
    all.iter()
        .map(|(pbx, number)| format!("{}:{number}", pbx.0))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::{parse, write};

    #[test]
    fn favourites_come_back_as_they_were() {
        let all = parse("1:1001\nnonsense\n2:*97\nx:1");
        assert_eq!(all.len(), 2);
        assert_eq!(parse(&write(&all)), all);
    }
}
