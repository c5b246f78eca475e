//! What needs a word more than a click: to whom, why, how much, and whether somebody is sure.

use leptos::prelude::*;
use telephony::{
    CallId, Member, QueueCommand,
    queue_command::{MAX_PENALTY, MAX_PRIORITY, MAX_REASON_CHARS},
};

use super::{
    QueueKey,
    deed::{Deed, Hands, give, queue_name},
};
use crate::{
    browser,
    components::{Icon, StateMark},
    live::Live,
    look::always,
    lower,
    words::{Status, check_number, shortened, visible, visible::NAME_CHARS},
};

/// People offered at once.
const MAX_OFFERED: usize = 6;

/// What has been begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Draft {
    /// A caller is to be given to somebody.
    Give(QueueKey, CallId, String),
    /// A caller is to get a priority.
    Priority(QueueKey, CallId, String, i32),
    /// A member is to pause.
    Pause(QueueKey, String, String),
    /// A member is to get a penalty.
    Penalty(QueueKey, String, String, u32),
    /// Somebody is to serve the queue.
    Add(QueueKey),
    /// Something that cannot be taken back.
    Sure(Deed),
}

impl Draft {
    pub(super) fn give(of: QueueKey, call: CallId, who: String, _priority: i32) -> Self {
        Draft::Give(of, call, who)
    }

    pub(super) fn priority(of: QueueKey, call: CallId, who: String, priority: i32) -> Self {
        Draft::Priority(of, call, who, priority)
    }

    pub(super) fn pause(of: &QueueKey, member: &Member) -> Self {
        Draft::Pause(
            of.clone(),
            member.interface.clone(),
            shortened(&member.name, NAME_CHARS),
        )
    }

    pub(super) fn penalty(of: &QueueKey, member: &Member) -> Self {
        let name = shortened(&member.name, NAME_CHARS);
        Draft::Penalty(of.clone(), member.interface.clone(), name, member.penalty)
    }
}

/// The sheet; there only while something has been begun.
#[component]
pub(super) fn Sheet() -> impl IntoView {
    let hands = expect_context::<Hands>();
    move || {
        hands.draft.get().map(|draft| match draft {
            Draft::Give(of, call, who) => view! { <Give of call who/> }.into_any(),
            Draft::Priority(of, call, who, now) => {
                let queue = queue_name(&of);
                let make = move |priority| Deed {
                    label: "Set",
                    icon: "list-ordered",
                    consequence: String::new(),
                    what: format!("give {who} priority {priority} in {queue}"),
                    of: of.clone(),
                    command: QueueCommand::ChangePriority { queue: of.1.clone(), call: call.clone(), priority },
                };
                view! {
                    <Number title="Priority" label="Priority of this caller" now=now.max(0).unsigned_abs() most=MAX_PRIORITY make=std::sync::Arc::new(make)
                        help="Who has a higher one stands before who has a lower one; equals in the order in which they got it."/>
                }.into_any()
            }
            Draft::Penalty(of, interface, who, now) => {
                let queue = queue_name(&of);
                let title = who.clone();
                let make = move |penalty| Deed {
                    label: "Set",
                    icon: "list-ordered",
                    consequence: String::new(),
                    what: format!("give {who} penalty {penalty} in {queue}"),
                    of: of.clone(),
                    command: QueueCommand::SetPenalty { queue: of.1.clone(), interface: interface.clone(), penalty },
                };
                view! {
                    <Number title=title label="Penalty" now most=MAX_PENALTY make=std::sync::Arc::new(make)
                        help="Agents with a lower penalty are rung first."/>
                }.into_any()
            }
            Draft::Pause(of, interface, who) => view! { <Pause of interface who/> }.into_any(),
            Draft::Add(of) => view! { <Add of/> }.into_any(),
            Draft::Sure(deed) => view! { <Sure deed/> }.into_any(),
        })
    }
}

#[component]
fn Paper(#[prop(into)] title: String, children: Children) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let close = move || hands.draft.set(None);
    Effect::new(|_| {
        request_animation_frame(|| {
            browser::focus(".queue-sheet [autofocus]");
        });
    });
    view! {
        <section class="transfer queue-sheet" aria-label=title.clone() on:keydown=move |event| {
            if event.key() == "Escape" { event.prevent_default(); event.stop_propagation(); close() }
        }>
            <header>
                <h2>{title.clone()}</h2>
                <button type="button" class="icon-button" aria-label="Cancel" on:click=move |_| close()><Icon name="x"/></button>
            </header>
            {children()}
        </section>
    }
    .into_any()
}

#[component]
fn Sure(deed: Deed) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let (label, consequence) = (deed.label, deed.consequence.clone());
    view! {
        <Paper title="Are you sure?">
            <p>{consequence}</p>
            <div class="transfer-ways">
                <button type="button" class="button danger" autofocus on:click=move |_| {
                    hands.draft.set(None);
                    hands.carry_out(deed.clone());
                }>{label}</button>
                <button type="button" class="button" on:click=move |_| hands.draft.set(None)>"Cancel"</button>
            </div>
        </Paper>
    }
}

#[component]
fn Number(
    #[prop(into)] title: String,
    label: &'static str,
    now: u32,
    most: u32,
    make: std::sync::Arc<dyn Fn(u32) -> Deed + Send + Sync>,
    help: &'static str,
) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let typed = RwSignal::new(now.to_string());
    let problem = RwSignal::new(String::new());
    let go = move || match typed.read_untracked().trim().parse::<u32>() {
        Ok(number) if number <= most => {
            hands.draft.set(None);
            hands.carry_out(make(number));
        }
        Ok(_) | Err(_) => problem.set(format!("A whole number from 0 to {most}.")),
    };
    view! {
        <Paper title>
            <form on:submit=move |event| { event.prevent_default(); go(); }>
                <div class="field">
                    <label for="queue-number">{label}</label>
                    <input id="queue-number" type="number" min="0" max=most.to_string() autofocus aria-describedby="queue-number-problem"
                        prop:value=move || typed.get() on:input=move |event| { typed.set(event_target_value(&event)); problem.set(String::new()); }/>
                    <p class="field-help">{help}</p>
                    <p class="field-problem" id="queue-number-problem" role="alert">{move || problem.get()}</p>
                </div>
                <button type="submit" class="button primary">"Set"</button>
            </form>
        </Paper>
    }
}

#[component]
fn Pause(of: QueueKey, interface: String, who: String) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let reason = RwSignal::new(String::new());
    let everywhere = RwSignal::new(true);
    let problem = RwSignal::new(String::new());
    let reasons = super::day::reasons();
    let queue = queue_name(&of);
    let title = format!("Pause {who}");
    let here = format!("Only in {queue}");
    let go = StoredValue::new(move |given: String| {
        let given = given.trim().to_owned();
        if given.chars().count() > MAX_REASON_CHARS || given.contains(['|', ',']) {
            problem.set(format!(
                "At most {MAX_REASON_CHARS} letters, without | and commas."
            ));
            return;
        }
        let all = everywhere.get_untracked();
        let place = if all {
            "every queue".to_owned()
        } else {
            queue.clone()
        };
        let why = if given.is_empty() {
            String::new()
        } else {
            format!(" ({given})")
        };
        hands.draft.set(None);
        hands.carry_out(Deed {
            label: "Pause",
            icon: "pause",
            consequence: String::new(),
            what: format!("pause {who} in {place}{why}"),
            of: of.clone(),
            command: QueueCommand::PauseMember {
                queue: (!all).then(|| of.1.clone()),
                interface: interface.clone(),
                reason: given,
            },
        });
    });
    view! {
        <Paper title>
            <form on:submit=move |event| { event.prevent_default(); go.with_value(|go| go(reason.get_untracked())); }>
                <ul class="queue-reasons" aria-label="Reasons">
                    {move || reasons.get().into_iter().map(|name| {
                        let chosen = name.clone();
                        view! {
                            <li><button type="button" class="button" on:click=move |_| go.with_value(|go| go(chosen.clone()))>{visible(&name).into_owned()}</button></li>
                        }
                    }).collect_view()}
                </ul>
                <div class="field">
                    <label for="pause-reason">"Reason"</label>
                    <input id="pause-reason" type="text" autocomplete="off" maxlength=MAX_REASON_CHARS.to_string() autofocus aria-describedby="pause-problem"
                        prop:value=move || reason.get() on:input=move |event| { reason.set(event_target_value(&event)); problem.set(String::new()); }/>
                    <p class="field-problem" id="pause-problem" role="alert">{move || problem.get()}</p>
                </div>
                <fieldset class="choices">
                    <legend>"Where"</legend>
                    <label class="choice"><input type="radio" name="where" prop:checked=move || everywhere.get() on:change=move |_| everywhere.set(true)/>"In every queue"</label>
                    <label class="choice"><input type="radio" name="where" prop:checked=move || !everywhere.get() on:change=move |_| everywhere.set(false)/>{here}</label>
                </fieldset>
                <p class="field-help">"A call that is up goes on; the pause counts from the next one."</p>
                <button type="submit" class="button primary">"Pause"</button>
            </form>
        </Paper>
    }
    .into_any()
}

#[component]
fn Give(of: QueueKey, call: CallId, who: String) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let title = format!("Give {who} to");
    let key = of.clone();
    let go = Callback::new(move |(number, name): (String, String)| {
        hands.draft.set(None);
        hands.carry_out(give(&of, call.clone(), &who, &number, &name));
    });
    view! {
        <Paper title>
            <People of=key go word="Ring them" serving=Some(true)/>
            <p class="field-help">"Their phone rings. The caller keeps the place in line until it is answered."</p>
        </Paper>
    }
}

#[component]
fn Add(of: QueueKey) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let penalty = RwSignal::new("0".to_owned());
    let queue = queue_name(&of);
    let title = format!("Add an agent to {queue}");
    let key = of.clone();
    let go = Callback::new(move |(number, name): (String, String)| {
        let penalty = penalty
            .read_untracked()
            .trim()
            .parse()
            .unwrap_or(0)
            .min(MAX_PENALTY);
        hands.draft.set(None);
        hands.carry_out(Deed {
            label: "Add",
            icon: "plus",
            consequence: String::new(),
            what: format!("let {name} serve {queue}"),
            of: of.clone(),
            command: QueueCommand::AddMember {
                queue: of.1.clone(),
                extension: number,
                penalty,
            },
        });
    });
    view! {
        <Paper title>
            <div class="field">
                <label for="add-penalty">"Penalty"</label>
                <input id="add-penalty" type="number" min="0" max=MAX_PENALTY.to_string()
                    prop:value=move || penalty.get() on:input=move |event| penalty.set(event_target_value(&event))/>
            </div>
            <People of=key go word="Add" serving=Some(false)/>
        </Paper>
    }
}

/// People by name or number; first those who (do not) serve the queue, and are idle.
#[component]
fn People(
    of: QueueKey,
    go: Callback<(String, String)>,
    word: &'static str,
    serving: Option<bool>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let pbx = of.0;
    let offered = {
        let live = live.clone();
        Memo::new(move |_| {
            let members = live.queues.with(&of, |row| {
                row.members
                    .iter()
                    .filter_map(|one| one.extension.clone())
                    .collect::<Vec<_>>()
            });
            let members = members.unwrap_or_default();
            let wanted = lower(typed.read().trim());
            let keys = untrack(|| live.extensions.keys());
            let fitting = keys.iter().filter(|(of, _)| *of == pbx).filter_map(|key| {
                live.extensions.peek(key, |row| {
                    let name = row.name.clone().unwrap_or_default();
                    let fits = row.number.starts_with(&wanted) || lower(&name).contains(&wanted);
                    fits.then(|| (row.number.clone(), visible(&name).into_owned(), Status::from(row)))
                })?
            });
            let serves = |number: &String| serving.is_none_or(|wanted| members.contains(number) == wanted);
            let mut fitting: Vec<_> = fitting.collect();
            if serving == Some(false) {
                fitting.retain(|(number, ..)| serves(number));
            }
            fitting.sort_by_key(|(number, _, status)| (!serves(number), *status != Status::Idle));
            fitting.truncate(MAX_OFFERED);
            fitting
        })
    };
    let submit = move || match check_number(&typed.read_untracked()) {
        Ok(number) => go.run((number.clone(), number)),
        Err(wrong) => {
            let only = offered.with_untracked(|offered| match offered.as_slice() {
                [one] => Some(one.clone()),
                _ => None,
            });
            match only {
                Some((number, name, _)) => go.run((number, name)),
                None => problem.set(wrong.to_string()),
            }
        }
    };
    view! {
        <form on:submit=move |event| { event.prevent_default(); submit(); }>
            <div class="field">
                <label for="queue-person">"Name or number"</label>
                <input id="queue-person" type="text" autocomplete="off" maxlength="64" autofocus aria-describedby="queue-person-problem"
                    prop:value=move || typed.get() on:input=move |event| { typed.set(event_target_value(&event)); problem.set(String::new()); }/>
                <p class="field-problem" id="queue-person-problem" role="alert">{move || problem.get()}</p>
            </div>
            <ul class="offered">
                {move || offered.get().into_iter().map(|(number, name, status)| {
                    let chosen = (number.clone(), if name.is_empty() { number.clone() } else { name.clone() });
                    view! {
                        <li>
                            <button type="button" class="menu-item" on:click=move |_| go.run(chosen.clone())>
                                <StateMark status=always(status) quiet=true/>
                                <span>{name}</span>
                                <span class="number">{number}</span>
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <button type="submit" class="button primary">{word}</button>
        </form>
    }
    .into_any()
}
