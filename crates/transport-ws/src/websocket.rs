//! A byte stream over the frames of a connection that both sides have agreed to make a WebSocket.

use std::sync::Arc;

use bytes::BytesMut;
use peerloom_core::{ByteStream, Role};

use crate::line::Line;
use crate::reader::Reader;
use crate::writer::Writer;

/// The stream of the end that has this role. `received` has come behind the agreement already.
pub(crate) fn websocket(stream: ByteStream, role: Role, received: BytesMut) -> ByteStream {
    let (reader, writer) = stream.into_split();
    let line = Arc::new(Line::new(writer, role));
    let reader = Reader::new(reader, Arc::clone(&line), role, received);
    ByteStream::new(reader, Writer::new(line))
}
