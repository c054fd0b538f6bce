//! A remote that agrees to a WebSocket, and then says given bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use data_encoding::BASE64;
use peerloom_core::Role;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose remote has this role. It reads everything, and half-closes when it has said all.
pub struct Upgraded {
    says: Vec<u8>,
    said: usize,
    cut: usize,
    /// The request that a server waits for.
    request: Option<Vec<u8>>,
}

impl Upgraded {
    /// Of what is said behind the upgrade, `cut` bytes come with one read.
    pub fn new(role: Role, says: Vec<u8>, cut: usize) -> Self {
        match role {
            Role::Dialer => {
                let says = [REQUEST.as_bytes(), &says].concat();
                Upgraded { says, said: 0, cut, request: None }
            }
            Role::Listener => Upgraded { says, said: 0, cut, request: Some(Vec::new()) },
        }
    }

    /// Answers a request that has been heard out.
    fn hear(&mut self, bytes: &[u8]) {
        let Some(request) = &mut self.request else { return };
        request.extend_from_slice(bytes);
        if !request.ends_with(b"\r\n\r\n") {
            return;
        }
        let text = String::from_utf8_lossy(request);
        let (_, rest) = text.split_once("Sec-WebSocket-Key: ").expect("it has a key");
        let (key, _) = rest.split_once("\r\n").expect("which ends");
        let digest = Sha1::new()
            .chain_update(key)
            .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
            .finalize();
        let response =
            format!("{RESPONSE}Sec-WebSocket-Accept: {}\r\n\r\n", BASE64.encode(&digest));
        self.says.splice(..0, response.into_bytes());
        self.request = None;
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.says[self.said..];
        let length = self.cut.min(rest.len()).min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.said += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.hear(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const RESPONSE: &str =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
