//! What hands do on this page: one deed after the other, what is open for it, and what is dragged.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use telephony::{CallId, Member, Queue, QueueCommand, Waiting};

use super::{QueueKey, menu::OpenMenu, sheet::Draft};
use crate::{
    AppError,
    access::{Ability, About},
    api::line::SendQueueCommand,
    asking::{Asking, told},
    browser,
    model::{Viewer, line::QueueRequest},
    packed::pack,
    sending::ask,
    words::{shortened, visible::NAME_CHARS},
};

/// One thing that can be done, ready to be put on a button or into a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) label: &'static str,
    pub(super) icon: &'static str,
    /// What it needs named first; empty when it can be taken back as easily.
    pub(super) consequence: String,
    /// Completes "Asked the PBX to …".
    pub(super) what: String,
    pub(super) of: QueueKey,
    pub(super) command: QueueCommand,
}

/// A caller who is dragged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DraggedCaller {
    pub(super) of: QueueKey,
    pub(super) call: CallId,
    pub(super) who: String,
}

/// What the hands of this page hold.
#[derive(Clone, Copy)]
pub(super) struct Hands {
    asking: Asking,
    pub(super) busy: RwSignal<bool>,
    pub(super) menu: RwSignal<Option<OpenMenu>>,
    pub(super) draft: RwSignal<Option<Draft>>,
    pub(super) dragged: RwSignal<Option<DraggedCaller>>,
}

impl Hands {
    pub(super) fn new() -> Self {
        Self {
            asking: expect_context(),
            busy: RwSignal::new(false),
            menu: RwSignal::new(None),
            draft: RwSignal::new(None),
            dragged: RwSignal::new(None),
        }
    }

    /// Does it, after asking where something cannot be taken back.
    pub(super) fn begin(self, deed: Deed) {
        if deed.consequence.is_empty() {
            self.carry_out(deed);
        } else {
            self.draft.set(Some(Draft::Sure(deed)));
        }
    }

    /// Asks the PBX, once at a time.
    pub(super) fn carry_out(self, deed: Deed) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let request = QueueRequest {
            request_id: browser::request_id(),
            pbx: deed.of.0,
            command: deed.command,
        };
        spawn_local(async move {
            let answer = match pack(&SendQueueCommand { request }) {
                Ok(arguments) => ask(SendQueueCommand::PATH, &arguments).await,
                Err(_) => Err(AppError::Internal { id: "command".into() }),
            };
            // the page may be gone
            let _ = self.busy.try_set(false);
            let (tone, text) = told(&deed.what, &answer);
            self.asking.tell(tone, text);
        });
    }
}

/// Who a waiting caller is.
pub(super) fn caller_name(waiting: &Waiting) -> String {
    let name = waiting
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    match name {
        Some(name) => shortened(name, NAME_CHARS),
        None if waiting.number.is_empty() => "Number withheld".into(),
        None => shortened(&waiting.number, NAME_CHARS),
    }
}

/// A queue's name as it is shown.
pub(super) fn queue_name(key: &QueueKey) -> String {
    shortened(&key.1, NAME_CHARS)
}

/// Whether the viewer may do something to the callers of a queue.
pub(super) fn may_manage_callers(viewer: &Viewer, key: &QueueKey) -> bool {
    viewer
        .rights
        .allow(Ability::ManageCallers, key.0, &About::queue(&key.1))
}

/// Whether the viewer may put people into a queue and take them out.
pub(super) fn may_manage_members(viewer: &Viewer, key: &QueueKey) -> bool {
    viewer
        .rights
        .allow(Ability::ManageMembers, key.0, &About::queue(&key.1))
}

/// Whether the member is the viewer's own phone.
fn is_own(viewer: &Viewer, key: &QueueKey, member: &Member) -> bool {
    let own = |number: &String| viewer.rights.is_own(key.0, number);
    viewer.rights.has(Ability::ServeQueues) && member.extension.as_ref().is_some_and(own)
}

/// What can be done with a caller at once.
pub(super) fn of_caller(viewer: &Viewer, key: &QueueKey, waiting: &Waiting) -> Vec<Deed> {
    if !may_manage_callers(viewer, key) || waiting.given_to.is_some() {
        return Vec::new();
    }
    let (who, queue) = (caller_name(waiting), queue_name(key));
    let deed = |label, icon, consequence: String, what, command| Deed {
        label,
        icon,
        consequence,
        what,
        of: key.clone(),
        command,
    };
    let mut deeds = Vec::new();
    if waiting.position > 1 {
        deeds.push(deed(
            "To the front",
            "arrow-up-to-line",
            String::new(),
            format!("move {who} to the front of {queue}"),
            QueueCommand::MoveCallerUp {
                queue: key.1.clone(),
                call: waiting.call.clone(),
            },
        ));
    }
    deeds.push(deed(
        "Take out",
        "log-out",
        format!("{who} waits in {queue} no more: the call goes on as the dialplan says after the queue, which often ends it."),
        format!("take {who} out of {queue}"),
        QueueCommand::WithdrawCaller {
            queue: key.1.clone(),
            call: waiting.call.clone(),
        },
    ));
    deeds
}

/// What can be done with a member at once.
pub(super) fn of_member(viewer: &Viewer, key: &QueueKey, member: &Member) -> Vec<Deed> {
    let own = is_own(viewer, key, member);
    let manages = may_manage_members(viewer, key);
    let (who, queue) = (shortened(&member.name, NAME_CHARS), queue_name(key));
    let mut deeds = Vec::new();
    if (own || manages) && member.paused_since.is_some() {
        deeds.push(Deed {
            label: "End the pause",
            icon: "play",
            consequence: String::new(),
            what: format!("end the pause of {who} in {queue}"),
            of: key.clone(),
            command: QueueCommand::UnpauseMember {
                queue: Some(key.1.clone()),
                interface: member.interface.clone(),
            },
        });
    }
    if (own || manages) && member.dynamic {
        deeds.push(Deed {
            label: "Out of the queue",
            icon: "log-out",
            consequence: if own {
                String::new()
            } else {
                format!("{who} gets no more calls from {queue}. A call that is up goes on.")
            },
            what: format!("take {who} out of {queue}"),
            of: key.clone(),
            command: QueueCommand::RemoveMember {
                queue: key.1.clone(),
                interface: member.interface.clone(),
            },
        });
    }
    deeds
}

/// Whether the viewer may pause the member.
pub(super) fn may_pause(viewer: &Viewer, key: &QueueKey, member: &Member) -> bool {
    is_own(viewer, key, member) || may_manage_members(viewer, key)
}

/// Gives a caller to somebody.
pub(super) fn give(of: &QueueKey, call: CallId, who: &str, to: &str, to_name: &str) -> Deed {
    Deed {
        label: "Give",
        icon: "headset",
        consequence: String::new(),
        what: format!("ring {to_name} for {who}, who keeps the place until it is answered"),
        of: of.clone(),
        command: QueueCommand::GiveCaller {
            queue: of.1.clone(),
            call,
            to: to.to_owned(),
        },
    }
}

/// Of the callers who wait now, how many wait no longer than the target, as a percentage; None when nobody waits.
pub(super) fn level_now(row: &Queue, target_s: u32, now_ms: u64) -> Option<u32> {
    let target_ms = u64::from(target_s) * 1_000;
    let waiting = row.waiting.len();
    let late = row
        .waiting
        .iter()
        .filter(|one| now_ms.saturating_sub(one.joined.0) > target_ms);
    let late = late.count();
    let percent = |part: usize| u32::try_from((part * 100 + waiting / 2) / waiting).unwrap_or(100);
    (waiting > 0 && target_s > 0).then(|| percent(waiting - late))
}
