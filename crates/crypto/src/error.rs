//! What can go wrong with keys, signatures and sealed data.

/// A cryptographic function that did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system has no random bytes for us.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// The bytes are not a key of this kind, or not in its one accepted encoding.
    #[error("the key is malformed")]
    MalformedKey,
    /// The public key beside a secret key is not the one that belongs to it.
    #[error("the public key does not belong to the secret key")]
    MismatchedKey,
    /// An RSA key is too weak to trust or so large that using it is an attack (CVE-2023-39533).
    #[error("an rsa key of {bits} bits is not between 2048 and 8192")]
    RsaKeySize {
        /// The length of the modulus.
        bits: usize,
    },
    /// No secrets are agreed on with keys on secp256k1.
    #[error("no secrets are agreed on over secp256k1")]
    NoAgreement,
    /// This build has no keys of this type; a feature of this crate brings them.
    #[error("{key_type} keys need the feature {feature}")]
    Unavailable {
        /// The type of the key: `secp256k1`, `ecdsa`, `ecdh`, `rsa`, `aes`, `aes-gcm` or `blowfish`.
        key_type: &'static str,
        /// The feature that has them.
        feature: &'static str,
    },
    /// The remote's X25519 key is one of the few that make every agreed secret zero.
    #[error("the agreed secret is zero")]
    ZeroSecret,
    /// The signature was not made by this key over this message, or is not in its one encoding.
    #[error("the signature does not match the key and the message")]
    WrongSignature,
    /// The data were not sealed under this key, nonce and associated data, or not tagged under it.
    #[error("the data are not authentic")]
    NotAuthentic,
    /// The provider could not sign; with a sound key it can.
    #[error("signing failed")]
    SigningFailed,
}
