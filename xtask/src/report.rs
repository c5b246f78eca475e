//! How large the bundle is, and how large it may be.

use anyhow::{Result, bail};

use crate::site::NAME;

/// What a browser may have to load before the page is live: WebAssembly and its glue, Brotli. On the wire it is to stay
/// below 220,000 bytes with the headers of its three answers.
const CODE_BUDGET_BYTES: usize = 218_800;

/// One file of the bundle and its sizes on the wire.
pub(crate) struct Asset {
    pub(crate) name: String,
    pub(crate) raw_bytes: usize,
    pub(crate) gzip_bytes: usize,
    pub(crate) brotli_bytes: usize,
}

impl Asset {
    /// An asset that is not compressed yet.
    pub(crate) fn new(name: String, bytes: &[u8]) -> Self {
        Self {
            name,
            raw_bytes: bytes.len(),
            gzip_bytes: bytes.len(),
            brotli_bytes: bytes.len(),
        }
    }

    /// Whether a browser loads it before the page is awake: scripts, and the WebAssembly of the first screen.
    pub(crate) fn is_first(&self) -> bool {
        let first = format!("{NAME}.");
        self.name.ends_with(".js") || (self.name.ends_with(".wasm") && self.name.starts_with(&first))
    }

    /// The hash in its name.
    pub(crate) fn hash(&self) -> &str {
        self.name.split('.').nth(1).unwrap_or_default()
    }
}

/// Prints the sizes as a small table.
pub(crate) fn print(build_id: &str, assets: &[Asset]) {
    println!("site: build {build_id}, bytes on the wire");
    println!("  {:<40} {:>10} {:>10} {:>10}", "", "raw", "gzip", "brotli");
    for Asset {
        name,
        raw_bytes,
        gzip_bytes,
        brotli_bytes,
    } in assets
    {
        println!("  {name:<40} {raw_bytes:>10} {gzip_bytes:>10} {brotli_bytes:>10}");
    }
    println!(
        "  wasm and js that are loaded first: {} bytes of Brotli, at most {CODE_BUDGET_BYTES}",
        code_bytes(assets)
    );
}

/// Refuses a bundle that has grown over its budget.
pub(crate) fn hold_to_budget(assets: &[Asset]) -> Result<()> {
    let bytes = code_bytes(assets);
    if bytes > CODE_BUDGET_BYTES {
        bail!(
            "the bundle is over its budget by {} bytes",
            bytes - CODE_BUDGET_BYTES
        );
    }
    Ok(())
}

fn code_bytes(assets: &[Asset]) -> usize {
    assets
        .iter()
        .filter(|asset| asset.is_first())
        .map(|asset| asset.brotli_bytes)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(name: &str, brotli_bytes: usize) -> Asset {
        Asset {
            name: name.to_owned(),
            raw_bytes: 0,
            gzip_bytes: 0,
            brotli_bytes,
        }
    }

    #[test]
    fn only_code_counts_and_the_limit_itself_is_allowed() {
        let css = asset("frontend.1.css", 50_000);
        assert!(
            hold_to_budget(&[
                asset("frontend.1.wasm", CODE_BUDGET_BYTES - 10_000),
                asset("frontend.1.js", 10_000),
                css
            ])
            .is_ok()
        );
        assert!(
            hold_to_budget(&[
                asset("frontend.1.wasm", CODE_BUDGET_BYTES - 10_000),
                asset("frontend.1.js", 10_001)
            ])
            .is_err()
        );
    }
}
