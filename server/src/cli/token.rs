//! `starboard token`: tokens for programs, from the command line of the server's machine. Every change is in the trail.

use anyhow::Result;
use app::{
    access::{ABILITIES, Abilities, Ability, Reach},
    audit::{Action, Fact},
    model::{
        PbxId,
        token::{TokenForm, TokenState},
    },
    words::{moment, visible},
};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{
    place::{At, Exit, Opened, Told},
    runtime, say,
};
use crate::{
    access::{self, token},
    backend::token::{check, facts, row},
    clock::wall_ms,
    store::TokenRecord,
};

/// `starboard token …`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a token with which a program acts for a user, and print it, once.
    Create {
        /// The user's sign-in name.
        username: String,
        /// A name to know it by.
        name: String,
        /// What it may do, as see_calls or see_calls=teams; as far as the user when nothing is said. May be repeated.
        #[arg(long = "ability", value_name = "ABILITY", required_unless_present = "all")]
        abilities: Vec<String>,
        /// Everything that the user may do.
        #[arg(long, conflicts_with = "abilities")]
        all: bool,
        /// The id of the only PBX it is for.
        #[arg(long, value_name = "ID")]
        pbx: Option<i64>,
        /// An address or a network from which it may be used, as 192.0.2.0/24. May be repeated; everywhere when not given.
        #[arg(long = "network", value_name = "NETWORK")]
        networks: Vec<String>,
        /// Good for so many days, at most 90.
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// List the tokens of everybody, or of one user.
    List {
        /// The user's sign-in name.
        username: Option<String>,
    },
    /// End a token; programs that use it are cut off at once.
    Revoke {
        /// Its number, as `list` shows it.
        id: i64,
    },
}

pub(super) fn run(arguments: At<Command>) -> Result<()> {
    let json = arguments.place.json;
    runtime()?.block_on(async {
        let opened = arguments.place.open(false).await?;
        let done = match arguments.command {
            Command::Create {
                username,
                name,
                abilities,
                all,
                pbx,
                networks,
                days,
            } => {
                let form = TokenForm {
                    name,
                    abilities: Abilities::none(),
                    pbx: pbx.map(PbxId),
                    networks: networks.join(" "),
                    days,
                };
                create(&opened, json, &username, form, (!all).then_some(&abilities)).await
            }
            Command::List { username } => list(&opened, json, username.as_deref()).await,
            Command::Revoke { id } => revoke(&opened, json, id).await,
        };
        opened.store.close().await;
        done
    })
}

/// What is ticked: these words, or everything.
fn ticked(words: Option<&Vec<String>>, mine: &Abilities) -> Result<Abilities> {
    let Some(words) = words else { return Ok(*mine) };
    let mut abilities = Abilities::none();
    for word in words {
        let (slug, reach) = match word.split_once('=') {
            Some((slug, reach)) => (slug, Some(reach)),
            None => (word.as_str(), None),
        };
        let unknown = |what: &str| {
            let known: Vec<&str> = ABILITIES.iter().map(|info| info.slug).collect();
            let message = format!("ability: there is no {what}; abilities are {}", known.join(", "));
            Told::error(Exit::Invalid, "ability", message)
        };
        let ability = Ability::of_slug(slug).ok_or_else(|| unknown(&visible(slug)))?;
        let reach = match reach {
            Some(reach) => {
                Reach::of_slug(reach).ok_or_else(|| unknown(&format!("reach {}", visible(reach))))?
            }
            None => mine.reach(ability),
        };
        if reach == Reach::Nothing {
            let message = format!("ability: this user may not: {}", ability.info().name);
            return Err(Told::error(Exit::Invalid, "ability", message));
        }
        abilities.set(ability, reach);
    }
    Ok(abilities)
}

async fn create(
    opened: &Opened,
    json: bool,
    username: &str,
    form: TokenForm,
    words: Option<&Vec<String>>,
) -> Result<()> {
    let user = opened.store.user_named(username).await?.ok_or_else(|| {
        let message = format!("there is no user {}", visible(username));
        Told::error(Exit::NotFound, "username", message)
    })?;
    let rights = access::rights(&user, None);
    if !rights.has(Ability::UseTokens) {
        let message = format!("username: the role of {} uses no programs", visible(username));
        return Err(Told::error(Exit::Invalid, "username", message));
    }
    let form = TokenForm {
        abilities: ticked(words, &rights.abilities)?,
        ..form
    };
    let now_ms = wall_ms();
    let pbxs = opened.store.pbx_names().await?;
    let wanted = check(&form, &rights, &pbxs, now_ms).map_err(|problems| {
        let wrong = problems
            .iter()
            .map(|one| format!("{}: {}", one.field, one.problem));
        Told::error(Exit::Invalid, "form", wrong.collect::<Vec<_>>().join(" "))
    })?;
    let made = token::make();
    let wanted = TokenRecord {
        user: user.id,
        username: user.username.clone(),
        hint: made.hint,
        ..wanted
    };
    let mut told_of = facts(&wanted);
    told_of.push(Fact::told("of", user.username.clone()));
    let keeping = opened.store.add_token(&wanted, &made.hash, now_ms);
    let object = format!("token {}", wanted.name);
    let id = opened
        .stored(Action::MakeToken, &object, &told_of, keeping)
        .await?;
    let id = id.ok_or_else(|| {
        let message = "this user has fifty tokens; revoke one first";
        Told::error(Exit::Taken, "username", message)
    })?;
    let token = made.token.expose_secret();
    if json {
        say(json!({
            "id": id, "token": token, "username": user.username, "name": wanted.name,
            "expires": moment::machine(wanted.expires_ms),
        }));
        return Ok(());
    }
    say(format_args!(
        "Token {id} of {} was made; it is good until {}.",
        visible(&user.username),
        moment::machine(wanted.expires_ms)
    ));
    say(format_args!("Shown this once: {token}"));
    Ok(())
}

async fn list(opened: &Opened, json: bool, username: Option<&str>) -> Result<()> {
    let of = match username {
        None => None,
        Some(username) => {
            let user = opened.store.user_named(username).await?;
            let user = user.ok_or_else(|| {
                let message = format!("there is no user {}", visible(username));
                Told::error(Exit::NotFound, "username", message)
            })?;
            Some(user.id)
        }
    };
    let now_ms = wall_ms();
    let rows = opened.store.tokens(of).await?;
    let rows: Vec<_> = rows.iter().map(|token| row(token, now_ms)).collect();
    let state = |state| match state {
        TokenState::Good => "good",
        TokenState::Expired => "expired",
        TokenState::Revoked => "revoked",
    };
    if json {
        let rows = rows.iter().map(|row| {
            json!({
                "id": row.id.0, "username": row.username, "name": row.name, "begins": row.hint,
                "state": state(row.state), "expires": moment::machine(row.expires_ms),
                "used": row.used_ms.map(moment::machine), "from": row.used_address,
            })
        });
        say(rows.collect::<serde_json::Value>());
        return Ok(());
    }
    for row in rows {
        let used = row.used_ms.map_or_else(|| "never".into(), moment::machine);
        say(format_args!(
            "{:<5} {:<24} {:<10} {}… until {} used {used} {}",
            row.id.0,
            visible(&row.username),
            state(row.state),
            row.hint,
            moment::machine(row.expires_ms),
            // a terminal obeys what is in a name
            visible(&row.name)
        ));
    }
    Ok(())
}

async fn revoke(opened: &Opened, json: bool, id: i64) -> Result<()> {
    let gone = || {
        Told::error(
            Exit::NotFound,
            "id",
            format!("there is no token {id} that is still good"),
        )
    };
    let token = opened.store.token(id).await?.ok_or_else(gone)?;
    let of = [Fact::told("of", token.username.clone())];
    let revoking = opened.store.revoke_token(id, wall_ms());
    let object = format!("token {}", token.name);
    if !opened.stored(Action::RevokeToken, &object, &of, revoking).await? {
        return Err(gone());
    }
    if json {
        say(json!({ "id": id, "username": token.username }));
    } else {
        say(format_args!(
            "Token {id} of {} is revoked; programs that use it are cut off now.",
            visible(&token.username)
        ));
    }
    Ok(())
}
