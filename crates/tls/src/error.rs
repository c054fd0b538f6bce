//! What can go wrong in a TLS connection, and whose fault it is.

use std::io;

use peerloom_core::{BoxError, Fault};

use crate::Alert;

/// A handshake or a record that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed or ended in the middle of the handshake.
    #[error("the stream failed in the handshake")]
    Stream(#[source] io::Error),
    /// The remote broke the protocol in the handshake, or has nothing in common with us.
    #[error("the handshake failed")]
    Handshake(#[source] BoxError),
    /// The remote's handshake takes more bytes than any honest one.
    #[error("the remote's handshake is longer than {longest} bytes")]
    HandshakeTooLong {
        /// How many are accepted.
        longest: usize,
    },
    /// The remote's certificate does not prove who it is.
    #[error("the remote's certificate is not accepted")]
    Certificate(#[from] CertificateError),
    /// The remote gave up, and said why.
    #[error("the remote gave up: {0}")]
    Alert(Alert),
    /// What came is no record of encrypted data.
    #[error("what came is no encrypted record")]
    NotARecord,
    /// A record that is too short to hold its own tag.
    #[error("a record of {0} bytes is shorter than its tag")]
    ShortRecord(usize),
    /// A record that is longer than any may be.
    #[error("a record is longer than TLS allows")]
    LongRecord,
    /// A record that was changed, repeated, left out or moved.
    #[error("a record does not decrypt")]
    ForgedRecord,
    /// A record whose content is of a kind that has no place here, or of none.
    #[error("a record of an unexpected kind")]
    UnexpectedRecord,
    /// A message of the protocol that has no place behind the handshake, or is malformed.
    #[error("an unexpected message behind the handshake")]
    UnexpectedMessage,
    /// An alert that is malformed.
    #[error("a malformed alert")]
    MalformedAlert,
    /// The remote sends one record without data after the other.
    #[error("more than {most} records in a row without data")]
    Flood {
        /// How many are accepted.
        most: u32,
    },
    /// The stream ended in the middle of a record.
    #[error("the stream ended within a record")]
    Truncated,
    /// A record failed before; nothing that follows it can be trusted.
    #[error("an earlier record failed")]
    Failed,
    /// As many records came under one key as there can be: 2^64 - 1.
    #[error("the key has no sequence numbers left")]
    SequenceExhausted,
    /// The keys of the records could not be had, or not be renewed.
    #[error("the keys of the records could not be made")]
    Keys(#[source] BoxError),
    /// The certificate of this side could not be made.
    #[error("no certificate could be made")]
    OwnCertificate(#[source] BoxError),
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is not a certificate of X.509 version 3 in DER.
    #[error("the certificate is malformed")]
    Malformed,
    /// The remote sent more than one.
    #[error("there is more than one certificate")]
    Several,
    /// The time has not come from which on it is valid.
    #[error("the certificate is not yet valid")]
    NotYetValid,
    /// It is no longer valid.
    #[error("the certificate has expired")]
    Expired,
    /// It has an extension that everybody has to understand and we do not.
    #[error("the certificate has a critical extension that is not known")]
    UnknownCriticalExtension,
    /// Its key may not be used for signatures.
    #[error("the certificate's key is not for signatures")]
    NotForSignatures,
    /// It is signed with an algorithm that is not known or does not go with its key.
    #[error("the certificate is signed with an algorithm that is not known")]
    UnknownAlgorithm,
    /// It is not signed with its own key.
    #[error("the certificate is not signed with its own key")]
    SelfSignature,
    /// It says nothing of an identity.
    #[error("the certificate has no libp2p extension")]
    NoIdentity,
    /// What it says of an identity is not what it should be.
    #[error("the certificate's libp2p extension is malformed")]
    MalformedIdentity,
    /// The identity key in it cannot be used.
    #[error("the certificate has no usable identity key")]
    IdentityKey,
    /// The identity key has not signed the key of the certificate.
    #[error("the certificate has a false identity signature")]
    IdentitySignature,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Stream(_) | Error::Truncated => Fault::Network,
            Error::Keys(_) | Error::OwnCertificate(_) => Fault::Caller,
            Error::SequenceExhausted => Fault::Limit,
            Error::Handshake(_)
            | Error::HandshakeTooLong { .. }
            | Error::Certificate(_)
            | Error::Alert(_)
            | Error::NotARecord
            | Error::ShortRecord(_)
            | Error::LongRecord
            | Error::ForgedRecord
            | Error::UnexpectedRecord
            | Error::UnexpectedMessage
            | Error::MalformedAlert
            | Error::Flood { .. }
            | Error::Failed => Fault::Peer,
        }
    }

    /// What to tell the remote of a record that failed.
    pub(crate) fn alert(&self) -> Alert {
        match self {
            Error::ForgedRecord => Alert::BAD_RECORD_MAC,
            Error::LongRecord => Alert::RECORD_OVERFLOW,
            Error::MalformedAlert => Alert::DECODE_ERROR,
            Error::UnexpectedRecord | Error::UnexpectedMessage | Error::Flood { .. } => {
                Alert::UNEXPECTED_MESSAGE
            }
            // To somebody who gave up there is nothing to say.
            Error::Alert(_) => Alert::CLOSE_NOTIFY,
            _ => Alert::INTERNAL_ERROR,
        }
    }
}

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(alert) => Error::Alert(Alert(alert.into())),
            rustls::Error::InvalidCertificate(rustls::CertificateError::Other(ref other)) => {
                match other.0.downcast_ref::<CertificateError>() {
                    Some(own) => Error::Certificate(own.clone()),
                    None => Error::Handshake(error.into()),
                }
            }
            error => Error::Handshake(error.into()),
        }
    }
}

impl From<CertificateError> for rustls::Error {
    fn from(error: CertificateError) -> rustls::Error {
        let other = rustls::OtherError(std::sync::Arc::new(error));
        rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other))
    }
}

impl From<peerloom_record_stream::Error> for Error {
    fn from(error: peerloom_record_stream::Error) -> Self {
        use peerloom_record_stream::Error as Records;
        match error {
            Records::Truncated => Error::Truncated,
            Records::TooShort { length, .. } => Error::ShortRecord(length),
            Records::TooLong { .. } => Error::LongRecord,
            // No record is longer than a buffer.
            _ => Error::Failed,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::Truncated => io::ErrorKind::UnexpectedEof,
            Error::Alert(_) => io::ErrorKind::ConnectionAborted,
            Error::SequenceExhausted => io::ErrorKind::QuotaExceeded,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> peerloom_core::Error {
        peerloom_core::Error::new("tls", error.fault(), error)
    }
}
