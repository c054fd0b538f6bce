//! The reading half of a WebSocket as a byte stream.

use std::io;
use std::mem::{self, MaybeUninit};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use peerloom_core::{BoxReader, ReadHalf, Role};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::error::Error;
use crate::incoming::{Event, Incoming};
use crate::line::{Half, Line};

/// Hands out what the remote's messages say, as it comes, and answers its pings.
///
/// While nothing arrives it owns no buffer. Payload is received where it is handed out: in the
/// reader's buffer, or in one that is given away.
pub(crate) struct Reader {
    inner: BoxReader,
    line: Arc<Line>,
    incoming: Incoming,
    /// What was received and not looked at yet.
    received: BytesMut,
    /// What is left to be read of the payload that was received.
    data: Bytes,
    /// Something is to be sent to the remote.
    answering: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    Ended,
    Failed,
}

impl Reader {
    /// Reads what comes to the end that has this role, `received` first.
    pub(crate) fn new(inner: BoxReader, line: Arc<Line>, role: Role, received: BytesMut) -> Self {
        Reader {
            inner,
            line,
            incoming: Incoming::new(role),
            received,
            data: Bytes::new(),
            answering: false,
            stage: Stage::Open,
        }
    }

    /// Waits until there is data; at the end of the stream there is none.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        for _ in 0..MAX_EVENTS {
            if !self.data.is_empty() {
                return Poll::Ready(Ok(()));
            }
            match self.stage {
                Stage::Open => {}
                Stage::Ended => return Poll::Ready(Ok(())),
                Stage::Failed => return Poll::Ready(Err(Error::Failed.into())),
            }
            ready!(self.poll_event(cx))?;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes one event from what was received, or receives more.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.incoming.handle(&mut self.received) {
            Ok(Some(Event::Data(data))) => self.data = data,
            Ok(Some(Event::Ping(payload))) => {
                self.line.handle_ping(payload);
                self.answer(cx);
            }
            Ok(Some(Event::Close(status))) => {
                self.line.handle_close();
                if self.line.is_closed() {
                    self.answer(cx);
                }
                return Poll::Ready(self.handle_close(status));
            }
            Ok(Some(Event::Nothing)) => {}
            Ok(None) if ready!(self.poll_receive(cx))? == 0 => {
                return Poll::Ready(self.handle_end());
            }
            Ok(None) => {}
            Err(violation) => {
                self.line.handle_violation(violation.status());
                self.answer(cx);
                return Poll::Ready(self.fail(violation.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Receives more, and says how much.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.received.is_empty() {
            self.received = BytesMut::new();
        }
        let payload = self.incoming.payload();
        if payload == 0 {
            let mut chunk = [MaybeUninit::uninit(); AHEAD];
            let mut chunk = ReadBuf::uninit(&mut chunk);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut chunk))?;
            self.received.extend_from_slice(chunk.filled());
            return Poll::Ready(Ok(chunk.filled().len()));
        }
        let mut buffer = BytesMut::with_capacity(payload.min(BULK));
        // Of the layer below no more is taken than the payload. The futures hold nothing: to drop
        // them after one poll loses nothing.
        let most = u64::try_from(payload).unwrap_or(u64::MAX);
        let mut payload = (&mut self.inner).take(most);
        let length = ready!(pin!(payload.read_buf(&mut buffer)).poll(cx))?;
        self.received = if length <= SMALL { BytesMut::from(&buffer[..]) } else { buffer };
        Poll::Ready(Ok(length))
    }

    /// Receives payload where the caller wants it.
    fn poll_receive_into(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let most = u64::try_from(self.incoming.payload()).unwrap_or(u64::MAX);
        ready!(Pin::new(&mut (&mut self.inner).take(most)).poll_read(cx, buffer))?;
        let (_, payload) = buffer.filled_mut().split_at_mut(before);
        if payload.is_empty() {
            return Poll::Ready(self.handle_end());
        }
        self.incoming.handle_payload(payload);
        Poll::Ready(Ok(()))
    }

    /// Sends what is to be answered, as far as the line takes it now; the rest goes when it does.
    fn answer(&mut self, cx: &mut Context<'_>) {
        // What goes wrong with the line is for the writing half to tell; what was received before is still to be read.
        self.answering = self.line.poll_flush(Half::Reading, cx).is_pending();
    }

    fn handle_close(&mut self, status: Option<u16>) -> io::Result<()> {
        match status {
            Some(status @ (1002..=1003 | 1007..=1014)) => self.fail(Error::GaveUp(status)),
            _ if self.incoming.is_within_message() => self.fail(Error::CutOff),
            _ => {
                self.stage = Stage::Ended;
                Ok(())
            }
        }
    }

    /// The layer below has ended. Who has said that it will write no more can be left like that.
    fn handle_end(&mut self) -> io::Result<()> {
        let within = self.incoming.is_within_message() || !self.received.is_empty();
        if within || !self.line.is_closed() {
            return self.fail(Error::CutOff);
        }
        self.stage = Stage::Ended;
        Ok(())
    }

    fn fail(&mut self, error: Error) -> io::Result<()> {
        self.stage = Stage::Failed;
        self.received = BytesMut::new();
        Err(error.into())
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if self.answering {
            self.answer(cx);
        }
        let nothing_left = self.data.is_empty() && self.received.is_empty();
        if nothing_left && self.incoming.payload() != 0 && self.stage == Stage::Open {
            return self.poll_receive_into(cx, buffer);
        }
        ready!(self.poll_data(cx))?;
        let count = self.data.len().min(buffer.remaining());
        buffer.put_slice(&self.data.split_to(count));
        Poll::Ready(Ok(()))
    }
}

impl ReadHalf for Reader {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if self.answering {
            self.answer(cx);
        }
        ready!(self.poll_data(cx))?;
        Poll::Ready(Ok(mem::take(&mut self.data)))
    }
}

/// How many frames without data, and other steps without any, one poll goes through before others get their turn.
const MAX_EVENTS: usize = 64;

/// How much is read where a frame may begin: many small ones, or a header and the first of a large payload.
const AHEAD: usize = 4 * 1024;

/// How much payload one read takes at most into a buffer that is given away.
const BULK: usize = 64 * 1024;

/// Up to here payload is copied to a buffer of its size, so that whoever keeps it keeps no large one alive.
const SMALL: usize = 4 * 1024;
