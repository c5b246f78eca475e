//! People: users, teams and roles, each a list with the chosen one beside it.

pub mod abilities;
pub mod import;
pub mod roles;
pub mod teams;
pub mod tokens;
pub mod user;
pub mod users;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_meta::Title;
use leptos_router::components::A;

pub use self::{roles::RolesPage, teams::TeamsPage, tokens::AllTokensPage, users::UsersPage};
use super::screens::part_of_address;
use crate::{
    Load,
    access::Ability,
    api::people::{LoadPeople, load_people},
    components::{Icon, trouble::Nothing},
    load, loaded,
    model::{Viewer, people::People},
    sending::ask_packed,
};

/// What stands in the address behind the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    /// Only the list.
    Nothing,
    /// Something to be made.
    New,
    /// Users to be read from a file.
    Import,
    /// This one.
    One(i64),
}

fn chosen() -> Memo<Chosen> {
    let id = part_of_address(2);
    Memo::new(move |_| match id.read().as_deref() {
        None | Some("") => Chosen::Nothing,
        Some("new") => Chosen::New,
        Some("import") => Chosen::Import,
        Some(id) => Chosen::One(id.parse().unwrap_or(-1)),
    })
}

fn everybody() -> Load {
    load(LoadPeople::PATH, String::new(), load_people)
}

/// Everybody, asked for again whenever something else is chosen: what was open may have been changed.
fn kept_up(found: People, chosen: Memo<Chosen>) -> RwSignal<People> {
    let people = RwSignal::new(found);
    let again = again(people);
    Effect::watch(move || chosen.get(), move |_, _, _| again.run(()), false);
    people
}

/// Has everybody asked for again, after a change.
fn again(people: RwSignal<People>) -> Callback<()> {
    Callback::new(move |()| {
        spawn_local(async move {
            if let Ok(found) = loaded(&ask_packed(LoadPeople::PATH, "").await) {
                // the page may be gone
                let _ = people.try_set(found);
            }
        });
    })
}

/// The head of the three pages, with the way between them.
#[component]
fn Head(title: &'static str, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let may = move |ability: Ability| viewer.read().rights.has(ability);
    view! {
        <Title text=title/>
        <header class="page-head">
            <h1>{title}</h1>
            <nav class="tabs" aria-label="People">
                <A href="/admin/users">"Users"</A>
                {move || may(Ability::ManageTeams).then(|| view! { <A href="/admin/teams">"Teams"</A> })}
                {move || may(Ability::ManageRoles).then(|| view! { <A href="/admin/roles">"Roles"</A> })}
                {move || may(Ability::ManageTokens).then(|| view! { <A href="/admin/tokens">"Tokens"</A> })}
            </nav>
            <div class="page-verbs">{children.map(|children| children())}</div>
        </header>
    }
    .into_any()
}

/// A pane beside a list: what it is about, and the way back.
#[component]
pub(super) fn Pane(title: String, back: &'static str, children: Children) -> impl IntoView {
    let label = title.clone();
    view! {
        <section class="pane" aria-label=label>
            <header class="pane-head"><h2>{title}</h2></header>
            <a class="icon-button pane-close" href=back aria-label="Close" title="Close (Esc)"><Icon name="x"/></a>
            {children()}
        </section>
    }
    .into_any()
}

/// Somebody or something that is not there any more.
#[component]
fn Gone(what: &'static str, back: &'static str) -> impl IntoView {
    view! {
        <Pane title="Not there".into() back>
            <Nothing icon="search" title=format!("This {what} does not exist any more")>
                <a class="button" href=back>"To the list"</a>
            </Nothing>
        </Pane>
    }
    .into_any()
}
