//! Signing with RSA, PKCS #1 v1.5 over SHA-256.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use zeroize::Zeroizing;

use crate::{Error, RsaSize, rsa_encoding};

/// An RSA secret key of 2048 to 8192 bits. It is wiped when dropped.
pub struct SecretKey {
    pkcs1: Zeroizing<Vec<u8>>,
    pair: RsaKeyPair,
    public: PublicKey,
}

/// An RSA public key of 2048 to 8192 bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// The key as it is written in a `SubjectPublicKeyInfo`.
    spki: Vec<u8>,
}

impl SecretKey {
    /// A new random key. It takes a tenth of a second at 2048 bits and ever longer with more.
    ///
    /// # Errors
    /// When the system has no random bytes, or the provider has no memory.
    pub fn generate(size: RsaSize) -> Result<Self, Error> {
        let pair = RsaKeyPair::generate(match size {
            RsaSize::Bits2048 => KeySize::Rsa2048,
            RsaSize::Bits3072 => KeySize::Rsa3072,
            RsaSize::Bits4096 => KeySize::Rsa4096,
            RsaSize::Bits8192 => KeySize::Rsa8192,
        });
        let pair = pair.map_err(|_| Error::NoRandomness)?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Error::MalformedKey)?;
        SecretKey::from_pkcs1(rsa_encoding::pkcs1_of_pkcs8(pkcs8.as_ref())?)
    }

    /// Reads a PKCS #1 `RSAPrivateKey` in DER ([RFC 8017, appendix A.1.2]).
    ///
    /// # Errors
    /// When it is not well formed, its numbers do not fit together, or it is too short or too long.
    ///
    /// [RFC 8017, appendix A.1.2]: https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2
    pub fn from_pkcs1(pkcs1: &[u8]) -> Result<Self, Error> {
        rsa_encoding::check_pkcs1(pkcs1)?;
        let pair = RsaKeyPair::from_der(pkcs1).map_err(|_| Error::MalformedKey)?;
        let spki = rsa_encoding::spki_of_public(pair.public_key().as_ref());
        Ok(SecretKey { pkcs1: Zeroizing::new(pkcs1.to_vec()), pair, public: PublicKey { spki } })
    }

    /// The key as a PKCS #1 `RSAPrivateKey` in DER.
    #[must_use]
    pub fn as_pkcs1(&self) -> &[u8] {
        &self.pkcs1
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
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::SigningFailed)?;
        Ok(signature)
    }
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// When it is not well formed, or the key is too short or too long.
    pub fn from_spki(spki: &[u8]) -> Result<Self, Error> {
        let public = rsa_encoding::public_of_spki(spki)?;
        let parsed = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).parse();
        parsed.map_err(|_| Error::MalformedKey)?;
        Ok(PublicKey { spki: spki.to_vec() })
    }

    /// The key as a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn as_spki(&self) -> &[u8] {
        &self.spki
    }

    /// Checks that `signature` was made over `message` with the secret key to this one.
    ///
    /// # Errors
    /// When it was not.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.spki)
            .verify(message, signature)
            .map_err(|_| Error::WrongSignature)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rsa::SecretKey")
    }
}
