//! Secrets at rest: XChaCha20-Poly1305 under a key that is kept outside the database. A seal is bound to
//! its place, so that moved to another row it does not open, and names its key, so that keys can be rotated.
//!
//! Whoever writes a sealed column seals inside the transaction that writes it (`BEGIN IMMEDIATE`): a rotation holds the
//! same lock, so nothing is sealed with a key that is about to go.

mod file;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use anyhow::{Context, Result, bail};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use self::file::{Key, Stamp};

const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
/// Keys kept in memory: those of the file, and one that was just retired, for who has read what it sealed.
const MOST_OPENERS: usize = 17;

/// The name of a key in what it sealed.
pub type KeyId = [u8; KEY_ID_BYTES];

/// Seals and opens; cheap to clone. When the key file changes, the new key is taken up by itself.
#[derive(Clone)]
pub struct Seal(Arc<Inner>);

struct Inner {
    path: PathBuf,
    ring: RwLock<Ring>,
}

struct Ring {
    stamp: Stamp,
    /// The first one seals, every one opens.
    keys: Vec<Opener>,
}

#[derive(Clone)]
struct Opener {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

impl Opener {
    fn new(key: &Key) -> Result<Self> {
        let digest = Sha256::digest(&key[..]);
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        let cipher = XChaCha20Poly1305::new_from_slice(&key[..])
            .map_err(|_| anyhow::anyhow!("the key has a wrong length"))?;
        Ok(Self { id, cipher })
    }
}

impl Ring {
    fn read(path: &Path) -> Result<Self> {
        let (stamp, keys) = file::read(path)?;
        let keys = keys.iter().map(Opener::new).collect::<Result<_>>()?;
        Ok(Self { stamp, keys })
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seal")
    }
}

impl Seal {
    /// Reads the key file, or makes it (mode 0600) at the first start. One that others can read is refused.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            file::make(path)?;
        }
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            ring: RwLock::new(Ring::read(path)?),
        })))
    }

    /// Seals `secret` for one column of one row: key id, nonce, ciphertext.
    pub fn seal(&self, column: &str, row: i64, secret: &SecretString) -> Result<Vec<u8>> {
        let key = self.present();
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let aad = place(column, row);
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: aad.as_bytes(),
        };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| anyhow::anyhow!("a secret could not be sealed"))?;
        Ok([&key.id[..], &nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for the same place.
    pub fn unseal(&self, column: &str, row: i64, sealed: &[u8]) -> Result<SecretString> {
        let Some((key_id, rest)) = sealed.split_first_chunk::<KEY_ID_BYTES>() else {
            bail!("the sealed secret of {column} {row} is cut short");
        };
        let Some(key) = self.opener(key_id) else {
            bail!("the secret of {column} {row} was sealed with another key file; type it in again");
        };
        let Some((nonce, rest)) = rest.split_first_chunk::<NONCE_BYTES>() else {
            bail!("the sealed secret of {column} {row} is cut short");
        };
        let aad = place(column, row);
        let payload = Payload {
            msg: rest,
            aad: aad.as_bytes(),
        };
        let opened = key.cipher.decrypt(&XNonce::from(*nonce), payload);
        let opened =
            opened.map_err(|_| anyhow::anyhow!("the sealed secret of {column} {row} was tampered with"))?;
        Ok(SecretString::from(
            String::from_utf8(opened).context("a sealed secret is no text")?,
        ))
    }

    /// The key that seals now.
    pub fn present_id(&self) -> KeyId {
        self.present().id
    }

    /// How many keys the file holds: more than one while a rotation is not finished.
    pub fn keys_in_file(&self) -> Result<usize> {
        Ok(file::read(&self.0.path)?.1.len())
    }

    /// Puts a new key before those of the file: from now on it seals, and the others still open.
    pub fn add_key(&self) -> Result<()> {
        let (_, mut keys) = file::read(&self.0.path)?;
        keys.insert(0, file::random());
        file::replace(&self.0.path, &keys)?;
        self.look()
    }

    /// Leaves the present key alone in the file. Nothing may be sealed with another one any more.
    pub fn retire_others(&self) -> Result<()> {
        let (_, mut keys) = file::read(&self.0.path)?;
        keys.truncate(1);
        file::replace(&self.0.path, &keys)?;
        self.look()
    }

    /// Whether a sealed text names this key.
    pub fn is_sealed_with(sealed: &[u8], key: &KeyId) -> bool {
        sealed.starts_with(key)
    }

    fn present(&self) -> Opener {
        self.look_if_changed();
        self.ring().keys[0].clone()
    }

    fn opener(&self, id: &KeyId) -> Option<Opener> {
        self.look_if_changed();
        self.ring().keys.iter().find(|key| key.id == *id).cloned()
    }

    fn ring(&self) -> std::sync::RwLockReadGuard<'_, Ring> {
        self.0.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file that cannot be read now changes nothing: the keys that are known stay good.
    fn look_if_changed(&self) {
        let stamp = Stamp::of(&self.0.path);
        if stamp.is_ok_and(|stamp| stamp == self.ring().stamp) {
            return;
        }
        if let Err(error) = self.look() {
            tracing::warn!(error = %format!("{error:#}"), "the key file cannot be read; its last key is used");
        }
    }

    fn look(&self) -> Result<()> {
        let mut found = Ring::read(&self.0.path)?;
        let mut ring = self.0.ring.write().unwrap_or_else(PoisonError::into_inner);
        // a secret that was read before its key was retired is opened after it
        for key in ring.keys.drain(..) {
            if found.keys.len() < MOST_OPENERS && found.keys.iter().all(|found| found.id != key.id) {
                found.keys.push(key);
            }
        }
        *ring = found;
        Ok(())
    }
}

fn place(column: &str, row: i64) -> String {
    format!("{column}/{row}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

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

    #[test]
    fn at_every_moment_of_a_rotation_the_file_opens_everything_and_afterwards_only_what_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let running = Seal::open(&path).unwrap();
        let secret = SecretString::from("hush".to_owned());
        let opens = |seal: &Seal, sealed: &[u8]| seal.unseal("t.c", 1, sealed).is_ok();
        let old = running.seal("t.c", 1, &secret).unwrap();
        let rotating = Seal::open(&path).unwrap();
        rotating.add_key().unwrap();
        let new = running.seal("t.c", 1, &secret).unwrap();
        assert!(
            Seal::is_sealed_with(&new, &rotating.present_id()),
            "a running server takes it up"
        );
        let started = Seal::open(&path).unwrap();
        assert!(opens(&started, &old) && opens(&started, &new));
        assert_eq!(started.keys_in_file().unwrap(), 2);
        rotating.retire_others().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let started = Seal::open(&path).unwrap();
        assert!(!opens(&started, &old) && opens(&started, &new));
        assert!(opens(&running, &new) && opens(&running, &old));
    }
}
