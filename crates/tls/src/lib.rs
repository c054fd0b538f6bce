//! TLS 1.3 with the identity keys of both peers, as libp2p uses it.
//!
//! [`Config`] secures a byte stream with the identity keys of both peers; what comes out is a byte
//! stream again, private and authentic. rustls shakes hands; the records are ours.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/tls/tls.md>

mod alert;
mod certificate;
mod error;
mod handshake;
mod key;
mod messages;
mod own_certificate;
mod received;
mod records;
mod settings;
mod shared;
mod upgrade;
mod validity;
mod verifier;

pub use alert::Alert;
pub use certificate::verify_certificate;
pub use error::{CertificateError, Error};
pub use upgrade::Config;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
