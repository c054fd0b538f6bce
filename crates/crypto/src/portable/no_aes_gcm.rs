//! What stands in for AES-GCM in a build without it: no key can be made ready.

use super::aead::{NONCE_LENGTH, TAG_LENGTH};
use crate::Error;

/// An AES key, which this build has not.
#[derive(Debug)]
pub enum AesGcm {}

impl AesGcm {
    /// Makes no key ready for use.
    ///
    /// # Errors
    /// Always.
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        if ![16, 32].contains(&key.len()) {
            return Err(Error::MalformedKey);
        }
        Err(Error::Unavailable { key_type: "aes-gcm", feature: "aes-gcm" })
    }

    /// Never called, as there is no key.
    #[must_use]
    pub fn seal(&self, _: &[u8; NONCE_LENGTH], _: &[u8], _: &mut [u8]) -> [u8; TAG_LENGTH] {
        match *self {}
    }

    /// Never called, as there is no key.
    ///
    /// # Errors
    /// None.
    pub fn open<'a>(
        &self,
        _: &[u8; NONCE_LENGTH],
        _: &[u8],
        _: &'a mut [u8],
    ) -> Result<&'a mut [u8], Error> {
        match *self {}
    }
}
