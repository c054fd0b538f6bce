//! Agreeing on a secret over Curve25519.

use std::fmt;

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::Error;

/// An X25519 secret key ([RFC 7748]). It is wiped when dropped.
///
/// [RFC 7748]: https://www.rfc-editor.org/rfc/rfc7748
pub struct SecretKey {
    key: StaticSecret,
    public: [u8; 32],
}

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        super::fill_random(bytes.as_mut_slice())?;
        SecretKey::from_bytes(&bytes)
    }

    /// The key with these bytes; any 32 bytes are one.
    ///
    /// # Errors
    /// Never here; other providers may be out of memory.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = StaticSecret::from(*bytes);
        let public = PublicKey::from(&key).to_bytes();
        Ok(SecretKey { key, public })
    }

    /// The public key to send to the other side.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.public
    }

    /// The secret shared with whoever has the secret key to `remote`.
    ///
    /// # Errors
    /// When the secret is zero whatever our key is, because `remote` is a point of small order.
    pub fn agree(&self, remote: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Error> {
        let secret = self.key.diffie_hellman(&PublicKey::from(*remote));
        if secret.was_contributory() {
            Ok(Zeroizing::new(secret.to_bytes()))
        } else {
            Err(Error::ZeroSecret)
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("x25519::SecretKey")
    }
}
