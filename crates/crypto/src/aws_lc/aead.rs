//! Sealing with ChaCha20-Poly1305 and AES-GCM, in place.

use std::fmt;

use aws_lc_rs::aead::{
    AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};

use crate::Error;

/// The length of a nonce, in bytes.
pub const NONCE_LENGTH: usize = 12;

/// The length of the tag that sealing adds, in bytes.
pub const TAG_LENGTH: usize = 16;

/// A key for sealing and opening, made ready once ([RFC 8439]). It is wiped when dropped.
///
/// The caller sees to it that no nonce is ever used twice with one key for sealing.
///
/// [RFC 8439]: https://www.rfc-editor.org/rfc/rfc8439
pub struct ChaCha20Poly1305(LessSafeKey);

/// An AES key for sealing and opening in Galois/counter mode, made ready once ([SP 800-38D]). It is wiped when
/// dropped.
///
/// The caller sees to it that no nonce is ever used twice with one key for sealing, and that one key
/// does not seal more than a few million records.
///
/// [SP 800-38D]: https://doi.org/10.6028/NIST.SP.800-38D
pub struct AesGcm(LessSafeKey);

impl ChaCha20Poly1305 {
    /// Makes the key ready for use.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key);
        ChaCha20Poly1305(LessSafeKey::new(key.expect("32 bytes are what the algorithm takes")))
    }

    /// Encrypts `data` in place and returns the tag that authenticates it together with
    /// `associated`.
    ///
    /// # Panics
    /// When `data` are longer than 256 GiB, which is as much as one nonce can seal.
    #[must_use]
    pub fn seal(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG_LENGTH] {
        seal(&self.0, nonce, associated, data).expect("one nonce seals 256 GiB")
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
        open(&self.0, nonce, associated, sealed)
    }
}

impl AesGcm {
    /// Makes a key of 16 or 32 bytes ready for use.
    ///
    /// # Errors
    /// When it has another length.
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        let algorithm = match key.len() {
            16 => &AES_128_GCM,
            32 => &AES_256_GCM,
            _ => return Err(Error::MalformedKey),
        };
        let key = UnboundKey::new(algorithm, key).map_err(|_| Error::MalformedKey)?;
        Ok(AesGcm(LessSafeKey::new(key)))
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
        seal(&self.0, nonce, associated, data).expect("one nonce seals 64 GiB")
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
        open(&self.0, nonce, associated, sealed)
    }
}

impl fmt::Debug for ChaCha20Poly1305 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChaCha20Poly1305")
    }
}

impl fmt::Debug for AesGcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesGcm")
    }
}

/// The tag of `data`, which are encrypted; none if they are too long.
fn seal(
    key: &LessSafeKey,
    nonce: &[u8; NONCE_LENGTH],
    associated: &[u8],
    data: &mut [u8],
) -> Option<[u8; TAG_LENGTH]> {
    let tag = key.seal_in_place_separate_tag(nonce_of(nonce), Aad::from(associated), data).ok()?;
    tag.as_ref().try_into().ok()
}

fn open<'a>(
    key: &LessSafeKey,
    nonce: &[u8; NONCE_LENGTH],
    associated: &[u8],
    sealed: &'a mut [u8],
) -> Result<&'a mut [u8], Error> {
    key.open_in_place(nonce_of(nonce), Aad::from(associated), sealed)
        .map_err(|_| Error::NotAuthentic)
}

fn nonce_of(nonce: &[u8; NONCE_LENGTH]) -> Nonce {
    Nonce::assume_unique_for_key(*nonce)
}
