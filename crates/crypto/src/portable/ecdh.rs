//! Agreeing on a secret over the NIST curves.
//!
//! Without the feature `portable-curves` there are no keys: making one is the error
//! [`Error::Unavailable`].

use std::fmt;

use zeroize::Zeroizing;

use super::curves::AgreementKey;
use crate::{Curve, Error};

/// A secret key for agreeing on secrets ([SEC 1, section 3.3.1]). It is wiped when dropped.
///
/// [SEC 1, section 3.3.1]: https://www.secg.org/sec1-v2.pdf
pub struct SecretKey {
    curve: Curve,
    key: AgreementKey,
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
        let (key, point) = AgreementKey::new(curve, scalar)?;
        Ok(SecretKey { curve, key, point })
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
        self.key.agree(remote_point)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ecdh::SecretKey")
    }
}
