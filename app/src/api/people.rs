//! Users, teams and roles.

use std::collections::HashMap;

use leptos::server;

use super::backend;
use crate::{
    AppError,
    access::{Abilities, Ability, QueueOn, Reach},
    model::{
        PbxId, UserId,
        people::{Import, Invitation, Invited, People, RoleForm, RoleId, TeamForm, TeamId, UserForm},
    },
    packed::PostPacked,
};

/// Everybody that the viewer may see.
#[server(prefix = "/api", endpoint = "people", output = PostPacked)]
pub async fn load_people() -> Result<People, AppError> {
    backend()?.people().await
}

/// Changes a user, or invites a new one: `id` 0. Gives the one-time link of somebody new.
#[server(prefix = "/api", endpoint = "save_user", output = PostPacked)]
pub async fn save_user(
    id: i64,
    #[server(default)] username: String,
    display_name: String,
    role: i64,
    #[server(default)] pbx: i64,
    #[server(default)] extensions: String,
    #[server(default)] teams: Vec<i64>,
) -> Result<Option<Invitation>, AppError> {
    let form = UserForm {
        id: (id != 0).then_some(UserId(id)),
        username,
        display_name,
        role: RoleId(role),
        pbx: (pbx != 0).then_some(PbxId(pbx)),
        extensions,
        teams: teams.into_iter().map(TeamId).collect(),
    };
    let (_, invitation) = backend()?.save_user(form).await?;
    Ok(invitation)
}

/// A new one-time link for a user.
#[server(prefix = "/api", endpoint = "invite_user", output = PostPacked)]
pub async fn invite_user(id: i64) -> Result<Invitation, AppError> {
    backend()?.invite(UserId(id)).await
}

/// Lets a user in, or no more.
#[server(prefix = "/api", endpoint = "set_user_disabled", output = PostPacked)]
pub async fn set_user_disabled(id: i64, disabled: bool) -> Result<(), AppError> {
    backend()?.set_disabled(UserId(id), disabled).await
}

/// Ends every session of a user.
#[server(prefix = "/api", endpoint = "end_user_sessions", output = PostPacked)]
pub async fn end_user_sessions(id: i64) -> Result<(), AppError> {
    backend()?.end_sessions(UserId(id)).await
}

/// Reads users from CSV, and does what it says where `do_it`.
#[server(prefix = "/api", endpoint = "import_users", output = PostPacked)]
pub async fn import_users(csv: String, #[server(default)] do_it: bool) -> Result<Import, AppError> {
    backend()?.import(csv, do_it).await
}

/// Makes or changes a team and goes back to the list. `id` 0 makes a new one; a queue is written `pbx/name`.
#[server(prefix = "/api", endpoint = "save_team", output = PostPacked)]
pub async fn save_team(
    id: i64,
    name: String,
    #[server(default)] members: Vec<i64>,
    #[server(default)] queues: Vec<String>,
) -> Result<(), AppError> {
    let queue = |text: &String| -> Option<QueueOn> {
        let (pbx, name) = text.split_once('/')?;
        Some((PbxId(pbx.parse().ok()?), name.to_owned()))
    };
    let read: Option<Vec<QueueOn>> = queues.iter().map(queue).collect();
    let form = TeamForm {
        id: (id != 0).then_some(TeamId(id)),
        name,
        members: members.into_iter().map(UserId).collect(),
        queues: read.ok_or_else(|| AppError::field("queues", "Choose queues from the list."))?,
    };
    backend()?.save_team(form).await?;
    leptos_axum::redirect("/admin/teams");
    Ok(())
}

/// Removes a team and goes back to the list.
#[server(prefix = "/api", endpoint = "delete_team", output = PostPacked)]
pub async fn delete_team(id: i64) -> Result<(), AppError> {
    backend()?.delete_team(TeamId(id)).await?;
    leptos_axum::redirect("/admin/teams");
    Ok(())
}

/// Makes or changes a role and goes back to the list. `id` 0 makes a new one; what is not named is not there.
#[server(prefix = "/api", endpoint = "save_role", output = PostPacked)]
pub async fn save_role(
    id: i64,
    name: String,
    #[server(default)] abilities: HashMap<String, String>,
) -> Result<(), AppError> {
    let mut ticked = Abilities::none();
    for (ability, reach) in &abilities {
        let (Some(ability), Some(reach)) = (Ability::of_slug(ability), Reach::of_slug(reach)) else {
            return Err(AppError::field(
                "abilities",
                "Choose what each ability reaches from its list.",
            ));
        };
        ticked.set(ability, reach);
    }
    let form = RoleForm {
        id: (id != 0).then_some(RoleId(id)),
        name,
        abilities: ticked,
    };
    backend()?.save_role(form).await?;
    leptos_axum::redirect("/admin/roles");
    Ok(())
}

/// Removes a role that nobody has, and goes back to the list.
#[server(prefix = "/api", endpoint = "delete_role", output = PostPacked)]
pub async fn delete_role(id: i64) -> Result<(), AppError> {
    backend()?.delete_role(RoleId(id)).await?;
    leptos_axum::redirect("/admin/roles");
    Ok(())
}

/// Sees what a user sees; 0 goes back to the own view.
#[server(prefix = "/api", endpoint = "view_as", output = PostPacked)]
pub async fn view_as(user: i64) -> Result<(), AppError> {
    backend()?.view_as((user != 0).then_some(UserId(user))).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// For whom a one-time link is.
#[server(prefix = "/api", endpoint = "invited", output = PostPacked)]
pub async fn load_invited(token: String) -> Result<Invited, AppError> {
    backend()?.invited(token).await
}

/// Chooses a password by a one-time link, signs in and goes to the switchboard, or to the second half of the sign-in.
#[server(name = AcceptForm, prefix = "/api", endpoint = "accept", output = PostPacked)]
pub async fn accept(token: String, password: String, password_again: String) -> Result<(), AppError> {
    if password != password_again {
        return Err(AppError::field("password_again", "The two passwords differ."));
    }
    let entry = backend()?.accept(token, password).await?;
    leptos_axum::redirect(&super::account::next(entry, ""));
    Ok(())
}
