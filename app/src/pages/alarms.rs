//! Alarms: what is raised now, what was, and the rules.

pub mod form;
pub mod told;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_meta::Title;

use self::{
    form::RulePane,
    told::{Notified, NotifyMe, WhereNotified},
};
use super::{screens::part_of_address, zone::Zone};
use crate::{
    access::Ability,
    api::alarms::{LoadAlarms, load_alarms},
    components::{
        Icon, Timer,
        loading::{Bones, NotLoaded},
        roving,
        trouble::Nothing,
    },
    live::Live,
    load, loaded,
    look::always,
    model::{
        PbxId, Viewer,
        alarms::{Alarm, AlarmRule, Alarms, Over, Raised},
    },
    sending::ask_packed,
    words::{
        alarm::{metric_word, says, value_word},
        clock, shortened,
        visible::NAME_CHARS,
    },
};

const LIST: &str = "/alarms";

/// What the address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    Nothing,
    New,
    One(i64),
}

/// The page.
#[component]
pub fn AlarmsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let sets_up = Memo::new(move |_| viewer.read().rights.has(Ability::SetUpQueues));
    let alarms = load(LoadAlarms::PATH, String::new(), load_alarms);
    let part = part_of_address(1);
    let chosen = Memo::new(move |_| match part.get().as_deref() {
        None => Chosen::Nothing,
        Some("new") => Chosen::New,
        Some(id) => id.parse().map_or(Chosen::Nothing, Chosen::One),
    });
    let raised = Memo::new(move |_| {
        let mut raised: Vec<_> = live
            .notes_of::<Raised>()
            .into_iter()
            .map(|(_, one)| one.0)
            .collect();
        raised.sort_by_key(|one| std::cmp::Reverse((one.raised, one.id)));
        raised
    });
    let notified = Notified::look();
    view! {
        <Title text="Alarms"/>
        <header class="page-head">
            <h1>"Alarms"</h1>
            <div class="page-verbs">
                <NotifyMe notified/>
                {move || sets_up.get().then(|| view! { <a class="button primary" href="/alarms/new"><Icon name="plus"/>"Add a rule"</a> })}
            </div>
        </header>
        <section class="alarms-now" aria-label="Raised now">
            <h2>"Raised now " <span class="count">{move || raised.read().len()}</span></h2>
            <ul class="rows">
                <For each=move || raised.get() key=|one| one.id let:one><Now alarm=one/></For>
            </ul>
            {move || raised.read().is_empty().then(|| view! { <p class="queue-none"><Icon name="check"/>"All is calm."</p> })}
        </section>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<Alarms>(&alarms.await) {
                    Ok(found) => {
                        let all = kept_up(found, chosen, raised);
                        (move || desk(&all.read(), chosen.get(), sets_up.get(), notified)).into_any()
                    }
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// Asked for again when the address changes, which it does after a change, and when an alarm comes or goes.
fn kept_up(found: Alarms, chosen: Memo<Chosen>, raised: Memo<Vec<Alarm>>) -> RwSignal<Alarms> {
    let all = RwSignal::new(found);
    Effect::new(move |before: Option<()>| {
        chosen.track();
        raised.track();
        if before.is_some() {
            spawn_local(async move {
                if let Ok(found) = loaded(&ask_packed(LoadAlarms::PATH, "").await) {
                    // the page may be gone
                    let _ = all.try_set(found);
                }
            });
        }
    });
    all
}

#[component]
fn Now(alarm: Alarm) -> impl IntoView {
    let href = format!(
        "/queues/{}/{}",
        alarm.pbx.0,
        crate::words::address::part(&alarm.queue)
    );
    view! {
        <li class="queue-row" data-state="alarm">
            <a class="queue-main" href=href>
                <svg class="icon" aria-hidden="true"><use href=crate::components::icon::shape("state-alarm")></use></svg>
                <span class="party">{says(&alarm)}</span>
                <span class="queue-notes">{shortened(&alarm.name, NAME_CHARS)}</span>
                <Timer pbx=alarm.pbx since_ms=always(alarm.raised.0)/>
            </a>
        </li>
    }
}

fn desk(all: &Alarms, chosen: Chosen, sets_up: bool, notified: Notified) -> impl IntoView + use<> {
    let pane = match chosen {
        _ if !sets_up => None,
        Chosen::Nothing => None,
        Chosen::New => Some(view! { <RulePane rule=None/> }.into_any()),
        Chosen::One(id) => {
            let rule = all.rules.iter().find(|rule| rule.id == Some(id)).cloned();
            Some(match rule {
                Some(rule) => view! { <RulePane rule=Some(rule)/> }.into_any(),
                None => view! {
                    <section class="pane" aria-label="Rule">
                        <a class="icon-button pane-close" href=LIST aria-label="Close"><Icon name="x"/></a>
                        <Nothing icon="search" title="This rule does not exist any more"><a class="button" href=LIST>"To the list"</a></Nothing>
                    </section>
                }.into_any(),
            })
        }
    };
    let open = if pane.is_some() { "open" } else { "closed" };
    let rules = all
        .rules
        .iter()
        .map(|rule| rule_row(rule, chosen))
        .collect::<Vec<_>>();
    let none = rules.is_empty();
    let log = all.log.clone();
    view! {
        <div class="desk" data-pane=open>
            <div class="desk-list alarms-lists">
                {sets_up.then(|| view! {
                    <section aria-label="Rules">
                        <h2>"Rules"</h2>
                        {if none {
                            view! {
                                <Nothing icon="bell" title="No rules yet">
                                    <p>"A rule says what is too much: callers waiting, a long wait, a poor service level, nobody free."</p>
                                    <a class="button primary" href="/alarms/new">"Add a rule"</a>
                                </Nothing>
                            }.into_any()
                        } else {
                            view! {
                                <div class="sheet-of-rows">
                                    <table class="list">
                                        <thead><tr><th scope="col">"Name"</th><th scope="col">"Raised at"</th><th scope="col">"Cleared at"</th><th scope="col">"Queues"</th></tr></thead>
                                        <tbody on:keydown=|event| { roving::moved(&event); }>{rules}</tbody>
                                    </table>
                                </div>
                            }.into_any()
                        }}
                    </section>
                })}
                <Log log/>
                <WhereNotified notified/>
            </div>
            {pane}
        </div>
    }
}

fn rule_row(rule: &AlarmRule, chosen: Chosen) -> AnyView {
    let here = rule.id.is_some_and(|id| chosen == Chosen::One(id));
    let limits = rule.limits;
    let queues = if rule.queues.is_empty() {
        "every queue".to_owned()
    } else {
        shortened(&rule.queues.join(", "), NAME_CHARS)
    };
    let sign = if limits.metric.alarms_below() {
        "≤"
    } else {
        "≥"
    };
    let back = if limits.metric.alarms_below() {
        "≥"
    } else {
        "≤"
    };
    view! {
        <tr class:chosen=here>
            <td class="who">
                <a class="row-link" data-cell href=format!("{LIST}/{}", rule.id.unwrap_or(0)) aria-current=here.then_some("true")>{shortened(&rule.name, NAME_CHARS)}</a>
                {(!rule.enabled).then(|| view! { " " <span class="chip">"off"</span> })}
            </td>
            <td>{format!("{} {sign} {}", metric_word(limits.metric), value_word(limits.metric, limits.raise))}</td>
            <td class="soft">{format!("{back} {}", value_word(limits.metric, limits.clear))}</td>
            <td class="soft">{queues}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Log(log: Vec<Alarm>) -> impl IntoView {
    let zone = Zone::of_the_browser();
    let none = log.is_empty();
    view! {
        <section aria-label="Log">
            <h2>"Log " <small class="soft">{move || format!("times in {}", zone.name())}</small></h2>
            {if none {
                view! { <p class="queue-none">"No alarm was raised yet."</p> }.into_any()
            } else {
                view! {
                    <div class="sheet-of-rows">
                        <table class="list">
                            <thead><tr><th scope="col">"Raised"</th><th scope="col">"What"</th><th scope="col">"Lasted"</th><th scope="col">"Rule"</th></tr></thead>
                            <tbody>{log.into_iter().map(|one| log_row(one, zone)).collect_view()}</tbody>
                        </table>
                    </div>
                }.into_any()
            }}
        </section>
    }
    .into_any()
}

fn log_row(alarm: Alarm, zone: Zone) -> impl IntoView {
    let raised_ms = alarm.raised.0;
    let lasted = match alarm.cleared {
        None => "raised now".to_owned(),
        Some((at, value, why)) => {
            let how = match (why, value) {
                (Over::Calm, Some(value)) => format!(", cleared at {}", value_word(alarm.metric, value)),
                (Over::Calm, None) => String::new(),
                (Over::Rule, _) => ", rule changed".to_owned(),
                (Over::Queue, _) => ", queue gone".to_owned(),
            };
            format!("{}{how}", clock(at.since_ms(alarm.raised)))
        }
    };
    view! {
        <tr>
            <td class="number">{move || zone.day_and_clock(raised_ms)}</td>
            <td>{says(&alarm)}</td>
            <td class="soft">{lasted}</td>
            <td class="soft">{format!("{} (v{})", shortened(&alarm.name, NAME_CHARS), alarm.version)}</td>
        </tr>
    }
}

/// The name of a PBX, for choosing.
pub(crate) fn pbx_names(live: &Live) -> Vec<(PbxId, String)> {
    let keys = untrack(|| live.pbxs.keys());
    keys.into_iter()
        .filter_map(|id| live.pbxs.peek(&id, |row| (id, shortened(&row.name, NAME_CHARS))))
        .collect()
}
