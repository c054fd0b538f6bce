//! What a stack has to offer to be measured.

use std::future::Future;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream of a stack.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

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
    /// Listens on loopback, serves every inbound stream with [`serve`](crate::serve), and says where.
    fn listen(variant: &str) -> impl Future<Output = io::Result<(Self, String)>> + Send;
    /// An instance that only dials.
    fn dialer(variant: &str) -> impl Future<Output = io::Result<Self>> + Send;
    /// Makes a new connection, also where there is one.
    fn dial(&self, address: &str) -> impl Future<Output = io::Result<Self::Conn>> + Send;
}
