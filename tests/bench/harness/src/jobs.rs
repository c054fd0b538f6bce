//! What is done on a stream; its first byte says what.

use std::io;

use crate::settings::chunk;
use crate::stack::{Conn, Stream};

/// The listener's side of a stream: `O` answers a byte, `E` echoes to the end, `U` and a length
/// takes that much and answers a byte, `D` and a length sends that much, `R` and a length takes
/// that much and answers as much, again and again.
///
/// Idle streams are measured by what they hold: no `async fn`, which would have room for its argument twice, and the
/// jobs that stay on no idle stream in boxes.
pub fn serve(mut stream: impl Stream) -> impl Future<Output = io::Result<()>> + Send {
    async move {
        let mut job = [0];
        if stream.receive(&mut job).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match job[0] {
            b'O' => answer(&mut stream, b"o").await,
            b'E' => echo(&mut stream).await,
            b'U' => Box::pin(take_all(&mut stream)).await,
            b'D' => Box::pin(give_all(&mut stream)).await,
            b'R' => Box::pin(respond(&mut stream)).await,
            other => Err(io::Error::other(format!("unknown job {other}"))),
        }
    }
}

/// Sends this much in writes of `chunk` bytes on a stream of its own, until the other side has it.
pub(crate) async fn upload<C: Conn>(conn: &C, bytes: u64, chunk: usize) -> io::Result<()> {
    let mut stream = conn.open().await?;
    stream.send(&order(b'U', bytes)).await?;
    give(&mut stream, bytes, &vec![0x5a; chunk]).await?;
    receive_all(&mut stream, &mut [0]).await?;
    let _ = stream.finish().await;
    Ok(())
}

pub(crate) async fn download<C: Conn>(conn: &C, bytes: u64) -> io::Result<()> {
    let mut stream = open_download(conn, bytes).await?;
    take(&mut stream, bytes, &mut vec![0; chunk()]).await?;
    let _ = stream.finish().await;
    Ok(())
}

/// A stream on which this much is to come.
pub(crate) async fn open_download<C: Conn>(conn: &C, bytes: u64) -> io::Result<impl Stream> {
    let mut stream = conn.open().await?;
    stream.send(&order(b'D', bytes)).await?;
    stream.flush().await?;
    Ok(stream)
}

pub(crate) async fn one_byte<C: Conn>(conn: &C) -> io::Result<()> {
    let mut stream = conn.open().await?;
    stream.send(b"O").await?;
    stream.flush().await?;
    receive_all(&mut stream, &mut [0]).await?;
    let _ = stream.finish().await;
    Ok(())
}

/// A stream on which requests of this length are answered by as much.
pub(crate) async fn open_requests<C: Conn>(conn: &C, length: u64) -> io::Result<impl Stream> {
    let mut stream = conn.open().await?;
    stream.send(&order(b'R', length)).await?;
    Ok(stream)
}

/// Sends a request and reads the response to it; `buffer` is as long as one, or as a part of one.
pub(crate) async fn request(
    stream: &mut impl Stream,
    length: u64,
    buffer: &mut [u8],
) -> io::Result<()> {
    give(stream, length, buffer).await?;
    take(stream, length, buffer).await
}

/// A stream that echoes.
pub(crate) async fn open_echo<C: Conn>(conn: &C) -> io::Result<impl Stream> {
    let mut stream = conn.open().await?;
    stream.send(b"E").await?;
    ping(&mut stream).await?;
    Ok(stream)
}

/// Sends a few bytes and reads them back.
pub(crate) async fn ping(stream: &mut impl Stream) -> io::Result<()> {
    stream.send(&[7; PING]).await?;
    stream.flush().await?;
    receive_all(stream, &mut [0; PING]).await
}

async fn answer(stream: &mut impl Stream, byte: &[u8]) -> io::Result<()> {
    stream.send(byte).await?;
    stream.flush().await?;
    stream.finish().await
}

async fn echo(stream: &mut impl Stream) -> io::Result<()> {
    let mut buffer = [0; PING];
    loop {
        let length = stream.receive(&mut buffer).await?;
        if length == 0 {
            return stream.finish().await;
        }
        stream.send(&buffer[..length]).await?;
        stream.flush().await?;
    }
}

async fn take_all(stream: &mut impl Stream) -> io::Result<()> {
    let length = length(stream).await?;
    take(stream, length, &mut vec![0; chunk()]).await?;
    answer(stream, b"u").await
}

async fn give_all(stream: &mut impl Stream) -> io::Result<()> {
    let length = length(stream).await?;
    give(stream, length, &vec![0x5a; chunk()]).await?;
    stream.finish().await?;
    // Some stacks drop what is queued when a stream is dropped before the other side has closed.
    let _ = stream.receive(&mut [0; 1]).await;
    Ok(())
}

async fn respond(stream: &mut impl Stream) -> io::Result<()> {
    let length = length(stream).await?;
    let mut buffer = vec![0; part(length, chunk())];
    loop {
        let begun = stream.receive(&mut buffer).await?;
        if begun == 0 {
            return stream.finish().await;
        }
        take(stream, length - begun as u64, &mut buffer).await?;
        give(stream, length, &buffer).await?;
    }
}

async fn take(stream: &mut impl Stream, mut left: u64, buffer: &mut [u8]) -> io::Result<()> {
    while 0 < left {
        let want = part(left, buffer.len());
        let length = stream.receive(&mut buffer[..want]).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= length as u64;
    }
    Ok(())
}

async fn give(stream: &mut impl Stream, mut left: u64, buffer: &[u8]) -> io::Result<()> {
    while 0 < left {
        let length = part(left, buffer.len());
        stream.send(&buffer[..length]).await?;
        left -= length as u64;
    }
    stream.flush().await
}

async fn receive_all(stream: &mut impl Stream, buffer: &mut [u8]) -> io::Result<()> {
    take(stream, buffer.len() as u64, buffer).await
}

async fn length(stream: &mut impl Stream) -> io::Result<u64> {
    let mut bytes = [0; 8];
    receive_all(stream, &mut bytes).await?;
    Ok(u64::from_be_bytes(bytes))
}

/// As much of what is left as there is room for.
pub(crate) fn part(left: u64, room: usize) -> usize {
    usize::try_from(left).map_or(room, |left| left.min(room))
}

fn order(job: u8, length: u64) -> [u8; 9] {
    let mut order = [job; 9];
    order[1..].copy_from_slice(&length.to_be_bytes());
    order
}

/// How long a ping is, and so what echoes it has to hold.
const PING: usize = 32;
