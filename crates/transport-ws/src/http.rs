//! The HTTP request that asks for a WebSocket, and the response that agrees to it. No I/O.

use data_encoding::BASE64;
use httparse::{Header, Status};
use sha1::{Digest as _, Sha1};

use crate::error::Error;

/// What makes one response the answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) key: Key,
    /// The path with its slash, without a query.
    pub(crate) path: String,
}

impl Key {
    pub(crate) fn new(random: [u8; 16]) -> Self {
        Key(BASE64.encode(&random))
    }

    /// What a server answers to show that it has understood.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2>
    fn answer(&self) -> String {
        let digest = Sha1::new().chain_update(&self.0).chain_update(UNDERSTOOD).finalize();
        BASE64.encode(&digest)
    }
}

/// The request for a WebSocket at a path of a host, both in letters that may stand in a request.
pub(crate) fn request(authority: &str, path: &str, Key(key): &Key) -> String {
    format!(
        "GET {path} HTTP/1.1\r\n\
         Host: {authority}\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\n\
         Sec-WebSocket-Version: 13\r\n\r\n"
    )
}

/// The response that agrees to a WebSocket.
pub(crate) fn response(key: &Key) -> String {
    let answer = key.answer();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Accept: {answer}\r\n\r\n"
    )
}

/// The response that does not.
pub(crate) fn refusal(status: u16) -> String {
    format!(
        "HTTP/1.1 {status} {}\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Upgrade: websocket\r\n\
         Connection: close\r\n\
         Content-Length: 0\r\n\r\n",
        match status {
            404 => "Not Found",
            405 => "Method Not Allowed",
            426 => "Upgrade Required",
            431 => "Request Header Fields Too Large",
            _ => "Bad Request",
        }
    )
}

/// Reads the head of a request, which is all that there is of it.
///
/// # Errors
/// [`Error::Request`], with the status to answer.
pub(crate) fn read_request(head: &[u8]) -> Result<Request, Error> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Error::Request(431, "it has too many header fields"));
        }
        Ok(Status::Partial) | Err(_) => return Err(Error::Request(400, "it is not HTTP/1.1")),
    }
    if !is_in_lines(head) {
        return Err(Error::Request(400, "its lines end otherwise than in HTTP"));
    }
    if request.method != Some("GET") {
        return Err(Error::Request(405, "its method is not GET"));
    }
    if request.version != Some(1) {
        return Err(Error::Request(400, "it is not HTTP/1.1"));
    }
    let fields = &*request.headers;
    if !lists(fields, "Upgrade", "websocket") || !lists(fields, "Connection", "upgrade") {
        return Err(Error::Request(426, "it asks for no WebSocket"));
    }
    if only(fields, "Host").is_none() {
        return Err(Error::Request(400, "it is not for one host"));
    }
    if has_body(fields) {
        return Err(Error::Request(400, "it has a body"));
    }
    if only(fields, "Sec-WebSocket-Version") != Some(b"13") {
        return Err(Error::Request(426, "it asks for another version of WebSocket"));
    }
    let key = only(fields, "Sec-WebSocket-Key").and_then(|key| {
        let is_key = BASE64.decode(key).is_ok_and(|random| random.len() == 16);
        is_key.then(|| String::from_utf8_lossy(key).into_owned())
    });
    let key = key.map(Key).ok_or(Error::Request(400, "it has no WebSocket key"))?;
    let path = request.path.unwrap_or_default();
    let path = path.split_once('?').map_or(path, |(path, _query)| path).to_owned();
    Ok(Request { key, path })
}

/// Reads the head of the response to the request with this key.
pub(crate) fn read_response(head: &[u8], key: &Key) -> Result<(), Error> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    match response.parse(head) {
        Ok(Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Error::HttpTooLong),
        Ok(Status::Partial) | Err(_) => return Err(Error::NotHttp("its response is malformed")),
    }
    if !is_in_lines(head) {
        return Err(Error::NotHttp("its lines end otherwise"));
    }
    let fields = &*response.headers;
    match response.code {
        Some(101) => {}
        Some(other) => return Err(Error::Status(other)),
        None => return Err(Error::NotHttp("its response has no status")),
    }
    if !lists(fields, "Upgrade", "websocket") || !lists(fields, "Connection", "upgrade") {
        return Err(Error::Response("it switches to another protocol"));
    }
    if only(fields, "Sec-WebSocket-Accept") != Some(key.answer().as_bytes()) {
        return Err(Error::Response("it answers another request"));
    }
    if named(fields, "Sec-WebSocket-Extensions").any(|value| !value.is_empty()) {
        return Err(Error::Response("it uses extensions that were not offered"));
    }
    if named(fields, "Sec-WebSocket-Protocol").next().is_some() {
        return Err(Error::Response("it uses a subprotocol that was not offered"));
    }
    Ok(())
}

/// Whether no line ends in a line feed alone, which some take for an end and others do not: then a head,
/// or a field, could be two to us and one to a proxy on the way.
fn is_in_lines(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n');
    lines.next_back().is_some_and(<[u8]>::is_empty) && lines.all(|line| line.ends_with(b"\r"))
}

/// Whether something follows the head that is neither ours nor a frame.
fn has_body(fields: &[Header<'_>]) -> bool {
    named(fields, "Transfer-Encoding").next().is_some()
        || named(fields, "Content-Length").any(|length| length != b"0")
}

fn named<'a>(fields: &'a [Header<'a>], name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    let fields = fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
    fields.map(|field| field.value.trim_ascii())
}

/// The value of a field that stands there once.
fn only<'a>(fields: &'a [Header<'a>], name: &'static str) -> Option<&'a [u8]> {
    let mut values = named(fields, name);
    values.next().filter(|_| values.next().is_none())
}

/// Whether a token is in the lists of all fields with a name.
fn lists(fields: &[Header<'_>], name: &'static str, token: &str) -> bool {
    named(fields, name)
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

/// How many header fields a message may have; browsers behind proxies send some twenty.
pub(crate) const MAX_FIELDS: usize = 64;

/// <https://www.rfc-editor.org/rfc/rfc6455#section-1.3>
const UNDERSTOOD: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-1.3>
    fn key() -> Key {
        Key("dGhlIHNhbXBsZSBub25jZQ==".to_owned())
    }

    /// The request of the RFC's section 1.2, with what browsers and proxies add.
    const REQUEST: &str = "GET /chat?token=1 HTTP/1.1\r\nHost: server.example.com\r\n\
        upgrade: h2c, WebSocket\r\nConnection: keep-alive, Upgrade\r\n\
        Sec-WebSocket-Key:  dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";

    fn refused(request: &str) -> u16 {
        match read_request(request.as_bytes()) {
            Err(Error::Request(status, _)) => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_answer_to_the_key_of_the_rfc_is_the_one_of_the_rfc() {
        assert_eq!(key().answer(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_request_is_read_with_what_browsers_add() {
        let request = read_request(REQUEST.as_bytes()).unwrap();
        assert_eq!(request, Request { key: key(), path: "/chat".to_owned() });
    }

    #[test]
    fn our_own_messages_are_read() {
        let text = request("a.example:4001", "/a/b", &key());
        let request = read_request(text.as_bytes()).unwrap();
        assert_eq!(request, Request { key: key(), path: "/a/b".to_owned() });
        read_response(response(&key()).as_bytes(), &key()).unwrap();
        let refused = read_response(refusal(426).as_bytes(), &key());
        assert!(matches!(refused, Err(Error::Status(426))));
    }

    #[test]
    fn a_request_for_something_else_is_refused_with_the_status_that_says_why() {
        assert_eq!(refused(&REQUEST.replace("GET", "POST")), 405);
        assert_eq!(refused(&REQUEST.replace("HTTP/1.1", "HTTP/1.0")), 400);
        assert_eq!(refused(&REQUEST.replace("WebSocket\r\n", "h3\r\n")), 426);
        assert_eq!(refused(&REQUEST.replace(", Upgrade", "")), 426);
        assert_eq!(refused(&REQUEST.replace("13\r\n", "8\r\n")), 426);
        assert_eq!(refused(&REQUEST.replace("dGhl", "")), 400);
        assert_eq!(refused(&REQUEST.replace("Sec-WebSocket-Key", "Key")), 400);
        assert_eq!(refused("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
        assert_eq!(refused(&REQUEST.replace("Host: ", "Guest: ")), 400);
        assert_eq!(refused(&REQUEST.replace("Host: ", "Host: a\r\nHost: ")), 400);
        let many = format!("Host: a\r\n{}", "a: b\r\n".repeat(MAX_FIELDS));
        assert_eq!(refused(&REQUEST.replace("Host: server.example.com\r\n", &many)), 431);
    }

    #[test]
    fn what_a_proxy_could_read_in_another_way_is_refused() {
        let ends = REQUEST.replace("\r\n\r\n", "\n\nGET /other HTTP/1.1\r\n\r\n");
        assert_eq!(refused(&ends), 400, "httparse takes the first of two for the whole");
        assert_eq!(refused(&REQUEST.replace("Origin: ", "Origin: a\nX: ")), 400);
        for body in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            assert_eq!(refused(&REQUEST.replace("Origin: ", &format!("{body}\r\nOrigin: "))), 400);
        }
        let empty = REQUEST.replace("Origin: ", "Content-Length: 0\r\nOrigin: ");
        read_request(empty.as_bytes()).unwrap();
        let response = response(&key()).replace("\r\nConnection", "\nConnection");
        assert!(matches!(read_response(response.as_bytes(), &key()), Err(Error::NotHttp(_))));
    }

    #[test]
    fn a_response_that_agrees_to_something_else_is_refused() {
        let good = response(&key());
        let read = |text: String| read_response(text.as_bytes(), &key());
        for bad in [
            good.replace("websocket", "h2c"),
            good.replace("Connection: Upgrade", "Connection: close"),
            good.replace("s3pP", "S3pP"),
            good.replace("Upgrade: ", "Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade: "),
            good.replace("Upgrade: ", "Sec-WebSocket-Protocol: chat\r\nUpgrade: "),
        ] {
            assert!(matches!(read(bad), Err(Error::Response(_))));
        }
        let missing = "HTTP/1.1 404 Not Found\r\n\r\n".to_owned();
        assert!(matches!(read(missing), Err(Error::Status(404))));
        assert!(matches!(read("HTTP/1.1 101\u{1}\r\n\r\n".to_owned()), Err(Error::NotHttp(_))));
    }
}
