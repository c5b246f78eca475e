//! Links by which somebody without an account hears a recording: made, listed, revoked.

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};

use crate::{
    AppError,
    api::recording::{LoadRecordingLinks, RevokeLink, ShareRecording},
    components::{
        confirming::Confirming,
        field::{FormProblem, problem_of_form},
        trouble::capitalised,
    },
    model::recording::{MAX_LINK_DAYS, MAX_LINK_LISTENS, MAX_PURPOSE_CHARS, MadeLink, RecordingLink},
    packed::pack,
    pages::zone::Zone,
    sending::{Sending, ask},
    words::{moment, visible},
};

/// Days that are offered.
const DAYS: [u32; 4] = [1, 7, 14, MAX_LINK_DAYS];

/// The links of a recording, and the form that makes one; asked for when it is opened.
#[component]
pub fn Sharing(key: String) -> impl IntoView {
    let zone = Zone::of_the_browser();
    let (share, revoke) = (Sending::to::<ShareRecording>(), Sending::to::<RevokeLink>());
    let links = RwSignal::new(None::<Vec<RecordingLink>>);
    let made = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(String::new());
    let asked = key.clone();
    let open = move |_| {
        if links.read_untracked().is_some() {
            return;
        }
        // our own types always pack
        let arguments = pack(&asked).unwrap_or_default();
        spawn_local(async move {
            let found: Result<Vec<RecordingLink>, AppError> = ask(LoadRecordingLinks::PATH, &arguments).await;
            // the pane may be closed
            match found {
                Ok(found) => drop(links.try_set(Some(found))),
                Err(error) => drop(trouble.try_set(capitalised(&error.to_string()))),
            }
        });
    };
    Effect::new(move |_| {
        if let Some(Ok(MadeLink { address, links: all })) = share.answer::<MadeLink>() {
            made.set(Some(address));
            links.set(Some(all));
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(all)) = revoke.answer::<Vec<RecordingLink>>() {
            links.set(Some(all));
        }
    });
    let problem = Signal::derive(move || problem_of_form(share.problem().or(revoke.problem()).as_ref(), &[]));
    let [purpose, days, listens, address] =
        ["purpose", "days", "listens", "address"].map(|name| format!("{name}-{key}"));
    let listed = move || {
        let all = links
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|link| view! { <Link link revoke zone/> }.into_any());
        all.collect_view()
    };
    view! {
        <details class="technical sharing needs-js" on:toggle=open>
            <summary>"Pass it on"</summary>
            <p class="soft">"Whoever has the link hears this recording without an account, until it runs out. Each listening is in the audit trail with what it is for."</p>
            <form class="sharing-new" method="post" action=ShareRecording::PATH on:submit=move |event| share.submit(&event)>
                <input type="hidden" name="key" value=key/>
                <div class="field"><label for=purpose.clone()>"What for"</label>
                    <input id=purpose name="purpose" required autocomplete="off" maxlength=MAX_PURPOSE_CHARS.to_string()/></div>
                <div class="field"><label for=days.clone()>"Good for"</label>
                    <select id=days name="days">
                        {DAYS.map(|days| view! {
                            <option value=days.to_string() selected={days == 7}>{if days == 1 { "1 day".to_owned() } else { format!("{days} days") }}</option>
                        }.into_any()).collect_view()}
                    </select></div>
                <div class="field"><label for=listens.clone()>"Times at most"</label>
                    <input id=listens name="listens" type="number" min="1" max=MAX_LINK_LISTENS.to_string() placeholder="any"/></div>
                <button type="submit" class="button" disabled=move || share.pending.get()>"Make a link"</button>
            </form>
            <FormProblem problem/>
            <Confirming of=share/>
            {move || made.get().map(|link| view! {
                <div class="field sharing-made"><label for=address.clone()>"The link, shown this once"</label>
                    <input id=address.clone() readonly value=link.clone()/></div>
            }.into_any())}
            <p class="form-problem" role="alert" hidden=move || trouble.read().is_empty()>{move || trouble.get()}</p>
            <ul class="sharing-links" aria-label="Links">{listed}</ul>
        </details>
    }
    .into_any()
}

#[component]
fn Link(link: RecordingLink, revoke: Sending, zone: Zone) -> impl IntoView {
    let RecordingLink {
        id,
        by,
        purpose,
        expires_ms,
        most,
        heard,
        over,
    } = link;
    let times = match most {
        Some(most) => format!("heard {heard} of {most} times"),
        None if heard == 1 => "heard once".to_owned(),
        None => format!("heard {heard} times"),
    };
    view! {
        <li data-over=over.then_some("")>
            <p>{visible(&purpose).into_owned()}<span class="soft">{format!(" {}, {times}, ", visible(&by))}
                {if over { "over" } else { "good until " }}
                {(!over).then(|| view! { <time datetime=moment::machine(expires_ms)>{move || format!("{}, {}", zone.short_day(expires_ms), zone.clock(expires_ms))}</time> })}
            </span></p>
            {(!over).then(|| view! {
                <form method="post" action=RevokeLink::PATH on:submit=move |event| revoke.submit(&event)>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button type="submit" class="button quiet danger">"Revoke"</button>
                </form>
            }.into_any())}
        </li>
    }
    .into_any()
}
