//! Pages and server functions: Leptos' routes, each with the caller's backend and a policy that knows the
//! page's nonce.

use std::sync::Arc;

use app::{App, BackendHandle, shell};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};

use crate::{backend::CallerBackend, caller::Caller, security, services::Services};

pub(super) fn routes(services: &Services) -> Router<Services> {
    let context = {
        let services = services.clone();
        move || provide(&services)
    };
    let options = services.leptos.clone();
    Router::new()
        .leptos_routes_with_context(services, generate_route_list(App), context, move || {
            set_policy();
            shell(options.clone())
        })
        .fallback(missing)
}

/// The backend, bound to the one who asks.
fn provide(services: &Services) {
    let caller = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned());
    if let Some(caller) = caller {
        let backend: BackendHandle = Arc::new(CallerBackend::new(services.clone(), caller));
        provide_context(backend);
    }
}

/// The policy allows the inline scripts of this very page.
fn set_policy() {
    let nonce = use_nonce();
    let policy = security::policy(nonce.as_deref());
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The page that says there is none.
async fn missing(State(services): State<Services>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response();
    }
    let context = {
        let services = services.clone();
        move || provide(&services)
    };
    let options = services.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context, move || {
        set_policy();
        shell(options.clone())
    });
    let mut response: Response<Body> = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
