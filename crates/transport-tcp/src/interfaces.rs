//! The addresses that the interfaces of this machine have now.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use peerloom_multiaddr::Name;

/// One address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) ip: IpAddr,
    /// The interface's name.
    pub(crate) zone: Name<'static>,
    /// The interface's number, as sockets know it; 0 when the system has none.
    pub(crate) index: u32,
}

/// Where the list of addresses comes from; a test has one of its own.
pub(crate) type Source = Arc<dyn Fn() -> io::Result<Vec<Interface>> + Send + Sync>;

/// Asks the system, which answers from memory and so does not block.
pub(crate) fn of_this_machine() -> io::Result<Vec<Interface>> {
    Ok(if_addrs::get_if_addrs()?.into_iter().map(interface).collect())
}

fn interface(interface: if_addrs::Interface) -> Interface {
    let index = interface.index.unwrap_or_default();
    let ip = interface.ip();
    let zone = Name::new(interface.name).unwrap_or_else(|_| Name::from(u64::from(index)));
    Interface { ip, zone, index }
}
