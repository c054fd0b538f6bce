//! Sealing with AES-GCM, in place, with the instructions of the CPU where it has them.

use std::fmt;

use ::aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};

use super::aead::{self, NONCE_LENGTH, TAG_LENGTH};
use crate::Error;

/// An AES key for sealing and opening in Galois/counter mode, made ready once ([SP 800-38D]). It is wiped when
/// dropped.
///
/// The caller sees to it that no nonce is ever used twice with one key for sealing, and that one key
/// does not seal more than a few million records.
///
/// [SP 800-38D]: https://doi.org/10.6028/NIST.SP.800-38D
pub struct AesGcm(Key);

/// Keys are up to 1 KiB, where the CPU has no AES.
enum Key {
    Key128(Box<Aes128Gcm>),
    Key256(Box<Aes256Gcm>),
}

impl AesGcm {
    /// Makes a key of 16 or 32 bytes ready for use.
    ///
    /// # Errors
    /// When it has another length, or when this build has no AES-GCM: it needs the feature `aes-gcm`.
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        let ready = if key.len() == 16 {
            Aes128Gcm::new_from_slice(key).map(|key| Key::Key128(Box::new(key)))
        } else {
            Aes256Gcm::new_from_slice(key).map(|key| Key::Key256(Box::new(key)))
        };
        ready.map(AesGcm).map_err(|_| Error::MalformedKey)
    }

    /// Encrypts `data` in place and returns the tag that authenticates it together with
    /// `associated`.
    ///
    /// # Panics
    /// When `data` are longer than 64 GiB, which is as much as one nonce can seal.
    #[must_use]
    pub fn seal(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG_LENGTH] {
        match &self.0 {
            Key::Key128(key) => aead::seal(&**key, nonce, associated, data),
            Key::Key256(key) => aead::seal(&**key, nonce, associated, data),
        }
        .expect("one nonce seals 64 GiB")
    }

    /// Decrypts in place what [`seal`](Self::seal) made, with its tag behind it, and returns the
    /// plain data.
    ///
    /// # Errors
    /// When the data were not sealed under this key, nonce and `associated`. What is in `sealed`
    /// then is of no use.
    pub fn open<'a>(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], Error> {
        match &self.0 {
            Key::Key128(key) => aead::open(&**key, nonce, associated, sealed),
            Key::Key256(key) => aead::open(&**key, nonce, associated, sealed),
        }
    }
}

impl fmt::Debug for AesGcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesGcm")
    }
}
