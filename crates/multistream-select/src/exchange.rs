//! Sending and receiving messages, and never reading more than them.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::answer::{Answer, Verdict};
use crate::message::HEADER;
use crate::{Decoded, Error, Malformed, Message, frame};

/// One side of a negotiation over a borrowed stream.
pub(crate) struct Exchange<'a, S> {
    stream: &'a mut S,
    received: Vec<u8>,
    /// What goes out together.
    pub(crate) outgoing: Vec<u8>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Exchange<'a, S> {
    pub(crate) fn new(stream: &'a mut S) -> Self {
        Exchange { stream, received: Vec::new(), outgoing: Vec::new() }
    }

    /// Puts a message behind what is to be sent.
    pub(crate) fn queue(&mut self, message: &Message) -> Result<(), Error> {
        message.encode(&mut self.outgoing)
    }

    /// Sends what is queued, in one write.
    pub(crate) async fn send(&mut self) -> io::Result<()> {
        self.write().await?;
        self.stream.flush().await
    }

    /// Writes what is queued, to leave with a later flush.
    pub(crate) async fn write(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outgoing).await?;
        self.outgoing.clear();
        Ok(())
    }

    /// Receives the answer to a proposal.
    pub(crate) async fn verdict(&mut self, mut answer: Answer) -> Result<Verdict, Error> {
        poll_fn(|cx| answer.poll_verdict(self.stream, &mut self.received, cx)).await
    }

    /// Receives one message. Cancel safe.
    pub(crate) async fn receive<T>(&mut self, decode: Decode<T>) -> Result<T, Error> {
        poll_fn(|cx| poll_receive(self.stream, &mut self.received, decode, 0, cx)).await
    }

    /// Receives the first message of a remote that proposes something behind it. Cancel safe.
    pub(crate) async fn receive_header(&mut self) -> Result<Message, Error> {
        let sure = frame::length(HEADER.as_bytes()) + SHORTEST;
        poll_fn(|cx| poll_receive(self.stream, &mut self.received, Message::decode, sure, cx)).await
    }

    /// Receives one message; what is queued waits for its answer, unless the remote waits too.
    pub(crate) async fn receive_before_sending<T>(
        &mut self,
        decode: Decode<T>,
    ) -> Result<T, Error> {
        if let Some(received) = at_once(self.receive(decode)).await {
            return received;
        }
        self.send().await?;
        self.receive(decode).await
    }
}

/// How the bytes of some kind of message are understood.
pub(crate) type Decode<T> = fn(&[u8]) -> Result<Decoded<T>, Malformed>;

/// Takes one message from `received`, which holds what has come so far, and reads what is missing of it; more only
/// as far as so many bytes are `sure` to come in all.
pub(crate) fn poll_receive<S: AsyncRead + Unpin, T>(
    stream: &mut S,
    received: &mut Vec<u8>,
    decode: Decode<T>,
    sure: usize,
    cx: &mut Context<'_>,
) -> Poll<Result<T, Error>> {
    loop {
        match decode(received)? {
            Decoded::Incomplete(missing) => {
                let missing = missing.max(sure.saturating_sub(received.len()));
                ready!(poll_append(stream, received, missing, cx))?;
            }
            Decoded::Complete { value, length } => {
                received.drain(..length);
                return Poll::Ready(Ok(value));
            }
        }
    }
}

/// Reads at most `missing` bytes onto the end of `received`.
fn poll_append<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut Vec<u8>,
    missing: usize,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Error>> {
    let mut chunk = [0; CHUNK];
    let mut chunk = ReadBuf::new(&mut chunk);
    let mut buffer = chunk.take(missing);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    if buffer.filled().is_empty() {
        return Poll::Ready(Err(Error::Closed));
    }
    received.reserve(USUAL.saturating_sub(received.len()));
    received.extend_from_slice(buffer.filled());
    Poll::Ready(Ok(()))
}

/// The outcome of a future that has one without waiting.
async fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// The shortest message: its length, a name of one letter, and the line break.
const SHORTEST: usize = 3;

/// Room for a header and a name of usual length.
const USUAL: usize = 64;

/// How much is read at once: all messages but long listings fit.
const CHUNK: usize = 256;
