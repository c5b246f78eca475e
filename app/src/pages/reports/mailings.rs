//! This report by mail: when, to whom, and what came of the last one.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::mailing::{BeginMailing, EndMailing, LoadMailings, SendMailing, load_mailings},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    load_by, loaded,
    model::mailing::{Every, Mailing, Mailings},
    pages::history::{Desk, asked::BY, said::after},
    sending::Sending,
    words::{moment, shortened, visible::NAME_CHARS},
};

/// Kinds of file, by the word in the form.
const FORMATS: [(&str, &str); 3] = [("pdf", "PDF"), ("xlsx", "Excel"), ("csv", "CSV")];
/// When people begin to work.
const USUAL_TIME: &str = "07:00";

/// The form, and those that there are.
#[component]
pub fn ByMail() -> impl IntoView {
    let found = load_by(LoadMailings::PATH, String::new, |_: String| async move {
        load_mailings().await
    });
    let changed = Callback::new(move |()| found.refetch());
    view! {
        <section class="report-mail" aria-labelledby="by-mail">
            <h2 id="by-mail">"By mail"</h2>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let Mailings { domains, all } = loaded::<Mailings>(&found.await).unwrap_or_default();
                    if domains.is_empty() {
                        return view! { <p class="soft">"No mail server is set up: whoever runs this server does that in its settings."</p> }.into_any();
                    }
                    let count = all.len();
                    view! {
                        <Form domains changed/>
                        {(count > 0).then(|| view! { <All all changed/> })}
                    }
                    .into_any()
                })}
            </Transition>
        </section>
    }
    .into_any()
}

#[component]
fn Form(domains: Vec<String>, changed: Callback<()>) -> impl IntoView {
    let Desk { asked, zone, .. } = expect_context::<Desk>();
    let begin = Sending::to::<BeginMailing>();
    after(begin, changed);
    let problem = Signal::derive(move || problem_of_form(begin.problem().as_ref(), &[]));
    let every = Every::ALL.map(|(_, word, told)| view! { <option value=word>{told}</option> }.into_any());
    let formats = FORMATS.map(|(word, told)| view! { <option value=word>{told}</option> }.into_any());
    let help = format!("Behind the @: {}. Several with commas.", domains.join(", "));
    view! {
        <form class="report-mail-form" method="post" action=BeginMailing::PATH on:submit=move |event| begin.submit(&event)>
            <input type="hidden" name="address" value=move || asked.read().resting().address()/>
            <input type="hidden" name="zone" value=move || zone.name()/>
            <div class="field"><label for="mail-every">"Send this report"</label><select id="mail-every" name="every">{every.into_iter().collect_view()}</select></div>
            <div class="field"><label for="mail-at">"At"</label><input id="mail-at" type="time" name="at" required value=USUAL_TIME/></div>
            <div class="field"><label for="mail-format">"As"</label><select id="mail-format" name="format">{formats.into_iter().collect_view()}</select></div>
            <div class="field">
                <label for="mail-to">"To"</label>
                <input id="mail-to" type="text" name="to" inputmode="email" autocomplete="off" required maxlength="1000" aria-describedby="mail-to-help"/>
            </div>
            <button type="submit" class="button" disabled=move || begin.pending.get()><Icon name="plus"/>"Begin"</button>
            <p class="field-help" id="mail-to-help">{help}</p>
            <FormProblem problem/>
        </form>
    }
    .into_any()
}

#[component]
fn All(all: Vec<Mailing>, changed: Callback<()>) -> impl IntoView {
    let send = Sending::to::<SendMailing>();
    let end = Sending::to::<EndMailing>();
    after(send, changed);
    after(end, changed);
    let problem = Signal::derive(move || problem_of_form(send.problem().or(end.problem()).as_ref(), &[]));
    let rows: Vec<AnyView> = all.into_iter().map(|one| row(one, send, end)).collect();
    view! {
        <div class="sheet-of-rows">
            <table class="list">
                <thead><tr>
                    <th scope="col">"Report"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"To"</th>
                    <th scope="col">"Last"</th>
                    <th scope="col"><span class="unseen">"Verbs"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <FormProblem problem/>
    }
    .into_any()
}

/// What a report's address asks for, in short.
fn name(address: &str) -> String {
    let words = address.split_once('?').map_or("", |(_, words)| words);
    let by = words.split('&').find_map(|pair| pair.strip_prefix("by="));
    let by = BY.iter().find(|(word, ..)| Some(*word) == by);
    let (_, _, by) = by.copied().unwrap_or(BY[0]);
    let is_all = words
        .split('&')
        .all(|pair| pair.is_empty() || pair.starts_with("by=") || pair.starts_with("time="));
    if is_all {
        by.title()
    } else {
        format!("{}, some", by.title())
    }
}

fn row(one: Mailing, send: Sending, end: Sending) -> AnyView {
    let Desk { zone, .. } = expect_context::<Desk>();
    let id = one.id.to_string();
    let name = name(&one.address);
    let at = format!("{:02}:{:02}", one.at_minute / 60, one.at_minute % 60);
    let format = FORMATS.iter().find(|(word, _)| *word == one.format);
    let format = format.map_or("", |(_, told)| told);
    let local = move |at_ms| format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms));
    let last = match (one.sent_ms, one.trouble.is_empty()) {
        (_, false) => view! {
            <span class="chip partial">"not sent"</span>" "{one.trouble}
            {(one.tries > 0).then(|| view! { ". Tried again "{move || local(one.try_ms)}"." })}
        }
        .into_any(),
        (Some(sent_ms), true) => {
            view! { <time datetime=moment::machine(sent_ms)>{move || local(sent_ms)}</time> }.into_any()
        }
        (None, true) => {
            view! { <span class="soft">"None yet; the first "{move || local(one.due_ms)}</span> }.into_any()
        }
    };
    let to = shortened(&one.to.join(", "), NAME_CHARS * 2);
    let report = name.clone();
    let verb = move |sending: Sending, label: &'static str, icon: &'static str| {
        let id = id.clone();
        let what = format!("{label}: {report}");
        view! {
            <form method="post" action=sending.path on:submit=move |event| sending.submit(&event)>
                <input type="hidden" name="id" value=id/>
                <button type="submit" class="button quiet" aria-label=what disabled=move || sending.pending.get()><Icon name=icon/>{label}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row"><a class="row-link" href=one.address>{name}</a>" "<span class="soft">{format}</span></th>
            <td>{one.every.told()}", "{at}" "<span class="soft">{one.zone}</span></td>
            <td>{to}</td>
            <td>{last}</td>
            <td class="report-mail-verbs">{verb(send, "Send now", "arrow-right")}{verb(end, "End", "x")}</td>
        </tr>
    }
    .into_any()
}
