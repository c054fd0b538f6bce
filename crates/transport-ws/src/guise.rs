//! What a remote that speaks something else looks like, by its first bytes.

/// What it speaks, in words that follow "the remote does not speak …: ", and what address that would be right for.
pub(crate) fn guise(begin: &[u8]) -> &'static str {
    match begin {
        [] => "it says nothing",
        _ if is_tls(begin) => "it speaks TLS, as behind an address with /tls/ws",
        _ if agrees(begin, MULTISTREAM) => {
            "it speaks multistream-select, as behind an address without /ws"
        }
        _ if is_http(begin) => "it speaks HTTP, as behind an address with /ws and no TLS",
        _ => "it begins with something else",
    }
}

/// Whether this begins like a record of TLS: a handshake or an alert, and the first byte of its version.
///
/// <https://www.rfc-editor.org/rfc/rfc8446#section-5.1>
pub(crate) fn is_tls(begin: &[u8]) -> bool {
    agrees(begin, b"\x16\x03") || agrees(begin, b"\x15\x03")
}

fn is_http(begin: &[u8]) -> bool {
    HTTP.iter().any(|text| agrees(begin, text))
}

/// Whether what there is of both is the same.
fn agrees(begin: &[u8], expected: &[u8]) -> bool {
    begin.iter().zip(expected).all(|(byte, expected)| byte == expected)
}

/// How many first bytes tell all that is told apart here.
#[cfg(feature = "tls")]
pub(crate) const TELLING: usize = MULTISTREAM.len();

/// <https://github.com/multiformats/multistream-select#protocol>, with its length before it.
const MULTISTREAM: &[u8] = b"\x13/multistream/1.0.0\n";

/// A response, and the request that asks for a WebSocket.
const HTTP: [&[u8]; 2] = [b"HTTP/1.", b"GET /"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_first_is_known_as_far_as_it_has_come() {
        for (begin, word) in [
            (&b"\x13/multistream/1.0.0\n\x07/noise\n"[..], "multistream-select"),
            (b"\x13", "multistream-select"),
            (b"\x13/multistream/2", "something else"),
            (b"\x16\x03\x01\x02\x00\x01", "TLS"),
            (b"\x15\x03\x03\x00\x02\x02\x0a", "TLS"),
            (b"\x16\x04", "something else"),
            (b"HTTP/1.1 400 Bad Request\r\n", "HTTP"),
            (b"GET / HTTP/1.1\r\n", "HTTP"),
            (b"SSH-2.0-a\r\n", "something else"),
            (b"", "nothing"),
        ] {
            assert!(guise(begin).contains(&format!(" {word}")), "{begin:?}: {}", guise(begin));
        }
    }
}
