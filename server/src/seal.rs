//! Secrets at rest: XChaCha20-Poly1305 under a key that is kept outside the database. A seal is bound to
//! its place, so that moved to another row it does not open.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use anyhow::{Context, Result, bail};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

/// Seals and opens.
pub struct Seal {
    cipher: XChaCha20Poly1305,
    key_id: [u8; KEY_ID_BYTES],
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seal")
    }
}

impl Seal {
    /// Reads the key file, or makes it (mode 0600) at the first start. One that others can read is refused.
    pub fn open(path: &Path) -> Result<Self> {
        let key = if path.exists() { read(path)? } else { make(path)? };
        let id = Sha256::digest(&key[..]);
        let mut key_id = [0; KEY_ID_BYTES];
        key_id.copy_from_slice(&id[..KEY_ID_BYTES]);
        let cipher = XChaCha20Poly1305::new_from_slice(&key[..])
            .map_err(|_| anyhow::anyhow!("the key has a wrong length"))?;
        Ok(Self { cipher, key_id })
    }

    /// Seals `secret` for one column of one row: key id, nonce, ciphertext.
    pub fn seal(&self, column: &str, row: i64, secret: &SecretString) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let aad = place(column, row);
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: aad.as_bytes(),
        };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| anyhow::anyhow!("a secret could not be sealed"))?;
        Ok([&self.key_id[..], &nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for the same place.
    pub fn unseal(&self, column: &str, row: i64, sealed: &[u8]) -> Result<SecretString> {
        let Some((key_id, rest)) = sealed.split_first_chunk::<KEY_ID_BYTES>() else {
            bail!("the sealed secret of {column} {row} is cut short");
        };
        if key_id != &self.key_id {
            bail!("the secret of {column} {row} was sealed with another key file; type it in again");
        }
        let Some((nonce, rest)) = rest.split_first_chunk::<NONCE_BYTES>() else {
            bail!("the sealed secret of {column} {row} is cut short");
        };
        let aad = place(column, row);
        let payload = Payload {
            msg: rest,
            aad: aad.as_bytes(),
        };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        let opened =
            opened.map_err(|_| anyhow::anyhow!("the sealed secret of {column} {row} was tampered with"))?;
        Ok(SecretString::from(
            String::from_utf8(opened).context("a sealed secret is no text")?,
        ))
    }
}

fn place(column: &str, row: i64) -> String {
    format!("{column}/{row}")
}

fn read(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    let mut file =
        File::open(path).with_context(|| format!("the key file {} cannot be read", path.display()))?;
    let metadata = file.metadata()?;
    if metadata.mode() & 0o077 != 0 {
        bail!(
            "the key file {} can be read by others (mode {:o}): chmod 600 {}",
            path.display(),
            metadata.mode() & 0o777,
            path.display()
        );
    }
    if metadata.len() != KEY_BYTES as u64 {
        bail!(
            "the key file {} must hold exactly {KEY_BYTES} bytes",
            path.display()
        );
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    file.read_exact(&mut key[..])?;
    Ok(key)
}

fn make(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rand::rng().fill_bytes(&mut key[..]);
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("the key file {} cannot be made", path.display()))?;
    file.write_all(&key[..])?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_seal_opens_only_in_its_place_and_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::open(&folder.path().join("a")).unwrap();
        let sealed = seal
            .seal("t.c", 1, &SecretString::from("hush".to_owned()))
            .unwrap();
        assert!(!sealed.windows(4).any(|bytes| bytes == b"hush"));
        let again = Seal::open(&folder.path().join("a")).unwrap();
        assert_eq!(again.unseal("t.c", 1, &sealed).unwrap().expose_secret(), "hush");
        assert!(again.unseal("t.c", 2, &sealed).is_err());
        let mut bent = sealed.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert!(again.unseal("t.c", 1, &bent).is_err());
        assert!(again.unseal("t.c", 1, &sealed[..10]).is_err());
        let other = Seal::open(&folder.path().join("b")).unwrap();
        assert!(
            other
                .unseal("t.c", 1, &sealed)
                .unwrap_err()
                .to_string()
                .contains("another key")
        );
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Seal::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Seal::open(&path).unwrap_err().to_string().contains("chmod 600"));
    }
}
