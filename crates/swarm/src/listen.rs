//! Listening: each listener's task, and the upgrade of what arrives.

use std::collections::BTreeMap;
use std::sync::Arc;

use peerloom_core::{BoxListener, Error, Link, Listener as _, ListenerEvent, Raw, Role, Transport};
use peerloom_multiaddr::Multiaddr;

use crate::admission::Permit;
use crate::error::{ListenError, UpgradeError};
use crate::event::Event;
use crate::needed::needed;
use crate::report::{Report, Stopwatch};
use crate::shutdown::Shutdown;
use crate::swarm::{Arrival, Shared, Swarm};
use crate::upgrade::{Upgrade, Upgraded};

/// The number of a listener, unique in its swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(u64);

/// A listener of a swarm.
#[derive(Clone, Debug)]
pub struct Listening {
    /// By which it can be stopped.
    pub id: ListenerId,
    /// Where it can be reached, without `/p2p`.
    pub addresses: Vec<Multiaddr>,
}

/// The running listeners.
#[derive(Default)]
pub(crate) struct Listeners {
    running: BTreeMap<ListenerId, Running>,
    last_id: u64,
}

#[derive(Clone)]
struct Running {
    addresses: Vec<Multiaddr>,
    stop: Arc<Shutdown>,
    ended: Arc<Shutdown>,
}

/// Tells that a listener has ended, also when its task panics.
struct Ended(Arc<Shutdown>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.raise();
    }
}

impl Swarm {
    /// Listens on an address, which may be a wildcard and may leave the port to the system.
    ///
    /// # Errors
    /// When no transport supports the address, or the transport cannot listen there.
    pub async fn listen(&self, address: &Multiaddr) -> Result<Listening, ListenError> {
        let shared = &self.shared;
        let Some(transport) = shared.layers.transport_for(address) else {
            let names: Vec<_> = shared.layers.transports.iter().map(Transport::name).collect();
            let (address, needed) = (address.clone(), needed(address));
            return Err(ListenError::NoTransport { address, needed, present: names.join(", ") });
        };
        let address = address.clone();
        let listener = match transport.listen(&address).await {
            Ok(listener) => listener,
            Err(source) => return Err(ListenError::Transport { address, source }),
        };
        let (listening, running) = shared.register(listener.addresses())?;
        for address in &listening.addresses {
            shared.handler.handle(Event::NewAddress(address.clone()));
        }
        tokio::spawn(shared.clone().serve(listener, listening.id, running));
        Ok(listening)
    }

    /// Stops a listener and waits until its address is free. Connections that came through it stay.
    pub async fn stop_listening(&self, id: ListenerId) {
        let running = self.shared.listeners().running.get(&id).cloned();
        if let Some(running) = running {
            running.stop.raise();
            running.ended.raised().await;
        }
    }

    /// Every address that the swarm can be reached at, without `/p2p`, in the order of listening.
    #[must_use]
    pub fn addresses(&self) -> Vec<Multiaddr> {
        let listeners = self.shared.listeners();
        listeners.running.values().flat_map(|running| running.addresses.iter().cloned()).collect()
    }
}

impl Shared {
    fn listeners(&self) -> std::sync::MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits until no listener is left.
    pub(crate) async fn listeners_ended(&self) {
        let running: Vec<Running> = self.listeners().running.values().cloned().collect();
        for running in running {
            running.ended.raised().await;
        }
    }

    fn register(&self, addresses: Vec<Multiaddr>) -> Result<(Listening, Running), ListenError> {
        let mut listeners = self.listeners();
        if self.shutdown.is_raised() {
            return Err(ListenError::Closed);
        }
        listeners.last_id += 1;
        let id = ListenerId(listeners.last_id);
        let (stop, ended) = Default::default();
        let running = Running { addresses: addresses.clone(), stop, ended };
        listeners.running.insert(id, running.clone());
        Ok((Listening { id, addresses }, running))
    }

    /// A listener's task.
    async fn serve(self: Arc<Self>, mut listener: BoxListener, id: ListenerId, running: Running) {
        let _ended = Ended(running.ended);
        let reason = loop {
            let next = tokio::select! {
                next = listener.next() => next,
                () = running.stop.raised() => break None,
                () = self.shutdown.raised() => break None,
            };
            match next {
                Ok(event) => self.handle_listener_event(event, id),
                Err(error) => break Some(error),
            }
        };
        drop(listener);
        self.unregister(id, reason);
    }

    fn handle_listener_event(self: &Arc<Self>, event: ListenerEvent, id: ListenerId) {
        match event {
            ListenerEvent::Incoming(link) => self.admit(link),
            ListenerEvent::NewAddress(address) => {
                if let Some(running) = self.listeners().running.get_mut(&id) {
                    running.addresses.push(address.clone());
                }
                self.handler.handle(Event::NewAddress(address));
            }
            ListenerEvent::AddressGone(address) => {
                if let Some(running) = self.listeners().running.get_mut(&id) {
                    running.addresses.retain(|other| *other != address);
                }
                self.handler.handle(Event::AddressGone(address));
            }
        }
    }

    fn unregister(&self, id: ListenerId, reason: Option<Error>) {
        let Some(running) = self.listeners().running.remove(&id) else { return };
        match reason {
            Some(reason) => self.handler.handle(Event::ListenerFailed {
                addresses: running.addresses,
                reason: Arc::new(reason),
            }),
            None => {
                for address in running.addresses {
                    self.handler.handle(Event::AddressGone(address));
                }
            }
        }
    }

    /// Upgrades a link in a task of its own, if there is a place for it.
    fn admit(self: &Arc<Self>, link: Link) {
        let remote = match &link {
            Link::Raw(raw) => raw.remote.clone(),
            Link::Complete(complete) => complete.remote.clone(),
        };
        match self.admission.admit(&remote, &self.config.limits) {
            Ok(permit) => {
                tokio::spawn(self.clone().receive(link, remote, permit));
            }
            Err(limit) => {
                tracing::debug!(%remote, %limit, "turned away");
                self.handler.handle(Event::Refused { remote, limit });
            }
        }
    }

    /// The task of an inbound link.
    async fn receive(self: Arc<Self>, link: Link, remote: Multiaddr, permit: Permit) {
        let result = tokio::select! {
            result = self.upgrade_inbound(link) => result,
            () = self.shutdown.raised() => return,
        };
        drop(permit);
        if let Err(error) = result.and_then(|arrival| self.establish(arrival)) {
            tracing::debug!(%remote, %error, "inbound connection failed");
            self.handler.handle(Event::InboundFailed { remote, reason: Arc::new(error) });
        }
    }

    async fn upgrade_inbound(&self, link: Link) -> Result<Arrival, UpgradeError> {
        let role = Role::Listener;
        match link {
            Link::Raw(Raw { stream, local, remote }) => {
                let mut watch = Stopwatch::default();
                let timeouts = &self.config.timeouts;
                let layers = &self.layers;
                let upgrade = Upgrade { layers, timeouts, role, expected: None, ahead: None };
                let upgraded = upgrade.run(stream, &mut watch).await?;
                let report = Report { steps: watch.0, failed: Vec::new() };
                Ok(Arrival { upgraded, role, local, remote, report })
            }
            Link::Complete(complete) => {
                let (local, remote) = (complete.local.clone(), complete.remote.clone());
                let upgraded = Upgraded::from_complete(complete);
                Ok(Arrival { upgraded, role, local, remote, report: Report::default() })
            }
        }
    }
}
