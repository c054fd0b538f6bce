//! The reading half of a stream in a private network: takes the remote's nonce, and decrypts what follows where it lies.

use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use peerloom_core::ReadHalf;
use tokio::io::{AsyncRead, ReadBuf};

use crate::Error;
use crate::greeting::Greeting;
use crate::opening::{Opened, Opening};
use crate::patience::Patience;

/// Decrypts what it reads. It owns no buffer.
pub(crate) struct Reader<R> {
    inner: R,
    state: State,
}

enum State {
    Opening(Opening, Greeting, Patience),
    Open(Opened),
    /// The remote was refused, for this reason.
    Refused(Error),
    /// The remote ended the stream before it said anything.
    Ended,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(inner: R, opening: Opening, greeting: Greeting, patience: Patience) -> Self {
        Reader { inner, state: State::Opening(opening, greeting, patience) }
    }

    /// Waits until the stream is open; with nothing when it ended before.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let State::Opening(opening, greeting, patience) = &mut self.state {
            greeting.send(cx);
            let mut buffer = ReadBuf::new(opening.missing());
            let Poll::Ready(read) = Pin::new(&mut self.inner).poll_read(cx, &mut buffer) else {
                self.state = State::Refused(ready!(patience.poll_end(cx)));
                break;
            };
            let count = buffer.filled().len();
            self.state = match read {
                Err(error) => match opening.handle_reset() {
                    Some(reason) if error.kind() == io::ErrorKind::ConnectionReset => {
                        State::Refused(reason)
                    }
                    _ => return Poll::Ready(Err(error)),
                },
                Ok(()) if count == 0 => {
                    opening.handle_end().map_or_else(State::Refused, |()| State::Ended)
                }
                Ok(()) => match opening.handle_received(count) {
                    Ok(None) => continue,
                    Ok(Some(opened)) => State::Open(opened),
                    Err(error) => State::Refused(error),
                },
            };
        }
        match &self.state {
            State::Refused(error) => Poll::Ready(Err(error.clone().into())),
            State::Opening(..) | State::Open(_) | State::Ended => Poll::Ready(Ok(())),
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Reader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_open(cx))?;
        let Reader { inner, state } = &mut *self;
        let State::Open(Opened { cipher, plaintext }) = state else { return Poll::Ready(Ok(())) };
        if !plaintext.is_empty() {
            let (now, later) = plaintext.split_at(plaintext.len().min(buffer.remaining()));
            buffer.put_slice(now);
            *plaintext = later;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(inner).poll_read(cx, buffer))?;
        cipher.apply(buffer.filled_mut().get_mut(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<R: ReadHalf> ReadHalf for Reader<R> {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        ready!(self.poll_open(cx))?;
        let State::Open(Opened { cipher, plaintext }) = &mut self.state else {
            return Poll::Ready(Ok(Bytes::new()));
        };
        if !plaintext.is_empty() {
            return Poll::Ready(Ok(Bytes::from_static(mem::take(plaintext))));
        }
        let sealed = ready!(self.inner.poll_read_bytes(cx))?;
        // Bytes that somebody else holds too are not ours to change.
        let mut bytes = sealed.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        cipher.apply(&mut bytes);
        Poll::Ready(Ok(bytes.freeze()))
    }
}
