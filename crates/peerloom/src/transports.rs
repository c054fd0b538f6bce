//! The transports of a host that names none, and of one in a private network.

use peerloom_core::BoxTransport;

/// Every transport whose feature is on.
pub(crate) fn defaults() -> Vec<BoxTransport> {
    Vec::from([
        tcp(),
        #[cfg(feature = "ws")]
        BoxTransport::new(peerloom_transport_ws::Transport::new(tcp(), Default::default())),
        #[cfg(feature = "unix")]
        BoxTransport::new(peerloom_transport_unix::Transport),
    ])
}

/// The same transports, for those who have the key.
#[cfg(feature = "pnet")]
pub(crate) fn of_private_network(
    transports: Vec<BoxTransport>,
    key: &peerloom_pnet::PreSharedKey,
) -> Vec<BoxTransport> {
    let protected = |transport| peerloom_pnet::Transport::new(transport, key.clone());
    transports.into_iter().map(protected).map(BoxTransport::new).collect()
}

fn tcp() -> BoxTransport {
    BoxTransport::new(peerloom_transport_tcp::Transport::default())
}
