//! Who hears which recording at the moment: one listening, however often somebody goes back and forth in it, is told once.

use std::{collections::HashMap, time::Duration};

use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use crate::places::{Place, Places};

/// Recordings that are sent at once, to everybody and to one person.
const MOST: usize = 64;
const MOST_OF_ONE: usize = 8;
/// A listening in which nothing was asked for so long is over.
const OVER: Duration = Duration::from_secs(30 * 60);
/// Listenings that are remembered; what is forgotten is told once more.
const MOST_REMEMBERED: usize = 10_000;
/// Letters of the name that a page gives to a listening.
const MAX_NAME: usize = 32;

/// One listening: who, which recording, and the name that the page gave to it.
pub(crate) type Listening = (i64, i64, String);

/// All of them.
#[derive(Debug)]
pub struct Listenings {
    places: Places,
    told: Mutex<Told>,
}

/// Those that were told, and when something of them was asked for last.
#[derive(Debug, Default)]
pub(crate) struct Told(HashMap<Listening, Instant>);

impl Default for Listenings {
    fn default() -> Self {
        Self {
            places: Places::new(MOST, MOST_OF_ONE),
            told: Mutex::default(),
        }
    }
}

impl Listenings {
    /// A place among what is sent to a person.
    pub(crate) fn place(&self, user: i64) -> Option<Place> {
        self.places.take(user)
    }

    /// Those that were told; whoever tells of one holds them, so that nobody tells of it twice.
    pub(crate) async fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().await
    }
}

impl Told {
    /// Whether a listening goes on that was told.
    pub(crate) fn goes_on(&mut self, listening: &Listening) -> bool {
        let now = Instant::now();
        match self.0.get_mut(listening) {
            Some(last) if now - *last < OVER => {
                *last = now;
                true
            }
            Some(_) | None => false,
        }
    }

    /// It was told.
    pub(crate) fn tell(&mut self, listening: Listening) {
        let now = Instant::now();
        if self.0.len() >= MOST_REMEMBERED {
            self.0.retain(|_, last| now - *last < OVER);
        }
        if self.0.len() >= MOST_REMEMBERED {
            self.0.clear();
        }
        self.0.insert(listening, now);
    }
}

/// The name that a page gave to a listening, as far as it is one.
pub(crate) fn named(given: &str) -> String {
    let plain = given.chars().filter(char::is_ascii_alphanumeric);
    plain.take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::{Listenings, MOST_OF_ONE, MOST_REMEMBERED, OVER, named};

    #[tokio::test(start_paused = true)]
    async fn a_listening_is_told_once_until_nothing_was_asked_for_long() {
        let listenings = Listenings::default();
        let mine = (1, 7, "a".to_owned());
        let mut told = listenings.told().await;
        assert!(!told.goes_on(&mine));
        told.tell(mine.clone());
        for _ in 0..3 {
            advance(OVER / 2).await;
            assert!(told.goes_on(&mine), "it was asked for within that time");
        }
        for other in [(2, 7, "a".into()), (1, 8, "a".into()), (1, 7, "b".into())] {
            assert!(!told.goes_on(&other), "{other:?}");
        }
        advance(OVER).await;
        assert!(!told.goes_on(&mine));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded_and_so_are_places_and_names() {
        let listenings = Listenings::default();
        let mut told = listenings.told().await;
        for user in 0..(3 * MOST_REMEMBERED as i64) {
            told.tell((user, 1, String::new()));
        }
        assert!(told.0.len() <= MOST_REMEMBERED);
        let places: Vec<_> = (0..MOST_OF_ONE).filter_map(|_| listenings.place(1)).collect();
        assert_eq!(places.len(), MOST_OF_ONE);
        assert!(listenings.place(1).is_none() && listenings.place(2).is_some());
        drop(places);
        assert!(listenings.place(1).is_some());
        assert_eq!(named("a-b/c\n1"), "abc1");
        assert_eq!(named(&"x".repeat(99)).len(), 32);
    }
}
