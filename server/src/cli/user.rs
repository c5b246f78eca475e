//! `starboard user`: people from the command line of the server's machine. Every change is in the audit trail.

mod password;

use anyhow::Result;
use app::{
    FieldError,
    access::BuiltIn,
    audit::{Action, Fact},
    model::people::RoleRow,
    words::visible,
};
use secrecy::ExposeSecret;
use serde_json::json;

use self::password::Source;
use super::{
    place::{At, Exit, Opened, Told},
    runtime, say,
};
use crate::{
    access::hashing::Passwords,
    backend::{name_problem, username_problem},
    clock::wall_ms,
    store::{Result as Stored, UserRecord, built_in_id},
};

/// `starboard user …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a user.
    Create {
        /// Sign-in name: a to z, 0 to 9, dot, dash and underscore.
        username: String,
        /// Name shown; the sign-in name when not given.
        #[arg(long)]
        name: Option<String>,
        /// What the user may do: the name of a role, as admin, supervisor, agent or viewer, or one of your own.
        #[arg(long, default_value = "agent")]
        role: String,
        #[command(flatten)]
        password: Source,
    },
    /// List everybody.
    List,
    /// End a user's sessions and let them sign in no more.
    Disable {
        /// Sign-in name.
        username: String,
    },
    /// Let a disabled user sign in again.
    Enable {
        /// Sign-in name.
        username: String,
    },
    /// Give a user another password and end their sessions.
    ResetPassword {
        /// Sign-in name.
        username: String,
        #[command(flatten)]
        password: Source,
    },
    /// Let a user sign in as somebody of an OpenID Connect provider or of the LDAP directory.
    Link {
        /// Sign-in name.
        username: String,
        /// The provider's issuer, or ldap.
        #[arg(long)]
        provider: String,
        /// Who it is there: the `sub` claim; in the directory uuid:..., guid:... or dn:...
        #[arg(long)]
        subject: String,
    },
    /// Let a user sign in so no more.
    Unlink {
        /// Sign-in name.
        username: String,
        /// The provider's issuer, or ldap.
        #[arg(long)]
        provider: String,
    },
    /// Make a user an administrator.
    MakeAdmin {
        /// Sign-in name.
        username: String,
    },
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let json = arguments.place.json;
    runtime()?.block_on(async {
        let may_be_made = matches!(arguments.command, Command::Create { .. });
        let opened = arguments.place.open(may_be_made).await?;
        let done = match arguments.command {
            Command::Create {
                username,
                name,
                role,
                password,
            } => {
                let name = name.unwrap_or_else(|| username.clone());
                create(&opened, json, username, name, &role, password).await
            }
            Command::List => list(&opened, json).await,
            Command::Disable { username } => {
                let change = async |id| opened.store.set_disabled(id, true).await;
                changed(
                    &opened,
                    json,
                    &username,
                    Action::DisableUser,
                    "disabled; their sessions end now",
                    change,
                )
                .await
            }
            Command::Enable { username } => {
                let change = async |id| opened.store.set_disabled(id, false).await;
                changed(
                    &opened,
                    json,
                    &username,
                    Action::EnableUser,
                    "may sign in again",
                    change,
                )
                .await
            }
            Command::Link {
                username,
                provider,
                subject,
            } => {
                let facts = [Fact::changed(&provider, None, Some(subject.clone()))];
                let user = found(&opened, &username).await?;
                let linking = opened.store.link(user.id, &provider, &subject, wall_ms());
                stored(&opened, Action::LinkUser, &username, &facts, linking).await?;
                tell(
                    json,
                    &username,
                    format!("signs in as {} of {} now", visible(&subject), visible(&provider)),
                    None,
                )
            }
            Command::Unlink { username, provider } => {
                let facts = [Fact::told("provider", provider.as_str())];
                let user = found(&opened, &username).await?;
                let unlinking = opened.store.unlink(user.id, &provider);
                if !stored(&opened, Action::UnlinkUser, &username, &facts, unlinking).await? {
                    let message = format!("{username} does not sign in with {}", visible(&provider));
                    return Err(Told::error(Exit::NotFound, "provider", message));
                }
                tell(
                    json,
                    &username,
                    format!("signs in with {} no more", visible(&provider)),
                    None,
                )
            }
            Command::MakeAdmin { username } => {
                let change = async |id| opened.store.set_role(id, built_in_id(BuiltIn::Admin)).await;
                changed(
                    &opened,
                    json,
                    &username,
                    Action::MakeAdmin,
                    "is an administrator now",
                    change,
                )
                .await
            }
            Command::ResetPassword { username, password } => reset(&opened, json, &username, password).await,
        };
        opened.store.close().await;
        done
    })
}

async fn create(
    opened: &Opened,
    json: bool,
    username: String,
    name: String,
    role: &str,
    source: Source,
) -> Result<()> {
    good(username_problem(&username), "username")?;
    good(name_problem(&name), "name")?;
    if opened.store.user_named(&username).await?.is_some() {
        return Err(Told::error(
            Exit::Taken,
            "username",
            format!("there is a user {username} already"),
        ));
    }
    let role = role_called(opened, role).await?;
    let password = source.password(&username)?;
    let password_hash = Passwords::new()?.hash(password.expose_secret()).await?;
    let user = UserRecord {
        role_id: role.id.0,
        password_hash,
        ..UserRecord::new(&username, name.trim(), BuiltIn::Viewer, wall_ms())
    };
    let facts = [
        Fact::changed("name", None, Some(user.display_name.clone())),
        Fact::changed("role", None, Some(role.name.clone())),
    ];
    stored(
        opened,
        Action::AddUser,
        &username,
        &facts,
        opened.store.add_user(&user),
    )
    .await?;
    let shown = source.generate.then(|| password.expose_secret().to_owned());
    tell(
        json,
        &username,
        format!("was made ({})", visible(&role.name)),
        shown,
    )
}

/// A role by its name; the built-in ones by their short names as well.
async fn role_called(opened: &Opened, wanted: &str) -> Result<RoleRow> {
    let found = crate::identity::role_called(&opened.store.roles().await?, wanted).cloned();
    found.ok_or_else(|| {
        let message = format!("role: there is no role {}", visible(wanted));
        Told::error(Exit::Invalid, "role", message)
    })
}

async fn list(opened: &Opened, json: bool) -> Result<()> {
    let (people, more) = opened.store.users(None).await?;
    let people: Vec<UserRecord> = people.into_iter().map(|(record, _)| record).collect();
    if json {
        let people = people.iter().map(|one| {
            json!({
                "id": one.id, "username": one.username, "name": one.display_name, "role": one.role,
                "disabled": one.disabled,
            })
        });
        say(people.collect::<serde_json::Value>());
        return Ok(());
    }
    for one in people {
        let state = if one.disabled { "disabled" } else { "active" };
        // a terminal obeys what is in a name
        let (username, name) = (visible(&one.username), visible(&one.display_name));
        say(format_args!(
            "{username:<24} {:<16} {state:<10} {name}",
            visible(&one.role)
        ));
    }
    if more {
        say(format_args!("There are more users than are listed here."));
    }
    Ok(())
}

async fn reset(opened: &Opened, json: bool, username: &str, source: Source) -> Result<()> {
    let user = found(opened, username).await?;
    let password = source.password(username)?;
    let hash = Passwords::new()?.hash(password.expose_secret()).await?;
    let change = opened.store.set_password(user.id, &hash);
    stored(opened, Action::ResetPassword, username, &[], change).await?;
    let shown = source.generate.then(|| password.expose_secret().to_owned());
    tell(
        json,
        username,
        "has another password; their sessions end now",
        shown,
    )
}

async fn changed(
    opened: &Opened,
    json: bool,
    username: &str,
    action: Action,
    says: &str,
    change: impl AsyncFnOnce(i64) -> Stored<bool>,
) -> Result<()> {
    let user = found(opened, username).await?;
    if !stored(opened, action, username, &[], change(user.id)).await? {
        return Err(gone(username));
    }
    tell(json, username, says, None)
}

async fn found(opened: &Opened, username: &str) -> Result<UserRecord> {
    let user = opened.store.user_named(username).await?;
    user.ok_or_else(|| gone(username))
}

fn gone(username: &str) -> anyhow::Error {
    let message = format!("there is no user {}", visible(username));
    Told::error(Exit::NotFound, "username", message)
}

fn tell(json: bool, username: &str, says: impl std::fmt::Display, password: Option<String>) -> Result<()> {
    if json {
        say(json!({ "username": username, "password": password }));
        return Ok(());
    }
    say(format_args!("{username} {says}."));
    if let Some(password) = password {
        say(format_args!("Password, shown this once: {password}"));
    }
    Ok(())
}

pub(super) fn good(problem: Option<FieldError>, field: &'static str) -> Result<()> {
    match problem {
        None => Ok(()),
        Some(wrong) => Err(Told::error(
            Exit::Invalid,
            field,
            format!("{field}: {}", wrong.problem),
        )),
    }
}

/// Does something to a user, with a row before it and one after it.
async fn stored<T>(
    opened: &Opened,
    action: Action,
    username: &str,
    facts: &[Fact],
    change: impl Future<Output = Stored<T>>,
) -> Result<T> {
    opened
        .stored(action, &format!("user {username}"), facts, change)
        .await
}
