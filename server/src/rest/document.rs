//! The OpenAPI document: what the code says of itself, and what holds for every operation.

use utoipa::{
    OpenApi,
    openapi::{
        self, Content, Ref, RefOr, Response, ResponseBuilder,
        header::HeaderBuilder,
        path::{Operation, PathItem},
        schema::{ObjectBuilder, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    event::{Changes, End, Snapshot},
    problem::{self, EVERY, FieldProblem, Told},
};

/// The name of the security scheme.
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Starboard",
        version = "1",
        description = "Live state and commands of Asterisk telephone systems, with the people who use them.\n\nEvery request carries a token, which a user makes under My profile: what it may see and do is what was ticked there, as far as its owner reaches at the moment. What it does not see is not there for it (404)."
    ),
    servers((url = "/", description = "This Starboard")),
    tags(
        (name = "Live state", description = "What is going on now. `/api/v1/events` tells of every change."),
        (name = "Calls", description = "Calls that are up, and what can be done with them."),
        (name = "Events", description = "Changes of the live state as they happen."),
        (name = "Users", description = "Who has an account here."),
        (name = "Teams", description = "Who works together, and the queues they serve.")
    ),
    components(schemas(Told, FieldProblem, Snapshot, Changes, End))
)]
struct Document;

/// The document without its operations.
pub(super) fn begin() -> openapi::OpenApi {
    Document::openapi()
}

/// Adds what holds everywhere: the token, the refusals, the limits.
pub(super) fn finish(mut document: openapi::OpenApi) -> openapi::OpenApi {
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("sb_ and 49 letters or digits")
        .description(Some("A token that a user made under My profile."));
    components.add_security_scheme(TOKEN, SecurityScheme::Http(token.build()));
    for kind in &EVERY {
        let response = RefOr::T(refusal(kind));
        components.responses.insert(name(kind), response);
    }
    document.security = Some(vec![SecurityRequirement::new(TOKEN, Vec::<String>::new())]);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            finish_operation(path, operation);
        }
    }
    document
}

fn name(kind: &problem::Kind) -> String {
    let words = kind.word.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let every = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
    every.into_iter().filter_map(Option::as_mut)
}

/// Which refusals an operation can answer with.
fn finish_operation(path: &str, operation: &mut Operation) {
    let has_body = operation.request_body.is_some();
    let has_parameters = operation
        .parameters
        .as_ref()
        .is_some_and(|parameters| !parameters.is_empty());
    let is_command = operation.tags.iter().flatten().any(|tag| tag == "Calls") && has_body;
    for kind in &EVERY {
        let applies = match kind.word {
            "bad-request" | "too-large" | "unsupported-media-type" => has_body,
            "invalid" => has_body || has_parameters,
            "conflict" => has_body || has_key(operation),
            "not-found" => path.contains('{') || is_command,
            "method-not-allowed" => false,
            "pbx-silent" => is_command,
            _ => true,
        };
        if applies {
            let status = kind.status.as_u16().to_string();
            let found = RefOr::Ref(Ref::from_response_name(name(kind)));
            operation.responses.responses.entry(status).or_insert(found);
        }
    }
}

fn has_key(operation: &Operation) -> bool {
    let parameters = operation.parameters.iter().flatten();
    parameters
        .into_iter()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key"))
}

fn refusal(kind: &problem::Kind) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let content = Content::new(Some(schema));
    let mut response = ResponseBuilder::new()
        .description(format!("{}: {}", kind.title, kind.says))
        .content(problem::TYPE, content);
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    if kind.word == "too-many" {
        let header = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).build()))
            .description(Some("Seconds to wait."));
        response = response.header("Retry-After", header.build());
    }
    for (header, says) in [
        (
            "RateLimit",
            "How much is left, and in how many seconds all of it will be.",
        ),
        (
            "RateLimit-Policy",
            "How many requests are allowed in how many seconds.",
        ),
    ] {
        let header_of = HeaderBuilder::new().schema(Some(text())).description(Some(says));
        response = response.header(header, header_of.build());
    }
    response.build()
}
