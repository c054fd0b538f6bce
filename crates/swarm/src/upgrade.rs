//! Making a connection of a link: negotiate, secure, negotiate, multiplex.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use peerloom_core::{
    BoxReader, BoxSecurityUpgrade, ByteStream, Complete, Handshake, Multiplexed, MuxerUpgrade,
    ReadHalf, Role, SecurityUpgrade,
};
use peerloom_multistream_select::{self as multistream, Negotiated};
use peerloom_peer_id::{EncodedKey, PeerId};
use tokio::io::{AsyncRead, ReadBuf};

use crate::config::{Layers, Timeouts};
use crate::error::UpgradeError;
use crate::report::{Phase, Stopwatch};
use crate::together::Together;

/// How a raw stream is to be upgraded.
pub(crate) struct Upgrade<'a> {
    pub(crate) layers: &'a Layers,
    pub(crate) timeouts: &'a Timeouts,
    pub(crate) role: Role,
    pub(crate) expected: Option<&'a PeerId>,
    /// The security to propose together with its first handshake message, taking the answer for
    /// granted. Saves a round trip; a refusal costs the connection.
    pub(crate) ahead: Option<usize>,
}

/// What became of a stream.
pub(crate) struct Upgraded {
    pub(crate) multiplexed: Multiplexed,
    pub(crate) remote_key: EncodedKey,
    pub(crate) security: String,
    pub(crate) muxer: String,
}

impl Upgrade<'_> {
    pub(crate) async fn run(
        &self,
        stream: ByteStream,
        watch: &mut Stopwatch,
    ) -> Result<Upgraded, UpgradeError> {
        let Timeouts { security_negotiation, handshake, muxer_negotiation, .. } = *self.timeouts;

        let (reader, writer) = stream.into_split();
        let agreeing = self.agree_on_security(ByteStream::new(reader, Together::new(writer)));
        let (security, stream, answered) =
            watch.time(Phase::SecurityNegotiation, security_negotiation, agreeing).await?;

        let securing = self.secure(security, stream);
        let secured = match watch.time(Phase::Handshake, handshake, securing).await {
            // What waits for the answer to an optimistic proposal is still negotiation.
            Err(error) if !answered.get() => {
                return Err(error.in_phase(watch.correct(Phase::SecurityNegotiation)));
            }
            result => result?,
        };

        // A message there and one back, or the other way round.
        let round_trip = watch.last();

        let agreeing = self.agree_on_muxer(secured.stream, secured.muxer);
        let (muxer, stream) =
            watch.time(Phase::MuxerNegotiation, muxer_negotiation, agreeing).await?;

        Ok(Upgraded {
            multiplexed: muxer.multiplex(stream.with_round_trip(round_trip), self.role),
            remote_key: secured.remote_key,
            security: security.name().to_owned(),
            muxer: muxer.name().to_owned(),
        })
    }

    async fn agree_on_security(
        &self,
        mut stream: ByteStream,
    ) -> Result<(&BoxSecurityUpgrade, ByteStream, Answered), UpgradeError> {
        let phase = Phase::SecurityNegotiation;
        let securities = &self.layers.securities;
        if let Some(security) = self.ahead.and_then(|ahead| securities.get(ahead)) {
            multistream::propose(&mut stream, security.name())
                .await
                .map_err(|source| UpgradeError::Negotiation { phase, source })?;
            let (stream, answered) = answered_later(stream, security.name())?;
            return Ok((security, stream, answered));
        }
        let names: Vec<_> = securities.iter().map(SecurityUpgrade::name).collect();
        let index = self.negotiate(&mut stream, &names, phase).await?;
        Ok((chosen(securities, index, phase)?, stream, Answered::yes()))
    }

    async fn secure(
        &self,
        security: &BoxSecurityUpgrade,
        stream: ByteStream,
    ) -> Result<peerloom_core::Secured, UpgradeError> {
        let muxers = self.layers.muxer_names();
        let handshake = Handshake { role: self.role, expected: self.expected, muxers: &muxers };
        security
            .secure(stream, handshake)
            .await
            .map_err(|error| UpgradeError::of_layer(Phase::Handshake, error))
    }

    async fn agree_on_muxer(
        &self,
        mut stream: ByteStream,
        agreed: Option<String>,
    ) -> Result<(&dyn MuxerUpgrade, ByteStream), UpgradeError> {
        let phase = Phase::MuxerNegotiation;
        let names = self.layers.muxer_names();
        let early = agreed.and_then(|agreed| names.iter().position(|name| *name == agreed));
        let index = match early {
            Some(index) => index,
            None => self.negotiate(&mut stream, &names, phase).await?,
        };
        Ok((chosen(&self.layers.muxers, index, phase)?.as_ref(), stream))
    }

    /// Agrees on one of `names`, and says which.
    async fn negotiate(
        &self,
        stream: &mut ByteStream,
        names: &[&str],
        phase: Phase,
    ) -> Result<usize, UpgradeError> {
        let result = match (self.role, phase) {
            (Role::Dialer, _) => multistream::dial(stream, names).await,
            (Role::Listener, Phase::SecurityNegotiation) => {
                // The consent leaves together with the first message of the handshake.
                multistream::listen_unflushed(stream, names).await.map(|agreed| agreed.choice)
            }
            (Role::Listener, _) => {
                multistream::listen(stream, names).await.map(|agreed| agreed.choice)
            }
        };
        result.map_err(|source| UpgradeError::Negotiation { phase, source })
    }
}

impl Upgraded {
    /// A connection that its transport has upgraded already.
    pub(crate) fn from_complete(complete: Complete) -> Self {
        Upgraded {
            multiplexed: complete.multiplexed,
            remote_key: complete.remote_key,
            security: complete.protocol.to_owned(),
            muxer: complete.protocol.to_owned(),
        }
    }
}

/// The upgrade that both sides have agreed on.
fn chosen<T>(upgrades: &[T], index: usize, phase: Phase) -> Result<&T, UpgradeError> {
    let source = multistream::Error::NothingToOffer;
    upgrades.get(index).ok_or(UpgradeError::Negotiation { phase, source })
}

/// The stream whose reader has to take the answer to a proposal first.
fn answered_later(
    stream: ByteStream,
    protocol: &str,
) -> Result<(ByteStream, Answered), UpgradeError> {
    let (reader, writer) = stream.into_split();
    let reader = Negotiated::awaiting(reader, protocol).map_err(|source| {
        UpgradeError::Negotiation { phase: Phase::SecurityNegotiation, source }
    })?;
    let answered = Answered::default();
    let reader = AnsweredLater { reader, answered: answered.clone() };
    Ok((ByteStream::new(reader, writer), answered))
}

/// Whether the remote has agreed to our proposal.
#[derive(Clone, Default)]
struct Answered(Arc<AtomicBool>);

impl Answered {
    fn yes() -> Self {
        Answered(Arc::new(AtomicBool::new(true)))
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A reading half that checks the answer to a proposal before anything else.
struct AnsweredLater {
    reader: Negotiated<BoxReader>,
    answered: Answered,
}

impl AnsweredLater {
    fn poll_agreed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut BoxReader>> {
        if !self.reader.is_agreed() {
            ready!(self.reader.poll_agreed(cx))?;
            self.answered.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(self.reader.inner_mut()))
    }
}

impl AsyncRead for AnsweredLater {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(ready!(self.poll_agreed(cx))?).poll_read(cx, buffer)
    }
}

impl ReadHalf for AnsweredLater {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        ready!(self.poll_agreed(cx))?.poll_read_bytes(cx)
    }
}
