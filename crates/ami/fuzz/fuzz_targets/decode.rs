//! Any bytes under any cut give the same frames, and no frame panics when it is read in every way.
//! The first byte chooses the size of the pieces.

#![no_main]

use ami::{Decoded, Decoder, Limits};
use libfuzzer_sys::fuzz_target;

fn decode(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<Decoded> {
    let mut decoder = Decoder::new(Limits::default());
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(&piece);
        while let Some(decoded) = decoder.next() {
            out.push(decoded);
        }
    }
    out
}

fuzz_target!(|data: &[u8]| {
    let Some((size, bytes)) = data.split_first() else { return };
    let whole = decode(std::iter::once(bytes.to_vec()));
    let size = usize::from(*size).max(1);
    assert_eq!(decode(bytes.chunks(size).map(<[u8]>::to_vec)), whole);
    for decoded in whole {
        if let Decoded::Message(message) = decoded {
            let _shown = format!("{message:?} {:?}", message.event());
            let _read = (message.get("ActionID"), message.output().count(), message.variable().map(<[u8]>::len));
        }
    }
});
