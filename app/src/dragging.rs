//! What is being dragged over the board, and what comes of it where it is dropped. The keyboard does the same through
//! the row's menu.

use leptos::prelude::*;
use web_sys::DragEvent;

use crate::{
    asking::{Asking, Tone},
    components::{
        connect::{ConnectDraft, Pair},
        transfer::{Draft, TransferDraft},
    },
    live::{CallKey, ExtensionKey, Live},
    model::Viewer,
    verbs,
};

/// What can be dragged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dragged {
    /// A call, to be handed to a person.
    Call(CallKey),
    /// A person: my own phone, to call somebody; another one, to be connected.
    Person(ExtensionKey),
}

/// Lets the browser draw it.
pub(crate) fn lift(event: &DragEvent) {
    if let Some(data) = event.data_transfer() {
        // some browsers drag nothing without data; what is dragged is known here
        let _ = data.set_data("text/plain", "Starboard");
        data.set_effect_allowed("move");
    }
}

/// What happens when something is dropped on a person: a call is handed to them, my own phone calls them, and somebody
/// else is connected with them.
pub(crate) fn dropped(what: Dragged, on: &ExtensionKey, busy: RwSignal<bool>) {
    let asking = expect_context::<Asking>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let viewer = viewer.read_untracked();
    let refused = |why: &str| asking.tell(Tone::Bad, format!("Nothing was done: {why}"));
    match what {
        Dragged::Call(call) => {
            let live = expect_context::<Live>();
            let leg = live.calls.peek(&call, |row| {
                verbs::can_be_moved(&viewer, call.0, row).then(|| verbs::default_leg(&viewer, call.0, row))?
            });
            match leg.flatten() {
                Some(leg) if call.0 == on.0 => {
                    let (pbx, call) = call;
                    expect_context::<TransferDraft>().begin(Draft {
                        to: on.1.clone(),
                        ..Draft::new(pbx, call, leg)
                    });
                }
                Some(_) => refused("the call and the person are on different PBXs."),
                None => refused("only a call in which somebody of ours talks can be handed on."),
            }
        }
        Dragged::Person(from) if from == *on => {}
        Dragged::Person(from) if from.0 != on.0 => refused("these two are on different PBXs."),
        Dragged::Person(from) => {
            if verbs::own_number(&viewer, from.0).as_ref() == Some(&from.1) {
                asking.call(busy, &viewer, &on.1);
            } else if verbs::may_connect(&viewer, from.0, &from.1) || verbs::may_connect(&viewer, on.0, &on.1)
            {
                expect_context::<ConnectDraft>().begin(Pair {
                    pbx: on.0,
                    from: from.1,
                    to: on.1.clone(),
                });
            } else {
                refused("only your own phone can be made to call somebody. Drag your own tile, or a call.");
            }
        }
    }
}
