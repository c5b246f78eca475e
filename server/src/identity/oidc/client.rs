//! How a provider is talked to: over TLS that is checked, to no other place than it named, briefly and in small amounts.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::http::Response;
use futures::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, url::Url};

use crate::{
    config::{Oidc, is_loopback},
    http::tls,
};

/// A connection must stand after so long, an answer be there.
const CONNECT: Duration = Duration::from_secs(4);
const ANSWER: Duration = Duration::from_secs(8);
/// The largest answer, in bytes.
const MAX_ANSWER_BYTES: usize = 512 << 10;

/// A client that follows no redirect.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    /// The provider is on this very host: then its addresses may be plain, but must be here as well.
    plain_here: bool,
}

/// What went wrong, for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct HttpError(String);

impl<'a> AsyncHttpClient<'a> for Http {
    type Error = HttpError;
    type Future = BoxFuture<'a, Result<HttpResponse, HttpError>>;

    fn call(&'a self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Http {
    pub(super) fn new(settings: &Oidc) -> Result<Self> {
        let plain_here = settings.issuer.starts_with("http://");
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(settings.ca_file.as_deref())?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .user_agent(concat!("starboard/", env!("CARGO_PKG_VERSION")));
        if plain_here {
            builder = builder.no_proxy();
        }
        let client = builder.build().context("no client for a provider")?;
        Ok(Self { client, plain_here })
    }

    /// Whether the provider may send us, or a browser, to this address.
    pub(super) fn permits(&self, url: &Url) -> Result<()> {
        let fits = match url.scheme() {
            "https" => true,
            "http" => self.plain_here && is_loopback(url),
            _ => false,
        };
        ensure!(fits, "the provider names {}, which is not https", url.scheme());
        Ok(())
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = async {
            let request = reqwest::Request::try_from(request)?;
            self.permits(request.url())?;
            let mut answer = self.client.execute(request).await?;
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await? {
                ensure!(
                    body.len() + chunk.len() <= MAX_ANSWER_BYTES,
                    "an answer is larger than {MAX_ANSWER_BYTES} bytes"
                );
                body.extend_from_slice(&chunk);
            }
            anyhow::Ok(response.body(body)?)
        };
        // without the address: it may hold a secret
        asked.await.map_err(|error: anyhow::Error| {
            let error = match error.downcast::<reqwest::Error>() {
                Ok(error) => error.without_url().into(),
                Err(error) => error,
            };
            HttpError(format!("{error:#}"))
        })
    }
}
