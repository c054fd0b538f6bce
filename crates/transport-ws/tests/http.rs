//! Opening: requests and responses of others, honest ones and others.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step fails the test")]

mod peer;

use std::error::Error as _;

use peer::{REQUEST, head, response};
use peerloom_core::{
    BoxTransport, ByteStream, Fault, Link, Listener as _, ListenerEvent, Raw, Transport as _,
    read_bytes,
};
use peerloom_multiaddr::Multiaddr;
use peerloom_transport_memory::Network;
use peerloom_transport_ws::{Config, Error, Step, Transport, accept, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What our server says to a client that says this and then ends, and how it answers.
async fn as_server(says: &[u8]) -> (Error, String) {
    let (near, mut far) = tokio::io::duplex(1 << 20);
    far.write_all(says).await.unwrap();
    far.shutdown().await.unwrap();
    let error = accept(ByteStream::from_io(near), Some("/here")).await.unwrap_err();
    let mut answer = String::new();
    far.read_to_string(&mut answer).await.unwrap();
    (error, answer)
}

/// What our client says to a server that says this.
async fn as_client(says: &[u8]) -> Error {
    let (near, mut far) = tokio::io::duplex(1 << 20);
    far.write_all(says).await.unwrap();
    let connecting = connect(ByteStream::from_io(near), "a.example", "/");
    let (result, ()) = tokio::join!(connecting, async {
        head(&mut far).await;
        far.shutdown().await.unwrap();
    });
    result.unwrap_err()
}

#[tokio::test]
async fn a_client_that_wants_something_else_is_told_so() {
    let (error, answer) = as_server(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(matches!(error, Error::Request(426, _)));
    assert!(
        answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n") && answer.ends_with("\r\n\r\n")
    );
    assert_eq!(error.fault(), Fault::Peer);

    let (error, answer) = as_server(REQUEST.as_bytes()).await;
    assert!(matches!(error, Error::Request(404, _)), "it is another path");
    assert!(answer.starts_with("HTTP/1.1 404 "));

    let (error, answer) = as_server(b"\x16\x03\x01\x02\x00\x01").await;
    assert!(matches!(error, Error::NotHttp(it) if it.contains("speaks TLS")));
    assert!(answer.starts_with("HTTP/1.1 400 "));
    let (error, answer) = as_server(b"\x13/multistream/1.0.0\n").await;
    assert!(matches!(error, Error::NotHttp(it) if it.contains("speaks multistream-select")));
    assert!(answer.starts_with("HTTP/1.1 400 "));
    let (error, _) = as_server(b"\x00\x00\x00").await;
    assert!(matches!(error, Error::NotHttp(it) if it.contains("something else")));

    let (error, _) = as_server(b"GET / HTTP/1.1\r\nHost").await;
    assert!(matches!(error, Error::Connection(Step::Http, _)));
    assert_eq!(error.fault(), Fault::Network);
}

#[tokio::test]
async fn a_head_without_end_is_heard_out_for_16_kib() {
    let endless = format!("GET /{} HTTP/1.1\r\n", "a".repeat(1 << 20));
    let (near, mut far) = tokio::io::duplex(1024);
    let (error, ()) = tokio::join!(accept(ByteStream::from_io(near), None), async {
        // It fails when nobody listens any more.
        let _ = far.write_all(endless.as_bytes()).await;
    });
    assert!(matches!(error.unwrap_err(), Error::HttpTooLong));

    let (error, answer) =
        as_server(format!("GET / HTTP/1.1\r\n{}", "a: b\r\n".repeat(4000)).as_bytes()).await;
    assert!(matches!(error, Error::HttpTooLong));
    assert!(answer.starts_with("HTTP/1.1 431 "));
    let endless = format!("HTTP/1.1 101 Yes\r\n{}", "a: b\r\n".repeat(4000));
    assert!(matches!(as_client(endless.as_bytes()).await, Error::HttpTooLong));
}

#[tokio::test]
async fn a_server_that_is_none_of_websockets_is_named_for_what_it_is() {
    let error = as_client(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(error, Error::Status(404)));
    assert_eq!(error.fault(), Fault::Peer);
    assert!(error.to_string().contains("404"), "{error}");
    let error = as_client(b"HTTP/1.1 301 Moved\r\nLocation: https://b.example/\r\n\r\n").await;
    assert!(matches!(error, Error::Status(301)), "it is not followed");
    for (other, word) in [
        (&b"\x13/multistream/1.0.0\n"[..], "speaks multistream-select"),
        (b"SSH-2.0-a\r\n", "something else"),
        (b"\x15\x03\x01\x00\x02\x02", "speaks TLS"),
    ] {
        let error = as_client(other).await;
        assert!(matches!(error, Error::NotHttp(it) if it.contains(word)), "{error}");
        assert_eq!(error.fault(), Fault::Peer);
    }
    let foreign = response("dGhlIHNhbXBsZSBub25jZQ==");
    assert!(matches!(as_client(foreign.as_bytes()).await, Error::Response(_)));
    let error = as_client(b"").await;
    assert!(matches!(error, Error::HungUp(Step::Http, _)));
    assert_eq!(error.fault(), Fault::Peer, "it heard the request, and did not want it");
    let error = as_client(b"HTTP/1.1 101 Swi").await;
    assert!(matches!(error, Error::Connection(Step::Http, _)));
    assert_eq!(error.fault(), Fault::Network);
}

#[tokio::test]
async fn a_name_that_would_be_more_than_a_name_is_not_sent() {
    for (authority, path) in
        [("a\r\nEvil: yes", "/"), ("a", "/ HTTP/1.1\r\n"), ("a b", "/"), ("ä", "/")]
    {
        let (near, mut far) = tokio::io::duplex(1024);
        let error = connect(ByteStream::from_io(near), authority, path).await.unwrap_err();
        assert!(matches!(error, Error::Unspeakable(_)));
        assert_eq!(error.fault(), Fault::Caller);
        assert_eq!(far.read(&mut [0]).await.unwrap(), 0, "nothing was said");
    }
}

#[tokio::test]
async fn what_comes_right_behind_the_handshake_is_read() {
    let (near, mut far) = tokio::io::duplex(1024);
    let data = peer::frame(peerloom_core::Role::Listener, 0x82, b"hurry");
    far.write_all(&[REQUEST.as_bytes(), &data].concat()).await.unwrap();
    let mut ours = accept(ByteStream::from_io(near), Some("/")).await.unwrap();
    assert_eq!(read_bytes(&mut ours).await.unwrap(), "hurry");
}

fn over(network: &Network) -> Transport {
    Transport::new(BoxTransport::new(network.transport()), Config::default())
}

fn address(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

async fn next(listener: &mut peerloom_core::BoxListener) -> Raw {
    match listener.next().await.unwrap() {
        ListenerEvent::Incoming(Link::Raw(raw)) => raw,
        event => panic!("{event:?}"),
    }
}

#[tokio::test]
async fn a_silent_client_holds_up_nobody() {
    let network = Network::default();
    let mut listener = over(&network).listen(&address("/memory/7/ws")).await.unwrap();
    let silent = network.transport().dial(&address("/memory/7")).await.unwrap();
    let mut held = next(&mut listener).await;
    let place = address("/memory/7/ws");
    let transport = over(&network);
    let dialing = transport.dial(&place);
    let serving = async {
        let mut raw = next(&mut listener).await;
        raw.stream.write_all(b"hello").await.unwrap();
        raw.stream.flush().await.unwrap();
        raw
    };
    let (dialed, _served) = tokio::join!(dialing, serving);
    let Link::Raw(mut dialed) = dialed.unwrap() else { panic!("a WebSocket is raw") };
    assert_eq!(read_bytes(&mut dialed.stream).await.unwrap(), "hello");
    drop(silent);
    let error = read_bytes(&mut held.stream).await.unwrap_err();
    assert!(matches!(peer::own(&error), Error::Connection(Step::Http, _)));
}

#[tokio::test]
async fn a_listener_serves_its_path_and_no_other() {
    let network = Network::default();
    let transport = over(&network);
    let place = address("/memory/7/ws/http-path/a%2Fb");
    let mut listener = transport.listen(&place).await.unwrap();
    assert_eq!(listener.addresses(), std::slice::from_ref(&place));
    for (asked, served) in [("/memory/7/ws", false), ("/memory/7/ws/http-path/a%2Fb", true)] {
        let asked = address(asked);
        let serving = async { next(&mut listener).await.stream.flush().await };
        let (dialed, serving) = tokio::join!(transport.dial(&asked), serving);
        assert_eq!(serving.is_ok(), served);
        match dialed {
            Ok(_) => assert!(served),
            Err(error) => assert!(matches!(error.downcast_ref(), Some(Error::Status(404)))),
        }
    }
}

#[tokio::test]
async fn the_error_below_is_in_the_error_above_with_its_fault() {
    let error = over(&Network::default()).dial(&address("/memory/7/ws")).await.unwrap_err();
    assert_eq!((error.layer(), error.fault()), ("ws", Fault::Network));
    let Some(Error::Below(at, below)) = error.downcast_ref() else { panic!("{error:?}") };
    assert_eq!(*at, address("/memory/7/ws"));
    assert_eq!(below.layer(), "memory");
    assert!(error.source().is_some_and(|source| source.source().is_some()));
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn an_address_with_tls_names_the_feature_that_is_missing() {
    let transport = over(&Network::default());
    for text in ["/memory/7/wss", "/memory/7/tls/sni/a.example/ws"] {
        assert!(!transport.supports(&address(text)));
        let error = transport.dial(&address(text)).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::NoTls(_))));
        assert!(error.source().unwrap().to_string().contains("feature `tls`"));
    }
}
