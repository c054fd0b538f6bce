//! The handle of one connection.

use std::fmt;
use std::sync::Arc;

use peerloom_core::{
    BoxMuxer, BoxSubstream, ByteStream, Driver, Multiplexed, MuxerStatus, StreamMuxer,
};

use crate::connection::Connection;
use crate::driver::Work;
use crate::state::State;
use crate::{Session, Stream};

/// Opens and accepts the streams of a connection.
pub struct Muxer<S: Session> {
    connection: Arc<Connection<S>>,
}

/// Starts to multiplex a byte stream. The driver needs the timers of a tokio runtime.
pub fn start<S: Session>(session: S, stream: ByteStream) -> Multiplexed {
    let (reader, writer) = stream.into_split();
    let connection = Arc::new(Connection::new(session, writer));
    let driver = Driver::new(Work::new(connection.clone(), reader));
    Multiplexed { muxer: BoxMuxer::new(Muxer { connection }), driver }
}

impl<S: Session> Muxer<S> {
    fn stream(&self, stream: S::Id) -> BoxSubstream {
        Box::new(Stream::new(self.connection.clone(), stream))
    }
}

impl<S: Session> StreamMuxer for Muxer<S> {
    async fn open(&self) -> Result<BoxSubstream, peerloom_core::Error> {
        Ok(self.stream(self.connection.open().await?))
    }

    async fn accept(&self) -> Result<BoxSubstream, peerloom_core::Error> {
        Ok(self.stream(self.connection.accept().await?))
    }

    fn try_accept(&self) -> Result<Option<BoxSubstream>, peerloom_core::Error> {
        let accepted = self.connection.with(State::accept)?;
        Ok(accepted.map(|stream| self.stream(stream)))
    }

    async fn close(&self) -> Result<(), peerloom_core::Error> {
        Ok(self.connection.close().await?)
    }

    fn status(&self) -> MuxerStatus {
        self.connection.with(|state| state.status())
    }
}

impl<S: Session> fmt::Debug for Muxer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Muxer").field(&self.status()).finish()
    }
}
