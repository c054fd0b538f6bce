//! The echo protocol as a behaviour: serves every inbound stream, and opens outbound ones on request.
//!
//! `libp2p-stream` would do it in fewer lines, but it drops inbound streams that come in bursts.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::task::{Context, Poll};

use futures::channel::oneshot;
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, StreamProtocol, StreamUpgradeError, SubstreamProtocol,
    THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{PeerId, Stream};
use tokio::io::AsyncWriteExt;
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/echo/1.0.0");

/// A stream that was asked for, once it is open.
pub(crate) type Opening = oneshot::Receiver<Result<Compat<Stream>, OpenError>>;

type OpenError = StreamUpgradeError<Infallible>;

type Opener = oneshot::Sender<Result<Compat<Stream>, OpenError>>;

#[derive(Default)]
pub(crate) struct Behaviour {
    requests: VecDeque<(PeerId, Opener)>,
}

#[derive(Default)]
pub(crate) struct Handler {
    requests: VecDeque<Opener>,
}

impl Behaviour {
    /// Asks for a stream to a connected peer.
    pub(crate) fn open(&mut self, peer: PeerId) -> Opening {
        let (opener, opening) = oneshot::channel();
        self.requests.push_back((peer, opener));
        opening
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::default())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::default())
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        // Requests come through `&mut Swarm`, whose owner polls it afterwards: no waker is needed.
        match self.requests.pop_front() {
            Some((peer_id, event)) => {
                Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler: NotifyHandler::Any, event })
            }
            None => Poll::Pending,
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Opener;
    type ToBehaviour = Infallible;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Opener;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ())
    }

    fn on_behaviour_event(&mut self, opener: Opener) {
        self.requests.push_back(opener);
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Opener, Infallible>> {
        // `on_behaviour_event` is followed by a poll: no waker is needed.
        match self.requests.pop_front() {
            Some(opener) => Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), opener),
            }),
            None => Poll::Pending,
        }
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<Self::InboundProtocol, Self::OutboundProtocol, (), Opener>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: stream,
                ..
            }) => {
                tokio::spawn(serve(stream.compat()));
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                info: opener,
            }) => answer(opener, Ok(stream.compat())),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info: opener, error }) => {
                answer(opener, Err(error));
            }
            _ => {}
        }
    }
}

/// Copies until the end, then half-closes.
async fn serve(stream: Compat<Stream>) -> io::Result<()> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    tokio::io::copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}

/// Who has stopped waiting does not want the stream either.
fn answer(opener: Opener, stream: Result<Compat<Stream>, OpenError>) {
    drop(opener.send(stream));
}
