//! How TCP connections are made and kept.

use std::time::Duration;

/// How connections are made and kept. Start from [`Config::default`] and change what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Send small writes at once (`TCP_NODELAY`). The layers above batch by themselves, so this is on.
    pub no_delay: bool,
    /// Probe idle connections, so that a remote that vanished is noticed. `None` leaves it to the layers above.
    pub keep_alive: Option<KeepAlive>,
    /// Dial from the port of a listener of this transport, when there is one for the family of the
    /// address, so that observed addresses and holes in a NAT are those of the listener. Off by default.
    ///
    /// It holds for the listeners that are opened with it, and falls back to a port of the
    /// system's choice when the same two ends are connected already. Not on Windows, Solaris and illumos.
    pub port_reuse: bool,
    /// How many connections the system keeps ready until they are accepted. It may have a lower limit of its own.
    pub backlog: u32,
}

/// When an idle connection is probed, and when it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// How long a connection is silent before the first probe, in whole seconds.
    pub idle: Duration,
    /// The time between probes, in whole seconds.
    pub interval: Duration,
    /// How many probes in a row stay unanswered before the connection is broken.
    pub probes: u32,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            no_delay: true,
            keep_alive: Some(KeepAlive::default()),
            port_reuse: false,
            backlog: BACKLOG,
        }
    }
}

impl Default for KeepAlive {
    /// A remote that vanished is noticed after two minutes, at the price of one packet a minute.
    fn default() -> Self {
        KeepAlive { idle: Duration::from_secs(60), interval: Duration::from_secs(15), probes: 4 }
    }
}

/// Enough for a burst of dials between two turns of the accepting task; waiting connections cost the kernel little.
const BACKLOG: u32 = 1024;
