//! The fast provider against the vectors that both pass.
#![cfg(feature = "aws-lc")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step fails the test")]

use peerloom_crypto::aws_lc as provider;

mod aes_gcm;
mod conformance;
mod ctr;
mod ecdh;
mod ecdsa;
mod rsa;
