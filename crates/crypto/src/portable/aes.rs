//! AES in counter mode, with the instructions of the CPU where it has them.

use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};

use crate::{Cipher, Error};

/// The key stream, and how far it is used. Keys are up to 1 KiB, where the CPU has no AES.
pub(super) enum Aes {
    Key128(Box<Ctr128BE<aes::Aes128>>),
    Key256(Box<Ctr128BE<aes::Aes256>>),
}

impl Aes {
    pub(super) fn new(cipher: Cipher, key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        if cipher == Cipher::Aes128 {
            Ctr128BE::new_from_slices(key, iv).map(|stream| Aes::Key128(Box::new(stream)))
        } else {
            Ctr128BE::new_from_slices(key, iv).map(|stream| Aes::Key256(Box::new(stream)))
        }
        .map_err(|_| Error::MalformedKey)
    }

    pub(super) fn apply(&mut self, data: &mut [u8]) {
        match self {
            Aes::Key128(stream) => stream.apply_keystream(data),
            Aes::Key256(stream) => stream.apply_keystream(data),
        }
    }
}
