//! A link in memory: two byte streams, each the other's far end.

use peerloom_core::ByteStream;

/// Two ends of a link that holds `capacity` bytes on their way in each direction.
///
/// A small capacity cuts what is written into small pieces. When one end is dropped, the other
/// reads the end of the stream.
#[must_use]
pub fn pair(capacity: usize) -> (ByteStream, ByteStream) {
    let (one, other) = tokio::io::duplex(capacity);
    (ByteStream::from_io(one), ByteStream::from_io(other))
}
