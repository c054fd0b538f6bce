//! The handle of one connection.

use std::fmt;
use std::sync::Arc;

use peerloom_core::{
    BoxMuxer, BoxSubstream, ByteStream, Driver, Multiplexed, MuxerStatus, Role, StreamMuxer,
};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::driver::Work;
use crate::session::Session;
use crate::stream::Stream;
use crate::{Config, Error};

/// Opens and accepts the streams of a connection.
pub struct Muxer {
    connection: Arc<Connection>,
}

/// Starts to multiplex a byte stream.
pub(crate) fn start(config: &Config, stream: ByteStream, role: Role) -> Multiplexed {
    let session = Session::new(config.clone(), role, Instant::now().into_std());
    let (reader, writer) = stream.into_split();
    let connection = Arc::new(Connection::new(session, writer));
    let driver = Driver::new(Work::new(connection.clone(), reader));
    Multiplexed { muxer: BoxMuxer::new(Muxer { connection }), driver }
}

impl Muxer {
    fn stream(&self, stream: Result<crate::StreamId, Error>) -> Result<BoxSubstream, Error> {
        Ok(Box::new(Stream::new(self.connection.clone(), stream?)))
    }
}

impl StreamMuxer for Muxer {
    async fn open(&self) -> Result<BoxSubstream, peerloom_core::Error> {
        Ok(self.stream(self.connection.open().await)?)
    }

    async fn accept(&self) -> Result<BoxSubstream, peerloom_core::Error> {
        Ok(self.stream(self.connection.accept().await)?)
    }

    async fn close(&self) -> Result<(), peerloom_core::Error> {
        Ok(self.connection.close().await?)
    }

    fn status(&self) -> MuxerStatus {
        self.connection.with(|state| state.status())
    }
}

impl fmt::Debug for Muxer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Muxer").field(&self.status()).finish()
    }
}
