//! One call that is over, opened: who was on it, drawn and told.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use telephony::{LegRole, LegState, Timestamp};

use super::{
    Desk,
    asked::PAGE,
    lanes,
    recordings::Recordings,
    said::{Disposition, Notes, Tags},
    words,
};
use crate::{
    AppError,
    access::Ability,
    api::{
        history::{LoadCall, load_call},
        recording::{LoadCallRecordings, load_call_recordings},
    },
    components::{
        Icon,
        icon::shape,
        trouble::{Nothing, capitalised},
    },
    load_by, loaded,
    model::{
        Viewer,
        history::{CallEvent, CallTold},
        recording::CallRecordings,
    },
    packed::{pack, unpack},
    pages::records,
    words::{
        address, cause::cause_words, clock, duration::machine, evidence, moment, party::party_number,
        party_name, story, visible,
    },
};

/// The pane beside the list; where there is little room it is the whole page.
#[component]
pub fn PastCallPane(id: i64) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let found = load_by(
        LoadCall::PATH,
        // our own types always pack
        move || pack(&id).unwrap_or_default(),
        |asked: String| async move { load_call(unpack(&asked).unwrap_or_default()).await },
    );
    let changed = Callback::new(move |()| found.refetch());
    let viewer = expect_context::<RwSignal<Viewer>>();
    let hears = viewer.read_untracked().rights.has(Ability::HearRecordings);
    // whoever may not is not refused for each call that they open
    let recordings = hears.then(|| {
        load_by(
            LoadCallRecordings::PATH,
            move || pack(&id).unwrap_or_default(),
            |asked: String| async move { load_call_recordings(unpack(&asked).unwrap_or_default()).await },
        )
    });
    view! {
        <section class="pane" aria-label="Call">
            <a class="pane-close icon-button" href=move || asked.read().opening(None).address() aria-label="Close the call's pane" title="Close (Esc)">
                <Icon name="x"/>
            </a>
            <Transition fallback=|| view! { <div class="skeleton"><div class="bone-title"></div><div class="bone"></div></div> }>
                {move || Suspend::new(async move {
                    let recordings = match recordings {
                        Some(recordings) => loaded::<CallRecordings>(&recordings.await),
                        None => Ok(CallRecordings::default()),
                    };
                    match loaded::<CallTold>(&found.await) {
                        Ok(told) => view! { <Told told recordings changed/> }.into_any(),
                        Err(error) => view! {
                            <Title text="Call"/>
                            <Nothing icon="phone-off" title=capitalised(&error.to_string())>
                                <p>"It may be a call that you do not see."</p>
                                <a class="button" href=PAGE>"All calls"</a>
                            </Nothing>
                        }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Told(
    told: CallTold,
    recordings: Result<CallRecordings, AppError>,
    changed: Callback<()>,
) -> impl IntoView {
    let Desk { zone, .. } = expect_context::<Desk>();
    let row = &told.row;
    let title = words::between(row);
    let (slug, word) = words::result(row.result);
    let (icon, way) = words::way(row.direction);
    let at_ms = row.started.0;
    let facts = words::facts(row)
        .into_iter()
        .map(|(what, value)| view! { <div><dt>{what}</dt><dd>{value}</dd></div> });
    let facts = facts.collect_view();
    let call_back = (row.caller.extension.is_none() && !row.caller.number.is_empty()).then(
        || view! { <a class="button" href=address::dial(&row.caller.number)><Icon name="phone"/>"Call"</a> },
    );
    let legs = told
        .legs
        .iter()
        .filter(|leg| leg.role != LegRole::Internal)
        .map(|leg| {
            let cause = match leg.state {
                LegState::Ended(cause) => cause_words(cause),
                _ => party_number(&leg.party),
            };
            let answered = leg
                .answered
                .map(|at| format!("up after {}", clock(at.since_ms(row.started))));
            view! {
                <li class="leg" data-state="ended">
                    <span class="soft">{answered.unwrap_or_else(|| "not answered".into())}</span>
                    <span class="party">{party_name(&leg.party)}</span>
                    <span class="leg-note">{cause}</span>
                </li>
            }
            .into_any()
        });
    let legs = legs.collect_view();
    let began = told.story.first().map_or(row.started, |first| first.at);
    let story = told.story.iter().map(|one| {
        let (sentence, icon) = story::moment(&one.what);
        let at_ms = one.at.since_ms(began);
        let told = evidence::of(one, &told.events);
        view! { <li><Icon name=icon/><span>{sentence}{told_by(&told, began)}</span><time datetime=machine(at_ms)>{clock(at_ms)}</time></li> }.into_any()
    });
    let story = story.collect_view();
    let mut technical = vec![format!("call {}", visible(&row.call.0))];
    technical.extend(
        told.legs
            .iter()
            .map(|leg| format!("{} {}", visible(&leg.channel), visible(&leg.id.0))),
    );
    technical.extend(told.events.iter().map(|event| line(event, began)));
    let records = told.records.map(|id| {
        let asked = records::asked::Asked::default().opening(Some(id));
        view! { <p><a href=asked.address()>"Asterisk's own records of it"</a></p> }.into_any()
    });
    view! {
        <Title text=format!("{title} · Calls")/>
        <header class="pane-head">
            <h2>{title.clone()}</h2>
            <p class="pane-state">
                <span class="state" data-state=slug>
                    <svg class="icon" aria-hidden="true"><use href=shape(&["state-", slug].concat())></use></svg>
                    <span class="state-word">{word}</span>
                </span>
            </p>
            <p class="soft history-when">
                <Icon name=icon/>{way}", "
                <time datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time>
            </p>
        </header>
        {words::unseen(row.marks).map(|unseen| view! { <p class="not-seen">{unseen}</p> })}
        <Tags id=row.id tags=told.tags.clone() known=told.known_tags.clone() changed/>
        <Disposition id=row.id said=row.disposition.clone() words=told.dispositions.clone() changed/>
        {call_back.map(|button| view! { <div class="pane-verbs">{button}</div> })}
        <dl class="facts">{facts}</dl>
        <Recordings call=row.id found=recordings/>
        {lanes::drawn(&told)}
        {(!told.legs.is_empty()).then(|| view! { <h3>"Who was on it"</h3><ul class="legs">{legs}</ul> })}
        <h3>"What happened"</h3>
        {if told.unreadable {
            view! { <p class="soft">"Its story was written by another version and cannot be read."</p> }.into_any()
        } else {
            view! { <ol class="story">{story}</ol> }.into_any()
        }}
        <Notes id=row.id notes=told.notes.clone() changed/>
        <details class="technical">
            <summary>"Technical details"</summary>
            {records}
            <pre>{technical.join("\n")}</pre>
        </details>
    }
    .into_any()
}

/// A channel event in a line: when, counted from where the call began, what, and of which channel.
fn line(event: &CallEvent, began: Timestamp) -> String {
    let at_ms = event.at.since_ms(began);
    let mut words = vec![
        format!("{}.{:03}", clock(at_ms), at_ms % 1_000),
        visible(&event.name).into_owned(),
        visible(&event.channel).into_owned(),
    ];
    let more = [&event.application, &event.data, &event.peer, &event.extra];
    let more = more.into_iter().filter(|text| !text.is_empty());
    words.extend(more.map(|text| visible(text).into_owned()));
    words.join(" ")
}

/// The channel events that tell of a moment.
fn told_by(events: &[&CallEvent], began: Timestamp) -> Option<AnyView> {
    let lines: Vec<String> = events.iter().map(|event| line(event, began)).collect();
    let words = match lines.len() {
        0 => return None,
        1 => "1 event".to_owned(),
        many => format!("{many} events"),
    };
    Some(
        view! { <details class="told-by"><summary title="What Asterisk's channels told of it">{words}</summary><pre>{lines.join("\n")}</pre></details> }
            .into_any(),
    )
}
