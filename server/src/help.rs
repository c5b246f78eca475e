//! Who asks for help, from when they do until it is over. Kept in the database, so that a restart forgets nobody.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use app::{
    AppError,
    access::{Ability, About, Rights},
    live::{
        help::{HelpRequest, OwnHelp},
        note::Note,
        protocol::LinkStatus,
    },
    model::{PbxId, UserId, Viewer},
};
use telephony::{Board, CallId, Leg, LegRole, LegState, Timestamp};
use tokio::{sync::Mutex, time::MissedTickBehavior};

use crate::{clock::wall_ms, services::Services, store::HelpRecord, supervision::Order};

/// How often open requests are held against the boards.
const EVERY: Duration = Duration::from_secs(1);
/// A request that is about no call is over after so long.
const LASTS_MS: u64 = 60 * 60 * 1000;
/// How often one person may ask in a minute.
const MOST_A_MINUTE: usize = 6;
const MINUTE_MS: u64 = 60 * 1000;

/// Who asks for help.
#[derive(Clone, Debug, Default)]
pub struct Help {
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    requests: BTreeMap<i64, HelpRecord>,
    /// When each person asked lately.
    asked: HashMap<i64, VecDeque<u64>>,
    /// The rights at which everybody was last looked for.
    version: Option<i64>,
}

/// The call that an extension is on.
fn present(board: &Board, extension: &str) -> Option<CallId> {
    let on = |leg: &Leg| {
        let there = leg.party.extension.as_deref() == Some(extension) && leg.role != LegRole::Supervisor;
        there && !matches!(leg.state, LegState::Ended(_) | LegState::Ringing)
    };
    let mut calls = board.calls.values();
    calls
        .find(|call| call.legs.iter().any(on))
        .map(|call| call.id.clone())
}

/// Whose help it needs: those who may listen to the extension, to the queue of the call, or to a queue it serves.
fn about(board: &Board, help: &HelpRecord) -> About {
    let visit = board
        .calls
        .get(&CallId(help.call.clone()))
        .and_then(|call| call.queue.as_ref());
    let mut queues: Vec<String> = visit.map(|visit| visit.queue.clone()).into_iter().collect();
    for (name, queue) in &board.queues {
        let serves = |member: &telephony::Member| member.extension.as_deref() == Some(&*help.extension);
        if queue.members.iter().any(serves) && !queues.contains(name) {
            queues.push(name.clone());
        }
    }
    About {
        extensions: vec![help.extension.clone()],
        queues,
        ability: None,
    }
}

fn told(help: &HelpRecord) -> HelpRequest {
    let taken = help.taken.clone();
    HelpRequest {
        id: help.id,
        user: UserId(help.user),
        name: help.name.clone(),
        extension: help.extension.clone(),
        call: (!help.call.is_empty()).then(|| CallId(help.call.clone())),
        words: help.words.clone(),
        asked: Timestamp(help.asked_ms),
        taken: taken.map(|(user, name)| (UserId(user), name)),
    }
}

impl Help {
    /// Asks in the name of a person.
    ///
    /// # Errors
    /// Where they have no extension, asked already or too often.
    pub async fn ask(&self, services: &Services, viewer: &Viewer, words: String) -> Result<i64, AppError> {
        let mut open = self.open.lock().await;
        if open.requests.values().any(|one| one.user == viewer.id.0) {
            return Err(AppError::Conflict("You have asked for help already.".into()));
        }
        let now_ms = wall_ms();
        open.asked
            .retain(|_, times| times.back().is_some_and(|last| last + MINUTE_MS > now_ms));
        let times = open.asked.entry(viewer.id.0).or_default();
        times.retain(|time| time + MINUTE_MS > now_ms);
        if times.len() >= MOST_A_MINUTE {
            return Err(AppError::TooMany { retry_after_s: 60 });
        }
        times.push_back(now_ms);
        // where they are on a call, that one; else their first
        let own = &viewer.rights.own;
        let on_a_call = own.iter().find_map(|own| {
            let call = services.hub.look(own.pbx, |switchboard, _| {
                present(switchboard.board(), &own.number)
            });
            Some((own, call.flatten()?))
        });
        let (own, call) = match on_a_call {
            Some((own, call)) => (own, call.0),
            None => {
                let first = own.first().ok_or_else(|| {
                    AppError::field(
                        "extension",
                        "You have no extension of your own yet: choose it in your profile.",
                    )
                })?;
                (first, String::new())
            }
        };
        let mut help = HelpRecord {
            id: 0,
            user: viewer.id.0,
            name: viewer.display_name.clone(),
            pbx: own.pbx,
            extension: own.number.clone(),
            call,
            words,
            asked_ms: now_ms,
            taken: None,
        };
        let id = services.store.add_help(&help).await?;
        help.id = id.ok_or_else(|| AppError::Conflict("You have asked for help already.".into()))?;
        show(services, &help);
        open.requests.insert(help.id, help.clone());
        Ok(help.id)
    }

    /// A person is on it.
    ///
    /// # Errors
    /// Where it is over or not theirs to see, or somebody else is on it.
    pub async fn take(&self, services: &Services, viewer: &Viewer, id: i64) -> Result<(), AppError> {
        let mut open = self.open.lock().await;
        let help = open.requests.get_mut(&id).ok_or(AppError::NotFound)?;
        if help.user == viewer.id.0 || !may_help(services, &viewer.rights, help) {
            return Err(AppError::NotFound);
        }
        if !services.store.take_help(id, viewer.id.0).await? {
            let by = help.taken.as_ref().map_or("Somebody", |(_, name)| name);
            return Err(AppError::Conflict(format!("{by} is on it already.")));
        }
        help.taken = Some((viewer.id.0, viewer.display_name.clone()));
        show(services, help);
        Ok(())
    }

    /// The one who asked, or the one who is on it, closes it.
    ///
    /// # Errors
    /// Where it is over, or not theirs.
    pub async fn end(&self, services: &Services, viewer: &Viewer, id: i64) -> Result<(), AppError> {
        let mut open = self.open.lock().await;
        let help = open.requests.get(&id).ok_or(AppError::NotFound)?;
        let on_it = help.taken.as_ref().is_some_and(|(user, _)| *user == viewer.id.0);
        if help.user != viewer.id.0 && !on_it {
            return Err(AppError::NotFound);
        }
        services.store.close_help(id).await?;
        if let Some(help) = open.requests.remove(&id) {
            hide(services, &help);
        }
        Ok(())
    }

    /// A supervisor goes to the call of somebody who asks: they are on it.
    pub async fn supervised(&self, services: &Services, order: &Order) {
        let mut open = self.open.lock().await;
        let call = services.hub.look(order.pbx, |switchboard, _| {
            let row = switchboard.board().calls.get(&order.call)?;
            app::access::about_agent(row, &order.leg)
        });
        let Some(agent) = call.flatten() else { return };
        let asks = |help: &&mut HelpRecord| {
            help.pbx == order.pbx && agent.extensions.contains(&help.extension) && help.taken.is_none()
        };
        let Some(help) = open.requests.values_mut().find(asks) else {
            return;
        };
        match services.store.take_help(help.id, order.user).await {
            Ok(true) => {
                help.taken = Some((order.user, order.name.clone()));
                show(services, help);
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "who is on a request for help could not be kept"),
        }
    }

    /// For ever: closes what is over, and shows the rest as it is now.
    pub async fn tend(self, services: Services) {
        let mut turn = tokio::time::interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut loaded = false;
        loop {
            turn.tick().await;
            let mut open = self.open.lock().await;
            if !loaded {
                match services.store.help_requests().await {
                    Ok(left) => {
                        open.requests.extend(left.into_iter().map(|help| (help.id, help)));
                        loaded = true;
                    }
                    Err(error) => tracing::warn!(%error, "open requests for help could not be read"),
                }
            }
            if !open.requests.is_empty() {
                look(&services, &mut open).await;
            }
        }
    }
}

/// Whether somebody may help: they may listen to what it is about.
fn may_help(services: &Services, rights: &Rights, help: &HelpRecord) -> bool {
    let about = services
        .hub
        .look(help.pbx, |switchboard, _| about(switchboard.board(), help));
    about.is_some_and(|about| rights.allow(Ability::Listen, help.pbx, &about))
}

fn show(services: &Services, help: &HelpRecord) {
    let about = services
        .hub
        .look(help.pbx, |switchboard, _| about(switchboard.board(), help));
    let Some(about) = about else { return };
    let (request, own) = (told(help), About::extension(&help.extension));
    services
        .hub
        .put_note(help.pbx, &request, about.by(Ability::Listen));
    services.hub.put_note(help.pbx, &OwnHelp(request), own);
}

fn hide(services: &Services, help: &HelpRecord) {
    let request = told(help);
    services.hub.remove_note::<HelpRequest>(help.pbx, &request.id());
    services
        .hub
        .remove_note::<OwnHelp>(help.pbx, &OwnHelp(request).id());
}

async fn look(services: &Services, open: &mut Open) {
    let version = *services.current.follow().borrow();
    // who was shut out, or lost the extension, asks no more
    let people = open.version != Some(version);
    open.version = Some(version);
    let mut over = Vec::new();
    for help in open.requests.values() {
        let standing = standing(services, help.pbx, help);
        let gone = people && !still_asks(services, help).await;
        if standing == Some(true) || gone {
            over.push(help.id);
        } else {
            show(services, help);
        }
    }
    for id in over {
        if let Err(error) = services.store.close_help(id).await {
            tracing::warn!(%error, "a request for help could not be closed");
            continue;
        }
        if let Some(help) = open.requests.remove(&id) {
            hide(services, &help);
        }
    }
}

/// Whether it is over; None while the PBX cannot be seen.
fn standing(services: &Services, pbx: PbxId, help: &HelpRecord) -> Option<bool> {
    if help.call.is_empty() {
        return Some(wall_ms().saturating_sub(help.asked_ms) > LASTS_MS);
    }
    let seen = services.hub.look(pbx, |switchboard, link| {
        (*link == LinkStatus::Live).then(|| {
            let now = present(switchboard.board(), &help.extension);
            now.is_none_or(|call| call.0 != help.call)
        })
    });
    seen.flatten()
}

async fn still_asks(services: &Services, help: &HelpRecord) -> bool {
    match services.store.user(help.user).await {
        Ok(user) => user.is_some_and(|user| {
            let own = user
                .extensions
                .iter()
                .any(|own| own.pbx == help.pbx && own.number == help.extension);
            own && !user.disabled
        }),
        // asked again when rights change next
        Err(_) => true,
    }
}
