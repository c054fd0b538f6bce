//! A listening socket: who connects to it, and where it can be reached.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use peerloom_core::{Link, ListenerEvent};
use peerloom_multiaddr::Multiaddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};
use tracing::{debug, warn};

use crate::config::Config;
use crate::interfaces::Source;
use crate::link;
use crate::ports::Listed;
use crate::reach::Reach;

/// Accepts connections, and looks at the interfaces from time to time.
pub(crate) struct Listener {
    socket: TcpListener,
    config: Config,
    interfaces: Source,
    reach: Reach,
    look: Interval,
    /// The end of a rest, after the system could accept nothing.
    rest: Option<Instant>,
    _port: Option<Listed>,
}

impl Listener {
    /// Begins with a socket that listens already.
    ///
    /// # Errors
    /// When the system cannot tell the socket's address, or which interfaces there are.
    pub(crate) fn new(
        socket: TcpListener,
        config: Config,
        interfaces: Source,
        port: Option<Listed>,
    ) -> io::Result<Self> {
        let reach = Reach::new(socket.local_addr()?, interfaces()?);
        let mut look = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Listener { socket, config, interfaces, reach, look, rest: None, _port: port })
    }

    fn look_around(&mut self) {
        match (self.interfaces)() {
            Ok(interfaces) => self.reach.handle_interfaces(interfaces),
            Err(error) => debug!(%error, "the interfaces cannot be listed now"),
        }
    }

    /// A connection; `None` when it has failed already, or none could be accepted.
    fn handle_accepted(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<Link> {
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if concerns_one_connection(&error) => {
                debug!(%error, "a connection failed before it was accepted");
                return None;
            }
            Err(error) => {
                if self.rest.is_none() {
                    warn!(%error, "no connection can be accepted now");
                }
                self.rest = Some(Instant::now() + REST);
                return None;
            }
        };
        self.rest = None;
        link::open(stream, &self.config, |socket| self.reach.name(socket))
            .inspect_err(
                |error| debug!(%remote, %error, "a connection failed when it was accepted"),
            )
            .ok()
            .map(Link::Raw)
    }
}

impl peerloom_core::Listener for Listener {
    fn addresses(&self) -> Vec<Multiaddr> {
        self.reach.addresses().to_vec()
    }

    async fn next(&mut self) -> Result<ListenerEvent, peerloom_core::Error> {
        loop {
            if let Some(change) = self.reach.poll_change() {
                return Ok(change);
            }
            tokio::select! {
                _ = self.look.tick() => self.look_around(),
                accepted = accept(&self.socket, self.rest) => {
                    if let Some(link) = self.handle_accepted(accepted) {
                        return Ok(ListenerEvent::Incoming(link));
                    }
                }
            }
        }
    }
}

/// Accepts a connection, when the rest is over.
async fn accept(
    socket: &TcpListener,
    rest: Option<Instant>,
) -> io::Result<(TcpStream, SocketAddr)> {
    if let Some(end) = rest {
        sleep_until(end).await;
    }
    socket.accept().await
}

/// Whether it is over with one connection only, so that the next can be accepted at once.
///
/// Linux hands on what the network did to a connection while it waited.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
    )
}

/// How often the interfaces are looked at: listing them is cheap, and routers take longer to change their minds.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How long to rest when descriptors or memory are short, as trying again would fail at once.
const REST: Duration = Duration::from_millis(100);
