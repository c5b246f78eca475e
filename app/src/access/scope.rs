//! What a program may do with a token: what was ticked when it was made, as far as its owner reaches at the moment.

use super::{ABILITIES, Abilities, Ability, Group, Reach, Rights};
use crate::model::PbxId;

/// What a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What was ticked, and how far it reached then.
    pub abilities: Abilities,
    /// The only PBX it is for.
    pub pbx: Option<PbxId>,
}

impl Rights {
    /// The rights of a token whose owner has these. Never more than the owner's, whatever was ticked; a token for one PBX
    /// reaches nothing of another one, and administers nothing, since users and teams belong to no PBX.
    pub fn within(&self, scope: &Scope) -> Rights {
        let mut abilities = Abilities::none();
        if !self.has(Ability::UseTokens) {
            return Rights::none();
        }
        for info in &ABILITIES {
            let reach = self.reach(info.ability).min(scope.abilities.reach(info.ability));
            let reach = match scope.pbx {
                Some(_) if info.group == Group::Administration => Reach::Nothing,
                Some(only) => self.on(reach, only),
                None => reach,
            };
            abilities.set(info.ability, reach);
        }
        let Some(only) = scope.pbx else {
            return Rights {
                abilities,
                ..self.clone()
            };
        };
        let mut rights = Rights {
            abilities,
            pbx: Some(only),
            ..self.clone()
        };
        rights.own.retain(|own| own.pbx == only);
        rights.team_extensions.retain(|theirs| theirs.pbx == only);
        rights.team_queues.retain(|(on, _)| *on == only);
        rights
    }

    /// The same reach on one PBX, said so that it holds for nothing else.
    fn on(&self, reach: Reach, only: PbxId) -> Reach {
        match reach {
            Reach::All => Reach::Pbx,
            Reach::Pbx if !self.belongs_to(only) => Reach::Teams,
            Reach::Nothing | Reach::Own | Reach::Teams | Reach::Pbx => reach,
        }
    }
}
