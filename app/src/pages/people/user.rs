//! One user: who they are, what they may do, and what can be done about their account.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Gone, Pane, users::state_mark};
use crate::{
    access::Ability,
    api::{
        people::{EndUserSessions, InviteUser, SaveUser, SetUserDisabled, ViewAs},
        security::ResetFactors,
    },
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
    },
    live::Live,
    model::{
        PbxId, Viewer,
        people::{Invitation, People, User, UserState},
    },
    sending::Sending,
    words::{self, shortened, visible, visible::NAME_CHARS},
};

const FIELDS: [&str; 6] = ["username", "display_name", "role", "pbx", "extensions", "teams"];
const LIST: &str = "/admin/users";

/// The pane of one user, or of one to be invited.
#[component]
pub fn UserPane(people: RwSignal<People>, id: Option<i64>, again: Callback<()>) -> impl IntoView {
    let of = move |people: &People| people.users.iter().find(|user| Some(user.id.0) == id).cloned();
    let user = id.map(|_| people.with_untracked(of));
    let now = Memo::new(move |_| people.with(of));
    match user {
        Some(None) => view! { <Gone what="user" back=LIST/> }.into_any(),
        Some(Some(user)) => {
            let title = shortened(&user.display_name, NAME_CHARS);
            let acts = Acts::ready(again);
            view! {
                <Pane title back=LIST>
                    <p class="pane-state"><span class="soft">{user.username.clone()}</span>{state_mark(user.state)}</p>
                    {user.may_change.then(|| view! { <UserForm people user=Some(user.clone()) again/> })}
                    {(!user.may_change).then(|| view! { <Facts people user=user.clone()/> })}
                    {move || now.get().map(|user| view! { <Account user acts/> })}
                </Pane>
            }
            .into_any()
        }
        None => view! {
            <Pane title="Invite somebody".into() back=LIST>
                <p class="soft">"They get a one-time link, choose a password with it, and are in."</p>
                <UserForm people user=None again/>
            </Pane>
        }
        .into_any(),
    }
}

/// What is known of somebody whom the viewer may not change.
#[component]
fn Facts(people: RwSignal<People>, user: User) -> impl IntoView {
    let (role, teams) = people.with_untracked(|people| {
        (
            people.role_name(user.role).to_owned(),
            people.team_names(&user.teams),
        )
    });
    view! {
        <dl class="facts">
            <div><dt>"Role"</dt><dd>{role}</dd></div>
            <div><dt>"Teams"</dt><dd>{if teams.is_empty() { "None".to_owned() } else { teams }}</dd></div>
            <div><dt>"Extensions"</dt><dd>{numbers(&user, &[])}</dd></div>
        </dl>
    }
    .into_any()
}

/// Extensions as they are typed; one on another PBX than `home` carries its name.
fn numbers(user: &User, pbxs: &[(PbxId, String)]) -> String {
    let home = user.pbx.or(match pbxs {
        [(only, _)] => Some(*only),
        _ => None,
    });
    let written = user.extensions.iter().map(|own| {
        let name = pbxs.iter().find(|(id, _)| *id == own.pbx).map(|(_, name)| name);
        match name {
            Some(name) if home != Some(own.pbx) => format!("{name}/{}", own.number),
            Some(_) | None => own.number.clone(),
        }
    });
    written.collect::<Vec<_>>().join(", ")
}

#[component]
fn UserForm(people: RwSignal<People>, user: Option<User>, again: Callback<()>) -> impl IntoView {
    let live = expect_context::<Live>();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let save = Sending::to::<SaveUser>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(save.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(save.problem().as_ref(), &FIELDS));
    let saved = move || {
        save.answer::<Option<Invitation>>()
            .and_then(Result::ok)
            .filter(|_| !save.pending.get())
    };
    let made = Memo::new(move |_| saved().flatten());
    let known = user.is_some();
    Effect::new(move |_| {
        if known && saved().is_some() {
            again.run(());
        }
    });
    let pbxs = untrack(|| live.pbxs.keys());
    let pbxs: Vec<(PbxId, String)> = pbxs
        .into_iter()
        .filter_map(|id| Some((id, live.pbxs.peek(&id, |row| row.name.clone())?)))
        .collect();
    let several = pbxs.len() > 1;
    let extensions = user
        .as_ref()
        .map_or_else(String::new, |user| numbers(user, &pbxs));
    let home = user.as_ref().and_then(|user| user.pbx);
    let role = user.as_ref().map(|user| user.role);
    let my_teams = user.as_ref().map_or_else(Vec::new, |user| user.teams.clone());
    let mine = viewer.with_untracked(|viewer| viewer.rights.abilities);
    let (roles, teams) = people.with_untracked(|people| (people.roles.clone(), people.teams.clone()));
    let by_default = roles.iter().find(|role| role.name == "Agent").map(|role| role.id);
    let role_options = roles.into_iter().filter(|one| mine.cover(&one.abilities) || Some(one.id) == role).map(|one| {
        let selected = role.or(by_default) == Some(one.id);
        view! { <option value=one.id.0.to_string() selected=selected>{shortened(&one.name, NAME_CHARS)}</option> }.into_any()
    });
    view! {
        <form class="form" method="post" action=save.path on:submit=move |event| save.submit(&event)
            hidden=move || made.read().is_some()>
            <FormProblem problem=whole/>
            <input type="hidden" name="id" value=user.as_ref().map_or(0, |user| user.id.0).to_string()/>
            <TextField name="display_name" label="Name" problem=of("display_name") value=user.as_ref().map_or_else(String::new, |user| user.display_name.clone())
                required=true maxlength=80 autofocus=!known/>
            {(!known).then(|| view! {
                <TextField name="username" label="User name" problem=of("username") required=true maxlength=64
                    help="What they sign in with: small letters, digits, dot, dash and underscore."/>
            })}
            <div class="field">
                <label for="role">"Role"</label>
                <select id="role" name="role" aria-describedby="role-problem">{role_options.collect_view()}</select>
                <Problem id="role-problem" problem=of("role")/>
            </div>
            {several.then(|| view! {
                <div class="field">
                    <label for="pbx">"PBX"</label>
                    <select id="pbx" name="pbx" aria-describedby="pbx-help pbx-problem">
                        <option value="0" selected=home.is_none()>"Every PBX"</option>
                        {pbxs.iter().map(|(id, name)| view! {
                            <option value=id.0.to_string() selected=home == Some(*id)>{shortened(name, NAME_CHARS)}</option>
                        }.into_any()).collect_view()}
                    </select>
                    <p class="field-help" id="pbx-help">"What their role shows of a PBX is of this one."</p>
                    <Problem id="pbx-problem" problem=of("pbx")/>
                </div>
            })}
            <TextField name="extensions" label="Extensions" problem=of("extensions") value=extensions maxlength=400
                help="The first one rings when they call somebody. Put commas between several."/>
            {(!teams.is_empty()).then(|| view! {
                <fieldset class="field">
                    <legend class="label">"Teams"</legend>
                    <div class="ticks">
                        {teams.into_iter().map(|team| view! {
                            <label class="choice">
                                <input type="checkbox" name="teams[]" value=team.id.0.to_string() checked=my_teams.contains(&team.id)/>
                                {shortened(&team.name, NAME_CHARS)}
                            </label>
                        }.into_any()).collect_view()}
                    </div>
                    <Problem id="teams-problem" problem=of("teams")/>
                </fieldset>
            })}
            <div class="form-end">
                <button type="submit" class="button primary" disabled=move || save.pending.get()>
                    {if known { "Save" } else { "Invite" }}
                </button>
                <span class="saved" role="status">{move || (known && saved().is_some()).then_some("Saved.")}</span>
            </div>
        </form>
        <Confirming of=save/>
        {move || made.get().map(|invitation| view! { <Link invitation done=Some(again)/> })}
    }
    .into_any()
}

/// A one-time link, shown once.
#[component]
pub fn Link(invitation: Invitation, done: Option<Callback<()>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let copied = RwSignal::new(false);
    let link = invitation.link.clone();
    let copy = move |_| {
        let copying = window().navigator().clipboard().write_text(&link);
        leptos::task::spawn_local(async move {
            let done = wasm_bindgen_futures::JsFuture::from(copying).await;
            copied.set(done.is_ok());
        });
    };
    let days = invitation
        .expires_ms
        .saturating_sub(live.clock.now_ms.get_untracked())
        / 86_400_000;
    view! {
        <div class="one-time" role="status">
            <p><strong>"Give them this link."</strong>
                {format!(" It works once, for the next {} days, and is not shown again.", days.max(1))}</p>
            <input type="text" readonly aria-label="One-time link" value=invitation.link on:focus=|event| {
                use wasm_bindgen::JsCast;
                if let Some(field) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) {
                    field.select();
                }
            }/>
            <div class="form-end">
                <button type="button" class="button" on:click=copy>"Copy"</button>
                {done.map(|again| view! {
                    <a class="button primary" href="/admin/users" on:click=move |_| again.run(())>"Done"</a>
                })}
                <span class="saved">{move || copied.get().then_some("Copied.")}</span>
            </div>
        </div>
    }
    .into_any()
}

/// What is done about an account. It outlives what is shown of it, which is made anew with every change.
#[derive(Clone, Copy)]
struct Acts {
    invite: Sending,
    disable: Sending,
    end: Sending,
    reset: Sending,
}

impl Acts {
    fn ready(again: Callback<()>) -> Self {
        let acts = Self {
            invite: Sending::to::<InviteUser>(),
            disable: Sending::to::<SetUserDisabled>(),
            end: Sending::to::<EndUserSessions>(),
            reset: Sending::to::<ResetFactors>(),
        };
        Effect::new(move |_| {
            let done = |of: Sending| matches!(of.answer::<()>(), Some(Ok(())));
            if done(acts.disable) || done(acts.end) {
                again.run(());
            }
        });
        acts
    }
}

/// What can be done about the account.
#[component]
fn Account(user: User, acts: Acts) -> impl IntoView {
    let viewer = expect_context::<RwSignal<Viewer>>();
    let live = expect_context::<Live>();
    let me = viewer.with_untracked(|viewer| viewer.id) == user.id;
    let may_view =
        move || viewer.with(|viewer| viewer.rights.has(Ability::ViewAs) && viewer.seen_by.is_none());
    let (id, state) = (user.id.0.to_string(), user.state);
    let elsewhere =
        (!user.signs_in_with.is_empty()).then(|| visible(&user.signs_in_with.join(", ")).into_owned());
    let Acts {
        invite,
        disable,
        end,
        reset,
    } = acts;
    let was_reset = move || matches!(reset.answer::<()>(), Some(Ok(()))) && !reset.pending.get();
    let link = Memo::new(move |_| invite.answer::<Invitation>().and_then(Result::ok));
    let ended = move || matches!(end.answer::<()>(), Some(Ok(()))) && !end.pending.get();
    let wrong = Signal::derive(move || {
        let failed = [invite, disable, end, reset]
            .into_iter()
            .find_map(Sending::problem);
        problem_of_form(failed.as_ref(), &[])
    });
    let clock = live.clock.clone();
    let seen = user
        .seen_ms
        .map(|seen_ms| move || words::age(clock.now_ms.get().saturating_sub(seen_ms)));
    view! {
        <h3>"Account"</h3>
        <FormProblem problem=wrong/>
        <dl class="facts">
            <div><dt>"Last seen"</dt><dd>{match seen {
                Some(seen) => view! { {seen}" ago" }.into_any(),
                None => "Not signed in".into_any(),
            }}</dd></div>
            {elsewhere.clone().map(|names| view! { <div><dt>"Signs in with"</dt><dd>{names}</dd></div> })}
        </dl>
        <div class="pane-verbs">
            {move || (may_view() && !me && state == UserState::Active).then(|| view! {
                <form method="post" action=ViewAs::PATH>
                    <input type="hidden" name="user" value=id.clone()/>
                    <button type="submit" class="button"><Icon name="users"/>"View as"</button>
                </form>
            }.into_any())}
            {user.may_change.then(|| {
                let id = user.id.0.to_string();
                let disabled = state == UserState::Disabled;
                view! {
                    {(!disabled && elsewhere.is_none()).then(|| view! {
                        <form method="post" action=invite.path on:submit=move |event| invite.submit(&event)>
                            <input type="hidden" name="id" value=id.clone()/>
                            <button type="submit" class="button" disabled=move || invite.pending.get()>
                                {if state == UserState::Invited { "New link" } else { "Link for a new password" }}
                            </button>
                        </form>
                    })}
                    <form method="post" action=end.path on:submit=move |event| end.submit(&event)>
                        <input type="hidden" name="id" value=id.clone()/>
                        <button type="submit" class="button" disabled=move || end.pending.get()>"End sessions"</button>
                    </form>
                    {(!me && state == UserState::Active).then(|| view! {
                        <form method="post" action=reset.path on:submit=move |event| reset.submit(&event)>
                            <input type="hidden" name="user" value=id.clone()/>
                            <button type="submit" class="button" disabled=move || reset.pending.get()
                                title="For somebody who lost phone, passkeys and recovery codes">"Reset second factors"</button>
                        </form>
                    })}
                    {(!me).then(|| view! {
                        <form method="post" action=disable.path on:submit=move |event| disable.submit(&event)>
                            <input type="hidden" name="id" value=id.clone()/>
                            <input type="hidden" name="disabled" value=(!disabled).to_string()/>
                            <button type="submit" class="button" class:danger=!disabled disabled=move || disable.pending.get()>
                                {if disabled { "Let in again" } else { "Disable" }}
                            </button>
                        </form>
                    })}
                }.into_any()
            })}
            <span class="saved" role="status">
                {move || ended().then_some("Every session has ended.")}
                {move || was_reset().then_some("The password alone lets in now, until a second factor is set up.")}
            </span>
        </div>
        {[invite, disable, end, reset].map(|of| view! { <Confirming of/> }.into_any()).into_iter().collect::<Vec<_>>()}
        {move || link.get().map(|invitation| view! { <Link invitation done=None/> })}
    }
    .into_any()
}
