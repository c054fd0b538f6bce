//! A message of known length, before there are records.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// Reads a message of `length` bytes and nothing behind it, into memory that grows with what comes.
///
/// For handshakes, whose caller has read the length and found it bearable.
///
/// # Errors
/// When the stream fails, or ends before that ([`io::ErrorKind::UnexpectedEof`]).
pub async fn read_message(
    stream: &mut (impl AsyncRead + Unpin),
    length: usize,
) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    while message.len() < length {
        let missing = length - message.len();
        // Of what is announced, memory is spent only on what comes.
        message.reserve_exact(missing.min(CHUNK.max(message.len())));
        let mut body = (&mut *stream).take(u64::try_from(missing).unwrap_or(u64::MAX));
        if body.read_buf(&mut message).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(message)
}

/// Room for a handshake message of most peers; longer ones are received in more pieces.
const CHUNK: usize = 1024;

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::io::ReadBuf;

    use super::*;

    #[tokio::test]
    async fn what_follows_a_message_is_left_on_the_line() {
        let mut line = &[7; 5_010][..];
        assert_eq!(read_message(&mut line, 5_000).await.unwrap(), [7; 5_000]);
        assert_eq!(line.len(), 10);
        assert!(read_message(&mut line, 0).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_message_takes_no_more_memory_than_comes() {
        /// Gives a few bytes at a time and notes for how many there was room.
        struct Line(usize, Vec<usize>);

        impl AsyncRead for Line {
            fn poll_read(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let Line(given, rooms) = &mut *self;
                rooms.push(*given + buffer.remaining());
                let count = buffer.remaining().min(700);
                buffer.put_slice(&[7; 700][..count]);
                *given += count;
                Poll::Ready(Ok(()))
            }
        }

        let mut line = Line(0, Vec::new());
        read_message(&mut line, 50_000).await.unwrap();
        let Line(_, rooms) = line;
        for (turn, room) in rooms.into_iter().enumerate() {
            assert!(room <= CHUNK + 2 * 700 * turn, "{room} bytes before {turn} pieces");
        }
    }

    #[tokio::test]
    async fn an_end_before_the_end_of_a_message_is_an_error() {
        for length in [0, 1, 1_024, 4_999] {
            let error = read_message(&mut &[7; 4_999][..length], 5_000).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
