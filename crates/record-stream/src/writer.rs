//! The writing half of a secured stream: gathers plaintext, seals it where it lies, writes it out in one piece.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BufMut;
use tokio::io::AsyncWrite;

use crate::buffer::{Buffer, LARGE};
use crate::record::Seal;

/// Seals what is written into records.
///
/// ```text
///  0            written          open              buffer.len()
///  | gone already | sealed records | prefix | plaintext |
/// ```
///
/// Nothing goes out before a flush, or before the buffer is full. What was not flushed when the
/// writer is dropped is lost.
pub struct RecordWriter<W, S> {
    inner: W,
    sealer: S,
    buffer: Buffer,
    /// How much of the buffer the inner writer has taken.
    written: usize,
    /// Where the record begins that is not yet sealed; the buffer's end when there is none.
    open: usize,
    /// Whether the farewell is in the buffer, or was.
    parted: bool,
}

impl<W: AsyncWrite + Unpin, S: Seal> RecordWriter<W, S> {
    /// Writes what `sealer` seals to `inner`.
    pub fn new(inner: W, sealer: S) -> Self {
        const {
            assert!(S::PREFIX + S::LONGEST_SENT <= LARGE, "a batch has to hold a record");
            assert!((S::LONGEST_SENT as u64) >> (8 * S::PREFIX) == 0, "a prefix tells its length");
        }
        RecordWriter {
            inner,
            sealer,
            buffer: Buffer::default(),
            written: 0,
            open: 0,
            parted: false,
        }
    }

    /// Takes as much of `bytes` as fits into the buffer now.
    fn gather(&mut self, mut bytes: &[u8]) -> Result<usize, S::Error> {
        let overhead = self.sealer.overhead();
        let mut taken = 0;
        while !bytes.is_empty() && self.has_room() {
            let held = self.buffer.len() - self.open;
            if held == 0
                && let Some(record) = self.sealer.interlude()?
            {
                self.append(&record);
                continue;
            }
            let prefix = if held == 0 { S::PREFIX } else { 0 };
            let room = S::PREFIX + S::LONGEST_SENT - overhead - held - prefix;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.reserve(prefix + now.len() + overhead);
            self.buffer.put_bytes(0, prefix);
            self.buffer.extend_from_slice(now);
            if now.len() == room {
                self.seal()?;
            }
            taken += now.len();
            bytes = later;
        }
        Ok(taken)
    }

    /// Puts a record that is sealed behind the others.
    fn append(&mut self, record: &[u8]) {
        self.buffer.reserve(record.len());
        self.buffer.extend_from_slice(record);
        self.open = self.buffer.len();
    }

    /// Whether another byte fits: into the record that is open, or into a new one.
    fn has_room(&self) -> bool {
        self.open < self.buffer.len() || self.buffer.len() + S::PREFIX + S::LONGEST_SENT <= LARGE
    }

    /// Seals the open record, if there is one.
    fn seal(&mut self) -> Result<(), S::Error> {
        if self.open == self.buffer.len() {
            return Ok(());
        }
        let (length, overhead) = (self.buffer.len(), self.sealer.overhead());
        self.buffer.reserve(overhead);
        self.buffer.put_bytes(0, overhead);
        let record = self.buffer.get_mut(self.open..).unwrap_or_default();
        if let Err(error) = seal_record(&mut self.sealer, record) {
            self.buffer.truncate(length);
            return Err(error);
        }
        self.open = self.buffer.len();
        Ok(())
    }

    /// Writes out what is sealed; when no record is open, the buffer is empty then.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.open {
            let sealed = self.buffer.get(self.written..self.open).unwrap_or_default();
            match ready!(Pin::new(&mut self.inner).poll_write(cx, sealed))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        if self.open == self.buffer.len() {
            self.buffer.clear();
            (self.written, self.open) = (0, 0);
        }
        Poll::Ready(Ok(()))
    }

    /// Seals and writes out everything, and lets go of the buffer.
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.seal().map_err(Into::into)?;
        ready!(self.poll_drain(cx))?;
        self.buffer = Buffer::default();
        Poll::Ready(Ok(()))
    }

    /// Seals what there is, and the protocol's farewell behind it.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.parted {
            return Poll::Ready(Ok(()));
        }
        self.seal().map_err(Into::into)?;
        if !self.has_room() {
            ready!(self.poll_drain(cx))?;
        }
        self.parted = true;
        if let Some(record) = self.sealer.farewell().map_err(Into::into)? {
            self.append(&record);
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin, S: Seal + Unpin> AsyncWrite for RecordWriter<W, S> {
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
        if !self.has_room() {
            ready!(self.poll_drain(cx))?;
        }
        let mut taken = 0;
        for slice in slices {
            let count = self.gather(slice).map_err(Into::into)?;
            taken += count;
            if count < slice.len() {
                break;
            }
        }
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_finish(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_part(cx))?;
        ready!(self.poll_finish(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Seals a record in place, behind the prefix that tells its length.
fn seal_record<S: Seal>(sealer: &mut S, record: &mut [u8]) -> Result<(), S::Error> {
    let (prefix, record) =
        record.split_at_mut_checked(S::PREFIX).expect("gather begins with a prefix");
    S::announce(prefix, record.len());
    sealer.seal(record)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Waker;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::record::toy::{INTERLUDE, OVERHEAD, Toy};
    use crate::record::{Format, Open};

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

    fn writer(turns: Vec<usize>) -> RecordWriter<Line, Toy> {
        RecordWriter::new(Line { turns, ..Line::default() }, Toy::default())
    }

    /// The plaintext of every record that was written.
    fn opened(line: &Line) -> Vec<Vec<u8>> {
        let bytes = line.writes.concat();
        let (mut rest, mut opener, mut records) = (&bytes[..], Toy::<2>::default(), Vec::new());
        while let Some((prefix, behind)) = rest.split_first_chunk() {
            let (record, behind) = behind.split_at(u16::from_be_bytes(*prefix).into());
            let mut record = record.to_vec();
            let length = opener.open(&mut record).unwrap();
            record.truncate(length);
            records.push(record);
            rest = behind;
        }
        assert!(rest.is_empty());
        records
    }

    #[tokio::test]
    async fn a_frame_of_64_kib_and_its_header_go_out_with_one_write() {
        let mut writer = writer(vec![]);
        let (header, body) = ([1; 12], vec![2; 64 * 1024]);
        let slices = [IoSlice::new(&header), IoSlice::new(&body)];
        assert_eq!(writer.write_vectored(&slices).await.unwrap(), 12 + body.len());
        assert!(writer.inner.writes.is_empty());
        writer.flush().await.unwrap();
        assert_eq!((writer.inner.writes.len(), writer.inner.flushes), (1, 1));
        let records = opened(&writer.inner);
        assert_eq!(records.concat(), [&header[..], &body].concat());
        assert_eq!(records[0].len(), Toy::<2>::LONGEST_SENT - OVERHEAD);
    }

    #[tokio::test]
    async fn a_writer_that_has_written_everything_owns_no_buffer() {
        let mut writer = writer(vec![]);
        for size in [1, 100_000] {
            writer.write_all(&vec![0; size]).await.unwrap();
            assert_ne!(writer.buffer.capacity(), 0);
            writer.flush().await.unwrap();
            assert_eq!(writer.buffer.capacity(), 0);
        }
    }

    #[test]
    fn a_line_that_takes_nothing_fills_the_buffer_and_no_more() {
        let mut writer = writer(vec![]);
        writer.inner.blocked = true;
        let cx = &mut Context::from_waker(Waker::noop());
        let mut taken = 0;
        while let Poll::Ready(count) = Pin::new(&mut writer).poll_write(cx, &[7; 10_000]) {
            taken += count.unwrap();
        }
        assert_eq!(taken, 4 * (Toy::<2>::LONGEST_SENT - OVERHEAD));
        assert_eq!(writer.buffer.len(), 4 * (2 + Toy::<2>::LONGEST_SENT));
        assert!(Pin::new(&mut writer).poll_flush(cx).is_pending());
        writer.inner.blocked = false;
        assert!(Pin::new(&mut writer).poll_flush(cx).is_ready());
        assert_eq!(opened(&writer.inner).concat(), vec![7; taken]);
    }

    #[tokio::test]
    async fn what_is_written_after_a_flush_that_had_to_wait_comes_behind() {
        let mut writer = writer(vec![0, 3]);
        writer.write_all(b"first").await.unwrap();
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut writer).poll_flush(cx).is_pending());
        writer.write_all(b"second").await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(opened(&writer.inner), [&b"first"[..], b"second"]);
    }

    #[tokio::test]
    async fn a_record_of_the_protocols_own_goes_out_before_the_next_and_not_within_one() {
        let mut writer = writer(vec![]);
        writer.write_all(b"fi").await.unwrap();
        writer.sealer.interrupts = true;
        writer.write_all(b"rst").await.unwrap();
        writer.flush().await.unwrap();
        writer.write_all(b"second").await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(opened(&writer.inner), [&b"first"[..], INTERLUDE, b"second"]);
    }

    #[tokio::test]
    async fn the_farewell_goes_out_once_behind_what_was_written_however_slow_the_line() {
        for size in [0, 5, LARGE] {
            let mut writer = writer(vec![0, 1, 0, 0]);
            writer.sealer.polite = true;
            writer.write_all(&vec![7; size]).await.unwrap();
            writer.shutdown().await.unwrap();
            writer.shutdown().await.unwrap();
            let opened = opened(&writer.inner);
            let (last, rest) = opened.split_last().unwrap();
            assert_eq!(last, b"");
            assert_eq!(rest.concat().len(), size);
        }
    }

    #[test]
    fn even_a_full_buffer_has_room_for_the_farewell() {
        let mut writer = writer(vec![]);
        (writer.inner.blocked, writer.sealer.polite) = (true, true);
        let cx = &mut Context::from_waker(Waker::noop());
        while Pin::new(&mut writer).poll_write(cx, &[7; 10_000]).is_ready() {}
        assert!(Pin::new(&mut writer).poll_shutdown(cx).is_pending());
        assert!(writer.buffer.len() <= LARGE);
        writer.inner.blocked = false;
        assert!(Pin::new(&mut writer).poll_shutdown(cx).is_ready());
        assert!(opened(&writer.inner).last().unwrap().is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_the_sizes_of_writes_the_same_bytes_come_out(
            sizes in vec((prop_oneof![0..40_usize, 0..150_000_usize], any::<bool>()), 1..8),
            turns in vec(prop_oneof![0..9_usize, 0..200_000_usize], 0..20),
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
                        poll_fn(|cx| Pin::new(&mut writer).poll_flush(cx)).await.unwrap();
                    }
                }
                writer.flush().await.unwrap();
                sent
            });
            prop_assert!(opened(&writer.inner).concat() == sent);
        }
    }
}
