//! How keys of elliptic curves are written: SPKI and SEC 1, in DER.
//!
//! Public keys are `SubjectPublicKeyInfo` ([RFC 5480]), secret keys `ECPrivateKey` ([RFC 5915]), as
//! the [peer-ids specification] asks for keys of type ECDSA.
//!
//! [RFC 5480]: https://www.rfc-editor.org/rfc/rfc5480
//! [RFC 5915]: https://www.rfc-editor.org/rfc/rfc5915
//! [peer-ids specification]: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md

use zeroize::Zeroizing;

use crate::der::{self, Reader};
use crate::{Curve, Error};

/// The curve and the point of a public key.
pub(crate) fn decode_spki(spki: &[u8]) -> Result<(Curve, &[u8]), Error> {
    der::read_key(spki, |outer| {
        let mut info = Reader::new(outer.read(der::SEQUENCE)?);
        let mut algorithm = Reader::new(info.read(der::SEQUENCE)?);
        let kind = algorithm.read(der::OBJECT_IDENTIFIER)?;
        let curve = curve_named(algorithm.read(der::OBJECT_IDENTIFIER)?)?;
        algorithm.finish()?;
        let point = info.read_bits()?;
        info.finish()?;
        (kind == EC_PUBLIC_KEY).then_some((curve, point))
    })
}

/// The public key with this point.
pub(crate) fn encode_spki(curve: Curve, point: &[u8]) -> Vec<u8> {
    let name = name_of(curve);
    let algorithm = der::written_length(EC_PUBLIC_KEY.len()) + der::written_length(name.len());
    let bits = point.len() + 1;
    let mut spki = Vec::new();
    der::write_header(
        &mut spki,
        der::SEQUENCE,
        der::written_length(algorithm) + der::written_length(bits),
    );
    der::write_header(&mut spki, der::SEQUENCE, algorithm);
    der::write_header(&mut spki, der::OBJECT_IDENTIFIER, EC_PUBLIC_KEY.len());
    spki.extend_from_slice(EC_PUBLIC_KEY);
    der::write_header(&mut spki, der::OBJECT_IDENTIFIER, name.len());
    spki.extend_from_slice(name);
    write_bits(&mut spki, point);
    spki
}

/// A secret key as it is kept.
pub(crate) struct Sec1<'a> {
    pub(crate) curve: Curve,
    pub(crate) scalar: &'a [u8],
    pub(crate) point: Option<&'a [u8]>,
}

/// The parts of a secret key, whose public key may be missing.
pub(crate) fn decode_sec1(sec1: &[u8]) -> Result<Sec1<'_>, Error> {
    der::read_key(sec1, |outer| {
        let mut key = Reader::new(outer.read(der::SEQUENCE)?);
        let version = key.read_unsigned()?;
        let scalar = key.read(der::OCTET_STRING)?;
        let parameters = key.read(PARAMETERS)?;
        let curve =
            curve_named(der::read_all(parameters, |inner| inner.read(der::OBJECT_IDENTIFIER))?)?;
        let point = match key.read_optional(PUBLIC_KEY)? {
            Some(bits) => Some(der::read_all(bits, Reader::read_bits)?),
            None => None,
        };
        key.finish()?;
        (version == [1]).then_some(Sec1 { curve, scalar, point })
    })
}

/// The secret key with this scalar and, where given, its public key.
pub(crate) fn encode_sec1(key: &Sec1<'_>) -> Zeroizing<Vec<u8>> {
    let name = name_of(key.curve);
    let parameters = der::written_length(name.len());
    let bits = key.point.map(|point| der::written_length(point.len() + 1));
    let length = VERSION_1.len()
        + der::written_length(key.scalar.len())
        + der::written_length(parameters)
        + bits.map_or(0, der::written_length);
    // All of it is reserved at once, for growing would leave copies of the secret behind.
    let mut sec1 = Zeroizing::new(Vec::with_capacity(der::written_length(length)));
    der::write_header(&mut sec1, der::SEQUENCE, length);
    sec1.extend_from_slice(VERSION_1);
    der::write_header(&mut sec1, der::OCTET_STRING, key.scalar.len());
    sec1.extend_from_slice(key.scalar);
    der::write_header(&mut sec1, PARAMETERS, parameters);
    der::write_header(&mut sec1, der::OBJECT_IDENTIFIER, name.len());
    sec1.extend_from_slice(name);
    if let (Some(point), Some(bits)) = (key.point, bits) {
        der::write_header(&mut sec1, PUBLIC_KEY, bits);
        write_bits(&mut sec1, point);
    }
    sec1
}

fn write_bits(out: &mut Vec<u8>, bytes: &[u8]) {
    der::write_header(out, der::BIT_STRING, bytes.len() + 1);
    out.push(0);
    out.extend_from_slice(bytes);
}

/// Secp256k1 is missing: its keys have a type and an encoding of their own.
fn curve_named(identifier: &[u8]) -> Option<Curve> {
    [Curve::P256, Curve::P384, Curve::P521].into_iter().find(|curve| name_of(*curve) == identifier)
}

fn name_of(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        Curve::P384 => &[0x2b, 0x81, 0x04, 0x00, 0x22],
        Curve::P521 => &[0x2b, 0x81, 0x04, 0x00, 0x23],
        Curve::Secp256k1 => &[0x2b, 0x81, 0x04, 0x00, 0x0a],
    }
}

/// `id-ecPublicKey`, 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// The integer 1, as an `ECPrivateKey` begins.
const VERSION_1: &[u8] = &[der::INTEGER, 1, 1];
const PARAMETERS: u8 = 0xa0;
const PUBLIC_KEY: u8 = 0xa1;
