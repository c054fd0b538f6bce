//! The certificate of this side.

use peerloom_core::BoxError;
use peerloom_crypto::der;
use peerloom_crypto::ecdsa::SecretKey;
use peerloom_crypto::{Curve, fill_random};
use peerloom_identity::Keypair;

use crate::certificate::{IDENTITY_EXTENSION, IDENTITY_PREFIX, VERSION_3, explicit};

/// A self-signed certificate on a key of its own, in which the identity key signs that key.
///
/// The libp2p extension comes first and is not critical: js looks only at the first one, and some
/// old implementations refuse critical ones.
pub(crate) fn make(keypair: &Keypair, key: &SecretKey) -> Result<Vec<u8>, BoxError> {
    let spki = key.public_key().to_spki();
    let signature = keypair.sign(&[IDENTITY_PREFIX, &spki].concat())?;
    let identity = sequence(&[
        &value(der::OCTET_STRING, &[&keypair.public_key().encode().encode()]),
        &value(der::OCTET_STRING, &[&signature]),
    ]);
    let extension = sequence(&[
        &value(der::OBJECT_IDENTIFIER, &[IDENTITY_EXTENSION]),
        &value(der::OCTET_STRING, &[&identity]),
    ]);
    let algorithm = sequence(&[&value(der::OBJECT_IDENTIFIER, &[ECDSA_WITH_SHA256])]);
    let name = name();
    let signed = sequence(&[
        &value(explicit(0), &[VERSION_3]),
        &serial()?,
        &algorithm,
        &name,
        VALIDITY,
        &name,
        &spki,
        &value(explicit(3), &[&sequence(&[&extension])]),
    ]);
    let signature = key.sign(&signed)?;
    Ok(sequence(&[&signed, &algorithm, &value(der::BIT_STRING, &[&[0], &signature])]))
}

/// The key of a certificate: on the curve that every implementation knows.
pub(crate) fn generate_key() -> Result<SecretKey, peerloom_crypto::Error> {
    SecretKey::generate(Curve::P256)
}

/// A random number that says nothing.
fn serial() -> Result<Vec<u8>, BoxError> {
    let mut number = [0; 8];
    fill_random(&mut number)?;
    let mut serial = Vec::new();
    der::write_unsigned(&mut serial, &number);
    Ok(serial)
}

/// A certificate has to have a name; nobody looks at it.
fn name() -> Vec<u8> {
    let organization = sequence(&[
        &value(der::OBJECT_IDENTIFIER, &[ORGANIZATION]),
        &value(PRINTABLE_STRING, &[b"libp2p.io"]),
    ]);
    sequence(&[&value(SET, &[&organization])])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(der::SEQUENCE, parts)
}

/// A value whose content are these parts.
fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut value = Vec::with_capacity(der::written_length(content.len()));
    der::write_header(&mut value, tag, content.len());
    value.extend_from_slice(&content);
    value
}

/// From 1975 to 4096, as in the specification's own certificates: whoever has a wrong clock, and
/// whenever a long-running node made its certificate, it is valid.
const VALIDITY: &[u8] = b"\x30\x20\x17\x0d750101000000Z\x18\x0f40960101000000Z";

/// 1.2.840.10045.4.3.2
const ECDSA_WITH_SHA256: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";

/// 2.5.4.10
const ORGANIZATION: &[u8] = b"\x55\x04\x0a";

const PRINTABLE_STRING: u8 = 0x13;

const SET: u8 = 0x31;

#[cfg(test)]
mod tests {
    use peerloom_crypto::RsaSize;
    use peerloom_identity::KeyKind;

    use super::*;
    use crate::certificate::Certificate;

    #[test]
    fn the_libp2p_extension_is_the_first_and_not_critical() {
        let keypair = Keypair::generate_ed25519().unwrap();
        let certificate = make(&keypair, &generate_key().unwrap()).unwrap();
        // The name of the extension follows on the sequences of extensions and of parts, and what
        // it says on the name.
        let before = |place: usize| (certificate[place], certificate[place - 2]);
        let name = value(der::OBJECT_IDENTIFIER, &[IDENTITY_EXTENSION]);
        let place = certificate.windows(name.len()).position(|bytes| bytes == name).unwrap();
        assert_eq!(before(place - 2), (der::SEQUENCE, der::SEQUENCE));
        assert_eq!(certificate[place - 6], explicit(3));
        assert_eq!(certificate[place + name.len()], der::OCTET_STRING);
    }

    #[test]
    fn a_certificate_with_a_key_of_any_kind_proves_it() {
        let kinds = [
            KeyKind::Ed25519,
            KeyKind::Secp256k1,
            KeyKind::EcdsaP256,
            KeyKind::EcdsaP384,
            KeyKind::EcdsaP521,
            KeyKind::Rsa(RsaSize::Bits2048),
        ];
        for kind in kinds {
            let keypair = Keypair::generate(kind).unwrap();
            let certificate = make(&keypair, &generate_key().unwrap()).unwrap();
            let proved = Certificate::read(&certificate).unwrap().verify(1_800_000_000).unwrap();
            assert_eq!(proved, keypair.public_key().encode());
        }
    }
}
