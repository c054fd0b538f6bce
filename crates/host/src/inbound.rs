//! What comes up from the swarm: events, and streams to find a handler for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use peerloom_core::BoxSubstream;
use peerloom_multistream_select::{self as multistream, Agreed, Negotiated, Supported};
use peerloom_swarm::{self as swarm, Connection};

use crate::event::Event;
use crate::handlers::StreamHandler;
use crate::identifying;
use crate::shared::{Known, Shared};
use crate::stream::Stream;

/// The floor above the swarm.
pub(crate) struct Upstairs(pub(crate) Arc<Shared>);

impl swarm::Handler for Upstairs {
    fn handle(&self, event: swarm::Event) {
        let shared = &self.0;
        match event {
            swarm::Event::Connected(connection) => connected(shared, connection),
            swarm::Event::Disconnected { connection, reason } => {
                shared.known().remove(&connection.id());
                shared.tell(Event::Disconnected { connection, reason });
            }
            swarm::Event::Stream { connection, stream } => arrived(shared, connection, stream),
            swarm::Event::NewAddress(address) => {
                shared.listening().push(address.clone());
                shared.profile_changed();
                shared.tell(Event::NewListenAddress(shared.full(address)));
            }
            swarm::Event::AddressGone(address) => gone(shared, address),
            swarm::Event::ListenerFailed { addresses, reason } => {
                shared.tell(Event::ListenerFailed { addresses: addresses.clone(), reason });
                addresses.into_iter().for_each(|address| gone(shared, address));
            }
            swarm::Event::InboundFailed { remote, reason } => {
                shared.tell(Event::InboundFailed { remote, reason });
            }
            swarm::Event::Refused { remote, limit } => {
                shared.tell(Event::Refused { remote, limit });
            }
            _ => tracing::debug!("an event that this host does not know"),
        }
    }
}

/// The handlers, as multistream-select asks for them.
struct Selecting<'a>(&'a Shared);

impl Supported for Selecting<'_> {
    type Choice = StreamHandler;

    fn select(&self, protocol: &str) -> Option<StreamHandler> {
        self.0.handlers().select(protocol)
    }

    fn names(&self) -> Vec<String> {
        self.0.handlers().names()
    }
}

fn connected(shared: &Arc<Shared>, connection: Connection) {
    shared.known().insert(connection.id(), Known::new(connection.clone()));
    if shared.identify {
        tokio::spawn(identifying::ask(shared.clone(), connection.clone()));
    }
    shared.tell(Event::Connected(connection));
}

fn gone(shared: &Shared, address: peerloom_multiaddr::Multiaddr) {
    shared.listening().retain(|other| *other != address);
    shared.profile_changed();
    shared.tell(Event::ListenAddressGone(shared.full(address)));
}

/// Finds a handler for a stream in a task of its own; beyond the bound the stream is dropped, which resets it.
fn arrived(shared: &Arc<Shared>, connection: Connection, stream: BoxSubstream) {
    let Some(known) = shared.known().get(&connection.id()).cloned() else { return };
    let Some(place) = Place::take(known.negotiating) else {
        tracing::debug!(peer = %connection.peer(), "too many streams at once without a protocol");
        return;
    };
    let shared = shared.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = receive(&shared, connection, stream, place) => {}
            () = shared.closed() => {}
        }
    });
}

/// A stream's task: agrees on a protocol and hands it to its handler. A handler that panics takes
/// this task with it and nothing else.
async fn receive(shared: &Shared, connection: Connection, mut stream: BoxSubstream, place: Place) {
    let (peer, id) = (connection.peer(), stream.id());
    let handlers = Selecting(shared);
    let agreeing = multistream::listen(&mut stream, &handlers);
    let Agreed { choice, name } =
        match tokio::time::timeout(shared.stream_negotiation, agreeing).await {
            Ok(Ok(agreed)) => agreed,
            Ok(Err(error)) => {
                tracing::debug!(%peer, stream = id, %error, "no protocol was agreed on");
                return;
            }
            Err(_) => {
                tracing::debug!(%peer, stream = id, "the protocol negotiation took too long");
                return;
            }
        };
    drop(place);
    tracing::trace!(%peer, stream = id, protocol = %name, "stream");
    choice(Stream::new(Negotiated::settled(stream, name), connection)).await;
}

/// A place among the streams of a connection that have not agreed on a protocol yet.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(negotiating: Arc<AtomicUsize>) -> Option<Self> {
        let place = Place(negotiating);
        // The place is given back by its drop, also when there was none.
        (place.0.fetch_add(1, Ordering::Relaxed) < MAX_NEGOTIATING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many streams of one connection may be without a protocol: each has a task, and an honest
/// peer that opens a burst has them settled in a moment.
const MAX_NEGOTIATING: usize = 512;
