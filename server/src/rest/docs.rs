//! `/api/v1/openapi.json`, and the same as a page for people: made once from the document, without a script, with a
//! stylesheet of our own.

mod operation;

use std::{fmt::Write, sync::Arc};

use axum::{Router, http::header, routing::get};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use self::operation::{operation, schema_rows};
use super::problem::EVERY;
use crate::services::Services;

/// The colours and measures of the cockpit, and what this page makes of them.
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    "\n",
    include_str!("docs/page.css")
);

/// Open to everybody: they tell nothing of this Starboard.
pub(super) fn routes(document: &Arc<OpenApi>) -> Router<Services> {
    let json = serde_json::to_value(&**document).unwrap_or_default();
    let page: Arc<str> = page(&json).into();
    let json: Arc<str> = json.to_string().into();
    let text = |media: &'static str, body: Arc<str>| {
        get(move || {
            let head = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-cache")];
            std::future::ready((head, body.to_string()))
        })
    };
    Router::new()
        .route("/api/v1/openapi.json", text("application/json", json))
        .route("/api/v1/docs", text("text/html; charset=utf-8", page))
        .route("/api/v1/docs.css", text("text/css; charset=utf-8", STYLE.into()))
}

/// Text as it stands in a page.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Text with `code` between backticks, and paragraphs.
fn prose(text: &str) -> String {
    let mut page = String::new();
    for paragraph in text.split("\n\n") {
        page.push_str("<p>");
        for (at, part) in paragraph.split('`').enumerate() {
            let part = escaped(part);
            if at % 2 == 1 {
                page.push_str(&format!("<code>{part}</code>"));
            } else {
                page.push_str(&part);
            }
        }
        page.push_str("</p>");
    }
    page
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Operations by tag: anchor, method, path, what it says.
fn operations(document: &Value) -> Vec<(String, String, String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in ["get", "post", "put", "delete"] {
            if let Some(operation) = item.get(method) {
                let anchor = text(operation, "operationId").to_owned();
                found.push((anchor, method.to_uppercase(), path.clone(), operation));
            }
        }
    }
    found
}

fn page(document: &Value) -> String {
    let mut page = String::from(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Starboard API</title>\
         <link rel=\"icon\" href=\"/icon.svg\"><link rel=\"stylesheet\" href=\"/api/v1/docs.css\"></head><body>",
    );
    let operations = operations(document);
    let tags: Vec<(&str, &str)> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| (text(tag, "name"), text(tag, "description")))
        .collect();
    let of_tag = |tag: &str| {
        let operations = operations.iter();
        operations
            .filter(|(.., operation)| operation["tags"][0] == tag)
            .collect::<Vec<_>>()
    };
    page.push_str("<nav aria-label=\"Contents\"><a class=\"brand\" href=\"/\">Starboard</a><ul><li><a href=\"#begin\">Begin</a></li>");
    for (tag, _) in &tags {
        let _ = write!(page, "<li><strong>{}</strong><ul>", escaped(tag));
        for (anchor, method, path, _) in of_tag(tag) {
            let _ = write!(
                page,
                "<li><a href=\"#{anchor}\"><span class=\"method {0}\">{method}</span> {1}</a></li>",
                method.to_lowercase(),
                escaped(path.trim_start_matches("/api/v1"))
            );
        }
        page.push_str("</ul></li>");
    }
    page.push_str("<li><a href=\"#schemas\">Schemas</a></li><li><a href=\"#problems\">Problems</a></li></ul></nav><main>");
    page.push_str(&beginning(text(&document["info"], "description")));
    for (tag, says) in &tags {
        let _ = write!(page, "<section><h2>{}</h2>{}", escaped(tag), prose(says));
        for (anchor, method, path, found) in of_tag(tag) {
            page.push_str(&operation(document, anchor, method, path, found));
        }
        page.push_str("</section>");
    }
    page.push_str("<section id=\"schemas\"><h2>Schemas</h2>");
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let _ = write!(
            page,
            "<article id=\"schema-{0}\"><h3>{0}</h3>{1}{2}</article>",
            escaped(name),
            prose(text(schema, "description")),
            schema_rows(schema)
        );
    }
    page.push_str("</section><section id=\"problems\"><h2>Problems</h2><p>Every refusal is <code>application/problem+json</code> (RFC 9457).</p>");
    for kind in &EVERY {
        let _ = write!(
            page,
            "<article id=\"problem-{}\"><h3><span class=\"status\">{}</span> {}</h3>{}</article>",
            kind.word,
            kind.status.as_u16(),
            kind.title,
            prose(kind.says)
        );
    }
    page.push_str("</section></main></body></html>");
    page
}

fn beginning(says: &str) -> String {
    format!(
        "<section id=\"begin\"><h1>Starboard API</h1>{}\
         <pre tabindex=\"0\"><code>curl -H \"Authorization: Bearer $TOKEN\" https://your.starboard/api/v1/calls</code></pre>\
         <dl><dt>Lists</dt><dd>come part by part: <code>?limit=</code> (at most 500) and the <code>next</code> of the part \
         before as <code>?cursor=</code>, also in <code>Link: rel=\"next\"</code>.</dd>\
         <dt>Changes</dt><dd>by <code>POST</code> carry an <code>Idempotency-Key</code>: the same request with the same key \
         is done once and answered the same, for 24 hours.</dd>\
         <dt>Limits</dt><dd>are told by <code>RateLimit</code> and <code>RateLimit-Policy</code>; a refusal says when to come \
         again in <code>Retry-After</code>.</dd>\
         <dt>OpenAPI 3.1</dt><dd>All of this for programs: <a href=\"/api/v1/openapi.json\">openapi.json</a>.</dd></dl></section>",
        prose(says)
    )
}
