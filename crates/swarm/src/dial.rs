//! Dialing: addresses side by side, each as far as it comes.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use peerloom_core::{Link, Raw, Role, Transport, WrongPeer};
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use tokio::task::JoinSet;

use crate::config::Layers;
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
    /// leads to the peer wins and the others are dropped. What a name stands for takes its place. Makes a new connection even where there is
    /// one. Dropping the future stops the dial.
    ///
    /// # Errors
    /// When none succeeds: what became of each address, step by step.
    pub async fn dial(
        &self,
        peer: Option<PeerId>,
        addresses: Vec<Multiaddr>,
    ) -> Result<Connection, DialError> {
        // In a task, so that whatever thread the caller is on, the dial and its connection stay together on one.
        let mut dialing = JoinSet::new();
        dialing.spawn(self.shared.clone().dial(peer, addresses.clone()));
        match dialing.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            // The runtime is shutting down.
            Some(Err(_)) | None => Err(closed(peer, addresses)),
        }
    }
}

impl Shared {
    async fn dial(
        self: Arc<Self>,
        peer: Option<PeerId>,
        addresses: Vec<Multiaddr>,
    ) -> Result<Connection, DialError> {
        tokio::select! {
            biased;
            () = self.shutdown.raised() => Err(closed(peer, addresses)),
            result = self.race(peer, addresses.clone()) => result,
        }
    }

    async fn race(
        self: &Arc<Self>,
        peer: Option<PeerId>,
        addresses: Vec<Multiaddr>,
    ) -> Result<Connection, DialError> {
        let mut race = Race::new(self);
        race.enter(addresses, peer, &Stopwatch::default());
        let mut running = JoinSet::new();
        loop {
            match race.untried.pop_front() {
                Some(candidate) => {
                    running.spawn(attempt(self.clone(), candidate));
                }
                None if running.is_empty() => return Err(DialError::new(peer, race.failed)),
                None => {}
            }
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                () = tokio::time::sleep(STAGGER), if !race.untried.is_empty() => None,
            };
            match ended {
                Some(Ok(Ended::Arrived(mut arrival))) => {
                    race.failed.append(&mut arrival.report.failed);
                    arrival.report.failed = race.failed;
                    return self.welcome(*arrival, peer);
                }
                Some(Ok(Ended::Resolved(name, found))) => race.handle_resolved(name, found),
                Some(Ok(Ended::Failed(mut attempts))) => race.failed.append(&mut attempts),
                // A transport panicked, which its own message tells; or nothing has ended yet.
                Some(Err(_)) | None => {}
            }
        }
    }

    fn welcome(
        self: &Arc<Self>,
        arrival: Arrival,
        peer: Option<PeerId>,
    ) -> Result<Connection, DialError> {
        let address = arrival.remote.clone();
        let steps = arrival.report.steps.clone();
        let mut attempts = arrival.report.failed.clone();
        self.establish(arrival).map_err(|error| {
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

/// The addresses of a dial: those that are yet to be tried, and what became of others.
struct Race<'a> {
    layers: &'a Layers,
    untried: VecDeque<Candidate>,
    /// All that have been taken, names and what they stand for.
    taken: Vec<Multiaddr>,
    failed: Vec<Attempt>,
}

/// An address to be tried.
struct Candidate {
    address: Multiaddr,
    /// Who has to be there: the peer that was asked for, or that its name or itself ends in.
    expected: Option<PeerId>,
    /// What was done to find it.
    watch: Stopwatch,
}

/// What became of a candidate.
enum Ended {
    Arrived(Box<Arrival>),
    /// It stands for other addresses.
    Resolved(Candidate, Vec<Multiaddr>),
    Failed(Vec<Attempt>),
}

impl<'a> Race<'a> {
    fn new(shared: &'a Shared) -> Self {
        let layers = &shared.layers;
        Race { layers, untried: VecDeque::new(), taken: Vec::new(), failed: Vec::new() }
    }

    /// Puts the addresses that can be tried before all others.
    fn enter(&mut self, addresses: Vec<Multiaddr>, expected: Option<PeerId>, watch: &Stopwatch) {
        let mut untried = VecDeque::new();
        for address in addresses {
            let watch = watch.clone();
            if let Some(reason) = self.reason_to_skip(&address, expected) {
                let outcome = Outcome::Skipped(reason);
                self.failed.push(Attempt { address, steps: watch.0, outcome });
                continue;
            }
            self.taken.push(address.clone());
            let expected = expected.or(address.peer_id());
            untried.push_back(Candidate { address, expected, watch });
        }
        untried.append(&mut self.untried);
        self.untried = untried;
    }

    fn reason_to_skip(&self, address: &Multiaddr, expected: Option<PeerId>) -> Option<Skipped> {
        if matches!((expected, address.peer_id()), (Some(a), Some(b)) if a != b) {
            Some(Skipped::OtherPeer)
        } else if self.layers.transport_for(address).is_none() {
            Some(Skipped::NoTransport(needed(address)))
        } else if self.taken.contains(address) {
            Some(Skipped::Twice)
        } else if MAX_ADDRESSES <= self.taken.len() {
            Some(Skipped::TooMany)
        } else {
            None
        }
    }

    /// What a name stands for takes its place.
    fn handle_resolved(&mut self, name: Candidate, found: Vec<Multiaddr>) {
        let Candidate { address, expected, watch } = name;
        let outcome = Outcome::Resolved(found.clone());
        self.failed.push(Attempt { address, steps: watch.0.clone(), outcome });
        self.enter(found, expected, &watch);
    }
}

/// Tries one address: each security ahead of its answer while the remote refuses them, and at last with patience.
async fn attempt(shared: Arc<Shared>, mut candidate: Candidate) -> Ended {
    match resolve(&shared, &mut candidate).await {
        Ok(Some(found)) => return Ended::Resolved(candidate, found),
        Ok(None) => {}
        Err(error) => {
            let Candidate { address, watch, .. } = candidate;
            let outcome = Outcome::Failed(Arc::new(error));
            return Ended::Failed(vec![Attempt { address, steps: watch.0, outcome }]);
        }
    }
    let Candidate { address, expected, watch: found } = candidate;
    let mut failed = Vec::new();
    let mut ahead = Some(0);
    loop {
        let mut watch = found.clone();
        let error = match dial(&shared, &address, expected, ahead, &mut watch).await {
            Ok(mut arrival) => {
                arrival.report = Report { steps: watch.0, failed };
                return Ended::Arrived(Box::new(arrival));
            }
            Err(error) => error,
        };
        let next = ahead.filter(|_| error.is_answered_refusal()).map(|refused| refused + 1);
        let repeats = ahead.is_some() && error.is_refusal();
        let error = if repeats { UpgradeError::Repeated(Box::new(error)) } else { error };
        let outcome = Outcome::Failed(Arc::new(error));
        failed.push(Attempt { address: address.clone(), steps: watch.0, outcome });
        if !repeats {
            return Ended::Failed(failed);
        }
        ahead = next.filter(|&next| next < shared.layers.securities.len());
    }
}

/// What an address stands for; `None` when it stands for itself.
async fn resolve(
    shared: &Shared,
    candidate: &mut Candidate,
) -> Result<Option<Vec<Multiaddr>>, UpgradeError> {
    let (phase, limit) = (Phase::Resolve, shared.config.timeouts.resolve);
    let Candidate { address, watch, .. } = candidate;
    let Some(transport) = shared.layers.transport_for(address) else { return Ok(None) };
    let resolving = async {
        let found = transport.resolve(address).await;
        found.map_err(|source| UpgradeError::Layer { phase, source })
    };
    let found = watch.time(phase, limit, resolving).await?;
    if found.as_slice() == std::slice::from_ref(&*address) {
        watch.0.pop();
        return Ok(None);
    }
    Ok(Some(found))
}

/// Goes the whole way from an address to an upgraded connection.
async fn dial(
    shared: &Shared,
    address: &Multiaddr,
    expected: Option<PeerId>,
    ahead: Option<usize>,
    watch: &mut Stopwatch,
) -> Result<Arrival, UpgradeError> {
    let timeouts = &shared.config.timeouts;
    let reaching = reach(shared, address);
    let link = watch.time(Phase::Connect, timeouts.connect, reaching).await?;
    let (upgraded, local) = match link {
        Link::Raw(Raw { stream, local, .. }) => {
            let role = Role::Dialer;
            let expected = expected.as_ref();
            let upgrade = Upgrade { layers: &shared.layers, timeouts, role, expected, ahead };
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

/// How many addresses one dial tries, names and what they stand for: more is no peer's honest count,
/// and each costs a socket or a look-up.
const MAX_ADDRESSES: usize = 64;
