//! One stylesheet from the files that `style/main.css` or `style/later.css` imports, in its order.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

/// Imports may import, but a chain this long is a circle.
const DEEPEST_IMPORT: usize = 8;

/// The whole stylesheet that starts at `main`, without comments and indentation.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    Ok(squeeze(&expand(main, 0)?))
}

fn expand(file: &Path, depth: usize) -> Result<String> {
    if depth > DEEPEST_IMPORT {
        bail!("{} is imported in a circle", file.display());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut out = String::new();
    for line in text.lines() {
        match Import::parse(line) {
            None => out.push_str(line),
            Some(import) => {
                let inner = expand(&folder.join(import.path), depth + 1)?;
                match import.layer {
                    Some(layer) => out.push_str(&format!("@layer {layer} {{\n{inner}}}")),
                    None => out.push_str(&inner),
                }
            }
        }
        out.push('\n');
    }
    Ok(out)
}

/// One `@import` line.
#[derive(Debug, PartialEq)]
struct Import<'a> {
    path: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.trim().strip_prefix("@import")?.trim_start();
        let rest = rest.strip_prefix("url(").unwrap_or(rest);
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let (path, rest) = rest[1..].split_once(quote)?;
        let layer = rest
            .split_once("layer(")
            .and_then(|(_, rest)| rest.split_once(')'));
        Some(Self {
            path,
            layer: layer.map(|(name, _)| name.trim()),
        })
    }
}

/// Drops comments and the white space at both ends of lines; strings stay as they are.
fn squeeze(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    let mut quote = None;
    while let Some(next) = rest.chars().next() {
        if quote.is_none()
            && let Some(comment) = rest.strip_prefix("/*")
        {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let length = match (quote, next) {
            (Some(_), '\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => next.len_utf8(),
        };
        quote = match quote {
            Some(open) if open == next => None,
            None if matches!(next, '"' | '\'') => Some(next),
            other => other,
        };
        bare.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    let lines: Vec<&str> = bare
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_names_its_file_and_its_layer() {
        assert_eq!(
            Import::parse("@import \"a.css\";"),
            Some(Import {
                path: "a.css",
                layer: None
            })
        );
        assert_eq!(
            Import::parse("  @import url('pages/b.css') layer(pages);"),
            Some(Import {
                path: "pages/b.css",
                layer: Some("pages")
            })
        );
        assert_eq!(Import::parse("@layer reset, base;"), None);
    }

    #[test]
    fn comments_go_and_strings_stay() {
        let css = "a { /* gone\n */ color: red; }\n\n  b::before { content: \"/* kept */\"; }\n";
        assert_eq!(
            squeeze(css),
            "a {  color: red; }\nb::before { content: \"/* kept */\"; }\n"
        );
    }
}
