//! One operation, and one schema, on the page.

use std::fmt::Write;

use serde_json::Value;

use super::{escaped, prose, text};

pub(super) fn operation(document: &Value, anchor: &str, method: &str, path: &str, found: &Value) -> String {
    let mut page = format!(
        "<article id=\"{anchor}\"><h3><span class=\"method {}\">{method}</span> <code>{}</code></h3><p class=\"lead\">{}</p>{}",
        method.to_lowercase(),
        escaped(path),
        escaped(text(found, "summary")),
        prose(text(found, "description")),
    );
    let parameters: Vec<&Value> = found["parameters"].as_array().into_iter().flatten().collect();
    if !parameters.is_empty() {
        page.push_str("<h4>Parameters</h4><div class=\"wide\"><table><tbody>");
        for parameter in parameters {
            let needed = parameter["required"] == true;
            let _ = write!(
                page,
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}{}</td><td>{}</td><td>{}</td></tr>",
                escaped(text(parameter, "name")),
                escaped(text(parameter, "in")),
                if needed { ", required" } else { "" },
                kind(&parameter["schema"]),
                prose(text(parameter, "description")),
            );
        }
        page.push_str("</tbody></table></div>");
    }
    let body = &found["requestBody"];
    if body.is_object() {
        let schema = &body["content"]["application/json"]["schema"];
        let needed = if body["required"] == true {
            ""
        } else {
            ", may be left out"
        };
        let _ = write!(page, "<h4>Body: {}{needed}</h4>", kind(schema));
        page.push_str(&schema_rows(resolved(document, schema)));
    }
    page.push_str("<h4>Answers</h4><ul class=\"answers\">");
    for (status, answer) in found["responses"].as_object().into_iter().flatten() {
        if let Some(problem) = answer["$ref"].as_str() {
            let said = &document["components"]["responses"][problem.rsplit('/').next().unwrap_or_default()];
            let title = text(said, "description").split(':').next().unwrap_or_default();
            let _ = write!(
                page,
                "<li><span class=\"status\">{status}</span> {}</li>",
                escaped(title)
            );
            continue;
        }
        let content = answer["content"].as_object().into_iter().flatten().next();
        let shape = content.map(|(media, content)| {
            let shape = kind(&content["schema"]);
            if media == "application/json" {
                shape
            } else {
                format!("<code>{}</code>", escaped(media))
            }
        });
        let _ = write!(
            page,
            "<li><span class=\"status\">{status}</span> {} {}</li>",
            shape.unwrap_or_default(),
            prose(text(answer, "description")),
        );
    }
    page.push_str("</ul></article>");
    page
}

/// Where a reference leads.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let one_of = ["oneOf", "anyOf"].iter().find_map(|of| {
        let options = schema[*of].as_array()?;
        options.iter().find(|option| option.get("$ref").is_some())
    });
    let schema = one_of.unwrap_or(schema);
    match schema["$ref"].as_str() {
        Some(reference) => {
            &document["components"]["schemas"][reference.rsplit('/').next().unwrap_or_default()]
        }
        None => schema,
    }
}

/// The fields of an object, or the words of an enumeration.
pub(super) fn schema_rows(schema: &Value) -> String {
    if let Some(options) = schema["oneOf"].as_array() {
        let words = options.iter().map(option).collect::<String>();
        return format!("<ul class=\"words\">{words}</ul>");
    }
    if let Some(words) = schema["enum"].as_array() {
        let word = |word: &Value| {
            format!(
                "<li><code>{}</code></li>",
                escaped(word.as_str().unwrap_or_default())
            )
        };
        return format!(
            "<ul class=\"words\">{}</ul>",
            words.iter().map(word).collect::<String>()
        );
    }
    let Some(fields) = schema["properties"]
        .as_object()
        .filter(|fields| !fields.is_empty())
    else {
        return String::new();
    };
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut page = String::from("<div class=\"wide\"><table><tbody>");
    for (name, field) in fields {
        let needed = if required.contains(&name.as_str()) {
            ", required"
        } else {
            ""
        };
        let _ = write!(
            page,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}{needed}</td><td>{}</td></tr>",
            escaped(name),
            kind(field),
            prose(text(field, "description")),
        );
    }
    page.push_str("</tbody></table></div>");
    page
}

/// One way a value can be: a word, or one of several objects that a field tells apart.
fn option(option: &Value) -> String {
    let words = option["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let words = words.collect::<Vec<_>>().join(", ");
    let parts = option["allOf"].as_array().into_iter().flatten().map(kind);
    let shape = if words.is_empty() {
        let parts = parts.filter(|part| part.contains("href")).collect::<String>();
        if parts.is_empty() { kind(option) } else { parts }
    } else {
        format!("<code>{}</code>", escaped(&words))
    };
    format!("<li>{shape} {}</li>", prose(text(option, "description")))
}

/// What a value is, in a word or a link.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escaped(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for of in ["oneOf", "anyOf", "allOf"] {
        if let Some(options) = schema[of].as_array() {
            let named = options.iter().filter(|option| option["type"] != "null").map(kind);
            let null = options.iter().any(|option| option["type"] == "null");
            let named = named.collect::<Vec<_>>().join(" or ");
            return if null { format!("{named} or null") } else { named };
        }
    }
    let words = match &schema["type"] {
        Value::String(word) => vec![word.as_str()],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let of = |word: &&str| match *word {
        "array" => format!("list of {}", kind(&schema["items"])),
        word => escaped(word),
    };
    let format = schema["format"]
        .as_str()
        .map(|format| format!(" ({})", escaped(format)));
    format!(
        "{}{}",
        words.iter().map(of).collect::<Vec<_>>().join(" or "),
        format.unwrap_or_default()
    )
}
