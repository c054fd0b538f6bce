//! How ECDSA signatures are written, and which of the two that each could be is the right one.
//!
//! A signature is an `ECDSA-Sig-Value` in DER: two numbers, r and s. With (r, s) also (r, n - s) is
//! valid, and anybody can compute it. On secp256k1 other implementations take only the one whose s
//! is not above n / 2, as [BIP 62] asks; so it is here, when signing and when verifying. On the NIST
//! curves everybody makes and takes both.
//!
//! [BIP 62]: https://github.com/bitcoin/bips/blob/master/bip-0062.mediawiki

use crate::der::{self, Reader};
use crate::{Curve, Error};

/// Reads a signature into r and s, each as long as a scalar, one behind the other.
pub(crate) fn decode(curve: Curve, signature: &[u8]) -> Result<Vec<u8>, Error> {
    let (r, s) = read(signature).ok_or(Error::WrongSignature)?;
    let mut numbers = padded(curve, r)?;
    let s = padded(curve, s)?;
    if curve == Curve::Secp256k1 && is_high(&s) {
        return Err(Error::WrongSignature);
    }
    numbers.extend_from_slice(&s);
    Ok(numbers)
}

/// Writes the signature of these two big-endian numbers.
pub(crate) fn encode(curve: Curve, r: &[u8], s: &[u8]) -> Result<Vec<u8>, Error> {
    let mut s = padded(curve, s)?;
    if curve == Curve::Secp256k1 && is_high(&s) {
        subtract_from(&ORDER, &mut s);
    }
    let mut numbers = Vec::new();
    der::write_unsigned(&mut numbers, r);
    der::write_unsigned(&mut numbers, &s);
    let mut signature = Vec::new();
    der::write_header(&mut signature, der::SEQUENCE, numbers.len());
    signature.extend_from_slice(&numbers);
    Ok(signature)
}

/// The two numbers of a signature as they were written, without leading zeros.
pub(crate) fn read(signature: &[u8]) -> Option<(&[u8], &[u8])> {
    der::read_all(signature, |outer| {
        let mut numbers = Reader::new(outer.read(der::SEQUENCE)?);
        let r = numbers.read_unsigned()?;
        let s = numbers.read_unsigned()?;
        numbers.finish()?;
        Some((r, s))
    })
}

fn padded(curve: Curve, number: &[u8]) -> Result<Vec<u8>, Error> {
    let number = der::without_leading_zeros(number);
    let zeros = curve.scalar_length().checked_sub(number.len()).ok_or(Error::WrongSignature)?;
    let mut padded = vec![0; zeros];
    padded.extend_from_slice(number);
    Ok(padded)
}

/// Whether a number of 32 bytes is above half the order of secp256k1.
fn is_high(s: &[u8]) -> bool {
    HALF_ORDER.as_slice() < s
}

/// `number` becomes `total` - `number`; both big-endian, of one length, and the first the larger.
fn subtract_from(total: &[u8], number: &mut [u8]) {
    let mut borrow = false;
    for (total, digit) in total.iter().zip(number).rev() {
        let (difference, first) = total.overflowing_sub(*digit);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        *digit = difference;
        borrow = first || second;
    }
}

/// The order n of secp256k1 ([SEC 2], section 2.4.1).
///
/// [SEC 2]: https://www.secg.org/sec2-v2.pdf
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// n / 2, rounded down.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_order_is_the_highest_low_number() {
        let mut above = HALF_ORDER;
        above[31] += 1;
        assert!(!is_high(&HALF_ORDER));
        assert!(is_high(&above));
        // n is odd: n - (n / 2) is one more than n / 2.
        let mut rest = HALF_ORDER;
        subtract_from(&ORDER, &mut rest);
        assert_eq!(rest, above);
    }

    #[test]
    fn a_high_signature_is_written_low_and_not_read() {
        let mut high = HALF_ORDER;
        high[31] += 1;
        let low = encode(Curve::Secp256k1, &[1], &high).unwrap();
        assert_eq!(decode(Curve::Secp256k1, &low).unwrap()[32..], HALF_ORDER);
        let written_high = encode(Curve::P256, &[1], &high).unwrap();
        assert_eq!(decode(Curve::Secp256k1, &written_high), Err(Error::WrongSignature));
    }

    #[test]
    fn numbers_longer_than_a_scalar_are_refused() {
        let long = encode(Curve::P384, &[1; 33], &[1]).unwrap();
        assert_eq!(decode(Curve::P256, &long), Err(Error::WrongSignature));
    }
}
