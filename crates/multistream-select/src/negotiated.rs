//! A stream whose protocol is agreed on while its first data are under way already.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::answer::{Answer, Verdict};
use crate::message::check_name;
use crate::wakers::{Half, Wakers};
use crate::{Error, proposal};

/// A stream that speaks one protocol, or will have to.
///
/// ```text
///  lazy ───▶ unsent ──first write, flush or read──▶ answer due ──consent──▶ agreed ◀── settled
///                                     awaiting ──▶      └──────refusal───▶ failed
/// ```
///
/// The first write carries the header and the proposal in front of its data. The answer is read
/// before the first data are handed out, and before the stream is shut down, because some
/// listeners wait for ever when a dialer's end arrives before they have answered. A refusal
/// fails every read and write with an [`io::Error`] that carries [`Error::NotSupported`]
/// (see [`Error::carried_by`]). Once agreed, calls are passed on and nothing else.
#[derive(Debug)]
pub struct Negotiated<S> {
    stream: S,
    phase: Phase<S>,
}

/// Small once it is agreed on, since a stream stays that for the rest of its life.
#[derive(Debug)]
enum Phase<S> {
    Agreed(Arc<str>),
    Unsettled(Box<Unsettled<S>>),
}

/// A protocol that is not agreed on, and perhaps never will be.
#[derive(Debug)]
struct Unsettled<S> {
    protocol: Arc<str>,
    state: Result<Pending<S>, Error>,
}

#[derive(Debug)]
struct Pending<S> {
    /// What of header and proposal has still to be sent.
    unsent: Bytes,
    /// Whether the proposal may still be held up in a buffer below.
    unflushed: bool,
    /// Sends and flushes the proposal. Half a stream that only reads has none left to send.
    push: Push<S>,
    answer: Answer,
    /// What has come of the answer.
    received: Vec<u8>,
    wakers: Arc<Wakers>,
}

type Push<S> = fn(&mut S, &mut Bytes, &mut Context<'_>) -> Poll<io::Result<()>>;

impl<S: AsyncRead + AsyncWrite + Unpin> Negotiated<S> {
    /// Will propose `protocol` together with whatever is written first, or when somebody reads.
    ///
    /// A stream that is dropped unused has sent nothing.
    ///
    /// # Errors
    /// [`Error::InvalidName`] when the name cannot be proposed.
    pub fn lazy(stream: S, protocol: impl Into<Arc<str>>) -> Result<Self, Error> {
        let protocol = protocol.into();
        let unsent = Bytes::from(proposal(&protocol)?);
        Ok(Negotiated::pending(stream, protocol, unsent, poll_push))
    }
}

impl<S: AsyncRead + Unpin> Negotiated<S> {
    /// Reads the answer to a proposal that has been sent, by [`propose`](crate::propose) or
    /// otherwise. `stream` may be the reading half alone.
    ///
    /// # Errors
    /// [`Error::InvalidName`] when nobody can have proposed that name.
    pub fn awaiting(stream: S, protocol: impl Into<Arc<str>>) -> Result<Self, Error> {
        let protocol = protocol.into();
        check_name(&protocol)?;
        Ok(Negotiated::pending(stream, protocol, Bytes::new(), |_, _, _| Poll::Ready(Ok(()))))
    }

    /// Waits for the remote's answer. Cancel safe.
    ///
    /// # Errors
    /// [`Error::NotSupported`] when the remote refuses; the other variants when it breaks the
    /// protocol or the stream fails.
    pub async fn agreed(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_agreed(cx)).await
    }

    /// As [`agreed`](Self::agreed), on behalf of the task that reads.
    ///
    /// # Errors
    /// As for [`agreed`](Self::agreed).
    pub fn poll_agreed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_answer(Half::Reader, cx)
    }

    fn poll_answer(&mut self, half: Half, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Phase::Unsettled(unsettled) = &mut self.phase else { return Poll::Ready(Ok(())) };
        let pending = unsettled.pending()?;
        let waker = pending.wakers.register(half, cx);
        let mut cx = Context::from_waker(&waker);
        let pushed = pending.poll_push(&mut self.stream, &mut cx)?;
        if pushed.is_pending() && pending.unsent.has_remaining() {
            return Poll::Pending;
        }
        let received = &mut pending.received;
        let verdict = ready!(pending.answer.poll_verdict(&mut self.stream, received, &mut cx));
        // A writer that waits for room in a stream that is refused waits for nothing. Who asks is at work.
        pending.wakers.wake_half(half.other());
        let outcome = match verdict {
            Ok(Verdict::Accepted) => Ok(()),
            Ok(Verdict::Refused) => {
                Err(Error::NotSupported { protocol: unsettled.protocol.as_ref().into() })
            }
            Err(error) => Err(error),
        };
        match &outcome {
            Ok(()) => self.phase = Phase::Agreed(unsettled.protocol.clone()),
            Err(error) => unsettled.state = Err(error.clone()),
        }
        Poll::Ready(outcome)
    }
}

impl<S> Negotiated<S> {
    /// A stream on which `protocol` has been agreed on before.
    pub fn settled(stream: S, protocol: impl Into<Arc<str>>) -> Self {
        Negotiated { stream, phase: Phase::Agreed(protocol.into()) }
    }

    /// The protocol that is agreed on, or proposed.
    #[must_use]
    pub fn protocol(&self) -> &str {
        match &self.phase {
            Phase::Agreed(protocol) => protocol,
            Phase::Unsettled(unsettled) => &unsettled.protocol,
        }
    }

    /// Whether the remote's consent has arrived.
    #[must_use]
    pub fn is_agreed(&self) -> bool {
        matches!(self.phase, Phase::Agreed(_))
    }

    /// The stream underneath.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.stream
    }

    /// The stream underneath. Whoever reads or writes it before [`is_agreed`](Self::is_agreed)
    /// spoils the negotiation.
    pub fn inner_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The stream underneath. What has still to be said before [`is_agreed`](Self::is_agreed) is lost.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.stream
    }

    fn pending(stream: S, protocol: Arc<str>, unsent: Bytes, push: Push<S>) -> Self {
        let pending = Pending {
            unflushed: unsent.has_remaining(),
            unsent,
            push,
            answer: Answer::with_header(Arc::clone(&protocol)),
            received: Vec::new(),
            wakers: Arc::default(),
        };
        let unsettled = Unsettled { protocol, state: Ok(pending) };
        Negotiated { stream, phase: Phase::Unsettled(Box::new(unsettled)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Negotiated<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.is_agreed() {
            ready!(self.poll_agreed(cx))?;
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Negotiated<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match &mut this.phase {
            Phase::Agreed(_) => Pin::new(&mut this.stream).poll_write(cx, bytes),
            Phase::Unsettled(unsettled) => {
                unsettled.pending()?.poll_write(&mut this.stream, cx, &[IoSlice::new(bytes)])
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match &mut this.phase {
            Phase::Agreed(_) => Pin::new(&mut this.stream).poll_flush(cx),
            Phase::Unsettled(unsettled) => {
                let pending = unsettled.pending()?;
                let waker = pending.wakers.register(Half::Writer, cx);
                let mut cx = Context::from_waker(&waker);
                ready!(pending.poll_push(&mut this.stream, &mut cx))?;
                Pin::new(&mut this.stream).poll_flush(&mut cx)
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_agreed() {
            ready!(self.poll_answer(Half::Writer, cx))?;
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match &mut this.phase {
            Phase::Agreed(_) => Pin::new(&mut this.stream).poll_write_vectored(cx, slices),
            Phase::Unsettled(unsettled) => {
                unsettled.pending()?.poll_write(&mut this.stream, cx, slices)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl<S> Unsettled<S> {
    /// What has still to be said and heard; an error when that has failed.
    fn pending(&mut self) -> Result<&mut Pending<S>, Error> {
        self.state.as_mut().map_err(|error| error.clone())
    }
}

impl<S> Pending<S> {
    fn poll_push(&mut self, stream: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unflushed {
            ready!((self.push)(stream, &mut self.unsent, cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Pending<S> {
    fn poll_write(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let waker = self.wakers.register(Half::Writer, cx);
        let cx = &mut Context::from_waker(&waker);
        while self.unsent.has_remaining() {
            let written = ready!(poll_write_behind(stream, cx, &self.unsent, slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let proposed = written.min(self.unsent.len());
            self.unsent.advance(proposed);
            if proposed < written {
                return Poll::Ready(Ok(written - proposed));
            }
        }
        match slices {
            [slice] => Pin::new(stream).poll_write(cx, slice),
            slices => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }
}

/// Sends and flushes all of `unsent`.
fn poll_push<S: AsyncWrite + Unpin>(
    stream: &mut S,
    unsent: &mut Bytes,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while unsent.has_remaining() {
        match ready!(Pin::new(&mut *stream).poll_write(cx, unsent))? {
            0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            written => unsent.advance(written.min(unsent.len())),
        }
    }
    Pin::new(stream).poll_flush(cx)
}

/// Writes `head` and what of `slices` fits into one write behind it.
fn poll_write_behind<S: AsyncWrite + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
    head: &[u8],
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    let all = std::iter::once(head).chain(slices.iter().map(|slice| &**slice));
    if stream.is_write_vectored() {
        let all = all.take(MAX_SLICES).map(IoSlice::new).collect::<Vec<_>>();
        return Pin::new(stream).poll_write_vectored(cx, &all);
    }
    let mut flight = Vec::new();
    for slice in all {
        let space = MAX_FLIGHT.saturating_sub(flight.len());
        flight.extend_from_slice(slice.get(..space).unwrap_or(slice));
    }
    Pin::new(stream).poll_write(cx, &flight)
}

/// How much is copied to go out with the proposal: what one frame of a muxer holds.
const MAX_FLIGHT: usize = 16 * 1024;

/// How many slices go out with the proposal: no system takes more than 1024, few callers have 16.
const MAX_SLICES: usize = 16;
