//! What can go wrong at a memory address, and whose fault it is.

use peerloom_core::Fault;
use peerloom_multiaddr::Multiaddr;

/// Why a connection was not made, or an address not listened on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not `/memory/<number or name>`, or something follows after that.
    #[error("{0} is not a memory address")]
    Unsupported(Multiaddr),
    /// Nobody on the network listens at the address.
    #[error("{0} refused the connection")]
    Refused(Multiaddr),
    /// Somebody on the network listens there already.
    #[error("{0} is in use already")]
    AddressInUse(Multiaddr),
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Refused(_) => Fault::Network,
            Error::Unsupported(_) | Error::AddressInUse(_) => Fault::Caller,
        }
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new(crate::transport::NAME, error.fault(), error)
    }
}
