//! Teams: who is in them and which queues they serve.

use leptos::prelude::*;

use super::{Chosen, Gone, Head, Pane, chosen, everybody, kept_up};
use crate::{
    access::QueueOn,
    api::people::{DeleteTeam, SaveTeam},
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
        loading::{Bones, NotLoaded},
        roving,
        trouble::Nothing,
    },
    live::Live,
    loaded,
    model::people::{People, Team, User},
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

const LIST: &str = "/admin/teams";
const FIELDS: [&str; 3] = ["name", "members", "queues"];

/// The page.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let people = everybody();
    let chosen = chosen();
    view! {
        <Head title="Teams">
            <a class="button primary" href="/admin/teams/new"><Icon name="plus"/>"Add a team"</a>
        </Head>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<People>(&people.await) {
                    Ok(found) => {
                        let people = kept_up(found, chosen);
                        (move || desk(people.get(), chosen.get())).into_any()
                    }
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn desk(people: People, chosen: Chosen) -> impl IntoView {
    let here = |id: i64| chosen == Chosen::One(id);
    let rows = people.teams.iter().map(|team| {
        let id = team.id.0;
        let members = people.users.iter().filter(|user| team.members.contains(&user.id));
        let names = members.map(|user| user.display_name.as_str()).collect::<Vec<_>>().join(", ");
        let queues = team.queues.iter().map(|(_, queue)| queue.as_str()).collect::<Vec<_>>().join(", ");
        view! {
            <tr class:chosen=here(id)>
                <td class="who"><a class="row-link" data-cell href=format!("{LIST}/{id}") aria-current=here(id).then_some("true")>{shortened(&team.name, NAME_CHARS)}</a></td>
                <td class="number">{team.members.len()}</td>
                <td class="soft">{shortened(&names, 120)}</td>
                <td class="soft">{shortened(&queues, NAME_CHARS)}</td>
            </tr>
        }
        .into_any()
    });
    let rows = rows.collect::<Vec<_>>();
    let list = if rows.is_empty() {
        view! {
            <Nothing icon="users" title="No teams yet">
                <p>"A supervisor sees and commands the calls of the teams they are in, and the queues of these teams."</p>
                <a class="button primary" href="/admin/teams/new">"Add a team"</a>
            </Nothing>
        }
        .into_any()
    } else {
        view! {
            <div class="sheet-of-rows">
                <table class="list">
                    <thead><tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"People"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Queues"</th>
                    </tr></thead>
                    <tbody on:keydown=|event| { roving::moved(&event); }>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let pane = match chosen {
        Chosen::Nothing => None,
        Chosen::New => Some(view! { <TeamPane team=None users=people.users/> }.into_any()),
        Chosen::Import => Some(view! { <Gone what="team" back=LIST/> }.into_any()),
        Chosen::One(id) => {
            let team = people.teams.iter().find(|team| team.id.0 == id).cloned();
            Some(match team {
                Some(team) => view! { <TeamPane team=Some(team) users=people.users/> }.into_any(),
                None => view! { <Gone what="team" back=LIST/> }.into_any(),
            })
        }
    };
    let open = if pane.is_some() { "open" } else { "closed" };
    view! {
        <div class="desk" data-pane=open>
            <section class="desk-list" aria-label="Teams">{list}</section>
            {pane}
        </div>
    }
}

#[component]
fn TeamPane(team: Option<Team>, users: Vec<User>) -> impl IntoView {
    let live = expect_context::<Live>();
    let save = Sending::to::<SaveTeam>();
    let delete = Sending::to::<DeleteTeam>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || {
        let failed = save.problem().or_else(|| delete.problem());
        problem_of_form(failed.as_ref(), &FIELDS)
    });
    let known = team.is_some();
    let id = team.as_ref().map_or(0, |team| team.id.0);
    let title = team.as_ref().map_or_else(
        || "Add a team".to_owned(),
        |team| shortened(&team.name, NAME_CHARS),
    );
    let members = team.as_ref().map_or_else(Vec::new, |team| team.members.clone());
    let mine = team.as_ref().map_or_else(Vec::new, |team| team.queues.clone());
    let several = untrack(|| live.pbxs.len()) > 1;
    // the queues that the boards show, and those that the team has already
    let mut queues: Vec<QueueOn> = untrack(|| live.queues.keys());
    for queue in &mine {
        if !queues.contains(queue) {
            queues.push(queue.clone());
        }
    }
    view! {
        <Pane title back=LIST>
            <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="id" value=id.to_string()/>
                <TextField name="name" label="Name" problem=of("name") value=team.as_ref().map_or_else(String::new, |team| team.name.clone())
                    required=true maxlength=60 autofocus=!known/>
                <fieldset class="field">
                    <legend class="label">"People"</legend>
                    <div class="ticks tall">
                        {users.into_iter().map(|user| {
                            let note = user.extensions.iter().map(|own| own.number.as_str()).collect::<Vec<_>>().join(", ");
                            view! {
                                <label class="choice">
                                    <input type="checkbox" name="members[]" value=user.id.0.to_string() checked=members.contains(&user.id)/>
                                    {shortened(&user.display_name, NAME_CHARS)}" "<span class="soft number">{shortened(&note, 20)}</span>
                                </label>
                            }.into_any()
                        }).collect_view()}
                    </div>
                    <Problem id="members-problem" problem=of("members")/>
                </fieldset>
                {(!queues.is_empty()).then(|| view! {
                    <fieldset class="field">
                        <legend class="label">"Queues"</legend>
                        <div class="ticks">
                            {queues.into_iter().map(|queue| {
                                let checked = mine.contains(&queue);
                                let (pbx, name) = queue;
                                let on = live.pbxs.peek(&pbx, |row| row.name.clone()).filter(|_| several);
                                view! {
                                    <label class="choice">
                                        <input type="checkbox" name="queues[]" value=format!("{}/{name}", pbx.0) checked=checked/>
                                        {shortened(&name, NAME_CHARS)}" "<span class="soft">{on.unwrap_or_default()}</span>
                                    </label>
                                }.into_any()
                            }).collect_view()}
                        </div>
                        <Problem id="queues-problem" problem=of("queues")/>
                    </fieldset>
                })}
                <div class="form-end">
                    <button type="submit" class="button primary" disabled=move || save.pending.get()>{if known { "Save" } else { "Add" }}</button>
                    <a class="button quiet" href=LIST>"Cancel"</a>
                </div>
            </form>
            <Confirming of=save/>
            {known.then(|| view! {
                <details class="danger-fold">
                    <summary>"Remove this team"</summary>
                    <form class="form" method="post" action=delete.path on:submit=move |event| delete.submit(&event)>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <p>"Its people stay. Who sees calls or queues only through this team sees them no more, at once."</p>
                        <div class="form-end"><button type="submit" class="button danger" disabled=move || delete.pending.get()><Icon name="trash-2"/>"Remove it"</button></div>
                    </form>
                    <Confirming of=delete/>
                </details>
            })}
        </Pane>
    }
    .into_any()
}
