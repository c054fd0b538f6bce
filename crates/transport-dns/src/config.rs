//! Whom to ask, and for how long.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};

use crate::error::Reason;
use crate::system;

/// Whom to ask, and for how long. Start from [`Config::system`] or [`Config::with_servers`] and change what differs.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long the servers may take to answer a question that they are asked once.
    pub query_timeout: Duration,
    /// How often a question is asked again when no server has answered.
    pub retries: usize,
    /// How long finding the addresses of one name may take in all, with every question that comes up.
    pub timeout: Duration,
    servers: ResolverConfig,
    options: ResolverOpts,
    /// Why the servers of this system are not known.
    unread: Option<String>,
}

impl Config {
    /// The servers and search domains of this system (`/etc/resolv.conf` and its kin) and its file of hosts; its time
    /// limits where they are shorter than the usual ones here.
    ///
    /// It is read once, here. When that fails, whoever asks for a name is told
    /// ([`Reason::Unread`](crate::Reason::Unread)); who asks for none need not care.
    /// Where `/etc/resolv.conf` names no server, or is not there, this machine is its own
    /// ([resolv.conf(5)](https://man7.org/linux/man-pages/man5/resolv.conf.5.html)).
    #[must_use]
    pub fn system() -> Self {
        Config::of(system::read())
    }

    /// These servers over UDP, and over TCP for long answers. Names are taken as they are: neither search
    /// domains nor the system's file of hosts are used.
    #[must_use]
    pub fn with_servers(servers: impl IntoIterator<Item = SocketAddr>) -> Self {
        let servers = servers.into_iter().map(name_server).collect();
        let mut options = ResolverOpts::default();
        options.use_hosts_file = ResolveHosts::Never;
        Config::new(ResolverConfig::from_name_servers(servers), options)
    }

    fn new(servers: ResolverConfig, options: ResolverOpts) -> Self {
        let query_timeout = options.timeout.min(QUERY_TIMEOUT);
        let retries = options.attempts.min(RETRIES);
        Config { query_timeout, retries, timeout: TIMEOUT, servers, options, unread: None }
    }

    /// What a system has, or why that is not known.
    pub(crate) fn of(system: Result<(ResolverConfig, ResolverOpts), String>) -> Self {
        match system {
            Ok((servers, options)) => Config::new(servers, options),
            Err(unread) => Config { unread: Some(unread), ..Config::with_servers([]) },
        }
    }

    /// The servers that are asked; none when those of this system are not known.
    #[must_use]
    pub fn servers(&self) -> Vec<SocketAddr> {
        let servers = self.servers.name_servers.iter();
        servers
            .filter_map(|server| Some((server.ip, server.connections.first()?.port).into()))
            .collect()
    }

    /// Why there is nobody to ask, if there is nobody.
    pub(crate) fn without_servers(&self) -> Reason {
        self.unread.clone().map_or(Reason::NoServer, Reason::Unread)
    }

    pub(crate) fn into_parts(self) -> (ResolverConfig, ResolverOpts) {
        let mut options = self.options;
        options.timeout = self.query_timeout;
        options.attempts = self.retries;
        options.cache_size = CACHE_SIZE;
        (self.servers, options)
    }
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let mut config = NameServerConfig::udp_and_tcp(server.ip());
    for connection in &mut config.connections {
        connection.port = server.port();
    }
    config
}

/// Servers that answer at all do so in a second; a packet that was lost is asked for again within this time.
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);

/// Once more is enough for servers that were starting, or a network that was.
const RETRIES: usize = 1;

/// More than a question that nobody answers takes, so that its error says which one it was.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many answers are remembered for as long as they say; one has up to 64 KiB, and a name is dialled again soon or never.
const CACHE_SIZE: u64 = 256;
