//! Forgets where in other people's source a panic began: the browser's half would carry hundreds of paths of the
//! machine that built it, with lines and columns that no compression helps. Places in our own source stay.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use anyhow::{Context, Result};
use wasm_encoder::{Encode, Module, RawSection};
use wasmparser::{DataKind, KnownCustom, Operator, Parser, Payload, RelocationType};

/// What a panic in a library says instead of a path.
const A_LIBRARY: &[u8] = b"a library";
/// `core::panic::Location`: where its file's name is and how long it is, line, column; four numbers of four bytes.
const PLACE_BYTES: usize = 16;
/// Numbers that the linker may change are written in five bytes, however small they are.
const PADDED_BYTES: usize = 5;

/// The linked module, every place in a library one and the same: functions that differ in nothing else become twins.
/// Without what the linker says of addresses (`--emit-relocs`) nothing changes.
pub(crate) fn forget_libraries(wasm: &[u8]) -> Result<Vec<u8>> {
    let module = Linked::read(wasm).context("the WebAssembly cannot be read")?;
    let mut forgotten = wasm.to_vec();
    let places = module.places_in_libraries();
    let is_place = |named: &&Named| places.contains(&named.address);
    let Some(one) = module.in_code.iter().find(is_place) else {
        return Ok(forgotten);
    };
    let Some(name) = module.number(one.address) else {
        return Ok(forgotten);
    };
    let names: BTreeMap<u32, u32> = places
        .iter()
        .filter_map(|place| Some((module.number(*place)?, module.number(*place + 4)?)))
        .collect();
    for (start, length) in names {
        // the linker may have put a shorter name at the end of a longer one
        let alone = module
            .pointed_at
            .range(start + 1..start + length)
            .next()
            .is_none();
        if alone && let Some(range) = module.bytes_of(start, length as usize) {
            forgotten[range].fill(0);
        }
    }
    if let Some(range) = module.bytes_of(name, A_LIBRARY.len()) {
        forgotten[range].copy_from_slice(A_LIBRARY);
    }
    for place in &places {
        if let (Some(own), Some(range)) = (module.number(*place), module.bytes_of(*place, PLACE_BYTES)) {
            let length = if own == name { A_LIBRARY.len() as u32 } else { 0 };
            let numbers = [own, length, 0, 0];
            forgotten[range].copy_from_slice(&numbers.map(u32::to_le_bytes).concat());
        }
    }
    for named in module.in_code.iter().filter(is_place) {
        forgotten[named.at..named.at + PADDED_BYTES].copy_from_slice(&wasm[one.at..one.at + PADDED_BYTES]);
    }
    renamed(&forgotten, &places, &module, one)
}

/// The module with the linker's notes as they are now: every place named by a function is that one.
fn renamed(wasm: &[u8], places: &BTreeSet<u32>, module: &Linked<'_>, one: &Named) -> Result<Vec<u8>> {
    let changed: BTreeSet<usize> = module
        .in_code
        .iter()
        .filter(|named| places.contains(&named.address))
        .map(|named| named.note)
        .collect();
    let mut anew = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
        let mut data = Cow::Borrowed(&wasm[range.clone()]);
        if let Payload::CustomSection(section) = &payload
            && let KnownCustom::Reloc(relocations) = section.as_known()
        {
            let mut written = Vec::with_capacity(data.len());
            let mut copied = range.start;
            for entry in relocations.entries().into_iter_with_offsets() {
                let (at, entry) = entry?;
                let at = usize::try_from(at)?;
                if changed.contains(&at) {
                    written.extend_from_slice(&wasm[copied..at]);
                    written.push(entry.ty as u8);
                    entry.offset.encode(&mut written);
                    one.symbol.encode(&mut written);
                    one.addend.encode(&mut written);
                    copied = at + entry_bytes(&wasm[at..]);
                }
            }
            written.extend_from_slice(&wasm[copied..range.end]);
            data = Cow::Owned(written);
        }
        anew.section(&RawSection { id, data: &data });
    }
    Ok(anew.finish())
}

/// How long a note is that begins here: its kind, and three numbers.
fn entry_bytes(note: &[u8]) -> usize {
    let mut ends = (1..note.len()).filter(|at| note[*at] < 0x80);
    ends.nth(2).map_or(note.len(), |last| last + 1)
}

/// An address in a function.
struct Named {
    /// Where it stands in the file, in [`PADDED_BYTES`].
    at: usize,
    address: u32,
    /// Where the linker's note about it begins, and what it says: the symbol, and how far behind it.
    note: usize,
    symbol: u32,
    addend: i32,
}

/// A linked module and what the linker knows of its addresses.
struct Linked<'a> {
    wasm: &'a [u8],
    /// Address of each segment of data, and where its bytes are.
    segments: BTreeMap<u32, Range<usize>>,
    /// Addresses at which an address stands.
    in_data: Vec<u32>,
    /// Addresses that functions name.
    in_code: Vec<Named>,
    /// Every address that is named anywhere.
    pointed_at: BTreeSet<u32>,
}

impl<'a> Linked<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut module = Self {
            wasm,
            segments: BTreeMap::new(),
            in_data: Vec::new(),
            in_code: Vec::new(),
            pointed_at: BTreeSet::new(),
        };
        let (mut code_start, mut data_start) = (0, 0);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::CodeSectionStart { range, .. } => code_start = usize::try_from(range.start)?,
                Payload::DataSection(section) => {
                    data_start = usize::try_from(section.range().start)?;
                    for data in section {
                        let data = data?;
                        let end = usize::try_from(data.range.end)?;
                        if let DataKind::Active { offset_expr, .. } = data.kind
                            && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                        {
                            module
                                .segments
                                .insert(value.cast_unsigned(), end - data.data.len()..end);
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    let KnownCustom::Reloc(relocations) = section.as_known() else {
                        continue;
                    };
                    for entry in relocations.entries().into_iter_with_offsets() {
                        let (note, entry) = entry?;
                        let offset = entry.offset as usize;
                        match entry.ty {
                            RelocationType::MemoryAddrSleb => {
                                let at = code_start + offset;
                                module.in_code.push(Named {
                                    at,
                                    address: unpadded(&wasm[at..at + PADDED_BYTES]),
                                    note: usize::try_from(note)?,
                                    symbol: entry.index,
                                    addend: i32::try_from(entry.addend)?,
                                });
                            }
                            RelocationType::MemoryAddrI32 => {
                                module.in_data.extend(module.address_of(data_start + offset));
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        module.pointed_at = module.in_code.iter().map(|named| named.address).collect();
        let named: Vec<u32> = module
            .in_data
            .iter()
            .filter_map(|place| module.number(*place))
            .collect();
        module.pointed_at.extend(named);
        Ok(module)
    }

    /// Where in the file so many bytes from this address on are.
    fn bytes_of(&self, address: u32, length: usize) -> Option<Range<usize>> {
        let (start, bytes) = self.segments.range(..=address).next_back()?;
        let from = bytes.start + (address - start) as usize;
        let range = from..from.checked_add(length)?;
        (range.end <= bytes.end).then_some(range)
    }

    fn address_of(&self, at: usize) -> Option<u32> {
        let (start, bytes) = self.segments.iter().find(|(_, bytes)| bytes.contains(&at))?;
        Some(start + u32::try_from(at - bytes.start).ok()?)
    }

    fn number(&self, address: u32) -> Option<u32> {
        let bytes = self.wasm.get(self.bytes_of(address, 4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Libraries are compiled by their whole path, our own crates by where they are in the workspace.
    fn places_in_libraries(&self) -> BTreeSet<u32> {
        let is_place = |place: u32| {
            let [name, length] = [place, place + 4].map(|address| self.number(address));
            let name = self.wasm.get(self.bytes_of(name?, length? as usize)?)?;
            let whole = name.starts_with(b"/") || name.get(1..3) == Some(b":\\");
            (whole && name.ends_with(b".rs") && self.bytes_of(place, PLACE_BYTES).is_some()).then_some(place)
        };
        self.in_data.iter().copied().filter_map(is_place).collect()
    }
}

fn unpadded(bytes: &[u8]) -> u32 {
    let groups = bytes.iter().enumerate();
    groups.fold(0, |number, (at, byte)| {
        number | u32::from(byte & 0x7f) << (7 * at)
    })
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, CustomSection, DataSection, Encode, Function, FunctionSection, MemorySection,
        MemoryType, TypeSection, ValType,
    };

    use super::*;

    const BASE: u32 = 1024;
    const NAMES: [&[u8]; 3] = [b"/cargo/one/lib.rs", b"/cargo/two/lib.rs", b"app/src/lib.rs"];

    /// Three functions, each naming a place of its own, as the linker leaves them.
    fn linked() -> (Vec<u8>, Vec<u32>) {
        let (mut data, mut places, mut in_data) = (NAMES.concat(), Vec::new(), Vec::new());
        data.resize(data.len().next_multiple_of(4), 0);
        let mut name = BASE;
        for (line, text) in (7_u32..).zip(NAMES) {
            places.push(BASE + data.len() as u32);
            in_data.push(data.len() as u32);
            for number in [name, text.len() as u32, line, 3] {
                data.extend(number.to_le_bytes());
            }
            name += text.len() as u32;
        }
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        module.section(&types);
        let mut functions = FunctionSection::new();
        places.iter().for_each(|_| {
            functions.function(0);
        });
        module.section(&functions);
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        module.section(&memories);
        let mut code = CodeSection::new();
        for place in &places {
            let mut function = Function::new([]);
            let padded: Vec<u8> = (0..PADDED_BYTES)
                .map(|at| (place >> (7 * at)) as u8 & 0x7f | if at + 1 < PADDED_BYTES { 0x80 } else { 0 })
                .collect();
            function.raw([[0x41].as_slice(), &padded, &[0x0b]].concat());
            code.function(&function);
        }
        module.section(&code);
        let mut segments = DataSection::new();
        segments.active(0, &ConstExpr::i32_const(BASE.cast_signed()), data.iter().copied());
        module.section(&segments);
        // how many segments, the flags, the address (three bytes and its end) and the length come before the data
        let before = 1 + 1 + 4 + 1;
        let mut note = |name: &str, section: u32, ty: u8, offsets: Vec<u32>| {
            let mut notes = Vec::new();
            section.encode(&mut notes);
            (offsets.len() as u32).encode(&mut notes);
            for (symbol, offset) in (40_u32..).zip(offsets) {
                notes.push(ty);
                offset.encode(&mut notes);
                symbol.encode(&mut notes);
                0_i32.encode(&mut notes);
            }
            module.section(&CustomSection {
                name: name.into(),
                data: notes.into(),
            });
        };
        // a function is its length, its locals, the operator, the number and its end
        note("reloc.CODE", 3, 4, (0..3).map(|at| 1 + at * 9 + 3).collect());
        note("reloc.DATA", 4, 5, in_data.iter().map(|at| before + at).collect());
        (module.finish(), places)
    }

    #[test]
    fn places_in_libraries_become_one_and_our_own_stay() -> Result<()> {
        let (wasm, places) = linked();
        let before = Linked::read(&wasm)?;
        let named: Vec<u32> = before.in_code.iter().map(|named| named.address).collect();
        assert_eq!(named, places);
        assert_eq!(
            before.places_in_libraries(),
            BTreeSet::from([places[0], places[1]])
        );

        let forgotten = forget_libraries(&wasm)?;
        let after = Linked::read(&forgotten)?;
        let named: Vec<(u32, u32)> = after
            .in_code
            .iter()
            .map(|named| (named.address, named.symbol))
            .collect();
        assert_eq!(named, [(places[0], 40), (places[0], 40), (places[2], 42)]);
        let has = |text: &[u8]| forgotten.windows(text.len()).any(|bytes| bytes == text);
        assert!(has(b"app/src/lib.rs") && has(A_LIBRARY) && !has(b"/cargo"));
        assert_eq!(after.number(places[2] + 8), Some(9), "our own line");
        Ok(())
    }
}
