//! What can go wrong at a TCP address, and whose fault it is.

use std::io;

use peerloom_core::Fault;
use peerloom_multiaddr::Multiaddr;

/// Why a TCP connection was not made, or an address not listened on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not an IP address and a TCP port, or something follows after them.
    #[error("{0} is not a TCP address")]
    Unsupported(Multiaddr),
    /// A link-local address without the interface it belongs to, or with one that is not there.
    #[error("{0} does not name the interface that its link-local address belongs to")]
    UnknownZone(Multiaddr),
    /// Nobody listens at the address.
    #[error("{0} refused the connection")]
    Refused(Multiaddr),
    /// No way leads to the address.
    #[error("{0} is unreachable")]
    Unreachable(Multiaddr, #[source] io::Error),
    /// The address did not answer as long as the system waits.
    #[error("{0} did not answer in time")]
    TimedOut(Multiaddr),
    /// This system does not allow it: a firewall when dialing, a port below 1024 when listening.
    #[error("this system does not permit the use of {0}")]
    NotPermitted(Multiaddr),
    /// Connecting failed in some other way.
    #[error("no connection to {0}")]
    Connect(Multiaddr, #[source] io::Error),
    /// Somebody listens there already.
    #[error("{0} is in use already")]
    AddressInUse(Multiaddr),
    /// No interface of this machine has the address.
    #[error("{0} is not an address of this machine")]
    AddressNotOurs(Multiaddr),
    /// Listening failed in some other way.
    #[error("not able to listen on {0}")]
    Listen(Multiaddr, #[source] io::Error),
    /// This process has as many files and sockets open as the system allows (`ulimit -n`).
    #[error("no file descriptor is left for {0}")]
    NoDescriptor(Multiaddr, #[source] io::Error),
    /// The interfaces of this machine cannot be listed.
    #[error("the interfaces of this machine cannot be listed")]
    Interfaces(#[source] io::Error),
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Refused(_)
            | Error::Unreachable(..)
            | Error::TimedOut(_)
            | Error::Connect(..) => Fault::Network,
            Error::NoDescriptor(..) | Error::Interfaces(_) => Fault::Limit,
            Error::Unsupported(_)
            | Error::UnknownZone(_)
            | Error::NotPermitted(_)
            | Error::AddressInUse(_)
            | Error::AddressNotOurs(_)
            | Error::Listen(..) => Fault::Caller,
        }
    }

    /// The system's reason why `address` could not be connected to.
    pub(crate) fn connecting(address: &Multiaddr, error: io::Error) -> Self {
        let address = address.clone();
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Error::Refused(address),
            io::ErrorKind::TimedOut => Error::TimedOut(address),
            io::ErrorKind::PermissionDenied => Error::NotPermitted(address),
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown => Error::Unreachable(address, error),
            _ if no_descriptor(&error) => Error::NoDescriptor(address, error),
            _ => Error::Connect(address, error),
        }
    }

    /// The system's reason why `address` cannot be listened on.
    pub(crate) fn listening(address: &Multiaddr, error: io::Error) -> Self {
        let address = address.clone();
        match error.kind() {
            io::ErrorKind::AddrInUse => Error::AddressInUse(address),
            io::ErrorKind::AddrNotAvailable => Error::AddressNotOurs(address),
            io::ErrorKind::PermissionDenied => Error::NotPermitted(address),
            _ if no_descriptor(&error) => Error::NoDescriptor(address, error),
            _ => Error::Listen(address, error),
        }
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new(crate::transport::NAME, error.fault(), error)
    }
}

/// Whether the process, or the system, has as many files open as it may.
fn no_descriptor(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| NO_DESCRIPTOR.contains(&code))
}

/// `ENFILE` and `EMFILE`, which have the same numbers on every Unix.
#[cfg(not(windows))]
const NO_DESCRIPTOR: [i32; 2] = [23, 24];

/// `WSAEMFILE` and `WSAENOBUFS`.
#[cfg(windows)]
const NO_DESCRIPTOR: [i32; 2] = [10024, 10055];
