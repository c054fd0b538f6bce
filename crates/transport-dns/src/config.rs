//! Whom to ask, and for how long.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::system_conf::read_system_conf;

use crate::error::Error;

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
}

impl Config {
    /// The servers and search domains of this system (`/etc/resolv.conf` and its kin) and its file of hosts; its time
    /// limits where they are shorter than the usual ones here.
    ///
    /// It is read once, here. A Unix system that names no servers has one itself, as its C library says
    /// ([resolv.conf(5)](https://man7.org/linux/man-pages/man5/resolv.conf.5.html)).
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn system() -> Result<Self, Error> {
        if cfg!(unix) && !Path::new(SERVERS_OF_UNIX).exists() {
            let server = name_server((Ipv4Addr::LOCALHOST, DNS_PORT).into());
            let servers = ResolverConfig::from_name_servers(vec![server]);
            return Ok(Config::new(servers, ResolverOpts::default()));
        }
        let (servers, options) =
            read_system_conf().map_err(|error| Error::System(error.to_string()))?;
        Ok(Config::new(servers, options))
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
        Config { query_timeout, retries, timeout: TIMEOUT, servers, options }
    }

    /// The servers that are asked.
    #[must_use]
    pub fn servers(&self) -> Vec<SocketAddr> {
        let servers = self.servers.name_servers.iter();
        servers
            .filter_map(|server| Some((server.ip, server.connections.first()?.port).into()))
            .collect()
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

/// Where a Unix system keeps its servers.
const SERVERS_OF_UNIX: &str = "/etc/resolv.conf";

/// Where servers of names are asked.
const DNS_PORT: u16 = 53;

/// Servers that answer at all do so in a second; a packet that was lost is asked for again within this time.
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);

/// Once more is enough for servers that were starting, or a network that was.
const RETRIES: usize = 1;

/// More than a question that nobody answers takes, so that its error says which one it was.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many answers are remembered for as long as they say; one has up to 64 KiB, and a name is dialled again soon or never.
const CACHE_SIZE: u64 = 256;
