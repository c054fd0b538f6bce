//! Records over TCP, sealed and opened in place: two bytes of length, data, tag. What a stack would be without a handshake and a muxer.

use std::io;

use bench_harness::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Seals and opens the data of records, each under its number.
pub(crate) trait Cipher: Send + Sync + 'static {
    const TAG: usize;

    /// Seals data, and puts the tag behind it.
    fn seal(&self, number: u64, data: &mut [u8], tag: &mut [u8]) -> io::Result<()>;

    /// Opens data that has its tag behind it.
    fn open(&self, number: u64, record: &mut [u8]) -> io::Result<()>;
}

pub(crate) struct Frames<C> {
    tcp: TcpStream,
    cipher: C,
    /// A record in the making, from its length on.
    out: Vec<u8>,
    sealed: u64,
    /// `received[start..end]` is what is left of the open record, with its tag, and then what is still sealed.
    received: Box<[u8]>,
    start: usize,
    end: usize,
    /// How much of the open record is left.
    open: usize,
    opened: u64,
}

impl<C: Cipher> Frames<C> {
    /// How much a record carries: what its length can say, less the tag.
    const MOST: usize = u16::MAX as usize - C::TAG;

    pub(crate) fn new(tcp: TcpStream, cipher: C) -> Self {
        let mut out = Vec::with_capacity(HEAD + Self::MOST + C::TAG);
        out.extend_from_slice(&[0; HEAD]);
        Frames {
            tcp,
            cipher,
            out,
            sealed: 0,
            received: vec![0; 4 * (HEAD + Self::MOST + C::TAG)].into(),
            start: 0,
            end: 0,
            open: 0,
            opened: 0,
        }
    }

    /// The record at `start`, if all of it is here.
    fn record(&self) -> Option<(usize, usize)> {
        let sealed = &self.received[self.start..self.end];
        let (head, rest) = sealed.split_first_chunk::<HEAD>()?;
        let length = usize::from(u16::from_be_bytes(*head));
        (length <= rest.len()).then_some((self.start + HEAD, length))
    }

    async fn read_more(&mut self) -> io::Result<usize> {
        if 0 < self.start {
            self.received.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let length = self.tcp.read(&mut self.received[self.end..]).await?;
        self.end += length;
        Ok(length)
    }
}

impl<C: Cipher> Stream for Frames<C> {
    async fn send(&mut self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let room = HEAD + Self::MOST - self.out.len();
            let (now, later) = data.split_at(data.len().min(room));
            self.out.extend_from_slice(now);
            data = later;
            if self.out.len() == HEAD + Self::MOST {
                self.flush().await?;
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.out.len() == HEAD {
            return Ok(());
        }
        let end = self.out.len();
        self.out.resize(end + C::TAG, 0);
        let (data, tag) = self.out[HEAD..].split_at_mut(end - HEAD);
        self.cipher.seal(self.sealed, data, tag)?;
        self.sealed += 1;
        let length = u16::try_from(self.out.len() - HEAD).map_err(io::Error::other)?;
        self.out[..HEAD].copy_from_slice(&length.to_be_bytes());
        self.tcp.write_all(&self.out).await?;
        self.out.truncate(HEAD);
        Ok(())
    }

    async fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.open == 0 {
            if let Some((start, length)) = self.record() {
                let record = &mut self.received[start..start + length];
                self.open = length.checked_sub(C::TAG).ok_or(io::ErrorKind::InvalidData)?;
                self.cipher.open(self.opened, record)?;
                self.opened += 1;
                self.start = start;
            } else if self.read_more().await? == 0 {
                return Ok(0);
            }
        }
        let length = buffer.len().min(self.open);
        buffer[..length].copy_from_slice(&self.received[self.start..self.start + length]);
        self.start += length;
        self.open -= length;
        if self.open == 0 {
            self.start += C::TAG;
        }
        Ok(length)
    }

    async fn finish(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.tcp.shutdown().await
    }
}

const HEAD: usize = 2;
