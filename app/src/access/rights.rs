//! The rights of one person: how far each ability reaches, and what is theirs.

use serde::{Deserialize, Serialize};

use super::{ABILITIES, Abilities, Ability, Group, Reach};
use crate::model::{OwnExtension, PbxId};

/// What a decision is about: the extensions and queues that it concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Extensions of ours, by number.
    pub extensions: Vec<String>,
    /// Queues, by name.
    pub queues: Vec<String>,
    /// By which ability a note is seen; without one it is for those alone whom it is about. Rows of a board have their own.
    pub ability: Option<Ability>,
}

impl About {
    /// About one extension.
    pub fn extension(number: &str) -> Self {
        Self {
            extensions: vec![number.to_owned()],
            ..Self::default()
        }
    }

    /// About one queue.
    pub fn queue(name: &str) -> Self {
        Self {
            queues: vec![name.to_owned()],
            ..Self::default()
        }
    }

    /// The same, of a note that this ability shows.
    pub fn by(self, ability: Ability) -> Self {
        Self {
            ability: Some(ability),
            ..self
        }
    }
}

/// A queue on its PBX.
pub type QueueOn = (PbxId, String);

/// What one person may see and do. Two people of equal rights see the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Rights {
    /// How far each ability reaches.
    pub abilities: Abilities,
    /// The PBX the person belongs to; None for all of them.
    pub pbx: Option<PbxId>,
    /// Their extensions, the first one first.
    pub own: Vec<OwnExtension>,
    /// The extensions of everybody in their teams.
    pub team_extensions: Vec<OwnExtension>,
    /// The queues of their teams.
    pub team_queues: Vec<QueueOn>,
}

impl Rights {
    /// Nothing at all.
    pub fn none() -> Self {
        Self {
            abilities: Abilities::none(),
            pbx: None,
            own: Vec::new(),
            team_extensions: Vec::new(),
            team_queues: Vec::new(),
        }
    }

    /// How far an ability reaches.
    pub fn reach(&self, ability: Ability) -> Reach {
        self.abilities.reach(ability)
    }

    /// Whether they have an ability at all.
    pub fn has(&self, ability: Ability) -> bool {
        self.reach(ability) > Reach::Nothing
    }

    /// Whether an ability reaches what the decision is about.
    pub fn allow(&self, ability: Ability, pbx: PbxId, about: &About) -> bool {
        let reach = self.reach(ability);
        let own = || about.extensions.iter().any(|number| self.is_own(pbx, number));
        let teams = || {
            let theirs = |number: &String| holds(&self.team_extensions, pbx, number);
            let queue = |name: &String| {
                self.team_queues
                    .iter()
                    .any(|(on, theirs)| *on == pbx && theirs == name)
            };
            about.extensions.iter().any(theirs) || about.queues.iter().any(queue)
        };
        match reach {
            Reach::Nothing => false,
            Reach::Own => own(),
            Reach::Teams => own() || teams(),
            Reach::Pbx => self.belongs_to(pbx) || own() || teams(),
            Reach::All => true,
        }
    }

    /// Whether an ability reaches everything here that it reaches there.
    fn reach_as_far(&self, other: &Rights, ability: Ability) -> bool {
        let theirs = other.reach(ability);
        match (self.reach(ability), theirs) {
            (_, Reach::Nothing) | (Reach::All, _) => true,
            (_, Reach::All) => false,
            (mine, _) => {
                let home = theirs < Reach::Pbx || (mine == Reach::Pbx && self.has_home_of(other));
                let own = other
                    .own
                    .iter()
                    .all(|own| self.allow(ability, own.pbx, &About::extension(&own.number)));
                home && own && (theirs < Reach::Teams || self.reach_teams_of(other, ability))
            }
        }
    }

    fn has_home_of(&self, other: &Rights) -> bool {
        self.pbx.is_none_or(|mine| other.pbx == Some(mine))
    }

    fn reach_teams_of(&self, other: &Rights, ability: Ability) -> bool {
        let extension = |one: &OwnExtension| self.allow(ability, one.pbx, &About::extension(&one.number));
        let queue = |(pbx, name): &QueueOn| self.allow(ability, *pbx, &About::queue(name));
        other.team_extensions.iter().all(extension) && other.team_queues.iter().all(queue)
    }

    /// Whether whoever has the others sees nothing that is hidden here: their view may be taken.
    pub fn see_as_much_as(&self, other: &Rights) -> bool {
        let seen = |ability: Ability| {
            let info = ability.info();
            info.group == Group::Seeing || matches!(ability, Ability::SeeUsers | Ability::ManageTeams)
        };
        let mut all = ABILITIES.iter().map(|info| info.ability);
        self.abilities.cover(&other.abilities)
            && all.all(|ability| !seen(ability) || self.reach_as_far(other, ability))
    }

    /// What of the others may not be given by whoever has these, as the field of a form: a home or teams that reach
    /// further than their own, extensions of a PBX that is not theirs. Who sits at which phone of their PBX is theirs to
    /// say, but not about themselves: see [`Self::take_for_themselves`].
    pub fn may_not_give(&self, other: &Rights) -> Option<&'static str> {
        let ours =
            |own: &OwnExtension| self.belongs_to(own.pbx) || self.reach(Ability::SeePeople) == Reach::All;
        if !other.own.iter().all(ours) {
            return Some("extensions");
        }
        let mut reached = ABILITIES.iter().map(|info| info.ability);
        reached.find_map(|ability| match (self.reach(ability), other.reach(ability)) {
            (Reach::All, _) | (_, Reach::Nothing | Reach::Own | Reach::All) => None,
            (_, Reach::Pbx) if !self.has_home_of(other) => Some("pbx"),
            (_, Reach::Teams | Reach::Pbx) => (!self.reach_teams_of(other, ability)).then_some("teams"),
        })
    }

    /// Whether these may become the others by an act of their own: only by giving something up, or where everything is
    /// reached already.
    pub fn take_for_themselves(&self, other: &Rights) -> bool {
        let mine_alone = |ability: Ability| ability.info().reaches.iter().all(|reach| *reach <= Reach::Own);
        let mut all = ABILITIES.iter().map(|info| info.ability);
        all.all(|ability| mine_alone(ability) || self.reach_as_far(other, ability))
    }

    /// Whether an extension is theirs.
    pub fn is_own(&self, pbx: PbxId, number: &str) -> bool {
        holds(&self.own, pbx, number)
    }

    /// Whether they belong to a PBX.
    pub fn belongs_to(&self, pbx: PbxId) -> bool {
        self.pbx.is_none_or(|mine| mine == pbx)
    }

    /// Whether anything of a PBX can concern them.
    pub fn touch(&self, pbx: PbxId) -> bool {
        self.belongs_to(pbx)
            || self.reach(Ability::SeePeople) == Reach::All
            || self.reach(Ability::SeeCalls) == Reach::All
            || self
                .own
                .iter()
                .chain(&self.team_extensions)
                .any(|one| one.pbx == pbx)
            || self.team_queues.iter().any(|(on, _)| *on == pbx)
    }

    /// The extension on a PBX from which they call: the first one there.
    pub fn first_on(&self, pbx: PbxId) -> Option<&str> {
        let there = self.own.iter().find(|own| own.pbx == pbx);
        there.map(|own| own.number.as_str())
    }

    /// Whether every board is seen whole.
    pub fn see_everything(&self) -> bool {
        use Ability::{Listen, SeeCalls, SeeConferences, SeeParked, SeePeople, SeeQueues, SeeTrunks};
        [
            Listen,
            SeePeople,
            SeeCalls,
            SeeQueues,
            SeeParked,
            SeeConferences,
            SeeTrunks,
        ]
        .iter()
        .all(|ability| self.reach(*ability) == Reach::All)
    }
}

fn holds(extensions: &[OwnExtension], pbx: PbxId, number: &str) -> bool {
    extensions
        .iter()
        .any(|one| one.pbx == pbx && one.number == number)
}
