//! The door: finds out who asks, and turns strangers away from everything that is not listed here.

use app::{
    AppError, USED,
    audit::Action,
    packed::{Packed, unpack},
    pages::screens::Screen,
    words::address,
};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::server_fn::{
    ContentType,
    error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
};

use crate::{
    access::device,
    backend,
    caller::{Caller, unreadable},
    error::{internal, refusal},
    proxy::Client,
    services::Services,
    session::{
        self,
        stage::{self, Asked},
    },
};

/// Pages for people who are not signed in.
const PUBLIC_PAGES: [&str; 6] = [
    "/sign-in",
    "/setup",
    "/welcome",
    "/tv",
    "/oidc/start",
    "/oidc/callback",
];
/// Server functions for them.
const PUBLIC_FUNCTIONS: [&str; 9] = [
    "/api/doorstep",
    "/api/sign_in",
    "/api/ask_passkey",
    "/api/passkey_sign_in",
    "/api/set_up",
    "/api/sign_out",
    "/api/invited",
    "/api/accept",
    "/api/tv",
];
/// For people whose password was right and of whom a second factor is asked.
const SECOND_FUNCTIONS: [&str; 4] = [
    "/api/second_ways",
    "/api/second_code",
    "/api/ask_second",
    "/api/second_passkey",
];
/// For people whose password was right and who have to set a second factor up.
const SET_UP_FUNCTIONS: [&str; 5] = [
    "/api/begin_app",
    "/api/setting_up",
    "/api/add_app",
    "/api/ask_new_passkey",
    "/api/add_passkey",
];

/// What a screen may ask for. Everywhere else it is a stranger.
const SCREEN_ADDRESSES: [&str; 5] = [
    "/tv",
    "/api/tv",
    "/api/wall_figures",
    "/api/doorstep",
    app::live::protocol::PATH,
];

/// The largest error that a server function answers, in bytes.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// Lets a request in with its [`Caller`], or refuses it.
pub async fn gate(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    let Some(session) = session::of(request.extensions()).cloned() else {
        return refuse(
            &request,
            &internal(anyhow::anyhow!("a request without a session layer")),
        );
    };
    let Some(client) = request.extensions().get::<Client>() else {
        return refuse(
            &request,
            &internal(anyhow::anyhow!("a request without an address")),
        );
    };
    let mut caller = match Caller::find(session, client.address, &services).await {
        Ok(caller) => caller,
        Err(error) => return refuse(&request, &error),
    };
    if caller.viewer.is_none()
        && SCREEN_ADDRESSES.contains(&request.uri().path())
        && let Err(error) = caller.find_screen(request.headers(), &services).await
    {
        return refuse(&request, &error);
    }
    if caller.viewer.is_none() && !is_public(request.uri().path()) {
        match is_next_step(&caller, request.uri().path()).await {
            Ok(true) => {}
            Ok(false) => return refuse(&request, &AppError::NotSignedIn),
            Err(error) => return refuse(&request, &error),
        }
    }
    caller.agent = agent(request.headers());
    if request.method() == Method::GET
        && let Err(error) = backend::note(&services, &mut caller).await
    {
        return refuse(&request, &error);
    }
    if let (Some(_), Some(id)) = (&caller.viewer, caller.session.id())
        && is_use(&request)
    {
        services.sessions.touch(id).await;
    }
    request.extensions_mut().insert(caller.clone());
    let path = request.uri().path().to_owned();
    if let (&Method::GET, Some(viewer)) = (request.method(), &caller.viewer)
        && !Screen::of(&path).is_for(&viewer.rights)
    {
        // the page says so by itself
        tell(&services, &caller, &path, &AppError::Forbidden.to_string()).await;
    }
    let (response, error) = refusal_in(next.run(request).await).await;
    if let Some(why) = error.as_ref().and_then(refusal) {
        tell(&services, &caller, &path, &why).await;
    }
    response
}

/// The error of a server function, or of a handler that left it for us. A server function answers every refusal with the
/// same status; the one that fits is in the error itself. A form sent without a script is sent back with it.
async fn refusal_in(response: Response) -> (Response, Option<AppError>) {
    if let Some(error) = response.extensions().get::<AppError>().cloned() {
        return (response, Some(error));
    }
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return (response, None);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_ERROR_BYTES).await.unwrap_or_default();
    let error: Option<AppError> = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| unpack(text).ok());
    if let Some(error) = &error
        && parts.status == StatusCode::INTERNAL_SERVER_ERROR
    {
        parts.status = status(error);
        if let AppError::TooMany { retry_after_s } = error {
            parts.headers.insert(header::RETRY_AFTER, (*retry_after_s).into());
        }
    }
    (Response::from_parts(parts, bytes.into()), error)
}

/// Tells the audit trail what was refused: everything to a person, and to strangers the ways in that name themselves.
/// What has a row already tells its outcome there.
pub(crate) async fn tell(services: &Services, caller: &Caller, path: &str, why: &str) {
    let noted = caller.record.noted();
    if noted.written || (caller.viewer.is_none() && noted.about.is_none()) {
        return;
    }
    let (action, object) = noted.about.unwrap_or_else(|| (Action::Request, path.to_owned()));
    let address = caller.address.to_string();
    services
        .trail
        .refused(caller.who(), &address, action, &object, why)
        .await;
}

/// Whether this is what comes next for somebody halfway in, and nothing else.
async fn is_next_step(caller: &Caller, path: &str) -> Result<bool, AppError> {
    let halfway = stage::halfway(&caller.session).await.map_err(unreadable)?;
    let functions = match halfway.map(|halfway| halfway.asked) {
        Some(Asked::Factor) => &SECOND_FUNCTIONS[..],
        Some(Asked::SetUp) => &SET_UP_FUNCTIONS[..],
        None => return Ok(false),
    };
    Ok(functions.contains(&path))
}

fn agent(headers: &HeaderMap) -> String {
    let said = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    said.unwrap_or_default()
        .chars()
        .take(device::MAX_AGENT_CHARS)
        .collect()
}

/// Whether a person did this: went to a page, sent a form, or moved a hand on one. What a page asks for by itself, its live
/// socket among it, is no use of a session.
fn is_use(request: &Request) -> bool {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    request.uri().path() == USED
        || match header("sec-fetch-mode") {
            Some(mode) => mode == "navigate",
            // a browser that does not say: pages are what it asks for as HTML
            None => header("accept").is_some_and(|accept| accept.contains("text/html")),
        }
}

fn is_public(path: &str) -> bool {
    PUBLIC_PAGES.contains(&path) || PUBLIC_FUNCTIONS.contains(&path)
}

/// The status an error travels with.
pub fn status(error: &AppError) -> StatusCode {
    match error {
        AppError::NotSignedIn | AppError::Reauthenticate => StatusCode::UNAUTHORIZED,
        AppError::Forbidden => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::Conflict(_) => StatusCode::CONFLICT,
        AppError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        AppError::Unavailable(_) | AppError::Offline => StatusCode::SERVICE_UNAVAILABLE,
        // what came could not be read
        AppError::Internal { id } if id == AppError::UNREADABLE => StatusCode::BAD_REQUEST,
        AppError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Programs get the error itself, people a page: the sign-in, which leads back here.
fn refuse(request: &Request, error: &AppError) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path == app::live::protocol::PATH {
        return (
            status(error),
            [(header::CONTENT_TYPE, Packed::CONTENT_TYPE)],
            error.ser(),
        )
            .into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if *error == AppError::NotSignedIn && reads {
        let wanted = request
            .uri()
            .path_and_query()
            .map_or("/", |wanted| wanted.as_str());
        return Redirect::to(&address::sign_in(wanted)).into_response();
    }
    let text = format!("{error}\n");
    (
        status(error),
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text,
    )
        .into_response()
}
