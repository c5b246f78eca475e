//! Callers of one queue who hung up and keep their place: in order, with what can be done for each.

use leptos::{ev::SubmitEvent, prelude::*};
use telephony::callback::{End, Miss, Open, Phase, Request, RequestId, State};

use super::{Timer, icon::shape};
use crate::{
    api::callback::DoCallback,
    live::Live,
    look::look,
    model::{
        PbxId,
        callback::{CallbackVerb, QueueCallbacks},
    },
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

/// The list; nothing while nobody waits for a call.
#[component]
pub fn CallbackList(
    /// The PBX.
    pbx: PbxId,
    /// The queue.
    #[prop(into)]
    queue: String,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let send = Sending::to::<DoCallback>();
    let name = queue.clone();
    let note = Memo::new(move |_| live.note::<QueueCallbacks>(pbx, &name));
    let ids = Memo::new(move |_| {
        let requests = note.read();
        let requests = requests.iter().flat_map(|note| &note.requests);
        requests.map(|request| request.id).collect::<Vec<_>>()
    });
    let more = move || note.read().as_ref().map_or(0, |note| note.more);
    let problem = move || {
        send.problem()
            .map(|error| super::trouble::capitalised(&error.to_string()))
    };
    let queue = StoredValue::new(queue);
    view! {
        <p class="form-problem" role="alert" hidden=move || problem().is_none()>{problem}</p>
        <div class="sheet-of-rows" hidden=move || ids.read().is_empty()>
            <table class="list callbacks">
                <thead><tr>
                    <th scope="col">"Place"</th>
                    <th scope="col">"Caller"</th>
                    <th scope="col">"Since joining"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Tried"</th>
                    <th scope="col"><span class="unseen">"What can be done"</span></th>
                </tr></thead>
                <tbody>
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Row pbx queue id ids note send/>
                    </For>
                </tbody>
            </table>
        </div>
        <p class="soft" hidden=move || more() == 0>{move || format!("and {} more", more())}</p>
        <p class="soft" hidden=move || !ids.read().is_empty()>"Nobody waits for a call."</p>
    }
    .into_any()
}

#[component]
fn Row(
    pbx: PbxId,
    queue: StoredValue<String>,
    id: RequestId,
    ids: Memo<Vec<RequestId>>,
    note: Memo<Option<QueueCallbacks>>,
    send: Sending,
) -> impl IntoView {
    let request = Memo::new(move |before: Option<&Option<Request>>| {
        let note = note.read();
        let mut requests = note.iter().flat_map(|note| &note.requests);
        let found = requests.find(|request| request.id == id).cloned();
        found.or_else(|| before.cloned().flatten())
    });
    let place = move || ids.read().iter().position(|other| *other == id).map(|at| at + 1);
    let joined = move || request.read().as_ref().map_or(0, |request| request.joined.0);
    let who = move || request.read().as_ref().map(who);
    let state = Memo::new(move |_| {
        request
            .read()
            .as_ref()
            .map(|request| words(&request.state, request.miss))
    });
    let tried = move || request.read().as_ref().map_or(0, |request| request.attempts);
    let verbs = Memo::new(move |_| {
        request
            .read()
            .as_ref()
            .map_or(&[] as &[CallbackVerb], |request| verbs(&request.state))
    });
    view! {
        <tr data-state=move || state.get().map(|(slug, _)| slug)>
            <td class="number">{place}</td>
            <td class="who">{who}</td>
            <td><Timer pbx since_ms=look(joined)/></td>
            <td>
                <span class="state" data-state=move || state.get().map(|(slug, _)| slug)>
                    <svg class="icon" aria-hidden="true">
                        <use href=move || state.get().map(|(slug, _)| shape(&["state-", slug].concat()))></use>
                    </svg>
                    <span class="state-word">{move || state.get().map(|(_, word)| word)}</span>
                </span>
            </td>
            <td class="number">{tried}</td>
            <td class="last">
                <form class="callback-verbs" method="post" action=send.path on:submit=move |event| submitted(send, pbx, queue, id, &event)>
                    <input type="hidden" name="pbx" value=pbx.0.to_string()/>
                    <input type="hidden" name="queue" value=queue.get_value()/>
                    <input type="hidden" name="request" value=id.0.to_string()/>
                    {move || verbs.get().iter().map(|verb| view! {
                        <button
                            type="submit"
                            class="button quiet"
                            name="verb"
                            value=verb.slug()
                            disabled=move || send.pending.get()
                        >{word(*verb)}</button>
                    }).collect_view()}
                </form>
            </td>
        </tr>
    }
    .into_any()
}

/// The button that was pressed is no field of the form for a page that sends it itself.
fn submitted(send: Sending, pbx: PbxId, queue: StoredValue<String>, id: RequestId, event: &SubmitEvent) {
    event.prevent_default();
    let verb = event.submitter().and_then(|button| button.get_attribute("value"));
    let (pbx, id) = (pbx.0.to_string(), id.0.to_string());
    let queue = queue.get_value();
    let verb = verb.unwrap_or_default();
    send.send_pairs(&[
        ("pbx", &pbx),
        ("queue", &queue),
        ("request", &id),
        ("verb", &verb),
    ]);
}

fn who(request: &Request) -> AnyView {
    let number = shortened(&request.number, NAME_CHARS);
    match &request.name {
        Some(name) if *name != request.number => {
            view! { {shortened(name, NAME_CHARS)}" "<span class="soft number">{number}</span> }.into_any()
        }
        Some(_) | None => view! { <span class="number">{number}</span> }.into_any(),
    }
}

/// What can be done in a state.
fn verbs(state: &State) -> &'static [CallbackVerb] {
    use CallbackVerb::{CallNext, Cancel, GiveUp};
    match state {
        State::Waiting { next: true, .. } | State::Open(Open::NotAllowed) => &[GiveUp, Cancel],
        State::Waiting { .. } | State::Open(_) => &[CallNext, GiveUp, Cancel],
        State::Calling { last: None, .. } => &[GiveUp, Cancel],
        State::Calling { last: Some(_), .. } => &[Cancel],
        State::Ended(_) => &[],
    }
}

fn word(verb: CallbackVerb) -> &'static str {
    match verb {
        CallbackVerb::CallNext => "Call next",
        CallbackVerb::GiveUp => "Give up",
        CallbackVerb::Cancel => "Cancel",
    }
}

fn why(miss: Miss) -> &'static str {
    match miss {
        Miss::Busy => "Busy",
        Miss::NoAnswer => "No answer",
        Miss::HungUp => "Hung up",
        Miss::NoAgent => "No agent came",
        Miss::Failed => "Not put through",
        Miss::Refused => "Refused",
    }
}

/// The hue and shape of a state, and its words.
fn words(state: &State, miss: Option<Miss>) -> (&'static str, String) {
    let (slug, word) = match state {
        State::Waiting { next: true, .. } => ("waiting", "Called next"),
        State::Waiting { .. } => {
            let word = miss.map_or("Keeps the place".to_owned(), |miss| {
                format!("{}, tries again", why(miss))
            });
            return ("waiting", word);
        }
        State::Calling { unsure: Some(_), .. } => ("unreachable", "No connection: nobody sees the call"),
        State::Calling {
            last: Some(End::Cancelled),
            ..
        } => ("ended", "Being cancelled"),
        State::Calling {
            phase: Phase::Back, ..
        } => ("waiting", "Answered, waits for the agent"),
        State::Calling { last: Some(_), .. } => ("ringing", "Being called, for the last time"),
        State::Calling { .. } => ("ringing", "Being called"),
        State::Open(Open::Unseen) => ("alarm", "No connection: nobody sees the call"),
        State::Open(Open::Unknown) => ("alarm", "Nobody saw what came of the call"),
        State::Open(Open::NotAllowed) => ("alarm", "Not called: number not allowed"),
        State::Ended(End::Reached | End::CameBack) => ("ended", "Reached"),
        State::Ended(_) => ("ended", "Ended"),
    };
    (slug, word.to_owned())
}

#[cfg(test)]
mod tests {
    use telephony::Timestamp;

    use super::*;

    #[test]
    fn what_only_a_person_can_settle_is_an_alarm_and_offers_a_way_out() {
        for open in [Open::Unknown, Open::Unseen, Open::NotAllowed] {
            let state = State::Open(open);
            assert_eq!(words(&state, None).0, "alarm");
            assert!(verbs(&state).contains(&CallbackVerb::Cancel));
        }
    }

    #[test]
    fn who_was_not_reached_sees_why_and_that_it_goes_on() {
        let state = State::Waiting {
            not_before: Timestamp(1),
            next: false,
        };
        assert_eq!(words(&state, Some(Miss::Busy)).1, "Busy, tries again");
        assert_eq!(words(&state, None).1, "Keeps the place");
    }
}
