//! The portable provider: RustCrypto and dalek, in Rust alone.

mod aead;
#[cfg(feature = "stream-ciphers")]
mod aes;
#[cfg(feature = "aes-gcm")]
mod aes_gcm;
mod ctr;
#[cfg(feature = "portable-curves")]
mod curves;
pub mod ecdh;
pub mod ecdsa;
pub mod ed25519;
mod hash;
mod hmac;
#[cfg(not(feature = "stream-ciphers"))]
mod no_aes;
#[cfg(not(feature = "aes-gcm"))]
mod no_aes_gcm;
#[cfg(not(feature = "portable-curves"))]
mod no_curves;
pub mod rsa;
pub mod x25519;

pub use aead::{ChaCha20Poly1305, NONCE_LENGTH, TAG_LENGTH};
pub use aes_gcm::AesGcm;
pub use ctr::Ctr;
pub use hash::{Sha256, sha256, sha512};
pub use hmac::{Hmac, hmac_sha256};

#[cfg(not(feature = "stream-ciphers"))]
use no_aes as aes;
#[cfg(not(feature = "aes-gcm"))]
use no_aes_gcm as aes_gcm;
#[cfg(not(feature = "portable-curves"))]
use no_curves as curves;

use crate::Error;

/// Fills `buffer` with random bytes that nobody can guess.
///
/// # Errors
/// When the operating system has none.
pub fn fill_random(buffer: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(buffer).map_err(|_| Error::NoRandomness)
}
