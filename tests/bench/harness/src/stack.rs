//! What a stack has to offer to be measured.

use std::future::Future;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A byte stream of a stack. One of tokio's is one as it is.
pub trait Stream: Send + 'static {
    /// Writes all of it.
    fn send<'a>(&'a mut self, data: &'a [u8]) -> impl Future<Output = io::Result<()>> + Send;
    /// Lets nothing wait for more to be written.
    fn flush(&mut self) -> impl Future<Output = io::Result<()>> + Send;
    /// Reads some; nothing at the end.
    fn receive<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + Send;
    /// Ends this side of it.
    fn finish(&mut self) -> impl Future<Output = io::Result<()>> + Send;
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {
    fn send<'a>(&'a mut self, data: &'a [u8]) -> impl Future<Output = io::Result<()>> + Send {
        self.write_all(data)
    }

    fn flush(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        AsyncWriteExt::flush(self)
    }

    fn receive<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + Send {
        self.read(buffer)
    }

    fn finish(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        self.shutdown()
    }
}

/// An established, secured connection.
pub trait Conn: Clone + Send + Sync + 'static {
    /// Opens a stream.
    fn open(&self) -> impl Future<Output = io::Result<impl Stream>> + Send;
    /// Returns when this side considers the connection closed.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// One instance of a stack.
pub trait Node: Sized + Send + Sync + 'static {
    /// Its connections.
    type Conn: Conn;
    /// Whether a dialer holds as many connections with one listener as it likes. Where it does not, many connections take a node each.
    const MANY: bool = true;
    /// Listens on loopback, serves every inbound stream with [`serve`](crate::serve), and says where.
    fn listen(variant: &str) -> impl Future<Output = io::Result<(Self, String)>> + Send;
    /// An instance that only dials.
    fn dialer(variant: &str) -> impl Future<Output = io::Result<Self>> + Send;
    /// Makes a new connection, also where there is one.
    fn dial(&self, address: &str) -> impl Future<Output = io::Result<Self::Conn>> + Send;
}
