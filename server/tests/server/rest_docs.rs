//! The document of `/api/v1`, its page, and the commands of `docs/api.md`: all of them say the same.

use serde_json::Value;

use crate::support::TestServer;

pub(crate) async fn document(server: &TestServer) -> Value {
    let answer = server.browser().get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

pub(crate) fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
    });
    each.collect()
}

/// Every `$ref` below a value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference.to_owned()),
                    _ => references(field, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_whole_and_says_of_every_operation_how_it_refuses() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let operations = operations(&document);
    assert!(operations.len() >= 28, "{}", operations.len());
    for (method, path, operation) in operations {
        let what = format!("{method} {path}");
        for member in ["summary", "operationId"] {
            assert!(
                !operation[member].as_str().unwrap().is_empty(),
                "{what}: {member}"
            );
        }
        let answers = operation["responses"].as_object().unwrap();
        for status in ["401", "403", "429", "500", "503"] {
            assert!(answers.contains_key(status), "{what}: {status}");
        }
        let parameters = operation["parameters"].as_array();
        let key = parameters
            .into_iter()
            .flatten()
            .find(|one| one["name"] == "Idempotency-Key");
        assert_eq!(key.is_some(), method == "POST", "{what}");
        assert!(key.is_none_or(|key| key["required"] == true), "{what}");
        if path.contains('{') {
            assert!(answers.contains_key("404"), "{what}");
        }
        if let Some(body) = operation.get("requestBody") {
            assert!(body["content"]["application/json"].is_object(), "{what}");
            assert!(
                answers.contains_key("422") && answers.contains_key("415"),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_and_runs_nothing() {
    let server = TestServer::start().await;
    let page = server.browser().get("/api/v1/docs").await;
    assert_eq!(page.status, 200, "{page:?}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    for never in ["<script", "<style", " style=", "http://", "src="] {
        assert!(!page.body.contains(never), "{never}");
    }
    for (method, path, operation) in operations(&document(&server).await) {
        let anchor = format!("<article id=\"{}\">", operation["operationId"].as_str().unwrap());
        assert!(page.body.contains(&anchor), "{method} {path}");
    }
    let style = server.browser().get("/api/v1/docs.css").await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
}

#[tokio::test]
async fn the_commands_of_the_documentation_are_operations() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    let text = include_str!("../../../docs/api.md").replace("\\\n", " ");
    let mut commands = 0;
    for line in text.lines().filter(|line| line.starts_with("curl ")) {
        let path = line.split("$URL").nth(1).unwrap();
        let path = path.trim_end_matches('"').split('?').next().unwrap();
        let method = if line.contains("-X POST") { "post" } else { "get" };
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &str| {
            let pattern: Vec<&str> = pattern.split('/').collect();
            pattern.len() == parts.len()
                && pattern
                    .iter()
                    .zip(&parts)
                    .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
        };
        let paths = document["paths"].as_object().unwrap();
        let known = paths
            .iter()
            .any(|(pattern, item)| fits(pattern) && item.get(method).is_some());
        assert!(known, "{line}");
        assert_eq!(method == "post", line.contains("Idempotency-Key: "), "{line}");
        commands += 1;
    }
    assert_eq!(commands, 7);
}
