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
        Reason::NotValidForNameContext { expected, presented } => Refusal::Name {
            asked: expected.to_str().into_owned(),
            presented: presented.iter().take(MAX_NAMES).map(|name| bare(name)).collect(),
        },
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

/// The name in what the verifier shows of it, such as `DnsName("a.example")`. The remote has written it: it
/// may hold anything, in any length.
fn bare(shown: &str) -> String {
    let inner = shown.split_once('(').and_then(|(_kind, rest)| rest.strip_suffix(')'));
    let name = inner.unwrap_or(shown).trim_matches('"');
    name.chars().take(MAX_NAME).flat_map(char::escape_debug).collect()
}

/// How many names of a certificate are told: enough to see whose it is.
const MAX_NAMES: usize = 8;

/// How much of one is: a name in DNS is no longer.
const MAX_NAME: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_its_kind_and_without_what_a_terminal_obeys() {
        for (shown, name) in [
            ("DnsName(\"a.example\")", "a.example"),
            ("IpAddress(127.0.0.1)", "127.0.0.1"),
            ("DirectoryName", "DirectoryName"),
            ("DnsName(\"\u{1b}[2J)\")", "\\u{1b}[2J)"),
        ] {
            assert_eq!(bare(shown), name);
        }
        assert_eq!(bare(&format!("DnsName(\"{}\")", "a".repeat(60_000))).len(), MAX_NAME);
    }

    #[test]
    #[expect(deprecated, reason = "the verifier still gives it")]
    fn what_this_side_cannot_verify_is_told_from_what_is_wrong() {
        let old = CertificateError::UnsupportedSignatureAlgorithm;
        assert_eq!(refusal(&old), Refusal::UnsupportedSignature);
        let new = CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: vec![1],
            public_key_algorithm_id: vec![2],
        };
        assert_eq!(refusal(&new), Refusal::UnsupportedSignature);
    }
}
