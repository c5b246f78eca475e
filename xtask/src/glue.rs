//! Makes the glue between script and WebAssembly lighter: short names for what crosses, no comments, no classes of
//! which nobody ever makes an object.

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
    let (script, classes) = without_classes(script);
    for class in classes {
        let methods = format!("{}_", class.to_lowercase());
        let free = format!("__wbg_{methods}free");
        let exports = module.exports.iter();
        let unused = exports.filter(|export| export.name.starts_with(&methods) || export.name == free);
        for export in unused.map(|export| export.id()).collect::<Vec<_>>() {
            module.exports.delete(export);
        }
    }
    walrus::passes::gc::run(&mut module);
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
        squeeze(&rename(&script, &names)),
        order::by_likeness(&module.emit_wasm())?,
    ))
}

/// The script without the classes that its own rules keep to themselves, and their names. Objects of a class are made
/// by WebAssembly alone, through `Class.__wrap`: where the script has none of that, there are none.
fn without_classes(script: &str) -> (String, Vec<String>) {
    let declared = script
        .lines()
        .filter_map(|line| line.strip_prefix("export class "));
    let classes: Vec<String> = declared
        .filter_map(|rest| rest.split_whitespace().next())
        .filter(|class| !script.contains(&format!("{class}.__wrap")))
        .map(str::to_owned)
        .collect();
    let begins = |line: &str| {
        classes.iter().find_map(|class| {
            let starts = |head: &str, tail: &str| line.starts_with(&format!("{head}{class}{tail}"));
            if starts("export class ", " {") {
                Some("}")
            } else if starts("const ", "Finalization = ") {
                Some(";")
            } else {
                starts("if (Symbol.dispose) ", ".prototype").then_some("")
            }
        })
    };
    let mut kept = String::with_capacity(script.len());
    // how the declaration that is left out ends
    let mut end = None;
    for line in script.lines() {
        end = end.or_else(|| begins(line));
        match end {
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
            // a class ends at the margin, a statement with its semicolon
            Some("}") if line != "}" => {}
            Some(mark) if line.ends_with(mark) => end = None,
            Some(_) => {}
        }
    }
    (kept, classes)
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
    use super::{lighten, without_classes};

    #[test]
    fn a_class_of_which_there_is_no_object_goes_and_the_others_stay() {
        let script = "export class Used {\n    f() {\n    }\n}\nexport class Idle {\n    f() {\n    }\n}\n\
            if (Symbol.dispose) Idle.prototype[Symbol.dispose] = Idle.prototype.free;\nlet a = Used.__wrap(1);\n\
            const IdleFinalization = b\n    ? c\n    : d(e => f(e));\nlet g;\n";
        let (kept, classes) = without_classes(script);
        assert_eq!(classes, ["Idle"]);
        assert_eq!(
            kept,
            "export class Used {\n    f() {\n    }\n}\nlet a = Used.__wrap(1);\nlet g;\n"
        );
    }

    #[test]
    fn both_sides_of_a_name_change_together() -> anyhow::Result<()> {
        let mut module = walrus::Module::default();
        let ty = module.types.add(&[], &[]);
        for name in ["__wbg_now_0123456789abcdef", "plain"] {
            let (function, _) = module.add_import_func("wbg", name, ty);
            module.exports.add(name, function);
        }
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
