//! Signing in and out, the first administrator, one's own settings.

use leptos::server;
use serde::{Deserialize, Serialize};

use super::backend;
use crate::{
    AppError,
    model::{
        PbxId, ProfileForm, SetUp, SignIn, Viewer,
        sign_in::{Entry, PasskeyAnswer, PasskeyPlace, PasskeyQuestion},
    },
    packed::PostPacked,
    words::address,
};

/// What the pages before the sign-in need to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "")]
pub struct Doorstep {
    /// Somebody is signed in already.
    pub signed_in: bool,
    /// There is no administrator yet.
    pub setup_open: bool,
    /// Where passkeys work.
    pub passkeys: PasskeyPlace,
    /// The providers that one can sign in with.
    pub providers: Vec<String>,
}

/// How things stand before the sign-in.
#[server(prefix = "/api", endpoint = "doorstep", output = PostPacked)]
pub async fn load_doorstep() -> Result<Doorstep, AppError> {
    let backend = backend()?;
    Ok(Doorstep {
        signed_in: backend.viewer()?.is_some(),
        setup_open: backend.setup_open().await?,
        passkeys: backend.passkey_place(),
        providers: backend.providers(),
    })
}

/// Signs in and goes to `next` where that is a page of ours, else to the switchboard.
#[server(name = EnterForm, prefix = "/api", endpoint = "sign_in", output = PostPacked)]
pub async fn sign_in(
    username: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let username = username.trim().to_lowercase();
    if username.is_empty() {
        return Err(AppError::field("username", "Type your user name."));
    }
    if password.is_empty() {
        return Err(AppError::field("password", "Type your password."));
    }
    let entry = backend()?.sign_in(SignIn { username, password }).await?;
    leptos_axum::redirect(&self::next(entry, &next));
    Ok(())
}

/// Where a sign-in goes that has come so far.
pub(super) fn next(entry: Entry, wanted: &str) -> String {
    match entry {
        Entry::In => address::way_in(wanted).to_owned(),
        Entry::Second => address::step("second", wanted),
        Entry::SetUp => address::step("factor", wanted),
    }
}

/// Asks for a passkey, whoever it is.
#[server(prefix = "/api", endpoint = "ask_passkey", output = PostPacked)]
pub async fn ask_passkey() -> Result<PasskeyQuestion, AppError> {
    backend()?.ask_passkey().await
}

/// Signs in with a passkey alone and goes where [`sign_in`] does.
#[server(prefix = "/api", endpoint = "passkey_sign_in", output = PostPacked)]
pub async fn passkey_sign_in(
    name: String,
    credential: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let answer = PasskeyAnswer { name, credential };
    backend()?.sign_in_with_passkey(answer).await?;
    leptos_axum::redirect(address::way_in(&next));
    Ok(())
}

/// Makes the first administrator, signs in and goes to the first PBX connection.
#[server(name = SetUpForm, prefix = "/api", endpoint = "set_up", output = PostPacked)]
pub async fn set_up(
    token: String,
    username: String,
    display_name: String,
    password: String,
    password_again: String,
) -> Result<(), AppError> {
    if password != password_again {
        return Err(AppError::field("password_again", "The two passwords differ."));
    }
    let form = SetUp {
        token,
        username: username.trim().to_lowercase(),
        display_name: display_name.trim().into(),
        password,
    };
    backend()?.set_up(form).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Ends the session.
#[server(prefix = "/api", endpoint = "sign_out", output = PostPacked)]
pub async fn sign_out() -> Result<(), AppError> {
    backend()?.sign_out().await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Changes one's own name and extension. `own` is `<pbx>:<number>`, or empty for none.
#[server(prefix = "/api", endpoint = "save_profile", output = PostPacked)]
pub async fn save_profile(display_name: String, own: String) -> Result<Viewer, AppError> {
    let (pbx, extension) = match own.split_once(':') {
        Some((pbx, number)) => {
            let id = pbx
                .parse()
                .map_err(|_| AppError::field("own", "Choose an extension from the list."))?;
            (Some(PbxId(id)), number.to_owned())
        }
        None => (None, String::new()),
    };
    let form = ProfileForm {
        display_name: display_name.trim().into(),
        pbx,
        extension,
    };
    backend()?.save_profile(form).await
}
