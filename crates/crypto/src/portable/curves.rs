//! The arithmetic of each curve, behind one type for all of them.

use k256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};

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
