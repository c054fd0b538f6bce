//! What comes up from the swarm: events, and streams to find a handler for.

use std::sync::Arc;

use peerloom_core::BoxSubstream;
use peerloom_multistream_select::{self as multistream, Agreed, Negotiated, Supported};
use peerloom_swarm::{self as swarm, Connection};

use crate::event::Event;
use crate::handlers::{Registered, StreamHandler};
use crate::identifying;
use crate::shared::Shared;
use crate::stream::Stream;
use crate::task::{self, Place, Seat};

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
    type Choice = Registered;

    fn select(&self, protocol: &str) -> Option<Registered> {
        self.0.handlers().select(protocol)
    }

    fn names(&self) -> Vec<String> {
        self.0.handlers().names()
    }
}

fn connected(shared: &Arc<Shared>, connection: Connection) {
    shared.remember(connection.clone());
    if shared.identify {
        task::spawn_boxed(identifying::ask(shared.clone(), connection.clone()));
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
    let (Some(seat), Some(negotiating)) = (
        Seat::take(&known, limits),
        Place::take(&known.negotiating, limits.negotiating_per_connection),
    ) else {
        tracing::debug!(%peer, %conn, ?limits, "too many inbound streams");
        return;
    };
    let shared = shared.clone();
    let span = tracing::debug_span!("stream", %peer, %conn, stream = id);
    task::spawn(span, async move {
        // The connections of a host that closes end before its handlers, and the negotiation with them.
        let agreed = agree(&shared, connection, stream).await;
        drop(negotiating);
        if let Some((handler, stream)) = agreed {
            handler(stream, seat);
        }
    });
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
        Ok(Ok(Agreed { choice: Registered { name: usual, handler }, name })) => {
            tracing::trace!(protocol = %name, "agreed");
            let name = if *usual == *name { usual } else { name.into() };
            Some((handler, Stream::new(Negotiated::settled(stream, name), connection)))
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
