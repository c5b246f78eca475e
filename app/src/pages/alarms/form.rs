//! The form of one rule.

use leptos::prelude::*;
use telephony::alarm::Metric;

use super::{LIST, pbx_names};
use crate::{
    api::alarms::{DeleteAlarmRule, SaveAlarmRule},
    components::{
        Icon,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
    },
    live::Live,
    model::alarms::{AlarmRule, MAX_NAME_CHARS},
    sending::Sending,
    words::{alarm::metric_word, shortened, visible::NAME_CHARS},
};

const FIELDS: [&str; 10] = [
    "name",
    "scope",
    "metric",
    "raise",
    "clear",
    "hold_s",
    "window_min",
    "quiet_from",
    "quiet_to",
    "zone",
];

/// What a metric's numbers mean.
fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Waiting => "callers",
        Metric::LongestWait | Metric::LongTalk | Metric::LongPause => "seconds",
        Metric::ServiceLevel => "per cent",
        Metric::AgentsFree => "agents",
    }
}

/// The pane of a rule; None for a new one.
#[component]
pub fn RulePane(rule: Option<AlarmRule>) -> impl IntoView {
    let live = expect_context::<Live>();
    let save = Sending::to::<SaveAlarmRule>();
    let delete = Sending::to::<DeleteAlarmRule>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || {
        let failed = save.problem().or_else(|| delete.problem());
        problem_of_form(failed.as_ref(), &FIELDS)
    });
    let known = rule.is_some();
    let id = rule.as_ref().and_then(|rule| rule.id).unwrap_or(0);
    let title = rule.as_ref().map_or_else(
        || "Add a rule".to_owned(),
        |rule| shortened(&rule.name, NAME_CHARS),
    );
    let label = title.clone();
    let metric = RwSignal::new(rule.as_ref().map_or(Metric::Waiting, |rule| rule.limits.metric));
    let number = |read: fn(&AlarmRule) -> u32, new: &str| {
        rule.as_ref()
            .map_or_else(|| new.to_owned(), |rule| read(rule).to_string())
    };
    let time = |minute: Option<u32>| {
        minute.map_or_else(String::new, |minute| {
            format!("{:02}:{:02}", minute / 60, minute % 60)
        })
    };
    let quiet = rule.as_ref().and_then(|rule| rule.quiet);
    let zone = rule.as_ref().map(|rule| rule.zone.clone());
    let scope = rule.as_ref().map(|rule| match rule.queues.first() {
        Some(queue) => format!("{}/{queue}", rule.pbx.0),
        None => rule.pbx.0.to_string(),
    });
    let pbxs = pbx_names(&live);
    let several = pbxs.len() > 1;
    let queues = untrack(|| live.queues.keys());
    let mut scopes: Vec<(String, String)> = Vec::new();
    for (pbx, name) in &pbxs {
        let on = if several {
            format!(" of {name}")
        } else {
            String::new()
        };
        scopes.push((pbx.0.to_string(), format!("Every queue{on}")));
        for (_, queue) in queues.iter().filter(|(of, _)| of == pbx) {
            scopes.push((
                format!("{}/{queue}", pbx.0),
                format!("{}{on}", shortened(queue, NAME_CHARS)),
            ));
        }
    }
    if let Some(scope) = scope
        .as_ref()
        .filter(|scope| !scopes.iter().any(|(known, _)| known == *scope))
    {
        scopes.push((
            scope.clone(),
            format!("{} (not there now)", shortened(scope, NAME_CHARS)),
        ));
    }
    let hint = move || {
        if metric.get().alarms_below() {
            "or fewer raises it"
        } else {
            "or more raises it"
        }
    };
    let zone_field = NodeRef::<leptos::html::Input>::new();
    let is_new_zone = zone.is_none();
    Effect::new(move |_| {
        // a new rule keeps the hours of whoever makes it
        if let Some(field) = zone_field.get().filter(|_| is_new_zone) {
            field.set_value(&crate::notifications::zone());
        }
    });
    view! {
        <section class="pane" aria-label=label>
            <header class="pane-head"><h2>{title}</h2></header>
            <a class="icon-button pane-close" href=LIST aria-label="Close" title="Close (Esc)"><Icon name="x"/></a>
            <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="id" value=id.to_string()/>
                <TextField name="name" label="Name" problem=of("name") value=rule.as_ref().map_or_else(String::new, |rule| rule.name.clone())
                    required=true maxlength=MAX_NAME_CHARS as u32 autofocus=!known/>
                <div class="field">
                    <label for="scope">"Queue"</label>
                    <select id="scope" name="scope" aria-describedby="scope-problem">
                        {scopes.into_iter().map(|(value, name)| {
                            let selected = scope.as_ref() == Some(&value);
                            view! { <option value=value selected=selected>{name}</option> }
                        }).collect_view()}
                    </select>
                    <Problem id="scope-problem" problem=of("scope")/>
                </div>
                <div class="field">
                    <label for="metric">"What"</label>
                    <select id="metric" name="metric" aria-describedby="metric-problem"
                        on:change=move |event| metric.set(Metric::of_slug(&event_target_value(&event)).unwrap_or(Metric::Waiting))>
                        {Metric::EVERY.into_iter().map(|one| view! {
                            <option value=one.slug() selected=metric.get_untracked() == one>{format!("{} ({})", metric_word(one), unit(one))}</option>
                        }).collect_view()}
                    </select>
                    <Problem id="metric-problem" problem=of("metric")/>
                </div>
                <div class="fields-in-row">
                    <TextField name="raise" label="Raise at" kind="number" problem=of("raise") value=number(|rule| rule.limits.raise, "5") required=true/>
                    <TextField name="clear" label="Clear at" kind="number" problem=of("clear") value=number(|rule| rule.limits.clear, "2") required=true/>
                    <TextField name="hold_s" label="For seconds" kind="number" problem=of("hold_s") value=number(|rule| rule.limits.hold_s, "10")/>
                </div>
                <p class="field-help">{move || format!("So many {} {}; it is cleared at the other value, and each has to last so many seconds: what comes and goes between the two is no alarm.", unit(metric.get()), hint())}</p>
                <TextField name="window_min" label="Over the last minutes (service level)" kind="number" problem=of("window_min") value=number(|rule| rule.window_min, "30")/>
                <fieldset class="field">
                    <legend class="label">"Quiet hours"</legend>
                    <div class="fields-in-row">
                        <TextField name="quiet_from" label="From" kind="time" problem=of("quiet_from") value=time(quiet.map(|(from, _)| from))/>
                        <TextField name="quiet_to" label="To" kind="time" problem=of("quiet_to") value=time(quiet.map(|(_, to)| to))/>
                        <div class="field">
                            <label for="zone">"Time zone"</label>
                            <input id="zone" name="zone" type="text" autocomplete="off" spellcheck="false" maxlength="64" node_ref=zone_field
                                value=zone.unwrap_or_else(|| "UTC".to_owned()) aria-describedby="zone-problem"/>
                            <Problem id="zone-problem" problem=of("zone")/>
                        </div>
                    </div>
                    <p class="field-help">"Nothing is raised then. What is still so when they end is raised at that moment."</p>
                </fieldset>
                <label class="choice">
                    <input type="checkbox" name="enabled" value="true" checked=rule.as_ref().is_none_or(|rule| rule.enabled)/>
                    "Watch this"
                </label>
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || save.pending.get()>{if known { "Save" } else { "Add" }}</button>
                    <a class="button quiet" href=LIST>"Cancel"</a>
                </div>
            </form>
            {known.then(|| view! {
                <details class="danger-fold">
                    <summary>"Remove this rule"</summary>
                    <form class="form" method="post" action=delete.path on:submit=move |event| delete.submit(&event)>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <p>"What it has raised is over at once. The log stays."</p>
                        <div class="form-end"><button type="submit" class="button danger" disabled=move || delete.pending.get()><Icon name="trash-2"/>"Remove it"</button></div>
                    </form>
                </details>
            })}
        </section>
    }
    .into_any()
}
