//! A place that is listened at.

use peerloom_core::{Link, ListenerEvent, Raw};
use peerloom_multiaddr::Multiaddr;
use tokio::sync::mpsc;

use crate::network::Network;

/// Holds a place of the network until it is dropped.
pub(crate) struct Listener {
    network: Network,
    place: Multiaddr,
    incoming: mpsc::Receiver<Raw>,
}

impl Listener {
    /// Listens at a place; `None` when it is taken.
    pub(crate) fn open(network: Network, place: Multiaddr) -> Option<Self> {
        let (backlog, incoming) = mpsc::channel(network.config().backlog.max(1));
        network.take(&place, backlog).then_some(Listener { network, place, incoming })
    }
}

impl peerloom_core::Listener for Listener {
    fn addresses(&self) -> Vec<Multiaddr> {
        vec![self.place.clone()]
    }

    async fn next(&mut self) -> Result<ListenerEvent, peerloom_core::Error> {
        let raw = self.incoming.recv().await;
        let raw = raw.expect("the network keeps a sender until this listener is dropped");
        Ok(ListenerEvent::Incoming(Link::Raw(raw)))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.network.give_back(&self.place);
    }
}
