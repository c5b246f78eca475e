//! The recordings of a call, in its pane: each with a player, or with what is the matter with it.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{holding::Holding, player::Player, sharing::Sharing};
use crate::{
    AppError,
    api::recording::ProveRecording,
    components::{Icon, trouble::capitalised},
    model::recording::{COPY, CallRecording, CallRecordings, OPUS, PATH, Proof, State},
    packed::pack,
    sending,
    words::visible,
};

/// All of them; nothing where there is none.
#[component]
pub fn Recordings(call: i64, found: Result<CallRecordings, AppError>) -> impl IntoView {
    let found = match found {
        Ok(found) if found.recordings.is_empty() => return ().into_any(),
        Ok(found) => found,
        Err(error) => {
            return view! { <h3>"Recording"</h3><p class="soft">{capitalised(&error.to_string())}</p> }
                .into_any();
        }
    };
    let title = if found.recordings.len() == 1 {
        "Recording"
    } else {
        "Recordings"
    };
    let (may_copy, hold, may_hold) = (found.may_copy, found.hold, found.may_hold);
    let all = found
        .recordings
        .into_iter()
        .map(|one| view! { <RecordingCard one may_copy/> }.into_any());
    view! {
        <h3>{title}</h3>
        <Holding call hold may_hold/>
        <div class="recordings">{all.collect_view()}</div>
    }
    .into_any()
}

/// Whether it can be heard, or some of it.
fn is_heard(one: &CallRecording) -> bool {
    one.state == State::Ready || (one.state == State::Damaged && one.duration_ms > 0)
}

/// Whether there is a file to take along.
fn is_there(one: &CallRecording) -> bool {
    matches!(one.state, State::Ready | State::Foreign | State::Damaged)
}

/// One of them.
#[component]
pub fn RecordingCard(one: CallRecording, may_copy: bool) -> impl IntoView {
    let address = format!("{PATH}/{}", one.key);
    let wrong = (one.state != State::Ready).then(|| {
        let why = if one.why.is_empty() { one.state.says() } else { &one.why };
        view! { <p class="recording-trouble" data-state=if one.state == State::Growing { "growing" } else { "wrong" }>
            <Icon name="circle-alert"/>{why.to_owned()}
        </p> }
    });
    let name = visible(&one.file).into_owned();
    let label = format!("Recording {name}");
    let held = one
        .held
        .then(|| view! { <span class="soft">"held: it is not removed"</span> });
    let copy = (may_copy && is_there(&one)).then(|| view! {
        <a class="button quiet" href=format!("{address}/{COPY}") rel="external" download=""><Icon name="download"/>"Take a copy"</a>
        {one.can_be_opus().then(|| view! {
            <a class="button quiet" href=format!("{address}/{OPUS}") rel="external" download="" title="Much smaller; it sounds the same"><Icon name="download"/>"As Opus"</a>
        })}
    });
    let share = (may_copy && is_heard(&one)).then(|| view! { <Sharing key=one.key.clone()/> });
    let proof =
        (!one.sha256.is_empty()).then(|| view! { <Proving key=one.key.clone() sum=one.sha256.clone()/> });
    let player = is_heard(&one).then(|| {
        view! {
            <noscript><a class="button" href=address.clone() rel="external">"Hear it"</a></noscript>
            <Player one=one.clone() address=address.clone()/>
        }
        .into_any()
    });
    view! {
        <section class="recording" aria-label=label>
            {wrong}
            {player}
            <details class="technical">
                <summary>"About the file"</summary>
                <p class="recording-file"><code>{name}</code>{held}</p>
                <div class="recording-verbs">{copy}{proof}</div>
            </details>
            {share}
        </section>
    }
    .into_any()
}

/// Asks whether it is still what was recorded.
#[component]
fn Proving(key: String, sum: String) -> impl IntoView {
    let asking = RwSignal::new(false);
    let told = RwSignal::new(String::new());
    let prove = move |_| {
        if asking.get_untracked() {
            return;
        }
        asking.set(true);
        // our own types always pack
        let arguments = pack(&key).unwrap_or_default();
        let sum = sum.clone();
        spawn_local(async move {
            let words = match sending::ask::<Proof>(ProveRecording::PATH, &arguments).await {
                Ok(Proof::Same) => format!("It is what was recorded, byte for byte. SHA-256 {sum}"),
                Ok(Proof::Changed) => State::Changed.says().to_owned(),
                Ok(Proof::Gone) => State::Gone.says().to_owned(),
                Err(error) => capitalised(&error.to_string()),
            };
            // the pane may be closed
            let _ = told.try_set(words);
            let _ = asking.try_set(false);
        });
    };
    view! {
        <button type="button" class="button quiet needs-js" disabled=move || asking.get() on:click=prove>
            <Icon name="check"/>{move || if asking.get() { "Reading it…" } else { "Is it still the same?" }}
        </button>
        <p class="recording-proof" role="status">{move || told.get()}</p>
    }
    .into_any()
}
