//! The block ciphers that counter mode makes stream ciphers of.

use crate::Error;

/// A block cipher in counter mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES with a key of 16 bytes.
    Aes128,
    /// AES with a key of 32 bytes.
    Aes256,
    /// Blowfish with a key of 32 bytes: old, slow, and with blocks so short that nobody should
    /// send much under one key.
    Blowfish,
}

impl Cipher {
    /// The length of its keys, in bytes.
    #[must_use]
    pub fn key_length(self) -> usize {
        match self {
            Cipher::Aes128 => 16,
            Cipher::Aes256 | Cipher::Blowfish => 32,
        }
    }

    /// The length of a block and of the first counter, in bytes.
    #[must_use]
    pub fn iv_length(self) -> usize {
        match self {
            Cipher::Aes128 | Cipher::Aes256 => 16,
            Cipher::Blowfish => 8,
        }
    }

    /// Whether key and first counter have the lengths that this cipher has.
    pub(crate) fn check(self, key: &[u8], iv: &[u8]) -> Result<(), Error> {
        if key.len() == self.key_length() && iv.len() == self.iv_length() {
            Ok(())
        } else {
            Err(Error::MalformedKey)
        }
    }
}
