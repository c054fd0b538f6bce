//! How fast one stream is over two TCP sockets on loopback, without encryption.
//!
//! `cargo run --release --example throughput -p peerloom-yamux [GiB]`

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use peerloom_core::{ByteStream, MuxerUpgrade, ReadHalf, Role, StreamMuxer};
use peerloom_yamux::Config;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let gibibytes = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(4);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let near = TcpStream::connect(listener.local_addr()?).await?;
    let (far, _) = listener.accept().await?;
    let dialer = Config::default().multiplex(link(near)?, Role::Dialer);
    let listener = Config::default().multiplex(link(far)?, Role::Listener);
    tokio::spawn(dialer.driver);
    tokio::spawn(listener.driver);

    for size in [64 * 1024, 16 * 1024, 1024] {
        let total = (gibibytes << 30) * size / (64 * 1024);
        let mut near = dialer.muxer.open().await?;
        let sending = tokio::spawn(async move {
            let chunk = vec![7; size];
            for _ in 0..total / size {
                near.write_all(&chunk).await?;
            }
            near.shutdown().await
        });
        let start = Instant::now();
        let mut far = listener.muxer.accept().await?;
        let receiving = tokio::spawn(async move {
            let (mut received, mut buffer) = (0, vec![0; 64 * 1024]);
            while received < total {
                received += far.read(&mut buffer).await?;
            }
            io::Result::Ok(far)
        });
        let _open = receiving.await??;
        let seconds = start.elapsed().as_secs_f64();
        sending.await??;
        println!("writes of {size:6} bytes: {:7.0} MB/s", total as f64 / 1e6 / seconds);
    }
    println!("round trip: {:?}", listener.muxer.status().round_trip);
    Ok(())
}

fn link(stream: TcpStream) -> io::Result<ByteStream> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    Ok(ByteStream::new(Reader { inner: reader, buffer: BytesMut::new() }, writer))
}

/// Reads in large pieces, as the securities do.
struct Reader {
    inner: OwnedReadHalf,
    buffer: BytesMut,
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl ReadHalf for Reader {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let room = self.buffer.capacity() - self.buffer.len();
        if room < LARGE / 2 && !self.buffer.try_reclaim(LARGE) {
            self.buffer = BytesMut::with_capacity(LARGE);
        }
        ready!(pin!(self.inner.read_buf(&mut self.buffer)).poll(cx))?;
        Poll::Ready(Ok(self.buffer.split().freeze()))
    }
}

/// How much is read at once.
const LARGE: usize = 128 * 1024;
