//! What comes up from the swarm: events, and streams to find a handler for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use peerloom_core::BoxSubstream;
use peerloom_multistream_select::{self as multistream, Agreed, Negotiated, Supported};
use peerloom_swarm::{self as swarm, Connection};
use tracing::Instrument as _;

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
    {
        let mut listening = shared.listening();
        // Another listener may have the same one.
        if let Some(index) = listening.iter().position(|other| *other == address) {
            listening.remove(index);
        }
    }
    shared.profile_changed();
    shared.tell(Event::ListenAddressGone(shared.full(address)));
}

/// Finds a handler for a stream in a task of its own; beyond a limit the stream is dropped, which resets it.
fn arrived(shared: &Arc<Shared>, connection: Connection, stream: BoxSubstream) {
    let Some(known) = shared.known().get(&connection.id()).cloned() else { return };
    let (peer, conn, id) = (connection.peer(), connection.id(), stream.id());
    let limits = &shared.limits;
    let (Some(in_all), Some(open), Some(negotiating)) = (
        Place::take(&shared.inbound_streams, limits.inbound),
        Place::take(&known.open, limits.inbound_per_connection),
        Place::take(&known.negotiating, limits.negotiating_per_connection),
    ) else {
        tracing::debug!(%peer, %conn, ?limits, "too many inbound streams");
        return;
    };
    let shared = shared.clone();
    let handling = async move {
        tokio::select! {
            () = receive(&shared, connection, stream, negotiating) => {}
            () = shared.closed() => {}
        }
        drop((in_all, open));
    };
    tokio::spawn(handling.instrument(tracing::debug_span!("stream", %peer, %conn, stream = id)));
}

/// A stream's task: agrees on a protocol and hands it to its handler. A handler that panics takes
/// this task with it and nothing else.
async fn receive(
    shared: &Shared,
    connection: Connection,
    stream: BoxSubstream,
    negotiating: Place,
) {
    // Boxed, so that a stream that has agreed no longer carries the negotiation.
    let Some((handler, stream)) = Box::pin(agree(shared, connection, stream)).await else { return };
    drop(negotiating);
    handler(stream).await;
}

async fn agree(
    shared: &Shared,
    connection: Connection,
    mut stream: BoxSubstream,
) -> Option<(StreamHandler, Stream)> {
    let handlers = Selecting(shared);
    // The consent leaves together with what the handler says at once.
    stream.hold_next_write();
    let agreeing = multistream::listen_unflushed(&mut stream, &handlers);
    match tokio::time::timeout(shared.stream_negotiation, agreeing).await {
        Ok(Ok(Agreed { choice, name })) => {
            tracing::trace!(protocol = %name, "agreed");
            Some((choice, Stream::new(Negotiated::settled(stream, name), connection)))
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "no protocol was agreed on");
            None
        }
        Err(_) => {
            tracing::debug!("the protocol negotiation took too long");
            None
        }
    }
}

/// A place among the streams that there may be; dropping it gives it back.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        // Counted first and given back by the drop, also when there was none.
        let place = Place(taken.clone());
        (place.0.fetch_add(1, Ordering::Relaxed) < limit).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
