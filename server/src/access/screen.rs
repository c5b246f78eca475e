//! What a screen sees: of what whoever paired it sees at the moment no more than its board shows, and no name where names
//! are masked. A screen has no ability at all; this is only what is sent to it.

use std::collections::BTreeSet;

use app::{
    access::{Abilities, Ability, About, QueueOn, Rights, about},
    live::protocol::{LinkStatus, PbxRow},
    model::{
        OwnExtension, PbxId,
        wallboard::{Metric, Scope, TeamOf, Tile, Wallboard},
    },
};
use telephony::{
    Call, CallId, CallState, DeviceState, Engagement, Extension, Key, Member, Queue, Row, Waiting,
};

/// Some queues or extensions, or all that are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Few {
    All,
    These(BTreeSet<(PbxId, String)>),
}

impl Few {
    fn none() -> Self {
        Few::These(BTreeSet::new())
    }

    fn has(&self, pbx: PbxId, name: &str) -> bool {
        match self {
            Few::All => true,
            Few::These(these) => these.contains(&(pbx, name.to_owned())),
        }
    }

    fn add(&mut self, scope: &Scope) {
        match (&mut *self, scope) {
            (Few::All, _) => {}
            (_, Scope::Everything | Scope::Team(_)) => *self = Few::All,
            (Few::These(these), Scope::Queues(queues)) => these.extend(queues.iter().cloned()),
        }
    }

    fn pbxs(&self) -> Option<BTreeSet<PbxId>> {
        match self {
            Few::All => None,
            Few::These(these) => Some(these.iter().map(|(pbx, _)| *pbx).collect()),
        }
    }
}

/// What a board shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrow {
    /// Queues of any tile,
    queues: Few,
    /// of lists that name callers,
    callers: Few,
    /// of lists that name agents,
    agents: Few,
    /// and of tiles that count calls.
    calls: Few,
    /// The phones of agents, for their state;
    phones: Few,
    /// those that are named.
    named_phones: Few,
}

impl Narrow {
    /// What this board needs; `masked` gives no names to it, whatever its tiles say.
    pub fn to(board: &Wallboard, teams: &[TeamOf], masked: bool) -> Self {
        let mut narrow = Self {
            queues: Few::none(),
            callers: Few::none(),
            agents: Few::none(),
            calls: Few::none(),
            phones: Few::none(),
            named_phones: Few::none(),
        };
        let masked = masked || board.masked;
        for tile in board.tiles().filter(|tile| tile.metric.has_scope()) {
            narrow.add(tile, teams, masked || tile.masked);
        }
        narrow
    }

    fn add(&mut self, tile: &Tile, teams: &[TeamOf], masked: bool) {
        let scope = &tile.scope;
        self.queues.add(scope);
        if tile.metric == Metric::Calls {
            self.calls.add(scope);
        }
        if tile.metric == Metric::WaitingList && !masked {
            self.callers.add(scope);
        }
        if !tile.metric.is_of_agents() {
            return;
        }
        let Scope::Team(team) = scope else {
            if tile.metric == Metric::AgentList && !masked {
                self.agents.add(scope);
            }
            return;
        };
        let team = teams.iter().find(|one| one.id == *team);
        let numbers = team.into_iter().flat_map(|team| &team.extensions);
        let theirs: Vec<QueueOn> = numbers
            .map(|OwnExtension { pbx, number }| (*pbx, number.clone()))
            .collect();
        if let Few::These(phones) = &mut self.phones {
            phones.extend(theirs.iter().cloned());
        }
        if let Few::These(named) = &mut self.named_phones
            && tile.metric == Metric::AgentList
            && !masked
        {
            named.extend(theirs);
        }
    }

    /// Whether anything of a PBX is shown.
    pub(super) fn touches(&self, pbx: PbxId) -> bool {
        let of = [&self.queues, &self.phones];
        of.iter()
            .any(|some| some.pbxs().is_none_or(|pbxs| pbxs.contains(&pbx)))
    }

    /// Whether a row of this key, about these, is shown.
    pub(super) fn covers(&self, pbx: PbxId, key: &Key, about: &About) -> bool {
        match key {
            Key::Queue(name) => self.queues.has(pbx, name),
            Key::Extension(number) => self.phones.has(pbx, number),
            Key::Call(_) => {
                matches!(self.calls, Few::All) || about.queues.iter().any(|queue| self.calls.has(pbx, queue))
            }
            Key::Trunk(_) | Key::Parked(..) | Key::Conference(_) => false,
        }
    }

    /// A row as the board needs it; None where it does not.
    pub(super) fn row(&self, pbx: PbxId, row: &Row) -> Option<Row> {
        if !self.covers(pbx, &row.key(), &about(row)) {
            return None;
        }
        match row {
            Row::Queue(queue) => Some(Row::Queue(Box::new(self.queue(pbx, queue)))),
            Row::Extension(extension) => Some(Row::Extension(Box::new(self.phone(pbx, extension)))),
            Row::Call(call) => Some(Row::Call(Box::new(bare_call(call)))),
            Row::Trunk(_) | Row::Parked(_) | Row::Conference(_) => None,
        }
    }

    // every field is named: whoever adds one decides whether a screen gets it
    fn queue(&self, pbx: PbxId, queue: &Queue) -> Queue {
        let (callers, agents) = (
            self.callers.has(pbx, &queue.name),
            self.agents.has(pbx, &queue.name),
        );
        let waiting = queue.waiting.iter().map(|caller| Waiting {
            call: CallId(String::new()),
            number: if callers {
                caller.number.clone()
            } else {
                String::new()
            },
            name: caller.name.clone().filter(|_| callers),
            position: caller.position,
            priority: None,
            given_to: None,
            joined: caller.joined,
        });
        // an interface is called as somebody wanted it to be, and may be a name
        let interface = |at: usize, member: &Member| match &member.extension {
            Some(number) => number.clone(),
            None => format!("agent {}", at + 1),
        };
        let members = queue.members.iter().enumerate().map(|(at, member)| Member {
            interface: interface(at, member),
            name: if agents {
                member.name.clone()
            } else {
                String::new()
            },
            extension: member.extension.clone(),
            state: member.state,
            device_state: DeviceState::Unknown,
            pause_reason: member.pause_reason.clone(),
            paused_since: member.paused_since,
            since: member.since,
            last_call: None,
            penalty: 0,
            calls_taken: 0,
            dynamic: false,
        });
        Queue {
            name: queue.name.clone(),
            strategy: String::new(),
            waiting: waiting.collect(),
            members: members.collect(),
            completed: 0,
            abandoned: 0,
            service_level_s: queue.service_level_s,
        }
    }

    fn phone(&self, pbx: PbxId, extension: &Extension) -> Extension {
        let named = self.named_phones.has(pbx, &extension.number);
        let engagements = extension.engagements.iter().map(|engagement| Engagement {
            call: CallId(String::new()),
            with: String::new(),
            number: String::new(),
            direction: engagement.direction,
            activity: engagement.activity,
            since: engagement.since,
        });
        Extension {
            number: extension.number.clone(),
            name: extension.name.clone().filter(|_| named),
            device: String::new(),
            device_state: extension.device_state,
            registration: extension.registration,
            dnd: extension.dnd,
            voicemail: None,
            engagements: engagements.collect(),
            since: extension.since,
        }
    }

    /// A PBX without what its administrators read.
    pub(super) fn pbx(row: &PbxRow) -> PbxRow {
        let link = match &row.link {
            LinkStatus::Down { since, .. } => LinkStatus::Down {
                reason: "The PBX cannot be reached.".into(),
                since: *since,
            },
            other => other.clone(),
        };
        PbxRow {
            id: row.id,
            name: row.name.clone(),
            link,
            blind_spots: Vec::new(),
        }
    }
}

/// A call that is only counted.
fn bare_call(call: &Call) -> Call {
    let mut queue = call.queue.clone();
    if let Some(visit) = &mut queue {
        visit.agent = None;
    }
    let state = match &call.state {
        CallState::Service(_) => CallState::Service(None),
        other => other.clone(),
    };
    Call {
        id: call.id.clone(),
        direction: call.direction,
        caller: Default::default(),
        callee: Default::default(),
        dialled: String::new(),
        state,
        state_since: call.state_since,
        started: call.started,
        answered: call.answered,
        held_ms: 0,
        held_since: None,
        queue,
        parked_in: None,
        conference: None,
        recording: Default::default(),
        legs: Vec::new(),
        story: Default::default(),
        discovered: call.discovered,
    }
}

/// What somebody's screens may see: what they see themselves, and nothing that they could do.
pub fn seeing_only(rights: &Rights) -> Rights {
    let mut abilities = Abilities::none();
    for ability in [Ability::SeePeople, Ability::SeeCalls, Ability::SeeQueues] {
        abilities.set(ability, rights.reach(ability));
    }
    Rights {
        abilities,
        ..rights.clone()
    }
}
