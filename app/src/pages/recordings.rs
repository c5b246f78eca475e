//! Recordings that are of no call, or with something the matter: each with what it is, so that none is lost unseen.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{history::recordings::RecordingCard, zone::Zone};
use crate::{
    access::Ability,
    api::recording::{LoadTroubledRecordings, load_troubled_recordings},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    load_by, loaded,
    model::{
        Viewer,
        recording::{self, Troubled},
    },
    packed::{pack, unpack},
    words::{moment, visible},
};

/// Its address.
const PAGE: &str = "/calls/recordings";

/// The page.
#[component]
pub fn RecordingsPage() -> impl IntoView {
    let parameters = use_query_map();
    let after = Memo::new(move |_| {
        let after = parameters
            .read()
            .get_str("after")
            .and_then(|after| after.parse::<i64>().ok());
        after.unwrap_or_default()
    });
    let zone = Zone::of_the_browser();
    let found = load_by(
        LoadTroubledRecordings::PATH,
        // our own types always pack
        move || pack(&after.get()).unwrap_or_default(),
        |asked: String| async move { load_troubled_recordings(unpack(&asked).unwrap_or_default()).await },
    );
    view! {
        <Title text="Recordings to look at"/>
        <header class="page-head">
            <h1>"Recordings to look at"</h1>
            <div class="page-verbs"><a class="button quiet" href="/calls/history"><Icon name="phone"/>"Calls"</a></div>
        </header>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Vec<Troubled>>(&found.await) {
                    Ok(found) if found.is_empty() => view! { <NoneLeft first=after.get_untracked() == 0/> }.into_any(),
                    Ok(found) => view! { <List found zone/> }.into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn NoneLeft(first: bool) -> impl IntoView {
    if first {
        view! {
            <Nothing icon="circle-check" title="Every recording is of a call and can be heard">
                <p>"Where recordings lie is set for each PBX connection. A file of no call, or with something the matter, stands here."</p>
                <a class="button" href="/calls/history?q=recorded">"Calls that were recorded"</a>
            </Nothing>
        }
        .into_any()
    } else {
        view! {
            <Nothing icon="disc" title="There are no more">
                <a class="button" href=PAGE>"To the first"</a>
            </Nothing>
        }
        .into_any()
    }
}

#[component]
fn List(found: Vec<Troubled>, zone: Zone) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may_copy = viewer.read_untracked().rights.has(Ability::CopyRecordings);
    let full = found.len() == recording::PAGE;
    let last = found.last().map(|one| one.id).filter(|_| full);
    let all = found.into_iter().map(|one| {
        let at_ms = one.modified_ms;
        let of = match one.call {
            Some(call) => view! { <a href=format!("/calls/history?call={call}")>"Its call"</a> }.into_any(),
            None => view! { <span>"Of no call that is known"</span> }.into_any(),
        };
        view! {
            <li>
                <h2 class="recording-place">{visible(&one.place).into_owned()}</h2>
                <p class="soft recording-of">{of}
                    <time datetime=moment::machine(at_ms)>{move || format!("written {}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time>
                </p>
                <RecordingCard one=one.recording may_copy/>
            </li>
        }
        .into_any()
    });
    view! {
        <ul class="recordings recordings-loose">{all.collect_view()}</ul>
        <footer class="list-end">
            <nav class="pager" aria-label="Pages">
                {last.map(|last| view! { <a class="button" rel="next" href=format!("{PAGE}?after={last}")>"More"<Icon name="arrow-right"/></a> })}
            </nav>
        </footer>
    }
    .into_any()
}
