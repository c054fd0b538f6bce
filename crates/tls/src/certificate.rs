//! The certificate of a remote, and what it proves.
//!
//! [Peer authentication](https://github.com/libp2p/specs/blob/master/tls/tls.md#peer-authentication).
//!
//! ```text
//! Certificate ─┬─ signed: version · serial · algorithm · issuer · validity · subject · key · extensions
//!              ├─ algorithm                                                                 │
//!              └─ signature                          { identity key, signature over `key` } ┘
//! ```

use std::time::{SystemTime, UNIX_EPOCH};

use peerloom_crypto::der::{self, Reader};
use peerloom_identity::PublicKey;
use peerloom_peer_id::EncodedKey;

use crate::CertificateError as Error;
use crate::settings::algorithms;
use crate::validity::Validity;

/// The identity key that a certificate (in DER) proves its owner to have.
///
/// # Errors
/// When it proves none at that time, for any reason.
pub fn verify_certificate(certificate: &[u8], now: SystemTime) -> Result<EncodedKey, Error> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Certificate::read(certificate)?.verify(now.as_secs())
}

/// A certificate that is well formed; what it says is yet to be verified.
pub(crate) struct Certificate<'a> {
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    validity: Validity,
    key: &'a [u8],
    identity: Identity<'a>,
}

/// The libp2p extension.
struct Identity<'a> {
    key: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let (signed, algorithm, signature) = der::read_all(bytes, |outer| {
            let mut parts = Reader::new(outer.read(der::SEQUENCE)?);
            let signed = parts.read_whole(der::SEQUENCE)?;
            let algorithm = parts.read(der::SEQUENCE)?;
            let signature = parts.read_bits()?;
            parts.finish()?;
            Some((signed, algorithm, signature))
        })
        .ok_or(Error::Malformed)?;
        let fields = Fields::read(signed).ok_or(Error::Malformed)?;
        if fields.algorithm != algorithm {
            return Err(Error::Malformed);
        }
        let Fields { validity, key, extensions, .. } = fields;
        let identity = read_extensions(extensions)?;
        Ok(Certificate { signed, algorithm, signature, validity, key, identity })
    }

    /// The key of the certificate, as a `SubjectPublicKeyInfo` in DER.
    pub(crate) fn key(&self) -> &'a [u8] {
        self.key
    }

    /// The identity key that the certificate claims.
    pub(crate) fn claimed(&self) -> Result<EncodedKey, Error> {
        EncodedKey::decode(self.identity.key).map_err(|_| Error::IdentityKey)
    }

    /// The identity key that it proves at that time, in seconds from 1970.
    pub(crate) fn verify(&self, now: u64) -> Result<EncodedKey, Error> {
        self.validity.check(now)?;
        self.verify_self_signature()?;
        let claimed = self.claimed()?;
        let public = PublicKey::try_from(&claimed).map_err(|_| Error::IdentityKey)?;
        let message = [IDENTITY_PREFIX, self.key].concat();
        public.verify(&message, self.identity.signature).map_err(|_| Error::IdentitySignature)?;
        Ok(claimed)
    }

    fn verify_self_signature(&self) -> Result<(), Error> {
        let (key_algorithm, key) = read_key(self.key).ok_or(Error::Malformed)?;
        let algorithm = algorithms()
            .all
            .iter()
            .find(|known| {
                known.signature_alg_id().as_ref() == self.algorithm
                    && known.public_key_alg_id().as_ref() == key_algorithm
            })
            .ok_or(Error::UnknownAlgorithm)?;
        algorithm
            .verify_signature(key, self.signed, self.signature)
            .map_err(|_| Error::SelfSignature)
    }
}

/// What is read of the signed part.
struct Fields<'a> {
    algorithm: &'a [u8],
    validity: Validity,
    key: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(signed: &'a [u8]) -> Option<Self> {
        let mut fields = Reader::new(signed);
        let mut fields = Reader::new(fields.read(der::SEQUENCE)?);
        let version = fields.read(explicit(0))?;
        (version == VERSION_3).then_some(())?;
        fields.read(der::INTEGER)?;
        let algorithm = fields.read(der::SEQUENCE)?;
        let _issuer = fields.read(der::SEQUENCE)?;
        let validity = Validity::read(fields.read(der::SEQUENCE)?)?;
        let _subject = fields.read(der::SEQUENCE)?;
        let key = fields.read_whole(der::SEQUENCE)?;
        // The unique ids of issuer and subject, which a certificate must not have, would stand here.
        let extensions = fields.read(explicit(3))?;
        fields.finish()?;
        let extensions = der::read_all(extensions, |outer| outer.read(der::SEQUENCE))?;
        Some(Fields { algorithm, validity, key, extensions })
    }
}

/// The algorithm of a key, and the key.
fn read_key(key: &[u8]) -> Option<(&[u8], &[u8])> {
    der::read_all(key, |outer| {
        let mut parts = Reader::new(outer.read(der::SEQUENCE)?);
        let read = (parts.read(der::SEQUENCE)?, parts.read_bits()?);
        parts.finish()?;
        Some(read)
    })
}

/// Looks for the libp2p extension, and for critical ones that are not understood.
fn read_extensions(extensions: &[u8]) -> Result<Identity<'_>, Error> {
    let mut reader = Reader::new(extensions);
    let mut identity = None;
    while !reader.is_empty() {
        let (name, critical, value) = read_extension(&mut reader).ok_or(Error::Malformed)?;
        match name {
            IDENTITY_EXTENSION if identity.is_some() => return Err(Error::MalformedIdentity),
            IDENTITY_EXTENSION => {
                identity = Some(read_identity(value).ok_or(Error::MalformedIdentity)?);
            }
            KEY_USAGE => check_key_usage(value)?,
            // What the certificate may be in a chain means nothing where there is none.
            BASIC_CONSTRAINTS => {}
            _ if critical => return Err(Error::UnknownCriticalExtension),
            _ => {}
        }
    }
    identity.ok_or(Error::NoIdentity)
}

/// The name of an extension, whether it is critical, and what it says.
fn read_extension<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8], bool, &'a [u8])> {
    let mut parts = Reader::new(reader.read(der::SEQUENCE)?);
    let name = parts.read(der::OBJECT_IDENTIFIER)?;
    // That it is not critical goes without saying, yet some say it.
    let critical = match parts.read_optional(BOOLEAN)? {
        None | Some([0]) => false,
        Some([0xff]) => true,
        Some(_) => return None,
    };
    let value = parts.read(der::OCTET_STRING)?;
    parts.finish()?;
    Some((name, critical, value))
}

fn read_identity(value: &[u8]) -> Option<Identity<'_>> {
    der::read_all(value, |outer| {
        let mut parts = Reader::new(outer.read(der::SEQUENCE)?);
        let identity = Identity {
            key: parts.read(der::OCTET_STRING)?,
            signature: parts.read(der::OCTET_STRING)?,
        };
        parts.finish()?;
        Some(identity)
    })
}

/// In a handshake the key signs, which a restriction of its use has to allow.
fn check_key_usage(value: &[u8]) -> Result<(), Error> {
    let bits = der::read_all(value, |outer| outer.read(der::BIT_STRING)).ok_or(Error::Malformed)?;
    match bits {
        [_, first, ..] if first & DIGITAL_SIGNATURE != 0 => Ok(()),
        _ => Err(Error::NotForSignatures),
    }
}

/// The tag of a field that is known by its number.
pub(crate) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// What an identity key signs stands behind this.
pub(crate) const IDENTITY_PREFIX: &[u8] = b"libp2p-tls-handshake:";

/// 1.3.6.1.4.1.53594.1.1
pub(crate) const IDENTITY_EXTENSION: &[u8] = b"\x2b\x06\x01\x04\x01\x83\xa2\x5a\x01\x01";

/// 2.5.29.15
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";

/// 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";

/// The number of version 3 is two.
pub(crate) const VERSION_3: &[u8] = &[der::INTEGER, 1, 2];

const DIGITAL_SIGNATURE: u8 = 0x80;

pub(crate) const BOOLEAN: u8 = 0x01;
