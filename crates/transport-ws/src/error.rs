//! What can go wrong with a WebSocket, and whose fault it is.

use std::fmt;
use std::io;

use peerloom_core::Fault;
use peerloom_multiaddr::Multiaddr;

use crate::refusal::Refusal;
use crate::violation::Violation;

/// Why a WebSocket was not opened, an address not listened on, or a stream broke.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not one of WebSocket over what the transport below supports.
    #[error("{0} is not a WebSocket address, or not over a transport that is here")]
    Unsupported(Multiaddr),
    /// The address wants TLS, which was not built in.
    #[error("{0} wants TLS, for which peerloom-transport-ws was built without its feature `tls`")]
    NoTls(Multiaddr),
    /// Listening with TLS wants a certificate in the configuration.
    #[error("listening on {0} wants a certificate, and none is configured")]
    NoCertificate(Multiaddr),
    /// TLS wants to know the name of the server, and the address has none that can be checked.
    #[error("{0} has no name of a server that its certificate could be checked for")]
    ServerName(Multiaddr),
    /// The transport below makes connections that are complete already.
    #[error("the transport below gives no byte stream for {0}")]
    NotAStream(Multiaddr),
    /// The transport below made no connection, or does not listen.
    #[error("the transport below failed at {0}")]
    Below(Multiaddr, #[source] peerloom_core::Error),
    /// A certificate or a key that was to be used by this side cannot be.
    #[error("not able to use {0}")]
    Credentials(&'static str, #[source] peerloom_core::BoxError),
    /// A host or a path with letters that cannot stand in an HTTP request.
    #[error("{0:?} cannot stand in an HTTP request")]
    Unspeakable(String),
    /// This system has no random bytes for a key.
    #[error("no random bytes can be had")]
    Random(#[source] io::Error),

    /// The connection failed or ended in the middle of its opening.
    #[error("the connection failed during {0}")]
    Connection(Step, #[source] io::Error),
    /// The remote ended the connection instead of answering, as who speaks something else may.
    #[error("the remote hung up on {0}; it may speak something else at this address")]
    HungUp(Step, #[source] io::Error),
    /// The remote does not speak TLS, but what its first bytes look like.
    #[error("the remote does not speak TLS: {0}")]
    NotTls(&'static str),
    /// The remote's certificate is not valid for its name, not now, or for nobody; the source says what it is.
    #[error("the remote's certificate is refused (whom to believe is set by `Config::roots`)")]
    Certificate(#[source] Refusal),
    /// The TLS handshake failed in some other way.
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    /// The remote does not speak HTTP/1.1; what it does, if its first bytes tell.
    #[error("the remote does not speak HTTP/1.1: {0}")]
    NotHttp(&'static str),
    /// More of an HTTP request or response than anybody sends: 16 KiB, or 64 header fields.
    #[error("the remote's HTTP message is too long")]
    HttpTooLong,
    /// The server answered with another status than that of a WebSocket.
    #[error("no WebSocket is here: the server answered with HTTP status {0}")]
    Status(u16),
    /// The server's answer is no agreement to a WebSocket.
    #[error("the server did not agree to a WebSocket: {0}")]
    Response(&'static str),
    /// The client's request does not ask for a WebSocket; it was answered with this HTTP status.
    #[error("the client was answered with HTTP status {0}: {1}")]
    Request(u16, &'static str),

    /// The remote broke the protocol of frames.
    #[error("the remote broke the WebSocket protocol")]
    Violation(#[from] Violation),
    /// The connection ended without a close frame, or within a message.
    #[error("the connection ended without a close frame, or within a message")]
    CutOff,
    /// The remote closed the connection because of an error, with this status.
    #[error("the remote gave up, with WebSocket status {0}")]
    GaveUp(u16),
    /// The stream failed before.
    #[error("the WebSocket failed before")]
    Failed,
}

/// A step of opening a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The TLS handshake.
    Tls,
    /// The HTTP request and response.
    Http,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Unsupported(_)
            | Error::NoTls(_)
            | Error::NoCertificate(_)
            | Error::ServerName(_)
            | Error::NotAStream(_)
            | Error::Credentials(..)
            | Error::Unspeakable(_)
            | Error::Random(_) => Fault::Caller,
            Error::Below(_, source) => source.fault(),
            Error::Connection(..) | Error::CutOff => Fault::Network,
            Error::HungUp(..)
            | Error::NotTls(_)
            | Error::Certificate(_)
            | Error::Tls(_)
            | Error::NotHttp(_)
            | Error::HttpTooLong
            | Error::Status(_)
            | Error::Response(_)
            | Error::Request(..)
            | Error::Violation(_)
            | Error::GaveUp(_)
            | Error::Failed => Fault::Peer,
        }
    }

    /// What the failure of a dial is, when the remote has said this: if nothing at all, it did not want to.
    pub(crate) fn hung_up(self, said: &[u8]) -> Self {
        match self {
            Error::Connection(step, error) if said.is_empty() && is_end(&error) => {
                Error::HungUp(step, error)
            }
            other => other,
        }
    }

    /// The connection failed while HTTP was spoken.
    pub(crate) fn http(error: io::Error) -> Self {
        Error::Connection(Step::Http, error)
    }
}

/// Whether the remote ended the connection: in order, or with bytes of ours that it never read.
fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match &error {
            Error::CutOff => io::ErrorKind::UnexpectedEof,
            Error::GaveUp(_) => io::ErrorKind::ConnectionAborted,
            Error::Connection(_, source) | Error::HungUp(_, source) => source.kind(),
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new(crate::transport::NAME, error.fault(), error)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Tls => "the TLS handshake",
            Step::Http => "the HTTP upgrade",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_hangs_up_when_it_ends_the_connection_before_it_has_said_anything() {
        for kind in [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset] {
            let error = Error::http(kind.into()).hung_up(b"");
            assert!(matches!(error, Error::HungUp(Step::Http, _)), "{error:?}");
            let error = Error::http(kind.into()).hung_up(b"H");
            assert!(matches!(error, Error::Connection(Step::Http, _)), "{error:?}");
        }
        let error = Error::http(io::ErrorKind::TimedOut.into()).hung_up(b"");
        assert_eq!(error.fault(), Fault::Network);
    }
}
