//! What a stream has received and nobody has read yet.

use std::collections::VecDeque;
use std::mem;

use bytes::{Bytes, BytesMut};

/// Bytes in order. Large pieces stay where they were received, small ones are gathered, so that
/// none keeps a large buffer alive; an empty inbox owns no memory.
#[derive(Debug, Default)]
pub(crate) struct Inbox(Option<Box<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    /// What is read next; empty between two pieces.
    front: Bytes,
    pieces: VecDeque<Bytes>,
    /// What came after the last of the pieces.
    gathered: BytesMut,
    length: usize,
}

impl Inbox {
    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |contents| contents.length)
    }

    /// Adds what came next; a piece shorter than `keep` is copied.
    pub(crate) fn push(&mut self, piece: Bytes, keep: usize) {
        self.0.get_or_insert_default().push(piece, keep);
    }

    /// Takes up to `limit` bytes from the front, as many as lie in one piece.
    pub(crate) fn pop(&mut self, limit: usize) -> Option<Bytes> {
        let contents = self.0.as_mut()?;
        let taken = contents.pop(limit);
        if contents.length == 0 {
            self.0 = None;
        }
        Some(taken)
    }

    /// Throws everything away and says how much it was.
    pub(crate) fn clear(&mut self) -> usize {
        self.0.take().map_or(0, |contents| contents.length)
    }
}

impl Contents {
    fn push(&mut self, piece: Bytes, keep: usize) {
        self.length += piece.len();
        if piece.len() < keep {
            if MAX_GATHERED < self.gathered.len() + piece.len() {
                self.close_gathered();
            }
            self.gathered.extend_from_slice(&piece);
        } else {
            self.close_gathered();
            self.pieces.push_back(piece);
        }
    }

    fn pop(&mut self, limit: usize) -> Bytes {
        if self.front.is_empty() {
            let gathered = &mut self.gathered;
            self.front = self.pieces.pop_front().unwrap_or_else(|| mem::take(gathered).freeze());
        }
        let taken = self.front.split_to(limit.min(self.front.len()));
        self.length -= taken.len();
        taken
    }

    fn close_gathered(&mut self) {
        if !self.gathered.is_empty() {
            self.pieces.push_back(mem::take(&mut self.gathered).freeze());
        }
    }
}

/// How many bytes are gathered in one place: large enough for a read, small enough to grow into by doubling.
const MAX_GATHERED: usize = 64 * 1024;

/// How long a piece of `received` bytes must be to be kept as it is. A shorter one is copied: that
/// is cheap, and the buffer it came in may be large.
#[must_use]
pub fn worth_keeping(received: usize) -> usize {
    MIN_PIECE.max(received / MAX_WASTE)
}

const MIN_PIECE: usize = 16 * 1024;

/// How many times its own length a piece may keep alive of what was received with it.
const MAX_WASTE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_large_and_small_come_out_in_order() {
        let bytes: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
        let (mut inbox, mut rest) = (Inbox::default(), bytes.as_slice());
        for size in [1, 5000, 3, 40_000, 2, 7].into_iter().cycle() {
            let (piece, later) = rest.split_at(size.min(rest.len()));
            inbox.push(Bytes::copy_from_slice(piece), 4096);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        assert_eq!(inbox.len(), bytes.len());
        let mut read = Vec::new();
        while let Some(piece) = inbox.pop(999) {
            assert!(piece.len() <= 999);
            read.extend_from_slice(&piece);
        }
        assert_eq!((read, inbox.len()), (bytes, 0));
    }

    #[test]
    fn small_pieces_share_one_buffer_and_let_go_of_theirs() {
        let mut inbox = Inbox::default();
        let received = Bytes::from(vec![7; 1 << 20]);
        for n in 0..1000 {
            inbox.push(received.slice(n..n + 1), 4096);
        }
        assert!(received.is_unique(), "nothing keeps the receive buffer");
        let contents = inbox.0.as_ref().unwrap();
        assert!(contents.pieces.is_empty(), "a thousand bytes are not a thousand pieces");
        assert_eq!(inbox.pop(usize::MAX).unwrap().len(), 1000);
    }

    #[test]
    fn an_empty_inbox_owns_nothing() {
        let mut inbox = Inbox::default();
        inbox.push(Bytes::from_static(b"small"), 4096);
        inbox.push(Bytes::from(vec![0; 5000]), 4096);
        assert_eq!(inbox.pop(usize::MAX).unwrap(), "small");
        inbox.pop(usize::MAX).unwrap();
        assert!(inbox.0.is_none());
    }
}
