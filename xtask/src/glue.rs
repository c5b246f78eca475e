//! Makes the glue between script and WebAssembly lighter: short names for what crosses, no comments.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use walrus::ModuleConfig;

use crate::order;

/// How wasm-bindgen begins the names of what the script gives; a hash follows that no compression helps.
const PREFIXES: [&str; 2] = ["__wbg_", "__wbindgen_"];

/// The pair with short names.
pub(crate) fn lighten(script: &str, wasm: &[u8]) -> Result<(String, Vec<u8>)> {
    let mut module = ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse(wasm)
        .map_err(|error| anyhow!("{error:#}"))
        .context("the bound WebAssembly cannot be read")?;
    let mut names = BTreeMap::new();
    for import in module.imports.iter_mut() {
        if PREFIXES.iter().any(|prefix| import.name.starts_with(prefix)) {
            let next = names.len();
            let short = names
                .entry(import.name.clone())
                .or_insert_with(|| format!("_{next:x}"));
            import.name.clone_from(short);
        }
    }
    Ok((
        squeeze(&rename(script, &names)),
        order::by_likeness(&module.emit_wasm())?,
    ))
}

/// Replaces whole words.
fn rename(script: &str, names: &BTreeMap<String, String>) -> String {
    let mut renamed = String::with_capacity(script.len());
    let mut word = String::new();
    for character in script.chars().chain(['\n']) {
        if character == '_' || character == '$' || character.is_ascii_alphanumeric() {
            word.push(character);
        } else {
            renamed.push_str(names.get(&word).unwrap_or(&word));
            word.clear();
            renamed.push(character);
        }
    }
    renamed.pop();
    renamed
}

/// Drops lines that only comment, and indentation.
pub(crate) fn squeeze(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let kept = lines.filter(|line| {
        let comment = ["//", "/*", "*/", "* "]
            .iter()
            .any(|start| line.starts_with(start));
        !line.is_empty() && !comment && *line != "*"
    });
    kept.collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::lighten;

    #[test]
    fn both_sides_of_a_name_change_together() -> anyhow::Result<()> {
        let mut module = walrus::Module::default();
        let ty = module.types.add(&[], &[]);
        module.add_import_func("wbg", "__wbg_now_0123456789abcdef", ty);
        module.add_import_func("wbg", "plain", ty);
        let script = "/**\n * @returns {number}\n */\nconst a = {\n    __wbg_now_0123456789abcdef: () => 1,\n    plain() {},\n};\n";
        let (script, wasm) = lighten(script, &module.emit_wasm())?;
        assert_eq!(script, "const a = {\n_0: () => 1,\nplain() {},\n};\n");
        let names: Vec<_> = walrus::Module::from_buffer(&wasm)?
            .imports
            .iter()
            .map(|import| import.name.clone())
            .collect();
        assert_eq!(names, ["_0", "plain"]);
        Ok(())
    }
}
