//! Agreeing on a secret over the NIST curves.

use std::fmt;

use aws_lc_rs::agreement::{
    Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, agree,
};
use zeroize::Zeroizing;

use crate::{Curve, Error};

/// A secret key for agreeing on secrets ([SEC 1, section 3.3.1]). It is wiped when dropped.
///
/// [SEC 1, section 3.3.1]: https://www.secg.org/sec1-v2.pdf
pub struct SecretKey {
    curve: Curve,
    key: PrivateKey,
    point: Vec<u8>,
}

impl SecretKey {
    /// A new random key on `curve`.
    ///
    /// # Errors
    /// When the system has no random bytes, or `curve` is secp256k1, on which nobody agrees.
    pub fn generate(curve: Curve) -> Result<Self, Error> {
        curve.draw_scalar(super::fill_random, |scalar| SecretKey::from_scalar(curve, scalar))
    }

    /// The key with this scalar, big-endian and as long as the curve's order.
    ///
    /// # Errors
    /// When it has another length, is zero, or is not below the order; when `curve` is secp256k1.
    pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Result<Self, Error> {
        if scalar.len() != curve.scalar_length() {
            return Err(Error::MalformedKey);
        }
        let algorithm = algorithm(curve)?;
        let key = PrivateKey::from_private_key(algorithm, scalar);
        let key = key.map_err(|_| Error::MalformedKey)?;
        let public = key.compute_public_key().map_err(|_| Error::MalformedKey)?;
        Ok(SecretKey { curve, point: public.as_ref().to_vec(), key })
    }

    /// The curve of the key.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The public key to send to the other side: a point, uncompressed.
    #[must_use]
    pub fn public_point(&self) -> &[u8] {
        &self.point
    }

    /// The secret shared with whoever has the secret key to `remote_point`: the x coordinate, at
    /// the full width of the curve's field, leading zeros included.
    ///
    /// # Errors
    /// When `remote_point` is not an uncompressed point on the curve of this key.
    pub fn agree(&self, remote_point: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if !self.curve.is_encoding(remote_point) {
            return Err(Error::MalformedKey);
        }
        let remote = UnparsedPublicKey::new(algorithm(self.curve)?, remote_point);
        agree(&self.key, remote, Error::MalformedKey, |secret| Ok(Zeroizing::new(secret.to_vec())))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ecdh::SecretKey")
    }
}

fn algorithm(curve: Curve) -> Result<&'static Algorithm, Error> {
    match curve {
        Curve::P256 => Ok(&ECDH_P256),
        Curve::P384 => Ok(&ECDH_P384),
        Curve::P521 => Ok(&ECDH_P521),
        Curve::Secp256k1 => Err(Error::NoAgreement),
    }
}
