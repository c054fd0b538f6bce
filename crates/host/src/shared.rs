//! What a host's handles and tasks share.

use std::collections::HashMap;
use std::error::Error;
use std::mem;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use peerloom_identify::Info;
use peerloom_identity::{Keypair, SignedPeerRecord};
use peerloom_multiaddr::{Multiaddr, Protocol};
use peerloom_multistream_select::{Matcher, Registry};
use peerloom_peer_id::PeerId;
use peerloom_swarm::{self as swarm, Connection, ConnectionId};
use tokio::sync::{broadcast, watch};

use crate::address_book::AddressBook;
use crate::config::{Config, StreamLimits};
use crate::crew::Crew;
use crate::event::{EVENT_BACKLOG, Event};
use crate::handlers::{Registered, StreamHandler, WeakHandler};

/// What a host's handles and tasks share. It knows the swarm by its events only, so that tasks do not keep it alive.
pub(crate) struct Shared {
    pub(crate) keypair: Keypair,
    pub(crate) local_peer: PeerId,
    pub(crate) identify: bool,
    pub(crate) agent_version: String,
    pub(crate) protocol_version: String,
    pub(crate) stream_negotiation: Duration,
    pub(crate) events: broadcast::Sender<Event>,
    /// Raised when the host closes.
    pub(crate) closing: watch::Sender<bool>,
    /// The handlers that are at work; streams that come later find no handler any more.
    crew: Arc<Crew>,
    /// Counts the changes of what identify tells.
    pub(crate) profile: watch::Sender<u64>,
    /// How many inbound streams there are in all.
    inbound: Arc<AtomicUsize>,
    pub(crate) limits: StreamLimits,
    handlers: RwLock<Registry<Registered>>,
    addresses: Mutex<AddressBook>,
    listening: Mutex<Vec<Multiaddr>>,
    /// Our addresses, signed, and the version of the profile that they belong to.
    pub(crate) signed_record: Mutex<Option<(u64, SignedPeerRecord)>>,
    known: Mutex<HashMap<ConnectionId, Arc<Known>>>,
}

/// What is known of an open connection.
pub(crate) struct Known {
    pub(crate) connection: Connection,
    /// What its peer has told of itself.
    pub(crate) identity: watch::Sender<Identity>,
    /// How many inbound streams all connections have.
    pub(crate) inbound: Arc<AtomicUsize>,
    /// How many inbound streams it has.
    pub(crate) open: AtomicUsize,
    /// How many of them have not agreed on a protocol yet.
    pub(crate) negotiating: Arc<AtomicUsize>,
    /// The handlers at work on the streams of all connections.
    pub(crate) crew: Arc<Crew>,
    /// The version of our profile that its peer was last told; none before it asked.
    pub(crate) told: AtomicU64,
    /// Held while a push of its peer is taken: one after the other.
    pub(crate) hearing: tokio::sync::Mutex<()>,
}

/// How far identify is with a peer.
#[derive(Clone, Debug, Default)]
pub(crate) enum Identity {
    /// The peer has not told yet.
    #[default]
    Pending,
    /// All that it has told so far.
    Told(Arc<Info>),
    /// It does not tell, or told what cannot be.
    Failed(Arc<dyn Error + Send + Sync>),
}

impl Known {
    fn new(connection: Connection, inbound: Arc<AtomicUsize>, crew: Arc<Crew>) -> Self {
        let identity = watch::Sender::new(Identity::Pending);
        Known {
            connection,
            identity,
            inbound,
            open: AtomicUsize::default(),
            negotiating: Arc::default(),
            crew,
            told: AtomicU64::default(),
            hearing: tokio::sync::Mutex::default(),
        }
    }

    /// What the peer has told of itself.
    pub(crate) fn info(&self) -> Option<Arc<Info>> {
        match &*self.identity.borrow() {
            Identity::Told(info) => Some(info.clone()),
            Identity::Pending | Identity::Failed(_) => None,
        }
    }
}

impl Shared {
    pub(crate) fn new(config: Config) -> (Self, swarm::Layers, swarm::Config, Vec<Multiaddr>) {
        let shared = Shared {
            local_peer: config.keypair.peer_id(),
            keypair: config.keypair,
            identify: config.identify,
            agent_version: config.agent_version,
            protocol_version: config.protocol_version,
            stream_negotiation: config.stream_negotiation,
            events: broadcast::Sender::new(EVENT_BACKLOG),
            closing: watch::Sender::new(false),
            crew: Arc::default(),
            profile: watch::Sender::new(1),
            inbound: Arc::default(),
            limits: config.limits,
            handlers: RwLock::default(),
            addresses: Mutex::default(),
            listening: Mutex::default(),
            signed_record: Mutex::default(),
            known: Mutex::default(),
        };
        (shared, config.layers, config.swarm, config.listen)
    }

    /// Sets the handler of a protocol. Like all that change the handlers it lets go of the lock before the
    /// old ones: what they hold may want it when it is dropped.
    pub(crate) fn set_handler(&self, matcher: impl Into<Matcher>, handler: StreamHandler) {
        let matcher = matcher.into();
        let name = matcher.name().into();
        let _replaced = self.change_handlers().insert(matcher, Registered { name, handler });
        self.profile_changed();
    }

    /// Forgets the handler of a protocol; says whether there was one.
    pub(crate) fn remove_handler(&self, matcher: &Matcher) -> bool {
        let removed = self.change_handlers().remove(matcher);
        if removed.is_some() {
            self.profile_changed();
        }
        removed.is_some()
    }

    /// Forgets the handler of a protocol if it is this one.
    pub(crate) fn remove_handler_if(&self, protocol: &str, handler: &WeakHandler) {
        let mut handlers = self.change_handlers();
        let current = handlers.find(protocol).map(|found| Arc::downgrade(&found.handler));
        if current.is_some_and(|current| current.ptr_eq(handler)) {
            let _removed = handlers.remove(&Matcher::exact(protocol));
            drop(handlers);
            self.profile_changed();
        }
    }

    /// Lets go of every handler, and ends those that are at work.
    pub(crate) fn close(&self) {
        let _handlers = mem::replace(&mut *self.change_handlers(), Registry::new());
        self.crew.close();
        self.closing.send_replace(true);
    }

    pub(crate) fn handlers(&self) -> RwLockReadGuard<'_, Registry<Registered>> {
        self.handlers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change_handlers(&self) -> RwLockWriteGuard<'_, Registry<Registered>> {
        self.handlers.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn address_book(&self) -> MutexGuard<'_, AddressBook> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, HashMap<ConnectionId, Arc<Known>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps in mind that there is this connection.
    pub(crate) fn remember(&self, connection: Connection) {
        let id = connection.id();
        let known = Known::new(connection, self.inbound.clone(), self.crew.clone());
        self.known().insert(id, Arc::new(known));
    }

    /// Where the host listens, without its peer id.
    pub(crate) fn listening(&self) -> MutexGuard<'_, Vec<Multiaddr>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the peer of a connection has told of itself.
    pub(crate) fn info(&self, connection: ConnectionId) -> Option<Arc<Info>> {
        self.known().get(&connection)?.info()
    }

    pub(crate) fn profile_changed(&self) {
        self.profile.send_modify(|changes| *changes += 1);
    }

    /// An address of ours, with our peer id.
    pub(crate) fn full(&self, address: Multiaddr) -> Multiaddr {
        address.with(Protocol::P2p(self.local_peer))
    }

    /// Tells whoever listens.
    pub(crate) fn tell(&self, event: Event) {
        // Nobody has to listen.
        let _ = self.events.send(event);
    }

    /// Waits until the host closes.
    pub(crate) async fn closed(&self) {
        // The sender is in `self`, so waiting cannot fail.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }
}
