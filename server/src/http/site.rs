//! The built files: public, compressed beforehand, and for ever where the name holds a hash.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::Response,
};
use tower_http::services::{ServeDir, ServeFile};

use crate::services::Services;

/// Folders of the site that are served.
const FOLDERS: [&str; 3] = ["pkg", "icons", "fonts"];
/// Files beside them.
const FILES: [&str; 11] = [
    "sw.js",
    "manifest.webmanifest",
    "favicon.ico",
    "favicon.svg",
    "icon.svg",
    "icons.svg",
    "heard.css",
    "offline.css",
    "offline.html",
    "offline.js",
    "robots.txt",
];

pub(super) fn routes(services: &Services) -> Router<Services> {
    let root = std::path::PathBuf::from(services.leptos.site_root.as_ref());
    let mut router = Router::new();
    for folder in FOLDERS {
        let files = ServeDir::new(root.join(folder))
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        router = router.nest_service(&format!("/{folder}"), files);
    }
    for file in FILES {
        let served = ServeFile::new(root.join(file))
            .precompressed_br()
            .precompressed_gzip();
        router = router.route_service(&format!("/{file}"), served);
    }
    router.layer(from_fn(cache))
}

async fn cache(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with("/pkg/");
    let mut response = next.run(request).await;
    let good = response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED;
    let value = match (good, hashed) {
        (true, true) => "public, max-age=31536000, immutable",
        (true, false) => "no-cache",
        (false, _) => "no-store",
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    response
}
