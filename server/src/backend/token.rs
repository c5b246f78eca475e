//! Tokens: who makes, sees and revokes them.

use std::net::IpAddr;

use app::{
    AppError, FieldError,
    access::{ABILITIES, Abilities, Ability, Reach, Rights, Scope},
    audit::{Action, Fact},
    model::{
        PbxId, UserId,
        token::{MAX_DAYS, MadeToken, TokenForm, TokenId, TokenList, TokenRow, TokenState},
    },
};
use ipnet::IpNet;
use secrecy::ExposeSecret;

use super::{
    CallerBackend,
    people::{all_good, problem},
};
use crate::{access::token, clock::wall_ms, store::TokenRecord};

/// Characters a token's name may have.
const MAX_NAME_CHARS: usize = 60;
/// Networks one token may have.
const MAX_NETWORKS: usize = 32;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// A token as its page shows it.
pub(crate) fn row(record: &TokenRecord, now_ms: u64) -> TokenRow {
    TokenRow {
        id: TokenId(record.id),
        owner: UserId(record.user),
        username: record.username.clone(),
        name: record.name.clone(),
        hint: record.hint.clone(),
        abilities: record.scope.abilities,
        pbx: record.scope.pbx,
        networks: record.networks.iter().map(IpNet::to_string).collect(),
        created_ms: record.created_ms,
        expires_ms: record.expires_ms,
        state: if record.revoked_ms.is_some() {
            TokenState::Revoked
        } else if record.is_good(now_ms) {
            TokenState::Good
        } else {
            TokenState::Expired
        },
        used_ms: record.used_ms,
        used_address: record.used_address.clone(),
    }
}

/// Reads typed networks: `192.0.2.0/24, 2001:db8::1`.
fn networks(typed: &str) -> Result<Vec<IpNet>, String> {
    let mut found = Vec::new();
    for part in typed
        .split([',', ';', ' ', '\n', '\t'])
        .filter(|part| !part.is_empty())
    {
        let network = part
            .parse::<IpNet>()
            .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{part:?} is no address, and no network as 192.0.2.0/24."))?
            .trunc();
        if !found.contains(&network) {
            found.push(network);
        }
    }
    if found.len() > MAX_NETWORKS {
        return Err(format!(
            "A token has at most {MAX_NETWORKS} addresses and networks."
        ));
    }
    Ok(found)
}

/// A form that holds together, as the token that it makes for somebody with these rights.
pub(crate) fn check(
    form: &TokenForm,
    rights: &Rights,
    pbxs: &[(PbxId, String)],
    now_ms: u64,
) -> Result<TokenRecord, Vec<FieldError>> {
    let mut problems = Vec::new();
    let name = form.name.trim();
    if !(1..=MAX_NAME_CHARS).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        problems.push(problem(
            "name",
            format!("Type a name of 1 to {MAX_NAME_CHARS} characters."),
        ));
    }
    if !(1..=MAX_DAYS).contains(&form.days) {
        problems.push(problem("days", format!("Choose 1 to {MAX_DAYS} days.")));
    }
    if form
        .pbx
        .is_some_and(|pbx| pbxs.iter().all(|(known, _)| *known != pbx) || !rights.touch(pbx))
    {
        problems.push(problem("pbx", "This PBX does not exist any more."));
    }
    let networks = networks(&form.networks).unwrap_or_else(|wrong| {
        problems.push(problem("networks", wrong));
        Vec::new()
    });
    for info in &ABILITIES {
        let wanted = form.abilities.reach(info.ability);
        let mine = rights.reach(info.ability);
        if wanted > mine || !info.reaches.contains(&wanted) {
            problems.push(problem(
                "abilities",
                format!("You cannot give away: {}.", info.name),
            ));
        }
    }
    if form.abilities == Abilities::none() {
        problems.push(problem("abilities", "Tick what the program may do."));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(TokenRecord {
        id: 0,
        user: 0,
        username: String::new(),
        hint: String::new(),
        name: name.to_owned(),
        scope: Scope {
            abilities: form.abilities,
            pbx: form.pbx,
        },
        networks,
        created_ms: now_ms,
        expires_ms: now_ms + u64::from(form.days) * DAY_MS,
        revoked_ms: None,
        used_ms: None,
        used_address: String::new(),
    })
}

/// What the trail says of a token.
pub(crate) fn facts(token: &TokenRecord) -> Vec<Fact> {
    let ticked = ABILITIES.iter().filter_map(|info| {
        let reach = token.scope.abilities.reach(info.ability);
        (reach > Reach::Nothing).then(|| format!("{} {}", info.slug, reach.slug()))
    });
    let networks = token
        .networks
        .iter()
        .map(IpNet::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let mut facts = vec![
        Fact::told("abilities", ticked.collect::<Vec<_>>().join(", ")),
        Fact::told("expires", app::words::moment::machine(token.expires_ms)),
    ];
    if let Some(pbx) = token.scope.pbx {
        facts.push(Fact::told("PBX", pbx.0.to_string()));
    }
    if !networks.is_empty() {
        facts.push(Fact::told("networks", networks));
    }
    facts
}

pub(super) async fn list(backend: &CallerBackend, everybody: bool) -> Result<TokenList, AppError> {
    // who takes somebody's view has no business with their tokens
    let of = match everybody {
        true => backend.may(Ability::ManageTokens).map(|_| None)?,
        false => Some(backend.acting()?.id.0),
    };
    let now_ms = wall_ms();
    let tokens = backend.services.store.tokens(of).await?;
    let rows = tokens.iter().map(|token| row(token, now_ms)).collect();
    Ok(TokenList { rows, now_ms })
}

pub(super) async fn make(backend: &CallerBackend, form: TokenForm) -> Result<MadeToken, AppError> {
    backend.about(Action::MakeToken, format!("token {}", form.name));
    backend.may(Ability::UseTokens)?;
    let viewer = backend.confirmed()?;
    let store = &backend.services.store;
    let now_ms = wall_ms();
    let checked = check(&form, &viewer.rights, &store.pbx_names().await?, now_ms);
    let wanted = match checked {
        Ok(wanted) => wanted,
        Err(problems) => return Err(all_good(problems).err().unwrap_or(AppError::Forbidden)),
    };
    let made = token::make();
    let wanted = TokenRecord {
        user: viewer.id.0,
        username: viewer.username.clone(),
        hint: made.hint,
        ..wanted
    };
    let keeping = async {
        let kept = store.add_token(&wanted, &made.hash, now_ms).await?;
        kept.ok_or_else(|| {
            AppError::Conflict("You have fifty tokens. Revoke one that is not needed any more.".into())
        })
    };
    let object = format!("token {}", wanted.name);
    let id = backend
        .act(Action::MakeToken, &object, &facts(&wanted), keeping)
        .await?;
    Ok(MadeToken {
        token: made.token.expose_secret().to_owned(),
        row: row(&TokenRecord { id, ..wanted }, now_ms),
    })
}

pub(super) async fn revoke(backend: &CallerBackend, id: TokenId) -> Result<(), AppError> {
    backend.about(Action::RevokeToken, format!("token {}", id.0));
    let viewer = backend.acting()?;
    let services = &backend.services;
    let found = services.store.token(id.0).await?;
    let token = found
        .filter(|token| token.user == viewer.id.0 || viewer.rights.has(Ability::ManageTokens))
        .ok_or(AppError::NotFound)?;
    let object = format!("token {}", token.name);
    let of = [Fact::told("of", token.username.clone())];
    let revoking = async {
        let done = services.store.revoke_token(token.id, wall_ms()).await?;
        done.then_some(())
            .ok_or_else(|| AppError::Conflict("This token has ended already.".into()))
    };
    backend.act(Action::RevokeToken, &object, &of, revoking).await?;
    services.current.look(&services.store).await;
    Ok(())
}
