//! Who may see and do what. The rules are shared with the pages (`app::access`); here they meet a caller.

pub mod current;
pub mod device;
pub mod hashing;
pub mod pairing;
pub mod passkey;
pub mod password;
pub mod recovery;
pub mod screen;
pub mod second_factor;
pub mod showing;
pub mod sight;
pub mod throttle;
pub mod token;
pub mod totp;

use app::{
    AppError,
    access::{Ability, Refused, Rights, Scope},
    model::Viewer,
};

pub use sight::Sight;

use crate::store::UserRecord;

/// What a person may know of themselves; with a token only what its scope leaves of that.
pub fn viewer(user: &UserRecord, scope: Option<&Scope>) -> Viewer {
    Viewer {
        id: app::model::UserId(user.id),
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        role: user.role.clone(),
        rights: rights(user, scope),
        seen_by: None,
    }
}

/// What a person may see and do, or a program with a token of theirs: the one place where rights are made.
pub fn rights(user: &UserRecord, scope: Option<&Scope>) -> Rights {
    let whole = Rights {
        abilities: user.abilities,
        pbx: user.pbx,
        own: user.extensions.clone(),
        team_extensions: user.team_extensions.clone(),
        team_queues: user.team_queues.clone(),
    };
    match scope {
        Some(scope) => whole.within(scope),
        None => whole,
    }
}

/// The refusal of whoever lacks an ability.
pub fn require(rights: &Rights, ability: Ability) -> Result<(), AppError> {
    if rights.has(ability) {
        Ok(())
    } else {
        Err(AppError::Forbidden)
    }
}

/// A refused command in words.
pub fn refusal(refused: Refused) -> AppError {
    let extension = |problem: &str| AppError::field("extension", problem);
    match refused {
        Refused::NotThere => AppError::NotFound,
        Refused::Forbidden => AppError::Forbidden,
        Refused::NoExtension => extension("You have no extension of your own yet. It rings first."),
        Refused::OtherPbx => extension("Your own extension is on another telephone system."),
    }
}
