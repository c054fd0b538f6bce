//! What is done on a stream; its first byte says what.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::settings::chunk;
use crate::stack::{Conn, Stream};

/// The listener's side of a stream: `O` answers a byte, `E` echoes to the end, `U` and a length
/// takes that much and answers a byte, `D` and a length sends that much.
pub async fn serve(mut stream: impl Stream) -> io::Result<()> {
    match stream.read_u8().await? {
        b'O' => answer(&mut stream, b"o").await,
        b'E' => echo(&mut stream).await,
        b'U' => {
            let length = stream.read_u64().await?;
            take(&mut stream, length).await?;
            answer(&mut stream, b"u").await
        }
        b'D' => {
            let length = stream.read_u64().await?;
            give(&mut stream, length).await?;
            stream.shutdown().await?;
            // Some stacks drop what is queued when a stream is dropped before the other side has closed.
            let _ = stream.read(&mut [0; 1]).await;
            Ok(())
        }
        other => Err(io::Error::other(format!("unknown job {other}"))),
    }
}

pub(crate) async fn upload<C: Conn>(conn: &C, bytes: u64) -> io::Result<()> {
    let mut stream = conn.open().await?;
    stream.write_all(&order(b'U', bytes)).await?;
    give(&mut stream, bytes).await?;
    stream.read_u8().await?;
    let _ = stream.shutdown().await;
    Ok(())
}

pub(crate) async fn download<C: Conn>(conn: &C, bytes: u64) -> io::Result<()> {
    let mut stream = conn.open().await?;
    stream.write_all(&order(b'D', bytes)).await?;
    stream.flush().await?;
    take(&mut stream, bytes).await?;
    let _ = stream.shutdown().await;
    Ok(())
}

pub(crate) async fn one_byte<C: Conn>(conn: &C) -> io::Result<()> {
    let mut stream = conn.open().await?;
    stream.write_all(b"O").await?;
    stream.flush().await?;
    stream.read_u8().await?;
    let _ = stream.shutdown().await;
    Ok(())
}

/// Sends 32 bytes and reads them back.
pub(crate) async fn ping(stream: &mut impl Stream) -> io::Result<()> {
    stream.write_all(&[7; 32]).await?;
    stream.flush().await?;
    stream.read_exact(&mut [0; 32]).await?;
    Ok(())
}

async fn answer(stream: &mut impl Stream, byte: &[u8]) -> io::Result<()> {
    stream.write_all(byte).await?;
    stream.flush().await?;
    stream.shutdown().await
}

async fn echo(stream: &mut impl Stream) -> io::Result<()> {
    let mut buffer = vec![0; 256];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return stream.shutdown().await;
        }
        stream.write_all(&buffer[..length]).await?;
        stream.flush().await?;
    }
}

async fn take(stream: &mut impl Stream, mut left: u64) -> io::Result<()> {
    let mut buffer = vec![0; chunk()];
    while 0 < left {
        let want = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let length = stream.read(&mut buffer[..want]).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= length as u64;
    }
    Ok(())
}

async fn give(stream: &mut impl Stream, mut left: u64) -> io::Result<()> {
    let buffer = vec![0x5a; chunk()];
    while 0 < left {
        let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        stream.write_all(&buffer[..length]).await?;
        left -= length as u64;
    }
    stream.flush().await
}

fn order(job: u8, length: u64) -> [u8; 9] {
    let mut order = [job; 9];
    order[1..].copy_from_slice(&length.to_be_bytes());
    order
}
