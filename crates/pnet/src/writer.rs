//! The writing half of a stream in a private network: sends our nonce with the first data, and encrypts all of it.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use peerloom_crypto::{XSalsa20, fill_random};
use tokio::io::AsyncWrite;

use crate::opening::NONCE;
use crate::{Error, PreSharedKey};

/// Encrypts what is written and passes it on at once.
///
/// It owns a buffer only while the line does not take what was encrypted. What is then not flushed
/// when the writer is dropped is lost.
pub(crate) struct Writer<W> {
    inner: W,
    key: PreSharedKey,
    /// The key stream of what comes next; none before the nonce is drawn.
    cipher: Option<XSalsa20>,
    /// What was encrypted and has not been taken by the line.
    waiting: Vec<u8>,
    /// How much of that the line has taken since.
    written: usize,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    pub(crate) fn new(inner: W, key: PreSharedKey) -> Self {
        Writer { inner, key, cipher: None, waiting: Vec::new(), written: 0 }
    }

    /// Writes out what waits, and lets go of the buffer.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest @ [_, ..]) = self.waiting.get(self.written..) {
            match ready!(Pin::new(&mut self.inner).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        (self.waiting, self.written) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Sends our nonce ahead of any data.
    pub(crate) fn poll_greet(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cipher.is_none() {
            let mut nonce = Vec::with_capacity(NONCE);
            self.begin(&mut nonce)?;
            self.waiting = nonce;
        }
        Pin::new(self).poll_flush(cx)
    }

    /// The key stream of what comes next; the first time its nonce goes into `chunk`.
    fn begin(&mut self, chunk: &mut Vec<u8>) -> Result<&mut XSalsa20, Error> {
        match &mut self.cipher {
            Some(cipher) => Ok(cipher),
            none => {
                let mut nonce = [0; NONCE];
                fill_random(&mut nonce).map_err(Error::NoRandomness)?;
                chunk.extend_from_slice(&nonce);
                Ok(none.insert(XSalsa20::new(self.key.as_bytes(), &nonce)))
            }
        }
    }

    /// Encrypts as much as fits into `chunk`, the first time behind a nonce.
    fn encrypt(&mut self, slices: &[IoSlice<'_>], chunk: &mut Vec<u8>) -> Result<usize, Error> {
        let cipher = self.begin(chunk)?;
        let start = chunk.len();
        for slice in slices {
            let room = MAX_CHUNK - (chunk.len() - start);
            let (now, _later) = slice.split_at(slice.len().min(room));
            chunk.extend_from_slice(now);
        }
        let data = chunk.get_mut(start..).unwrap_or_default();
        cipher.apply(data);
        Ok(data.len())
    }

    /// Passes on as much as the line takes now; the rest waits.
    fn pass_on(&mut self, cx: &mut Context<'_>, chunk: &[u8]) -> io::Result<()> {
        let taken = match Pin::new(&mut self.inner).poll_write(cx, chunk) {
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(taken) => taken?,
            Poll::Pending => 0,
        };
        self.waiting = chunk.get(taken..).unwrap_or_default().to_vec();
        Ok(())
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Writer<W> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_drain(cx))?;
        Poll::Ready(with_chunk(|chunk| {
            let taken = self.encrypt(slices, chunk)?;
            self.pass_on(cx, chunk)?;
            Ok(taken)
        }))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Lends out the thread's chunk, empty. A writer inside of a writer gets one of its own.
fn with_chunk<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    // A thread that is ending has none any more.
    let mut chunk = CHUNK.try_with(Cell::take).unwrap_or_default();
    chunk.reserve_exact(NONCE + MAX_CHUNK);
    let done = work(&mut chunk);
    chunk.clear();
    let _ = CHUNK.try_with(|kept| kept.set(chunk));
    done
}

thread_local! {
    /// Where data are encrypted, so that no write needs a buffer of its own.
    static CHUNK: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// How much one write encrypts: the largest frames of muxers and records of securities, so that
/// each goes out with one system call.
const MAX_CHUNK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// Takes as many bytes a time as it is told to, and keeps what it took of each.
    #[derive(Default)]
    struct Line {
        writes: Vec<Vec<u8>>,
        /// The most it takes next, from the end; 0 is not ready. Anything when it is empty.
        turns: Vec<usize>,
        blocked: bool,
        flushes: usize,
    }

    impl AsyncWrite for Line {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            if self.blocked {
                return Poll::Pending;
            }
            let count = self.turns.pop().unwrap_or(usize::MAX).min(bytes.len());
            if count == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.writes.push(bytes[..count].to_vec());
            Poll::Ready(Ok(count))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushes += 1;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    const KEY: [u8; 32] = [7; 32];

    fn writer(turns: Vec<usize>) -> Writer<Line> {
        Writer::new(Line { turns, ..Line::default() }, PreSharedKey::from_bytes(&KEY))
    }

    /// What the line took, decrypted.
    fn plaintext(line: &Line) -> Vec<u8> {
        let mut bytes = line.writes.concat();
        let Some((nonce, sealed)) = bytes.split_first_chunk_mut() else { return bytes };
        XSalsa20::new(&KEY, nonce).apply(sealed);
        sealed.to_vec()
    }

    #[tokio::test]
    async fn the_nonce_goes_out_with_the_first_data_in_one_write() {
        let mut writer = writer(vec![]);
        assert_eq!(writer.write(b"").await.unwrap(), 0);
        writer.flush().await.unwrap();
        assert!(writer.inner.writes.is_empty(), "nothing is said before there is something to say");
        let slices = [IoSlice::new(b"hello, "), IoSlice::new(b""), IoSlice::new(b"world")];
        assert_eq!(writer.write_vectored(&slices).await.unwrap(), 12);
        assert_eq!(writer.inner.writes.len(), 1);
        assert_eq!(writer.inner.writes[0].len(), 24 + 12);
        writer.write_all(b"!").await.unwrap();
        assert_eq!(writer.inner.writes[1].len(), 1);
        assert_eq!(writer.inner.flushes, 1, "a flush stops half way");
        assert_eq!(plaintext(&writer.inner), b"hello, world!");
    }

    #[tokio::test]
    async fn each_stream_has_a_nonce_of_its_own() {
        let (mut one, mut other) = (writer(vec![]), writer(vec![]));
        one.write_all(b"hello").await.unwrap();
        other.write_all(b"hello").await.unwrap();
        assert_ne!(one.inner.writes, other.inner.writes);
    }

    #[tokio::test]
    async fn a_stream_that_is_closed_without_a_word_sends_nothing() {
        let mut writer = writer(vec![]);
        writer.shutdown().await.unwrap();
        assert!(writer.inner.writes.is_empty());
    }

    #[test]
    fn a_line_that_takes_nothing_makes_one_chunk_wait_and_no_more() {
        let mut writer = writer(vec![]);
        writer.inner.blocked = true;
        let cx = &mut Context::from_waker(Waker::noop());
        let data = vec![3; 3 * MAX_CHUNK];
        let taken = Pin::new(&mut writer).poll_write(cx, &data);
        assert!(matches!(taken, Poll::Ready(Ok(MAX_CHUNK))));
        assert_eq!(writer.waiting.capacity(), 24 + MAX_CHUNK);
        assert!(Pin::new(&mut writer).poll_write(cx, &data).is_pending());
        assert!(Pin::new(&mut writer).poll_flush(cx).is_pending());
        assert!(Pin::new(&mut writer).poll_shutdown(cx).is_pending());
        writer.inner.blocked = false;
        assert!(Pin::new(&mut writer).poll_flush(cx).is_ready());
        assert_eq!(writer.waiting.capacity(), 0);
        assert_eq!(plaintext(&writer.inner), vec![3; MAX_CHUNK]);
    }

    #[tokio::test]
    async fn a_writer_whose_line_takes_everything_owns_no_buffer() {
        let mut writer = writer(vec![]);
        writer.write_all(&[0; 3 * MAX_CHUNK]).await.unwrap();
        assert_eq!(writer.waiting.capacity(), 0);
        assert_eq!(writer.inner.writes.len(), 3);
    }

    #[tokio::test]
    async fn a_line_that_takes_part_of_it_gets_the_rest_before_what_follows() {
        let mut writer = writer(vec![0, 3]);
        assert_eq!(writer.write(b"first").await.unwrap(), 5);
        assert_eq!(writer.waiting.len(), 24 + 5 - 3);
        writer.write_all(b"second").await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(plaintext(&writer.inner), b"firstsecond");
    }

    #[tokio::test]
    async fn a_line_that_is_full_for_good_is_an_error() {
        let full: io::Cursor<Box<[u8]>> = io::Cursor::default();
        let mut writer = Writer::new(full, PreSharedKey::from_bytes(&KEY));
        let error = writer.write(b"hello").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_the_sizes_of_writes_the_same_bytes_come_out(
            sizes in vec((prop_oneof![0..40_usize, 0..150_000_usize], any::<bool>()), 1..8),
            turns in vec(prop_oneof![0..9_usize, 0..100_000_usize], 0..20),
        ) {
            let mut writer = writer(turns);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let sent = runtime.block_on(async {
                let mut sent = Vec::new();
                for (number, (size, flush)) in (1_u8..).zip(sizes) {
                    let piece = vec![number; size];
                    writer.write_all(&piece).await.unwrap();
                    sent.extend(piece);
                    if flush {
                        writer.flush().await.unwrap();
                    }
                }
                writer.shutdown().await.unwrap();
                sent
            });
            prop_assert!(plaintext(&writer.inner) == sent);
        }
    }
}
