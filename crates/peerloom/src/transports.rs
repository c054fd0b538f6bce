//! The transports of a host that names none, and of one in a private network.

use peerloom_core::BoxTransport;
#[cfg(feature = "dns")]
use peerloom_transport_dns as dns;

/// What the transports of a host that names none can be told.
#[derive(Default)]
pub(crate) struct Wishes {
    #[cfg(feature = "dns")]
    pub(crate) dns: Option<dns::Config>,
    #[cfg(feature = "ws")]
    pub(crate) ws: Option<peerloom_transport_ws::Config>,
}

impl Wishes {
    /// The call of the builder that told something, if there was one.
    pub(crate) fn call(&self) -> Option<&'static str> {
        #[cfg(feature = "dns")]
        if self.dns.is_some() {
            return Some("Builder::dns");
        }
        #[cfg(feature = "ws")]
        if self.ws.is_some() {
            return Some("Builder::ws");
        }
        None
    }

    /// Every transport whose feature is on. Names are resolved below WebSocket, which shows them to the remote.
    pub(crate) fn transports(self) -> Vec<BoxTransport> {
        #[cfg(feature = "dns")]
        let resolver = dns::Resolver::new(self.dns.unwrap_or_else(dns::Config::system));
        let tcp = || {
            let tcp = BoxTransport::new(peerloom_transport_tcp::Transport::default());
            #[cfg(feature = "dns")]
            let tcp = BoxTransport::new(dns::Transport::with_resolver(tcp, resolver.clone()));
            tcp
        };
        Vec::from([
            tcp(),
            #[cfg(feature = "ws")]
            BoxTransport::new(peerloom_transport_ws::Transport::new(
                tcp(),
                self.ws.unwrap_or_default(),
            )),
            #[cfg(feature = "unix")]
            BoxTransport::new(peerloom_transport_unix::Transport),
        ])
    }
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
