//! Blowfish in counter mode, which both providers take from here.

use ctr::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use ctr::{Ctr64BE, CtrCore};

use crate::Error;

/// The key stream, and how far it is used. Both are wiped when dropped.
///
/// The tables that follow from the key are 4 KiB, which are not for moving around.
pub(crate) struct Blowfish(Box<Ctr64BE<blowfish::Blowfish>>);

impl Blowfish {
    pub(crate) fn new(key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        // The mode would want a key of 56 bytes, the longest; the cipher itself takes shorter ones.
        blowfish::Blowfish::new_from_slice(key)
            .and_then(|cipher| CtrCore::inner_iv_slice_init(cipher, iv))
            .map(|core| Blowfish(Box::new(StreamCipherCoreWrapper::from_core(core))))
            .map_err(|_| Error::MalformedKey)
    }

    pub(crate) fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}
