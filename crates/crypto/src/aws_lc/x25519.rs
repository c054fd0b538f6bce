//! Agreeing on a secret over Curve25519.

use std::fmt;

use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use zeroize::Zeroizing;

use crate::Error;

/// An X25519 secret key ([RFC 7748]). It is wiped when dropped.
///
/// [RFC 7748]: https://www.rfc-editor.org/rfc/rfc7748
pub struct SecretKey {
    key: PrivateKey,
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
    /// When the provider is out of memory.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = PrivateKey::from_private_key(&X25519, bytes).map_err(|_| Error::MalformedKey)?;
        let public = key.compute_public_key().map_err(|_| Error::MalformedKey)?;
        let public = public.as_ref().try_into().map_err(|_| Error::MalformedKey)?;
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
        agree(&self.key, UnparsedPublicKey::new(&X25519, remote), Error::ZeroSecret, |secret| {
            secret.try_into().map(Zeroizing::new).map_err(|_| Error::ZeroSecret)
        })
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("x25519::SecretKey")
    }
}
