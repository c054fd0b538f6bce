//! What a transport needs beside the one below.

#[cfg(feature = "tls")]
use crate::tls::{Certificate, Roots};

/// What a transport needs beside the one below. Start from [`Config::default`] and change what differs.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What this side shows of itself when it listens with TLS.
    #[cfg(feature = "tls")]
    pub certificate: Option<Certificate>,
    /// Whom this side believes when it dials with TLS: whom the system does, unless changed.
    #[cfg(feature = "tls")]
    pub roots: Roots,
}
