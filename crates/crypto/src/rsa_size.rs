//! How long RSA keys may be.

/// How long the modulus of a new RSA key is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RsaSize {
    /// 2048 bits, what everybody uses.
    #[default]
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
    /// 8192 bits; making one may take minutes.
    Bits8192,
}

/// The shortest RSA modulus that is taken, in bits.
pub const MIN_RSA_BITS: usize = 2048;

/// The longest RSA modulus that is taken, in bits: verifying with it costs 16 times the shortest.
pub const MAX_RSA_BITS: usize = 8192;
