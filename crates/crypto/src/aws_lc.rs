//! The fast provider: AWS-LC, in C and assembly.

mod aead;
mod ctr;
pub mod ecdh;
pub mod ecdsa;
pub mod ed25519;
mod hash;
mod hmac;
pub mod rsa;
pub mod x25519;

pub use aead::{AesGcm, ChaCha20Poly1305, NONCE_LENGTH, TAG_LENGTH};
pub use ctr::Ctr;
pub use hash::{Sha256, sha256, sha512};
pub use hmac::{Hmac, hmac_sha256};

use crate::Error;

/// Fills `buffer` with random bytes that nobody can guess.
///
/// # Errors
/// When the operating system has none.
pub fn fill_random(buffer: &mut [u8]) -> Result<(), Error> {
    aws_lc_rs::rand::fill(buffer).map_err(|_| Error::NoRandomness)
}
