//! The path of a resource on an HTTP server.

use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::checked::checked;
use crate::ValueError;

checked! {
    /// The path of a resource on an HTTP server, decoded; in text it is percent-encoded.
    ///
    /// A plus sign is a plus sign and not a space. It is written as `%2B`, which everybody reads
    /// alike, as is every byte but letters, digits and `-._~`.
    HttpPath([u8]), check, decode_percent
}

impl fmt::Display for HttpPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                write!(f, "{}", char::from(*byte))
            }
            _ => write!(f, "%{byte:02X}"),
        })
    }
}

fn check(path: &[u8]) -> Result<(), ValueError> {
    if path.is_empty() { Err(ValueError::Empty) } else { Ok(()) }
}

fn decode_percent(text: &str) -> Result<Vec<u8>, ValueError> {
    let mut pieces = text.split('%');
    let mut path = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.as_bytes().split_at_checked(2).ok_or(ValueError::Percent)?;
        path.extend(HEXLOWER_PERMISSIVE.decode(digits).map_err(|_| ValueError::Percent)?);
        path.extend_from_slice(rest);
    }
    Ok(path)
}
