//! Signing with ECDSA over SHA-256, on the NIST curves and secp256k1.
//!
//! Without the feature `portable-curves` there are no keys: making or reading one is the error
//! [`Error::Unavailable`].

use std::fmt;

use zeroize::Zeroizing;

use super::curves::{SigningKey, VerifyingKey};
use crate::ec_encoding::{self, Sec1};
use crate::{Curve, Error, ec_signature};

/// An ECDSA secret key. It is wiped when dropped.
pub struct SecretKey {
    scalar: Zeroizing<Vec<u8>>,
    key: SigningKey,
    public: PublicKey,
}

/// An ECDSA public key, a point on its curve.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    curve: Curve,
    point: Vec<u8>,
}

impl SecretKey {
    /// A new random key on `curve`.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate(curve: Curve) -> Result<Self, Error> {
        curve.draw_scalar(super::fill_random, |scalar| SecretKey::from_bytes(curve, scalar))
    }

    /// The key with this scalar, big-endian and as long as the curve's order.
    ///
    /// # Errors
    /// When it has another length, is zero, or is not below the order.
    pub fn from_bytes(curve: Curve, scalar: &[u8]) -> Result<Self, Error> {
        if scalar.len() != curve.scalar_length() {
            return Err(Error::MalformedKey);
        }
        let (key, point) = SigningKey::new(curve, scalar)?;
        let public = PublicKey { curve, point };
        Ok(SecretKey { scalar: Zeroizing::new(scalar.to_vec()), key, public })
    }

    /// Reads an `ECPrivateKey` in DER ([RFC 5915]), which has to name a NIST curve.
    ///
    /// # Errors
    /// When it is not well formed, or the public key in it does not belong to it.
    ///
    /// [RFC 5915]: https://www.rfc-editor.org/rfc/rfc5915
    pub fn from_sec1(sec1: &[u8]) -> Result<Self, Error> {
        let sec1 = ec_encoding::decode_sec1(sec1)?;
        let key = SecretKey::from_bytes(sec1.curve, sec1.scalar)?;
        match sec1.point {
            Some(point) if point != key.public.point => Err(Error::MismatchedKey),
            _ => Ok(key),
        }
    }

    /// Writes the key and its public key as an `ECPrivateKey` in DER.
    #[must_use]
    pub fn to_sec1(&self) -> Zeroizing<Vec<u8>> {
        let PublicKey { curve, point } = &self.public;
        ec_encoding::encode_sec1(&Sec1 { curve: *curve, scalar: &self.scalar, point: Some(point) })
    }

    /// The scalar, for keeping.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.scalar
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs the SHA-256 hash of `message`; the signature is in DER, on secp256k1 with a low s.
    ///
    /// # Errors
    /// When the provider is out of memory or random bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.key.sign_hash(&super::sha256(message))?;
        let (r, s) = signature.split_at(signature.len() / 2);
        ec_signature::encode(self.public.curve, r, s)
    }
}

impl PublicKey {
    /// Reads a point: 33 bytes (compressed) on secp256k1, uncompressed on the other curves.
    ///
    /// # Errors
    /// When it is encoded otherwise or does not lie on `curve`.
    pub fn from_point(curve: Curve, point: &[u8]) -> Result<Self, Error> {
        if !curve.is_encoding(point) {
            return Err(Error::MalformedKey);
        }
        VerifyingKey::new(curve, point)?;
        Ok(PublicKey { curve, point: point.to_vec() })
    }

    /// Reads a `SubjectPublicKeyInfo` in DER ([RFC 5480]), which has to name a NIST curve.
    ///
    /// # Errors
    /// When it is not well formed or its point does not lie on the curve.
    ///
    /// [RFC 5480]: https://www.rfc-editor.org/rfc/rfc5480
    pub fn from_spki(spki: &[u8]) -> Result<Self, Error> {
        let (curve, point) = ec_encoding::decode_spki(spki)?;
        PublicKey::from_point(curve, point)
    }

    /// Writes the key as a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn to_spki(&self) -> Vec<u8> {
        ec_encoding::encode_spki(self.curve, &self.point)
    }

    /// The curve of the key.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The encoded point.
    #[must_use]
    pub fn as_point(&self) -> &[u8] {
        &self.point
    }

    /// Checks that `signature` was made over the SHA-256 hash of `message` with the secret key to
    /// this one.
    ///
    /// # Errors
    /// When it was not, is not in canonical DER, or on secp256k1 has a high s.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let signature = ec_signature::decode(self.curve, signature)?;
        VerifyingKey::new(self.curve, &self.point)?.verify_hash(&super::sha256(message), &signature)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ecdsa::SecretKey")
    }
}
