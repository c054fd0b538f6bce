//! What has come during a handshake.

use peerloom_core::ByteStream;
use tokio::io::AsyncReadExt;

use crate::Error;
use crate::key::HEADER;

/// Bytes, of which records are shown one after the other.
#[derive(Default)]
pub(crate) struct Received {
    bytes: Vec<u8>,
    /// Where the record ends that was shown last; it may not have come in whole.
    end: usize,
    /// How much was discarded.
    discarded: usize,
}

impl Received {
    /// All that is there.
    pub(crate) fn all(&self) -> &[u8] {
        &self.bytes
    }

    /// What is shown, as far as it has come.
    pub(crate) fn shown(&mut self) -> &mut [u8] {
        let shown = self.end.min(self.bytes.len());
        self.bytes.get_mut(..shown).unwrap_or_default()
    }

    /// Forgets the first bytes that were shown.
    pub(crate) fn discard(&mut self, count: usize) {
        let count = count.min(self.end).min(self.bytes.len());
        self.bytes.drain(..count);
        self.end -= count;
        self.discarded += count;
    }

    /// Shows more of the record that was shown last, or the next one.
    pub(crate) async fn show_more(&mut self, stream: &mut ByteStream) -> Result<(), Error> {
        if self.bytes.len() < self.end {
            return self.receive(stream).await;
        }
        loop {
            let next = self.bytes.get(self.end..).unwrap_or_default();
            if let Some(&[_, _, _, high, low]) = next.first_chunk::<HEADER>() {
                self.end += HEADER + usize::from(u16::from_be_bytes([high, low]));
                return Ok(());
            }
            self.receive(stream).await?;
        }
    }

    /// Waits for more bytes.
    pub(crate) async fn receive(&mut self, stream: &mut ByteStream) -> Result<(), Error> {
        if self.discarded + self.bytes.len() > MAX_HANDSHAKE {
            return Err(Error::HandshakeTooLong { longest: MAX_HANDSHAKE });
        }
        self.bytes.reserve(CHUNK);
        let mut chunk = stream.take(u64::try_from(CHUNK).unwrap_or_default());
        match chunk.read_buf(&mut self.bytes).await.map_err(Error::Stream)? {
            0 => Err(Error::Stream(std::io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(()),
        }
    }

    /// What was never shown.
    pub(crate) fn into_behind(mut self) -> Vec<u8> {
        self.bytes.drain(..self.end.min(self.bytes.len()));
        self.bytes
    }
}

/// Most of what one side sends in a handshake: a certificate with an Ed25519 key is half as long.
const CHUNK: usize = 2048;

/// How much of a handshake is received: an RSA key of 8192 bits and its signature take 2 KiB.
const MAX_HANDSHAKE: usize = 32 * 1024;
