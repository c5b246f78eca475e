//! Where I sit: my extensions with their memberships, and asking for something about them.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use telephony::{Doing, Extension, Member, QueueCommand, agent::doing_of};

use crate::{
    api::line::SendQueueCommand,
    asking::{Asking, told},
    browser,
    live::Live,
    model::{OwnExtension, PbxId, Viewer, line::QueueRequest},
    packed::pack,
    sending::ask,
};

/// One of my extensions as the board has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    pub(super) own: OwnExtension,
    pub(super) extension: Option<Extension>,
    /// Queue and membership.
    pub(super) members: Vec<(String, Member)>,
}

impl Seat {
    /// What is done there.
    pub(super) fn doing(&self) -> Option<Doing> {
        let members: Vec<&Member> = self.members.iter().map(|(_, member)| member).collect();
        doing_of(&members, self.extension.as_ref())
    }

    /// Since when, as far as it is known.
    pub(super) fn since_ms(&self) -> Option<u64> {
        let members = self.members.iter().map(|(_, member)| member);
        let since = match self.doing()? {
            Doing::Paused(_) | Doing::WrapUp => members.filter_map(|member| member.paused_since).max(),
            Doing::Talking | Doing::Ringing | Doing::OnHold => {
                let row = self.extension.as_ref()?;
                row.engagements.iter().map(|one| one.since).min()
            }
            Doing::Available | Doing::Unreachable => members.filter_map(|member| member.since).max(),
        };
        since.map(|since| since.0)
    }

    /// Its interfaces, each once.
    pub(super) fn interfaces(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (_, member) in &self.members {
            if !found.contains(&member.interface) {
                found.push(member.interface.clone());
            }
        }
        found
    }
}

/// My extensions, those that serve a queue first.
pub fn my_seats() -> Memo<Vec<Seat>> {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    Memo::new(move |_| {
        let own = viewer.read().rights.own.clone();
        let seats = own.into_iter().map(|own| {
            let extension = live
                .extensions
                .with(&(own.pbx, own.number.clone()), Extension::clone);
            let queues = live.queues.keys().into_iter().filter(|(pbx, _)| *pbx == own.pbx);
            let members = queues.filter_map(|key| {
                let mine = |member: &&Member| member.extension.as_ref() == Some(&own.number);
                let member = live
                    .queues
                    .with(&key, |row| row.members.iter().find(mine).cloned());
                member.flatten().map(|member| (key.1, member))
            });
            Seat {
                members: members.collect(),
                extension,
                own: own.clone(),
            }
        });
        let mut seats: Vec<Seat> = seats.collect();
        seats.sort_by_key(|seat| seat.members.is_empty());
        seats
    })
}

/// Asks once for something about a queue, and tells what came of it.
pub(super) fn ask_queue(
    asking: Asking,
    busy: RwSignal<bool>,
    pbx: PbxId,
    commands: Vec<QueueCommand>,
    what: String,
) {
    if busy.get_untracked() || commands.is_empty() {
        return;
    }
    busy.set(true);
    spawn_local(async move {
        for command in commands {
            let request = QueueRequest {
                request_id: browser::request_id(),
                pbx,
                command,
            };
            // our own types always pack
            let arguments = pack(&SendQueueCommand { request }).unwrap_or_default();
            let answer = ask(SendQueueCommand::PATH, &arguments).await;
            let (tone, text) = told(&what, &answer);
            asking.tell(tone, text);
        }
        let _ = busy.try_set(false);
    });
}
