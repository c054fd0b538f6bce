//! Records over TCP, sealed and opened in place: two bytes of length, data, tag. What tcp and noise would be without a handshake and a muxer.

use std::io;

use bench_harness::Stream;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Frames {
    tcp: TcpStream,
    key: LessSafeKey,
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

impl Frames {
    pub(crate) fn new(tcp: TcpStream) -> Self {
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, &[42; 32]).expect("a key of the right length");
        let mut out = Vec::with_capacity(HEAD + MOST + TAG);
        out.extend_from_slice(&[0; HEAD]);
        Frames {
            tcp,
            key: LessSafeKey::new(key),
            out,
            sealed: 0,
            received: vec![0; 4 * (HEAD + MOST + TAG)].into(),
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

impl Stream for Frames {
    async fn send(&mut self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let room = HEAD + MOST - self.out.len();
            let (now, later) = data.split_at(data.len().min(room));
            self.out.extend_from_slice(now);
            data = later;
            if self.out.len() == HEAD + MOST {
                self.flush().await?;
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.out.len() == HEAD {
            return Ok(());
        }
        let data = &mut self.out[HEAD..];
        let tag = self.key.seal_in_place_separate_tag(nonce(self.sealed), Aad::empty(), data);
        self.sealed += 1;
        self.out.extend_from_slice(tag.map_err(|_| io::ErrorKind::InvalidInput)?.as_ref());
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
                let opened = self.key.open_in_place(nonce(self.opened), Aad::empty(), record);
                self.open = opened.map_err(|_| io::ErrorKind::InvalidData)?.len();
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
            self.start += TAG;
        }
        Ok(length)
    }

    async fn finish(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.tcp.shutdown().await
    }
}

fn nonce(counter: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&counter.to_le_bytes());
    Nonce::assume_unique_for_key(nonce)
}

const HEAD: usize = 2;

const TAG: usize = 16;

/// How much a record carries: what its length can say, less the tag.
const MOST: usize = u16::MAX as usize - TAG;
