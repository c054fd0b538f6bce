//! What can go wrong at the path of a socket, and whose fault it is.

use std::io;

use peerloom_core::Fault;
use peerloom_multiaddr::Multiaddr;

/// Why a Unix socket was not connected to, or a path not listened at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not `/unix/<path>`, something follows after that, or this system has no Unix sockets.
    #[error("{0} is not the address of a Unix socket")]
    Unsupported(Multiaddr),
    /// The system takes paths of about a hundred bytes.
    #[error("{0} is a longer path than this system takes for a socket")]
    PathTooLong(Multiaddr),
    /// Nobody listens there: there is no file, or nobody is behind it.
    #[error("nobody listens at {0}")]
    Refused(Multiaddr),
    /// Connecting failed in some other way.
    #[error("no connection to {0}")]
    Connect(Multiaddr, #[source] io::Error),
    /// This system does not permit it; the permissions of a folder or of the socket say who may.
    #[error("this system does not permit the use of {0}")]
    NotPermitted(Multiaddr),
    /// There is no folder to make the socket in.
    #[error("the folder that {0} would be in does not exist")]
    NoFolder(Multiaddr),
    /// Somebody listens there: the socket is alive.
    #[error("{0} is in use, somebody listens there")]
    AddressInUse(Multiaddr),
    /// What is at the path is not a socket, and so is left alone.
    #[error("{0} is there already and is not a socket")]
    NotASocket(Multiaddr),
    /// Another process keeps the folder locked (`flock`), so that it is not known who may take the path.
    #[error("another process keeps the folder of {0} locked")]
    FolderLocked(Multiaddr),
    /// Listening failed in some other way.
    #[error("not able to listen at {0}")]
    Listen(Multiaddr, #[source] io::Error),
    /// This process has as many files and sockets open as the system allows (`ulimit -n`).
    #[error("no file descriptor is left for {0}")]
    NoDescriptor(Multiaddr, #[source] io::Error),
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Refused(_) | Error::Connect(..) => Fault::Network,
            Error::NoDescriptor(..) => Fault::Limit,
            Error::Unsupported(_)
            | Error::PathTooLong(_)
            | Error::NotPermitted(_)
            | Error::NoFolder(_)
            | Error::AddressInUse(_)
            | Error::NotASocket(_)
            | Error::FolderLocked(_)
            | Error::Listen(..) => Fault::Caller,
        }
    }
}

#[cfg(unix)]
impl Error {
    /// The system's reason why `address` could not be connected to.
    pub(crate) fn connecting(address: &Multiaddr, error: io::Error) -> Self {
        use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound};
        match error.kind() {
            ConnectionRefused | NotFound | NotADirectory => Error::Refused(address.clone()),
            _ => Error::either(address, error, Error::Connect),
        }
    }

    /// The system's reason why `address` cannot be listened at.
    pub(crate) fn listening(address: &Multiaddr, error: io::Error) -> Self {
        use io::ErrorKind::{AddrInUse, NotADirectory, NotFound};
        match error.kind() {
            AddrInUse => Error::AddressInUse(address.clone()),
            NotFound | NotADirectory => Error::NoFolder(address.clone()),
            _ => Error::either(address, error, Error::Listen),
        }
    }

    /// What can happen in both directions, or what `otherwise` makes of it.
    fn either(
        address: &Multiaddr,
        error: io::Error,
        otherwise: impl FnOnce(Multiaddr, io::Error) -> Self,
    ) -> Self {
        use rustix::io::Errno;
        let address = address.clone();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Error::NotPermitted(address),
            // The first is what the standard library says of a path that does not fit, before it asks the system.
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => {
                Error::PathTooLong(address)
            }
            _ if matches!(Errno::from_io_error(&error), Some(Errno::MFILE | Errno::NFILE)) => {
                Error::NoDescriptor(address, error)
            }
            _ => otherwise(address, error),
        }
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new(crate::transport::NAME, error.fault(), error)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_becomes_an_error_with_a_fault() {
        let address: Multiaddr = "/unix/run/a".parse().unwrap();
        let errors = |code: i32| {
            let system = || io::Error::from_raw_os_error(code);
            (Error::connecting(&address, system()), Error::listening(&address, system()))
        };
        let raw = rustix::io::Errno::raw_os_error;
        let (dialing, listening) = errors(raw(rustix::io::Errno::ACCESS));
        assert!(matches!(dialing, Error::NotPermitted(_)));
        assert!(matches!(listening, Error::NotPermitted(_)));
        assert_eq!((dialing.fault(), listening.fault()), (Fault::Caller, Fault::Caller));
        let (dialing, listening) = errors(raw(rustix::io::Errno::MFILE));
        assert!(matches!(dialing, Error::NoDescriptor(..)));
        assert!(matches!(listening, Error::NoDescriptor(..)));
        assert_eq!((dialing.fault(), listening.fault()), (Fault::Limit, Fault::Limit));
        let (dialing, listening) = errors(raw(rustix::io::Errno::IO));
        assert!(matches!(dialing, Error::Connect(..)) && matches!(listening, Error::Listen(..)));
        assert_eq!((dialing.fault(), listening.fault()), (Fault::Network, Fault::Caller));
    }
}
