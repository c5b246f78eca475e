//! Users: everybody with an account, and the chosen one beside them.

use leptos::{html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{query_signal_with_options, use_location},
};

use super::{Chosen, Head, again, chosen, everybody, import::ImportPane, kept_up, user::UserPane};
use crate::{
    access::Ability,
    components::{
        Icon,
        loading::{Bones, NotLoaded},
        roving,
        trouble::Nothing,
        window::{first_rows, near, rest},
    },
    live::Live,
    loaded, lower,
    model::{
        Viewer,
        people::{People, User, UserState},
    },
    words::{self, address, shortened, visible::NAME_CHARS},
};

/// Rows drawn before it is known how many can be seen.
const FIRST_ROWS: usize = 60;

/// The page.
#[component]
pub fn UsersPage() -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let people = everybody();
    let chosen = chosen();
    let may = move || viewer.read().rights.has(Ability::ManageUsers);
    view! {
        <Head title="Users">
            {move || may().then(|| view! {
                <a class="button" href="/admin/users/import">"Import"</a>
                <a class="button primary" href="/admin/users/new"><Icon name="plus"/>"Invite somebody"</a>
            }.into_any())}
        </Head>
        <Transition fallback=Bones>
            {move || Suspend::new(async move {
                match loaded::<People>(&people.await) {
                    Ok(found) => {
                        let people = kept_up(found, chosen);
                        let again = again(people);
                        view! {
                            <div class="desk" data-pane=move || if chosen.get() == Chosen::Nothing { "closed" } else { "open" }>
                                <UserList people chosen/>
                                {move || match chosen.get() {
                                    Chosen::Nothing => ().into_any(),
                                    Chosen::Import => view! { <ImportPane again/> }.into_any(),
                                    Chosen::New => view! { <UserPane people id=None again/> }.into_any(),
                                    Chosen::One(id) => view! { <UserPane people id=Some(id) again/> }.into_any(),
                                }}
                            </div>
                        }.into_any()
                    }
                    Err(error) => view! { <NotLoaded error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn UserList(people: RwSignal<People>, chosen: Memo<Chosen>) -> impl IntoView {
    let quietly = || NavigateOptions {
        replace: true,
        scroll: false,
        ..NavigateOptions::default()
    };
    let (search, set_search) = query_signal_with_options::<String>("q", quietly());
    let (role, set_role) = query_signal_with_options::<i64>("role", quietly());
    let (team, set_team) = query_signal_with_options::<i64>("team", quietly());
    let total = move || people.with(|people| people.users.len());
    let keys = Memo::new(move |_| {
        let wanted = lower(search.read().as_deref().unwrap_or("").trim());
        let (role, team) = (role.get(), team.get());
        people.with(|people| {
            let fits = |user: &&User| {
                (wanted.is_empty()
                    || user.username.contains(&wanted)
                    || lower(&user.display_name).contains(&wanted)
                    || user.extensions.iter().any(|own| own.number.starts_with(&wanted)))
                    && role.is_none_or(|role| user.role.0 == role)
                    && team.is_none_or(|team| user.teams.iter().any(|of| of.0 == team))
            };
            people.users.iter().filter(fits).cloned().collect::<Vec<_>>()
        })
    });
    let (room, rows) = (NodeRef::<html::Div>::new(), NodeRef::<html::Tbody>::new());
    let first = first_rows(FIRST_ROWS);
    let shown = near(
        keys,
        move || room.get().map(Into::into),
        move || rows.get().map(Into::into),
        first,
    );
    Effect::new(move |_| {
        shown.track();
        if let Some(rows) = rows.get() {
            request_animation_frame(move || roving::settle(&rows));
        }
    });
    let text_or_none = |text: String| (!text.is_empty()).then_some(text);
    view! {
        <section class="desk-list" aria-label="Users">
            <form class="tools" method="get" role="search" aria-label="Users" on:submit=|event| event.prevent_default()>
                <label class="search">
                    <Icon name="search"/>
                    <span class="unseen">"Search by name, user name or extension"</span>
                    <input type="search" name="q" placeholder="Name, user name or extension" autocomplete="off" maxlength="64" data-search
                        value=search.get_untracked().unwrap_or_default()
                        prop:value=move || search.get().unwrap_or_default()
                        on:input=move |event| set_search.set(text_or_none(event_target_value(&event)))/>
                </label>
                <select name="role" aria-label="Role" on:change=move |event| set_role.set(event_target_value(&event).parse().ok())>
                    <option value="" selected=move || role.get().is_none()>"Every role"</option>
                    {people.with_untracked(|people| people.roles.iter().map(|one| {
                        let id = one.id.0;
                        view! { <option value=id.to_string() selected=move || role.get() == Some(id)>{shortened(&one.name, NAME_CHARS)}</option> }.into_any()
                    }).collect_view())}
                </select>
                <select name="team" aria-label="Team" on:change=move |event| set_team.set(event_target_value(&event).parse().ok())>
                    <option value="" selected=move || team.get().is_none()>"Every team"</option>
                    {people.with_untracked(|people| people.teams.iter().map(|one| {
                        let id = one.id.0;
                        view! { <option value=id.to_string() selected=move || team.get() == Some(id)>{shortened(&one.name, NAME_CHARS)}</option> }.into_any()
                    }).collect_view())}
                </select>
                <span class="soft count">{move || {
                    let some = keys.with(Vec::len);
                    let total = total();
                    if some == total { format!("{total}") } else { format!("{some} of {total}") }
                }}</span>
                <noscript><button type="submit" class="button">"Show"</button></noscript>
            </form>
            <div class="sheet-of-rows" node_ref=room>
                <table class="list people-list">
                    <thead><tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Teams"</th>
                        <th scope="col">"Extensions"</th>
                        <th scope="col">"Last seen"</th>
                    </tr></thead>
                    <tbody node_ref=rows on:keydown=|event| { roving::moved(&event); }>
                        <For each=move || shown.get() key=|user| user.clone() let:user><UserRow people user chosen/></For>
                    </tbody>
                </table>
                {rest(keys, first)}
                {move || keys.read().is_empty().then(|| view! {
                    <Nothing icon="search" title="Nobody fits this search">
                        <a class="button" href="/admin/users">"Show everybody"</a>
                    </Nothing>
                }.into_any())}
            </div>
            {people.with_untracked(|people| people.more).then(|| view! {
                <p class="rest">"There are more users than are listed here. Programs get all of them, at /api/v1/users."</p>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn UserRow(people: RwSignal<People>, user: User, chosen: Memo<Chosen>) -> impl IntoView {
    let live = expect_context::<Live>();
    let search = use_location().search;
    let id = user.id.0;
    let (role, teams) = people.with_untracked(|people| {
        let role = people.role_name(user.role).to_owned();
        (role, people.team_names(&user.teams))
    });
    let numbers = user.extensions.iter().map(|own| own.number.as_str());
    let numbers = numbers.collect::<Vec<_>>().join(", ");
    let clock = live.clock.clone();
    let seen_ms = user.seen_ms;
    let seen = move || {
        seen_ms.map_or_else(
            || "not signed in".to_owned(),
            |seen_ms| match clock.now_ms.get().saturating_sub(seen_ms) {
                just_now if just_now < 120_000 => "now".to_owned(),
                ago_ms => format!("{} ago", words::age(ago_ms)),
            },
        )
    };
    let here = move || chosen.get() == Chosen::One(id);
    view! {
        <tr data-user=id.to_string() class:chosen=here data-state=match user.state {
            UserState::Active => "idle",
            UserState::Invited => "waiting",
            UserState::Disabled => "unreachable",
        }>
            <td class="who">
                <a class="row-link" data-cell href=move || address::with_search(&format!("/admin/users/{id}"), &search.read())
                    aria-current=move || here().then_some("true")>{shortened(&user.display_name, NAME_CHARS)}</a>
                <span class="soft">{user.username.clone()}</span>
                {state_mark(user.state)}
            </td>
            <td>{shortened(&role, NAME_CHARS)}</td>
            <td class="soft">{shortened(&teams, NAME_CHARS)}</td>
            <td class="number">{shortened(&numbers, NAME_CHARS)}</td>
            <td class="soft">{seen}</td>
        </tr>
    }
    .into_any()
}

/// A word for whoever cannot sign in.
pub(super) fn state_mark(state: UserState) -> impl IntoView {
    let (icon, word) = match state {
        UserState::Active => return None,
        UserState::Invited => ("hourglass", "Invited"),
        UserState::Disabled => ("circle-minus", "Disabled"),
    };
    Some(view! { <span class="chip"><Icon name=icon/>{word}</span> }.into_any())
}
