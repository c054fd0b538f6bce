//! How RSA keys are written.
//!
//! Public keys are `SubjectPublicKeyInfo`, secret keys PKCS #1 `RSAPrivateKey`, both in DER, as the
//! [peer-ids specification] asks. The length is read before anything is computed with a key, for a
//! huge one is an attack on its own (CVE-2023-39533).
//!
//! [peer-ids specification]: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md

use crate::der::{self, Reader};
use crate::{Error, MAX_RSA_BITS, MIN_RSA_BITS};

/// The `RSAPublicKey` inside a `SubjectPublicKeyInfo`, once its length is found good.
pub(crate) fn public_of_spki(spki: &[u8]) -> Result<&[u8], Error> {
    let public = der::read_key(spki, |outer| {
        let mut info = Reader::new(outer.read(der::SEQUENCE)?);
        let algorithm = info.read(der::SEQUENCE)?;
        let public = info.read_bits()?;
        info.finish()?;
        (algorithm == RSA_ALGORITHM).then_some(public)
    })?;
    let modulus = der::read_key(public, |outer| {
        let mut key = Reader::new(outer.read(der::SEQUENCE)?);
        let modulus = key.read_unsigned()?;
        key.read_unsigned()?;
        key.finish()?;
        Some(modulus)
    })?;
    check_modulus(modulus)?;
    Ok(public)
}

/// A `SubjectPublicKeyInfo` around an `RSAPublicKey`.
pub(crate) fn spki_of_public(public: &[u8]) -> Vec<u8> {
    let bits = public.len() + 1;
    let length = der::written_length(RSA_ALGORITHM.len()) + der::written_length(bits);
    let mut spki = Vec::new();
    der::write_header(&mut spki, der::SEQUENCE, length);
    der::write_header(&mut spki, der::SEQUENCE, RSA_ALGORITHM.len());
    spki.extend_from_slice(RSA_ALGORITHM);
    der::write_header(&mut spki, der::BIT_STRING, bits);
    spki.push(0);
    spki.extend_from_slice(public);
    spki
}

/// Whether these bytes have the form of an `RSAPrivateKey` of a good length.
pub(crate) fn check_pkcs1(pkcs1: &[u8]) -> Result<(), Error> {
    let modulus = der::read_key(pkcs1, |outer| {
        let mut key = Reader::new(outer.read(der::SEQUENCE)?);
        let version = key.read_unsigned()?;
        let modulus = key.read_unsigned()?;
        // e, d, p, q, d mod p-1, d mod q-1, 1/q mod p.
        for _ in 0..7 {
            key.read_unsigned()?;
        }
        key.finish()?;
        version.is_empty().then_some(modulus)
    })?;
    check_modulus(modulus)
}

/// The `RSAPrivateKey` inside a PKCS #8 `PrivateKeyInfo`.
pub(crate) fn pkcs1_of_pkcs8(pkcs8: &[u8]) -> Result<&[u8], Error> {
    der::read_key(pkcs8, |outer| {
        let mut info = Reader::new(outer.read(der::SEQUENCE)?);
        info.read_unsigned()?;
        info.read(der::SEQUENCE)?;
        let pkcs1 = info.read(der::OCTET_STRING)?;
        info.finish()?;
        Some(pkcs1)
    })
}

fn check_modulus(modulus: &[u8]) -> Result<(), Error> {
    let zeros = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = modulus.len() * 8 - zeros;
    if (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        Ok(())
    } else {
        Err(Error::RsaKeySize { bits })
    }
}

/// The content of the algorithm identifier: `rsaEncryption`, 1.2.840.113549.1.1.1, and a null.
const RSA_ALGORITHM: &[u8] =
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
