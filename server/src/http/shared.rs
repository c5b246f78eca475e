//! `/heard?link=TOKEN`: one recording for whoever was given the link; a bare page, and the sound below it. No session and no script.

use std::collections::HashMap;

use app::{
    AppError,
    browser::hex,
    model::recording::HEARD,
    words::{moment, visible},
};
use axum::{
    Extension, Router,
    extract::{Query, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use html_escape::encode_double_quoted_attribute;
use rand::RngExt;

use super::{
    gate::status,
    recording::{refused, send},
};
use crate::{
    backend::{By, come_by},
    error::internal,
    proxy::Client,
    services::Services,
};

/// What the page may fetch: its stylesheet and the sound.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The address is a secret: it is told to nobody, kept nowhere, and no machine looks for it.
const SECRET: [(HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("x-robots-tag"),
        "noindex, nofollow, noarchive",
    ),
];
const GONE: &str = "This link is not good, or not any more.";

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route(HEARD, get(page))
        .route(&format!("{HEARD}/sound"), get(sound))
}

type Parameters = Query<HashMap<String, String>>;

async fn by(services: &Services, client: &Client, parameters: &Parameters) -> Result<By, AppError> {
    let token = parameters.get("link").map_or("", String::as_str);
    come_by(services, client.address, token).await
}

async fn page(
    State(services): State<Services>,
    Extension(client): Extension<Client>,
    parameters: Parameters,
) -> Response {
    let found = by(&services, &client, &parameters).await;
    let token = parameters.get("link").map_or("", String::as_str);
    let (status, body) = match found {
        Ok(by) if by.is_left() => (StatusCode::OK, player(&by, token)),
        Ok(_) | Err(AppError::NotFound) => (StatusCode::NOT_FOUND, words(GONE)),
        Err(error) => (status(&error), words(&error.to_string())),
    };
    let mut response = (status, Html(body)).into_response();
    secret(&mut response);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(POLICY),
    );
    response
}

async fn sound(
    State(services): State<Services>,
    Extension(client): Extension<Client>,
    parameters: Parameters,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let mut response = match heard(&services, &client, &parameters, &method, &headers).await {
        Ok(response) => response,
        Err(AppError::NotFound | AppError::Conflict(_)) => {
            (StatusCode::NOT_FOUND, format!("{GONE}\n")).into_response()
        }
        Err(error) => refused(error),
    };
    secret(&mut response);
    response
}

async fn heard(
    services: &Services,
    client: &Client,
    parameters: &Parameters,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, AppError> {
    let by = by(services, client, parameters).await?;
    if method == Method::HEAD {
        return Ok(StatusCode::OK.into_response());
    }
    let listening = parameters.get("listening").map_or("", String::as_str);
    let sound = by.listen(listening).await?;
    send(sound, false, false, headers).await.map_err(internal)
}

fn secret(response: &mut Response) {
    for (name, value) in SECRET {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
}

/// Text as it can stand in HTML.
fn text(text: &str) -> String {
    encode_double_quoted_attribute(&visible(text)).replace('>', "&gt;")
}

fn document(main: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>A recording · Starboard</title>\n\
         <link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"/offline.css\">\n\
         <link rel=\"stylesheet\" href=\"/heard.css\">\n</head>\n<body>\n<header><h1><img src=\"/icon.svg\" alt=\"\">Starboard</h1></header>\n\
         <main>\n{main}\n</main>\n</body>\n</html>\n"
    )
}

fn words(say: &str) -> String {
    document(&format!("<h2>{}</h2>", text(say)))
}

/// How often it can be heard yet.
fn left(most: Option<u32>, heard: u32) -> String {
    match most.map(|most| most.saturating_sub(heard)) {
        None => String::new(),
        Some(1) => " It can be heard once more.".into(),
        Some(times) => format!(" It can be heard {times} more times."),
    }
}

/// The page. Each time it is opened is a listening of its own, once something of it is played.
fn player(by: &By, token: &str) -> String {
    let link = &by.link.shown;
    let listening = hex(&rand::rng().random::<[u8; 8]>());
    let until = link.expires_ms;
    document(&format!(
        "<h2>{} shares a recording of a call with you</h2>\n<blockquote>{}</blockquote>\n\
         <audio controls preload=\"none\" src=\"{HEARD}/sound?link={}&amp;listening={listening}\" aria-label=\"The recording\"></audio>\n\
         <p>Good until <time datetime=\"{}\">{}, {} UTC</time>.{} Each time is written down.</p>",
        text(&link.by),
        text(&link.purpose),
        text(token),
        moment::machine(until),
        moment::day(until),
        moment::clock(until),
        left(link.most, link.heard),
    ))
}
