//! OpenID Connect: the authorisation code flow with PKCE. What a provider says counts once its signature, issuer,
//! audience, time and nonce are right; keys that it changed are fetched again.

mod claims;
mod client;
mod pending;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use openidconnect::{
    AccessTokenHash, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenFields, IdTokenVerifier, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
        CoreTokenType,
    },
    url::Url,
};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, Semaphore};

pub use pending::{Pending, open, sealed};

use self::{
    claims::{Rest, person, vouches_twice},
    client::Http,
};
use super::Person;
use crate::config::{Flag, Oidc};

/// What the provider says of itself is asked for again after so long.
const KEEP: Duration = Duration::from_secs(3600);
/// One that did not answer is asked no sooner than after so long.
const PAUSE: Duration = Duration::from_secs(5);
/// Sign-ins that are finished with the provider at once.
const AT_ONCE: usize = 8;
/// How far its clock and ours may differ.
const SKEW_S: i64 = 60;
/// How old an ID token may be.
const OLDEST_S: i64 = 600;
/// What ID tokens may be signed with: never a secret that others may know, never nothing.
const SIGNED_WITH: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

type Fields = IdTokenFields<
    Rest,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Ours = Client<
    Rest,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a sign-in came to nothing.
#[derive(Debug)]
pub enum Failure {
    /// The provider did not answer, or refused the exchange.
    Unreachable(anyhow::Error),
    /// What it said is not to be believed.
    Untrusted(anyhow::Error),
}

/// Somebody it vouches for.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Who.
    pub person: Person,
    /// Whether they showed two factors there.
    pub twice: bool,
}

/// A provider.
#[derive(Debug)]
pub struct Provider {
    settings: Oidc,
    http: Http,
    known: Mutex<Known>,
    turns: Semaphore,
}

/// What it says of itself and when it was asked, and when it did not answer.
#[derive(Debug, Default)]
struct Known {
    about: Option<(Arc<CoreProviderMetadata>, Instant)>,
    failed: Option<Instant>,
}

impl Provider {
    /// The provider of these settings; nothing is asked of it yet.
    pub fn new(settings: &Oidc) -> Result<Self> {
        Ok(Self {
            http: Http::new(settings)?,
            settings: settings.clone(),
            known: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Its settings.
    pub fn settings(&self) -> &Oidc {
        &self.settings
    }

    /// Where a browser goes to sign in, and what has to be known when it comes back.
    pub async fn begin(&self, provider: usize, redirect: &str, next: String) -> Result<(Url, Pending)> {
        let about = self.about(None).await?;
        let client = self.client(&about, redirect)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client.authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        );
        for scope in &self.settings.scopes.0 {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        self.http.permits(&url)?;
        let pending = Pending::new(
            provider,
            state.secret().clone(),
            nonce.secret().clone(),
            verifier.secret().clone(),
            next,
        );
        Ok((url, pending))
    }

    /// Who came back with this code.
    pub async fn finish(&self, pending: &Pending, code: String, redirect: &str) -> Result<Proven, Failure> {
        let _turn = self
            .turns
            .try_acquire()
            .map_err(|_| Failure::Unreachable(anyhow!("too many sign-ins are being finished")))?;
        let begun = Instant::now();
        let about = self.about(None).await.map_err(Failure::Unreachable)?;
        let client = self.client(&about, redirect).map_err(Failure::Unreachable)?;
        let tokens: Tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Failure::Unreachable(error.into()))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(|error| Failure::Unreachable(anyhow!("the code was not exchanged: {error}")))?;
        match self.read(&client, &tokens, pending).await {
            Err(Wrong::UnknownKey) => {}
            read => return read.map_err(Wrong::failure),
        }
        // it may have changed its keys since we asked
        let about = self.about(Some(begun)).await.map_err(Failure::Unreachable)?;
        let client = self.client(&about, redirect).map_err(Failure::Unreachable)?;
        self.read(&client, &tokens, pending).await.map_err(Wrong::failure)
    }

    async fn read(&self, client: &Ours, tokens: &Tokens, pending: &Pending) -> Result<Proven, Wrong> {
        let untrusted = |text: &str| Wrong::Other(anyhow!("{text}"));
        let id_token = tokens
            .id_token()
            .ok_or_else(|| untrusted("there is no ID token"))?;
        let verifier = verifier(client.id_token_verifier());
        let nonce = Nonce::new(pending.nonce.clone());
        let claims = id_token.claims(&verifier, &nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(anyhow::Error::from)?;
            let key = id_token.signing_key(&verifier).map_err(anyhow::Error::from)?;
            let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(anyhow::Error::from)?;
            if found != *expected {
                return Err(untrusted("the access token belongs to another ID token"));
            }
        }
        let subject = claims.subject().clone();
        let mut said = object(serde_json::to_value(claims));
        let twice = vouches_twice(&self.settings, &said);
        if claims::lacks_any(&self.settings, &said)
            && let Ok(request) = client.user_info(tokens.access_token().clone(), Some(subject.clone()))
        {
            let more: Result<UserInfoClaims<Rest, CoreGenderClaim>, _> =
                request.request_async(&self.http).await;
            let more = more.map_err(|error| Wrong::Other(anyhow!("user info: {error}")))?;
            for (name, value) in object(serde_json::to_value(&more)) {
                // what is signed counts first
                said.entry(name).or_insert(value);
            }
        }
        Ok(Proven {
            person: person(&self.settings, subject.as_str(), &said),
            twice,
        })
    }

    /// What it says of itself; where it can be had, asked since then.
    async fn about(&self, since: Option<Instant>) -> Result<Arc<CoreProviderMetadata>> {
        let mut known = self.known.lock().await;
        if let Some((about, asked)) = &known.about
            && since.map_or(asked.elapsed() < KEEP, |since| *asked >= since)
        {
            return Ok(about.clone());
        }
        let now = Instant::now();
        let found = if known.failed.is_some_and(|failed| failed.elapsed() < PAUSE) {
            Err(anyhow!("it did not answer a moment ago"))
        } else {
            let issuer = IssuerUrl::new(self.settings.issuer.clone())?;
            let found = CoreProviderMetadata::discover_async(issuer, &self.http).await;
            found.map_err(|error| anyhow!("discovery failed: {}", chain(&error)))
        };
        match found {
            Ok(about) => {
                let about = Arc::new(about);
                known.about = Some((about.clone(), now));
                Ok(about)
            }
            Err(error) => {
                known.failed = Some(now);
                // what it said before is better than nothing
                let before = known.about.as_ref().map(|(about, _)| about.clone());
                before.ok_or(error)
            }
        }
    }

    fn client(&self, about: &CoreProviderMetadata, redirect: &str) -> Result<Ours> {
        let settings = &self.settings;
        let secret = settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let client =
            Client::from_provider_metadata(about.clone(), ClientId::new(settings.client_id.clone()), secret);
        let ways = about.token_endpoint_auth_methods_supported();
        let in_body = ways.is_some_and(|ways| {
            !ways.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && ways.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let auth_type = if in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        Ok(client
            .set_auth_type(auth_type)
            .set_redirect_uri(RedirectUrl::new(redirect.to_owned())?))
    }
}

/// With our clock's tolerance and our algorithms.
fn verifier(verifier: IdTokenVerifier<'_, CoreJsonWebKey>) -> IdTokenVerifier<'_, CoreJsonWebKey> {
    verifier
        .set_allowed_algs(SIGNED_WITH)
        .set_time_fn(|| claims::now(-SKEW_S))
        .set_issue_time_verifier_fn(|issued| {
            if issued > claims::now(SKEW_S) {
                Err("it is from the future".into())
            } else if issued < claims::now(-SKEW_S - OLDEST_S) {
                Err("it is too old".into())
            } else {
                Ok(())
            }
        })
}

/// Why what it said does not count.
enum Wrong {
    UnknownKey,
    Other(anyhow::Error),
}

impl Wrong {
    fn failure(self) -> Failure {
        Failure::Untrusted(match self {
            Self::UnknownKey => anyhow!("the ID token is signed with a key that the provider does not show"),
            Self::Other(error) => error,
        })
    }
}

impl From<anyhow::Error> for Wrong {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<ClaimsVerificationError> for Wrong {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            // a new key may come under an old name
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            ) => Self::UnknownKey,
            error => Self::Other(anyhow!("{}", chain(&error))),
        }
    }
}

/// An error with what is behind it, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn object(value: serde_json::Result<Value>) -> Map<String, Value> {
    match value {
        Ok(Value::Object(map)) => map,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// Whether a provider's word counts twice by its settings, where they say so.
fn by_settings(settings: &Oidc) -> Option<bool> {
    settings.second_factor.map(|Flag(counts)| counts)
}
