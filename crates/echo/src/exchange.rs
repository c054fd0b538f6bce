//! The dialer's side: sends random bytes and checks that the same come back.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::time::Instant;

use crate::Error;

/// What an exchange that went well took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchanged {
    /// How many bytes went there and came back.
    pub bytes: u64,
    /// From the start until everything was handed to the stream and this side of it ended.
    pub sent: Duration,
    /// From the start until everything had come back and the remote had ended its side.
    pub echoed: Duration,
}

/// Sends `size` random bytes, at most `chunk` of them in one write, while checking what comes
/// back; then ends this side of the stream and waits for the remote to end its own.
///
/// Reads and writes at the same time, so that a remote which sends back at once needs no buffer.
/// Holds 128 KiB whatever the size. A `chunk` of 0 counts as 1, one above 64 KiB as 64 KiB. It waits as
/// long as the remote takes: put a timeout around it.
///
/// # Errors
///
/// [`Error::Mismatch`], [`Error::Short`] and [`Error::Long`] say what came back instead;
/// [`Error::Io`] that the stream failed.
pub async fn exchange<S>(stream: S, size: u64, chunk: usize) -> Result<Exchanged, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut pattern = vec![0; PATTERN];
    getrandom::fill(&mut pattern).map_err(io::Error::from)?;
    let (read, write) = split(stream);
    let start = Instant::now();
    let (sent, echoed) = tokio::try_join!(
        async {
            send(write, &pattern, size, chunk.max(1)).await?;
            Ok::<_, Error>(start.elapsed())
        },
        async {
            check(read, &pattern, size).await?;
            Ok(start.elapsed())
        },
    )?;
    Ok(Exchanged { bytes: size, sent, echoed })
}

async fn send<W>(mut write: W, pattern: &[u8], size: u64, chunk: usize) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut left = size;
    while left != 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(chunk);
        let bytes = expected(pattern, size - left, wanted);
        write.write_all(bytes).await?;
        left -= bytes.len() as u64;
    }
    write.shutdown().await
}

async fn check<R>(mut read: R, pattern: &[u8], size: u64) -> Result<(), Error>
where
    R: AsyncRead + Unpin,
{
    let mut buffer = vec![0; BUFFER];
    let mut offset = 0;
    loop {
        let length = read.read(&mut buffer).await?;
        if length == 0 && offset < size {
            return Err(Error::Short { received: offset, expected: size });
        }
        if length == 0 {
            return Ok(());
        }
        let (mut received, _) = buffer.split_at(length);
        if size - offset < received.len() as u64 {
            return Err(Error::Long { expected: size });
        }
        while !received.is_empty() {
            let wanted = expected(pattern, offset, received.len());
            let (compared, rest) = received.split_at(wanted.len());
            if compared != wanted {
                let same = compared.iter().zip(wanted).take_while(|(a, b)| a == b).count();
                return Err(Error::Mismatch { offset: offset + same as u64 });
            }
            offset += wanted.len() as u64;
            received = rest;
        }
    }
}

/// The bytes at `offset` of the endless repetition of `pattern`: at least one, at most `wanted`.
fn expected(pattern: &[u8], offset: u64, wanted: usize) -> &[u8] {
    let position =
        usize::try_from(offset % PATTERN as u64).expect("less than the pattern's length");
    let (_, rest) = pattern.split_at(position);
    rest.split_at(wanted.min(rest.len())).0
}

/// The length of what is repeated: a prime, so that no frame or buffer size divides it and a lost
/// or doubled one shows.
const PATTERN: usize = 65_521;

/// How much is read at once: enough that a call to the stream is cheap beside its bytes.
const BUFFER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;
    use crate::serve;

    /// Exchanges `size` bytes with a remote that sends back everything as `change` leaves it.
    async fn exchange_with(
        size: u64,
        change: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Exchanged, Error> {
        let (near, far) = duplex(1 << 20);
        let remote = async {
            let (mut read, mut write) = split(far);
            let mut bytes = Vec::new();
            read.read_to_end(&mut bytes).await.unwrap();
            change(&mut bytes);
            write.write_all(&bytes).await.unwrap();
            write.shutdown().await.unwrap();
        };
        tokio::join!(exchange(near, size, 4096), remote).0
    }

    #[tokio::test]
    async fn sizes_and_chunks_of_every_kind_come_back() {
        for size in [0, 1, 4096, 65_520, 65_521, 65_522, 150_000] {
            for chunk in [0, 1000, 65_521, usize::MAX] {
                let (near, far) = duplex(1000);
                let (exchanged, served) = tokio::join!(exchange(near, size, chunk), serve(far));
                served.unwrap();
                assert_eq!(exchanged.unwrap().bytes, size);
            }
        }
    }

    #[tokio::test]
    async fn a_changed_byte_is_found_where_it_is() {
        for wrong in [0, 65_521, 199_999] {
            let result = exchange_with(200_000, |bytes| bytes[wrong] ^= 1).await;
            let Err(Error::Mismatch { offset }) = result else { panic!("{result:?}") };
            assert_eq!(offset, wrong as u64);
        }
    }

    #[tokio::test]
    async fn a_lost_frame_is_found() {
        let result = exchange_with(200_000, |bytes| drop(bytes.drain(..65_536))).await;
        assert!(matches!(result, Err(Error::Mismatch { offset: 0..16 })), "{result:?}");
    }

    #[tokio::test]
    async fn an_early_end_is_told_with_how_far_it_came() {
        let result = exchange_with(200_000, |bytes| bytes.truncate(150_000)).await;
        assert!(
            matches!(result, Err(Error::Short { received: 150_000, expected: 200_000 })),
            "{result:?}"
        );
    }

    #[tokio::test]
    async fn one_byte_too_many_is_an_error() {
        for size in [0, 200_000] {
            let result = exchange_with(size, |bytes| bytes.push(0)).await;
            assert!(
                matches!(result, Err(Error::Long { expected }) if expected == size),
                "{result:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_remote_that_goes_away_is_an_error() {
        let (near, far) = duplex(1000);
        drop(far);
        let result = exchange(near, 200_000, 4096).await;
        assert!(matches!(result, Err(Error::Io(_) | Error::Short { .. })), "{result:?}");
    }
}
