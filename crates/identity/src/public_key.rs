//! A public key that is found to be one, with which signatures are verified.

use std::fmt;

use peerloom_crypto::{Curve, ecdsa, ed25519, rsa};
use peerloom_peer_id::{EncodedKey, KeyType, PeerId};

use crate::Error;

/// A public key of a peer.
///
/// Each key has one encoding and so one peer id. secp256k1 keys are compressed, RSA keys have 2048
/// to 8192 bits (CVE-2023-39533), Ed25519 keys of small order are refused.
///
/// ```
/// use peerloom_identity::{Keypair, PublicKey};
///
/// let keypair = Keypair::generate_ed25519()?;
/// let signature = keypair.sign(b"hello")?;
///
/// let public_key = PublicKey::try_from(&keypair.public_key().encode())?;
/// public_key.verify(b"hello", &signature)?;
/// assert!(public_key.verify(b"hell", &signature).is_err());
/// # Ok::<(), peerloom_identity::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(pub(crate) Key);

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Ed25519(ed25519::PublicKey),
    Secp256k1(ecdsa::PublicKey),
    Ecdsa(ecdsa::PublicKey),
    Rsa(rsa::PublicKey),
}

impl PublicKey {
    /// The key in the form in which it travels.
    #[must_use]
    pub fn encode(&self) -> EncodedKey {
        match &self.0 {
            Key::Ed25519(key) => EncodedKey::new(KeyType::Ed25519, *key.as_bytes()),
            Key::Secp256k1(key) => EncodedKey::new(KeyType::Secp256k1, key.as_point()),
            Key::Ecdsa(key) => EncodedKey::new(KeyType::Ecdsa, key.to_spki()),
            Key::Rsa(key) => EncodedKey::new(KeyType::Rsa, key.as_spki()),
        }
    }

    /// The name of the peer that has this key.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        self.encode().peer_id()
    }

    /// Checks that `signature` was made over `message` with the secret key to this one.
    ///
    /// # Errors
    /// [`Error::WrongSignature`] when it was not.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match &self.0 {
            Key::Ed25519(key) => key.verify(message, signature),
            Key::Secp256k1(key) | Key::Ecdsa(key) => key.verify(message, signature),
            Key::Rsa(key) => key.verify(message, signature),
        }
        .map_err(|_| Error::WrongSignature)
    }
}

impl TryFrom<&EncodedKey> for PublicKey {
    type Error = Error;

    /// Reads a key as it travels, each type as the [specification] has it.
    ///
    /// # Errors
    /// When it is no key of its type, or its type has no provider in this build.
    ///
    /// [specification]: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#key-types
    fn try_from(encoded: &EncodedKey) -> Result<Self, Error> {
        let data = encoded.data();
        let key_type = encoded.key_type();
        let key = match key_type {
            KeyType::Ed25519 => ed25519::PublicKey::from_bytes(data).map(Key::Ed25519),
            KeyType::Secp256k1 => {
                ecdsa::PublicKey::from_point(Curve::Secp256k1, data).map(Key::Secp256k1)
            }
            KeyType::Ecdsa => ecdsa::PublicKey::from_spki(data).map(Key::Ecdsa),
            KeyType::Rsa => rsa::PublicKey::from_spki(data).map(Key::Rsa),
        };
        key.map(PublicKey).map_err(|source| Error::Key { key_type, source })
    }
}

impl TryFrom<&PeerId> for PublicKey {
    type Error = Error;

    /// Takes the key out of a peer id that holds it as it is (Ed25519 and secp256k1).
    ///
    /// # Errors
    /// When the peer id is a hash, or what is in it is no key with this peer id.
    fn try_from(peer: &PeerId) -> Result<Self, Error> {
        let encoded = peer.public_key().ok_or(Error::KeyNotInPeerId(*peer))?;
        let key = PublicKey::try_from(&encoded)?;
        // The message in the peer id may be written in another than the canonical way.
        if key.peer_id() == *peer { Ok(key) } else { Err(Error::KeyNotInPeerId(*peer)) }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = self.encode();
        write!(f, "PublicKey({:?}, {})", encoded.key_type(), encoded.peer_id())
    }
}
