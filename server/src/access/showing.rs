//! Whoever a screen's cookie names: the screen, its board, and what it sees at the moment.

use app::{
    access::{Ability, About, Reach, Rights},
    model::{
        UserId, Viewer,
        wallboard::{Scope, Shown, TeamOf},
    },
};

use super::{Sight, current::Whence, screen::Narrow};
use crate::store::{Result, ScreenRecord, Store, WallboardRecord};

/// A screen that may be here.
#[derive(Clone, Debug)]
pub struct Showing {
    /// The screen.
    pub record: ScreenRecord,
    /// Its board.
    pub board: WallboardRecord,
    /// The teams that the board is about.
    pub teams: Vec<TeamOf>,
    /// What it sees.
    pub sight: Sight,
}

impl Showing {
    /// What the screen knows of itself. It has no rights: what it sees is sent to it, and it can do nothing.
    pub fn viewer(&self) -> Viewer {
        Viewer {
            id: UserId(0),
            username: String::new(),
            display_name: self.record.name.clone(),
            role: "Screen".into(),
            rights: Rights::none(),
            seen_by: None,
        }
    }

    /// The board as the screen gets it.
    pub fn shown(&self) -> Shown {
        Shown {
            id: self.board.id,
            version: self.board.version,
            mine: false,
            owner: String::new(),
            masked: self.record.masked || self.board.board.masked,
            board: self.board.board.clone(),
            teams: self.teams.clone(),
        }
    }
}

/// The screen of a token; None where it was revoked, or whoever paired it may not be here, not from there, or not with
/// this board.
pub async fn by_screen(
    store: &Store,
    whence: Whence<'_>,
    token_hash: &[u8; 32],
    now_ms: u64,
) -> Result<Option<Showing>> {
    let Some(record) = store.screen(token_hash, now_ms).await? else {
        return Ok(None);
    };
    let Some(owner) = store
        .user(record.user)
        .await?
        .filter(|owner| whence.lets_in(owner))
    else {
        return Ok(None);
    };
    let rights = super::rights(&owner, None);
    if !rights.has(Ability::MakeWallboards) {
        return Ok(None);
    }
    let Some(board) = store.wallboard(record.board, owner.id).await? else {
        return Ok(None);
    };
    let teams = teams_on(&board, teams(store, owner.id, &rights).await?);
    let narrow = Narrow::to(&board.board, &teams, record.masked);
    Ok(Some(Showing {
        sight: Sight::of_screen(&rights, narrow),
        record,
        board,
        teams,
    }))
}

/// The teams that somebody knows, with those of their extensions that they see.
pub async fn teams(store: &Store, user: i64, rights: &Rights) -> Result<Vec<TeamOf>> {
    let every = [Ability::SeeUsers, Ability::ManageTeams];
    let every = every.iter().any(|ability| rights.reach(*ability) == Reach::All);
    let mut teams = store.teams_with_extensions((!every).then_some(user)).await?;
    for team in &mut teams {
        team.extensions
            .retain(|own| rights.allow(Ability::SeePeople, own.pbx, &About::extension(&own.number)));
    }
    Ok(teams)
}

/// Those of them that a board is about.
pub fn teams_on(board: &WallboardRecord, mut teams: Vec<TeamOf>) -> Vec<TeamOf> {
    teams.retain(|team| board.board.tiles().any(|tile| tile.scope == Scope::Team(team.id)));
    teams
}
