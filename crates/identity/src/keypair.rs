//! A secret key and its public key: what makes a peer this peer.

use std::fmt;
use std::sync::Arc;

use peerloom_crypto::{Curve, Error as CryptoError, RsaSize, ecdsa, ed25519, rsa};
use peerloom_peer_id::{KeyMessage, KeyType, PeerId};
use zeroize::Zeroizing;

use crate::public_key::Key;
use crate::{Error, PublicKey};

/// The keys of a peer. A clone shares them; the last one that is dropped wipes them from memory.
///
/// ```
/// use peerloom_identity::Keypair;
///
/// let keypair = Keypair::generate_ed25519()?;
/// let kept = keypair.to_protobuf();
/// assert_eq!(Keypair::from_protobuf(&kept)?.peer_id(), keypair.peer_id());
/// # Ok::<(), peerloom_identity::Error>(())
/// ```
#[derive(Clone)]
pub struct Keypair {
    secret: Arc<Secret>,
    public: PublicKey,
}

/// The kinds of keys that can be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// Ed25519: small, fast, and understood by every implementation.
    #[default]
    Ed25519,
    /// ECDSA on the curve of Bitcoin.
    Secp256k1,
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
    /// ECDSA on P-521.
    EcdsaP521,
    /// RSA of a given length.
    Rsa(RsaSize),
}

impl Keypair {
    /// New random Ed25519 keys.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate_ed25519() -> Result<Self, Error> {
        Keypair::generate(KeyKind::Ed25519)
    }

    /// New random keys of any kind. RSA takes its time.
    ///
    /// # Errors
    /// When the system has no random bytes, or this build has no provider for the kind.
    pub fn generate(kind: KeyKind) -> Result<Self, Error> {
        let secret = match kind {
            KeyKind::Ed25519 => ed25519::SecretKey::generate().map(Secret::Ed25519),
            KeyKind::Secp256k1 => {
                ecdsa::SecretKey::generate(Curve::Secp256k1).map(Secret::Secp256k1)
            }
            KeyKind::EcdsaP256 => ecdsa::SecretKey::generate(Curve::P256).map(Secret::Ecdsa),
            KeyKind::EcdsaP384 => ecdsa::SecretKey::generate(Curve::P384).map(Secret::Ecdsa),
            KeyKind::EcdsaP521 => ecdsa::SecretKey::generate(Curve::P521).map(Secret::Ecdsa),
            KeyKind::Rsa(size) => rsa::SecretKey::generate(size).map(Secret::Rsa),
        };
        secret.map(Keypair::new).map_err(Error::Provider)
    }

    /// Reads keys in the protobuf form in which all implementations keep them.
    ///
    /// For Ed25519 also the older form is read, which has the public key twice.
    ///
    /// # Errors
    /// When they are no keys of their type, the public key beside the secret one is not its own, or
    /// this build has no provider for the type.
    pub fn from_protobuf(bytes: &[u8]) -> Result<Self, Error> {
        let KeyMessage { key_type, data } = KeyMessage::decode(bytes)?;
        let secret = match key_type {
            KeyType::Ed25519 => read_ed25519(data).map(Secret::Ed25519),
            KeyType::Secp256k1 => {
                ecdsa::SecretKey::from_bytes(Curve::Secp256k1, data).map(Secret::Secp256k1)
            }
            KeyType::Ecdsa => ecdsa::SecretKey::from_sec1(data).map(Secret::Ecdsa),
            KeyType::Rsa => rsa::SecretKey::from_pkcs1(data).map(Secret::Rsa),
        };
        secret.map(Keypair::new).map_err(|source| Error::Key { key_type, source })
    }

    /// The keys in the protobuf form in which all implementations keep them ([specification]).
    ///
    /// [specification]: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys
    #[must_use]
    pub fn to_protobuf(&self) -> Zeroizing<Vec<u8>> {
        let encode = |key_type, data: &[u8]| KeyMessage { key_type, data }.encode();
        Zeroizing::new(match &*self.secret {
            Secret::Ed25519(key) => {
                let mut data = Zeroizing::new([0; 64]);
                let (seed, public) = data.split_at_mut(32);
                seed.copy_from_slice(key.seed());
                public.copy_from_slice(key.public_key().as_bytes());
                encode(KeyType::Ed25519, data.as_slice())
            }
            Secret::Secp256k1(key) => encode(KeyType::Secp256k1, key.as_bytes()),
            Secret::Ecdsa(key) => encode(KeyType::Ecdsa, &key.to_sec1()),
            Secret::Rsa(key) => encode(KeyType::Rsa, key.as_pkcs1()),
        })
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The name of the peer that has these keys.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        self.public.peer_id()
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// When the provider has no memory or random bytes for it.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &*self.secret {
            Secret::Ed25519(key) => Ok(key.sign(message).to_vec()),
            Secret::Secp256k1(key) | Secret::Ecdsa(key) => key.sign(message),
            Secret::Rsa(key) => key.sign(message),
        }
        .map_err(Error::Provider)
    }

    fn new(secret: Secret) -> Self {
        let public = PublicKey(match &secret {
            Secret::Ed25519(key) => Key::Ed25519(key.public_key()),
            Secret::Secp256k1(key) => Key::Secp256k1(key.public_key().clone()),
            Secret::Ecdsa(key) => Key::Ecdsa(key.public_key().clone()),
            Secret::Rsa(key) => Key::Rsa(key.public_key().clone()),
        });
        Keypair { secret: Arc::new(secret), public }
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keypair").field("public", &self.public).finish_non_exhaustive()
    }
}

enum Secret {
    Ed25519(ed25519::SecretKey),
    Secp256k1(ecdsa::SecretKey),
    Ecdsa(ecdsa::SecretKey),
    Rsa(rsa::SecretKey),
}

/// The seed, then the public key once or, as it was done long ago, twice.
fn read_ed25519(data: &[u8]) -> Result<ed25519::SecretKey, CryptoError> {
    let (seed, publics) = data.split_first_chunk().ok_or(CryptoError::MalformedKey)?;
    if ![32, 64].contains(&publics.len()) {
        return Err(CryptoError::MalformedKey);
    }
    let key = ed25519::SecretKey::from_seed(seed)?;
    let own = key.public_key();
    if publics.chunks(32).all(|public| public == own.as_bytes()) {
        Ok(key)
    } else {
        Err(CryptoError::MismatchedKey)
    }
}
