//! Nodes that do not behave as the program's own.

use std::any::Any;
use std::future::pending;
use std::net::TcpListener;
use std::sync::Arc;

use peerloom::core::{BoxSecurityUpgrade, BoxSubstream, BoxTransport};
use peerloom::identify::{self, Info};
use peerloom::swarm::{Config, Event, Handler, Layers, Swarm};
use peerloom::{Host, Keypair, Stream, echo, noise, perf, tcp, yamux};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

/// A node within the test, gone when it is dropped.
pub(crate) struct Remote {
    pub(crate) address: String,
    _runtime: Runtime,
    _node: Box<dyn Any>,
}

impl Remote {
    /// Agrees on echo, perf and a protocol of an odd name, and never says a word there. What it
    /// tells of itself would clear the screen.
    pub(crate) fn sly() -> Self {
        let runtime = Runtime::new().unwrap();
        let host = runtime.block_on(async {
            let host = Host::builder()
                .agent_version(AGENT)
                .listen("/ip4/127.0.0.1/tcp/0")
                .unwrap()
                .start()
                .await
                .unwrap();
            for protocol in [echo::PROTOCOL, perf::PROTOCOL, PROTOCOL] {
                host.set_stream_handler(protocol, |stream: Stream| async move {
                    let _open = stream;
                    pending::<std::io::Result<()>>().await
                });
            }
            host
        });
        let address = host.addresses().pop().unwrap().to_string();
        Remote { address, _runtime: runtime, _node: Box::new(host) }
    }

    /// Answers identify and nothing else, `ls` neither.
    pub(crate) fn taciturn() -> Self {
        let runtime = Runtime::new().unwrap();
        let keypair = Keypair::generate_ed25519().unwrap();
        let peer = keypair.peer_id();
        let layers = Layers {
            transports: vec![BoxTransport::new(tcp::Transport::default())],
            securities: vec![BoxSecurityUpgrade::new(noise::Config::new(&keypair))],
            muxers: vec![Box::new(yamux::Config::default())],
        };
        let swarm = Swarm::new(peer, layers, Config::default(), Arc::new(Taciturn));
        let mut listening =
            runtime.block_on(swarm.listen(&"/ip4/127.0.0.1/tcp/0".parse().unwrap())).unwrap();
        let address = format!("{}/p2p/{peer}", listening.addresses.pop().unwrap());
        Remote { address, _runtime: runtime, _node: Box::new(swarm) }
    }
}

/// The address of somebody who hangs up on everyone.
pub(crate) fn hangs_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    format!("/ip4/127.0.0.1/tcp/{port}")
}

struct Taciturn;

impl Handler for Taciturn {
    fn handle(&self, event: Event) {
        if let Event::Stream { connection, stream } = event {
            tokio::spawn(async move {
                // To drop the stream would be an answer.
                let _stream = identify_or_not(stream).await;
                connection.closed().await;
            });
        }
    }
}

async fn identify_or_not(mut stream: BoxSubstream) -> BoxSubstream {
    let mut asked = Vec::new();
    while !asked.ends_with(b"ls\n") && !asked.ends_with(IDENTIFY) {
        asked.push(stream.read_u8().await.unwrap());
    }
    if asked.ends_with(IDENTIFY) {
        stream.write_all(&asked).await.unwrap();
        let info = Info { protocols: vec!["/told/1".to_owned()], ..Info::default() };
        identify::send(&mut stream, &info).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    stream
}

/// Clears the screen, in two ways, and begins another line.
pub(crate) const AGENT: &str = "sly\u{1b}[2J\u{9b}2J\nspeaks     /forged/1";

/// The same as a protocol.
pub(crate) const PROTOCOL: &str = "/sly\u{1b}[2J\u{9b}2J";

const IDENTIFY: &[u8] = b"/ipfs/id/1.0.0\n";
