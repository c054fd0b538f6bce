//! Certificates of any kind, honest ones and others.

use peerloom_crypto::der;
use peerloom_crypto::ecdsa::SecretKey;
use peerloom_identity::Keypair;

/// What goes into a certificate.
pub(crate) struct Certificate<'a> {
    /// Whose certificate it is.
    pub(crate) key: &'a SecretKey,
    /// Who signs it.
    pub(crate) signer: &'a SecretKey,
    /// How it is signed.
    pub(crate) algorithm: &'a [u8],
    /// How it says that it is signed, in the part that is signed.
    pub(crate) signed_algorithm: &'a [u8],
    /// Two times.
    pub(crate) validity: &'a [u8],
    /// What stands before the extensions.
    pub(crate) unique_id: &'a [u8],
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl<'a> Certificate<'a> {
    /// One that proves the peer to have its identity key.
    pub(crate) fn new(key: &'a SecretKey, identity: &Keypair) -> Self {
        Certificate {
            key,
            signer: key,
            algorithm: ECDSA_WITH_SHA256,
            signed_algorithm: ECDSA_WITH_SHA256,
            validity: VALIDITY,
            unique_id: &[],
            extensions: vec![extension(IDENTITY, false, &honest_identity(key, identity))],
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let algorithm = sequence(&[self.algorithm]);
        let signed = sequence(&[
            &[0xa0, 3, 2, 1, 2],
            &[2, 1, 1],
            &sequence(&[self.signed_algorithm]),
            &sequence(&[]),
            &sequence(&[self.validity]),
            &sequence(&[]),
            &self.key.public_key().to_spki(),
            self.unique_id,
            &value(0xa3, &[&sequence(&[&self.extensions.concat()])]),
        ]);
        let signature = self.signer.sign(&signed).unwrap();
        sequence(&[&signed, &algorithm, &value(der::BIT_STRING, &[&[0], &signature])])
    }
}

/// An extension, by its name in DER.
pub(crate) fn extension(name: &[u8], critical: bool, text: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    let name = value(der::OBJECT_IDENTIFIER, &[name]);
    sequence(&[&name, critical, &value(der::OCTET_STRING, &[text])])
}

/// What the libp2p extension says: a key, and what it signed.
pub(crate) fn identity(key: &[u8], signature: &[u8]) -> Vec<u8> {
    sequence(&[&value(der::OCTET_STRING, &[key]), &value(der::OCTET_STRING, &[signature])])
}

pub(crate) fn honest_identity(key: &SecretKey, keypair: &Keypair) -> Vec<u8> {
    let message = [b"libp2p-tls-handshake:", &key.public_key().to_spki()[..]].concat();
    identity(&keypair.public_key().encode().encode(), &keypair.sign(&message).unwrap())
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(der::SEQUENCE, parts)
}

fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut value = Vec::new();
    der::write_header(&mut value, tag, content.len());
    value.extend(content);
    value
}

pub(crate) const ECDSA_WITH_SHA256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";

/// 1.3.6.1.4.1.53594.1.1
pub(crate) const IDENTITY: &[u8] = b"\x2b\x06\x01\x04\x01\x83\xa2\x5a\x01\x01";

const VALIDITY: &[u8] = b"\x17\x0d000101000000Z\x18\x0f99991231235959Z";
