//! Dialing: addresses side by side, each as far as it comes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use peerloom_core::{Link, Raw, Role, Transport, WrongPeer};
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::error::{DialError, UpgradeError};
use crate::needed::needed;
use crate::report::{Attempt, Outcome, Phase, Report, Skipped, Stopwatch};
use crate::swarm::{Arrival, Shared, Swarm};
use crate::upgrade::{Upgrade, Upgraded};

impl Swarm {
    /// Connects to a peer at any of its addresses, or to whoever answers if no peer is named.
    ///
    /// The addresses are tried in their order, each a moment after the one before; the first that
    /// leads to the peer wins and the others are dropped. Makes a new connection even where there is
    /// one. Dropping the future stops the dial.
    ///
    /// # Errors
    /// When none succeeds: what became of each address, step by step.
    pub async fn dial(
        &self,
        peer: Option<PeerId>,
        addresses: Vec<Multiaddr>,
    ) -> Result<Connection, DialError> {
        tokio::select! {
            biased;
            () = self.shared.shutdown.raised() => Err(closed(peer, addresses)),
            result = self.race(peer, addresses.clone()) => result,
        }
    }

    async fn race(
        &self,
        peer: Option<PeerId>,
        addresses: Vec<Multiaddr>,
    ) -> Result<Connection, DialError> {
        let (mut untried, mut failed) = sort_out(&self.shared, peer, addresses);
        let mut running = JoinSet::new();
        loop {
            match untried.pop_front() {
                Some(address) => {
                    running.spawn(attempt(self.shared.clone(), address, peer));
                }
                None if running.is_empty() => return Err(DialError::new(peer, failed)),
                None => {}
            }
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                () = tokio::time::sleep(STAGGER), if !untried.is_empty() => None,
            };
            match ended {
                Some(Ok(Ok(mut arrival))) => {
                    failed.append(&mut arrival.report.failed);
                    arrival.report.failed = failed;
                    return self.welcome(arrival, peer);
                }
                Some(Ok(Err(mut attempts))) => failed.append(&mut attempts),
                // A transport panicked, which its own message tells; or nothing has ended yet.
                Some(Err(_)) | None => {}
            }
        }
    }

    fn welcome(&self, arrival: Arrival, peer: Option<PeerId>) -> Result<Connection, DialError> {
        let address = arrival.remote.clone();
        let steps = arrival.report.steps.clone();
        let mut attempts = arrival.report.failed.clone();
        self.shared.establish(arrival).map_err(|error| {
            attempts.push(Attempt { address, steps, outcome: Outcome::Failed(Arc::new(error)) });
            DialError::new(peer, attempts)
        })
    }
}

/// The error of a dial that the end of the swarm has ended.
fn closed(peer: Option<PeerId>, addresses: Vec<Multiaddr>) -> DialError {
    let ended = |address| {
        let outcome = Outcome::Failed(Arc::new(UpgradeError::Closed));
        Attempt { address, steps: Vec::new(), outcome }
    };
    DialError::new(peer, addresses.into_iter().map(ended).collect())
}

/// Tells the addresses that can be tried from those that cannot.
fn sort_out(
    shared: &Shared,
    peer: Option<PeerId>,
    addresses: Vec<Multiaddr>,
) -> (VecDeque<Multiaddr>, Vec<Attempt>) {
    let mut untried = VecDeque::new();
    let mut skipped = Vec::new();
    for address in addresses {
        let reason = if matches!((peer, address.peer_id()), (Some(a), Some(b)) if a != b) {
            Skipped::OtherPeer
        } else if shared.layers.transport_for(&address).is_none() {
            Skipped::NoTransport(needed(&address))
        } else if untried.len() == MAX_ADDRESSES {
            Skipped::TooMany
        } else {
            untried.push_back(address);
            continue;
        };
        skipped.push(Attempt { address, steps: Vec::new(), outcome: Outcome::Skipped(reason) });
    }
    (untried, skipped)
}

/// Tries one address; when the remote refuses an optimistic proposal, once more with patience.
async fn attempt(
    shared: Arc<Shared>,
    address: Multiaddr,
    peer: Option<PeerId>,
) -> Result<Arrival, Vec<Attempt>> {
    let expected = peer.or(address.peer_id());
    let mut failed = Vec::new();
    for optimistic in [true, false] {
        let mut watch = Stopwatch::default();
        let error = match dial(&shared, &address, expected, optimistic, &mut watch).await {
            Ok(mut arrival) => {
                arrival.report = Report { steps: watch.0, failed };
                return Ok(arrival);
            }
            Err(error) => Arc::new(error),
        };
        let outcome = Outcome::Failed(error.clone());
        failed.push(Attempt { address: address.clone(), steps: watch.0, outcome });
        if !error.is_refusal() {
            break;
        }
    }
    Err(failed)
}

/// Goes the whole way from an address to an upgraded connection.
async fn dial(
    shared: &Shared,
    address: &Multiaddr,
    expected: Option<PeerId>,
    optimistic: bool,
    watch: &mut Stopwatch,
) -> Result<Arrival, UpgradeError> {
    let timeouts = &shared.config.timeouts;
    let reaching = reach(shared, address);
    let link = watch.time(Phase::Connect, timeouts.connect, reaching).await?;
    let (upgraded, local) = match link {
        Link::Raw(Raw { stream, local, .. }) => {
            let role = Role::Dialer;
            let expected = expected.as_ref();
            let upgrade = Upgrade { layers: &shared.layers, timeouts, role, expected, optimistic };
            (upgrade.run(stream, watch).await?, local)
        }
        Link::Complete(complete) => {
            let local = complete.local.clone();
            (Upgraded::from_complete(complete), local)
        }
    };
    check_peer(expected, upgraded.remote_key.peer_id())?;
    let remote = address.clone();
    Ok(Arrival { upgraded, role: Role::Dialer, local, remote, report: Report::default() })
}

async fn reach(shared: &Shared, address: &Multiaddr) -> Result<Link, UpgradeError> {
    let phase = Phase::Connect;
    let transport = shared.layers.transport_for(address);
    let Some(transport) = transport else { return Err(UpgradeError::Closed) };
    transport.dial(address).await.map_err(|source| UpgradeError::Layer { phase, source })
}

fn check_peer(expected: Option<PeerId>, actual: PeerId) -> Result<(), UpgradeError> {
    match expected {
        Some(expected) if expected != actual => {
            Err(UpgradeError::WrongPeer(WrongPeer { expected, actual }))
        }
        Some(_) | None => Ok(()),
    }
}

/// How long an address has a dial for itself before the next one is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);

/// How many addresses one dial tries: more is no peer's honest count, and each costs a socket.
const MAX_ADDRESSES: usize = 64;
