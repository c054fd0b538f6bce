//! RSA, which this provider does not have.
//!
//! The one library of RSA in Rust alone has an unpatched timing leak (RUSTSEC-2023-0071). The names
//! are those of the other provider; no key can be made or read, so there is none to use.

use std::convert::Infallible;

use crate::{Error, RsaSize};

/// An RSA secret key, of which there is none here.
#[derive(Debug)]
pub struct SecretKey {
    none: Infallible,
    public: PublicKey,
}

/// An RSA public key, of which there is none here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey(Infallible);

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    /// Always.
    pub fn generate(_: RsaSize) -> Result<Self, Error> {
        Err(UNAVAILABLE)
    }

    /// Reads a PKCS #1 `RSAPrivateKey` in DER.
    ///
    /// # Errors
    /// Always.
    pub fn from_pkcs1(_: &[u8]) -> Result<Self, Error> {
        Err(UNAVAILABLE)
    }

    /// The key as a PKCS #1 `RSAPrivateKey` in DER.
    #[must_use]
    pub fn as_pkcs1(&self) -> &[u8] {
        match self.none {}
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// When the provider is out of memory.
    pub fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        match self.none {}
    }
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// Always.
    pub fn from_spki(_: &[u8]) -> Result<Self, Error> {
        Err(UNAVAILABLE)
    }

    /// The key as a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn as_spki(&self) -> &[u8] {
        match self.0 {}
    }

    /// Checks that `signature` was made over `message` with the secret key to this one.
    ///
    /// # Errors
    /// When it was not.
    pub fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), Error> {
        match self.0 {}
    }
}

const UNAVAILABLE: Error = Error::Unavailable { key_type: "rsa", feature: "aws-lc" };
