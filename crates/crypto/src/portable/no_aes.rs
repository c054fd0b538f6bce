//! What stands in for AES in a build without it: no key can be made ready.

use crate::{Cipher, Error};

pub(super) enum Aes {}

impl Aes {
    pub(super) fn new(_: Cipher, _: &[u8], _: &[u8]) -> Result<Self, Error> {
        Err(Error::Unavailable { key_type: "aes", feature: "stream-ciphers" })
    }

    pub(super) fn apply(&mut self, _: &mut [u8]) {
        match *self {}
    }
}
