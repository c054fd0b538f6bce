//! The transport of Unix sockets.

use peerloom_core::{BoxListener, Link};
use peerloom_multiaddr::Multiaddr;

use crate::address::Target;
use crate::error::Error;

/// Dials and listens at the paths of Unix sockets.
///
/// It sets no time limits: a dial waits while the listener's backlog is full, and ends when its future
/// is dropped. Wants a tokio runtime with I/O and time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transport;

impl Transport {
    /// The transport.
    #[must_use]
    pub fn new() -> Self {
        Transport
    }
}

impl peerloom_core::Transport for Transport {
    fn name(&self) -> &'static str {
        NAME
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        cfg!(unix) && Target::parse(address).is_some()
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, peerloom_core::Error> {
        let target = target(address)?;
        Ok(Link::Raw(system::connect(target).await?))
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
        let target = target(address)?;
        Ok(BoxListener::new(system::listen(target).await?))
    }
}

fn target(address: &Multiaddr) -> Result<Target, Error> {
    Target::parse(address).ok_or_else(|| Error::Unsupported(address.clone()))
}

/// The transport's name in reports and errors.
pub(crate) const NAME: &str = "unix";

/// The sockets of the system.
#[cfg(unix)]
mod system {
    pub(super) use crate::link::connect;
    pub(super) use crate::listener::listen;
}

/// A system without such sockets.
#[cfg(not(unix))]
mod system {
    use peerloom_core::Raw;

    use crate::address::Target;
    use crate::error::Error;

    #[expect(clippy::unused_async, reason = "systems that have sockets wait for them")]
    pub(super) async fn connect(target: Target) -> Result<Raw, Error> {
        Err(Error::Unsupported(target.address))
    }

    #[expect(clippy::unused_async, reason = "systems that have sockets wait for them")]
    pub(super) async fn listen(target: Target) -> Result<peerloom_core::BoxListener, Error> {
        Err(Error::Unsupported(target.address))
    }
}
