//! The elliptic curves that ECDSA keys may lie on, and how long their numbers are.

/// A curve of an ECDSA key. Messages are hashed with SHA-256 on every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// The curve of Bitcoin.
    Secp256k1,
}

impl Curve {
    /// The length of a secret scalar and of each half of a signature, in bytes.
    #[must_use]
    pub fn scalar_length(self) -> usize {
        match self {
            Curve::P256 | Curve::Secp256k1 => 32,
            Curve::P384 => 48,
            Curve::P521 => 66,
        }
    }

    /// The length of an encoded public key, in bytes: compressed on secp256k1, else uncompressed.
    #[must_use]
    pub fn point_length(self) -> usize {
        match self {
            Curve::Secp256k1 => 1 + self.scalar_length(),
            Curve::P256 | Curve::P384 | Curve::P521 => 1 + 2 * self.scalar_length(),
        }
    }

    /// Whether `point` has the length and the leading byte of this curve's one encoding, which
    /// keeps one key from having several peer ids.
    pub(crate) fn is_encoding(self, point: &[u8]) -> bool {
        point.len() == self.point_length()
            && match (self, point.first()) {
                (Curve::Secp256k1, Some(0x02 | 0x03)) => true,
                (Curve::P256 | Curve::P384 | Curve::P521, first) => first == Some(&0x04),
                (Curve::Secp256k1, _) => false,
            }
    }

    /// Draws secret scalars until `accept` takes one.
    ///
    /// A random number of the right length is at least the curve's order once in 2^32 at most, so
    /// a second draw is rare and a fifth means that the source of randomness is broken.
    pub(crate) fn draw_scalar<T>(
        self,
        fill_random: fn(&mut [u8]) -> Result<(), crate::Error>,
        accept: impl Fn(&[u8]) -> Result<T, crate::Error>,
    ) -> Result<T, crate::Error> {
        let mut scalar = zeroize::Zeroizing::new([0; MAX_SCALAR_LENGTH]);
        for _ in 0..4 {
            let Some(scalar) = scalar.get_mut(..self.scalar_length()) else { break };
            fill_random(scalar)?;
            if let (Curve::P521, Some(first)) = (self, scalar.first_mut()) {
                // 66 bytes have seven bits more than the order.
                *first &= 0x01;
            }
            match accept(scalar) {
                Err(crate::Error::MalformedKey) => {}
                accepted => return accepted,
            }
        }
        Err(crate::Error::NoRandomness)
    }
}

/// The scalar of P-521 is the longest.
const MAX_SCALAR_LENGTH: usize = 66;
