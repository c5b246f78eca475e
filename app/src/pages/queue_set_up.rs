//! What is set up of queues: how each is counted and what follows a call, and why agents pause.

pub mod reasons;
pub mod rules;

use std::sync::Arc;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{reasons::ReasonPane, rules::RulesPane};
use super::people::Pane;
use crate::{
    access::{Ability, About, QueueOn, Reach},
    api::queues::{LoadQueueSetUp, load_queue_set_up},
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        roving,
        trouble::Nothing,
    },
    live::Live,
    load, loaded,
    model::{
        PbxId, Viewer,
        queues::{PauseReason, QueueRules, QueueSetUp},
    },
    words::{address, shortened, visible::NAME_CHARS},
};

/// Where it is.
const PAGE: &str = "/queues/set-up";

/// What is open beside the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Chosen {
    /// Only the list.
    Nothing,
    /// The rules of a queue.
    Queue(QueueOn),
    /// A pause reason; None for one to be made.
    Reason(Option<i64>),
}

/// The page.
#[component]
pub fn QueueSetUpPage() -> impl IntoView {
    let parameters = use_query_map();
    let chosen = Memo::new(move |_| {
        let parameters = parameters.read();
        let queue = parameters.get_str("queue").and_then(|text| {
            let (pbx, name) = text.split_once('/')?;
            Some((PbxId(pbx.parse().ok()?), name.to_owned()))
        });
        match (queue, parameters.get_str("reason")) {
            (Some(queue), _) => Chosen::Queue(queue),
            (None, Some("new")) => Chosen::Reason(None),
            (None, Some(id)) => Chosen::Reason(Some(id.parse().unwrap_or(-1))),
            (None, None) => Chosen::Nothing,
        }
    });
    let set_up = load(LoadQueueSetUp::PATH, String::new(), load_queue_set_up);
    // what was open may have been changed; while it is open what somebody types stays
    let looked_again = move |now: &Chosen, _: Option<&Chosen>, _| {
        if *now == Chosen::Nothing {
            set_up.refetch();
        }
    };
    Effect::watch(move || chosen.get(), looked_again, false);
    view! {
        <Title text="Queues: set up"/>
        <header class="page-head">
            <h1>"Targets and reasons"</h1>
            <div class="page-verbs">
                <a class="button" href="/figures"><Icon name="chart"/>"Figures"</a>
            </div>
        </header>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<QueueSetUp>(&set_up.await) {
                    Ok(found) => view! { <Desk found chosen/> }.into_any(),
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Desk(found: QueueSetUp, chosen: Memo<Chosen>) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let rights = viewer.with_untracked(|viewer| viewer.rights.clone());
    let mut found = found;
    found
        .queues
        .retain(|rules| rights.allow(Ability::SetUpQueues, rules.queue.0, &About::queue(&rules.queue.1)));
    let every = rights.reach(Ability::SetUpQueues) >= Reach::All;
    let found = Arc::new(found);
    let (all_queues, all_reasons) = (found.clone(), found.clone());
    // what is drawn may be looked at once more while the page is left
    let chosen = move || chosen.try_get().unwrap_or(Chosen::Nothing);
    let pane = move || {
        let gone = |what: &'static str| {
            view! {
                <Pane title="Not there".into() back=PAGE>
                    <Nothing icon="search" title=format!("This {what} is not there, or not yours to set up")>
                        <a class="button" href=PAGE>"To the list"</a>
                    </Nothing>
                </Pane>
            }
            .into_any()
        };
        match chosen() {
            Chosen::Nothing => None,
            Chosen::Queue(queue) => {
                let rules = found.queues.iter().find(|one| one.queue == queue).cloned();
                Some(rules.map_or_else(|| gone("queue"), |rules| view! { <RulesPane rules/> }.into_any()))
            }
            Chosen::Reason(_) if !every => Some(gone("reason")),
            Chosen::Reason(None) => Some(view! { <ReasonPane reason=None/> }.into_any()),
            Chosen::Reason(Some(id)) => {
                let reason = found.reasons.iter().find(|one| one.id == Some(id)).cloned();
                Some(reason.map_or_else(
                    || gone("reason"),
                    |reason| view! { <ReasonPane reason=Some(reason)/> }.into_any(),
                ))
            }
        }
    };
    let open = move || {
        if chosen() == Chosen::Nothing {
            "closed"
        } else {
            "open"
        }
    };
    view! {
        <div class="desk" data-pane=open>
            <div class="desk-list set-up-lists">
                <section aria-label="Queues"><h2>"Queues"</h2>{move || queues(&all_queues.queues, &chosen())}</section>
                <section aria-label="Pause reasons">
                    <header class="page-head">
                        <h2>"Pause reasons"</h2>
                        {every.then(|| view! { <a class="button" href=format!("{PAGE}?reason=new")><Icon name="plus"/>"Add a reason"</a> })}
                    </header>
                    {move || reasons(&all_reasons.reasons, &chosen(), every)}
                </section>
            </div>
            {pane}
        </div>
    }
    .into_any()
}

/// The address of a queue's rules.
fn of_queue((pbx, name): &QueueOn) -> String {
    address::with_search(PAGE, &format!("queue={}%2F{}", pbx.0, address::part(name)))
}

fn queues(all: &[QueueRules], chosen: &Chosen) -> AnyView {
    if all.is_empty() {
        return view! {
            <div class="sheet-of-rows">
                <Nothing icon="headset" title="No queues yet">
                    <p>"A queue appears here as soon as a PBX shows it."</p>
                </Nothing>
            </div>
        }
        .into_any();
    }
    let live = expect_context::<Live>();
    let several = untrack(|| live.pbxs.len()) > 1;
    let rows = all.iter().map(|rules| {
        let here = *chosen == Chosen::Queue(rules.queue.clone());
        let on = live.pbxs.peek(&rules.queue.0, |row| row.name.clone()).filter(|_| several);
        let wrap_up = match rules.wrap_up_s {
            0 => "none".to_owned(),
            seconds => format!("{seconds} s"),
        };
        view! {
            <tr class:chosen=here>
                <td class="who"><a class="row-link" data-cell href=of_queue(&rules.queue) aria-current=here.then_some("true")>{shortened(&rules.queue.1, NAME_CHARS)}</a>
                    <span class="soft">{on.unwrap_or_default()}</span></td>
                <td class="number"><span class="set-up-word">"Target "</span>{rules.target_s}" s"</td>
                <td class="number"><span class="set-up-word">"At once "</span>{rules.short_abandon_s}" s"</td>
                <td class="number"><span class="set-up-word">"Wrap-up "</span>{wrap_up}</td>
                <td class="soft">{shortened(&rules.dispositions.join(", "), 80)}</td>
            </tr>
        }
        .into_any()
    });
    table(
        &[
            "Queue",
            "Target",
            "At once under",
            "Wrap-up",
            "What is said of a call",
        ],
        rows.collect(),
    )
}

fn reasons(all: &[PauseReason], chosen: &Chosen, every: bool) -> AnyView {
    if all.is_empty() {
        return view! {
            <div class="sheet-of-rows">
                <Nothing icon="pause" title="No reasons yet">
                    <p>"Agents say why they pause by one of these words, and figures count each apart, paid or not."</p>
                    {every.then(|| view! { <a class="button primary" href=format!("{PAGE}?reason=new")>"Add a reason"</a> })}
                </Nothing>
            </div>
        }
        .into_any();
    }
    let rows = all.iter().map(|reason| {
        let here = reason.id.is_some() && *chosen == Chosen::Reason(reason.id);
        let name = shortened(&reason.name, NAME_CHARS);
        let link = reason.id.filter(|_| every).map(|id| format!("{PAGE}?reason={id}"));
        let name = match link {
            Some(link) => view! { <a class="row-link" data-cell href=link aria-current=here.then_some("true")>{name}</a> }.into_any(),
            None => view! { <span>{name}</span> }.into_any(),
        };
        let most = reason.most_s.map_or_else(|| "no limit".to_owned(), |most_s| format!("at most {} min", most_s / 60));
        view! {
            <tr class:chosen=here data-retired=reason.retired.then_some("")>
                <td class="who"><span class="reason-hue" data-colour=reason.colour.slug()></span>{name}</td>
                <td>{if reason.paid { "Paid" } else { "Unpaid" }}</td>
                <td class="number">{most}</td>
                <td class="soft">{reason.retired.then_some("Not offered any more")}</td>
            </tr>
        }
        .into_any()
    });
    table(&["Reason", "Paid", "Longest", "State"], rows.collect())
}

fn table(heads: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    let heads = heads.iter().map(|head| view! { <th scope="col">{*head}</th> });
    view! {
        <div class="sheet-of-rows">
            <table class="list">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody on:keydown=|event| { roving::moved(&event); }>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
