//! Signing with Ed25519.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};

use crate::{Error, ed25519_point};

/// An Ed25519 secret key ([RFC 8032]). It is wiped when dropped.
///
/// [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032
pub struct SecretKey(SigningKey);

/// An Ed25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        super::fill_random(seed.as_mut_slice())?;
        SecretKey::from_seed(&seed)
    }

    /// The key that follows from this seed; any 32 bytes are one.
    ///
    /// # Errors
    /// Never here; other providers may be out of memory.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Error> {
        Ok(SecretKey(SigningKey::from_bytes(seed)))
    }

    /// The seed, for keeping.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl PublicKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// When it has not 32 bytes, is not in its canonical encoding, or is a point of small order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.try_into().map_err(|_| Error::MalformedKey)?;
        if ed25519_point::is_sound(&bytes) {
            Ok(PublicKey(bytes))
        } else {
            Err(Error::MalformedKey)
        }
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks that `signature` was made over `message` with the secret key to this one.
    ///
    /// # Errors
    /// When it was not, or is a changed form of one that was.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        // Not `verify_strict`: it refuses signatures that every other implementation takes.
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify(message, &Signature::from_slice(signature)?))
            .map_err(|_| Error::WrongSignature)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ed25519::SecretKey")
    }
}
