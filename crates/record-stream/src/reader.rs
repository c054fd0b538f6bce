//! The reading half of a secured stream: receives many records at once and opens them where they lie.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes};
use peerloom_core::ReadHalf;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::Error;
use crate::budget::{Budget, Lease};
use crate::buffer::{Buffer, LARGE, SMALL};
use crate::long::Long;
use crate::record::{Open, announced};

/// Opens the records that it reads.
///
/// While nothing arrives it owns no buffer. Of a large record it hands out slices of the buffer
/// that it was received in, which lives as long as the last of them; what is small is copied. A
/// record that no buffer of the pool can hold gets memory of its own, within a [`Budget`].
pub struct RecordReader<R, O> {
    inner: R,
    opener: O,
    /// Whole records as they came, then a part of one.
    received: Buffer,
    /// The record that is being received, when it has outgrown the buffer.
    long: Option<Box<Long>>,
    /// What is left to be read of the last record.
    plaintext: Bytes,
    /// What the last record holds of the budget while it is read.
    lease: Option<Lease>,
    budget: Option<Budget>,
    failed: bool,
}

impl<R: AsyncRead + Unpin, O: Open> RecordReader<R, O> {
    /// Reads from `inner` what `opener` opens; for formats that have no long records.
    pub fn new(inner: R, opener: O) -> Self {
        const {
            assert!(O::PREFIX + O::LONGEST_ACCEPTED <= LARGE, "long records need a budget");
        }
        RecordReader::build(inner, opener, None)
    }

    /// Reads from `inner` what `opener` opens; records of above 256 KiB draw on `budget`.
    pub fn with_budget(inner: R, opener: O, budget: Budget) -> Self {
        RecordReader::build(inner, opener, Some(budget))
    }

    fn build(inner: R, opener: O, budget: Option<Budget>) -> Self {
        let (received, plaintext) = (Buffer::default(), Bytes::new());
        let (long, lease, failed) = (None, None, false);
        RecordReader { inner, opener, received, long, plaintext, lease, budget, failed }
    }

    /// Begins with bytes that have come already, behind a handshake: not more than a batch.
    #[must_use]
    pub fn with_received(mut self, bytes: &[u8]) -> Self {
        self.received.reserve(bytes.len());
        self.received.extend_from_slice(bytes);
        self
    }

    /// Waits until there is plaintext; at the end of the stream there is none.
    fn poll_plaintext(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        for _ in 0..MAX_EMPTY_RECORDS {
            if !self.plaintext.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if !ready!(self.poll_record(cx))? {
                return Poll::Ready(Ok(()));
            }
            self.open_record().map_err(|error| self.fail(error))?;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Waits until a whole record has been received; false at the end of the stream.
    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.failed {
            return Poll::Ready(Err(O::Error::from(Error::Failed).into()));
        }
        if self.opener.ended() {
            self.received = Buffer::default();
            return Poll::Ready(Ok(false));
        }
        loop {
            let missing = self.missing().map_err(|error| self.fail(error))?;
            if missing == 0 {
                return Poll::Ready(Ok(true));
            }
            self.make_room(missing).map_err(|error| self.fail(error))?;
            let Poll::Ready(count) = self.poll_receive(cx)? else {
                self.received.settle();
                return Poll::Pending;
            };
            if count == 0 {
                return Poll::Ready(self.end());
            }
        }
    }

    /// How many bytes of the record that is next have not been received, as far as is known.
    fn missing(&self) -> Result<usize, O::Error> {
        if let Some(long) = &self.long {
            return Ok(long.missing());
        }
        let known = match announced::<O>(&self.received)? {
            Some(length) => O::PREFIX + self.check(length)?,
            None => O::PREFIX,
        };
        Ok(known.saturating_sub(self.received.len()))
    }

    /// Whether a record may be as long as is announced.
    fn check(&self, length: usize) -> Result<usize, Error> {
        let overhead = self.opener.overhead();
        if length < overhead {
            return Err(Error::TooShort { length, overhead });
        }
        if O::LONGEST_ACCEPTED < length {
            return Err(Error::TooLong { length, longest: O::LONGEST_ACCEPTED });
        }
        Ok(length)
    }

    /// Makes room for some of what is missing.
    fn make_room(&mut self, missing: usize) -> Result<(), O::Error> {
        if let Some(long) = &mut self.long {
            return Ok(long.make_room()?);
        }
        let left = LARGE.saturating_sub(self.received.len());
        if left != 0 {
            self.received.reserve(missing.max(MIN_READ).min(left));
            return Ok(());
        }
        // The buffer is full of one record and has not all of it.
        let length = announced::<O>(&self.received)?.unwrap_or_default();
        // Without a budget there are no such records, as `new` has made sure.
        let budget = self.budget.as_ref().ok_or(Error::OverBudget { budget: 0 })?;
        let begun = self.received.get(O::PREFIX..).unwrap_or_default();
        self.long = Some(Box::new(Long::new(begun, length, budget)?));
        self.received = Buffer::default();
        Ok(())
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // The futures hold nothing: to drop one after one poll loses nothing.
        match &mut self.long {
            Some(long) => {
                // Not a byte of the record behind it.
                let missing = long.missing();
                pin!(self.inner.read_buf(&mut (&mut long.bytes).limit(missing))).poll(cx)
            }
            None => pin!(self.inner.read_buf(&mut *self.received)).poll(cx),
        }
    }

    /// What the end of the stream means here.
    fn end(&mut self) -> io::Result<bool> {
        if self.received.is_empty() && self.long.is_none() {
            return Ok(false);
        }
        Err(O::Error::from(Error::Truncated).into())
    }

    /// Opens the record that was received in whole.
    fn open_record(&mut self) -> Result<(), O::Error> {
        if let Some(long) = self.long.take() {
            let Long { mut bytes, lease, .. } = *long;
            let length = self.opener.open(&mut bytes)?;
            bytes.truncate(length);
            (self.plaintext, self.lease) = (bytes.into(), Some(lease));
            return Ok(());
        }
        let length = announced::<O>(&self.received)?.unwrap_or_default();
        self.received.advance(O::PREFIX);
        let mut record = self.received.split_to(length);
        let length = self.opener.open(&mut record)?;
        record.truncate(length);
        self.plaintext =
            if length <= SMALL { Bytes::copy_from_slice(&record) } else { record.freeze() };
        Ok(())
    }

    /// Takes up to `count` bytes of the plaintext.
    fn hand_out(&mut self, count: usize) -> Bytes {
        let bytes = self.plaintext.split_to(count.min(self.plaintext.len()));
        if self.plaintext.is_empty() {
            self.lease = None;
        }
        bytes
    }

    /// Lets go of everything that has come: nobody will read it.
    fn fail(&mut self, error: O::Error) -> io::Error {
        (self.failed, self.received, self.long) = (true, Buffer::default(), None);
        error.into()
    }
}

impl<R: AsyncRead + Unpin, O: Open + Unpin> AsyncRead for RecordReader<R, O> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_plaintext(cx))?;
        buffer.put_slice(&self.hand_out(buffer.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead + Send + Unpin, O: Open + Send + Unpin> ReadHalf for RecordReader<R, O> {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        ready!(self.poll_plaintext(cx))?;
        Poll::Ready(Ok(self.hand_out(usize::MAX)))
    }
}

/// How many records without content one poll skips before others get their turn.
const MAX_EMPTY_RECORDS: usize = 64;

/// The least room that a read gets, so that there are few of them.
const MIN_READ: usize = LARGE / 4;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::record::toy::{self, Broken, OVERHEAD, Toy};
    use crate::record::{Format, Seal};

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Gives out what it has, piece by piece, and counts how often it was asked.
    #[derive(Default)]
    struct Line {
        /// An empty piece is not ready.
        pieces: VecDeque<Vec<u8>>,
        ended: bool,
        reads: usize,
    }

    impl AsyncRead for Line {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.reads += 1;
            let Some(mut piece) = self.pieces.pop_front() else {
                return if self.ended { Poll::Ready(Ok(())) } else { Poll::Pending };
            };
            if piece.is_empty() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let rest = piece.split_off(piece.len().min(buffer.remaining()));
            buffer.put_slice(&piece);
            if !rest.is_empty() {
                self.pieces.push_front(rest);
            }
            Poll::Ready(Ok(()))
        }
    }

    fn reader(pieces: impl IntoIterator<Item = Vec<u8>>, ended: bool) -> RecordReader<Line, Toy> {
        let line = Line { pieces: pieces.into_iter().collect(), ended, reads: 0 };
        RecordReader::new(line, Toy::default())
    }

    /// With records of up to 2 MB.
    fn long_reader(
        pieces: impl IntoIterator<Item = Vec<u8>>,
        budget: &Budget,
    ) -> RecordReader<Line, Toy<4>> {
        let line = Line { pieces: pieces.into_iter().collect(), ended: true, reads: 0 };
        RecordReader::with_budget(line, Toy::default(), budget.clone())
    }

    fn sealed<'a>(plaintexts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        sealed_by::<2>(plaintexts)
    }

    fn sealed_by<'a, const PREFIX: usize>(
        plaintexts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<u8> {
        let (mut sealer, mut wire) = (Toy::<PREFIX>::default(), Vec::new());
        for plaintext in plaintexts {
            let mut record = [plaintext, &[0; OVERHEAD]].concat();
            sealer.seal(&mut record).unwrap();
            let mut prefix = [0; PREFIX];
            Toy::<PREFIX>::announce(&mut prefix, record.len());
            wire.extend(prefix);
            wire.extend(record);
        }
        wire
    }

    fn poll<O: Open + Send + Unpin>(reader: &mut RecordReader<Line, O>) -> Poll<io::Result<Bytes>> {
        reader.poll_read_bytes(&mut Context::from_waker(Waker::noop()))
    }

    fn next<O: Open + Send + Unpin>(reader: &mut RecordReader<Line, O>) -> io::Result<Bytes> {
        let Poll::Ready(result) = poll(reader) else { panic!("not ready") };
        result
    }

    fn is(error: &io::Error, expected: impl Into<Broken>) -> bool {
        let error: &Broken = error.get_ref().unwrap().downcast_ref().unwrap();
        *error == expected.into()
    }

    #[test]
    fn all_records_of_one_read_are_served_without_another() {
        let mut reader = reader([sealed([&b"one"[..], b"two", b"three"])], false);
        for expected in ["one", "two", "three"] {
            assert_eq!(next(&mut reader).unwrap(), expected);
        }
        assert_eq!(reader.inner.reads, 1);
    }

    #[test]
    fn a_reader_that_waits_owns_no_large_buffer() {
        let wire = sealed([&[1; 60_000][..], b"rest"]);
        let (whole, part) = wire.split_at(wire.len() - 3);
        let mut reader = reader([whole.to_vec()], false);
        assert!(reader.received.capacity() == 0);
        assert_eq!(next(&mut reader).unwrap().len(), 60_000);
        assert!(poll(&mut reader).is_pending());
        assert!(reader.received.capacity() <= SMALL);
        reader.inner.pieces.push_back(part.to_vec());
        assert_eq!(next(&mut reader).unwrap(), "rest");
        assert!(poll(&mut reader).is_pending());
        assert_eq!(reader.received.capacity(), 0);
    }

    #[test]
    fn the_end_between_records_is_the_end() {
        let mut reader = reader([sealed([&b"all"[..]])], true);
        assert_eq!(next(&mut reader).unwrap(), "all");
        assert!(next(&mut reader).unwrap().is_empty());
        assert!(next(&mut reader).unwrap().is_empty());
    }

    #[test]
    fn what_came_before_the_reader_is_read_first() {
        let wire = sealed([&b"early"[..], b"late"]);
        let (early, late) = wire.split_at(8);
        let mut reader = reader([late.to_vec()], true).with_received(early);
        assert_eq!(next(&mut reader).unwrap(), "early");
        assert_eq!(next(&mut reader).unwrap(), "late");
        assert!(next(&mut reader).unwrap().is_empty());
    }

    #[test]
    fn after_a_record_that_says_so_nothing_is_read_or_looked_at() {
        let mut wire = sealed([&b"all"[..], toy::FAREWELL]);
        wire.extend([0xff; 9]);
        let mut reader = reader([wire], false);
        assert_eq!(next(&mut reader).unwrap(), "all");
        for _ in 0..2 {
            assert!(next(&mut reader).unwrap().is_empty());
        }
        assert_eq!(reader.received.capacity(), 0);
    }

    #[test]
    fn the_end_within_a_record_is_an_error() {
        let wire = sealed([&b"all"[..]]);
        for length in 1..wire.len() {
            let mut reader = reader([wire[..length].to_vec()], true);
            let error = next(&mut reader).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            assert!(is(&error, Error::Truncated));
        }
    }

    #[test]
    fn after_a_forged_record_nothing_is_read_any_more() {
        let mut wire = sealed([&b"good"[..], b"changed", b"good"]);
        wire[2 + 4 + 2 + 2 + 8] ^= 1;
        let mut reader = reader([wire], true);
        assert_eq!(next(&mut reader).unwrap(), "good");
        let error = next(&mut reader).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(is(&error, Broken::Forged));
        assert!(is(&next(&mut reader).unwrap_err(), Error::Failed));
        assert_eq!(reader.received.capacity(), 0, "what nobody will read is kept");
    }

    #[test]
    fn a_record_without_room_for_its_tag_is_an_error() {
        for length in 0..OVERHEAD {
            let wire = u16::try_from(length).unwrap().to_be_bytes().to_vec();
            let mut reader = reader([wire], false);
            let short = Error::TooShort { length, overhead: OVERHEAD };
            assert!(is(&next(&mut reader).unwrap_err(), short));
        }
    }

    const LONGEST: usize = <Toy<4> as Format>::LONGEST_ACCEPTED;

    #[test]
    fn the_longest_record_is_read_and_its_memory_given_back_with_its_last_byte() {
        let budget = Budget::new(LONGEST);
        let plaintexts = [&[1; 100][..], &[2; LONGEST - OVERHEAD], &[3; 100]];
        let mut reader = long_reader([sealed_by::<4>(plaintexts)], &budget);
        assert_eq!(next(&mut reader).unwrap(), plaintexts[0]);
        let (mut first, mut rest) = ([0; 1000], vec![0; LONGEST - OVERHEAD - 1000]);
        let cx = &mut Context::from_waker(Waker::noop());
        for (buffer, used) in [(&mut first[..], LONGEST), (&mut rest, 0)] {
            let mut buffer = ReadBuf::new(buffer);
            assert!(Pin::new(&mut reader).poll_read(cx, &mut buffer).is_ready());
            assert_eq!(buffer.remaining(), 0);
            assert_eq!(budget.used(), used);
        }
        assert!(first.iter().chain(&rest).all(|&byte| byte == 2));
        assert_eq!(next(&mut reader).unwrap(), plaintexts[2]);
        assert!(next(&mut reader).unwrap().is_empty());
    }

    #[test]
    fn a_record_that_is_announced_as_too_long_is_refused_before_it_comes() {
        let prefix = u32::try_from(LONGEST + 1).unwrap().to_be_bytes().to_vec();
        let mut reader = long_reader([prefix], &Budget::new(usize::MAX));
        let long = Error::TooLong { length: LONGEST + 1, longest: LONGEST };
        assert!(is(&next(&mut reader).unwrap_err(), long));
        assert!(is(&next(&mut reader).unwrap_err(), Error::Failed));
    }

    #[test]
    fn a_long_record_takes_no_memory_before_it_comes() {
        let budget = Budget::new(LONGEST);
        let wire = sealed_by::<4>([&vec![1; LONGEST - OVERHEAD][..]]);
        let mut reader = long_reader([vec![]], &budget);
        for (piece, come) in [(&wire[..4], 4), (&wire[4..LARGE], LARGE), (&wire[LARGE..], LONGEST)]
        {
            reader.inner.pieces = [piece.to_vec(), vec![]].into();
            if come < LONGEST {
                assert!(poll(&mut reader).is_pending());
                assert!(reader.received.capacity() + budget.used() <= 2 * come.max(SMALL));
            } else {
                assert_eq!(next(&mut reader).unwrap().len(), LONGEST - OVERHEAD);
            }
        }
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn long_records_of_all_readers_share_a_budget_and_failing_gives_it_back() {
        let budget = Budget::new(LONGEST);
        let wire = sealed_by::<4>([&vec![1; LONGEST - OVERHEAD][..]]);
        let (most, last) = wire.split_at(LONGEST - 9);
        let mut first = long_reader([most.to_vec(), vec![]], &budget);
        assert!(poll(&mut first).is_pending());
        let mut second = long_reader([wire.clone()], &budget);
        assert!(is(&next(&mut second).unwrap_err(), Error::OverBudget { budget: LONGEST }));
        assert!(second.long.is_none());

        let mut last = last.to_vec();
        *last.last_mut().unwrap() ^= 1;
        first.inner.pieces.push_back(last);
        assert!(is(&next(&mut first).unwrap_err(), Broken::Forged));
        assert_eq!(budget.used(), 0);

        let mut third = long_reader([most.to_vec(), vec![]], &budget);
        assert!(poll(&mut third).is_pending());
        assert_ne!(budget.used(), 0);
        drop(third);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn the_end_within_a_long_record_is_an_error() {
        let wire = sealed_by::<4>([&vec![1; LONGEST - OVERHEAD][..]]);
        for length in [LARGE - 1, LARGE, LARGE + 1, wire.len() - 1] {
            let mut reader = long_reader([wire[..length].to_vec()], &Budget::new(LONGEST));
            assert!(is(&next(&mut reader).unwrap_err(), Error::Truncated));
        }
    }

    #[test]
    fn a_flood_of_empty_records_lets_others_have_their_turn() {
        let empties = vec![&b""[..]; 3 * MAX_EMPTY_RECORDS];
        let mut reader = reader([sealed(empties.into_iter().chain([&b"data"[..]]))], true);
        let woken = Arc::new(Woken::default());
        for turn in 1..=3 {
            let waker = Waker::from(Arc::clone(&woken));
            assert!(reader.poll_read_bytes(&mut Context::from_waker(&waker)).is_pending());
            assert_eq!(woken.0.load(Ordering::Relaxed), turn, "nobody will ask again");
        }
        assert_eq!(next(&mut reader).unwrap(), "data");
    }

    #[test]
    fn a_buffer_whose_slices_are_read_is_filled_again() {
        let plaintext = vec![5; 60_000];
        let mut reader = reader([sealed(vec![&plaintext[..]; 40])], true);
        let mut addresses = std::collections::HashSet::new();
        loop {
            let bytes = next(&mut reader).unwrap();
            if bytes.is_empty() {
                break;
            }
            assert_eq!(bytes, plaintext);
            addresses.insert(bytes.as_ptr() as usize / LARGE);
        }
        assert!(addresses.len() < 6, "{} places for 40 records", addresses.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn however_the_wire_splits_them_the_same_bytes_come_out(
            sizes in vec(prop_oneof![0..40_usize, 0..=65_533_usize], 1..8),
            cuts in vec(any::<Index>(), 0..20),
            keep in any::<bool>(),
        ) {
            let plaintexts: Vec<_> =
                (1_u8..).zip(&sizes).map(|(number, &size)| vec![number; size]).collect();
            let wire = sealed(plaintexts.iter().map(Vec::as_slice));
            let (received, kept) = read_all(reader(pieces(&wire, &cuts), true), keep);
            prop_assert!(received == plaintexts.concat());
            prop_assert!(!keep || kept.concat() == received);
        }

        #[test]
        fn short_and_long_records_take_turns(
            sizes in vec(prop_oneof![0..40_usize, LARGE - 10..=LARGE + 10, 0..=LONGEST - OVERHEAD], 1..5),
            cuts in vec(any::<Index>(), 0..20),
        ) {
            let plaintexts: Vec<_> =
                (1_u8..).zip(&sizes).map(|(number, &size)| vec![number; size]).collect();
            let wire = sealed_by::<4>(plaintexts.iter().map(Vec::as_slice));
            let budget = Budget::new(LONGEST);
            let (received, _) = read_all(long_reader(pieces(&wire, &cuts), &budget), false);
            prop_assert!(received == plaintexts.concat());
            prop_assert!(budget.used() == 0);
        }
    }

    /// The wire, cut in these places.
    fn pieces(wire: &[u8], cuts: &[Index]) -> Vec<Vec<u8>> {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(wire.len())).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        cuts.windows(2).map(|ends| wire[ends[0]..ends[1]].to_vec()).collect()
    }

    /// What comes up to the end, and slices that were kept while the reader went on, if any.
    fn read_all<O: Open + Send + Unpin>(
        mut reader: RecordReader<Line, O>,
        keep: bool,
    ) -> (Vec<u8>, Vec<Bytes>) {
        let (mut received, mut kept) = (Vec::new(), Vec::new());
        loop {
            let Poll::Ready(bytes) = poll(&mut reader) else { continue };
            let bytes = bytes.unwrap();
            if bytes.is_empty() {
                return (received, kept);
            }
            received.extend_from_slice(&bytes);
            kept.extend(keep.then_some(bytes));
        }
    }
}
