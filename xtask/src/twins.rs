//! Finds functions that do the same under several names: generics leave many of them, and a browser needs one.

use std::{collections::HashMap, convert::Infallible};

use anyhow::{Result, anyhow};
use wasm_encoder::{
    CodeSection, Encode,
    reencode::{Error, Reencode},
};
use wasmparser::FunctionBody;

/// For each of a module's own functions the one that stands for it: itself, or its first twin.
///
/// Twins make their callers alike, so this goes on until none are found.
pub(crate) fn first_of_each(imported: u32, types: &[u32], bodies: &[FunctionBody<'_>]) -> Result<Vec<usize>> {
    let mut named = Named {
        imported,
        first: (0..bodies.len()).collect(),
    };
    loop {
        let mut seen = HashMap::new();
        let mut first = Vec::with_capacity(bodies.len());
        for (own, (ty, body)) in types.iter().zip(bodies).enumerate() {
            let mut code = CodeSection::new();
            named
                .parse_function_body(&mut code, body.clone())
                .map_err(|error| anyhow!("a function cannot be read: {error}"))?;
            let mut bytes = Vec::new();
            code.encode(&mut bytes);
            first.push(*seen.entry((ty, bytes)).or_insert(own));
        }
        if first == named.first {
            return Ok(first);
        }
        named.first = first;
    }
}

struct Named {
    imported: u32,
    first: Vec<usize>,
}

impl Reencode for Named {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        let own = function
            .checked_sub(self.imported)
            .and_then(|own| usize::try_from(own).ok());
        let first = own.and_then(|own| u32::try_from(*self.first.get(own)?).ok());
        Ok(first.map_or(function, |first| first + self.imported))
    }
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, FunctionId, Module};

    use crate::order::by_likeness;

    fn number(module: &mut Module, number: i32) -> FunctionId {
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
        builder.func_body().i32_const(number);
        builder.finish(Vec::new(), &mut module.funcs)
    }

    fn caller(module: &mut Module, called: FunctionId) -> FunctionId {
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
        builder.func_body().call(called);
        builder.finish(Vec::new(), &mut module.funcs)
    }

    #[test]
    fn twins_and_those_who_only_call_twins_become_one() -> anyhow::Result<()> {
        let mut module = Module::default();
        for (name, value) in [("a", 1), ("b", 1), ("c", 2)] {
            let inner = number(&mut module, value);
            let outer = caller(&mut module, inner);
            module.exports.add(name, outer);
        }
        let lighter = Module::from_buffer(&by_likeness(&module.emit_wasm())?)?;
        assert_eq!(lighter.funcs.iter().count(), 4);
        let named = |wanted: &str| {
            let export = lighter.exports.iter().find(|export| export.name == wanted);
            export.map(|export| match export.item {
                walrus::ExportItem::Function(id) => id,
                _ => unreachable!("only functions are exported"),
            })
        };
        assert_eq!(named("a"), named("b"));
        assert_ne!(named("a"), named("c"));
        Ok(())
    }
}
