//! What is done to single files of the bundle: digest and compress.

use std::io::Write;

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// Hex digits of a name's hash: 64 bits, far beyond chance for a handful of files.
const HASH_CHARS: usize = 16;
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW_BITS: u32 = 22;
const BROTLI_BUFFER_BYTES: usize = 1 << 16;

/// A digest over named parts.
#[derive(Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    /// Adds one part; its name and length keep neighbours apart.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        self.0.update(format!("{name}\0{}\0", bytes.len()));
        self.0.update(bytes);
    }

    /// The first digits of the digest.
    pub(crate) fn hex(self) -> String {
        let mut hex: String = self
            .0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        hex.truncate(HASH_CHARS);
        hex
    }
}

/// The hash that goes into a file's name.
pub(crate) fn hash(bytes: &[u8]) -> String {
    let mut digest = Digest::default();
    digest.add("", bytes);
    digest.hex()
}

/// Brotli at its best, for a twin that is made once and sent often.
pub(crate) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, BROTLI_BUFFER_BYTES, BROTLI_QUALITY, BROTLI_WINDOW_BITS)
        .write_all(bytes)?;
    Ok(out)
}

/// Gzip for clients without Brotli.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
