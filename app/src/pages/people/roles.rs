//! Roles: the table of abilities, and roles of one's own made from it.

use leptos::prelude::*;

use super::{Chosen, Gone, Head, Pane, abilities::AbilityFields, chosen, everybody, kept_up};
use crate::{
    access::{ABILITIES, Abilities, Ability, BuiltIn, Group},
    api::people::{DeleteRole, SaveRole},
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, TextField, problem_of, problem_of_form},
        loading::{Bones, NotLoaded},
    },
    loaded,
    model::people::{People, RoleRow},
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

const LIST: &str = "/admin/roles";

/// The page.
#[component]
pub fn RolesPage() -> impl IntoView {
    let people = everybody();
    let chosen = chosen();
    view! {
        <Head title="Roles">
            <a class="button primary" href="/admin/roles/new"><Icon name="plus"/>"Add a role"</a>
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
    let pane = match chosen {
        Chosen::Nothing => None,
        Chosen::New => Some(view! { <RolePane role=None/> }.into_any()),
        Chosen::Import => Some(view! { <Gone what="role" back=LIST/> }.into_any()),
        Chosen::One(id) => {
            let role = people.roles.iter().find(|role| role.id.0 == id).cloned();
            Some(match role {
                Some(role) => view! { <RolePane role=Some(role)/> }.into_any(),
                None => view! { <Gone what="role" back=LIST/> }.into_any(),
            })
        }
    };
    let open = if pane.is_some() { "open" } else { "closed" };
    view! {
        <div class="desk" data-pane=open>
            <section class="desk-list" aria-label="Roles"><Matrix roles=people.roles chosen/></section>
            {pane}
        </div>
    }
}

/// What each role may see and do.
#[component]
fn Matrix(roles: Vec<RoleRow>, chosen: Chosen) -> impl IntoView {
    let heads = roles.iter().map(|role| {
        let id = role.id.0;
        let people = match role.users {
            1 => "1 person".to_owned(),
            many => format!("{many} people"),
        };
        let here = chosen == Chosen::One(id);
        view! {
            <th scope="col">
                <a class="row-link" href=format!("{LIST}/{id}") aria-current=here.then_some("true")>{shortened(&role.name, 24)}</a>
                <span class="soft">{people}</span>
            </th>
        }
        .into_any()
    });
    let heads = heads.collect::<Vec<_>>();
    let columns = roles.len() + 1;
    let groups = Group::EVERY.map(|group| {
        let rows = ABILITIES.iter().filter(|info| info.group == group).map(|info| {
            let cells = roles.iter().map(|role| view! { <td>{reach(&role.abilities, info.ability)}</td> }.into_any());
            view! {
                <tr><th scope="row" title=info.help>{info.name}</th>{cells.collect::<Vec<_>>()}</tr>
            }
            .into_any()
        });
        view! {
            <tbody>
                <tr class="matrix-group"><th scope="colgroup" colspan=columns.to_string()>{group.title()}</th></tr>
                {rows.collect::<Vec<_>>()}
            </tbody>
        }
        .into_any()
    });
    view! {
        <div class="sheet-of-rows matrix-room" tabindex="0" role="group" aria-label="What each role may see and do">
            <table class="matrix">
                <thead><tr><td></td>{heads}</tr></thead>
                {groups.into_iter().collect::<Vec<_>>()}
            </table>
        </div>
        <p class="rest">
            "Own: the person's own phones, calls and queues. Teams: those of everybody in their teams. PBX: everything of the PBX they belong to."
        </p>
    }
    .into_any()
}

fn reach(abilities: &Abilities, ability: Ability) -> impl IntoView {
    let reach = abilities.reach(ability);
    view! { <span class="reach" data-reach=reach.slug()>{reach.word()}</span> }
}

#[component]
fn RolePane(role: Option<RoleRow>) -> impl IntoView {
    let save = Sending::to::<SaveRole>();
    let delete = Sending::to::<DeleteRole>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || {
        let failed = save.problem().or_else(|| delete.problem());
        problem_of_form(failed.as_ref(), &["name"])
    });
    let built_in = role.as_ref().is_some_and(|role| role.built_in);
    let known = role.is_some();
    let id = role.as_ref().map_or(0, |role| role.id.0);
    let title = role.as_ref().map_or_else(
        || "Add a role".to_owned(),
        |role| shortened(&role.name, NAME_CHARS),
    );
    let abilities = role
        .as_ref()
        .map_or_else(|| BuiltIn::Agent.abilities(), |role| role.abilities);
    let unused = role.as_ref().is_some_and(|role| role.users == 0);
    view! {
        <Pane title back=LIST>
            {built_in.then(|| view! { <p class="soft">"This role is always there as it is. Add one of your own for other needs."</p> })}
            <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)>
                <FormProblem problem=whole/>
                <input type="hidden" name="id" value=id.to_string()/>
                {(!built_in).then(|| view! {
                    <TextField name="name" label="Name" problem=of("name") value=role.as_ref().map_or_else(String::new, |role| role.name.clone())
                        required=true maxlength=60 autofocus=!known/>
                })}
                <AbilityFields abilities fixed=built_in/>
                {(!built_in).then(|| view! {
                    <div class="form-end">
                        <button type="submit" class="button primary" disabled=move || save.pending.get()>{if known { "Save" } else { "Add" }}</button>
                        <a class="button quiet" href=LIST>"Cancel"</a>
                    </div>
                })}
            </form>
            <Confirming of=save/>
            <Confirming of=delete/>
            {(known && !built_in).then(|| view! {
                <details class="danger-fold">
                    <summary>"Remove this role"</summary>
                    <form class="form" method="post" action=delete.path on:submit=move |event| delete.submit(&event)>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <p>{if unused { "Nobody has it." } else { "Somebody has it: give them another one first." }}</p>
                        <div class="form-end"><button type="submit" class="button danger" disabled=move || !unused || delete.pending.get()><Icon name="trash-2"/>"Remove it"</button></div>
                    </form>
                </details>
            })}
        </Pane>
    }
    .into_any()
}
