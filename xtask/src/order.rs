//! Keeps one of functions that do the same, and puts those that resemble each other side by side: more than a tenth
//! less after compression, and nothing else changes.

use std::{
    convert::Infallible,
    hash::{DefaultHasher, Hash, Hasher},
};

use anyhow::{Context, Result, anyhow};
use wasm_encoder::{
    CodeSection, FunctionSection, Module,
    reencode::{Error, Reencode},
};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

use crate::twins;

/// Bytes of a body that are looked at.
const HEAD_BYTES: usize = 300;
/// Bytes that bodies have in common when they have them in a row.
const RUN_BYTES: usize = 3;
/// Which runs a body has: one bit for each, some of them the same.
type Marks = [u64; 16];

/// The same module in that order, without twins.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0;
    let mut types: Vec<u32> = Vec::new();
    let mut bodies: Vec<FunctionBody<'_>> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("the WebAssembly cannot be read")? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<_, _>>()?,
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    let first = twins::first_of_each(imported, &types, &bodies)?;
    let mut order: Vec<usize> = (0..bodies.len()).filter(|at| first[*at] == *at).collect();
    order.sort_by_key(|at| (types[*at], bodies[*at].as_bytes()));
    for alike in order.chunk_by_mut(|a, b| types[*a] == types[*b]) {
        chain(alike, &bodies);
    }
    let mut place = vec![0; bodies.len()];
    for (to, from) in (0_u32..).zip(&order) {
        place[*from] = to;
    }
    let place = first.iter().map(|first| place[*first]).collect();
    let mut module = Module::new();
    let mut reorder = Reorder {
        imported,
        order,
        place,
    };
    reorder
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow!("the WebAssembly cannot be written anew: {error}"))?;
    Ok(module.finish())
}

/// After each comes the one of the rest that has the most in common with it.
fn chain(functions: &mut [usize], bodies: &[FunctionBody<'_>]) {
    let mut rest: Vec<(usize, Marks)> = functions
        .iter()
        .map(|at| (*at, marks(bodies[*at].as_bytes())))
        .collect();
    let mut next = 0;
    for place in functions {
        let (at, marks) = rest.swap_remove(next);
        *place = at;
        let apart = |(_, other): &(usize, Marks)| -> u32 {
            marks.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum()
        };
        let nearest = (0..rest.len()).min_by_key(|at| apart(&rest[*at]));
        next = nearest.unwrap_or(0);
    }
}

fn marks(body: &[u8]) -> Marks {
    let mut marks = Marks::default();
    let bits = marks.len() as u64 * 64;
    for run in body[..body.len().min(HEAD_BYTES)].windows(RUN_BYTES) {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        let bit = hasher.finish() % bits;
        marks[(bit / 64) as usize] |= 1 << (bit % 64);
    }
    marks
}

struct Reorder {
    imported: u32,
    order: Vec<usize>,
    place: Vec<u32>,
}

impl Reencode for Reorder {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        let own = function
            .checked_sub(self.imported)
            .and_then(|own| usize::try_from(own).ok());
        Ok(own
            .and_then(|own| self.place.get(own))
            .map_or(function, |place| place + self.imported))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for from in &self.order {
            functions.function(types[*from]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section
            .into_iter()
            .collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        for from in self.order.clone() {
            self.parse_function_body(code, bodies[from].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, Module, ir::Value};

    use super::by_likeness;

    #[test]
    fn whatever_the_order_every_name_still_means_the_same() -> anyhow::Result<()> {
        let mut module = Module::default();
        for number in [5_i32, 3, 9, 7, 1] {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
            builder.func_body().i32_const(number);
            let function = builder.finish(Vec::new(), &mut module.funcs);
            module.exports.add(&format!("n{number}"), function);
        }
        let ordered = Module::from_buffer(&by_likeness(&module.emit_wasm())?)?;
        assert_eq!(ordered.funcs.iter().count(), 5);
        for export in ordered.exports.iter() {
            let walrus::ExportItem::Function(id) = export.item else {
                anyhow::bail!("{} is no function", export.name);
            };
            let body = ordered.funcs.get(id).kind.unwrap_local();
            let (first, _) = &body.block(body.entry_block()).instrs[0];
            let value = first.unwrap_const().value;
            assert!(
                matches!(value, Value::I32(number) if export.name == format!("n{number}")),
                "{}",
                export.name
            );
        }
        Ok(())
    }
}
