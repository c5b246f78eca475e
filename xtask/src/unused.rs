//! Takes out code that is linked in and never called.

use anyhow::{Context, Result, anyhow};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module, ModuleConfig};

/// Parts of names. A page is woken in one go: the framework's other way, piece by piece, is linked all the same, for
/// erased views carry it in their tables of functions, where no compiler can tell that nobody calls it. The list of all
/// routes is the server's wish alone.
const NEVER_CALLED: [&str; 2] = ["hydrate_async", "generate_routes"];

/// Instructions of a function that is looked at. The compiler keeps one body for functions that come out alike, under
/// one of their names: below this many instructions another function may hide behind the name.
const LEAST_INSTRUCTIONS: u64 = 80;

/// The same module, without those functions and whatever only they called, and with the names of the rest or without.
pub(crate) fn take_out(wasm: &[u8], named: bool) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .strict_validate(false)
        .generate_name_section(named)
        .parse(wasm)
        .map_err(|error| anyhow!("{error:#}"))
        .context("the WebAssembly cannot be read")?;
    let unused: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter(|(_, function)| function.size() >= LEAST_INSTRUCTIONS)
        .map(|(id, _)| id)
        .filter(|id| {
            let name = module.funcs.get(*id).name.as_deref();
            name.is_some_and(|name| NEVER_CALLED.iter().any(|part| name.contains(part)))
        })
        .collect();
    for id in unused {
        stub(&mut module, id);
    }
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

/// Leaves of a function only that calling it is an error.
fn stub(module: &mut Module, id: FunctionId) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (parameters, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    builder.func_body().unreachable();
    let arguments = parameters.iter().map(|ty| module.locals.add(*ty)).collect();
    let body = builder.local_func(arguments);
    module.funcs.get_mut(id).kind = FunctionKind::Local(body);
}

#[cfg(test)]
mod tests {
    use super::{LEAST_INSTRUCTIONS, take_out};

    #[test]
    fn what_is_never_called_goes_with_what_only_it_called() -> anyhow::Result<()> {
        let mut module = walrus::Module::default();
        let function = |module: &mut walrus::Module, name: &str, calls: Option<walrus::FunctionId>| {
            let mut builder = walrus::FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name(name.to_owned());
            if let Some(other) = calls {
                (0..LEAST_INSTRUCTIONS).for_each(|_| {
                    builder.func_body().call(other);
                });
            }
            builder.finish(Vec::new(), &mut module.funcs)
        };
        let inner = function(&mut module, "only_for_that", None);
        let unused = function(&mut module, "view::hydrate_async::closure", Some(inner));
        let used = function(&mut module, "hydrate", None);
        module.exports.add("slot", unused);
        module.exports.add("hydrate", used);
        let smaller = walrus::Module::from_buffer(&take_out(&module.emit_wasm(), true)?)?;
        let names: Vec<_> = smaller.funcs.iter().filter_map(|one| one.name.clone()).collect();
        assert!(names.iter().any(|name| name == "hydrate"), "{names:?}");
        assert!(
            names.iter().any(|name| name.contains("hydrate_async")),
            "{names:?}"
        );
        assert!(!names.iter().any(|name| name == "only_for_that"), "{names:?}");
        Ok(())
    }
}
