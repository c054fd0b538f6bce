//! Choosing the layers of a host.

use peerloom_core::{
    BoxMuxerUpgrade, BoxSecurityUpgrade, BoxTransport, Fault, MuxerUpgrade, SecurityUpgrade,
    Transport,
};
use peerloom_host::{Config, StreamLimits};
use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_swarm::{Layers, Limits, ListenError, Timeouts};

use crate::Host;
use crate::transports::Wishes;

/// Chooses the layers of a host.
///
/// Each list that is left empty gets its default: tcp (and dns, ws and unix, where their features
/// are on), noise and behind it tls, yamux. What is named is all that is offered, in that order.
#[derive(Default)]
pub struct Builder {
    keypair: Option<Keypair>,
    transports: Vec<BoxTransport>,
    securities: Vec<MakeSecurity>,
    muxers: Vec<BoxMuxerUpgrade>,
    wishes: Wishes,
    #[cfg(all(feature = "secio", feature = "mplex"))]
    legacy: Option<OfferMore>,
    #[cfg(feature = "pnet")]
    private_network: Option<peerloom_pnet::PreSharedKey>,
    listen: Vec<Multiaddr>,
    swarm: peerloom_swarm::Config,
    silent: bool,
    agent_version: Option<String>,
    stream_limits: StreamLimits,
}

/// Why a host does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No key could be made.
    #[error("could not make a key")]
    Key(#[from] peerloom_identity::Error),
    /// A call of the builder is for the transports of a host that names none, but another call names one.
    #[error(
        "{call} is for the transports of a host that names none, and {named} names one: give it to that transport"
    )]
    Unheard {
        /// The call that would have no effect.
        call: &'static str,
        /// The call that names a transport.
        named: &'static str,
    },
    /// It cannot listen where it should.
    #[error("could not listen")]
    Listen(#[from] ListenError),
}

impl StartError {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            StartError::Key(_) | StartError::Unheard { .. } => Fault::Caller,
            StartError::Listen(error) => error.fault(),
        }
    }
}

type MakeSecurity = Box<dyn FnOnce(&Keypair) -> BoxSecurityUpgrade + Send>;

/// A function where a flag would do: the linker leaves out of a program what no call of it names.
#[cfg(all(feature = "secio", feature = "mplex"))]
type OfferMore = fn(&Keypair, &mut Vec<BoxSecurityUpgrade>, &mut Vec<BoxMuxerUpgrade>);

impl Builder {
    /// The key that proves who the host is; without one it gets a new Ed25519 key.
    #[must_use]
    pub fn keypair(mut self, keypair: Keypair) -> Self {
        self.keypair = Some(keypair);
        self
    }

    /// Listens on an address from the start; to be called once for each.
    ///
    /// # Errors
    /// When the text is not a multiaddr.
    pub fn listen(mut self, address: &str) -> Result<Self, peerloom_multiaddr::Error> {
        self.listen.push(address.parse()?);
        Ok(self)
    }

    /// Adds a transport.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transports.push(BoxTransport::new(transport));
        self
    }

    /// Whom to ask what names in addresses stand for; the system's servers unless it is said here.
    ///
    /// It is for the transports of a host that names none by [`Builder::transport`]; with both,
    /// the host does not start.
    #[cfg(feature = "dns")]
    #[must_use]
    pub fn dns(mut self, config: peerloom_transport_dns::Config) -> Self {
        self.wishes.dns = Some(config);
        self
    }

    /// What WebSocket in TLS needs: a certificate to listen with, and whom to believe.
    ///
    /// It is for the transports of a host that names none by [`Builder::transport`]; with both,
    /// the host does not start.
    #[cfg(feature = "ws")]
    #[must_use]
    pub fn ws(mut self, config: peerloom_transport_ws::Config) -> Self {
        self.wishes.ws = Some(config);
        self
    }

    /// Adds a security protocol, made for the host's key.
    ///
    /// Of those that two peers share, the one that the dialer named first is taken. A host that
    /// names none offers noise, which connects with less CPU, and behind it tls, for peers that have
    /// nothing else. A node of bulk data puts tls first, which moves more where the CPU has
    /// instructions for AES:
    ///
    /// ```
    /// # #[cfg(feature = "tls")]
    /// # fn bulk() -> peerloom::Builder {
    /// use peerloom::{Host, noise, tls};
    ///
    /// Host::builder().security(tls::Config::new).security(noise::Config::new)
    /// # }
    /// ```
    #[must_use]
    pub fn security<S: SecurityUpgrade>(
        mut self,
        make: impl FnOnce(&Keypair) -> S + Send + 'static,
    ) -> Self {
        self.securities.push(Box::new(|keypair| BoxSecurityUpgrade::new(make(keypair))));
        self
    }

    /// Adds a muxer.
    #[must_use]
    pub fn muxer(mut self, muxer: impl MuxerUpgrade) -> Self {
        self.muxers.push(Box::new(muxer));
        self
    }

    /// Offers secio and mplex too, behind everything else, for nodes of before 2021.
    ///
    /// It is there with the features `secio` and `mplex`, which are both on by default.
    ///
    /// libp2p has deprecated both, for reasons that the documentation of
    /// [secio](crate::secio) and [mplex](crate::mplex) tells; peers that have something better
    /// never come to them.
    #[cfg(all(feature = "secio", feature = "mplex"))]
    #[must_use]
    pub fn legacy(mut self) -> Self {
        self.legacy = Some(|keypair, securities, muxers| {
            securities.push(BoxSecurityUpgrade::new(peerloom_secio::Config::new(keypair)));
            muxers.push(Box::new(peerloom_mplex::Config::default()));
        });
        self
    }

    /// Talks only to hosts that have the same pre-shared key: every connection of every transport
    /// is encrypted with it, below the security protocol.
    #[cfg(feature = "pnet")]
    #[must_use]
    pub fn private_network(mut self, key: peerloom_pnet::PreSharedKey) -> Self {
        self.private_network = Some(key);
        self
    }

    /// How long each phase of a connection may take.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.swarm.timeouts = timeouts;
        self
    }

    /// How much of everything there may be.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.swarm.limits = limits;
        self
    }

    /// How many streams others may have open with the host.
    #[must_use]
    pub fn stream_limits(mut self, stream_limits: StreamLimits) -> Self {
        self.stream_limits = stream_limits;
        self
    }

    /// Tells the name and version of the program to other peers, for example `my-program/1.0.0`.
    #[must_use]
    pub fn agent_version(mut self, agent_version: impl Into<String>) -> Self {
        self.agent_version = Some(agent_version.into());
        self
    }

    /// Neither asks nor tells who is who, and does not answer pings.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Starts the host. Needs a tokio runtime around it.
    ///
    /// # Errors
    /// When no key can be made, two calls contradict each other, or it cannot listen where it should.
    pub async fn start(self) -> Result<Host, StartError> {
        let keypair = match self.keypair {
            Some(keypair) => keypair,
            None => Keypair::generate_ed25519()?,
        };
        let mut securities: Vec<_> =
            self.securities.into_iter().map(|make| make(&keypair)).collect();
        if securities.is_empty() {
            securities.push(BoxSecurityUpgrade::new(peerloom_noise::Config::new(&keypair)));
            #[cfg(feature = "tls")]
            securities.push(BoxSecurityUpgrade::new(peerloom_tls::Config::new(&keypair)));
        }
        let mut transports = self.transports;
        if transports.is_empty() {
            transports = self.wishes.transports();
        } else if let Some(call) = self.wishes.call() {
            return Err(StartError::Unheard { call, named: "Builder::transport" });
        }
        let mut muxers = self.muxers;
        if muxers.is_empty() {
            muxers.push(Box::new(peerloom_yamux::Config::default()));
        }
        #[cfg(all(feature = "secio", feature = "mplex"))]
        if let Some(offer_more) = self.legacy {
            offer_more(&keypair, &mut securities, &mut muxers);
        }
        #[cfg(feature = "pnet")]
        if let Some(key) = self.private_network {
            transports = crate::transports::of_private_network(transports, &key);
        }
        let mut config = Config::new(keypair, Layers { transports, securities, muxers });
        config.swarm = self.swarm;
        config.listen = self.listen;
        config.limits = self.stream_limits;
        config.identify = !self.silent;
        if let Some(agent_version) = self.agent_version {
            config.agent_version = agent_version;
        }
        let host = peerloom_host::Host::start(config).await?;
        if !self.silent {
            host.set_stream_handler(peerloom_ping::PROTOCOL, peerloom_ping::serve);
        }
        Ok(Host(host))
    }
}
