//! Block ciphers in counter mode.

use std::fmt;

use super::aes::Aes;
use crate::blowfish::Blowfish;
use crate::{Cipher, Error};

/// A running key stream of a block cipher in counter mode ([SP 800-38A, section 6.5]), the whole
/// block a big-endian counter. It is wiped when dropped.
///
/// It authenticates nothing. The caller sees to it that no counter is ever used twice with one key.
///
/// [SP 800-38A, section 6.5]: https://doi.org/10.6028/NIST.SP.800-38A
pub struct Ctr(Stream);

enum Stream {
    Aes(Aes),
    Blowfish(Blowfish),
}

impl Ctr {
    /// The key stream that follows from `key` and the first counter `iv`, from its start.
    ///
    /// # Errors
    /// When one of them has not the length that `cipher` has, or when this build has no such
    /// cipher: each needs the feature `stream-ciphers`.
    pub fn new(cipher: Cipher, key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        cipher.check(key, iv)?;
        Ok(Ctr(match cipher {
            Cipher::Aes128 | Cipher::Aes256 => Stream::Aes(Aes::new(cipher, key, iv)?),
            Cipher::Blowfish => Stream::Blowfish(Blowfish::new(key, iv)?),
        }))
    }

    /// Encrypts or decrypts the next `data` in place.
    pub fn apply(&mut self, data: &mut [u8]) {
        match &mut self.0 {
            Stream::Aes(aes) => aes.apply(data),
            Stream::Blowfish(blowfish) => blowfish.apply(data),
        }
    }
}

impl fmt::Debug for Ctr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ctr")
    }
}
