//! What the machine gives without a peer-to-peer stack, under the bench harness. Variants: `tcp`; `tls-aws` (rustls, TLS 1.3); records
//! under fixed keys, without a handshake: `frame-ring` (ChaCha20-Poly1305), `frame-secio` (AES-128-CTR and HMAC-SHA256). Here a stream is a whole connection.

mod ciphers;
mod frames;
mod tls;

use std::io;
use std::sync::{Arc, Mutex};

use bench_harness::{Conn, Node, Stream, serve};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::ciphers::{ChaCha, Secio};
use crate::frames::Frames;

#[derive(Clone)]
enum Floor {
    Tcp,
    Tls(TlsConnector, TlsAcceptor),
    ChaCha,
    Secio,
}

enum Line {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    ChaCha(Box<Frames<ChaCha>>),
    Secio(Box<Frames<Secio>>),
}

impl Floor {
    fn new(variant: &str) -> io::Result<Self> {
        Ok(match variant {
            "tcp" => Floor::Tcp,
            "tls-aws" => Floor::Tls(tls::connector()?, tls::acceptor()?),
            "frame-ring" => Floor::ChaCha,
            "frame-secio" => Floor::Secio,
            other => return Err(io::Error::other(format!("unknown variant {other}"))),
        })
    }

    async fn connect(&self, address: &str) -> io::Result<Line> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        Ok(match self {
            Floor::Tcp => Line::Tcp(tcp),
            Floor::Tls(connector, _) => {
                Line::Tls(Box::new(connector.connect(tls::name(), tcp).await?.into()))
            }
            Floor::ChaCha => Line::ChaCha(Box::new(Frames::new(tcp, ChaCha::new()))),
            Floor::Secio => Line::Secio(Box::new(Frames::new(tcp, Secio::new()))),
        })
    }

    async fn accepted(&self, tcp: TcpStream) -> io::Result<Line> {
        tcp.set_nodelay(true)?;
        Ok(match self {
            Floor::Tcp => Line::Tcp(tcp),
            Floor::Tls(_, acceptor) => Line::Tls(Box::new(acceptor.accept(tcp).await?.into())),
            Floor::ChaCha => Line::ChaCha(Box::new(Frames::new(tcp, ChaCha::new()))),
            Floor::Secio => Line::Secio(Box::new(Frames::new(tcp, Secio::new()))),
        })
    }
}

impl Stream for Line {
    async fn send(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Line::Tcp(line) => line.send(data).await,
            Line::Tls(line) => line.send(data).await,
            Line::ChaCha(line) => line.send(data).await,
            Line::Secio(line) => line.send(data).await,
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        match self {
            Line::Tcp(line) => line.flush().await,
            Line::Tls(line) => line.flush().await,
            Line::ChaCha(line) => line.flush().await,
            Line::Secio(line) => line.flush().await,
        }
    }

    async fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Line::Tcp(line) => line.receive(buffer).await,
            Line::Tls(line) => line.receive(buffer).await,
            Line::ChaCha(line) => line.receive(buffer).await,
            Line::Secio(line) => line.receive(buffer).await,
        }
    }

    async fn finish(&mut self) -> io::Result<()> {
        match self {
            Line::Tcp(line) => line.finish().await,
            Line::Tls(line) => line.finish().await,
            Line::ChaCha(line) => line.finish().await,
            Line::Secio(line) => line.finish().await,
        }
    }
}

struct Peer(Floor);

#[derive(Clone)]
struct Connected {
    floor: Floor,
    address: String,
    /// What was dialled; the first stream is it, and each further one a connection of its own.
    first: Arc<Mutex<Option<Line>>>,
}

impl Conn for Connected {
    async fn open(&self) -> io::Result<impl Stream> {
        let first = self.first.lock().expect("no holder panics").take();
        match first {
            Some(line) => Ok(line),
            None => self.floor.connect(&self.address).await,
        }
    }

    /// Waits for the listener to notice, so that a fast dialer does not overrun its backlog.
    async fn close(self) {
        let first = self.first.lock().expect("no holder panics").take();
        if let Some(mut line) = first {
            let _ = line.finish().await;
            let _ = line.receive(&mut [0]).await;
        }
    }
}

impl Node for Peer {
    type Conn = Connected;

    async fn listen(variant: &str) -> io::Result<(Self, String)> {
        let floor = Floor::new(variant)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let accepting = floor.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let floor = accepting.clone();
                tokio::spawn(async move { serve(floor.accepted(tcp).await?).await });
            }
        });
        Ok((Peer(floor), address))
    }

    async fn dialer(variant: &str) -> io::Result<Self> {
        Ok(Peer(Floor::new(variant)?))
    }

    async fn dial(&self, address: &str) -> io::Result<Connected> {
        let first = Arc::new(Mutex::new(Some(self.0.connect(address).await?)));
        Ok(Connected { floor: self.0.clone(), address: address.into(), first })
    }
}

fn main() {
    bench_harness::run::<Peer>()
}
