//! The few cryptographic functions of the stack, from one of two providers.
//!
//! Everything at the top of this crate comes from the default provider: `aws_lc` when the feature
//! `aws-lc` is on, else `portable`. Both offer the same names with the same signatures and accept
//! the same keys, signatures and sealed data; the choice changes speed and nothing else. What one
//! of them does not have, or needs a feature for, says so with [`Error::Unavailable`]: [`rsa`],
//! [`ecdsa`], [`ecdh`], [`AesGcm`] and [`Ctr`].

#[cfg(feature = "blowfish")]
mod blowfish;
mod cipher;
mod curve;
pub mod der;
mod ec_encoding;
mod ec_signature;
mod ed25519_point;
mod equal;
mod error;
mod hash;
#[cfg(not(feature = "blowfish"))]
mod no_blowfish;
#[cfg(feature = "aws-lc")]
mod rsa_encoding;
mod rsa_size;
#[cfg(feature = "xsalsa20")]
mod xsalsa20;

#[cfg(feature = "aws-lc")]
pub mod aws_lc;
#[cfg(feature = "portable")]
pub mod portable;

#[cfg(feature = "aws-lc")]
use aws_lc as provider;
#[cfg(not(feature = "blowfish"))]
use no_blowfish as blowfish;
#[cfg(all(feature = "portable", not(feature = "aws-lc")))]
use portable as provider;

pub use cipher::Cipher;
pub use curve::Curve;
pub use equal::is_equal;
pub use error::Error;
pub use hash::{Hash, Tag};
#[cfg(any(feature = "aws-lc", feature = "portable"))]
pub use provider::{
    AesGcm, ChaCha20Poly1305, Ctr, Hmac, NONCE_LENGTH, Sha256, TAG_LENGTH, ecdh, ecdsa, ed25519,
    fill_random, hmac_sha256, rsa, sha256, sha512, x25519,
};
pub use rsa_size::{MAX_RSA_BITS, MIN_RSA_BITS, RsaSize};
#[cfg(feature = "xsalsa20")]
pub use xsalsa20::XSalsa20;

#[cfg(not(any(feature = "aws-lc", feature = "portable")))]
compile_error!("peerloom-crypto needs a provider: the feature `aws-lc` or the feature `portable`");

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
