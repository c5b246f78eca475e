//! Passwords from breaches, in the form in which the server carries them: the first bytes of each one's SHA-256, in order.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// Shorter ones are refused for that.
const MIN_CHARS: usize = 12;
/// Bytes that are kept of each hash.
const KEPT_BYTES: usize = 4;
/// Where the server has them.
const FILE: &str = "server/src/access/breached.bin";

/// Reads a list, a password a line, and writes the file.
pub(crate) fn make(workspace: &Workspace, list: &Path) -> Result<()> {
    let list = fs::read(list).with_context(|| format!("{} cannot be read", list.display()))?;
    let kept = kept(&String::from_utf8_lossy(&list));
    let bytes: Vec<u8> = kept.into_iter().flatten().collect();
    println!("{} passwords, {} bytes", bytes.len() / KEPT_BYTES, bytes.len());
    fs::write(workspace.path(FILE), bytes)?;
    Ok(())
}

fn kept(list: &str) -> BTreeSet<[u8; KEPT_BYTES]> {
    let long = list
        .lines()
        .map(str::to_lowercase)
        .filter(|line| line.chars().count() >= MIN_CHARS);
    long.filter_map(|line| Sha256::digest(line.as_bytes()).first_chunk().copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn short_ones_are_left_out_and_case_makes_no_other() {
        let kept = kept("short\nQwertyQwerty\r\nqwertyqwerty\nleavemealone\n");
        assert_eq!(kept.len(), 2);
        // SHA-256 of "leavemealone" begins so
        assert!(kept.contains(&[0x36, 0xaa, 0x15, 0xa8]));
    }
}
