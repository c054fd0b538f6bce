//! Peerloom under the bench harness: tcp with noise, tls or secio, yamux or mplex.

use std::io;

use bench_harness::{Conn, Node, Stream, serve, setting};
use peerloom::host::StreamLimits;
use peerloom::swarm::Limits;
use peerloom::{Builder, Connection, Host, Multiaddr, mplex, noise, secio, tls, yamux};

#[derive(Clone)]
struct Bench {
    host: Host,
    connection: Connection,
}

impl Conn for Bench {
    async fn open(&self) -> io::Result<impl Stream> {
        let opened = self.host.new_stream_lazily(&self.connection, PROTOCOL).await;
        opened.map_err(io::Error::other)
    }

    async fn close(self) {
        self.connection.close().await;
    }
}

struct Peer(Host);

impl Node for Peer {
    type Conn = Bench;

    async fn listen(variant: &str) -> io::Result<(Self, String)> {
        let builder = builder(variant)?.listen("/ip4/127.0.0.1/tcp/0").map_err(io::Error::other)?;
        let host = builder.start().await.map_err(io::Error::other)?;
        host.set_stream_handler(PROTOCOL, serve);
        let address = host.addresses().first().ok_or(io::ErrorKind::AddrNotAvailable)?.to_string();
        Ok((Peer(host), address))
    }

    async fn dialer(variant: &str) -> io::Result<Self> {
        Ok(Peer(builder(variant)?.start().await.map_err(io::Error::other)?))
    }

    async fn dial(&self, address: &str) -> io::Result<Bench> {
        let address: Multiaddr = address.parse().map_err(io::Error::other)?;
        let connection = self.0.dial(address).await.map_err(io::Error::other)?;
        Ok(Bench { host: self.0.clone(), connection })
    }
}

/// As the other stacks are measured: without identify, and with room for the scenario.
fn builder(variant: &str) -> io::Result<Builder> {
    let room = 100_000;
    let limits = Limits { connections: room, connections_per_peer: room, ..Limits::default() };
    let streams = StreamLimits {
        inbound: room,
        inbound_per_connection: room,
        negotiating_per_connection: room,
    };
    let mut muxer = yamux::Config::default();
    muxer.max_streams = setting("PB_MAX_STREAMS", muxer.max_streams);
    muxer.max_window = setting("PB_MAX_WINDOW", muxer.max_window);
    let builder = Host::builder().silent().limits(limits).stream_limits(streams);
    Ok(match variant {
        "noise" => builder.security(noise::Config::new).muxer(muxer),
        "tls" => builder.security(tls::Config::new).muxer(muxer),
        "secio" => builder.security(secio::Config::new).muxer(muxer),
        "mplex" => builder.security(noise::Config::new).muxer(mplex::Config::default()),
        "secio-mplex" => builder.security(secio::Config::new).muxer(mplex::Config::default()),
        other => return Err(io::Error::other(format!("unknown variant {other}"))),
    })
}

fn main() {
    bench_harness::run::<Peer>()
}

const PROTOCOL: &str = "/bench/1";
