//! Where members of the network connect.

use peerloom_core::{BoxListener, Error, ListenerEvent};
use peerloom_multiaddr::Multiaddr;

use crate::Config;
use crate::transport::protect;

/// Puts the key around each connection that another listener accepts.
pub(crate) struct Listener {
    pub(crate) inner: BoxListener,
    pub(crate) config: Config,
}

impl peerloom_core::Listener for Listener {
    fn addresses(&self) -> Vec<Multiaddr> {
        self.inner.addresses()
    }

    async fn next(&mut self) -> Result<ListenerEvent, Error> {
        match self.inner.next().await? {
            ListenerEvent::Incoming(link) => {
                protect(&self.config, link).map(ListenerEvent::Incoming)
            }
            event => Ok(event),
        }
    }
}
