//! The portable provider: RustCrypto and dalek, in Rust alone.

mod aead;
#[cfg(feature = "portable-curves")]
mod curves;
pub mod ecdsa;
pub mod ed25519;
mod hash;
#[cfg(not(feature = "portable-curves"))]
mod no_curves;
pub mod rsa;
pub mod x25519;

pub use aead::{ChaCha20Poly1305, NONCE_LENGTH, TAG_LENGTH};
pub use hash::{Sha256, hmac_sha256, sha256, sha512};

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
