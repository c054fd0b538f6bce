//! Why a handshake failed, and so who is at fault.

use std::io;

use tokio_rustls::rustls::{self, CertificateError};

use crate::error::{Error, Step};
use crate::guise::{guise, is_tls};
use crate::refusal::Refusal;

/// What an error of a handshake means, when the remote's first bytes were these.
pub(super) fn failure(error: io::Error, begin: &[u8]) -> Error {
    let reason = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    match reason {
        Some(rustls::Error::InvalidCertificate(reason)) => Error::Certificate(refusal(reason)),
        Some(reason @ rustls::Error::NoCertificatesPresented) => {
            Error::Certificate(Refusal::Other(reason.to_string()))
        }
        Some(rustls::Error::InvalidMessage(_)) if !is_tls(begin) => Error::NotTls(guise(begin)),
        Some(_) => Error::Tls(error),
        None => Error::Connection(Step::Tls, error),
    }
}

#[expect(deprecated, reason = "the verifier still gives the one without its context, now and then")]
fn refusal(reason: &CertificateError) -> Refusal {
    use CertificateError as Reason;
    match reason {
        Reason::UnknownIssuer => Refusal::UnknownIssuer,
        Reason::NotValidForNameContext { expected, presented } => {
            Refusal::Name { asked: expected.to_str().into_owned(), presented: presented.clone() }
        }
        Reason::Expired | Reason::ExpiredContext { .. } => Refusal::Expired,
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => Refusal::NotValidYet,
        Reason::BadSignature => Refusal::BadSignature,
        Reason::UnsupportedSignatureAlgorithm
        | Reason::UnsupportedSignatureAlgorithmContext { .. }
        | Reason::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            Refusal::UnsupportedSignature
        }
        // The verifier's own error, whose type rustls does not export.
        Reason::Other(other) if other.0.to_string() == "CaUsedAsEndEntity" => Refusal::Authority,
        other => Refusal::Other(other.to_string()),
    }
}
