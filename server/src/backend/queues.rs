//! Figures of queues, the visits behind them, and what is set up; each as far as the caller sees queues.

mod counted;
pub(super) mod visits;

use std::collections::HashMap;

use app::{
    AppError,
    access::{Ability, About, QueueOn, Rights, about},
    audit::{Action, Fact},
    backend::QueueBackend,
    model::{
        PbxId,
        figures::{Figures, FiguresQuery, KeptVisit, MAX_INTERVALS, Split, VisitsQuery},
        people::Team,
        queues::{
            MAX_DISPOSITIONS, MAX_NOTE_CHARS, MAX_REASONS, MAX_SECONDS, MAX_WORD_CHARS, PauseReason,
            QueueRules, QueueSetUp,
        },
    },
};
use async_trait::async_trait;
use telephony::{AgentId, Key, Row, agent::WRAP_UP};

use super::CallerBackend;
use crate::{
    clock::wall_ms,
    figures::{Fold, Policies, Seeing, WorkInput},
    services::Services,
};

/// Spans and sessions read for one answer.
const MAX_SPANS: usize = 1_000_000;
/// The longest time one question may be about.
const MAX_RANGE_MS: u64 = 400 * 24 * 3_600 * 1_000;

/// Which queues and agents a person sees, by their rights and by who serves what at the moment.
pub(super) struct Sights<'all> {
    services: &'all Services,
    rights: &'all Rights,
    teams: &'all [(Team, Vec<app::model::OwnExtension>)],
    agents: HashMap<(PbxId, String), AgentId>,
    queues: HashMap<QueueOn, bool>,
}

impl<'all> Sights<'all> {
    pub(super) fn new(
        services: &'all Services,
        rights: &'all Rights,
        teams: &'all [(Team, Vec<app::model::OwnExtension>)],
        agents: impl IntoIterator<Item = (PbxId, AgentId)>,
    ) -> Self {
        let agents = agents.into_iter();
        let mut known: HashMap<(PbxId, String), AgentId> = agents
            .map(|(pbx, agent)| ((pbx, agent.interface.clone()), agent))
            .collect();
        services.hub.each(|row, board| {
            for member in board.queues.values().flat_map(|queue| &queue.members) {
                known
                    .entry((row.id, member.interface.clone()))
                    .or_insert_with(|| AgentId {
                        interface: member.interface.clone(),
                        name: member.name.clone(),
                        extension: member.extension.clone(),
                    });
            }
        });
        Self {
            services,
            rights,
            teams,
            agents: known,
            queues: HashMap::new(),
        }
    }

    fn extension(&self, pbx: PbxId, interface: &str) -> Option<&String> {
        self.agents.get(&(pbx, interface.to_owned()))?.extension.as_ref()
    }

    /// Whether the agent is the viewer.
    fn is_own(&self, pbx: PbxId, interface: &str) -> bool {
        self.extension(pbx, interface)
            .is_some_and(|number| self.rights.is_own(pbx, number))
    }
}

/// Whether a queue is seen: by right, or because the viewer serves it now.
pub(super) fn sees_queue(services: &Services, rights: &Rights, queue: &QueueOn) -> bool {
    let (pbx, name) = queue;
    let row = services.hub.look(*pbx, |switchboard, _| {
        let row = switchboard.board().queues.get(name);
        row.map(|row| about(&Row::Queue(Box::new(row.clone()))))
    });
    let about = row.flatten().unwrap_or_else(|| About::queue(name));
    rights.see(*pbx, &Key::Queue(name.clone()), &about)
}

impl Seeing for Sights<'_> {
    fn queue(&mut self, queue: &QueueOn) -> bool {
        if let Some(known) = self.queues.get(queue) {
            return *known;
        }
        let sees = sees_queue(self.services, self.rights, queue);
        self.queues.insert(queue.clone(), sees);
        sees
    }

    fn agent(&mut self, pbx: PbxId, interface: &str) -> bool {
        if self.is_own(pbx, interface) {
            return self.rights.has(Ability::SeeQueues);
        }
        let about = self
            .extension(pbx, interface)
            .map(|number| About::extension(number));
        self.rights
            .allow(Ability::SeeQueues, pbx, &about.unwrap_or_default())
    }

    fn teams_of_queue(&self, queue: &QueueOn) -> Vec<(i64, String)> {
        let of = self.teams.iter().filter(|(team, _)| team.queues.contains(queue));
        of.map(|(team, _)| (team.id.0, team.name.clone())).collect()
    }

    fn teams_of_agent(&self, pbx: PbxId, interface: &str) -> Vec<(i64, String)> {
        let Some(number) = self.extension(pbx, interface) else {
            return Vec::new();
        };
        let has = |extensions: &[app::model::OwnExtension]| {
            extensions
                .iter()
                .any(|own| own.pbx == pbx && own.number == *number)
        };
        let of = self.teams.iter().filter(|(_, extensions)| has(extensions));
        of.map(|(team, _)| (team.id.0, team.name.clone())).collect()
    }

    fn name(&self, pbx: PbxId, interface: &str) -> String {
        let agent = self.agents.get(&(pbx, interface.to_owned()));
        agent.map_or_else(|| interface.to_owned(), |agent| agent.name.clone())
    }
}

/// The teams that the viewer sees, each with the extensions of its members.
async fn teams(backend: &CallerBackend) -> Result<Vec<(Team, Vec<app::model::OwnExtension>)>, AppError> {
    let viewer = backend.viewer()?;
    let teams = backend.services.store.teams().await?;
    let (users, _) = backend.services.store.users(None).await?;
    let sees_all = viewer
        .rights
        .allow(Ability::SeeQueues, PbxId::default(), &About::default());
    let seen = teams
        .into_iter()
        .filter(|team| sees_all || team.members.contains(&viewer.id))
        .map(|team| {
            let members = users
                .iter()
                .filter(|(record, _)| team.members.contains(&app::model::UserId(record.id)));
            let extensions = members
                .flat_map(|(record, _)| record.extensions.clone())
                .collect();
            (team, extensions)
        });
    Ok(seen.collect())
}

fn checked(query: &FiguresQuery) -> Result<(u64, u64), AppError> {
    visits::few_queues(&query.queues)?;
    let edges = &query.edges;
    let bad = |problem: &str| Err(AppError::field("edges", problem));
    if edges.len() < 2 || edges.len() > MAX_INTERVALS + 1 {
        return bad("A time has a beginning and an end, and at most 400 intervals.");
    }
    if !edges.is_sorted_by(|one, two| one < two) {
        return bad("Intervals come one after the other.");
    }
    let (from, to) = (edges[0], edges[edges.len() - 1]);
    if to - from > MAX_RANGE_MS {
        return bad("Choose a time of at most 400 days.");
    }
    Ok((from, to))
}

async fn figures(backend: &CallerBackend, query: FiguresQuery) -> Result<Figures, AppError> {
    let viewer = backend.viewer()?.clone();
    if !viewer.rights.has(Ability::SeeQueues) {
        return Err(AppError::Forbidden);
    }
    let (from, to) = checked(&query)?;
    let services = &backend.services;
    let store = &services.store;
    services.hub.kept().await;
    let now = services.hub.clock().now();
    let too_much = || AppError::field("edges", "That is too much at once: choose a shorter time.");
    let spans = store.spans(from, to, MAX_SPANS).await?.ok_or_else(too_much)?;
    let sessions = store
        .sessions_in_queues(from, to, MAX_SPANS)
        .await?
        .ok_or_else(too_much)?;
    let policies = Policies::new(store.policies().await?);
    let teams = match query.by {
        Split::Team => teams(backend).await?,
        Split::Queue | Split::Agent | Split::Interval => Vec::new(),
    };
    let agents = spans.iter().map(|span| {
        let agent = AgentId {
            interface: span.interface.clone(),
            name: span.name.clone(),
            extension: span.extension.clone(),
        };
        (span.pbx, agent)
    });
    let sights = Sights::new(services, &viewer.rights, &teams, agents);
    let mut fold = Fold::new(&query, &policies, sights);
    store.each_visit(from, to, |record| fold.visit(&record)).await?;
    store.each_ring(from, to, |ring| fold.ring(&ring)).await?;
    let reasons = store.pause_reasons().await?;
    let gaps = store.gaps(from, to).await?;
    let gaps: Vec<_> = gaps
        .into_iter()
        .filter(|gap| viewer.rights.touch(gap.pbx))
        .collect();
    let input = WorkInput {
        spans,
        sessions,
        paid: reasons
            .into_iter()
            .map(|reason| (reason.name, reason.paid))
            .collect(),
        gaps: gaps.clone(),
    };
    fold.work(&input, now.0);
    let mut figures = fold.done(now);
    figures.gaps = gaps;
    figures.counted = counted::counted(services, &figures.policies);
    Ok(figures)
}

/// A word that people choose from and the PBX may be told: short, and nothing that a log of its could trip over.
pub(super) fn word(field: &str, text: &str) -> Result<(), AppError> {
    let fits = (1..=MAX_WORD_CHARS).contains(&text.chars().count());
    let clean = !text
        .chars()
        .any(|letter| letter.is_control() || matches!(letter, '|' | ',' | ';'));
    if fits && clean {
        return Ok(());
    }
    Err(AppError::field(
        field,
        format!("1 to {MAX_WORD_CHARS} characters, without commas, semicolons and bars."),
    ))
}

/// A note, or nothing.
pub(super) fn note(text: &str) -> Result<Option<String>, AppError> {
    let text = text.trim();
    if text.chars().count() > MAX_NOTE_CHARS {
        return Err(AppError::field(
            "note",
            format!("At most {MAX_NOTE_CHARS} characters."),
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

async fn save_rules(backend: &CallerBackend, rules: QueueRules) -> Result<(), AppError> {
    let (pbx, name) = rules.queue.clone();
    let object = format!("pbx {}: queue {name}", pbx.0);
    backend.about(Action::ChangeQueue, &object);
    let viewer = backend.may(Ability::SetUpQueues)?;
    if !sees_queue(&backend.services, &viewer.rights, &rules.queue) {
        return Err(AppError::NotFound);
    }
    if !viewer
        .rights
        .allow(Ability::SetUpQueues, pbx, &About::queue(&name))
    {
        return Err(AppError::Forbidden);
    }
    let known = backend.services.hub.look(pbx, |switchboard, _| {
        switchboard.board().queues.contains_key(&name)
    });
    if known != Some(true) {
        return Err(AppError::NotFound);
    }
    if rules.target_s == 0 || rules.target_s > MAX_SECONDS {
        return Err(AppError::field("target_s", "1 to 3600 seconds."));
    }
    if rules.short_abandon_s > rules.target_s {
        return Err(AppError::field("short_abandon_s", "At most the target."));
    }
    if rules.wrap_up_s > MAX_SECONDS {
        return Err(AppError::field("wrap_up_s", "0 to 3600 seconds."));
    }
    if rules.dispositions.len() > MAX_DISPOSITIONS {
        return Err(AppError::field(
            "dispositions",
            format!("At most {MAX_DISPOSITIONS} words."),
        ));
    }
    for one in &rules.dispositions {
        word("dispositions", one)?;
    }
    let facts = [
        Fact::told("target", format!("{} s", rules.target_s)),
        Fact::told("short_abandon", format!("{} s", rules.short_abandon_s)),
        Fact::told("wrap_up", format!("{} s", rules.wrap_up_s)),
        Fact::told("dispositions", rules.dispositions.join(", ")),
    ];
    let user = viewer.id.0;
    let save = async {
        Ok(backend
            .services
            .store
            .save_queue_rules(&rules, user, wall_ms())
            .await?)
    };
    backend.act(Action::ChangeQueue, &object, &facts, save).await
}

async fn save_reason(backend: &CallerBackend, reason: PauseReason) -> Result<(), AppError> {
    let object = format!("reason {}", reason.name);
    backend.about(Action::ChangePauseReason, &object);
    let viewer = backend.may(Ability::SetUpQueues)?;
    if viewer.rights.reach(Ability::SetUpQueues) < app::access::Reach::All {
        let problem = "Reasons are everybody's: only who sets up every queue changes them.";
        return Err(AppError::field("name", problem));
    }
    word("name", &reason.name)?;
    if reason.name == WRAP_UP {
        return Err(AppError::field(
            "name",
            "This word stands for the work after a call.",
        ));
    }
    let store = &backend.services.store;
    if reason.id.is_none() && store.pause_reasons().await?.len() >= MAX_REASONS {
        return Err(AppError::field("name", format!("At most {MAX_REASONS} reasons.")));
    }
    let most = reason
        .most_s
        .map_or_else(|| "none".to_owned(), |most| format!("{most} s"));
    let facts = [
        Fact::told("colour", reason.colour.slug()),
        Fact::told("paid", if reason.paid { "yes" } else { "no" }),
        Fact::told("most", most),
        Fact::told("retired", if reason.retired { "yes" } else { "no" }),
    ];
    let save = async {
        match store.save_pause_reason(&reason).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(AppError::NotFound),
            Err(crate::store::StoreError::Taken(_)) => {
                Err(AppError::field("name", "There is a reason of this name."))
            }
            Err(error) => Err(error.into()),
        }
    };
    backend
        .act(Action::ChangePauseReason, &object, &facts, save)
        .await
}

#[async_trait]
impl QueueBackend for CallerBackend {
    async fn figures(&self, query: FiguresQuery) -> Result<Figures, AppError> {
        figures(self, query).await
    }

    async fn visits(&self, query: VisitsQuery) -> Result<(Vec<KeptVisit>, bool), AppError> {
        visits::visits(self, query).await
    }

    async fn queue_set_up(&self) -> Result<QueueSetUp, AppError> {
        let viewer = self.viewer()?;
        if !viewer.rights.has(Ability::SeeQueues) {
            return Err(AppError::Forbidden);
        }
        let store = &self.services.store;
        let mut queues = store.queue_rules().await?;
        queues.retain(|rules| sees_queue(&self.services, &viewer.rights, &rules.queue));
        Ok(QueueSetUp {
            queues,
            reasons: store.pause_reasons().await?,
        })
    }

    async fn save_queue_rules(&self, rules: QueueRules) -> Result<(), AppError> {
        save_rules(self, rules).await
    }

    async fn save_pause_reason(&self, reason: PauseReason) -> Result<(), AppError> {
        save_reason(self, reason).await
    }
}
