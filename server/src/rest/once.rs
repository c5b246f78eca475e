//! A request that changes something, once for its key: the same again is answered with what the first one was, also when
//! both come at once, and after a restart.

use app::AppError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{door::Asker, given::Key, problem::Problem};
use crate::{clock::wall_ms, error::internal, services::Services, store::Asked};

/// Where answers are kept, sealed: one may hold a one-time link.
const COLUMN: &str = "api_request.answer_sealed";

/// An answer as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    #[serde(skip)]
    status: u16,
    location: Option<String>,
    body: serde_json::Value,
}

impl Kept {
    /// An answer with a body.
    pub(super) fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, AppError> {
        Ok(Self {
            status: status.as_u16(),
            location: None,
            body: serde_json::to_value(body).map_err(internal)?,
        })
    }

    /// Says where the new thing is.
    pub(super) fn at(self, location: String) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }
}

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = (status, axum::Json(self.body)).into_response();
        if let Some(location) = self
            .location
            .and_then(|location| HeaderValue::try_from(location).ok())
        {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// What is asked for, in one word that differs when anything does.
fn fingerprint(what: &str, body: &impl Serialize) -> Result<[u8; 32], AppError> {
    let body = serde_json::to_vec(body).map_err(internal)?;
    Ok(Sha256::new()
        .chain_update(what)
        .chain_update(b"\n")
        .chain_update(body)
        .finalize()
        .into())
}

/// Does `work` once for this key. What was refused changed nothing, and may come again with the same key.
pub(super) async fn once<W>(
    services: &Services,
    asker: &Asker,
    key: Key,
    what: &str,
    body: &impl Serialize,
    work: W,
) -> Result<Kept, Problem>
where
    W: Future<Output = Result<Kept, AppError>> + Send + 'static,
{
    let viewer = asker.0.viewer()?;
    let user = viewer.id.0;
    // who may less, or asks with another token, is not given what was kept
    let token = asker.0.token().map(|(token, _)| token.id);
    let asked = fingerprint(what, &(body, token, &viewer.rights.abilities))?;
    let work = claimed(services.clone(), user, key.key.clone(), asked, work);
    // two at once are one where they ask for the same; another body with the same key is told apart by the claim
    let together = format!("{} {}", key.key, app::browser::hex(&asked[..8]));
    Ok(services.api.once.run(user, &together, work).await?)
}

async fn claimed(
    services: Services,
    user: i64,
    key: String,
    asked: [u8; 32],
    work: impl Future<Output = Result<Kept, AppError>>,
) -> Result<Kept, AppError> {
    let store = &services.store;
    let row = match store.claim_key(user, &key, &asked, wall_ms()).await? {
        Asked::New(row) => row,
        Asked::Answered(row, status, sealed) => {
            let opened = services.seal.unseal(COLUMN, row, &sealed).map_err(internal)?;
            let kept: Kept = serde_json::from_str(opened.expose_secret()).map_err(internal)?;
            return Ok(Kept { status, ..kept });
        }
        Asked::Other => {
            let said = "This Idempotency-Key was used for something else. Make a new one for each thing you want done.";
            return Err(AppError::Conflict(said.into()));
        }
        Asked::Unfinished => {
            let said = "This request was begun before and nothing says how it ended. Look whether it was done before you \
                        ask again with another Idempotency-Key.";
            return Err(AppError::Conflict(said.into()));
        }
        Asked::Full => return Err(AppError::TooMany { retry_after_s: 3600 }),
    };
    match work.await {
        Ok(kept) => {
            let answer = serde_json::to_string(&kept).map_err(internal)?;
            let sealed = services.seal.seal(COLUMN, row, &SecretString::from(answer));
            let sealed = sealed.map_err(internal)?;
            if let Err(error) = store.answer_key(row, kept.status, &sealed).await {
                // a repeat hears then that nobody knows, which is true and changes nothing twice
                tracing::error!(%error, "the answer to a request could not be kept");
            }
            Ok(kept)
        }
        Err(error) => {
            if let Err(error) = store.release_key(row).await {
                tracing::error!(%error, "an Idempotency-Key could not be given back");
            }
            Err(error)
        }
    }
}
