//! Sealing with ChaCha20-Poly1305, in place.

use std::fmt;

use chacha20poly1305::KeyInit;
use chacha20poly1305::aead::{AeadCore, AeadInOut, Nonce, Tag};

use crate::Error;

/// The length of a nonce, in bytes.
pub const NONCE_LENGTH: usize = 12;

/// The length of the tag that sealing adds, in bytes.
pub const TAG_LENGTH: usize = 16;

/// A key for sealing and opening ([RFC 8439]). It is wiped when dropped.
///
/// The caller sees to it that no nonce is ever used twice with one key for sealing.
///
/// [RFC 8439]: https://www.rfc-editor.org/rfc/rfc8439
pub struct ChaCha20Poly1305(chacha20poly1305::ChaCha20Poly1305);

impl ChaCha20Poly1305 {
    /// Makes the key ready for use.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        ChaCha20Poly1305(chacha20poly1305::ChaCha20Poly1305::new(key.into()))
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

impl fmt::Debug for ChaCha20Poly1305 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChaCha20Poly1305")
    }
}

/// The tag of `data`, which are encrypted; none if they are too long.
pub(super) fn seal<A: AeadInOut>(
    key: &A,
    nonce: &[u8; NONCE_LENGTH],
    associated: &[u8],
    data: &mut [u8],
) -> Option<[u8; TAG_LENGTH]>
where
    for<'a> &'a Nonce<A>: From<&'a [u8; NONCE_LENGTH]>,
    Tag<A>: Into<[u8; TAG_LENGTH]>,
{
    key.encrypt_inout_detached(nonce.into(), associated, data.into()).ok().map(Into::into)
}

pub(super) fn open<'a, A: AeadCore + AeadInOut>(
    key: &A,
    nonce: &[u8; NONCE_LENGTH],
    associated: &[u8],
    sealed: &'a mut [u8],
) -> Result<&'a mut [u8], Error>
where
    for<'n> &'n Nonce<A>: From<&'n [u8; NONCE_LENGTH]>,
    for<'t> &'t Tag<A>: From<&'t [u8; TAG_LENGTH]>,
{
    let (data, tag) = sealed.split_last_chunk_mut().ok_or(Error::NotAuthentic)?;
    let tag: &[u8; TAG_LENGTH] = tag;
    key.decrypt_inout_detached(nonce.into(), associated, (&mut *data).into(), tag.into())
        .map_err(|_| Error::NotAuthentic)?;
    Ok(data)
}
