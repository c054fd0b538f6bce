//! The stream cipher of private networks.

use std::fmt;

use salsa20::cipher::{KeyIvInit, StreamCipher};

/// A running key stream of XSalsa20 ([Extending the Salsa20 nonce]). It is wiped when dropped.
///
/// It authenticates nothing. The caller sees to it that no nonce is ever used twice with one key.
///
/// [Extending the Salsa20 nonce]: https://cr.yp.to/snuffle/xsalsa-20110204.pdf
pub struct XSalsa20(salsa20::XSalsa20);

impl XSalsa20 {
    /// The key stream that follows from `key` and `nonce`, from its start.
    #[must_use]
    pub fn new(key: &[u8; 32], nonce: &[u8; 24]) -> Self {
        XSalsa20(salsa20::XSalsa20::new(key.into(), nonce.into()))
    }

    /// Encrypts or decrypts the next `data` in place.
    ///
    /// # Panics
    /// After 2^70 bytes, which is as much as one nonce can encrypt.
    pub fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

impl fmt::Debug for XSalsa20 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("XSalsa20")
    }
}
