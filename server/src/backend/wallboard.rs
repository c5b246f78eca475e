//! Wallboards: who makes, opens and removes them, and the screens that show them.

use std::time::Instant;

use app::{
    AppError, WallboardBackend,
    access::{Ability, Rights},
    audit::{Action, Fact},
    model::wallboard::{
        MAX_BOARDS, NAME_CHARS, PairForm, Scope, ScreenId, Shown, Today, Tv, Wallboard, WallboardId,
        WallboardRow, Wallboards,
    },
};
use async_trait::async_trait;
use telephony::Row;

use super::{
    CallerBackend,
    attempt::Attempt,
    people::{all_good, problem},
    tv, wall_figures,
};
use crate::{
    access::{
        showing::{teams, teams_on},
        throttle::Guess,
    },
    clock::wall_ms,
    store::{Changed, StoreError, WallboardRecord},
};

#[async_trait]
impl WallboardBackend for CallerBackend {
    async fn wallboards(&self) -> Result<Wallboards, AppError> {
        // who takes somebody's view has no business with their boards
        let viewer = self.acting()?;
        let store = &self.services.store;
        let screens = store.screens_of(viewer.id.0).await?;
        let rows = store.wallboards(viewer.id.0).await?.into_iter();
        let rows = rows
            .filter(|record| opens(self, record, &viewer.rights, viewer.id.0))
            .map(|record| {
                let of = screens.iter().filter(|screen| screen.board == record.id);
                WallboardRow {
                    id: record.id,
                    name: record.board.name,
                    mine: record.user == viewer.id.0,
                    owner: record.owner,
                    shared: record.board.shared,
                    pages: u32::try_from(record.board.pages.len()).unwrap_or(u32::MAX),
                    screens: u32::try_from(of.count()).unwrap_or(u32::MAX),
                    changed_ms: record.changed_ms,
                }
            });
        Ok(Wallboards {
            boards: rows.collect(),
            screens: screens.into_iter().map(tv::row).collect(),
            now_ms: wall_ms(),
        })
    }

    async fn wallboard(&self, id: WallboardId) -> Result<Shown, AppError> {
        let viewer = self.acting()?;
        let record = opened(self, id).await?;
        let mine = record.user == viewer.id.0;
        let all = teams(&self.services.store, viewer.id.0, &viewer.rights).await?;
        Ok(Shown {
            id,
            version: record.version,
            mine,
            owner: record.owner.clone(),
            masked: record.board.masked,
            // whoever makes it chooses from all of them
            teams: if mine { all } else { teams_on(&record, all) },
            board: record.board,
        })
    }

    async fn make_wallboard(&self, board: Wallboard) -> Result<WallboardId, AppError> {
        self.about(Action::MakeWallboard, object(&board));
        let viewer = self.may(Ability::MakeWallboards)?;
        all_good(board.problems())?;
        let services = &self.services;
        let making = async {
            let made = services.store.add_wallboard(viewer.id.0, &board, wall_ms()).await;
            made.map_err(taken)?.ok_or_else(|| {
                AppError::Conflict(format!(
                    "You have {MAX_BOARDS} wallboards. Remove one that is not needed any more."
                ))
            })
        };
        self.act(Action::MakeWallboard, &object(&board), &[], making)
            .await
    }

    async fn change_wallboard(
        &self,
        id: WallboardId,
        version: i64,
        board: Wallboard,
    ) -> Result<i64, AppError> {
        self.about(Action::ChangeWallboard, object(&board));
        let viewer = self.may(Ability::MakeWallboards)?;
        all_good(board.problems())?;
        let before = own(self, id).await?;
        let services = &self.services;
        let changing = async {
            let whose = (viewer.id.0, id);
            let changed = services
                .store
                .change_wallboard(whose, version, &board, wall_ms())
                .await;
            match changed.map_err(taken)? {
                Changed::Now(version) => Ok(version),
                Changed::Meanwhile => Err(AppError::Conflict(
                    "This board was changed in another window. Load it anew before you change it here."
                        .into(),
                )),
                Changed::NotThere => Err(AppError::NotFound),
            }
        };
        let version = self
            .act(
                Action::ChangeWallboard,
                &object(&board),
                &facts(&before.board, &board),
                changing,
            )
            .await?;
        services.current.look(&services.store).await;
        Ok(version)
    }

    async fn remove_wallboard(&self, id: WallboardId) -> Result<(), AppError> {
        self.about(Action::RemoveWallboard, format!("wallboard {}", id.0));
        let viewer = self.may(Ability::MakeWallboards)?;
        let before = own(self, id).await?;
        let services = &self.services;
        let removing = async {
            let gone = services.store.remove_wallboard(viewer.id.0, id).await?;
            gone.ok_or(AppError::NotFound)
        };
        let screens = self
            .act(Action::RemoveWallboard, &object(&before.board), &[], removing)
            .await?;
        for hash in screens {
            if let Ok(hash) = hash.try_into() {
                services.ends.end(&hash);
            }
        }
        Ok(())
    }

    async fn pair_screen(&self, form: PairForm) -> Result<(), AppError> {
        self.about(Action::PairScreen, format!("screen {}", form.name.trim()));
        self.may(Ability::MakeWallboards)?;
        let viewer = self.confirmed()?;
        let name = match form.name.trim() {
            "" => "Screen",
            name => name,
        };
        if name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
            return Err(AppError::field(
                "name",
                format!("A name has at most {NAME_CHARS} characters."),
            ));
        }
        let board = opened(self, form.board).await.map_err(|error| match error {
            AppError::NotFound => AppError::field("board", "This board does not exist any more."),
            other => other,
        })?;
        // a code is guessed by nobody who may only try so often; no user name holds a slash
        let attempt = Attempt::begin(
            self,
            &format!("{}/screen", viewer.username),
            Guess::Second { strict: false },
        )?;
        let Some(pending) = self.services.pairings.take(&form.code, Instant::now()) else {
            return Err(all_good(vec![problem(
                "code",
                "No screen shows this code now. A code is good for ten minutes and for one screen.",
            )])
            .err()
            .unwrap_or(AppError::NotFound));
        };
        attempt.passed();
        let paired = tv::pair(self, (name, form.masked), &board, &pending).await;
        if paired.is_err() {
            self.services.pairings.give_back(pending);
        }
        paired
    }

    async fn revoke_screen(&self, id: ScreenId) -> Result<(), AppError> {
        self.about(Action::RevokeScreen, format!("screen {}", id.0));
        // who may make no more boards may still take down what they have put up
        let viewer = self.acting()?;
        let services = &self.services;
        let screens = services.store.screens_of(viewer.id.0).await?;
        let screen = screens
            .iter()
            .find(|screen| screen.id == id)
            .ok_or(AppError::NotFound)?;
        let revoking = async {
            let gone = services.store.remove_screen(id).await?;
            gone.then_some(()).ok_or(AppError::NotFound)
        };
        let object = format!("screen {}", screen.name);
        self.act(
            Action::RevokeScreen,
            &object,
            &[Fact::told("board", &screen.board_name)],
            revoking,
        )
        .await?;
        services.ends.end(&screen.token_hash);
        Ok(())
    }

    async fn wall_figures(&self, from_ms: u64, to_ms: u64) -> Result<Today, AppError> {
        wall_figures::of_day(self, from_ms, to_ms).await
    }

    async fn tv(&self) -> Result<(Tv, Option<String>), AppError> {
        tv::shown(self)
    }
}

fn object(board: &Wallboard) -> String {
    format!("wallboard {}", board.name)
}

fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(_) => AppError::field("name", "You have a board of this name already."),
        error => error.into(),
    }
}

/// What of a board was otherwise.
fn facts(before: &Wallboard, now: &Wallboard) -> Vec<Fact> {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let of = |board: &Wallboard| {
        [
            ("name", board.name.clone()),
            ("shared", yes(board.shared)),
            ("masked", yes(board.masked)),
            ("pages", board.pages.len().to_string()),
            ("tiles", board.tiles().count().to_string()),
        ]
    };
    let pairs = of(before).into_iter().zip(of(now));
    let changed = pairs.filter(|((_, old), (_, new))| old != new);
    changed
        .map(|((name, old), (_, new))| Fact::changed(name, Some(old), Some(new)))
        .collect()
}

/// A board that may be opened.
async fn opened(backend: &CallerBackend, id: WallboardId) -> Result<WallboardRecord, AppError> {
    let viewer = backend.viewer()?;
    let found = backend.services.store.wallboard(id, viewer.id.0).await?;
    found
        .filter(|record| opens(backend, record, &viewer.rights, viewer.id.0))
        .ok_or(AppError::NotFound)
}

/// A board of one's own.
async fn own(backend: &CallerBackend, id: WallboardId) -> Result<WallboardRecord, AppError> {
    let user = backend.viewer()?.id.0;
    let found = backend.services.store.wallboard(id, user).await?;
    found
        .filter(|record| record.user == user)
        .ok_or(AppError::NotFound)
}

/// Whether somebody opens a board: their own, or one that is shared and shows something that they see.
fn opens(backend: &CallerBackend, record: &WallboardRecord, rights: &Rights, user: i64) -> bool {
    record.user == user || (record.board.shared && sees_some_of(backend, &record.board, rights))
}

fn sees_some_of(backend: &CallerBackend, board: &Wallboard, rights: &Rights) -> bool {
    let mut scopes = board
        .tiles()
        .filter(|tile| tile.metric.has_scope())
        .map(|tile| &tile.scope)
        .peekable();
    if scopes.peek().is_none() {
        return true;
    }
    let mut named = Vec::new();
    for scope in scopes {
        match scope {
            Scope::Everything if rights.has(Ability::SeeQueues) => return true,
            Scope::Team(_) if rights.has(Ability::SeePeople) => return true,
            Scope::Everything | Scope::Team(_) => {}
            Scope::Queues(queues) => named.extend(queues),
        }
    }
    let mut sees = false;
    backend.services.hub.each(|pbx, board| {
        sees = sees
            || named.iter().filter(|(on, _)| *on == pbx.id).any(|(_, name)| {
                let queue = board.queues.get(name).cloned();
                let row = queue.map(|queue| Row::Queue(Box::new(queue)));
                row.is_some_and(|row| rights.see(pbx.id, &row.key(), &app::access::about(&row)))
            });
    });
    sees
}
