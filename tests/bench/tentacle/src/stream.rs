//! A protocol of a session as a byte stream.

use std::io;
use std::sync::Arc;

use bench_harness::Stream;
use bytes::Bytes;
use futures::StreamExt;
use tentacle::service::ServiceAsyncControl;
use tentacle::{SessionId, SubstreamReadPart};

use crate::service::Shared;

pub(crate) struct Slot {
    control: ServiceAsyncControl,
    session: SessionId,
    read: SubstreamReadPart,
    /// What has been received and not been read.
    left: Bytes,
    /// Where a dialer gives the protocol back to.
    shared: Option<Arc<Shared>>,
}

impl Slot {
    pub(crate) fn of_dialer(
        control: ServiceAsyncControl,
        session: SessionId,
        read: SubstreamReadPart,
        shared: Arc<Shared>,
    ) -> Self {
        Slot { control, session, read, left: Bytes::new(), shared: Some(shared) }
    }

    pub(crate) fn of_listener(
        control: ServiceAsyncControl,
        session: SessionId,
        read: SubstreamReadPart,
    ) -> Self {
        Slot { control, session, read, left: Bytes::new(), shared: None }
    }
}

impl Stream for Slot {
    async fn send(&mut self, data: &[u8]) -> io::Result<()> {
        let data = Bytes::copy_from_slice(data);
        let sent = self.control.send_message_to(self.session, self.read.protocol_id(), data).await;
        sent.map_err(io::Error::other)
    }

    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    async fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            match self.read.next().await {
                Some(message) => self.left = message?,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.left.len());
        buffer[..length].copy_from_slice(&self.left.split_to(length));
        Ok(length)
    }

    /// There is no half of it to end: the dialer closes the protocol, and the listener waits for that.
    async fn finish(&mut self) -> io::Result<()> {
        if self.shared.is_some() {
            let _ = self.control.close_protocol(self.session, self.read.protocol_id()).await;
        }
        while let Some(Ok(_)) = self.read.next().await {}
        if let Some(shared) = self.shared.take() {
            // At the far end: the other side learns of the close later.
            shared.free().push_back(self.read.protocol_id());
        }
        Ok(())
    }
}
