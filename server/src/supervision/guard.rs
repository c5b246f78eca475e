//! Watches over one supervisor's phone.

use std::time::Duration;

use app::{
    access::{Ability, about_agent},
    audit::{Fact, Outcome as CameOf},
    live::supervising::Supervising,
    model::UserId,
};
use telephony::{CallId, Command, Timestamp};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Order,
    look::{Standing, standing},
};
use crate::{
    access::current,
    hub::lane::Latest,
    link::carries_commands,
    services::Services,
    session::ends::Watch,
    store::{NewLine, Supervised},
};

/// How long a phone may take to begin to ring.
const APPEAR: Duration = Duration::from_secs(10);
/// A phone that was hung up and is still there is hung up again so often.
const AGAIN: Duration = Duration::from_secs(5);
/// The longest it may stay when Starboard itself stops.
const LAST: Duration = Duration::from_secs(1);
/// The rights could not be read: the wait before they are read again.
const LATER: Duration = Duration::from_millis(500);

/// See the file's first line.
pub(super) struct Guard {
    services: Services,
    order: Order,
    stop: CancellationToken,
    boards: watch::Receiver<Latest>,
    current: watch::Receiver<i64>,
    session: Option<Watch>,
    since: Timestamp,
    begun: Instant,
    seen: bool,
    heard: bool,
    /// Why it is to end, and when the phone was last hung up for that.
    ending: Option<(&'static str, Option<Instant>)>,
    told: Option<(CallId, bool)>,
}

impl Guard {
    pub(super) fn new(services: Services, order: Order, stop: CancellationToken) -> Self {
        let session = order.session.map(|session| services.ends.watch(session));
        Self {
            boards: services.hub.lane(false).follow(),
            current: services.current.follow(),
            session,
            since: services.hub.clock().now(),
            begun: Instant::now(),
            seen: false,
            heard: false,
            ending: None,
            told: None,
            services,
            order,
            stop,
        }
    }

    /// Until the phone is free again.
    pub(super) async fn run(mut self) {
        // what was asked for before the guard was there
        self.current.mark_changed();
        let why = loop {
            if let Some(over) = self.look().await {
                break over;
            }
            let stopping = self.services.ends.stopping();
            let asked = self.ending.is_some();
            tokio::select! {
                changed = self.boards.changed() => if changed.is_err() { break "Starboard stopped" },
                Ok(()) = self.current.changed() => self.rights().await,
                () = self.stop.cancelled(), if !asked => self.ending = Some(("they stopped", None)),
                () = ended(self.session.as_ref()), if !asked => self.session_over(),
                () = tokio::time::sleep(LAST), if stopping => break "Starboard stopped",
            }
        };
        self.close(why).await;
    }

    /// What the board says now, and what follows from it. Some: it is over, and why.
    async fn look(&mut self) -> Option<&'static str> {
        let order = &self.order;
        let now = self.services.hub.look(order.pbx, |switchboard, link| {
            let standing = standing(switchboard.board(), &order.rights, order);
            (standing, carries_commands(link))
        });
        let Some((standing, carries)) = now else {
            return Some("the connection was removed");
        };
        match standing {
            Standing::Absent if self.seen => return Some(self.ending.map_or("hung up", |(why, _)| why)),
            Standing::Absent => {
                let late = self.begun.elapsed() > APPEAR && carries;
                return late.then_some("the phone did not ring");
            }
            Standing::TookOver => {
                self.heard = true;
                return Some("taken over");
            }
            Standing::There { heard, call } => {
                self.seen = true;
                self.heard |= heard;
                self.tell(call, heard);
            }
            Standing::HangUp(why) => {
                self.seen = true;
                self.ending = self.ending.or(Some((why, None)));
            }
        }
        if let Some((why, last)) = self.ending
            && carries
            && last.is_none_or(|last| last.elapsed() > AGAIN)
        {
            self.ending = Some((why, Some(Instant::now())));
            hang_up(&self.services, &self.order).await;
        }
        None
    }

    /// Reads what they may do now.
    async fn rights(&mut self) {
        let whence = self.services.whence(self.order.address);
        match current::viewer(&self.services.store, whence, self.order.user, None).await {
            Ok(Some(viewer)) => self.order.rights = viewer.rights,
            Ok(None) => self.ending = self.ending.or(Some(("they may not be here any more", None))),
            Err(error) => {
                tracing::warn!(%error, "the rights behind a supervision could not be read");
                self.current.mark_changed();
                tokio::time::sleep(LATER).await;
            }
        }
    }

    fn session_over(&mut self) {
        let goes_on = self.session.as_ref().is_some_and(Watch::goes_on);
        if goes_on && !self.services.ends.stopping() {
            self.session = self
                .order
                .session
                .map(|session| self.services.ends.watch(session));
        } else if self.services.ends.stopping() {
            self.ending = Some(("Starboard stopped", None));
        } else {
            self.ending = Some(("they signed out", None));
        }
    }

    /// Says who takes part, to whoever may know it.
    fn tell(&mut self, call: CallId, heard: bool) {
        if self.told.as_ref() == Some(&(call.clone(), heard)) {
            return;
        }
        let order = &self.order;
        let about = self.services.hub.look(order.pbx, |switchboard, _| {
            let row = switchboard.board().calls.get(&call)?;
            about_agent(row, &order.leg)
        });
        let Some(about) = about.flatten() else { return };
        let note = Supervising {
            own: order.own.clone(),
            call: call.clone(),
            leg: order.leg.clone(),
            agent: about.extensions.first().cloned().unwrap_or_default(),
            by: order.by.clone(),
            user: UserId(order.user),
            who: order.name.clone(),
            how: order.how,
            since: self.since,
            heard,
        };
        self.services
            .hub
            .put_note(order.pbx, &note, about.by(Ability::Listen));
        self.told = Some((call, heard));
    }

    async fn close(self, why: &'static str) {
        let Self { services, order, .. } = self;
        services.hub.remove_note::<Supervising>(order.pbx, &order.own.0);
        let lasted_s = services.hub.clock().now().since_ms(self.since) / 1000;
        let facts = [
            Fact::told("ended", why),
            Fact::told("seconds", lasted_s.to_string()),
        ];
        let came_of = match (self.heard, self.seen || order.accepted) {
            (true, _) => CameOf::Done,
            (false, true) => CameOf::Failed,
            (false, false) => CameOf::Unknown,
        };
        let ended = order.act.ended(came_of, &facts);
        free(&services, order.pbx, &order.own.0, ended).await;
    }
}

async fn ended(session: Option<&Watch>) {
    match session {
        Some(session) => session.ended().await,
        None => std::future::pending().await,
    }
}

async fn hang_up(services: &Services, order: &Order) {
    let stop = Command::StopSupervising {
        leg: order.own.clone(),
    };
    let action = services
        .hub
        .look(order.pbx, |switchboard, _| switchboard.lower(&stop, "").ok());
    if let Some(action) = action.flatten() {
        let outcome = services.links.send(order.pbx, action).await;
        tracing::info!(pbx = order.pbx.0, ?outcome, "a supervisor's phone is hung up");
    }
}

pub(crate) async fn free(services: &Services, pbx: app::model::PbxId, channel: &str, ended: NewLine) {
    let (store, keys) = (&services.store, services.trail.keys());
    if let Err(error) = store.end_supervision(pbx, channel, ended, keys).await {
        // it is looked for once more at the next start
        tracing::error!(%error, "the end of a supervision could not be kept");
    }
}

/// Ends what an earlier process left: as soon as the PBX shows whether it is still there.
pub(super) async fn end_leftover(services: Services, left: Supervised) {
    let mut boards = services.hub.lane(false).follow();
    let mut hung_up: Option<Instant> = None;
    loop {
        let own = left.own();
        let stop = Command::StopSupervising { leg: own };
        let look = services.hub.look(left.pbx, |switchboard, link| {
            let live = *link == app::live::protocol::LinkStatus::Live;
            live.then(|| switchboard.lower(&stop, "").ok())
        });
        match look {
            None | Some(Some(None)) => break,
            Some(Some(Some(action))) if hung_up.is_none_or(|last| last.elapsed() > AGAIN) => {
                hung_up = Some(Instant::now());
                services.links.send(left.pbx, action).await;
            }
            Some(_) => {}
        }
        tokio::select! {
            changed = boards.changed() => if changed.is_err() { return },
            () = services.ends.stopped() => return,
        }
    }
    let facts = [Fact::told("ended", "Starboard was stopped meanwhile")];
    let ended = left.act.ended(CameOf::Done, &facts);
    free(&services, left.pbx, &left.channel, ended).await;
}
