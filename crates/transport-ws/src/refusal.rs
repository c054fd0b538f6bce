//! Why a certificate is refused, in words that say what to do.

/// Why the certificate of a remote is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is an authority's, made to sign others with, as `openssl req -x509` makes them.
    #[error("it is an authority's own; one for a host has CA:FALSE")]
    Authority,
    /// No chain of signatures leads from it to anybody whom this side believes.
    #[error("it is signed by nobody this side believes")]
    UnknownIssuer,
    /// It is for other names than the one that was dialled.
    #[error("it is not for {asked}, the name that was asked for, but for {}", list(presented))]
    Name {
        /// The name that was dialled.
        asked: String,
        /// The names that it is for, in letters that may be shown; the first few of many.
        presented: Vec<String>,
    },
    /// Its time is over.
    #[error("it has expired, or the clock of this side is wrong; the server needs a new one")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet, or the clock of this side is wrong")]
    NotValidYet,
    /// The signature is not that of whom it names as its signer.
    #[error("its signature is not by the authority that it names, or it was changed")]
    BadSignature,
    /// It is signed in a way that is not known here, or not safe any more.
    #[error("it is signed in a way that is not supported; ECDSA, Ed25519 and RSA with SHA-2 are")]
    UnsupportedSignature,
    /// Something else, in the words of the TLS library.
    #[error("{0}")]
    Other(String),
}

/// The names of a certificate, as it has them.
fn list(names: &[String]) -> String {
    match names {
        [] => "no name at all (it has no subjectAltName)".to_owned(),
        names => names.join(", "),
    }
}
