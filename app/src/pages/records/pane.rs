//! One row opened: what the records say beside what was seen.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{Desk, asked::PAGE, rows::state, words};
use crate::{
    api::records::{LoadRecord, load_record},
    components::{
        Icon,
        trouble::{Nothing, capitalised},
    },
    load_by, loaded,
    model::{
        history::CallRow,
        records::{RecordShown, RecordsTold},
    },
    packed::{pack, unpack},
    pages::{
        history::{asked::Asked as Calls, words as calls},
        zone::Zone,
    },
    words::{clock, moment, shortened, visible, visible::NAME_CHARS},
};

/// The pane beside the list; where there is little room it is the whole page.
#[component]
pub fn RecordsPane(id: i64) -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let found = load_by(
        LoadRecord::PATH,
        // our own types always pack
        move || pack(&id).unwrap_or_default(),
        |asked: String| async move { load_record(unpack(&asked).unwrap_or_default()).await },
    );
    view! {
        <section class="pane" aria-label="Records">
            <a class="pane-close icon-button" href=move || asked.read().opening(None).address() aria-label="Close the pane" title="Close (Esc)">
                <Icon name="x"/>
            </a>
            <Transition fallback=|| view! { <div class="skeleton"><div class="bone-title"></div><div class="bone"></div></div> }>
                {move || Suspend::new(async move {
                    match loaded::<RecordsTold>(&found.await) {
                        Ok(told) => view! { <Told told/> }.into_any(),
                        Err(error) => view! {
                            <Title text="Call records"/>
                            <Nothing icon="phone-off" title=capitalised(&error.to_string())>
                                <p>"Records may have been held against calls anew since."</p>
                                <a class="button" href=PAGE>"All of them"</a>
                            </Nothing>
                        }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

/// A moment, with its day.
fn when(zone: Zone, at_ms: u64) -> AnyView {
    view! {
        <time class="number" datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time>
    }
    .into_any()
}

#[component]
fn Told(told: RecordsTold) -> impl IntoView {
    let Desk { zone, .. } = expect_context::<Desk>();
    let (slug, word, means) = words::class(told.row.class);
    let title = words::title(&told.row);
    let ours = told.row.call.as_ref().map(|call| ours(call, zone));
    let count = told.records.len();
    let records = told
        .records
        .iter()
        .map(|record| theirs(record, zone))
        .collect_view();
    view! {
        <Title text=format!("{title} · Call records")/>
        <header class="pane-head">
            <h2>{title.clone()}</h2>
            <p class="pane-state">{state(slug, word)}</p>
        </header>
        <p class="not-seen">{means}</p>
        <h3>"The call here"</h3>
        {ours.unwrap_or_else(|| view! { <p class="soft">"There is none."</p> }.into_any())}
        <h3>{format!("What Asterisk recorded: {}", words::records(count as u64))}</h3>
        <ol class="records-told">{records}</ol>
    }
    .into_any()
}

fn ours(call: &CallRow, zone: Zone) -> AnyView {
    let (slug, word) = calls::result(call.result);
    let facts = calls::facts(call)
        .into_iter()
        .map(|(what, value)| view! { <div><dt>{what}</dt><dd>{value}</dd></div> });
    let facts = facts.collect_view();
    let address = Calls::default().opening(Some(call.id)).address();
    view! {
        <dl class="facts">
            <div><dt>"Began"</dt><dd>{when(zone, call.started.0)}</dd></div>
            <div><dt>"Result"</dt><dd>{state(slug, word)}</dd></div>
            {facts}
        </dl>
        {calls::unseen(call.marks).map(|unseen| view! { <p class="soft">{unseen}</p> })}
        <div class="pane-verbs"><a class="button" href=address><Icon name="phone"/>"Open the call"</a></div>
    }
    .into_any()
}

fn theirs(record: &RecordShown, zone: Zone) -> AnyView {
    let short = |text: &str| shortened(text, NAME_CHARS);
    let answered = record.answer.map(|at| {
        let after = clock(at.since_ms(record.start));
        view! { <div><dt>"Answered"</dt><dd>{format!("after {after}, billed {}", clock(record.billable_s * 1_000))}</dd></div> }
    });
    let doubt = record.doubtful.then(|| {
        view! { <p class="soft">"Clocks show this hour twice, or never, and nothing in the record says which time it was."</p> }
    });
    let mut technical = vec![
        format!("channel {}", visible(&record.channel)),
        format!("to {}", visible(&record.dest_channel)),
        format!("context {}", visible(&record.context)),
        format!("unique id {}", visible(&record.uniqueid)),
    ];
    technical.extend(record.sequence.map(|sequence| format!("sequence {sequence}")));
    for (name, text) in [
        ("user field", &record.user_field),
        ("recording", &record.recording),
    ] {
        if !text.is_empty() {
            technical.push(format!("{name} {}", visible(text)));
        }
    }
    view! {
        <li>
            <p><strong>{short(&record.disposition)}</strong>" "<span>{format!("{} → {}", short(&record.src), short(&record.dst))}</span></p>
            <dl class="facts">
                <div><dt>"Began"</dt><dd>{when(zone, record.start.0)}</dd></div>
                <div><dt>"Took"</dt><dd>{clock(record.duration_s * 1_000)}</dd></div>
                {answered}
                <div><dt>"Caller"</dt><dd>{short(&record.caller_id)}</dd></div>
                <div><dt>"Last did"</dt><dd>{words::application(record)}</dd></div>
                <div><dt>"Told by"</dt><dd>{words::told_by(record)}</dd></div>
            </dl>
            {doubt}
            <details class="technical"><summary>"Technical details"</summary><pre>{technical.join("\n")}</pre></details>
        </li>
    }
    .into_any()
}
