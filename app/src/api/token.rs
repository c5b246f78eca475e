//! Tokens of programs.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    access::{Abilities, Ability, Reach},
    model::{
        PbxId,
        token::{MadeToken, TokenForm, TokenId, TokenList},
    },
    packed::PostPacked,
};

/// The viewer's own tokens, or everybody's.
#[server(prefix = "/api", endpoint = "tokens", output = PostPacked)]
pub async fn load_tokens(#[server(default)] everybody: bool) -> Result<TokenList, AppError> {
    backend()?.tokens(everybody).await
}

/// Makes a token. What is ticked is written `ability=reach`; `pbx` 0 is every PBX.
#[server(prefix = "/api", endpoint = "make_token", output = PostPacked)]
pub async fn make_token(
    name: String,
    #[server(default)] abilities: Vec<String>,
    #[server(default)] pbx: i64,
    #[server(default)] networks: String,
    days: u32,
) -> Result<MadeToken, AppError> {
    let mut ticked = Abilities::none();
    for word in &abilities {
        let read = word
            .split_once('=')
            .and_then(|(ability, reach)| Some((Ability::of_slug(ability)?, Reach::of_slug(reach)?)));
        let (ability, reach) =
            read.ok_or_else(|| AppError::field("abilities", "Tick abilities from the list."))?;
        ticked.set(ability, reach);
    }
    let form = TokenForm {
        name,
        abilities: ticked,
        pbx: (pbx != 0).then_some(PbxId(pbx)),
        networks,
        days,
    };
    backend()?.make_token(form).await
}

/// Ends a token.
#[server(prefix = "/api", endpoint = "revoke_token", output = PostPacked)]
pub async fn revoke_token(id: i64) -> Result<(), AppError> {
    backend()?.revoke_token(TokenId(id)).await
}
