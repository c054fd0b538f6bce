//! The arithmetic of each curve, behind one type for all of them.

use k256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use k256::elliptic_curve::sec1::ToSec1Point;

use zeroize::Zeroizing;

use crate::{Curve, Error};

/// One type for the keys of all curves, and the same few lines for each.
macro_rules! keys {
    ($($curve:ident: $library:ident),*) => {
        pub(super) enum SigningKey {
            $($curve($library::ecdsa::SigningKey),)*
        }

        pub(super) enum VerifyingKey {
            $($curve($library::ecdsa::VerifyingKey),)*
        }

        impl SigningKey {
            /// The key and its encoded public key.
            pub(super) fn new(curve: Curve, scalar: &[u8]) -> Result<(Self, Vec<u8>), Error> {
                Ok(match curve {
                    $(Curve::$curve => {
                        let key = $library::ecdsa::SigningKey::from_slice(scalar)
                            .map_err(|_| Error::MalformedKey)?;
                        let compress = curve == Curve::Secp256k1;
                        let point = key.verifying_key().to_sec1_point(compress);
                        (SigningKey::$curve(key), point.as_bytes().to_vec())
                    })*
                })
            }

            /// r and s, each as long as a scalar.
            pub(super) fn sign_hash(&self, hash: &[u8; 32]) -> Result<Vec<u8>, Error> {
                match self {
                    $(SigningKey::$curve(key) => {
                        let signature: Result<$library::ecdsa::Signature, _> =
                            key.sign_prehash(hash);
                        Ok(signature.map_err(|_| Error::SigningFailed)?.to_bytes().to_vec())
                    })*
                }
            }
        }

        impl VerifyingKey {
            /// The key with this encoded point.
            pub(super) fn new(curve: Curve, point: &[u8]) -> Result<Self, Error> {
                Ok(match curve {
                    $(Curve::$curve => VerifyingKey::$curve(
                        $library::ecdsa::VerifyingKey::from_sec1_bytes(point)
                            .map_err(|_| Error::MalformedKey)?,
                    ),)*
                })
            }

            /// Checks r and s, each as long as a scalar.
            pub(super) fn verify_hash(&self, hash: &[u8; 32], signature: &[u8]) -> Result<(), Error> {
                match self {
                    $(VerifyingKey::$curve(key) => {
                        $library::ecdsa::Signature::from_slice(signature)
                            .and_then(|signature| key.verify_prehash(hash, &signature))
                    })*
                }
                .map_err(|_| Error::WrongSignature)
            }
        }
    };
}

keys!(P256: p256, P384: p384, P521: p521, Secp256k1: k256);

/// The same for the curves on which secrets are agreed on.
macro_rules! agreement_keys {
    ($($curve:ident: $library:ident),*) => {
        pub(super) enum AgreementKey {
            $($curve($library::SecretKey),)*
        }

        impl AgreementKey {
            /// The key and its encoded public key.
            pub(super) fn new(curve: Curve, scalar: &[u8]) -> Result<(Self, Vec<u8>), Error> {
                Ok(match curve {
                    $(Curve::$curve => {
                        let key = $library::SecretKey::from_slice(scalar)
                            .map_err(|_| Error::MalformedKey)?;
                        let point = key.public_key().to_sec1_point(false);
                        (AgreementKey::$curve(key), point.as_bytes().to_vec())
                    })*
                    Curve::Secp256k1 => return Err(Error::NoAgreement),
                })
            }

            /// The x coordinate of the shared point.
            pub(super) fn agree(&self, remote: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
                match self {
                    $(AgreementKey::$curve(key) => {
                        let remote = $library::PublicKey::from_sec1_bytes(remote)
                            .map_err(|_| Error::MalformedKey)?;
                        let secret = $library::ecdh::diffie_hellman(
                            key.to_nonzero_scalar(),
                            remote.as_affine(),
                        );
                        Ok(Zeroizing::new(secret.raw_secret_bytes().to_vec()))
                    })*
                }
            }
        }
    };
}

agreement_keys!(P256: p256, P384: p384, P521: p521);
