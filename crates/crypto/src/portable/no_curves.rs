//! What stands in for the arithmetic of the curves in a build without it: no key can be made.

use zeroize::Zeroizing;

use crate::{Curve, Error};

pub(super) enum SigningKey {}

pub(super) enum VerifyingKey {}

pub(super) enum AgreementKey {}

impl SigningKey {
    pub(super) fn new(curve: Curve, _: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        Err(unavailable(curve))
    }

    pub(super) fn sign_hash(&self, _: &[u8; 32]) -> Result<Vec<u8>, Error> {
        match *self {}
    }
}

impl VerifyingKey {
    pub(super) fn new(curve: Curve, _: &[u8]) -> Result<Self, Error> {
        Err(unavailable(curve))
    }

    pub(super) fn verify_hash(&self, _: &[u8; 32], _: &[u8]) -> Result<(), Error> {
        match *self {}
    }
}

impl AgreementKey {
    pub(super) fn new(curve: Curve, _: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        match curve {
            Curve::P256 | Curve::P384 | Curve::P521 => {
                Err(Error::Unavailable { key_type: "ecdh", feature: "portable-curves" })
            }
            Curve::Secp256k1 => Err(Error::NoAgreement),
        }
    }

    pub(super) fn agree(&self, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        match *self {}
    }
}

fn unavailable(curve: Curve) -> Error {
    let key_type = match curve {
        Curve::P256 | Curve::P384 | Curve::P521 => "ecdsa",
        Curve::Secp256k1 => "secp256k1",
    };
    Error::Unavailable { key_type, feature: "portable-curves" }
}
