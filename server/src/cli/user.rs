//! `starboard user`: people from the command line of the server's machine. Every change is in the audit trail.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result};
use app::{
    FieldError,
    access::BuiltIn,
    audit::{Action, Fact, Outcome},
    model::people::RoleRow,
    words::visible,
};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    place::{Exit, Opened, Place, Told, told},
    runtime, say,
};
use crate::{
    access::{hashing::Passwords, password},
    backend::{name_problem, username_problem},
    clock::wall_ms,
    store::{Result as Stored, UserRecord, built_in_id},
};

/// Letters of generated passwords: none that is taken for another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Letters in a group, and groups: 98 bits.
const GROUP: usize = 5;
const GROUPS: usize = 4;
/// The longest line that is read as a password, in bytes.
const MAX_LINE_BYTES: u64 = 4 << 10;

/// `starboard user …`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
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
    /// Make a user an administrator.
    MakeAdmin {
        /// Sign-in name.
        username: String,
    },
}

/// Where a password comes from; without a flag it is typed, twice, and not shown.
#[derive(Clone, Copy, Debug, clap::Args)]
struct Source {
    /// Read the password from standard input, one line.
    #[arg(long, conflicts_with = "generate")]
    password_stdin: bool,
    /// Make a password and print it, once.
    #[arg(long)]
    generate: bool,
}

pub(super) fn run(arguments: Arguments) -> Result<()> {
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
    audited(
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
    let short = BuiltIn::EVERY.into_iter().find(|role| role.slug() == wanted);
    let roles = opened.store.roles().await?;
    let found = roles.into_iter().find(|role| match short {
        Some(short) => role.id.0 == built_in_id(short),
        None => role.name.eq_ignore_ascii_case(wanted),
    });
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
    audited(opened, Action::ResetPassword, username, &[], change).await?;
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
    if !audited(opened, action, username, &[], change(user.id)).await? {
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

/// Does something with a row before it and one after it.
async fn audited<T>(
    opened: &Opened,
    action: Action,
    username: &str,
    facts: &[Fact],
    change: impl Future<Output = Stored<T>>,
) -> Result<T> {
    let object = format!("user {username}");
    let act = opened
        .trail
        .begin(opened.who.clone(), "", action, &object, facts)
        .await?;
    let done = change.await;
    match &done {
        Ok(_) => opened.trail.end(act, Outcome::Done, &[]).await,
        Err(error) => {
            let why = Fact::told("why", error.to_string());
            opened.trail.end(act, Outcome::Failed, &[why]).await;
        }
    }
    done.map_err(told)
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

fn good(problem: Option<FieldError>, field: &'static str) -> Result<()> {
    match problem {
        None => Ok(()),
        Some(wrong) => Err(Told::error(
            Exit::Invalid,
            field,
            format!("{field}: {}", wrong.problem),
        )),
    }
}

impl Source {
    /// Never from an argument, which everybody on the machine can read.
    fn password(self, username: &str) -> Result<SecretString> {
        if self.generate {
            return Ok(generated());
        }
        let password = if self.password_stdin {
            let mut line = String::new();
            let mut input = std::io::Read::take(std::io::stdin().lock(), MAX_LINE_BYTES);
            input
                .read_line(&mut line)
                .context("the password cannot be read from standard input")?;
            SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned())
        } else {
            typed()?
        };
        good(password::problem(password.expose_secret(), username), "password")?;
        Ok(password)
    }
}

fn typed() -> Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        let message = "password: there is no terminal to type it; use --password-stdin or --generate";
        return Err(Told::error(Exit::Invalid, "password", message));
    }
    let ask = |prompt| {
        let line =
            rpassword::prompt_password(prompt).context("the password cannot be read from the terminal")?;
        anyhow::Ok(SecretString::from(line))
    };
    let (password, again) = (ask("Password: ")?, ask("The same again: ")?);
    if password.expose_secret() != again.expose_secret() {
        return Err(Told::error(Exit::Invalid, "password", "password: the two differ"));
    }
    Ok(password)
}

fn generated() -> SecretString {
    let mut source = rand::rng();
    let mut groups = Vec::with_capacity(GROUPS);
    for _ in 0..GROUPS {
        let letters = std::iter::repeat_with(|| char::from(LETTERS[source.random_range(..LETTERS.len())]));
        groups.push(letters.take(GROUP).collect::<String>());
    }
    SecretString::from(groups.join("-"))
}
