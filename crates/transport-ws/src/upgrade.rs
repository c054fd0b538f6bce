//! From a byte stream to a WebSocket: one HTTP request, one response.

use bytes::BytesMut;
use peerloom_core::{ByteStream, Role};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::error::Error;
use crate::guise::guise;
use crate::http::{self, Key};
use crate::websocket::websocket;

/// Asks the server at the other end of a stream for a WebSocket at a path, which begins with a slash.
///
/// `authority` is the server's name, with its port unless that is the usual one.
///
/// # Errors
/// When the server does not agree, or the stream fails.
pub async fn connect(
    mut stream: ByteStream,
    authority: &str,
    path: &str,
) -> Result<ByteStream, Error> {
    for part in [authority, path] {
        if !part.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::Unspeakable(part.to_owned()));
        }
    }
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Error::Random(error.into()))?;
    let key = Key::new(random);
    send(&mut stream, &http::request(authority, path, &key)).await?;
    let (head, rest) = receive(&mut stream, Role::Dialer).await?;
    http::read_response(&head, &key)?;
    Ok(websocket(stream, Role::Dialer, rest))
}

/// Waits until the client at the other end of a stream asks for a WebSocket, and agrees; when
/// `path` is given, only if it is asked for at that path.
///
/// # Errors
/// When the client wants something else, or the stream fails. The client has been told so.
pub async fn accept(mut stream: ByteStream, path: Option<&str>) -> Result<ByteStream, Error> {
    let (request, rest) = match receive_request(&mut stream, path).await {
        Err(error) => {
            let status = match &error {
                Error::Request(status, _) => *status,
                Error::HttpTooLong => 431,
                Error::NotHttp(_) => 400,
                _ => return Err(error),
            };
            // Whether the client hears it changes nothing.
            let _ = send(&mut stream, &http::refusal(status)).await;
            let _ = stream.shutdown().await;
            return Err(error);
        }
        Ok(request) => request,
    };
    send(&mut stream, &http::response(&request.key)).await?;
    Ok(websocket(stream, Role::Listener, rest))
}

async fn receive_request(
    stream: &mut ByteStream,
    path: Option<&str>,
) -> Result<(http::Request, BytesMut), Error> {
    let (head, rest) = receive(stream, Role::Listener).await?;
    let request = http::read_request(&head)?;
    if path.is_some_and(|path| path != request.path) {
        return Err(Error::Request(404, "it is for another path"));
    }
    Ok((request, rest))
}

async fn send(stream: &mut ByteStream, text: &str) -> Result<(), Error> {
    stream.write_all(text.as_bytes()).await.map_err(Error::http)?;
    stream.flush().await.map_err(Error::http)
}

/// Receives the head of the message that this role waits for, and what came behind it.
async fn receive(stream: &mut ByteStream, role: Role) -> Result<(BytesMut, BytesMut), Error> {
    let mut head = BytesMut::new();
    loop {
        let seen = head.len().saturating_sub(END.len() - 1);
        head.reserve(CHUNK);
        let read = match stream.read_buf(&mut head).await {
            Ok(0) => Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => read,
        };
        if let Err(error) = read {
            let error = Error::http(error);
            return Err(if role.is_dialer() { error.hung_up(&head) } else { error });
        }
        check_begin(&head, role)?;
        let (_, new) = head.split_at(seen);
        if let Some(end) = new.windows(END.len()).position(|bytes| bytes == END) {
            let rest = head.split_off(seen + end + END.len());
            return Ok((head, rest));
        }
        if MAX_HEAD < head.len() {
            return Err(Error::HttpTooLong);
        }
    }
}

/// Who begins with something else need not be heard out; nor need who sends what stands in no line.
fn check_begin(head: &[u8], role: Role) -> Result<(), Error> {
    let is_http = match role {
        Role::Dialer => head.iter().zip(b"HTTP/1.").all(|(byte, expected)| byte == expected),
        Role::Listener => head.first().is_none_or(u8::is_ascii_uppercase),
    };
    if is_http { Ok(()) } else { Err(Error::NotHttp(guise(head))) }
}

/// What ends the head of a message.
const END: &[u8] = b"\r\n\r\n";

/// The longest head that is heard out. Node takes as much; with all that browsers and proxies add it is a tenth.
const MAX_HEAD: usize = 16 * 1024;

/// Room for what most clients and servers send.
const CHUNK: usize = 512;
