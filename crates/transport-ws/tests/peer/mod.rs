//! A remote that says what it is told to, byte by byte.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io;

use peerloom_core::{ByteStream, Role};
use peerloom_transport_ws::{Error, accept, connect};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Our end of a WebSocket, and the remote's bytes after a good upgrade.
pub(crate) async fn websocket(role: Role, capacity: usize) -> (ByteStream, DuplexStream) {
    let (near, mut far) = tokio::io::duplex(capacity);
    let near = ByteStream::from_io(near);
    let ours = async {
        match role {
            Role::Dialer => connect(near, "localhost", "/").await,
            Role::Listener => accept(near, None).await,
        }
    };
    let theirs = async {
        match role {
            Role::Dialer => {
                let request = head(&mut far).await;
                let (_, rest) = request.split_once("Sec-WebSocket-Key: ").unwrap();
                let (key, _) = rest.split_once("\r\n").unwrap();
                far.write_all(response(key).as_bytes()).await.unwrap();
            }
            Role::Listener => {
                far.write_all(REQUEST.as_bytes()).await.unwrap();
                assert!(head(&mut far).await.starts_with("HTTP/1.1 101 "));
            }
        }
    };
    let (ours, ()) = tokio::join!(ours, theirs);
    (ours.unwrap(), far)
}

/// The head of an HTTP message, and nothing behind it.
pub(crate) async fn head(stream: &mut DuplexStream) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap().into());
    }
    head
}

/// The response to the request with this key, by another implementation.
pub(crate) fn response(key: &str) -> String {
    format!(
        "HTTP/1.1 101 Yes\r\nupgrade: WebSocket\r\nconnection: upgrade\r\nsec-websocket-accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    )
}

/// A frame that the remote of `role` sends: its first byte, and its payload.
pub(crate) fn frame(role: Role, first: u8, payload: &[u8]) -> Vec<u8> {
    let masked = if role.is_dialer() { 0 } else { 0x80 };
    let mut frame = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => frame.push(masked | length),
        (_, length) => {
            frame.push(masked | 126);
            frame.extend(length.unwrap().to_be_bytes());
        }
    }
    if role.is_dialer() {
        frame.extend_from_slice(payload);
    } else {
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    }
    frame
}

/// The next frame that we sent: its first byte, and its payload.
pub(crate) async fn heard<R: AsyncRead + Unpin>(stream: &mut R) -> io::Result<(u8, Vec<u8>)> {
    let (first, second) = (stream.read_u8().await?, stream.read_u8().await?);
    let length = match second & 0x7f {
        126 => stream.read_u16().await?.into(),
        length => length.into(),
    };
    let mut mask = [0; 4];
    if second & 0x80 != 0 {
        stream.read_exact(&mut mask).await?;
    }
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Ok((first, payload))
}

/// Our own error in one of a stream.
pub(crate) fn own(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

pub(crate) const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
pub(crate) const LAST: u8 = 0x80;
